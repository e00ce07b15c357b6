//! Undoing a reservation of which nobody knows whether it was made.
//!
//! The contract knows no way to look a reservation up, and whether a second one under the same id adds to the first is open
//! (contract sterling sections 5 and 6). So what may be held is given back before it is asked for again: one cancellation
//! for each item or kit part. A document is carried out as a whole or not at all, so where a part that was never held keeps
//! the others, each is sent in a document of its own.

use gateway_model::{Fault, Record, Value};

use crate::cancel;
use crate::values::take_list;
use crate::views::Views;

/// The cancellations that undo a reservation request, in one request.
///
/// They name no fulfilment centre and no ship date: where something is held only the lost answer said.
///
/// # Errors
///
/// As [`cancel::plan`]; a request that could be planned as a reservation has none of them.
pub fn release<'a>(views: &Views, request: &Record<'a>) -> Result<Record<'a>, Fault> {
    let (view, line_view) = (&views.requirement_request, &views.order_line);
    let mut whole = request.clone();
    whole.take(view.promises);
    let order = whole.record_mut(view.order);
    for line in order.and_then(|order| order.list_mut(views.order.lines)).into_iter().flatten() {
        let unknown = [
            line_view.inventory_status,
            line_view.center,
            line_view.center_id,
            line_view.expected_ship_date,
            line_view.available_date,
        ];
        for field in unknown {
            line.take(field);
        }
        // Only a configured item is reserved by its parts.
        if line.text(line_view.configuration).is_none() {
            line.take(line_view.components);
        }
    }
    cancel::plan(views, &mut whole)?;
    Ok(whole)
}

/// A request of cancellations as requests of one cancellation each.
#[must_use]
pub fn singly<'a>(views: &Views, mut request: Record<'a>) -> Vec<Record<'a>> {
    let field = views.requirement_request.cancellations;
    let cancellations = take_list(&mut request, field);
    let single = |cancellation| {
        let mut one = request.clone();
        one.set(field, Value::List(vec![cancellation]));
        one
    };
    cancellations.into_iter().map(single).collect()
}
