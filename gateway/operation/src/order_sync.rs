//! What a DOM tells of orders, as the store is told it (contract sterling sections 7.6 and 10, store sections 11
//! and 12).
//!
//! A DOM that pushes the store's own documents is believed: an order that is named by the store's id, and not by the
//! DOM's number, passes unchanged.

mod progress;

use std::collections::{HashMap, HashSet};

use gateway_model::scalar::epoch_millis;
use gateway_model::{Record, Value};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::dates::with_zone;
use crate::frame;
use crate::keys;
use crate::values::{owned, take_list, take_record};
use crate::views::Views;

pub use progress::{LineNews, Moment, OrderNews, Overtaken, Progress, Rest, Standing, news};

/// The key of a store's refusal of a message of an order of which it took a later one (contract store section 11).
const OUT_OF_SEQUENCE: &str = "_ERR_OS_SEQUENCE";

/// Action code of everything told of orders.
const CHANGE: &str = "Change";
/// Status letter of an order that was shipped.
const SHIPPED: &str = "S";
/// Status letter of an item that was shipped: the store deposits its payment.
const DEPOSITED: &str = "D";

/// Turns a status or shipment event into the request for the store; `None` when there is nothing to tell.
///
/// An order without a status is not told: the template's table gives none for states the store does not know. A
/// shipment becomes one order per order number, in the order of the shipment, with its lines at status D; parts of
/// kits are left out, so that an order of which nothing else is shipped is told without lines. `sequence` and `updated_at` come from the DOM's own
/// times, so that they do not decrease from one event of an order to the next; `zone` is that of times without one.
#[must_use]
pub fn tell<'a>(views: &Views, mut event: Record<'a>, zone: &TimeZone) -> Option<Record<'a>> {
    let view = &views.order_sync_request;
    fill_store(views, &mut event);
    let orders = match take_record(&mut event, view.shipment) {
        Some(shipment) => shipped_orders(views, &shipment, zone),
        None => take_list(&mut event, view.orders)
            .into_iter()
            .filter_map(|order| changed_order(views, order, zone))
            .collect(),
    };
    told(views, event, orders)
}

/// Turns the event of an order created in the DOM into the request for the store, with the id after `WC_`, else the
/// cart id; `None` for an order the store does not know.
#[must_use]
pub fn created<'a>(views: &Views, mut event: Record<'a>) -> Option<Record<'a>> {
    let view = &views.order;
    fill_store(views, &mut event);
    let orders = take_list(&mut event, views.order_sync_request.orders)
        .into_iter()
        .filter_map(|mut order| {
            if order.get(view.number).is_absent() {
                return Some(order);
            }
            let id = keys::order_id(&order, view.number).or_else(|| owned(&order, view.cart_id))?;
            view.shape.strip(&mut order, &[view.external_id, view.buyer]);
            order.set_text(view.id, id);
            Some(order)
        })
        .collect();
    told(views, event, orders)
}

/// Whether a store's message key says that it took a later message of the order already. Keys may stand in a row with
/// others (contract store section 13.4).
#[must_use]
pub fn says_older(key: &str) -> bool {
    key.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .any(|word| word == OUT_OF_SEQUENCE)
}

/// How much of an order of an event a store is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Telling {
    /// All of it.
    Whole,
    /// Some of its lines only: something later was told of the order.
    Lines(Rest),
}

/// The event with those of its orders of which something is told, by their places, and only that of them.
#[must_use]
pub fn only<'a, 't>(
    views: &Views,
    mut event: Record<'a>,
    telling: impl Fn(usize) -> Option<&'t Telling>,
) -> Record<'a> {
    let view = &views.order_sync_request;
    let orders = take_list(&mut event, view.orders).into_iter().enumerate();
    let kept = orders.filter_map(|(place, order)| match telling(place)? {
        Telling::Whole => Some(order),
        Telling::Lines(rest) => Some(lines_of(views, order, rest)),
    });
    let kept = kept.collect();
    event.set(view.orders, Value::List(kept));
    event
}

/// Nothing of the order but its names and these lines is as the event says it.
fn lines_of<'a>(views: &Views, mut order: Record<'a>, rest: &Rest) -> Record<'a> {
    let view = &views.order;
    let mut told = view.shape.empty();
    told.position = order.position;
    for field in [view.id, view.external_id] {
        told.set(field, order.get(field).clone());
    }
    let lines = take_list(&mut order, view.lines).into_iter().enumerate();
    let lines = lines.filter_map(|(place, line)| rest.lines.contains(&place).then_some(line)).collect();
    told.set(view.lines, Value::List(lines));
    told.set_text(view.status, rest.status.clone().unwrap_or_default());
    let sequence = rest.moment.sequence.map(|sequence| sequence.normalize().to_string());
    told.set_text(view.sequence, sequence.unwrap_or_default());
    let changed = rest.moment.changed.and_then(|changed| Timestamp::from_millisecond(changed).ok());
    told.set_text(view.updated_at, changed.map(|changed| changed.to_string()).unwrap_or_default());
    told
}

