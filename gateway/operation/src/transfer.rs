//! Hand a submitted order to the DOM, and answer with its keys (contract sterling section 7, store section 9).

use gateway_model::codes::DOM_UNEXPECTED;
use gateway_model::{Fault, Record, Repeat, Value};

use crate::faults::{complete_line, order_with_id, positive_quantity, second_of_an_id};
use crate::frame;
use crate::keys;
use crate::values::{owned, take_record};
use crate::views::Views;

/// Checks an order before it is handed over. It passes as it is, with one thing added: an older store says only in the
/// payments who is billed, and then it is the first one named there (contract store section 9).
///
/// # Errors
///
/// `BAD_REQUEST` when the order has no id, two items have one id, or an item or
/// reserved kit part names no item or no quantity, an item's is zero or less.
pub fn plan(views: &Views, request: &mut Record<'_>) -> Result<(), Fault> {
    frame::fill_store(views, request);
    let order = order_with_id(views, request.record(views.transfer_request.order))?;
    match unfit(views, order) {
        Some((_, fault)) => Err(fault),
        None => {
            fill_bill_to(views, request);
            Ok(())
        }
    }
}

/// The order item for which [`plan`] refused a request, as a record's position; `None` if it was for no single one.
#[must_use]
pub fn refused_at(views: &Views, request: &Record<'_>) -> Option<u32> {
    let order = request.record(views.transfer_request.order)?;
    let (index, _) = unfit(views, order)?;
    order.list(views.order.lines).get(index).map(|line| line.position)
}

/// The first order item that cannot be handed over, by its place, and why.
fn unfit(views: &Views, order: &Record<'_>) -> Option<(usize, Fault)> {
    let lines = order.list(views.order.lines);
    if let Some((index, fault)) = second_of_an_id(views, lines) {
        return Some((index, fault));
    }
    let line_view = &views.order_line;
    lines.iter().enumerate().find_map(|(index, line)| {
        // Parts are handed over only with the centre that holds them.
        let held = line.text(line_view.center).or_else(|| line.text(line_view.center_id)).is_some();
        let fit =
            complete_line(views, line, index, held).and_then(|()| positive_quantity(views, line, index));
        fit.err().map(|fault| (index, fault))
    })
}

fn fill_bill_to(views: &Views, request: &mut Record<'_>) {
    let (field, view) = (views.transfer_request.order, &views.order);
    let Some(order) = request.record_mut(field) else { return };
    if order.get(view.bill_to).is_absent() {
        let addresses = order.list(view.payments).iter().map(|payment| payment.get(views.payment.bill_to));
        let billed = addresses.into_iter().find(|address| !address.is_absent()).cloned();
        order.set(view.bill_to, billed.unwrap_or_default());
    }
}

/// The order's keys: the id after `WC_` in the DOM's number, else the cart id, else that of the request; and the DOM's
/// key, else its number.
///
/// # Errors
///
/// `DOM_UNEXPECTED` when the DOM names another order of the store than the one that was sent: whether ours exists has
/// to be found out.
pub fn answer<'a>(
    views: &Views,
    request: Option<&Record<'a>>,
    mut answer: Record<'a>,
) -> Result<Record<'a>, Fault> {
    let (view, of_order) = (&views.transfer_answer, &views.order);
    let asked = request.and_then(|request| request.record(views.transfer_request.order));
    let mut order = take_record(&mut answer, view.order).unwrap_or_else(|| of_order.shape.empty());
    let sent = asked.and_then(|asked| owned(asked, of_order.id));
    let named = keys::order_id(&order, of_order.number);
    if let (Some(named), Some(sent)) = (&named, &sent) {
        same_order(named, sent)?;
    }
    let id = named.or_else(|| owned(&order, of_order.cart_id)).or(sent);
    let external_id = owned(&order, of_order.external_id).or_else(|| owned(&order, of_order.number));
    of_order.shape.strip(&mut order, &[of_order.id]);
    if let Some(id) = id {
        order.set_text(of_order.id, id);
    }
    order.set_text(of_order.external_id, external_id.unwrap_or_default());
    if let Some(asked) = asked {
        of_order.shape.extend(&mut order, asked);
    }
    answer.set(view.order, Value::Record(Box::new(order)));
    if let Some(request) = request {
        frame::answers(views, &mut answer, request);
    }
    Ok(answer)
}

fn same_order(named: &str, sent: &str) -> Result<(), Fault> {
    if named == sent {
        return Ok(());
    }
    let text = format!("the answer is about the order `{named}`, expected `{sent}`");
    Err(Fault::dom(DOM_UNEXPECTED, text).repeat(Repeat::AfterCheck))
}
