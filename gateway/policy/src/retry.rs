//! Trying again, for calls that may be repeated: so many attempts, waits with full jitter, never past the deadline.
//!
//! This layer is for reads, and for writes that do no more the second time ([`RetryLayer::of_writes`]). It repeats what its
//! [`Classify`] allows; [`WhatIsSafe`] goes by the fault's own word, so a write whose outcome is unknown is never repeated by
//! it. A pause that a fault asks for is kept. What was never asked of the other side, because a breaker or a limit of this
//! gateway stood before it, is not tried again: whoever holds a call back does not want it back at once.

mod budget;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gateway_model::{Fault, Reached, Repeat};
use tokio::time::{Sleep, sleep};
use tower::Layer;
use tower::retry::{Policy, Retry};

pub use self::budget::{Budget, Counts, Limits};
use crate::backoff::Backoff;
use crate::timed::{Attempt, Timed};

/// The longest pause the other side may ask for; one that asks for more gets no further attempt.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How often and how soon to try again.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Attempts in all, the first one included; 1 tries once.
    pub attempts: u32,
    /// The bound of the first wait; it doubles with each attempt.
    pub first_wait: Duration,
    /// The bound of every wait.
    pub longest_wait: Duration,
    /// Which share of the answered calls of the last 10 s may be repeated, in retries per call, so that a DOM in trouble
    /// is not asked many times as much as one in health; see [`Limits`]. Without meaning where a budget is
    /// [shared](RetryLayer::sharing).
    pub budget: f32,
    /// What the jitter starts from.
    pub seed: u64,
}

/// A parameter that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}`: expected {expected}, found {found}")]
pub struct BadParams {
    /// The field of the parameters.
    pub setting: &'static str,
    /// What it may be.
    pub expected: &'static str,
    /// What it is.
    pub found: String,
}

/// What an outcome calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is what the caller gets.
    Final,
    /// Another attempt may succeed.
    Again,
    /// Another attempt may succeed, but the other side asks for a pause this long at least.
    AgainAfter(Duration),
    /// The other side was not asked: it is what the caller gets, and says nothing of how calls fare.
    NotAsked,
}

/// Says of an outcome whether to try again.
pub trait Classify<Response, Error> {
    /// Judges one outcome.
    fn judge(&self, outcome: Result<&Response, &Error>) -> Verdict;

    /// Notes a fault that leaves open whether the other side acted; and puts the one noted last in the place of a fault by
    /// which it did not, for that is true of its own attempt only. Nothing, unless an outcome can tell.
    fn keep_open(&self, _open: &mut Option<Box<Fault>>, _outcome: &mut Result<Response, Error>) {}
}

/// Tries again what the fault itself calls safe to repeat, after the pause it asks for. Every answer is final.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WhatIsSafe;

/// Repeats what is below it. Made by [`retry`].
#[derive(Clone)]
pub struct RetryLayer<C> {
    shared: Arc<Shared>,
    budget: Arc<Budget>,
    classify: C,
    of_writes: bool,
}

/// What one call's retries know; tower clones it for each call.
#[derive(Clone)]
pub struct RetryPolicy<C> {
    shared: Arc<Shared>,
    budget: Arc<Budget>,
    classify: C,
    of_writes: bool,
    attempts: u32,
    /// Why it is open whether the other side acted on an attempt so far.
    open: Option<Box<Fault>>,
}

struct Shared {
    attempts: u32,
    backoff: Backoff,
    jitter: Mutex<fastrand::Rng>,
}

/// Repeats what is below it as the classifier says, within a budget of its own.
///
/// # Errors
///
/// If a parameter cannot be.
pub fn retry<C>(params: &Params, classify: C) -> Result<RetryLayer<C>, BadParams> {
    params.check()?;
    let shared = Shared {
        attempts: params.attempts,
        backoff: Backoff { first: params.first_wait, longest: params.longest_wait },
        jitter: Mutex::new(fastrand::Rng::with_seed(params.seed)),
    };
    let budget = Budget::new(params.limits())?;
    Ok(RetryLayer { shared: Arc::new(shared), budget: Arc::new(budget), classify, of_writes: false })
}

// === impl Params ===

impl Params {
    /// Says of each parameter whether it can be.
    ///
    /// # Errors
    ///
    /// The first one that cannot be.
    pub fn check(&self) -> Result<(), BadParams> {
        let bad = |setting, expected, found| Err(BadParams { setting, expected, found });
        if self.attempts == 0 {
            return bad("attempts", "at least 1", "0".to_owned());
        }
        if self.longest_wait < self.first_wait {
            return bad("longest_wait", "at least `first_wait`", format!("{:?}", self.longest_wait));
        }
        self.limits().check()
    }

    fn limits(&self) -> Limits {
        Limits { share: self.budget, ..Limits::default() }
    }
}

