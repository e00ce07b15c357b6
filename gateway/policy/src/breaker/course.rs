//! Closed, open, half open: what a breaker has seen and what it lets through. Time comes in as a value.

use std::time::Duration;

use tokio::time::Instant;

use super::window::Window;
use super::{Params, Sign, Standing, Turn};
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
    pub(crate) fn admit(&mut self, now: Instant) -> Result<Pass, Duration> {
        match self.state {
            State::Closed => Ok(Pass { round: self.round }),
            State::Open(until) if until > now => Err(until - now),
            State::Open(until) => {
                self.state = State::Probing(until);
                Ok(Pass { round: self.round })
            }
            State::Probing(_) => Err(self.params.first_open),
        }
    }

    /// A call is over; what that turned. One that was let through before the last opening or closing tells nothing of the
    /// time since.
    pub(crate) fn settle(&mut self, pass: Pass, sign: Sign, now: Instant) -> Option<Turn> {
        if pass.round != self.round {
            return None;
        }
        match (self.state, sign) {
            (State::Closed, Sign::Neither) | (State::Open(_), _) => None,
            (State::Closed, Sign::Well) => {
                self.window.note(true, now);
                None
            }
            (State::Closed, Sign::Ill) => {
                self.window.note(false, now);
                self.fails(now).then(|| self.open(now))
            }
            (State::Probing(until), Sign::Neither) => {
                self.state = State::Open(until);
                None
            }
            (State::Probing(_), Sign::Well) => Some(self.close()),
            (State::Probing(_), Sign::Ill) => Some(self.open(now)),
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

    fn fails(&mut self, now: Instant) -> bool {
        let (calls, ill) = self.window.counts(now);
        calls >= self.params.least_calls && f64::from(ill) >= f64::from(calls) * f64::from(self.params.share)
    }

    /// Between half of its bound and all of it, so that breakers that opened together do not probe together.
    fn open(&mut self, now: Instant) -> Turn {
        self.openings_in_a_row = self.openings_in_a_row.saturating_add(1);
        self.openings = self.openings.saturating_add(1);
        self.round = self.round.wrapping_add(1);
        let backoff = Backoff { first: self.params.first_open, longest: self.params.longest_open };
        let half = backoff.bound(self.openings_in_a_row) / 2;
        let pause = half + half.mul_f64(self.jitter.f64());
        self.state = State::Open(now + pause);
        if self.openings_in_a_row == 1 { Turn::Opened(pause) } else { Turn::StaysOpen(pause) }
    }

    fn close(&mut self) -> Turn {
        self.openings_in_a_row = 0;
        self.round = self.round.wrapping_add(1);
        self.window.clear();
        self.state = State::Closed;
        Turn::Closed
    }
}
