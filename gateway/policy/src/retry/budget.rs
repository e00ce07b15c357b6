//! How many retries a DOM API bears, whichever store they come from.
//!
//! tower's `TpsBudget` is not enough: it adds its minimum to its share instead of taking the larger of both, and it knows
//! one share only. In health that share has to be generous, and while everything fails it must not be.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::BadParams;

/// The window is cut into so many pieces; the oldest one is forgotten as a whole.
const PIECES: u32 = 10;

/// What retries may be. In every window there are at most as many as the largest of the three allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// What is looked back upon.
    pub window: Duration,
    /// Retries per answered call, 0.2 for one in five: few when calls fail.
    pub share: f32,
    /// Retries per call, answered or not: the floor while nothing is answered, and so what an outage is made worse by.
    /// Never more than [`share`](Self::share).
    pub share_in_outage: f32,
    /// Retries per second of the window that are always free, so that the few calls of a quiet hour are repeated too.
    pub free_per_second: u32,
}

/// The retries of all callers of one DOM API. Shared by an `Arc`; see [`RetryLayer::sharing`](super::RetryLayer::sharing).
pub struct Budget {
    limits: Limits,
    begun: Instant,
    pieces: Mutex<VecDeque<Piece>>,
    taken: AtomicU64,
    refused: AtomicU64,
}

/// What became of the retries that somebody wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Retries that were made.
    pub taken: u64,
    /// Retries that the budget did not allow.
    pub refused: u64,
}

/// What happened in one piece of the window.
#[derive(Debug, Clone, Copy, Default)]
struct Piece {
    number: u128,
    calls: u32,
    answered: u32,
    retries: u32,
}

// === impl Limits ===

impl Limits {
    /// Says of each limit whether it can be.
    ///
    /// # Errors
    ///
    /// The first one that cannot be.
    pub fn check(&self) -> Result<(), BadParams> {
        let bad = |setting, expected, found| Err(BadParams { setting, expected, found });
        if !(Duration::from_secs(1)..=Duration::from_secs(600)).contains(&self.window) {
            return bad("window", "1 s to 600 s", format!("{:?}", self.window));
        }
        for (setting, share) in [("budget", self.share), ("share_in_outage", self.share_in_outage)] {
            if !(0.0..=1_000.0).contains(&share) {
                return bad(setting, "0 to 1000 retries per call", share.to_string());
            }
        }
        Ok(())
    }

    /// Retries that so many calls of one window allow.
    fn allowed(&self, calls: u32, answered: u32) -> f64 {
        let by_share = f64::from(answered) * f64::from(self.share);
        let in_outage = f64::from(calls) * f64::from(self.share_in_outage.min(self.share));
        let free = self.window.as_secs_f64() * f64::from(self.free_per_second);
        by_share.max(in_outage).max(free)
    }
}

impl Default for Limits {
    /// In 10 s one retry for five answered calls, or for ten calls of any kind, or one a second.
    fn default() -> Self {
        Self { window: Duration::from_secs(10), share: 0.2, share_in_outage: 0.1, free_per_second: 1 }
    }
}

// === impl Budget ===

impl Budget {
    /// A budget of which nothing is used.
    ///
    /// # Errors
    ///
    /// If a limit cannot be.
    pub fn new(limits: Limits) -> Result<Self, BadParams> {
        limits.check()?;
        let (pieces, begun) = (Mutex::default(), Instant::now());
        Ok(Self { limits, begun, pieces, taken: AtomicU64::new(0), refused: AtomicU64::new(0) })
    }

    /// What became of the retries so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { taken: self.taken.load(Ordering::Relaxed), refused: self.refused.load(Ordering::Relaxed) }
    }

    /// A call was made: its first attempt has come to an end.
    pub(super) fn called(&self) {
        self.noting(|piece| piece.calls = piece.calls.saturating_add(1));
    }

    /// A call was answered, whatever the answer says.
    pub(super) fn answered(&self) {
        self.noting(|piece| piece.answered = piece.answered.saturating_add(1));
    }

    /// Takes one retry, if there is one left.
    pub(super) fn take(&self) -> bool {
        let taken = self.looking_back(|pieces, now| {
            let sum = |of: fn(&Piece) -> u32| pieces.iter().map(of).fold(0, u32::saturating_add);
            let allowed = self.limits.allowed(sum(|piece| piece.calls), sum(|piece| piece.answered));
            let taken = f64::from(sum(|piece| piece.retries).saturating_add(1)) <= allowed;
            if taken {
                note(pieces, now, |piece| piece.retries = piece.retries.saturating_add(1));
            }
            taken
        });
        if taken { &self.taken } else { &self.refused }.fetch_add(1, Ordering::Relaxed);
        taken
    }

    fn noting(&self, change: impl FnOnce(&mut Piece)) {
        self.looking_back(|pieces, now| note(pieces, now, change));
    }

    /// Forgets what lies before the window, and looks at the rest; gives the number of the present piece along.
    fn looking_back<T>(&self, look: impl FnOnce(&mut VecDeque<Piece>, u128) -> T) -> T {
        let length = (self.limits.window / PIECES).as_nanos().max(1);
        let now = self.begun.elapsed().as_nanos() / length;
        let mut pieces = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        while pieces.front().is_some_and(|piece| piece.number + u128::from(PIECES) <= now) {
            pieces.pop_front();
        }
        look(&mut pieces, now)
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Budget").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The piece that is being written. Threads may read the clock in another order than they take the lock: a late one
/// writes into the newest piece.
fn note(pieces: &mut VecDeque<Piece>, now: u128, change: impl FnOnce(&mut Piece)) {
    match pieces.back_mut().filter(|piece| piece.number >= now) {
        Some(piece) => change(piece),
        None => {
            let mut piece = Piece { number: now, ..Piece::default() };
            change(&mut piece);
            pieces.push_back(piece);
        }
    }
}
