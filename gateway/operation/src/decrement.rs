//! Lower the cached quantities after an order was submitted: acknowledged at once, the DOM is not asked
//! (contract store section 7).

use gateway_model::{Fault, Record, Value};

use crate::demand::{Demand, demands};
use crate::faults::order_with_id;
use crate::frame;
use crate::views::Views;

/// The acknowledgement, and what a cache of availability has to lower: once per order line.
///
/// # Errors
///
/// `BAD_REQUEST` when the order has no id, or an item or kit part has no quantity or names no item.
pub fn answer<'a>(views: &Views, request: &Record<'a>) -> Result<(Record<'a>, Vec<Demand<'a>>), Fault> {
    let order = order_with_id(views, request.record(views.requirement_request.order))?;
    let demands = demands(views, request)?;
    let view = &views.requirement_answer;
    let mut answer = view.shape.empty();
    frame::answers(views, &mut answer, request);
    let order = views.order.shape.part(order, &[views.order.id, views.order.store]);
    answer.set(view.order, Value::Record(Box::new(order)));
    Ok((answer, demands))
}
