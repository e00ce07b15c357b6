//! The one place where a fault becomes an answer: which form, which HTTP status, which words.
//!
//! A store's connector stops calling for a while after a SOAP fault, so a fault is kept for what the store cannot
//! read otherwise; whatever has a business answer goes in-band (contract store section 13). Every answer explains
//! itself in the same words as the log: request id, origin, code, attempts, whether the DOM may have acted.

use bytes::Bytes;
use gateway_model::{Fault, Origin, codes};
use gateway_transport::listener::{Rejection, RequestHead};
use gateway_wire::soap::{self, Form, Side, SoapFault};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::request_id::REQUEST_ID;

/// What every answer says of its call.
#[derive(Debug, Clone, Default)]
pub struct CallNote {
    /// The call's id.
    pub request_id: String,
    /// Requests sent to the DOM.
    pub attempts: u32,
    /// How old the oldest of what was answered from memory is, in milliseconds.
    pub age_ms: Option<i64>,
}

/// The document of an answer.
#[derive(Debug)]
pub enum Body {
    /// A document of the dialect, without an envelope.
    Document(Vec<u8>),
    /// Nothing the dialect has words for.
    Fault,
}

const ORIGIN: HeaderName = HeaderName::from_static("x-gateway-origin");
const CODE: HeaderName = HeaderName::from_static("x-gateway-code");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-gateway-attempts");
const AGE: HeaderName = HeaderName::from_static("x-gateway-age");
const REACHED: HeaderName = HeaderName::from_static("x-gateway-dom-may-have-acted");
const REPEAT: HeaderName = HeaderName::from_static("x-gateway-repeat");

/// A store's answer in the form its request came in. `fault` is what went wrong, whether the document says it in-band
/// or it is answered as a SOAP fault.
#[must_use]
pub fn to_store(form: Form, body: Body, fault: Option<&Fault>, note: &CallNote) -> Response<Bytes> {
    let (status, bytes) = match body {
        Body::Document(document) => (StatusCode::OK, envelope(form, document)),
        Body::Fault => {
            let internal = Fault::gateway(codes::INTERNAL, "no answer was made");
            let fault = fault.unwrap_or(&internal);
            (store_status(form, fault), soap_fault(form, fault, note))
        }
    };
    let mut response = answer(status, content_type(form), bytes);
    explain(&mut response, fault, note);
    response
}

/// A DOM's answer to its push: in the form it came in, with a status by which its sender sees that it has to send again.
#[must_use]
pub fn to_dom(form: Form, body: Body, fault: Option<&Fault>, note: &CallNote) -> Response<Bytes> {
    let status = fault.map_or(StatusCode::OK, push_status);
    let bytes = match body {
        Body::Document(document) => envelope(form, document),
        Body::Fault => fault.map(|fault| soap_fault(form, fault, note)).unwrap_or_default(),
    };
    let mut response = answer(status, content_type(form), bytes);
    explain(&mut response, fault, note);
    response
}

