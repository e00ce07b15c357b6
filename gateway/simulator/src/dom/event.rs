//! What a DOM tells unasked: statuses, shipments, created orders, changed stock (contract sterling sections 7.6, 10, 11).

use gateway_model::{Record, Value};
use jiff::Timestamp;

use super::supply;
use super::{Dom, Order};
use crate::scenario::Item;
use crate::text;
use crate::words::RecordWords;

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What kind of event it is.
    pub kind: EventKind,
    /// What it says, in the record type of its operation's request.
    pub record: Record<'static>,
    /// The order number or part number it is about; events of one subject are told in order.
    pub subject: String,
}

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// An order's status changed.
    StatusChange,
    /// A shipment left.
    Shipment,
    /// An order was created.
    OrderCreated,
    /// The availability of an item changed, at one or several places.
    AvailabilityChange,
}

/// A line that left.
#[derive(Debug)]
pub(crate) struct Departure {
    pub(crate) line: usize,
    pub(crate) node: Option<String>,
    pub(crate) tracking: String,
}

// === impl EventKind ===

impl EventKind {
    /// The operation it belongs to.
    #[must_use]
    pub const fn operation(self) -> &'static str {
        match self {
            Self::StatusChange | Self::Shipment => "order_sync",
            Self::OrderCreated => "order_created",
            Self::AvailabilityChange => "availability_sync",
        }
    }
}

// === impl Dom ===

impl Dom {
    /// Tells the stores of everything in stock, as a full synchronization does.
    pub fn tell_everything(&mut self, now: Timestamp) {
        for (item, _) in self.stock.stocked() {
            if let Some(item) = self.scenario.item(&item).cloned() {
                let nodes = self.stock.nodes_of(&item.number);
                self.tell_availability(&item, &nodes, now);
            }
        }
    }

    /// Tells every store of an item: its distribution group as a whole, and the nodes named.
    pub(super) fn tell_availability(&mut self, item: &Item, nodes: &[String], now: Timestamp) {
        let words = self.words.clone();
        for store in self.scenario.stores.clone() {
            let physical =
                nodes.iter().filter(|node| store.locations.iter().any(|known| known.name == **node));
            let mut changes = Vec::new();
            if nodes.iter().any(|node| store.nodes.contains(node)) {
                changes.push(self.change(item, &store.nodes, None, now));
            }
            changes
                .extend(physical.map(|node| self.change(item, std::slice::from_ref(node), Some(node), now)));
            if changes.is_empty() {
                continue;
            }
            let mut record = words.availability_sync_request.new_record();
            record.set_text(words.availability_sync_request.store, store.id);
            record.set(words.availability_sync_request.changes, Value::List(changes));
            self.outbox.push(Event {
                kind: EventKind::AvailabilityChange,
                record,
                subject: item.number.clone(),
            });
        }
    }

    /// The status of an order, all lines taken together.
    pub(super) fn tell_status(&mut self, place: usize) {
        let Some(order) = self.orders.get(place) else { return };
        let record = self.order_event(order);
        self.outbox.push(Event { kind: EventKind::StatusChange, record, subject: order.number.clone() });
    }

    /// A created order.
    pub(super) fn tell_created(&mut self, place: usize) {
        let Some(order) = self.orders.get(place) else { return };
        let mut record = self.order_event(order);
        let words = &self.words;
        let number = order.number.clone();
        let id = super::order::store_id(&number).to_owned();
        let told = record.list_mut(words.order_sync_request.orders).and_then(|orders| orders.first_mut());
        if let Some(told) = told {
            told.set_text(words.order.cart_id, id);
            let entry = order.record.text(words.order.entry_type).unwrap_or("WCS").to_owned();
            told.set_text(words.order.entry_type, entry);
        }
        self.outbox.push(Event { kind: EventKind::OrderCreated, record, subject: number });
    }

    /// What left, one shipment for each node.
    pub(super) fn tell_shipments(&mut self, place: usize, departures: Vec<Departure>, now: Timestamp) {
        let mut by_node: Vec<(Option<String>, Vec<Departure>)> = Vec::new();
        for departure in departures {
            match by_node.iter_mut().find(|(node, _)| *node == departure.node) {
                Some((_, lines)) => lines.push(departure),
                None => by_node.push((departure.node.clone(), vec![departure])),
            }
        }
        for (node, lines) in by_node {
            let key = self.next_key(now);
            let Some(order) = self.orders.get(place) else { return };
            let shipment = self.shipment(order, &key, (node.as_deref(), &lines), now);
            let mut record = self.order_message(&order.store);
            record.set(self.words.order_sync_request.shipment, Value::Record(Box::new(shipment)));
            let subject = order.number.clone();
            self.outbox.push(Event { kind: EventKind::Shipment, record, subject });
        }
    }

