//! Why something was refused, as a store is told: from a DOM's errors, or from a fault of the gateway
//! (contract sterling section 12, store section 13.1).

use std::borrow::Cow;

use gateway_model::codes::{DEADLINE, DOM_BROKEN, DOM_TIMEOUT, DOM_UNREACHABLE};
use gateway_model::{Fault, FieldId, Origin, Record, RecordTypeId, Repeat, Value};
use jiff::Timestamp;

use crate::dates;
use crate::frame;
use crate::values::owned;
use crate::views::Views;

/// The store's key for an answer of the DOM it cannot use.
pub const BAD_RESPONSE: &str = "_ERR_BAD_RESPONSE_FROM_EXTERNAL_SYSTEM";
/// The store's key for a DOM that cannot be reached.
pub const NOT_CONNECTED: &str = "_ERR_FAIL_TO_CONNECT_TO_EXTERNAL_SYSTEM";

/// The response action code of every refusal.
const REJECTED: &str = "Rejected";
/// The word that stands where the store looks for a status code.
const ERROR: &str = "ERROR";
/// What a DOM's error is called that says nothing itself.
const UNTOLD: &str = "the order system refused the request";
/// The most characters of a DOM's text that a store is shown.
const MOST_CHARACTERS: usize = 500;

/// The refusal a store is sent for a DOM's errors, as read from its error document into a `refusal`.
///
/// A message tells one error: the first gives code and text, its named values and its unique id are the reasons. Only
/// the first line of a text is shown, and nothing that looks like a program's stack.
#[must_use]
pub fn from_dom<'a>(
    views: &Views,
    mut dom: Record<'a>,
    request: Option<&Record<'a>>,
    now: Timestamp,
) -> Record<'a> {
    let view = &views.refusal;
    let sent = dom.take(view.errors);
    let first = match &sent {
        Value::List(errors) => errors.first(),
        _ => None,
    };
    if let Some(first) = first {
        let code = owned(first, views.dom_error.code).unwrap_or(Cow::Borrowed(BAD_RESPONSE));
        dom.set_text(view.reason_code, code);
        let text = owned(first, views.dom_error.description).and_then(presentable);
        dom.set_text(view.description, text.unwrap_or(Cow::Borrowed(UNTOLD)));
        set_reasons(views, &mut dom, named_values(views, first));
    }
    framed(views, dom, request, now)
}

/// The codes of all errors of a DOM's error document, each followed by those of the errors nested in it.
#[must_use]
pub fn dom_codes<'r>(views: &Views, dom: &'r Record<'_>) -> Vec<&'r str> {
    all_errors(views, dom).into_iter().filter_map(|error| error.text(views.dom_error.code)).collect()
}

/// The texts of all errors of a DOM's error document, each followed by those of the errors nested in it: what they describe
/// and the values they name. They may name a shopper: they are for comparing, not for showing.
#[must_use]
pub fn dom_texts<'r>(views: &Views, dom: &'r Record<'_>) -> Vec<&'r str> {
    let of = |error: &'r Record<'_>| {
        let attributes = error.list(views.dom_error.attributes).iter();
        let values = attributes.filter_map(|attribute| attribute.text(views.name_value.value));
        error.text(views.dom_error.description).into_iter().chain(values).collect::<Vec<_>>()
    };
    all_errors(views, dom).into_iter().flat_map(of).collect()
}

/// All errors of an error document, each followed by those nested in it.
fn all_errors<'r, 'a>(views: &Views, dom: &'r Record<'a>) -> Vec<&'r Record<'a>> {
    let mut errors = Vec::new();
    let mut open: Vec<&Record<'_>> = dom.list(views.refusal.errors).iter().rev().collect();
    while let Some(error) = open.pop() {
        errors.push(error);
        open.extend(error.list(views.dom_error.causes).iter().rev());
    }
    errors
}

/// The refusal a store is sent for a fault: the DOM's own code if it gave one, else one of the store's two keys; the
/// gateway's code is the first reason.
#[must_use]
pub fn from_fault<'a>(
    views: &Views,
    fault: &Fault,
    request: Option<&Record<'a>>,
    now: Timestamp,
) -> Record<'a> {
    let view = &views.refusal;
    let mut refusal = view.shape.empty();
    match &fault.dom_code {
        Some(code) => refusal.set_text(view.reason_code, code.clone()),
        None => refusal.set_text(view.reason_code, key(fault)),
    }
    refusal.set_text(view.description, fault.message.clone());
    refusal.set_text(view.kind, fault.origin.name());
    refusal.set_text(view.note, note(fault.repeat));
    let places = fault.places.iter().filter(|_| fault.origin == Origin::Store);
    let mut texts: Vec<Cow<'a, str>> = vec![Cow::Owned(fault.code.to_string())];
    texts.extend(fault.reasons.iter().chain(places).map(|text| Cow::Owned(text.clone())));
    set_reasons(views, &mut refusal, texts);
    framed(views, refusal, request, now)
}

