//! The data listener's service: which path belongs to whom, one log line and one count per call.

use std::convert::Infallible;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use gateway_model::{Class, Fault, codes};
use gateway_transport::listener::{Caller, Rejection, RequestHead};
use gateway_wire::soap::Form;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response};
use matchit::Router;
use prometheus_client::metrics::gauge::Gauge;

use crate::clock::Identity;
use crate::metrics::{Counted, LimitMetrics, StockMetrics};
use crate::push_call;
use crate::ready::Ready;
use crate::request_id;
use crate::respond::{self, Body, CallNote, form_of};
use crate::room::{Place, Room};
use crate::store_call::{self, Handled};
use crate::trace::TraceContext;

/// The services of a store, below its path (contract store section 1). The store's administrator may also give the bare
/// path for both.
const SERVICES: [&str; 3] = ["", "/InventoryServices", "/OrderServices"];

/// What the store polls to learn whether the systems behind it are there (contract store section 14.2).
const HEARTBEAT: &str = "/heartbeat";

/// Serves stores and DOMs with what is in force when a call begins.
#[derive(Debug)]
pub struct Front {
    state: ArcSwap<State>,
    room: Room,
}

#[derive(Debug)]
struct State {
    ready: Ready,
    routes: Router<Target>,
}

/// Whose path it is; the number is a place in the ready's list.
#[derive(Debug, Clone, Copy)]
enum Target {
    Store(usize),
    Heartbeat,
    Dom(usize),
}

// === impl Front ===

impl Front {
    /// Serves this ready.
    ///
    /// # Errors
    /// Two paths that cannot be told apart.
    pub fn new(ready: Ready) -> anyhow::Result<Self> {
        let routes = routes(&ready)?;
        let room = Room::new(&ready.config.listen);
        Ok(Self { state: ArcSwap::from_pointee(State { ready, routes }), room })
    }

    /// The configuration in force, without secrets.
    #[must_use]
    pub fn effective_config(&self) -> serde_json::Value {
        self.state.load().ready.config.effective()
    }

    /// The metrics in the Prometheus text format.
    #[must_use]
    pub fn metrics_text(&self) -> String {
        let state = self.state.load();
        let ready = &state.ready;
        let stock = StockMetrics { stocks: Arc::clone(&ready.stocks), fetched: ready.fetch_counts() };
        let limits = LimitMetrics { doms: ready.limits.clone(), joined: ready.joins.counts() };
        ready.metrics.text(stock, limits)
    }

    /// Looks at what is in force.
    pub fn look<T>(&self, look: impl FnOnce(&Ready) -> T) -> T {
        look(&self.state.load().ready)
    }

    /// Answers a request the listener refused before it was a call: logged and counted like one.
    #[must_use]
    pub fn rejected(&self, rejection: &Rejection, head: &RequestHead) -> Response<Bytes> {
        let state = self.state.load();
        let identity = state.ready.outside.clock.identity();
        let id = identity.id.clone();
        let fault = Fault::from(rejection);
        let target = state.routes.at(head.uri.path()).map_or(Target::Heartbeat, |found| *found.value);
        let caller = state.caller(target);
        state.ready.metrics.rejected(caller, &fault);
        tracing::warn!(
            request.id = %id, caller, code = %fault.code, origin = fault.origin.name(),
            dom_may_have_acted = fault.reached.name(), repeat = fault.repeat.name(), "refused: {}", fault.message
        );
        let body = match target {
            Target::Dom(index) => state.refused_push(index, &fault, &identity),
            Target::Store(_) | Target::Heartbeat => Body::Fault,
        };
        respond::rejected(rejection, head, body, id)
    }

    /// Answers a request.
    ///
    /// # Errors
    /// None: every fault is an answer.
    pub async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Result<Response<Bytes>, Infallible> {
        let caller = request.extensions().get::<Caller>().cloned().unwrap_or_else(Caller::who_stays);
        let state = self.state.load_full();
        let identity = state.ready.outside.clock.identity();
        let call = Call { state: &state, identity: &identity, caller, room: &self.room };
        let response = match state.routes.at(request.uri().path()).map(|found| *found.value) {
            Ok(Target::Heartbeat) => respond::plain("alive\n"),
            Ok(target) => match call.admitted(target) {
                Ok(_place) => call.carried_out(target, &request).await,
                Err(fault) => call.refused(target, &request, fault),
            },
            Err(_) => call.nobodys(&request),
        };
        Ok(response)
    }
}

// === impl State ===

impl State {
    /// The name of whoever calls this, as it stands in logs and metrics.
    fn caller(&self, target: Target) -> &str {
        let ready = &self.ready;
        let name = match target {
            Target::Store(index) => ready.stores.get(index).map(|port| port.store.name.value.as_str()),
            Target::Dom(index) => ready.doms.get(index).map(|port| port.dom.name.value.as_str()),
            Target::Heartbeat => None,
        };
        name.unwrap_or("nobody")
    }

    /// The refusal of a push that nobody read, in its DOM's own words.
    fn refused_push(&self, dom: usize, fault: &Fault, identity: &Identity) -> Body {
        let ready = &self.ready;
        let Some(port) = ready.doms.get(dom) else { return Body::Fault };
        let (trace, caller) = (&TraceContext::default(), &Caller::who_stays());
        push_call::refused(push_call::Surroundings { ready, port, identity, trace, caller }, fault)
    }
}

