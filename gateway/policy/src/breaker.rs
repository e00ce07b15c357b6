//! Leaving a DOM API alone while it fails: answered at once, with the time to come back.
//!
//! Closed, calls pass, and how they fare is counted. When too large a share of enough calls went ill, it opens: nothing
//! passes for a while. Then it is half open: one call, the probe, passes, and another one after each further while, which
//! is longer each time up to a bound. The first that goes well closes the breaker; those that fail change nothing. The next
//! one waits for no answer of the last, so the bound holds also for how late the return of a DOM is noticed that said
//! nothing. Only faults of the way and overload are ill: a DOM that refuses an order is in good health.

mod course;
mod params;
mod window;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use gateway_model::codes::{
    DEADLINE, DOM_BROKEN, DOM_EMPTY, DOM_NOT_ASKED, DOM_NOT_XML, DOM_OVERLOADED, DOM_STATUS, DOM_TIMEOUT,
    DOM_TRUNCATED,
};
use gateway_model::{Fault, Origin, Reached, Repeat};
use tokio::time::Instant;
use tower::{Layer, Service};

use self::course::{Course, Pass};
pub use self::params::Params;
use crate::deadline::Deadline;
use crate::retry::BadParams;
use crate::timed::Timed;

/// What an outcome says of the other side's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It answers.
    Well,
    /// It does not, or says that it cannot.
    Ill,
    /// Nothing: it was not asked, or nobody waited for the answer.
    Neither,
}

/// Says of an outcome what it tells of the other side's health.
pub trait Diagnose<Response, Error> {
    /// Judges one outcome.
    fn sign(&self, outcome: Result<&Response, &Error>) -> Sign;
}

/// The default diagnosis: what did not come through, and what the DOM had no strength for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultsOfTheWay;

/// What a breaker does with the next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It passes.
    Closed,
    /// It is refused, for so long yet.
    Open(Duration),
    /// It is a probe, or refused while one is under way and it is not yet time for another.
    HalfOpen,
}

/// What the end of a call made of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It opened, for so long at first.
    Opened(Duration),
    /// A probe failed: the next one passes after so long.
    StaysOpen(Duration),
    /// A probe went well: calls pass again.
    Closed,
}

/// The call was refused: the other side is left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` was not asked: too many of its last answers failed; it is left alone for another {} ms",
    .pause.as_millis()
)]
pub struct LeftAlone {
    /// What is behind the breaker.
    pub name: Arc<str>,
    /// When to come back.
    pub pause: Duration,
}

/// Guards what is below it. Made by [`breaker`]; all services of one layer and of its clones are one breaker.
pub struct BreakerLayer<D> {
    shared: Arc<Shared>,
    diagnose: D,
}

/// The service of [`BreakerLayer`].
#[derive(Clone)]
pub struct BreakerService<D, S> {
    inner: S,
    shared: Arc<Shared>,
    diagnose: D,
}

struct Shared {
    name: Arc<str>,
    course: Mutex<Course>,
    /// Who is told of turns.
    told: OnceLock<Told>,
}

/// Hears of turns, with the breaker's name.
type Told = Box<dyn Fn(&str, Turn) + Send + Sync>;

/// One call below the breaker, from its pass to its end; it may end by being dropped.
struct UnderWay {
    shared: Arc<Shared>,
    pass: Option<Pass>,
    deadline: Option<Deadline>,
}

/// A breaker for what has this name, such as an API of a DOM.
///
/// # Errors
///
/// If a parameter cannot be.
pub fn breaker<D>(name: &str, params: &Params, diagnose: D) -> Result<BreakerLayer<D>, BadParams> {
    params.check()?;
    let shared =
        Shared { name: name.into(), course: Mutex::new(Course::new(params.clone())), told: OnceLock::new() };
    Ok(BreakerLayer { shared: Arc::new(shared), diagnose })
}

// === impl BreakerLayer ===

impl<D> BreakerLayer<D> {
    /// What it does with the next call.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.shared.course().standing(Instant::now())
    }

    /// Has somebody told of its name and every turn from now on; the first who asks is told.
    pub fn tell(&self, told: impl Fn(&str, Turn) + Send + Sync + 'static) {
        let _ = self.shared.told.set(Box::new(told));
    }

    /// How often it opened, and how often a probe found that it has to stay so.
    #[must_use]
    pub fn openings(&self) -> u64 {
        self.shared.course().openings()
    }
}

