//! Hold stock for an order, and give each order item back as it was reserved (contract sterling section 5).

use std::borrow::Cow;
use std::collections::HashMap;

use gateway_model::scalar::plain;
use gateway_model::{Fault, FieldId, Record, Value};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::availability::is_up_to;
use crate::dates::as_datetime;
use crate::faults::{
    bad_request, complete_line, distinct_lines, line_name, order_with_id, part_name, positive_quantity,
};
use crate::frame;
use crate::values::{is_positive, number, owned, take_list, take_record};
use crate::views::Views;

const ALLOCATED: &str = "Allocated";
const BACKORDERED: &str = "Backordered";
/// Inventory status of an order item nothing is held for.
pub(crate) const UNALLOCATED: &str = "Unallocated";

/// Fills `promises`: each order item, and behind a configured one its components, all under the order's id as
/// reservation id.
///
/// A component's promise carries its parent, its own id and its quantity per piece (`kit_quantity`), no quantity of
/// its own, and is shipped as its parent is.
///
/// # Errors
///
/// `BAD_REQUEST` when the order has no id or no items, or when an item has no id or the id of another item, or when
/// an item or a configured item's part names no item or no quantity, an item's is zero or less, or such a part has no id.
pub fn plan(views: &Views, request: &mut Record<'_>) -> Result<(), Fault> {
    frame::fill_store(views, request);
    let order = order_with_id(views, request.record(views.requirement_request.order))?;
    let lines = order.list(views.order.lines);
    if lines.is_empty() {
        return Err(bad_request("the order has no items, expected at least one to reserve"));
    }
    distinct_lines(views, lines)?;
    let mut promises = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        if line.text(views.order_line.id).is_none() {
            let name = line_name(views, line, index);
            return Err(bad_request(format!("{name} has no id, expected the store's order item id")));
        }
        complete_line(views, line, index, line.text(views.order_line.configuration).is_some())?;
        positive_quantity(views, line, index)?;
        parts_with_ids(views, line, index)?;
        promise_line(views, line, order.get(views.order.id), &mut promises);
    }
    request.set(views.requirement_request.promises, Value::List(promises));
    Ok(())
}

/// Splits each order item as the DOM reserved it: one line per reservation, and one `Unallocated` for what is missing
/// of an item partly reserved, behind the others. The first keeps the item's id, further ones name it as their
/// correlation group. An item without any reservation is one `Unallocated` line.
///
/// Lines stand in the order of the request, also those the DOM left out; components are dropped. Stock available up
/// to `today` is `Allocated`, later stock `Backordered`, unless it has no reservation id: then it is `Unallocated`. The order's id is the request's, else the reservation's.
#[must_use]
pub fn answer<'a>(
    views: &Views,
    request: Option<&Record<'a>>,
    mut answer: Record<'a>,
    today: Date,
) -> Record<'a> {
    let view = &views.requirement_answer;
    let promises = take_list(&mut answer, view.promises);
    let items: Vec<&Record<'a>> = promises.iter().filter(|promise| is_item(views, promise)).collect();
    let asked_order = request.and_then(|request| request.record(views.requirement_request.order));
    let lines = match asked_order {
        Some(order) => asked_items(views, order.list(views.order.lines), &items, today),
        None => items.iter().flat_map(|item| split(views, None, Some(item), today)).collect(),
    };
    let mut order = take_record(&mut answer, view.order).unwrap_or_else(|| views.order.shape.empty());
    views.order.shape.strip(&mut order, &[views.order.id]);
    if let Some(asked) = asked_order {
        order.set(views.order.id, asked.get(views.order.id).clone());
        views.order.shape.extend(&mut order, asked);
    }
    if order.get(views.order.id).is_absent() {
        let id = promises.iter().flat_map(|promise| promise.list(views.order_line.reservations));
        let id = id.filter_map(|reservation| owned(reservation, views.reservation.id)).next();
        order.set_text(views.order.id, id.unwrap_or_default());
    }
    order.set(views.order.lines, Value::List(lines));
    answer.set(view.order, Value::Record(Box::new(order)));
    if let Some(request) = request {
        frame::answers(views, &mut answer, request);
    }
    answer
}

