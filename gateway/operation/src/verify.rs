//! What a look at the DOM proves: is the order it has the one that was handed over?
//!
//! Asked after a transfer whose outcome nobody knows. The order is compared as it was sent, in the words the DOM was sent it
//! in, with what the DOM says it has: its number, its lines (item, quantity, unit), its currency and its total where both
//! say one. What a DOM adds by itself is no difference: the parts of kits, lines the store never numbered, charges, keys and
//! numbers of its own (contract sterling sections 7 and 9). What cannot be compared proves nothing, least of all that an
//! order is not there.

mod lines;
mod release;
mod total;

pub use release::{release, singly};

use std::fmt::Display;

use gateway_model::{Record, Value};

use crate::keys;
use crate::values::owned;
use crate::views::Views;

/// What a look found.
#[derive(Debug)]
pub enum Found<'r, 'a> {
    /// The order that was sent.
    Same(&'r Record<'a>),
    /// Another order under the same number; the text says in what it differs, without personal data.
    Different(String),
    /// No order of this number.
    NotThere,
    /// Nothing that could be compared; the text says why.
    Unclear(String),
}

/// Why two orders are not known to be the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// They differ.
    Different(String),
    /// One of them says too little.
    Unclear(String),
}

/// The question for the order a transfer was to make: by its number, in the store it was sent for (contract sterling
/// section 9). `request` is the transfer as it was planned.
#[must_use]
pub fn question<'a>(views: &Views, request: &Record<'a>) -> Record<'a> {
    let (from, to) = (&views.transfer_request, &views.orders_request);
    let mut question = to.shape.empty();
    question.set(to.store, request.get(from.store).clone());
    if let Some(id) = request.record(from.order).and_then(|order| owned(order, views.order.id)) {
        question.set_text(to.order_id, id);
    }
    question
}

/// Compares the order of a transfer with the DOM's answer to its [`question`].
///
/// `asked` is the transfer as the store sent it; `sent` is the document the DOM was sent, read again, so that both sides
/// went through the same tables.
#[must_use]
pub fn order<'r, 'a>(
    views: &Views,
    (asked, sent): (&Record<'_>, &Record<'_>),
    answer: &'r Record<'a>,
) -> Found<'r, 'a> {
    let unclear = |text: &str| Found::Unclear(text.to_owned());
    let request = &views.transfer_request;
    let (Some(asked_order), Some(sent_order)) = (asked.record(request.order), sent.record(request.order))
    else {
        return unclear("there is no order to compare with");
    };
    let orders = answer.list(views.orders_answer.orders);
    let (first, more) = match orders {
        [] => return Found::NotThere,
        [first, more @ ..] => (first, more),
    };
    if !more.is_empty() {
        return unclear("the answer holds several orders, expected the one that was asked for");
    }
    let id = asked_order.text(views.order.id);
    let found_id = keys::order_id(first, views.order.number);
    if id.is_none() || found_id.as_deref() != id {
        return unclear("the answer names another order than the one that was asked for, or none");
    }
    let store = first.record(views.order.store).and_then(|store| store.text(views.store.id));
    if differ(sent.text(request.store), store) {
        return unclear("the answer is about an order of another store");
    }
    let compared = lines::compare(views, sent_order, first)
        .and_then(|()| currency(views, sent_order, first))
        .and_then(|()| total::compare(views, (asked_order, sent_order), first));
    match compared {
        Ok(()) => Found::Same(first),
        Err(Doubt::Different(text)) => Found::Different(text),
        Err(Doubt::Unclear(text)) => Found::Unclear(text),
    }
}

/// An order that was found, as the DOM's answer to the transfer that made it.
#[must_use]
pub fn as_answer<'a>(views: &Views, order: &Record<'a>) -> Record<'a> {
    let mut answer = views.transfer_answer.shape.empty();
    answer.set(views.transfer_answer.order, Value::Record(Box::new(order.clone())));
    answer
}

fn currency(views: &Views, sent: &Record<'_>, found: &Record<'_>) -> Result<(), Doubt> {
    let (sent, found) = (sent.text(views.order.currency), found.text(views.order.currency));
    match (sent, found) {
        (Some(sent), Some(found)) if sent != found => Err(difference("currency", sent, found)),
        _ => Ok(()),
    }
}

/// Whether both say something, and not the same.
fn differ(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

/// A difference in words.
fn difference(what: impl Display, sent: impl Display, found: impl Display) -> Doubt {
    Doubt::Different(format!("{what}: `{sent}` was sent, `{found}` is there"))
}
