//! The meter of one thing that a DOM API takes only so much of, on governor.
//!
//! governor says whether so many may pass now, and if not, when. It cannot give anything back, share or lend: what it
//! has let pass and nobody used is held here, in hand, and who goes next is the ledger's.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use super::Rate;

/// A rate, and what of it is free.
#[derive(Debug)]
pub(crate) struct Meter {
    limiter: RateLimiter<NotKeyed, InMemoryState, Told, NoOpMiddleware<Duration>>,
    clock: Told,
    begun: Instant,
    at_once: u32,
    /// Passed by governor and not used yet.
    in_hand: u32,
}

/// The time as it is told, so that all of one decision is made at one instant.
#[derive(Debug, Clone)]
struct Told(Arc<AtomicU64>);

// === impl Meter ===

impl Meter {
    pub(crate) fn new(rate: Rate, begun: Instant) -> Self {
        let clock = Told(Arc::new(AtomicU64::new(0)));
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.at_once);
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
        Self { limiter, clock, begun, at_once: rate.at_once.get(), in_hand: 0 }
    }

    /// Gathers so many in hand.
    ///
    /// # Errors
    ///
    /// When to try again, if there are not so many yet.
    pub(crate) fn gather(&mut self, wanted: u32, now: Instant) -> Result<(), Instant> {
        let since = now.saturating_duration_since(self.begun);
        self.clock.0.store(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        while let Some(missing) = NonZeroU32::new(wanted.saturating_sub(self.in_hand).min(self.at_once)) {
            match self.limiter.check_n(missing) {
                Ok(Ok(())) => self.in_hand = self.in_hand.saturating_add(missing.get()),
                Ok(Err(not_until)) => return Err(self.begun + not_until.earliest_possible()),
                // Never so, as no more is wanted at once than may come at once.
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Uses what was gathered.
    pub(crate) fn spend(&mut self, used: u32) {
        self.in_hand = self.in_hand.saturating_sub(used);
    }
}

// === impl Told ===

impl Clock for Told {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}
