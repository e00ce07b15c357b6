//! The faults of requests that contradict themselves or leave out what an operation needs.

use gateway_model::codes::{BAD_REQUEST, LIMIT_EXCEEDED};
use gateway_model::{Fault, Record};
use rust_decimal::Decimal;

use crate::values::number;
use crate::views::Views;

/// A request the operation cannot be carried out for.
pub(crate) fn bad_request(message: impl Into<String>) -> Fault {
    Fault::store(BAD_REQUEST, message)
}

/// A request that asks for more than the gateway handles in one call.
pub(crate) fn too_much(message: impl Into<String>) -> Fault {
    Fault::store(LIMIT_EXCEEDED, message)
}

/// How an order's line is named in a fault: by its id, else by its place.
pub(crate) fn line_name(views: &Views, line: &Record<'_>, index: usize) -> String {
    match line.text(views.order_line.id) {
        Some(id) => format!("order item `{id}`"),
        None => format!("order item number {}", index + 1),
    }
}

/// The order of a request, which must have an id.
///
/// The DOM's number and its reservation are made of it; without it they would be those of another order.
pub(crate) fn order_with_id<'r, 'a>(
    views: &Views,
    order: Option<&'r Record<'a>>,
) -> Result<&'r Record<'a>, Fault> {
    order
        .filter(|order| order.text(views.order.id).is_some())
        .ok_or_else(|| bad_request("the order has no id, expected the store's order id"))
}

/// Refuses two lines of one id: what the DOM says of them could not be told apart.
pub(crate) fn distinct_lines(views: &Views, lines: &[Record<'_>]) -> Result<(), Fault> {
    let mut seen = std::collections::HashSet::with_capacity(lines.len());
    for id in lines.iter().filter_map(|line| line.text(views.order_line.id)) {
        if !seen.insert(id) {
            return Err(bad_request(format!("two order items have the id `{id}`, expected one of each")));
        }
    }
    Ok(())
}

/// Refuses a quantity of zero or less; a missing one is the template's to refuse.
pub(crate) fn positive_quantities(views: &Views, lines: &[Record<'_>]) -> Result<(), Fault> {
    for (index, line) in lines.iter().enumerate() {
        if let Some(quantity) =
            number(line, views.order_line.quantity).filter(|found| *found <= Decimal::ZERO)
        {
            let name = line_name(views, line, index);
            let text = format!("{name} has the quantity `{quantity}`, expected more than zero");
            return Err(bad_request(text));
        }
    }
    Ok(())
}