impl Default for Params {
    /// Three attempts, waits up to 100 ms and then up to 200 ms, one retry for five calls.
    fn default() -> Self {
        Self {
            attempts: 3,
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(2),
            budget: 0.2,
            seed: 0,
        }
    }
}

// === impl RetryLayer ===

impl<C> RetryLayer<C> {
    /// Takes its retries from a budget that others take theirs from too: those of the same DOM API for other stores.
    #[must_use]
    pub fn sharing(self, budget: Arc<Budget>) -> Self {
        Self { budget, ..self }
    }

    /// For what changes something at the other side: where an earlier attempt leaves open whether it did, the caller is not
    /// told that a later one did not. Of what only reads, the last attempt tells all that matters.
    #[must_use]
    pub fn of_writes(self) -> Self {
        Self { of_writes: true, ..self }
    }
}

impl<S, C: Clone> Layer<S> for RetryLayer<C> {
    type Service = Retry<RetryPolicy<C>, S>;

    fn layer(&self, inner: S) -> Self::Service {
        let policy = RetryPolicy {
            shared: Arc::clone(&self.shared),
            budget: Arc::clone(&self.budget),
            classify: self.classify.clone(),
            of_writes: self.of_writes,
            attempts: 0,
            open: None,
        };
        Retry::new(policy, inner)
    }
}

impl<C> fmt::Debug for RetryLayer<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RetryLayer").field("attempts", &self.shared.attempts).finish_non_exhaustive()
    }
}

// === impl RetryPolicy ===

impl<Request, Response, Error, C> Policy<Request, Response, Error> for RetryPolicy<C>
where
    Request: Timed + Clone,
    C: Classify<Response, Error>,
{
    type Future = Sleep;

    fn retry(&mut self, request: &mut Request, outcome: &mut Result<Response, Error>) -> Option<Sleep> {
        let verdict = self.classify.judge(outcome.as_ref());
        if self.of_writes {
            self.classify.keep_open(&mut self.open, outcome);
        }
        if self.attempts <= 1 && verdict != Verdict::NotAsked {
            self.budget.called();
        }
        let asked = match verdict {
            Verdict::Final => {
                self.budget.answered();
                return None;
            }
            Verdict::NotAsked => return None,
            Verdict::Again => Duration::ZERO,
            Verdict::AgainAfter(pause) => pause,
        };
        if self.attempts >= self.shared.attempts || asked > LONGEST_PAUSE {
            return None;
        }
        // On top of the pause, so that those who were told the same one do not come back together.
        let wait = asked.saturating_add(self.shared.wait(self.attempts));
        if request.deadline().is_some_and(|deadline| deadline.left() <= wait) {
            return None;
        }
        if !self.budget.take() {
            return None;
        }
        self.attempts = self.attempts.saturating_add(1);
        request.set_attempt(Attempt(self.attempts));
        Some(sleep(wait))
    }

    fn clone_request(&mut self, request: &Request) -> Option<Request> {
        self.attempts = self.attempts.max(1);
        Some(request.clone())
    }
}

impl<C> fmt::Debug for RetryPolicy<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RetryPolicy").field("attempts", &self.attempts).finish_non_exhaustive()
    }
}

// === impl Shared ===

impl Shared {
    fn wait(&self, attempts: u32) -> Duration {
        let mut jitter = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
        self.backoff.wait(attempts, jitter.f64())
    }
}

// === impl Classify ===

impl<Response> Classify<Response, Fault> for WhatIsSafe {
    fn judge(&self, outcome: Result<&Response, &Fault>) -> Verdict {
        match outcome {
            Err(fault) if fault.was_held_back() => Verdict::NotAsked,
            Err(fault) if fault.repeat == Repeat::Safe => again(fault),
            _ => Verdict::Final,
        }
    }

    fn keep_open(&self, open: &mut Option<Box<Fault>>, outcome: &mut Result<Response, Fault>) {
        let Err(fault) = outcome else { return };
        if fault.reached != Reached::No {
            *open = Some(Box::new(fault.clone()));
        } else if let Some(earlier) = open.as_deref() {
            // Who held the last one back knows best when to come again.
            let pause = fault.retry_after.max(earlier.retry_after);
            *fault = Fault { retry_after: pause, ..earlier.clone() };
        }
    }
}

fn again(fault: &Fault) -> Verdict {
    fault.retry_after.map_or(Verdict::Again, |pause| Verdict::AgainAfter(pause.length()))
}

impl<Response, Error, F> Classify<Response, Error> for F
where
    F: Fn(Result<&Response, &Error>) -> Verdict,
{
    fn judge(&self, outcome: Result<&Response, &Error>) -> Verdict {
        self(outcome)
    }
}

#[cfg(test)]
mod tests;
