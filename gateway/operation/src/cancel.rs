//! Give held stock back (contract sterling section 6).

use gateway_model::scalar::plain;
use gateway_model::{Fault, Record, Value};

use crate::demand::part_quantity;
use crate::faults::{
    complete_line, item_named, line_name, order_with_id, part_name, positive_quantity, quantity,
};
use crate::frame;
use crate::reserve::UNALLOCATED;
use crate::values::{owned, take_list, take_record};
use crate::views::Views;

/// Whether the DOM has to be asked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send the request.
    Send,
    /// There is nothing to send: answer at once, with an empty answer of the DOM.
    AnswerAtOnce,
}

/// Fills `cancellations`: each order item that is not `Unallocated`, or each of its components with component times
/// item quantity; all under the order's id as reservation id, with the item's fulfilment centre and ship date.
///
/// # Errors
///
/// `BAD_REQUEST` when the order has no id, or an item or kit part names no item or no quantity, or an item's is zero or less.
pub fn plan(views: &Views, request: &mut Record<'_>) -> Result<Step, Fault> {
    frame::fill_store(views, request);
    let order = order_with_id(views, request.record(views.requirement_request.order))?;
    let mut cancellations = Vec::new();
    for (index, line) in order.list(views.order.lines).iter().enumerate() {
        if line.text(views.order_line.inventory_status) != Some(UNALLOCATED) {
            cancel_line(views, line, (index, order.get(views.order.id)), &mut cancellations)?;
        }
    }
    let step = if cancellations.is_empty() { Step::AnswerAtOnce } else { Step::Send };
    request.set(views.requirement_request.cancellations, Value::List(cancellations));
    Ok(step)
}

/// Acknowledges with the order's id, the request's or else that of the first reservation given back; nothing is said
/// of items.
#[must_use]
pub fn answer<'a>(views: &Views, request: Option<&Record<'a>>, mut answer: Record<'a>) -> Record<'a> {
    let view = &views.requirement_answer;
    let cancellations = take_list(&mut answer, view.cancellations);
    let mut order = take_record(&mut answer, view.order).unwrap_or_else(|| views.order.shape.empty());
    views.order.shape.strip(&mut order, &[views.order.id]);
    if let Some(request) = request {
        frame::answers(views, &mut answer, request);
        if let Some(asked) = request.record(views.requirement_request.order) {
            order.set(views.order.id, asked.get(views.order.id).clone());
            views.order.shape.extend(&mut order, asked);
        }
    }
    if order.get(views.order.id).is_absent() {
        let id = cancellations.iter().find_map(|line| owned(line, views.order_line.reservation_id));
        order.set_text(views.order.id, id.unwrap_or_default());
    }
    answer.set(view.order, Value::Record(Box::new(order)));
    answer
}

/// An answer that says nothing, for [`Step::AnswerAtOnce`].
#[must_use]
pub fn nothing_sent<'a>(views: &Views) -> Record<'a> {
    views.requirement_answer.shape.empty()
}

fn cancel_line<'a>(
    views: &Views,
    line: &Record<'a>,
    (index, reservation): (usize, &Value<'a>),
    cancellations: &mut Vec<Record<'a>>,
) -> Result<(), Fault> {
    let (view, part) = (&views.order_line, &views.component);
    // A DOM that takes less than nothing back may take it for more to hold.
    positive_quantity(views, line, index)?;
    let components = line.list(view.components);
    if components.is_empty() {
        complete_line(views, line, index, false)?;
        let mut item = line.clone();
        item.set(view.reservation_id, reservation.clone());
        cancellations.push(item);
        return Ok(());
    }
    let name = || line_name(views, line, index);
    let kits = quantity(line, view.quantity, name)?;
    for component in components {
        item_named(component, [part.item, part.item_id], || part_name(views, component, &name()))?;
        let each = part_quantity(views, component, kits, name)?;
        let keep = [view.expected_ship_date, view.center_id, view.center];
        let mut item = view.shape.part(line, &keep);
        item.set(view.parent, line.get(view.id).clone());
        item.set(view.component_id, component.get(part.id).clone());
        item.set(view.item_id, component.get(part.item_id).clone());
        item.set(view.item, component.get(part.item).clone());
        item.set_text(view.quantity, plain(each));
        item.set(view.unit, component.get(part.unit).clone());
        item.set(view.reservation_id, reservation.clone());
        views.bridges.component_promised.carry(component, &mut item);
        cancellations.push(item);
    }
    Ok(())
}