fn told<'a>(views: &Views, mut event: Record<'a>, orders: Vec<Record<'a>>) -> Option<Record<'a>> {
    let view = &views.order_sync_request;
    if orders.is_empty() {
        return None;
    }
    event.set(view.orders, Value::List(orders));
    if event.get(view.action).is_absent() {
        event.set_text(view.action, CHANGE);
    }
    Some(event)
}

/// The store an event is for: its own, else the one its first order belongs to.
fn fill_store(views: &Views, event: &mut Record<'_>) {
    let view = &views.order_sync_request;
    frame::fill_store(views, event);
    if event.get(view.store).is_absent() {
        let store = event.list(view.orders).iter().find_map(|order| order.record(views.order.store));
        let id =
            store.and_then(|store| owned(store, views.store.id).or_else(|| owned(store, views.store.name)));
        event.set_text(view.store, id.unwrap_or_default());
    }
}

/// The order of a status event, if the store knows its status.
fn changed_order<'a>(views: &Views, mut order: Record<'a>, zone: &TimeZone) -> Option<Record<'a>> {
    let view = &views.order;
    if order.get(view.number).is_absent() {
        return Some(order);
    }
    order.text(view.status)?;
    let id = keys::order_id_or_number(&order, view.number)?;
    let keep = [view.status, view.lines, view.comments, view.user_data, view.updated_at, view.sequence];
    view.shape.strip(&mut order, &keep);
    order.set_text(view.id, id);
    set_times(views, &mut order, zone);
    Some(order)
}

fn shipped_orders<'a>(views: &Views, shipment: &Record<'a>, zone: &TimeZone) -> Vec<Record<'a>> {
    let (view, of_line) = (&views.shipment, &views.shipment_line);
    let mut orders: Vec<Record<'a>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    // A line shipped in two lots is told once: the store deposits each time it is told.
    let mut told: HashSet<(&str, &str)> = HashSet::new();
    for line in shipment.list(view.lines) {
        let Some(number) = line.text(of_line.order_number) else { continue };
        let place = *places.entry(number).or_insert_with(|| {
            orders.push(shipped_order(views, shipment, line, zone));
            orders.len() - 1
        });
        let item = line.text(of_line.line_id).or_else(|| line.text(of_line.prime_line));
        let Some(item) = item.filter(|_| line.text(of_line.bundle_parent).is_none()) else { continue };
        if !told.insert((number, item)) {
            continue;
        }
        if let Some(lines) = orders.get_mut(place).and_then(|order| order.list_mut(views.order.lines)) {
            lines.push(shipped_line(views, shipment, line, zone));
        }
    }
    orders
}

fn shipped_order<'a>(views: &Views, shipment: &Record<'a>, line: &Record<'a>, zone: &TimeZone) -> Record<'a> {
    let view = &views.order;
    let mut order = view.shape.empty();
    let id = keys::order_id_or_number(line, views.shipment_line.order_number);
    order.set_text(view.id, id.unwrap_or_default());
    order.set_text(view.status, SHIPPED);
    let changed = owned(shipment, views.shipment.modified_at);
    let changed = changed.or_else(|| owned(shipment, views.shipment.shipped_at));
    order.set_text(view.updated_at, changed.unwrap_or_default());
    set_times(views, &mut order, zone);
    views.bridges.shipment_told.carry(shipment, &mut order);
    order
}

fn shipped_line<'a>(views: &Views, shipment: &Record<'a>, line: &Record<'a>, zone: &TimeZone) -> Record<'a> {
    let (view, of_line) = (&views.order_line, &views.shipment_line);
    let mut item = view.shape.empty();
    let id = owned(line, of_line.line_id).or_else(|| owned(line, of_line.prime_line));
    item.set_text(view.id, id.unwrap_or_default());
    item.set_text(view.status, DEPOSITED);
    let shipped = owned(shipment, views.shipment.shipped_at).map(|text| with_zone(text, zone));
    item.set_text(view.shipped_at, shipped.unwrap_or_default());
    views.bridges.line_shipped.carry(line, &mut item);
    item
}

/// The time of the last change with its zone, and the milliseconds since 1970 it stands for as sequence number.
fn set_times(views: &Views, order: &mut Record<'_>, zone: &TimeZone) {
    let view = &views.order;
    let Some(changed) = owned(order, view.updated_at) else { return };
    if order.get(view.sequence).is_absent() {
        let sequence = epoch_millis(&changed, zone).map(|millis| millis.to_string());
        order.set_text(view.sequence, sequence.unwrap_or_default());
    }
    order.set_text(view.updated_at, with_zone(changed, zone));
}