fn routes(ready: &Ready) -> anyhow::Result<Router<Target>> {
    let mut routes = Router::new();
    for (index, port) in ready.stores.iter().enumerate() {
        let path = port.store.path.value.trim_end_matches('/');
        for service in SERVICES {
            routes.insert(format!("{path}{service}"), Target::Store(index))?;
        }
        routes.insert(format!("{path}{HEARTBEAT}"), Target::Heartbeat)?;
    }
    for (index, port) in ready.doms.iter().enumerate() {
        if let Some(push) = &port.dom.push {
            routes.insert(push.path.value.clone(), Target::Dom(index))?;
        }
    }
    Ok(routes)
}

/// Counts a call as under way until it is over, however it ends.
struct UnderWay<'m>(&'m Gauge);

impl<'m> UnderWay<'m> {
    fn begin(gauge: &'m Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// One call at the front.
struct Call<'c> {
    state: &'c State,
    identity: &'c Identity,
    caller: Caller,
    room: &'c Room,
}

// === impl Call ===

impl Call<'_> {
    /// A place for the call. Of a push its path says what it is, of a store's call its document will.
    fn admitted(&self, target: Target) -> Result<Place<'_>, Fault> {
        let place = self.room.enter()?;
        match target {
            Target::Dom(_) => self.room.stay(Class::Push).map(|()| place),
            Target::Store(_) | Target::Heartbeat => Ok(place),
        }
    }

    async fn carried_out(&self, target: Target, request: &Request<Bytes>) -> Response<Bytes> {
        if request.method() != Method::POST {
            let text = format!("`{}` is not understood here, expected POST", request.method());
            return self.refused(target, request, Fault::store(codes::METHOD_NOT_ALLOWED, text));
        }
        let metrics = &self.state.ready.metrics;
        let _counted = UnderWay::begin(metrics.under_way());
        let trace = TraceContext::of(request.headers());
        let handled = self.handled(target, request, &trace).await;
        metrics.document(handled.passed_over.0, handled.passed_over.1);
        self.answered(target, request, (&trace, handled))
    }

    async fn handled(&self, target: Target, request: &Request<Bytes>, trace: &TraceContext) -> Handled {
        let Self { state, identity, caller, room } = self;
        let ready = &state.ready;
        match target {
            Target::Store(index) => match ready.stores.get(index) {
                Some(port) => {
                    let class = Class::Browse;
                    let around =
                        store_call::Surroundings { ready, port, identity, trace, caller, class, room };
                    store_call::carry_out(around, request).await
                }
                None => lost(),
            },
            Target::Dom(index) => match ready.doms.get(index) {
                Some(port) => {
                    let around = push_call::Surroundings { ready, port, identity, trace, caller };
                    push_call::carry_out(around, request).await
                }
                None => lost(),
            },
            Target::Heartbeat => lost(),
        }
    }

    /// Refuses without reading the document.
    fn refused(&self, target: Target, request: &Request<Bytes>, fault: Fault) -> Response<Bytes> {
        let trace = &TraceContext::of(request.headers());
        let mut handled = lost();
        handled.form = form_of(request.headers().get(CONTENT_TYPE));
        if let Target::Dom(index) = target {
            (handled.form, handled.body) =
                (Form::Bare, self.state.refused_push(index, &fault, self.identity));
        }
        handled.fault = Some(fault);
        self.answered(target, request, (trace, handled))
    }

    fn nobodys(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let text = format!("nobody is configured for the path `{}`", request.uri().path());
        let handled = Handled { fault: Some(Fault::store(codes::UNKNOWN_PATH, text)), ..lost() };
        self.answered(Target::Heartbeat, request, (&TraceContext::of(request.headers()), handled))
    }

    /// Counts, logs and answers.
    fn answered(
        &self,
        target: Target,
        request: &Request<Bytes>,
        (trace, handled): (&TraceContext, Handled),
    ) -> Response<Bytes> {
        let caller = self.state.caller(target);
        let took = self.caller.since().elapsed();
        let operation = push_call::name(handled.operation);
        let fault = handled.fault.as_ref();
        self.state.ready.metrics.call(Counted { caller, operation, fault, took });
        let note = CallNote {
            request_id: request_id::of(request),
            attempts: handled.attempts,
            age_ms: handled.age_ms,
        };
        log(&note, caller, &handled, (trace, took, request.body().len()));
        match target {
            Target::Dom(_) => respond::to_dom(handled.form, handled.body, fault, &note),
            Target::Store(_) | Target::Heartbeat => {
                respond::to_store(handled.form, handled.body, fault, &note)
            }
        }
    }
}

/// One line per call. Nothing of the document is in it but its identity.
fn log(
    note: &CallNote,
    caller: &str,
    handled: &Handled,
    (trace, took, body_bytes): (&TraceContext, std::time::Duration, usize),
) {
    let operation = push_call::name(handled.operation);
    let duration_ms = took.as_secs_f64() * 1_000.0;
    let (message_id, trace_id) = (handled.message_id.as_deref(), trace.id());
    match &handled.fault {
        None => tracing::info!(
            request.id = %note.request_id, caller, operation, message.id = message_id, trace.id = trace_id,
            attempts = note.attempts, age_ms = note.age_ms, body_bytes, skipped = handled.passed_over.0,
            unmapped = handled.passed_over.1, duration_ms, "answered"
        ),
        Some(fault) => tracing::warn!(
            request.id = %note.request_id, caller, operation, message.id = message_id, trace.id = trace_id,
            attempts = note.attempts, body_bytes, duration_ms, code = %fault.code, origin = fault.origin.name(),
            dom_may_have_acted = fault.reached.name(), repeat = fault.repeat.name(), places = ?fault.places,
            "refused: {}", fault.message
        ),
    }
}

/// A call without a place to go; only until a fault is put in.
fn lost() -> Handled {
    let fault = Fault::gateway(codes::INTERNAL, "the path leads nowhere");
    Handled { fault: Some(fault), ..Handled::begun(Form::Soap11) }
}
