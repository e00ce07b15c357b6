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
    /// Counts changes between closed and open, so that a call knows whether it was let through before the last one.
    round: u64,
    /// Counts probes, so that one knows whether it is the latest.
    probes: u64,
    /// Open times begun since it was last closed: each is longer.
    open_times: u32,
    /// Openings ever, and probes that failed.
    openings: u64,
}

/// What a call that was let through has to show when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    round: u64,
    /// Which probe it is; without meaning if it was let through while all were.
    probe: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    /// Nothing passes before `next`; after it, one probe, whether or not those under way are answered. A probe is never cut
    /// short, so at a DOM that says nothing one that began just before its return would keep that unnoticed.
    Open {
        next: Instant,
        under_way: u32,
    },
}

// === impl Course ===

impl Course {
    pub(crate) fn new(params: Params) -> Self {
        Self {
            jitter: fastrand::Rng::with_seed(params.seed),
            window: Window::new(params.window),
            state: State::Closed,
            round: 0,
            probes: 0,
            open_times: 0,
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
        let round = self.round;
        match self.state {
            State::Closed => Ok(Pass { round, probe: self.probes }),
            // A probe may be answered at any moment.
            State::Open { next, under_way } if next > now => {
                Err(if under_way == 0 { next - now } else { self.params.first_open.min(next - now) })
            }
            State::Open { under_way, .. } => {
                self.probes = self.probes.wrapping_add(1);
                // Drawn now and not when it fails: neither how long that takes nor which probe fails first makes a
                // difference.
                let next = now + self.draw();
                self.state = State::Open { next, under_way: under_way.saturating_add(1) };
                Ok(Pass { round, probe: self.probes })
            }
        }
    }

    /// A call is over; what that turned. One that was let through before the last opening or closing tells nothing of the
    /// time since.
    pub(crate) fn settle(&mut self, pass: Pass, sign: Sign, now: Instant) -> Option<Turn> {
        if pass.round != self.round {
            return None;
        }
        match &mut self.state {
            State::Closed => {
                match sign {
                    Sign::Neither => return None,
                    Sign::Well => self.window.note(true, now),
                    Sign::Ill => self.window.note(false, now),
                }
                (sign == Sign::Ill && self.fails(now)).then(|| self.open(now))
            }
            State::Open { next, under_way } => {
                *under_way = under_way.saturating_sub(1);
                match sign {
                    Sign::Well => return Some(self.close()),
                    Sign::Ill => {
                        self.openings = self.openings.saturating_add(1);
                        return Some(Turn::StaysOpen(next.saturating_duration_since(now)));
                    }
                    // As if it had not been begun. Of an earlier one the later one has taken the place already.
                    Sign::Neither if pass.probe == self.probes => {
                        *next = now.min(*next);
                        self.open_times = self.open_times.saturating_sub(1);
                    }
                    Sign::Neither => {}
                }
                None
            }
        }
    }

    pub(crate) fn standing(&self, now: Instant) -> Standing {
        match self.state {
            State::Closed => Standing::Closed,
            State::Open { next, under_way: 0 } if next > now => Standing::Open(next - now),
            State::Open { .. } => Standing::HalfOpen,
        }
    }

    pub(crate) const fn openings(&self) -> u64 {
        self.openings
    }

    fn fails(&mut self, now: Instant) -> bool {
        let (calls, ill) = self.window.counts(now);
        calls >= self.params.least_calls && f64::from(ill) >= f64::from(calls) * f64::from(self.params.share)
    }

    fn open(&mut self, now: Instant) -> Turn {
        self.openings = self.openings.saturating_add(1);
        self.round = self.round.wrapping_add(1);
        let pause = self.draw();
        self.state = State::Open { next: now + pause, under_way: 0 };
        Turn::Opened(pause)
    }

    /// The next open time: between half of its bound and all of it, so that breakers that opened together do not probe
    /// together.
    fn draw(&mut self) -> Duration {
        self.open_times = self.open_times.saturating_add(1);
        let backoff = Backoff { first: self.params.first_open, longest: self.params.longest_open };
        let half = backoff.bound(self.open_times) / 2;
        half + half.mul_f64(self.jitter.f64())
    }

    fn close(&mut self) -> Turn {
        self.open_times = 0;
        self.round = self.round.wrapping_add(1);
        self.window.clear();
        self.state = State::Closed;
        Turn::Closed
    }
}
