//! The life of a DOM's push: read, find its store, tell it, and say to the DOM how that went.
//!
//! The DOM is told of success only after the store took the message; a failure names the reason and makes it send again.

mod errand;
mod lanes;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_exchange::push::{Told, Untaken};
use gateway_exchange::{Interpreter, Operation};
use gateway_mapping::{Dialect, Side};
use gateway_model::{Fault, Origin, codes};
use gateway_policy::{RetryLayer, retry};
use gateway_transport::listener::Caller;
use gateway_wire::soap::{self, Envelope, Form};
use http::Request;

use crate::admission::admit_head;
use crate::clock::Identity;
use crate::config;
use crate::hang_up::Watched;
use crate::ready::{DomPort, Ready, StorePort};
use crate::request_id;
use crate::respond::Body;
use crate::store_call::{Handled, charset};
use crate::trace::TraceContext;

pub use errand::WorthRepeating;
pub use lanes::Lanes;

use errand::Errand;

/// What the pushes of one DOM share.
#[derive(Debug)]
pub struct Ways {
    /// The order of its events.
    pub lanes: Arc<Lanes>,
    /// How often a store is told.
    pub retry: RetryLayer<WorthRepeating>,
    /// From an event to its answer.
    pub budget: Duration,
}

/// What a push needs beside its request.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'c> {
    /// Configuration and mappings.
    pub ready: &'c Ready,
    /// The DOM that pushes.
    pub port: &'c DomPort,
    /// When documents are written and their identity.
    pub identity: &'c Identity,
    /// The caller's trace context.
    pub trace: &'c TraceContext,
    /// Who waits for the acknowledgement.
    pub caller: &'c Caller,
}

// === impl Ways ===

impl Ways {
    /// What the pushes of a DOM so configured share.
    ///
    /// # Errors
    /// A retry setting that cannot be.
    pub fn new(push: &config::Push) -> Result<Self, retry::BadParams> {
        let params = retry::Params {
            attempts: push.retry.retry.attempts,
            first_wait: push.retry.retry.first_delay,
            longest_wait: push.retry.retry.longest_delay,
            budget: push.retry.budget_percent as f32 / 100.0,
            seed: fastrand::u64(..),
        };
        let lanes = Arc::new(Lanes::new(push.events, push.orders));
        Ok(Self { lanes, retry: retry(&params, WorthRepeating)?, budget: push.budget() })
    }
}

/// Carries a push out.
pub async fn carry_out(around: Surroundings<'_>, request: &Request<Bytes>) -> Handled {
    let mut handled = Handled::begun(Form::Bare);
    if let Err(fault) = acknowledged(around, request, &mut handled).await {
        handled.body = refused(around, &fault);
        handled.fault = Some(fault);
    }
    handled
}

/// The way to the acknowledgement. An error means that the push was not understood.
async fn acknowledged(
    around: Surroundings<'_>,
    request: &Request<Bytes>,
    handled: &mut Handled,
) -> Result<(), Fault> {
    let interpreter = &around.ready.interpreter;
    let credentials = around.port.dom.push.as_ref().map(|push| &push.credentials);
    if let Some(expected) = credentials {
        admit_head(expected, request.headers())?;
    }
    let refused = |refusal: gateway_wire::Refusal| refusal.into_fault(Origin::Dom);
    let text = interpreter.decode(request.body(), charset(request).as_deref()).map_err(refused)?;
    let tree = interpreter.parse(&text).map_err(refused)?;
    let Envelope { form, payload, .. } = soap::open(&tree).map_err(refused)?;
    handled.form = form;
    let dom = own_dialect(around)?;
    let told = interpreter
        .read_push(dom, store_dialects(around.ready), (&tree, payload))
        .map_err(|unread| unread.fault)?;
    let operation = told.question.operation;
    handled.operation = Some(operation);
    handled.message_id = interpreter.message_id(&told.question.record).map(ToOwned::to_owned);
    handled.passed_over = (told.question.skipped, told.question.unmapped.len());
    let (id, metrics) = (request_id::of(request), &around.ready.metrics);
    let (caller, name) = (around.caller, around.port.dom.name.value.as_str());
    let watched = Watched { caller, name, operation, request_id: &id, metrics };
    let outcome = watched.write(deliver(around, &told, handled)).await;
    let stamp = around.identity.stamp();
    let document =
        interpreter.acknowledge((operation, Some(&told)), told.dialect, outcome.as_ref().copied(), stamp)?;
    handled.body = Body::Document(document);
    handled.fault = outcome.err().map(|untaken| untaken.fault);
    Ok(())
}

