//! What the layers need of a request: where its deadline and its attempt's number stand.

use crate::deadline::Deadline;

/// A request that carries its deadline and its attempt's number to the layers below.
pub trait Timed {
    /// The instant by which the call has to be over, if one was set.
    fn deadline(&self) -> Option<Deadline>;

    /// Sets the instant by which the call has to be over.
    fn set_deadline(&mut self, deadline: Deadline);

    /// Sets the number of the attempt.
    fn set_attempt(&mut self, attempt: Attempt);
}

/// The number of an attempt, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u32);

/// Any request, with a place for what the layers note on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budgeted<T> {
    /// The request itself.
    pub request: T,
    /// By when the call has to be over.
    pub deadline: Option<Deadline>,
    /// The number of the attempt; 1 if nothing repeats.
    pub attempt: Attempt,
}

// === impl Budgeted ===

impl<T> Budgeted<T> {
    /// A request without a deadline, tried for the first time.
    #[must_use]
    pub const fn new(request: T) -> Self {
        Self { request, deadline: None, attempt: Attempt(1) }
    }
}

impl<T> Timed for Budgeted<T> {
    fn deadline(&self) -> Option<Deadline> {
        self.deadline
    }

    fn set_deadline(&mut self, deadline: Deadline) {
        self.deadline = Some(deadline);
    }

    fn set_attempt(&mut self, attempt: Attempt) {
        self.attempt = attempt;
    }
}

/// Both stand in the request's extensions.
impl<B> Timed for http::Request<B> {
    fn deadline(&self) -> Option<Deadline> {
        self.extensions().get().copied()
    }

    fn set_deadline(&mut self, deadline: Deadline) {
        self.extensions_mut().insert(deadline);
    }

    fn set_attempt(&mut self, attempt: Attempt) {
        self.extensions_mut().insert(attempt);
    }
}