/// For each order item of the request, whether all of it is held now; `answer` is what [`answer()`] made of the reply.
#[must_use]
pub fn held(views: &Views, request: &Record<'_>, answer: &Record<'_>) -> Vec<bool> {
    let view = &views.order_line;
    let order = request.record(views.requirement_request.order);
    let mut held: HashMap<&str, Decimal> = HashMap::new();
    let answered = answer.record(views.requirement_answer.order);
    for line in answered.into_iter().flat_map(|order| order.list(views.order.lines)) {
        let item = line.text(view.id).or_else(|| line.text(view.correlation_group));
        if let (Some(item), Some(ALLOCATED)) = (item, line.text(view.inventory_status)) {
            let sum = held.entry(item).or_default();
            *sum = sum.saturating_add(number(line, view.quantity).unwrap_or_default());
        }
    }
    let is_held = |line: &Record<'_>| {
        let wanted = number(line, view.quantity).unwrap_or_default();
        line.text(view.id).and_then(|id| held.get(id)).is_some_and(|held| *held >= wanted)
    };
    order.map(|order| order.list(views.order.lines).iter().map(is_held).collect()).unwrap_or_default()
}

// === plan ===

/// A part is promised under its own id, so that the DOM can tell it from the others.
fn parts_with_ids(views: &Views, line: &Record<'_>, index: usize) -> Result<(), Fault> {
    let configured = line.text(views.order_line.configuration).is_some();
    let parts = line.list(views.order_line.components).iter();
    match parts.filter(|_| configured).find(|part| part.text(views.component.id).is_none()) {
        Some(part) => {
            let name = part_name(views, part, &line_name(views, line, index));
            Err(bad_request(format!("{name} has no id, expected the store's component id")))
        }
        None => Ok(()),
    }
}

fn promise_line<'a>(
    views: &Views,
    line: &Record<'a>,
    reservation: &Value<'a>,
    promises: &mut Vec<Record<'a>>,
) {
    let view = &views.order_line;
    let mut item = line.clone();
    item.set(view.reservation_id, reservation.clone());
    let components = take_list(&mut item, view.components);
    let configured = item.text(view.configuration).is_some();
    let ship_mode = item.get(view.ship_mode).clone();
    promises.push(item);
    for component in components.iter().filter(|_| configured) {
        let part = &views.component;
        let mut promise = view.shape.empty();
        promise.set(view.parent, line.get(view.id).clone());
        promise.set(view.component_id, component.get(part.id).clone());
        promise.set(view.item_id, component.get(part.item_id).clone());
        promise.set(view.item, component.get(part.item).clone());
        promise.set(view.kit_quantity, component.get(part.quantity).clone());
        promise.set(view.unit, component.get(part.unit).clone());
        promise.set(view.reservation_id, reservation.clone());
        promise.set(view.ship_mode, ship_mode.clone());
        views.bridges.component_promised.carry(component, &mut promise);
        promises.push(promise);
    }
}

// === answer ===

/// Whether a promise stands for an order item, not for a part of a kit.
fn is_item(views: &Views, promise: &Record<'_>) -> bool {
    let view = &views.order_line;
    promise.text(view.id).is_some()
        && [view.parent, view.bundle_parent, view.component_id]
            .iter()
            .all(|field| promise.text(*field).is_none())
}

fn asked_items<'a>(
    views: &Views,
    asked: &[Record<'a>],
    items: &[&Record<'a>],
    today: Date,
) -> Vec<Record<'a>> {
    let by_id: HashMap<&str, &Record<'a>> =
        items.iter().rev().filter_map(|item| Some((item.text(views.order_line.id)?, *item))).collect();
    let promise_of = |line: &Record<'a>| by_id.get(line.text(views.order_line.id)?).copied();
    asked.iter().flat_map(|line| split(views, Some(line), promise_of(line), today)).collect()
}