/// Tells the store. An event that means nothing to it is done with.
async fn deliver(around: Surroundings<'_>, told: &Told<'_>, handled: &mut Handled) -> Result<(), Untaken> {
    let interpreter = &around.ready.interpreter;
    let operation = told.question.operation;
    let port = store_of(around, told)?;
    let kept = remember(around, port, told)?;
    let Some(link) = &port.link else {
        // What is kept of stock serves the store, also if it wants to hear of nothing.
        if kept {
            return Ok(());
        }
        let text = format!("the store `{}` takes no pushes: it has no `inbound`", port.store.name.value);
        return Err(Fault::gateway(codes::UNKNOWN_STORE, text).into());
    };
    let Some(ways) = &around.port.pushes else {
        return Err(Fault::gateway(codes::INTERNAL, "the DOM has no `push`").into());
    };
    let Some(record) = interpreter.for_store(told) else { return Ok(()) };
    let errand = Errand { operation, record, store: port, link, ways, around };
    let returned = errand.sent().await;
    handled.attempts += returned.attempts;
    returned.outcome
}

/// Takes what an event says of stock into the cache, whether the store takes it or not: it is true in any case. Whether any
/// of it is kept.
fn remember(around: Surroundings<'_>, port: &StorePort, told: &Told<'_>) -> Result<bool, Fault> {
    let interpreter = &around.ready.interpreter;
    let Some(event) = interpreter.stock_event(told) else { return Ok(false) };
    let Some(store) = interpreter.store_told(told).or_else(|| port.only_id()) else { return Ok(false) };
    let told = interpreter.stock_told(&event);
    let heard = around.ready.stocks.hear(store, &told, around.identity.now.as_millisecond())?;
    Ok(heard.passed_by < told.len())
}

/// The store a push names; the only one when it names none and there is only one. One that names a store nobody knows is
/// for nobody, however few stores there are.
fn store_of<'g>(around: Surroundings<'g>, told: &Told<'_>) -> Result<&'g StorePort, Fault> {
    let ready = around.ready;
    let unknown = |text| Err(Fault::dom(codes::UNKNOWN_STORE, text));
    let Some(id) = ready.interpreter.store_told(told) else {
        return match (ready.stores.as_slice(), told.question.unmapped.as_slice()) {
            ([only], []) => Ok(only),
            (_, []) => unknown("the event names no store, and there are several".to_owned()),
            (_, unmapped) => unknown(format!(
                "the event names no store that is known: there is no row for {}",
                unmapped.join(" and ")
            )),
        };
    };
    match ready.store_of_id(id) {
        Some(port) => Ok(port),
        None => unknown(format!("the event is for the store `{id}`, which no `[[store]]` has among its ids")),
    }
}

/// The refusal of a push that was not understood, in the DOM's own words.
pub(crate) fn refused(around: Surroundings<'_>, fault: &Fault) -> Body {
    let written = own_dialect(around)
        .and_then(|dom| around.ready.interpreter.refuse_push(dom, fault, around.identity.stamp()));
    written.map_or(Body::Fault, Body::Document)
}

fn own_dialect(around: Surroundings<'_>) -> Result<&Dialect, Fault> {
    dialect(&around.ready.interpreter, &around.port.dom.dialect.value, Side::Dom)
}

/// The dialects of the configured stores, for DOMs that push the stores' own documents.
fn store_dialects(ready: &Ready) -> impl Iterator<Item = &Dialect> {
    ready.stores.iter().filter_map(|port| ready.interpreter.dialect(&port.store.dialect.value, Side::Store))
}

fn dialect<'i>(interpreter: &'i Arc<Interpreter>, name: &str, side: Side) -> Result<&'i Dialect, Fault> {
    interpreter
        .dialect(name, side)
        .ok_or_else(|| Fault::gateway(codes::INTERNAL, format!("the dialect `{name}` is not loaded")))
}

/// Kept where its use is read: an operation's name for the log.
pub(crate) const fn name(operation: Option<Operation>) -> &'static str {
    match operation {
        Some(operation) => operation.name(),
        None => "unknown",
    }
}
