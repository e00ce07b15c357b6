//! Closed, open, half open: what a breaker has seen and what it lets through. Time comes in as a value.

use std::time::Duration;

use tokio::time::Instant;

use super::window::Window;
use super::{Params, Probes, Sign, Standing};
use crate::backoff::Backoff;

/// A breaker without its calls.
#[derive(Debug)]
pub(crate) struct Course {
    params: Params,
    jitter: fastrand::Rng,
    window: Window,
    state: State,
    /// Counts openings and closings, so that a call knows whether it was let through before the last one.
    round: u64,
    /// Openings since it was last closed.
    openings_in_a_row: u32,
    /// Openings ever.
    openings: u64,
}

/// What a call that was let through has to show when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    round: u64,
    is_probe: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    /// Nothing passes before this instant; after it, one probe.
    Open(Instant),
    /// A probe is under way. The instant is that of the open state it left.
    Probing(Instant),
}

// === impl Course ===

impl Course {
    pub(crate) fn new(params: Params) -> Self {
        Self {
            jitter: fastrand::Rng::with_seed(params.seed),
            window: Window::new(params.window),
            state: State::Closed,
            round: 0,
            openings_in_a_row: 0,
            openings: 0,
            params,
        }
    }

    /// Lets a call through.
    ///
    /// # Errors
    ///
    /// How long to stay away, if it does not.
    pub(crate) fn admit(&mut self, is_cheap_read: bool, now: Instant) -> Result<Pass, Duration> {
        match self.state {
            State::Closed => Ok(Pass { round: self.round, is_probe: false }),
            State::Open(until) if until > now => Err(until - now),
            State::Open(until) if self.may_probe(is_cheap_read, until, now) => {
                self.state = State::Probing(until);
                Ok(Pass { round: self.round, is_probe: true })
            }
            State::Open(_) | State::Probing(_) => Err(self.params.first_open),
        }
    }

    /// A call is over. One that was let through before the last opening or closing tells nothing of the time since.
    pub(crate) fn settle(&mut self, pass: Pass, sign: Sign, now: Instant) {
        if pass.round != self.round {
            return;
        }
        match (self.state, sign) {
            (State::Closed, Sign::Neither) | (State::Open(_), _) => {}
            (State::Closed, Sign::Well) => self.window.note(true, now),
            (State::Closed, Sign::Ill) => {
                self.window.note(false, now);
                if self.fails(now) {
                    self.open(now);
                }
            }
            (State::Probing(until), Sign::Neither) => self.state = State::Open(until),
            (State::Probing(_), Sign::Well) => self.close(),
            (State::Probing(_), Sign::Ill) => self.open(now),
        }
    }

    pub(crate) fn standing(&self, now: Instant) -> Standing {
        match self.state {
            State::Closed => Standing::Closed,
            State::Open(until) if until > now => Standing::Open(until - now),
            State::Open(_) | State::Probing(_) => Standing::HalfOpen,
        }
    }

    pub(crate) const fn openings(&self) -> u64 {
        self.openings
    }

    fn may_probe(&self, is_cheap_read: bool, open_until: Instant, now: Instant) -> bool {
        match self.params.probes {
            Probes::Any => true,
            Probes::CheapReads { others_after } => is_cheap_read || now >= open_until + others_after,
        }
    }

    fn fails(&mut self, now: Instant) -> bool {
        let (calls, ill) = self.window.counts(now);
        calls >= self.params.least_calls && f64::from(ill) >= f64::from(calls) * f64::from(self.params.share)
    }

    /// Between half of its bound and all of it, so that breakers that opened together do not probe together.
    fn open(&mut self, now: Instant) {
        self.openings_in_a_row = self.openings_in_a_row.saturating_add(1);
        self.openings = self.openings.saturating_add(1);
        self.round = self.round.wrapping_add(1);
        let backoff = Backoff { first: self.params.first_open, longest: self.params.longest_open };
        let half = backoff.bound(self.openings_in_a_row) / 2;
        self.state = State::Open(now + half + half.mul_f64(self.jitter.f64()));
    }

    fn close(&mut self) {
        self.openings_in_a_row = 0;
        self.round = self.round.wrapping_add(1);
        self.window.clear();
        self.state = State::Closed;
    }
}
