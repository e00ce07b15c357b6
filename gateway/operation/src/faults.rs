//! The faults of requests that contradict themselves or leave out what an operation needs.

use gateway_model::codes::{BAD_REQUEST, LIMIT_EXCEEDED};
use gateway_model::{Fault, FieldId, Record};
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
    second_of_an_id(views, lines).map_or(Ok(()), |(_, fault)| Err(fault))
}

/// The first line with the id of an earlier one, by its place.
pub(crate) fn second_of_an_id(views: &Views, lines: &[Record<'_>]) -> Option<(usize, Fault)> {
    let mut seen = std::collections::HashSet::with_capacity(lines.len());
    let ids =
        lines.iter().enumerate().filter_map(|(index, line)| Some((index, line.text(views.order_line.id)?)));
    let second = ids.into_iter().find(|(_, id)| !seen.insert(*id));
    second.map(|(index, id)| {
        (index, bad_request(format!("two order items have the id `{id}`, expected one of each")))
    })
}

/// Refuses a line that names no item or no quantity, and with `parts` such a part of it: no DOM can do anything with it.
pub(crate) fn complete_line(
    views: &Views,
    line: &Record<'_>,
    index: usize,
    parts: bool,
) -> Result<(), Fault> {
    let (view, part) = (&views.order_line, &views.component);
    let name = || line_name(views, line, index);
    item_named(line, [view.item, view.item_id], name)?;
    quantity(line, view.quantity, name)?;
    for component in line.list(view.components).iter().filter(|_| parts) {
        let name = || part_name(views, component, &name());
        item_named(component, [part.item, part.item_id], name)?;
        quantity(component, part.quantity, name)?;
    }
    Ok(())
}

/// Refuses a quantity of zero or less.
pub(crate) fn positive_quantity(views: &Views, line: &Record<'_>, index: usize) -> Result<(), Fault> {
    match number(line, views.order_line.quantity).filter(|found| *found <= Decimal::ZERO) {
        Some(quantity) => {
            let name = line_name(views, line, index);
            Err(bad_request(format!("{name} has the quantity `{quantity}`, expected more than zero")))
        }
        None => Ok(()),
    }
}

/// A quantity, which must be there.
pub(crate) fn quantity(
    record: &Record<'_>,
    field: FieldId,
    name: impl Fn() -> String,
) -> Result<Decimal, Fault> {
    number(record, field)
        .ok_or_else(|| bad_request(format!("{} has no quantity, expected a decimal number", name())))
}

/// Refuses what names no item in any of its fields.
pub(crate) fn item_named(
    record: &Record<'_>,
    items: [FieldId; 2],
    name: impl Fn() -> String,
) -> Result<(), Fault> {
    if items.iter().all(|item| record.text(*item).is_none()) {
        return Err(bad_request(format!("{} names no item, expected a part number or an item id", name())));
    }
    Ok(())
}

/// How a kit's part is named in a fault, behind the name of the kit.
pub(crate) fn part_name(views: &Views, component: &Record<'_>, kit: &str) -> String {
    match component.text(views.component.id) {
        Some(id) => format!("kit part `{id}` of {kit}"),
        None => format!("a kit part of {kit}"),
    }
}
