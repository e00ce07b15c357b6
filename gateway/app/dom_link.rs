//! The way to one DOM: how a call becomes an HTTP request, who the gateway says it is, what came back.
//!
//! Facts: contract Sterling section 13. A token is fetched once for all callers and kept until its time is over or the
//! DOM refuses it; then it costs one login and one more try, never a storm.

mod login;
mod request;

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use gateway_exchange::{Call, Interpreter, Reply};
use gateway_mapping::{Dialect, Side};
use gateway_model::{Class, Fault, Repeat, codes};
use gateway_policy::{Budgeted, Deadline, Ranked};
use gateway_transport::sender::{self, Address, Neighbour, SendError, Spent, Way};
use http::HeaderMap;
use http::header::RETRY_AFTER;
use jiff::Timestamp;
use tower::Service;

use crate::clock::Clock;
use crate::config::{Connection, Dom};
use crate::dom_link::login::Session;
use crate::metrics::Metrics;
use crate::trace::TraceContext;

/// A call with what goes along with it.
#[derive(Debug, Clone)]
pub struct DomCall {
    /// The document and where it goes.
    pub call: Arc<Call>,
    /// The caller's trace context.
    pub trace: TraceContext,
    /// Counts the attempts, for the answer and the log.
    pub attempts: Arc<AtomicU32>,
    /// When the whole call has to be over; an attempt's time may be over earlier.
    pub ends: Deadline,
    /// How urgent it is: as whoever waits for it, whatever it asks.
    pub class: Class,
    /// The name of the store it is for.
    pub store: Arc<str>,
}

/// One DOM, ready to be called. Cheap to clone: all clones are one.
#[derive(Debug, Clone)]
pub struct DomLink(Arc<Link>);

#[derive(Debug)]
struct Link {
    name: String,
    dialect: String,
    connection: Connection,
    address: Address,
    program: String,
    way: Arc<dyn Way>,
    clock: Arc<dyn Clock>,
    session: Session,
    interpreter: Arc<Interpreter>,
    metrics: Metrics,
}

// === impl DomCall ===

impl Ranked for DomCall {
    fn class(&self) -> Class {
        self.class
    }

    fn store(&self) -> &str {
        &self.store
    }

    fn lines(&self) -> u32 {
        self.call.lines
    }
}

// === impl DomLink ===

impl DomLink {
    /// A DOM as it is configured, by the way that leads to it. Nothing is sent yet.
    ///
    /// # Errors
    /// An address that cannot be.
    pub fn new(
        dom: &Dom,
        (way, clock): (Arc<dyn Way>, Arc<dyn Clock>),
        interpreter: Arc<Interpreter>,
        metrics: Metrics,
    ) -> anyhow::Result<Self> {
        let address: Address = dom.url.value.to_string().parse()?;
        Ok(Self(Arc::new(Link {
            name: dom.name.value.clone(),
            dialect: dom.dialect.value.clone(),
            connection: dom.connection,
            address,
            program: dom.program_id.clone(),
            way,
            clock,
            session: Session::new(&dom.login),
            interpreter,
            metrics,
        })))
    }
}

impl Service<Budgeted<DomCall>> for DomLink {
    type Response = Reply;
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, Fault>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Budgeted<DomCall>) -> Self::Future {
        let link = Arc::clone(&self.0);
        Box::pin(async move { link.attempt(&request).await })
    }
}

// === impl Link ===

impl Link {
    /// One attempt. A call the DOM refused for want of a valid token did nothing, so it may be sent once more.
    async fn attempt(&self, request: &Budgeted<DomCall>) -> Result<Reply, Fault> {
        let session = self.session.enter(self, request).await?;
        let outcome = self.send(request, &session).await;
        match outcome {
            Err(fault) if fault.code == codes::DOM_UNAUTHORIZED && session.may_be_stale() => {
                self.session.leave(&session).await;
                let session = self.session.enter(self, request).await?;
                self.send(request, &session).await
            }
            outcome => outcome,
        }
    }

    async fn send(&self, request: &Budgeted<DomCall>, session: &login::Pass) -> Result<Reply, Fault> {
        let DomCall { call, attempts, .. } = &request.request;
        attempts.fetch_add(1, Ordering::Relaxed);
        let outcome = self.post(call, session, request).await;
        self.metrics.dom_call(&self.name, &call.api, outcome.as_ref().err());
        outcome
    }

    /// Posts a call, the caller's own or the login it needs first, within the caller's time.
    async fn post(
        &self,
        call: &Call,
        session: &login::Pass,
        caller: &Budgeted<DomCall>,
    ) -> Result<Reply, Fault> {
        let mut outgoing = request::build(self, call, session)?;
        caller.request.trace.write(&mut outgoing.headers);
        outgoing.deadline = caller.deadline.map(Deadline::instant);
        let weigh = |error| weigh(whose_time(error, caller.request.ends), call.is_safe_to_repeat());
        let answer = self.way.send(outgoing).await.map_err(weigh)?;
        let reply = Reply {
            status: answer.status.as_u16(),
            content_type: answer.content_type().map(ToOwned::to_owned),
            retry_after: retry_after(&answer.headers, self.clock.now()),
            body: answer.body.to_vec(),
        };
        let judgement = self.interpreter.judge(call, self.dialect()?, &reply);
        if call.answered_by != Some(judgement.outcome) {
            judgement.into_result()?;
        }
        Ok(reply)
    }

    fn dialect(&self) -> Result<&Dialect, Fault> {
        self.interpreter.dialect(&self.dialect, Side::Dom).ok_or_else(|| {
            Fault::gateway(codes::INTERNAL, format!("the dialect `{}` is not loaded", self.dialect))
        })
    }
}

/// How long the DOM asks to be left alone, in seconds or until a time (RFC 9110 section 10.2.3); nothing if it cannot be read.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Duration::try_from(until.duration_since(now)).ok()
}

/// The sender is given one instant and calls it the call's; it was the attempt's if the call has time left.
fn whose_time(error: SendError, ends: Deadline) -> SendError {
    match error {
        SendError::TimedOut { target, progress, spent: Spent::Call } if !ends.has_passed() => {
            SendError::TimedOut { target, progress, spent: Spent::Attempt }
        }
        other => other,
    }
}

/// A failed exchange as a fault; what is safe to repeat may be asked again, however it failed.
/// An answer that is too large would be so again.
fn weigh(error: SendError, is_safe: bool) -> Fault {
    let again = if matches!(error, SendError::TooLarge { .. }) { Repeat::Useless } else { Repeat::Safe };
    let fault = error.into_fault(Neighbour::Dom);
    if is_safe && fault.repeat == Repeat::AfterCheck { fault.repeat(again) } else { fault }
}

/// Whose certificates are good: those of the configured file, else those this machine trusts; nobody's without TLS.
pub(crate) fn authorities(file: Option<&Path>, address: &Address) -> sender::Authorities {
    match file {
        Some(file) => sender::Authorities::File(file.to_owned()),
        None if address.is_tls() => sender::Authorities::System,
        None => sender::Authorities::None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::header::RETRY_AFTER;
    use http::{HeaderMap, HeaderValue};
    use jiff::Timestamp;

    use super::retry_after;

    #[test]
    fn a_dom_says_in_seconds_or_by_a_time_how_long_it_wants_to_be_left_alone() {
        let now: Timestamp = "1994-11-06T08:49:07Z".parse().unwrap();
        let cases = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", None),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("99999999999999999999999", None),
        ];
        for (text, seconds) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            assert_eq!(retry_after(&headers, now), seconds.map(Duration::from_secs), "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
