//! A buyer's orders, page by page, and one order in full (contract sterling sections 8 and 9, store section 10).

use std::borrow::Cow;

use gateway_model::{Fault, Record, Value};
use jiff::tz::TimeZone;

use crate::dates::{as_datetime, with_zone};
use crate::faults::bad_request;
use crate::frame;
use crate::keys;
use crate::values::{clear_unless_positive, is_positive, is_true, owned};
use crate::views::Views;

/// Status letter of an order whose lines are all shipped.
const SHIPPED: &str = "S";
/// Status letter of an order only some of whose lines are shipped.
const PARTLY_SHIPPED: &str = "V";

/// Fills `orders` from the comma list of order ids, and the page size where the question names none. The page starts
/// after the last key of the page before (`after_key`).
pub fn plan_history(views: &Views, request: &mut Record<'_>, page_size: u32) {
    frame::fill_store(views, request);
    let view = &views.orders_request;
    let ids = owned(request, view.order_ids);
    let orders: Vec<Record<'_>> = ids
        .iter()
        .flat_map(|ids| ids.split(','))
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(|id| {
            let mut order = views.order_ref.shape.empty();
            order.set_text(views.order_ref.id, id.to_owned());
            order
        })
        .collect();
    if !orders.is_empty() {
        request.set(view.orders, Value::List(orders));
    }
    if !is_positive(request, view.page_size) {
        request.set_text(view.page_size, page_size.to_string());
    }
}

/// Checks that one order is named.
///
/// # Errors
///
/// `BAD_REQUEST` when neither the DOM's key nor the store's order id is given: such a question would be for any order.
pub fn plan_details(views: &Views, request: &mut Record<'_>) -> Result<(), Fault> {
    frame::fill_store(views, request);
    let view = &views.orders_request;
    if request.text(view.key).is_none() && request.text(view.order_id).is_none() {
        return Err(bad_request("the question names no order, expected an order id or the key of an order"));
    }
    Ok(())
}

/// The page as the store reads it: order ids for the DOM's numbers, `V` for an order partly shipped, dates with a
/// time; counts only when positive.
#[must_use]
pub fn history_answer<'a>(views: &Views, request: Option<&Record<'a>>, mut answer: Record<'a>) -> Record<'a> {
    let view = &views.orders_answer;
    let of_set = &views.record_set;
    if answer.record(view.record_set).is_none() {
        answer.set(view.record_set, Value::Record(Box::new(of_set.shape.empty())));
    }
    if let Some(set) = answer.record_mut(view.record_set) {
        if set.get(of_set.start).is_absent() {
            set.set_text(of_set.start, "0");
        }
        clear_unless_positive(set, of_set.count);
        clear_unless_positive(set, of_set.total);
    }
    for order in answer.list_mut(view.orders).into_iter().flatten() {
        set_order_id(views, order);
        tell_partly_shipped(views, order);
        change_text(order, views.order.placed_at, as_datetime);
    }
    if let Some(request) = request {
        frame::answers(views, &mut answer, request);
    }
    answer
}

/// The order as the store reads it: its id for the DOM's number, `V` for an order partly shipped as in the history, and the time it was placed with a zone, that of
/// `zone` where the DOM names none.
#[must_use]
pub fn details_answer<'a>(
    views: &Views,
    request: Option<&Record<'a>>,
    mut answer: Record<'a>,
    zone: &TimeZone,
) -> Record<'a> {
    let view = &views.orders_answer;
    for order in answer.list_mut(view.orders).into_iter().flatten() {
        set_order_id(views, order);
        tell_partly_shipped(views, order);
        change_text(order, views.order.placed_at, |text| with_zone(text, zone));
    }
    let count = answer.list(view.orders).len();
    answer.set(view.record_set, frame::whole_record_set(views, count));
    if let Some(request) = request {
        frame::answers(views, &mut answer, request);
    }
    answer
}

fn set_order_id(views: &Views, order: &mut Record<'_>) {
    if let Some(id) = keys::order_id_or_number(order, views.order.number) {
        order.set_text(views.order.id, id);
    }
}

/// An order whose lines have several statuses, the furthest of them shipped, is only partly shipped.
fn tell_partly_shipped(views: &Views, order: &mut Record<'_>) {
    let partly = is_true(order, views.order.several_statuses);
    if partly && order.text(views.order.status) == Some(SHIPPED) {
        order.set_text(views.order.status, PARTLY_SHIPPED);
    }
}

fn change_text<'a>(
    record: &mut Record<'a>,
    field: gateway_model::FieldId,
    change: impl FnOnce(Cow<'a, str>) -> Cow<'a, str>,
) {
    if let Value::Text(text) = record.take(field) {
        record.set_text(field, change(text));
    }
}
