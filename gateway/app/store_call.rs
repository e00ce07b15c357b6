//! The life of a store's call, from its bytes to its answer's bytes.
//!
//! Read top to bottom: check the head's credentials, decode, parse, open the envelope, check its token, read the question,
//! answer from memory or with an equal call under way (`joined`), else plan it, ask the DOM, answer. What fails before the
//! question is understood is answered as a SOAP fault; of what fails after it, `telling` decides (contract store section 13).

mod age;
mod inventory;
pub mod joined;
mod reserve;
mod telling;
mod transfer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use futures_util::future::try_join_all;
use gateway_exchange::{Answer, Call, Ends, Interpreter, Operation, Question, Reply};
use gateway_mapping::{Dialect, Side};
use gateway_model::{Class, Fault, Origin, Reached, Record, Repeat, codes};
use gateway_policy::join::Entered;
use gateway_policy::{Budgeted, Deadline};
use gateway_transport::listener::Caller;
use gateway_wire::soap::{self, Envelope, Form};
use http::Request;
use http::header::CONTENT_TYPE;
use tower::{Service, ServiceExt};

use self::telling::goes_in_band;
use crate::admission::{admit_head, admit_token};
use crate::clock::Identity;
use crate::dom_link::DomCall;
use crate::hang_up::Watched;
use crate::ready::{Ready, StorePort};
use crate::request_id;
use crate::respond::{Body, form_of};
use crate::room::Room;
use crate::trace::TraceContext;

/// How a call ended.
#[derive(Debug)]
pub struct Handled {
    /// The form of the answer.
    pub form: Form,
    /// Its document.
    pub body: Body,
    /// What went wrong, also when the document says it in-band.
    pub fault: Option<Fault>,
    /// What was asked; `None` if that was never understood.
    pub operation: Option<Operation>,
    /// The identity the document gave itself.
    pub message_id: Option<String>,
    /// Requests sent to the DOM; of a call that asked together with others, the most that one of its lines took.
    pub attempts: u32,
    /// How old the oldest of what was answered from memory is, in milliseconds.
    pub age_ms: Option<i64>,
    /// Elements nobody asked for, and values in no table.
    pub passed_over: (usize, usize),
}

// === impl Handled ===

impl Handled {
    /// A call of which nothing is known yet; without more, it is answered with a fault.
    #[must_use]
    pub const fn begun(form: Form) -> Self {
        Self {
            form,
            body: Body::Fault,
            fault: None,
            operation: None,
            message_id: None,
            attempts: 0,
            age_ms: None,
            passed_over: (0, 0),
        }
    }
}

/// What a call needs beside its request.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'c> {
    /// Configuration and mappings.
    pub ready: &'c Ready,
    /// The store that calls.
    pub port: &'c StorePort,
    /// When the answer is written and its identity.
    pub identity: &'c Identity,
    /// The caller's trace context.
    pub trace: &'c TraceContext,
    /// Who waits for the answer.
    pub caller: &'c Caller,
    /// How urgent the call is, and with it whatever is asked on its behalf; the least until its question is read.
    pub class: Class,
    /// The room it takes.
    pub room: &'c Room,
}

/// Carries a call out.
pub async fn carry_out(around: Surroundings<'_>, request: &Request<Bytes>) -> Handled {
    let mut handled = Handled::begun(form_of(request.headers().get(CONTENT_TYPE)));
    match answered(around, request, &mut handled).await {
        Ok(answer) => {
            handled.body = Body::Document(answer.document);
            handled.fault = answer.refused;
        }
        Err(fault) => handled.fault = Some(fault),
    }
    handled
}

