//! The store's calls: the record of each question, and what the store makes of the answer.

use gateway_model::{Record, Value};
use jiff::Timestamp;

use super::{ConnectorHabits, MessageType, Store, StoreOrder};
use crate::words::RecordWords;

/// Page size of an order history.
const PAGE_SIZE: &str = "10";

/// The message type an operation is sent with.
pub(crate) fn message_type(operation: &str) -> MessageType {
    match operation {
        "transfer" => MessageType::Order,
        "history" | "details" => MessageType::GetOrder,
        _ => MessageType::Inventory,
    }
}

impl Store {
    /// The availability of items (part numbers) at locations: the store's own name for the online store, external
    /// identifiers for physical ones.
    pub fn availability_request(
        &mut self,
        items: &[&str],
        locations: &[&str],
        now: Timestamp,
    ) -> Record<'static> {
        let area = self.area(now);
        let words = &self.words;
        let fields = &words.availability_request;
        let item = |item: &&str| {
            let mut asked = words.asked_item.new_record();
            asked.set_text(words.asked_item.item, (*item).to_owned());
            asked
        };
        let location = |name: &&str| {
            let mut asked = words.asked_location.new_record();
            let kind = if *name == self.profile.name { "online" } else { "physical" };
            asked.set_text(words.asked_location.kind, kind);
            asked.set_text(words.asked_location.name, (*name).to_owned());
            asked
        };
        let mut request = fields.new_record();
        request.set(fields.area, Value::Record(Box::new(area)));
        request.set_text(fields.store, self.profile.id.clone());
        request.set_text(fields.profile, "IBM_Store_Details");
        request.set(fields.items, Value::List(items.iter().map(item).collect()));
        request.set(fields.units, Value::List(self.units_of(items)));
        request.set(fields.locations, Value::List(locations.iter().map(location).collect()));
        request
    }

    /// An order whose stock is to be checked, reserved, given back or decremented. `None` for an order the store does
    /// not have.
    pub fn requirement_request(
        &mut self,
        operation: &str,
        order: &str,
        now: Timestamp,
    ) -> Option<Record<'static>> {
        let order = self.orders.get(order)?.record.clone();
        let action = match operation {
            "check" => "CheckInventory",
            "cancel_reservation" => "CancelInventoryReservation",
            "decrement" => "DecrementCache",
            _ => "ReserveInventory",
        };
        let area = self.area(now);
        let fields = &self.words.requirement_request;
        let mut request = fields.new_record();
        request.set(fields.area, Value::Record(Box::new(area)));
        request.set_text(fields.store, self.profile.id.clone());
        request.set_text(fields.action, action);
        request.set(fields.order, Value::Record(Box::new(order)));
        Some(request)
    }

    /// A submitted order for the DOM; from now on it waits to be acknowledged (status F). `None` for an order the store
    /// does not have.
    pub fn transfer_request(&mut self, order: &str, now: Timestamp) -> Option<Record<'static>> {
        let area = self.area(now);
        let fields = &self.words.transfer_request;
        let kept = self.orders.get_mut(order)?;
        kept.record.set_text(self.words.order.status, "M");
        // Of what the DOM moves on already it needs no acknowledgement any more.
        if matches!(kept.status.as_str(), "P" | "M" | "G" | "H") {
            "F".clone_into(&mut kept.status);
        }
        kept.pending_since.get_or_insert(now);
        let mut request = fields.new_record();
        request.set(fields.area, Value::Record(Box::new(area)));
        request.set_text(fields.store, self.profile.id.clone());
        request.set_text(fields.action, "TransferOrder");
        request.set(fields.order, Value::Record(Box::new(kept.record.clone())));
        Some(request)
    }

    /// A page of the buyer's orders after the last key of the page before.
    pub fn history_request(&mut self, after: Option<&str>, now: Timestamp) -> Record<'static> {
        let mut request = self.orders_request("IBM_External_Summary", now);
        let fields = &self.words.orders_request;
        request.set_text(fields.page_size, PAGE_SIZE);
        request.set_text(fields.log_on, self.scenario.buyer.log_on.clone());
        request.set_text(fields.after_key, after.unwrap_or_default().to_owned());
        request
    }

    /// One order in full: by the DOM's key once that is known, else by the store's own id.
    pub fn details_request(&mut self, order: &str, now: Timestamp) -> Record<'static> {
        let key = self.orders.get(order).and_then(|order| order.external_id.clone());
        let mut request = self.orders_request("IBM_External_Details", now);
        let fields = &self.words.orders_request;
        match key {
            Some(key) => request.set_text(fields.key, key),
            None => request.set_text(fields.order_id, order.to_owned()),
        }
        request
    }

    /// The code or, without one, the text of the refusal an answer holds; `None` if it refuses nothing.
    #[must_use]
    pub(crate) fn refusal(&self, operation: &str, answer: &Record<'_>) -> Option<String> {
        let words = &self.words;
        let field = match operation {
            "transfer" => words.transfer_answer.refusal,
            "reserve" | "check" | "cancel_reservation" | "decrement" => words.requirement_answer.refusal,
            _ => return None,
        };
        let refusal = answer.record(field)?;
        let text = refusal.text(words.refusal.reason_code).or(refusal.text(words.refusal.description));
        Some(text.unwrap_or_default().to_owned())
    }

    /// Takes the answer to a transfer: without a refusal the order is transferred (G), else it stays pending (F).
    pub fn transferred(&mut self, order: &str, answer: &Record<'_>) {
        let words = &self.words;
        let Some(kept) = self.orders.get_mut(order) else { return };
        if answer.record(words.transfer_answer.refusal).is_some() {
            return;
        }
        // The acknowledgement may come after the first status; it never takes one back.
        if matches!(kept.status.as_str(), "P" | "M" | "F" | "H") {
            "G".clone_into(&mut kept.status);
        }
        kept.pending_since = None;
        let key =
            answer.record(words.transfer_answer.order).and_then(|order| order.text(words.order.external_id));
        if let Some(key) = key {
            kept.external_id.get_or_insert_with(|| key.to_owned());
        }
    }

    /// Orders that have waited too long for their acknowledgement and are to be sent again.
    #[must_use]
    pub fn overdue(&self, habits: ConnectorHabits, now: Timestamp) -> Vec<String> {
        let expired = |since: Timestamp| now.duration_since(since) >= habits.pending_expiration;
        let is_overdue = |order: &StoreOrder| order.is_pending() && order.pending_since.is_some_and(expired);
        let overdue = self.orders.iter().filter(|(_, order)| is_overdue(order));
        overdue.map(|(id, _)| id.clone()).collect()
    }

    /// Takes the answer to a reservation: each order item gets the status, dates and centre of its first part; further
    /// parts become order items of their own (contract store section 7.2).
    pub fn reserved(&mut self, order: &str, answer: &Record<'_>) {
        let words = self.words.clone();
        let Some(answered) = answer.record(words.requirement_answer.order) else { return };
        let mut told: Vec<String> = Vec::new();
        for part in answered.list(words.order.lines) {
            let id = part.text(words.order_line.id).or(part.text(words.order_line.correlation_group));
            let Some(id) = id.map(str::to_owned) else { continue };
            let is_further = told.contains(&id);
            let new_id = if is_further { Some(self.next_item_id()) } else { None };
            self.apply_part(order, &id, part, new_id);
            told.push(id);
        }
    }

    /// The reservation was given back: no item is allocated any more.
    pub fn unreserved(&mut self, order: &str) {
        let fields = self.words.order_line;
        let Some(kept) = self.orders.get_mut(order) else { return };
        for line in kept.record.list_mut(self.words.order.lines).into_iter().flatten() {
            for field in
                [fields.inventory_status, fields.available_date, fields.expected_ship_date, fields.center]
            {
                line.take(field);
            }
        }
    }

    /// The units of items, one for each; none if all are pieces, the default.
    fn units_of(&self, items: &[&str]) -> Vec<Record<'static>> {
        let unit = |item: &&str| self.scenario.item(item).map_or("C62", |item| &item.unit);
        if items.iter().all(|item| unit(item) == "C62") {
            return Vec::new();
        }
        let fields = &self.words.asked_unit;
        let asked = |item: &&str| {
            let mut asked = fields.new_record();
            asked.set_text(fields.unit, unit(item).to_owned());
            asked
        };
        items.iter().map(asked).collect()
    }

    fn apply_part(&mut self, order: &str, id: &str, part: &Record<'_>, new_id: Option<String>) {
        let fields = self.words.order_line;
        let Some(kept) = self.orders.get_mut(order) else { return };
        let Some(lines) = kept.record.list_mut(self.words.order.lines) else { return };
        let Some(place) = lines.iter().position(|line| line.text(fields.id) == Some(id)) else { return };
        let Some(mut line) = lines.get(place).cloned() else { return };
        let figures = [
            fields.quantity,
            fields.inventory_status,
            fields.available_date,
            fields.expected_ship_date,
            fields.center,
        ];
        for field in figures {
            // Only the part without stock may lack its quantity: then it is the whole item's.
            let value = part.get(field).clone().into_owned();
            if field != fields.quantity || !value.is_absent() {
                line.set(field, value);
            }
        }
        match new_id {
            Some(new_id) => {
                line.set_text(fields.id, new_id);
                line.set_text(fields.correlation_group, id.to_owned());
                lines.push(line);
            }
            None => {
                if let Some(kept) = lines.get_mut(place) {
                    *kept = line;
                }
            }
        }
    }

    fn orders_request(&mut self, profile: &str, now: Timestamp) -> Record<'static> {
        let area = self.area(now);
        let fields = &self.words.orders_request;
        let mut request = fields.new_record();
        request.set(fields.area, Value::Record(Box::new(area)));
        request.set_text(fields.store, self.profile.id.clone());
        request.set_text(fields.profile, profile.to_owned());
        request
    }
}