/// The lines an order item comes back as.
fn split<'a>(
    views: &Views,
    asked: Option<&Record<'a>>,
    promise: Option<&Record<'a>>,
    today: Date,
) -> Vec<Record<'a>> {
    let view = &views.order_line;
    let id = asked.or(promise).and_then(|line| owned(line, view.id)).unwrap_or_default();
    let new_line = |field: FieldId, status: &'static str| {
        let mut line = view.shape.empty();
        for from in [promise, asked].into_iter().flatten() {
            view.shape.extend(&mut line, from);
        }
        line.set_text(field, id.clone());
        line.set_text(view.inventory_status, status);
        line
    };
    let reservations = promise.map(|promise| promise.list(view.reservations)).unwrap_or_default();
    let held: Vec<&Record<'a>> =
        reservations.iter().filter(|reservation| holds_something(views, reservation)).collect();
    if held.is_empty() {
        return vec![new_line(view.id, UNALLOCATED)];
    }
    // A reservation that names no unit has that of its item, as the DOM says it, else as it was asked.
    let set_unit = |line: &mut Record<'a>, reservation: Option<&Record<'a>>| {
        let unit = reservation.and_then(|reservation| owned(reservation, views.reservation.unit));
        let of_item = || [promise, asked].into_iter().flatten().find_map(|line| owned(line, view.unit));
        line.set_text(view.unit, unit.or_else(of_item).unwrap_or_default());
    };
    let mut lines = Vec::with_capacity(held.len() + 1);
    for reservation in &held {
        let field = if lines.is_empty() { view.id } else { view.correlation_group };
        let mut line = new_line(field, status(views, reservation, today));
        fill_reserved(views, &mut line, reservation);
        set_unit(&mut line, Some(*reservation));
        lines.push(line);
    }
    if let Some(missing) = missing_quantity(views, asked, promise, &held) {
        let mut line = new_line(view.correlation_group, UNALLOCATED);
        line.set_text(view.quantity, plain(missing));
        let mut units = held.iter().copied().filter(|held| !held.get(views.reservation.unit).is_absent());
        set_unit(&mut line, units.next());
        lines.push(line);
    }
    lines
}

/// Stock that is there is allocated, later stock backordered if the DOM holds it under a reservation.
fn status(views: &Views, reservation: &Record<'_>, today: Date) -> &'static str {
    if is_up_to(reservation, views.reservation.available_on, today) {
        ALLOCATED
    } else if reservation.text(views.reservation.id).is_some() {
        BACKORDERED
    } else {
        UNALLOCATED
    }
}

/// A reservation of a quantity of zero holds nothing; one without a quantity is believed.
fn holds_something(views: &Views, reservation: &Record<'_>) -> bool {
    let quantity = views.reservation.quantity;
    reservation.get(quantity).is_absent() || is_positive(reservation, quantity)
}

fn fill_reserved<'a>(views: &Views, line: &mut Record<'a>, reservation: &Record<'a>) {
    let (view, from) = (&views.order_line, &views.reservation);
    line.set(view.quantity, reservation.get(from.quantity).clone());
    line.set(view.center, reservation.get(from.center).clone());
    let date = |field| owned(reservation, field).map_or(Cow::Borrowed(""), as_datetime);
    line.set_text(view.available_date, date(from.available_on));
    line.set_text(view.expected_ship_date, date(from.ship_on));
}

/// How much of an item is not reserved, if any: the DOM's own two sums, else what was asked and what is held.
fn missing_quantity(
    views: &Views,
    asked: Option<&Record<'_>>,
    promise: Option<&Record<'_>>,
    held: &[&Record<'_>],
) -> Option<Decimal> {
    let view = &views.order_line;
    let of = |line: Option<&Record<'_>>, field| line.and_then(|line| number(line, field));
    let wanted = of(promise, view.quantity_to_reserve)
        .or_else(|| of(asked, view.quantity))
        .or_else(|| of(promise, view.quantity))?;
    let sum = || {
        let quantities =
            held.iter().filter_map(|reservation| number(reservation, views.reservation.quantity));
        quantities.fold(Decimal::ZERO, Decimal::saturating_add)
    };
    let reserved = of(promise, view.quantity_reserved).unwrap_or_else(sum);
    wanted.checked_sub(reserved).filter(|missing| *missing > Decimal::ZERO)
}