/// The answer to a request the listener refused before anybody read it: a SOAP fault, unless there is a document for it.
/// No stack was passed, so its id is put in here.
#[must_use]
pub fn rejected(
    rejection: &Rejection,
    head: &RequestHead,
    body: Body,
    request_id: String,
) -> Response<Bytes> {
    let fault = Fault::from(rejection);
    let note = CallNote { request_id, ..CallNote::default() };
    let status = match rejection {
        Rejection::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Rejection::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
        Rejection::Broken | Rejection::Doubtful(_) => StatusCode::BAD_REQUEST,
        Rejection::TooManyConnections { .. } | Rejection::NoMemory { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Rejection::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let (form, bytes) = match body {
        Body::Document(document) => (Form::Bare, envelope(Form::Bare, document)),
        Body::Fault => {
            let form = form_of(head.content_type.as_ref());
            (form, soap_fault(form, &fault, &note))
        }
    };
    let mut response = answer(status, content_type(form), bytes);
    explain(&mut response, Some(&fault), &note);
    if let Ok(id) = HeaderValue::from_str(&note.request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Plain text, for people and probes.
#[must_use]
pub fn plain(text: impl Into<String>) -> Response<Bytes> {
    answer(StatusCode::OK, "text/plain; charset=utf-8", text.into().into_bytes())
}

/// A document for people and collectors.
#[must_use]
pub fn shown(content_type: &'static str, text: String) -> Response<Bytes> {
    answer(StatusCode::OK, content_type, text.into_bytes())
}

/// Not ready: a balancer should send calls elsewhere.
#[must_use]
pub fn not_ready(text: &str) -> Response<Bytes> {
    answer(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text.as_bytes().to_vec())
}

/// Nothing here, for the admin listener.
#[must_use]
pub fn nothing_here(known: &str) -> Response<Bytes> {
    answer(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", known.as_bytes().to_vec())
}

/// Refused by the admin listener, in a sentence for whoever reads it; a wrong method names the one that is right.
#[must_use]
pub fn refused(status: StatusCode, allowed: Option<&'static str>, text: String) -> Response<Bytes> {
    let mut response = answer(status, "text/plain; charset=utf-8", text.into_bytes());
    if let Some(allowed) = allowed {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    response
}

/// The form a caller writes in, as far as its content type tells: for answers to what was not read.
#[must_use]
pub fn form_of(content_type: Option<&HeaderValue>) -> Form {
    let text = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    if text.trim_start().to_ascii_lowercase().starts_with("application/soap+xml") {
        Form::Soap12
    } else {
        Form::Soap11
    }
}

/// HTTP status of a fault towards a store. SOAP 1.1 wants 500 for every fault; SOAP 1.2 has 400 for the sender's. What
/// HTTP itself has a word for keeps it.
fn store_status(form: Form, fault: &Fault) -> StatusCode {
    match fault.code {
        codes::NOT_AUTHENTICATED => StatusCode::UNAUTHORIZED,
        codes::UNKNOWN_PATH => StatusCode::NOT_FOUND,
        codes::METHOD_NOT_ALLOWED => StatusCode::METHOD_NOT_ALLOWED,
        // Nothing was done, and coming back later helps: what a balancer or a connector knows how to read.
        codes::OVERLOADED | codes::DRAINING | codes::DOM_NOT_ASKED => StatusCode::SERVICE_UNAVAILABLE,
        _ if form == Form::Soap12 && fault.origin == Origin::Store => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// HTTP status of a failed push. All but the first few make the DOM's sender keep the event.
fn push_status(fault: &Fault) -> StatusCode {
    match fault.code {
        codes::NOT_AUTHENTICATED => StatusCode::UNAUTHORIZED,
        codes::UNKNOWN_PATH => StatusCode::NOT_FOUND,
        codes::METHOD_NOT_ALLOWED => StatusCode::METHOD_NOT_ALLOWED,
        codes::STORE_UNREACHABLE | codes::STORE_UNEXPECTED => StatusCode::BAD_GATEWAY,
        codes::STORE_TIMEOUT | codes::DEADLINE => StatusCode::GATEWAY_TIMEOUT,
        codes::OVERLOADED | codes::DRAINING => StatusCode::SERVICE_UNAVAILABLE,
        codes::STORE_REFUSED | codes::UNKNOWN_STORE => StatusCode::UNPROCESSABLE_ENTITY,
        _ if fault.origin == Origin::Gateway => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn soap_fault(form: Form, fault: &Fault, note: &CallNote) -> Vec<u8> {
    let side = if fault.origin == Origin::Store { Side::Client } else { Side::Server };
    let detail = |name: &str, value: String| (name.to_owned(), value);
    let mut details = vec![
        detail("requestId", note.request_id.clone()),
        detail("code", fault.code.to_string()),
        detail("origin", fault.origin.name().to_owned()),
        detail("attempts", note.attempts.to_string()),
        detail("domMayHaveActed", fault.reached.name().to_owned()),
        detail("repeat", fault.repeat.name().to_owned()),
    ];
    details.extend(fault.places.iter().map(|place| detail("place", place.clone())));
    let text = format!("{}: {}", fault.code, fault.message);
    let mut out = Vec::new();
    soap::fault(form, &SoapFault { side, text, actor: None, details }, &mut out);
    out
}

/// The document in the form the request came in, behind an XML declaration.
fn envelope(form: Form, document: Vec<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(document.len() + 256);
    if form == Form::Bare {
        out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }
    soap::wrap(form, None, |out| out.extend_from_slice(&document), &mut out);
    out
}

const fn content_type(form: Form) -> &'static str {
    match form {
        Form::Bare | Form::Soap11 => "text/xml; charset=utf-8",
        Form::Soap12 => "application/soap+xml; charset=utf-8",
    }
}

fn answer(status: StatusCode, content_type: &'static str, bytes: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Headers that explain the answer; the stack adds the request id.
fn explain(response: &mut Response<Bytes>, fault: Option<&Fault>, note: &CallNote) {
    let headers = response.headers_mut();
    headers.insert(ATTEMPTS, HeaderValue::from(note.attempts));
    if let Some(age_ms) = note.age_ms {
        headers.insert(AGE, HeaderValue::from(age_ms / 1_000));
    }
    let Some(fault) = fault else { return };
    headers.insert(ORIGIN, HeaderValue::from_static(fault.origin.name()));
    headers.insert(REACHED, HeaderValue::from_static(fault.reached.name()));
    headers.insert(REPEAT, HeaderValue::from_static(fault.repeat.name()));
    if let Ok(code) = HeaderValue::from_str(&fault.code.to_string()) {
        headers.insert(CODE, code);
    }
    match fault.code {
        codes::NOT_AUTHENTICATED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"dom-gateway\""));
        }
        codes::METHOD_NOT_ALLOWED => {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        _ => {}
    }
    let pause = fault.retry_after.map(|pause| pause.length().as_millis().div_ceil(1_000));
    let comes_back = matches!(fault.code, codes::OVERLOADED | codes::DRAINING | codes::DOM_NOT_ASKED);
    let pause = pause.or_else(|| comes_back.then_some(1));
    if let Some(seconds) = pause.and_then(|seconds| u64::try_from(seconds).ok()) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}