/// The way to the answer; what is learnt on it is noted in `handled`.
async fn answered(
    around: Surroundings<'_>,
    request: &Request<Bytes>,
    handled: &mut Handled,
) -> Result<Answer, Fault> {
    let interpreter = &*around.ready.interpreter;
    let store = dialect(interpreter, &around.port.store.dialect.value, Side::Store)?;
    let dom = dialect(interpreter, &around.port.dom.dialect.value, Side::Dom)?;
    admit_head(&around.port.store.credentials, request.headers())?;
    let refused = |refusal: gateway_wire::Refusal| refusal.into_fault(Origin::Store);
    let text = interpreter.decode(request.body(), charset(request).as_deref()).map_err(refused)?;
    let tree = interpreter.parse(&text).map_err(refused)?;
    let Envelope { form, payload, credentials } = soap::open(&tree).map_err(refused)?;
    handled.form = form;
    admit_token(&around.port.store.credentials, credentials.as_ref())?;
    let read = interpreter.read_question(store, (&tree, payload), Origin::Store);
    let mut question = match read {
        Ok(question) => question,
        Err(unread) => {
            let Some((operation, record)) = unread.begun.as_deref() else { return Err(unread.fault) };
            handled.operation = Some(*operation);
            handled.message_id = interpreter.message_id(record).map(ToOwned::to_owned);
            return in_band(around, (*operation, record), store, unread.fault);
        }
    };
    handled.operation = Some(question.operation);
    handled.message_id = interpreter.message_id(&question.record).map(ToOwned::to_owned);
    let around = Surroundings { class: question.operation.class(), ..around };
    if let Err(fault) = own_store(around, &question) {
        return in_band(around, (question.operation, &question.record), store, fault);
    }
    if let Err(fault) = around.room.stay(around.class) {
        return told(around, &question, store, fault);
    }
    let ends = Ends { store, dom, variant: around.port.variant(question.operation) };
    let id = request_id::of(request);
    let watched = watched(around, question.operation, &id);
    let reads = question.operation.only_reads();
    let work = asked(around, &mut question, ends, handled);
    let answer = match reads {
        true => watched.read(work).await.unwrap_or_else(|| Err(caller_gone())),
        false => watched.write(work).await,
    };
    handled.passed_over = (question.skipped, question.unmapped.len());
    answer.or_else(|fault| told(around, &question, store, fault))
}

/// Tells the store of a fault, in-band where it has a place there.
fn told(
    around: Surroundings<'_>,
    question: &Question<'_>,
    store: &Dialect,
    fault: Fault,
) -> Result<Answer, Fault> {
    match goes_in_band(question.operation, &fault) {
        true => in_band(around, (question.operation, &question.record), store, fault),
        false => Err(fault),
    }
}

fn watched<'c>(around: Surroundings<'c>, operation: Operation, request_id: &'c str) -> Watched<'c> {
    let (caller, name) = (around.caller, around.port.store.name.value.as_str());
    Watched { caller, name, operation, request_id, metrics: &around.ready.metrics }
}

/// Nobody reads the answer; it is for the log.
fn caller_gone() -> Fault {
    Fault::store(codes::CALLER_GONE, "the caller hung up before the answer")
        .reached(Reached::Maybe)
        .repeat(Repeat::Safe)
}

fn too_late() -> Fault {
    let text = "the call's time was over before the DOM was asked";
    Fault::network(codes::DEADLINE, text)
}

/// A store may not speak for another one that is configured: its path and credentials are its own.
fn own_store(around: Surroundings<'_>, question: &Question<'_>) -> Result<(), Fault> {
    let Some(id) = question.store(&around.ready.interpreter) else { return Ok(()) };
    let of_other = |port: &StorePort| port.store.path.value != around.port.store.path.value;
    if around.ready.store_of_id(id).is_some_and(of_other) {
        let text = format!("the document is of the store `{id}`, which has another path than this one");
        return Err(Fault::store(codes::UNKNOWN_STORE, text));
    }
    Ok(())
}

/// Answers from what is remembered, if that can be, or with a call under way for the same document; else asks the DOM.
async fn asked(
    around: Surroundings<'_>,
    question: &mut Question<'_>,
    ends: Ends<'_>,
    handled: &mut Handled,
) -> Result<Answer, Fault> {
    // From when the request had arrived whole. One for both ways: what could not be answered line by line has only the
    // rest of it.
    let deadline = Deadline::at(around.caller.since() + around.port.deadline(question.operation).call);
    if let Some(answer) = inventory::answered(around, question, (ends.store, deadline), handled).await? {
        return Ok(answer);
    }
    let Some(identity) = joined::identity(around, question) else {
        return carried(around, question, (ends, deadline), handled, &|| true).await;
    };
    match around.ready.joins.enter(identity)? {
        // Whoever is first runs to its end whether its caller stays or not, as every write does (`hang_up`).
        Entered::First(lead) => {
            let is_heard = || !around.caller.is_gone() || !lead.is_alone();
            let mut answer = carried(around, question, (ends, deadline), handled, &is_heard).await;
            reserve::undo_unheard(around, question, (ends, deadline), (&mut answer, is_heard)).await;
            joined::tell(lead, &answer, handled.attempts);
            answer
        }
        Entered::Joined(follower) => {
            joined::answered(around, question, (ends, deadline), (follower, handled)).await
        }
    }
}

