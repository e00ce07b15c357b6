//! What a class is still sure of, of one rate.

use std::time::Duration;

use tokio::time::Instant;

use super::Rate;

/// A class's part of a rate: grows with time up to its part of what may come at once, and is used up by what the class
/// takes as its own. It may fall below nothing by one call, so that calls of many lines are no exception.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credit {
    /// The time in which one grows.
    period: Duration,
    /// The time in which all of it grows.
    whole: Duration,
    /// The instant at which all of it will be there again.
    full_at: Instant,
}

// === impl Credit ===

impl Credit {
    /// So many percent of a rate, none of it used.
    pub(crate) fn new(rate: Rate, percent: u32, now: Instant) -> Self {
        Self { period: rate.period() * 100 / percent.max(1), whole: rate.burst(), full_at: now }
    }

    /// The instant from which something is left; in the past if something is left now.
    pub(crate) fn left_from(&self) -> Instant {
        // A credit that is a whole behind has nothing left. What is in the past needs no exact answer.
        self.full_at.checked_sub(self.whole).map_or(self.full_at, |empty| empty + Duration::from_nanos(1))
    }

    pub(crate) fn spend(&mut self, used: u32, now: Instant) {
        self.full_at = self.full_at.max(now) + self.period.saturating_mul(used);
    }
}