    fn change(
        &self,
        item: &Item,
        nodes: &[String],
        node: Option<&String>,
        now: Timestamp,
    ) -> Record<'static> {
        let fields = &self.words.availability;
        let mut change = fields.new_record();
        change.set_text(fields.item, item.number.clone());
        change.set_text(fields.unit, item.unit.clone());
        change.set_text(fields.default_group, if node.is_none() { "true" } else { "false" });
        change.set_text(fields.node, node.cloned().unwrap_or_default());
        let timeline = supply::timeline(&self.stock, item, nodes);
        self.set_figures(&mut change, &timeline, now);
        change
    }

    /// An empty message about orders of a store; the area names the store too, for documents whose root is one order.
    fn order_message(&self, store: &str) -> Record<'static> {
        let words = &self.words;
        let mut area = words.area.new_record();
        area.set_text(words.area.store, store.to_owned());
        let mut record = words.order_sync_request.new_record();
        record.set(words.order_sync_request.area, Value::Record(Box::new(area)));
        record.set_text(words.order_sync_request.store, store.to_owned());
        record
    }

    fn order_event(&self, order: &Order) -> Record<'static> {
        let words = &self.words;
        let mut told = words.order.new_record();
        order.describe(words, &mut told);
        for field in [words.order.store, words.order.buyer] {
            told.set(field, order.record.get(field).clone());
        }
        let mut record = self.order_message(&order.store);
        record.set(words.order_sync_request.orders, Value::List(vec![told]));
        record
    }

    fn shipment(
        &self,
        order: &Order,
        key: &str,
        (node, departures): (Option<&str>, &[Departure]),
        now: Timestamp,
    ) -> Record<'static> {
        let words = &self.words;
        let fields = &words.shipment;
        let mut shipment = fields.new_record();
        shipment.set_text(fields.key, key.to_owned());
        let serial = key.get(key.len().saturating_sub(6)..).unwrap_or(key);
        shipment.set_text(fields.number, format!("S-{serial}"));
        shipment.set_text(fields.status, "1400");
        shipment.set_text(fields.node, node.unwrap_or_default().to_owned());
        shipment.set_text(fields.shipped_at, text::instant(now));
        shipment.set_text(fields.modified_at, text::instant(now));
        let lines = order.record.list(words.order.lines);
        let first = departures.first().and_then(|departure| lines.get(departure.line));
        let mode = first.and_then(|line| line.record(words.order_line.ship_mode));
        if let Some(mode) = mode {
            shipment.set(fields.ship_mode, mode.get(words.ship_mode.code).clone());
            shipment.set(fields.carrier, mode.get(words.ship_mode.carrier).clone());
        }
        if let Some(departure) = departures.first() {
            shipment.set_text(fields.tracking_number, departure.tracking.clone());
        }
        let shipped = departures.iter().flat_map(|departure| self.shipped_lines(order, departure)).collect();
        shipment.set(fields.lines, Value::List(shipped));
        shipment
    }

    /// The line that left, and the parts of its kit.
    fn shipped_lines(&self, order: &Order, departure: &Departure) -> Vec<Record<'static>> {
        let (words, fields) = (&self.words, &self.words.shipment_line);
        let line = order.record.list(words.order.lines).get(departure.line);
        let Some((line, state)) = line.zip(order.lines.get(departure.line)) else { return Vec::new() };
        let mut whole = fields.new_record();
        whole.set_text(fields.order_number, order.number.clone());
        whole.set(fields.line_id, line.get(words.order_line.id).clone());
        whole.set_text(fields.prime_line, (departure.line + 1).to_string());
        whole.set_text(fields.sub_line, line.text(words.order_line.sub_line).unwrap_or("1").to_owned());
        whole.set(fields.item, line.get(words.order_line.item).clone());
        whole.set(fields.unit, line.get(words.order_line.unit).clone());
        let quantity = text::number(line, words.order_line.quantity).unwrap_or_default();
        whole.set_text(fields.quantity, text::quantity(quantity));
        let mut lines = vec![whole];
        for (number, demand) in state.demands.iter().filter(|demand| demand.part).enumerate() {
            let mut part = fields.new_record();
            part.set_text(fields.order_number, order.number.clone());
            part.set_text(fields.prime_line, (1000 * (departure.line + 1) + number + 1).to_string());
            part.set_text(fields.sub_line, "1");
            part.set_text(fields.item, demand.item.clone());
            part.set_text(fields.unit, demand.unit.clone());
            part.set_text(fields.quantity, text::quantity(demand.quantity));
            part.set_text(fields.bundle_parent, state.key.clone());
            lines.push(part);
        }
        lines
    }
}