/// Has the DOM carry the question out, or answer it. What that taught of stock is remembered.
async fn carried(
    around: Surroundings<'_>,
    question: &mut Question<'_>,
    (ends, deadline): (Ends<'_>, Deadline),
    handled: &mut Handled,
    is_heard: &(dyn Fn() -> bool + Sync),
) -> Result<Answer, Fault> {
    let attempts = Arc::new(AtomicU32::new(0));
    let answer = match question.operation {
        Operation::Transfer => transfer::handed_over(around, question, ends, (&attempts, deadline)).await,
        Operation::Reserve => reserve::held(around, question, ends, (&attempts, deadline), is_heard).await,
        Operation::CancelReservation => {
            reserve::given_back(around, question, ends, (&attempts, deadline)).await
        }
        _ => asked_whole(around, question, ends, (&attempts, deadline)).await,
    };
    handled.attempts += attempts.load(Ordering::Relaxed);
    inventory::remember(around, question, &answer);
    answer
}

/// Plans the question, asks the DOM, and answers.
async fn asked_whole(
    around: Surroundings<'_>,
    question: &mut Question<'_>,
    ends: Ends<'_>,
    (attempts, deadline): (&Arc<AtomicU32>, Deadline),
) -> Result<Answer, Fault> {
    let interpreter = &around.ready.interpreter;
    let plan = interpreter.plan(question, ends.dom, ends.variant)?;
    let replies = ask(around, question.operation, &plan.calls, (attempts, deadline)).await?;
    interpreter.answer((question, &plan), ends, &replies, around.identity.stamp())
}

/// Sends these calls at once, as those of this operation; the first failure is that of all.
async fn ask(
    around: Surroundings<'_>,
    operation: Operation,
    calls: &[Call],
    (attempts, deadline): (&Arc<AtomicU32>, Deadline),
) -> Result<Vec<Reply>, Fault> {
    if deadline.has_passed() {
        return Err(too_late());
    }
    let upstream = around.port.upstream(operation).ok_or_else(|| {
        Fault::gateway(codes::INTERNAL, format!("there is no way to the DOM for `{}`", operation.name()))
    })?;
    let calls = calls.iter().map(|call| {
        let request = DomCall {
            call: Arc::new(call.clone()),
            trace: around.trace.clone(),
            attempts: Arc::clone(attempts),
            ends: deadline,
            class: around.class,
            store: Arc::clone(&around.port.name),
        };
        let mut upstream = upstream.clone();
        async move {
            let mut request = Budgeted::new(request);
            request.deadline = Some(deadline);
            upstream.ready().await?.call(request).await
        }
    });
    try_join_all(calls).await
}

fn in_band(
    around: Surroundings<'_>,
    question: (Operation, &Record<'_>),
    store: &Dialect,
    fault: Fault,
) -> Result<Answer, Fault> {
    let document = around.ready.interpreter.refuse(question, store, &fault, around.identity.stamp())?;
    Ok(Answer { refused: Some(fault), ..Answer::new(document) })
}

fn dialect<'i>(interpreter: &'i Interpreter, name: &str, side: Side) -> Result<&'i Dialect, Fault> {
    interpreter
        .dialect(name, side)
        .ok_or_else(|| Fault::gateway(codes::INTERNAL, format!("the dialect `{name}` is not loaded")))
}

/// The charset of the request's `Content-Type`.
pub(crate) fn charset(request: &Request<Bytes>) -> Option<String> {
    let text = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    gateway_exchange::charset_of(text).map(ToOwned::to_owned)
}