impl<D: Clone> Clone for BreakerLayer<D> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), diagnose: self.diagnose.clone() }
    }
}

impl<S, D: Clone> Layer<S> for BreakerLayer<D> {
    type Service = BreakerService<D, S>;

    fn layer(&self, inner: S) -> Self::Service {
        BreakerService { inner, shared: Arc::clone(&self.shared), diagnose: self.diagnose.clone() }
    }
}

impl<D> fmt::Debug for BreakerLayer<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BreakerLayer").field("name", &self.shared.name).finish_non_exhaustive()
    }
}

// === impl BreakerService ===

impl<S, D, Request> Service<Request> for BreakerService<D, S>
where
    S: Service<Request>,
    S::Future: Send + 'static,
    S::Response: Send + 'static,
    S::Error: From<LeftAlone> + Send + 'static,
    D: Diagnose<S::Response, S::Error> + Clone + Send + 'static,
    Request: Timed,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let admitted = self.shared.course().admit(Instant::now());
        let pass = match admitted {
            Ok(pass) => pass,
            Err(pause) => {
                let refusal = LeftAlone { name: Arc::clone(&self.shared.name), pause };
                return Box::pin(async move { Err(refusal.into()) });
            }
        };
        let shared = Arc::clone(&self.shared);
        let under_way = UnderWay { shared, pass: Some(pass), deadline: request.deadline() };
        let answer = self.inner.call(request);
        let diagnose = self.diagnose.clone();
        Box::pin(async move {
            let outcome = answer.await;
            under_way.end(diagnose.sign(outcome.as_ref()));
            outcome
        })
    }
}

impl<D, S> fmt::Debug for BreakerService<D, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BreakerService").field("name", &self.shared.name).finish_non_exhaustive()
    }
}

// === impl Shared ===

impl Shared {
    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl UnderWay ===

impl UnderWay {
    fn end(mut self, sign: Sign) {
        self.settle(sign);
    }

    fn settle(&mut self, sign: Sign) {
        if let Some(pass) = self.pass.take() {
            let turn = self.shared.course().settle(pass, sign, Instant::now());
            if let (Some(turn), Some(told)) = (turn, self.shared.told.get()) {
                told(&self.shared.name, turn);
            }
        }
    }
}

impl Drop for UnderWay {
    /// A call that was given up because its time was over is a call without an answer; one whose caller just left says
    /// nothing, and if it was the latest probe makes room for the next one.
    fn drop(&mut self) {
        let too_late = self.deadline.is_some_and(Deadline::has_passed);
        self.settle(if too_late { Sign::Ill } else { Sign::Neither });
    }
}

// === impl Diagnose ===

impl<Response> Diagnose<Response, Fault> for FaultsOfTheWay {
    fn sign(&self, outcome: Result<&Response, &Fault>) -> Sign {
        let Err(fault) = outcome else { return Sign::Well };
        match fault.code {
            DOM_NOT_ASKED => Sign::Neither,
            DOM_OVERLOADED | DOM_TIMEOUT | DEADLINE => Sign::Ill,
            // What came is no answer of the DOM's: a proxy's page, or nothing.
            DOM_BROKEN | DOM_TRUNCATED | DOM_EMPTY | DOM_NOT_XML => Sign::Ill,
            DOM_STATUS if is_servers_failure(fault) => Sign::Ill,
            _ => match fault.origin {
                Origin::Network => Sign::Ill,
                Origin::Dom => Sign::Well,
                Origin::Store | Origin::Gateway => Sign::Neither,
            },
        }
    }
}

impl<Response, Error, F> Diagnose<Response, Error> for F
where
    F: Fn(Result<&Response, &Error>) -> Sign,
{
    fn sign(&self, outcome: Result<&Response, &Error>) -> Sign {
        self(outcome)
    }
}

/// HTTP 5xx. Without a status it counts unless the DOM is known not to have acted.
fn is_servers_failure(fault: &Fault) -> bool {
    fault.dom_status.map_or(fault.reached != Reached::No, |status| status.get() >= 500)
}

// === impl LeftAlone ===

impl From<LeftAlone> for Fault {
    /// Nothing was sent.
    fn from(refusal: LeftAlone) -> Self {
        Self::network(DOM_NOT_ASKED, refusal.to_string())
            .reached(Reached::No)
            .repeat(Repeat::Safe)
            .retry_after(refusal.pause)
    }
}

#[cfg(test)]
mod tests;
