//! A limit on the time of a call or of one attempt, seen by all layers below.
//!
//! The layer writes the deadline into the request, the earlier one if there is one already, and ends the call when it has
//! passed. A service below that watches the same instant is asked first when it comes, so a sender's more exact fault
//! (whether anything was sent) wins over this layer's, which cannot know.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gateway_model::codes::{DEADLINE, DOM_TIMEOUT};
use gateway_model::{Fault, Reached, Repeat};
use tokio::time::{Instant, timeout_at};
use tower::{Layer, Service};

use crate::timed::Timed;

/// More than any call may take: a year.
pub const LONGEST_BUDGET: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// An instant by which a call has to be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline(Instant);

/// Limits the time of what is below it. Made by [`deadline`] and [`attempt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadlineLayer {
    limit: Limit,
}

/// The service of [`DeadlineLayer`].
#[derive(Debug, Clone)]
pub struct DeadlineService<S> {
    inner: S,
    limit: Limit,
}

/// The time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeadlinePassed {
    /// The time was over before anything was begun.
    #[error("the call's time was over before it was begun")]
    Before,
    /// The whole call's time: another attempt has none left either.
    #[error("the call's time was over before there was an answer")]
    Call,
    /// One attempt's time, which was this long.
    #[error("no answer within {0:?}, the time of one attempt")]
    Attempt(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    Call(Duration),
    Attempt(Duration),
}

/// Limits the whole call below it, retries and waiting included.
#[must_use]
pub const fn deadline(budget: Duration) -> DeadlineLayer {
    DeadlineLayer { limit: Limit::Call(budget) }
}

/// Limits one attempt; the call's own deadline holds if it is earlier.
#[must_use]
pub const fn attempt(budget: Duration) -> DeadlineLayer {
    DeadlineLayer { limit: Limit::Attempt(budget) }
}

// === impl Deadline ===

impl Deadline {
    /// The instant itself.
    #[must_use]
    pub const fn at(instant: Instant) -> Self {
        Self(instant)
    }

    /// So long from now; a budget that no clock can hold is cut to [`LONGEST_BUDGET`].
    #[must_use]
    pub fn after(budget: Duration) -> Self {
        Self(Instant::now() + budget.min(LONGEST_BUDGET))
    }

    /// The instant.
    #[must_use]
    pub const fn instant(self) -> Instant {
        self.0
    }

    /// The time left; zero if it has passed.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.0 <= Instant::now()
    }
}

// === impl DeadlineLayer ===

impl<S> Layer<S> for DeadlineLayer {
    type Service = DeadlineService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        DeadlineService { inner, limit: self.limit }
    }
}

// === impl DeadlineService ===

impl<S, Request> Service<Request> for DeadlineService<S>
where
    S: Service<Request>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: From<DeadlinePassed> + 'static,
    Request: Timed,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let (deadline, passed) = self.limit.applied_to(request.deadline());
        if deadline.has_passed() {
            return Box::pin(async move { Err(DeadlinePassed::Before.into()) });
        }
        request.set_deadline(deadline);
        let answer = timeout_at(deadline.instant(), self.inner.call(request));
        Box::pin(async move { answer.await.unwrap_or_else(|_| Err(passed.into())) })
    }
}

// === impl Limit ===

impl Limit {
    /// The deadline that holds, and what to say when it has passed.
    fn applied_to(self, known: Option<Deadline>) -> (Deadline, DeadlinePassed) {
        let (own, passed) = match self {
            Self::Call(budget) => (Deadline::after(budget), DeadlinePassed::Call),
            Self::Attempt(budget) => (Deadline::after(budget), DeadlinePassed::Attempt(budget)),
        };
        match known {
            Some(known) if known <= own => (known, DeadlinePassed::Call),
            _ => (own, passed),
        }
    }
}

// === impl DeadlinePassed ===

impl From<DeadlinePassed> for Fault {
    /// Of what was begun this layer cannot know whether anything was sent.
    fn from(passed: DeadlinePassed) -> Self {
        let (code, reached, repeat) = match passed {
            DeadlinePassed::Before => (DEADLINE, Reached::No, Repeat::Safe),
            DeadlinePassed::Call => (DEADLINE, Reached::Maybe, Repeat::AfterCheck),
            DeadlinePassed::Attempt(_) => (DOM_TIMEOUT, Reached::Maybe, Repeat::AfterCheck),
        };
        Self::network(code, passed.to_string()).reached(reached).repeat(repeat)
    }
}

#[cfg(test)]
mod tests;