/// An answer of this type (`operation.answer` of the vocabulary) that carries only a refusal: with the request's area,
/// the id of the order it was about, and an empty record set.
#[must_use]
pub fn answer<'a>(
    views: &Views,
    kind: RecordTypeId,
    request: Option<&Record<'a>>,
    refusal: Record<'a>,
) -> Record<'a> {
    let frame = views.frames.of(kind);
    let mut answer = empty_answer(views, kind);
    if let Some(field) = frame.refusal {
        answer.set(field, Value::Record(Box::new(refusal)));
    }
    if let Some(field) = frame.record_set {
        answer.set(field, frame::whole_record_set(views, 0));
    }
    let Some(request) = request else { return answer };
    frame::answers(views, &mut answer, request);
    let asked = views.frames.of(request.kind).order.and_then(|field| request.record(field));
    if let (Some(field), Some(asked)) = (frame.order, asked) {
        let order = views.order.shape.part(asked, &[views.order.id]);
        answer.set(field, Value::Record(Box::new(order)));
    }
    answer
}

fn empty_answer<'a>(views: &Views, kind: RecordTypeId) -> Record<'a> {
    [
        &views.availability_answer.shape,
        &views.requirement_answer.shape,
        &views.transfer_answer.shape,
        &views.orders_answer.shape,
        &views.confirmation.shape,
    ]
    .into_iter()
    .find(|shape| shape.kind() == kind)
    .map_or_else(|| Record::with_width(kind, 0), crate::views::Shape::empty)
}

/// Fills what every refusal has.
fn framed<'a>(
    views: &Views,
    mut refusal: Record<'a>,
    request: Option<&Record<'a>>,
    now: Timestamp,
) -> Record<'a> {
    let view = &views.refusal;
    let fill = |refusal: &mut Record<'a>, field: FieldId, text: Cow<'a, str>| {
        if refusal.get(field).is_absent() {
            refusal.set_text(field, text);
        }
    };
    fill(&mut refusal, view.action, Cow::Borrowed(REJECTED));
    fill(&mut refusal, view.code, Cow::Borrowed(ERROR));
    fill(&mut refusal, view.reason_code, Cow::Borrowed(BAD_RESPONSE));
    fill(&mut refusal, view.description, Cow::Borrowed(UNTOLD));
    fill(&mut refusal, view.at, Cow::Owned(dates::written(now)));
    let object = request.and_then(|request| object(views, request));
    fill(&mut refusal, view.expression, object.unwrap_or_default());
    refusal
}

/// What a refusal is about: the question's expression, else the path of the noun that was to be processed (contract
/// store sections 7, 9 and 13.1).
fn object<'a>(views: &Views, request: &Record<'a>) -> Option<Cow<'a, str>> {
    let asked = views.frames.of(request.kind).expression.and_then(|field| owned(request, field));
    asked.or_else(|| {
        let paths = [
            (&views.requirement_request.shape, "/InventoryRequirement[1]"),
            (&views.transfer_request.shape, "/Order"),
        ];
        let path = paths.into_iter().find(|(shape, _)| shape.kind() == request.kind);
        path.map(|(_, path)| Cow::Borrowed(path))
    })
}

fn key(fault: &Fault) -> &'static str {
    let unreached = [DOM_UNREACHABLE, DOM_TIMEOUT, DOM_BROKEN, DEADLINE].contains(&fault.code);
    // What this gateway held back is to the store as if nobody had answered: an outage, which it tolerates.
    let unreached = unreached || fault.was_held_back();
    if unreached || fault.origin == Origin::Network { NOT_CONNECTED } else { BAD_RESPONSE }
}

const fn note(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Safe => "the same message may be sent again",
        Repeat::AfterCheck => "find out whether the message was carried out before sending it again",
        Repeat::Useless => "the same message would be refused again",
    }
}

/// The values an error names, and its unique id.
fn named_values<'a>(views: &Views, error: &Record<'a>) -> Vec<Cow<'a, str>> {
    let attributes = error.list(views.dom_error.attributes).iter();
    attributes
        .filter_map(|attribute| owned(attribute, views.name_value.value))
        .chain(owned(error, views.dom_error.exception_id))
        .filter_map(presentable)
        .collect()
}

fn set_reasons<'a>(views: &Views, refusal: &mut Record<'a>, texts: Vec<Cow<'a, str>>) {
    let reason = |text| {
        let mut reason = views.reason.shape.empty();
        reason.set_text(views.reason.text, text);
        reason
    };
    refusal.set(views.refusal.reasons, Value::List(texts.into_iter().map(reason).collect()));
}

/// The part of a DOM's text a store may be shown: its first line, cut to a bearable length; nothing if that is markup
/// or a line of a program's stack.
fn presentable(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let line = text.trim_start().lines().next().unwrap_or_default().trim();
    let is_internal = line.starts_with('<') || line.starts_with("at ") || line.contains("\tat ");
    if line.is_empty() || is_internal {
        return None;
    }
    if line.len() == text.len() && line.len() <= MOST_CHARACTERS {
        return Some(text);
    }
    Some(Cow::Owned(line.chars().take(MOST_CHARACTERS).collect()))
}
