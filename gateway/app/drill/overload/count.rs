//! What calls came to, by the phase they began in, and whether that is as it has to be.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::drill::overload::Phase;

/// Of ten thousand checkout calls in a flood, so many have to succeed.
const LEAST_CHECKOUT: u64 = 9_995;
/// Calls at a dead DOM for each hundred of the store, at most.
const MOST_CALLS: u64 = 110;
/// How soon after the DOM's return everything has to be as before.
const NORMAL: Duration = Duration::from_secs(5);

/// What a browse answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Browsed {
    Dom,
    Memory,
    Stale,
    Fallback,
    Refused,
    Fault,
}

/// What the calls of one phase came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Browse calls the DOM was asked for.
    pub from_the_dom: u64,
    /// Browse calls answered from memory.
    pub from_memory: u64,
    /// Browse calls answered from memory that is too old, because the DOM could not be asked.
    pub stale: u64,
    /// Browse calls answered with a rule's fallback.
    pub fallback: u64,
    /// Browse calls refused in the store's own words.
    pub refused: u64,
    /// Browse calls that ended with a fault, or without an answer.
    pub faults: u64,
    /// Checkout calls that succeeded.
    pub done: u64,
    /// Checkout calls that did not.
    pub failed: u64,
    /// Calls that arrived at the DOM.
    pub at_the_dom: u64,
}

/// Something that has to be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What it is called.
    pub name: &'static str,
    /// Whether it is so.
    pub is_right: bool,
    /// What was found, and what is asked for.
    pub found: String,
}

/// The result of an overload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverloadTally {
    /// By phase, of those that are counted.
    pub counts: [Count; Phase::COUNTED.len()],
    /// What has to be so.
    pub judged: Vec<Judged>,
}

/// Counts while calls are made.
#[derive(Debug)]
pub(super) struct Counts(Mutex<Counting>);

#[derive(Debug)]
struct Counting {
    phase: Phase,
    /// Calls at the DOM when the phase began.
    before: u64,
    counts: [Count; Phase::ALL.len()],
    /// When the DOM came back.
    returned: Option<Instant>,
    /// When the last checkout call began that did not succeed although the DOM was back.
    last_failed: Option<Instant>,
    /// Likewise of those that succeeded.
    last_done: Option<Instant>,
}

// === impl Counts ===

impl Counts {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Counting {
            phase: Phase::Calm,
            before: 0,
            counts: Default::default(),
            returned: None,
            last_failed: None,
            last_done: None,
        }))
    }

    pub(super) fn phase(&self) -> Phase {
        self.with(|counting| counting.phase)
    }

    /// A phase begins, with so many calls at the DOM before it.
    pub(super) fn begin(&self, phase: Phase, at_the_dom: u64, now: Instant) {
        self.with(|counting| {
            counting.note_at_the_dom(at_the_dom);
            counting.phase = phase;
            if phase == Phase::Back {
                counting.returned = Some(now);
            }
        });
    }

    pub(super) fn browsed(&self, phase: Phase, browsed: Browsed) {
        self.with(|counting| {
            let count = counting.of(phase);
            *match browsed {
                Browsed::Dom => &mut count.from_the_dom,
                Browsed::Memory => &mut count.from_memory,
                Browsed::Stale => &mut count.stale,
                Browsed::Fallback => &mut count.fallback,
                Browsed::Refused => &mut count.refused,
                Browsed::Fault => &mut count.faults,
            } += 1;
        });
    }

    pub(super) fn checked_out(&self, (phase, began): (Phase, Instant), is_done: bool) {
        self.with(|counting| {
            let count = counting.of(phase);
            *(if is_done { &mut count.done } else { &mut count.failed }) += 1;
            if phase == Phase::Back {
                let last = if is_done { &mut counting.last_done } else { &mut counting.last_failed };
                *last = (*last).max(Some(began));
            }
        });
    }

    /// The end of the last phase.
    pub(super) fn tally(&self, at_the_dom: u64, now: Instant) -> OverloadTally {
        self.with(|counting| {
            counting.note_at_the_dom(at_the_dom);
            let counts = Phase::COUNTED.map(|phase| *counting.of(phase));
            OverloadTally { counts, judged: counting.judged(now) }
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Counting) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

// === impl Counting ===

impl Counting {
    #[expect(clippy::indexing_slicing, reason = "there is a count for every phase")]
    fn of(&mut self, phase: Phase) -> &mut Count {
        &mut self.counts[phase as usize]
    }

    fn note_at_the_dom(&mut self, now: u64) {
        let (phase, calls) = (self.phase, now.saturating_sub(self.before));
        self.before = now;
        self.of(phase).at_the_dom += calls;
    }

    fn judged(&mut self, now: Instant) -> Vec<Judged> {
        let (flood, dead) = (*self.of(Phase::Flood), *self.of(Phase::Dead));
        let checkouts = flood.done + flood.failed;
        let faults = flood.faults + self.of(Phase::Back).faults;
        let checkout = Judged {
            name: "checkout",
            is_right: flood.done * 10_000 >= checkouts * LEAST_CHECKOUT && checkouts > 0,
            found: format!(
                "{} % of checkout calls succeeded in the flood, at least 99.95 %",
                share(flood.done, checkouts)
            ),
        };
        let in_band = Judged {
            name: "in-band",
            is_right: faults == 0,
            found: format!("{faults} browse calls ended with a fault while the DOM was there, none may"),
        };
        let calls = dead.calls();
        let amplified = Judged {
            name: "dead",
            is_right: dead.at_the_dom * 100 <= calls * MOST_CALLS,
            found: format!(
                "{} calls at the dead DOM for {calls} of the store: {} %, at most {MOST_CALLS} %",
                dead.at_the_dom,
                share(dead.at_the_dom, calls)
            ),
        };
        vec![checkout, in_band, amplified, self.normal(now)]
    }

    /// How soon after the DOM's return no checkout call failed any more.
    fn normal(&self, now: Instant) -> Judged {
        let returned = self.returned.unwrap_or(now);
        let after =
            self.last_failed.map_or(Duration::ZERO, |failed| failed.saturating_duration_since(returned));
        let is_over = self.last_done > self.last_failed;
        let found = if is_over {
            format!(
                "the last checkout call that failed began {} ms after the DOM's return, at most 5 s",
                after.as_millis()
            )
        } else {
            "checkout calls still failed at the end".to_owned()
        };
        Judged { name: "normal", is_right: is_over && after <= NORMAL, found }
    }
}

// === impl Count ===

impl Count {
    /// Calls of the store.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.browsed() + self.done + self.failed
    }

    /// Browse calls.
    #[must_use]
    pub const fn browsed(&self) -> u64 {
        self.from_the_dom + self.from_memory + self.stale + self.fallback + self.refused + self.faults
    }
}

/// Of a hundred, with two decimals, rounded down: nothing becomes 100 % that is not.
fn share(part: u64, whole: u64) -> String {
    let hundredths = part.saturating_mul(10_000).checked_div(whole).unwrap_or_default();
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Browsed, Counts, share};
    use crate::drill::overload::Phase;

    /// What is found right of an overload with these calls.
    fn right(calls: impl FnOnce(&Counts, Instant)) -> Vec<&'static str> {
        let (counts, now) = (Counts::new(), Instant::now());
        calls(&counts, now);
        let tally = counts.tally(120, now + Duration::from_secs(20));
        tally.judged.iter().filter(|judged| judged.is_right).map(|judged| judged.name).collect()
    }

    fn as_it_should_be(counts: &Counts, now: Instant) {
        counts.begin(Phase::Flood, 0, now);
        (0..2_000).for_each(|_| counts.checked_out((Phase::Flood, now), true));
        counts.begin(Phase::Dead, 100, now);
        counts.browsed(Phase::Dead, Browsed::Stale);
        (0..9).for_each(|_| counts.checked_out((Phase::Dead, now), false));
        counts.begin(Phase::Back, 111, now);
        counts.checked_out((Phase::Back, now + Duration::from_secs(4)), false);
        counts.checked_out((Phase::Back, now + Duration::from_secs(6)), true);
    }

    #[test]
    fn an_overload_as_it_should_be_is_right() {
        assert_eq!(right(as_it_should_be), ["checkout", "in-band", "dead", "normal"]);
    }

    #[test]
    fn each_thing_that_is_not_so_is_found() {
        let found = |change: fn(&Counts, Instant)| {
            right(|counts, now| {
                as_it_should_be(counts, now);
                change(counts, now);
            })
        };
        let failed = |counts: &Counts, now| {
            counts.checked_out((Phase::Flood, now), false);
            counts.checked_out((Phase::Flood, now), false);
        };
        assert_eq!(found(failed), ["in-band", "dead", "normal"]);
        let fault = |counts: &Counts, _| counts.browsed(Phase::Flood, Browsed::Fault);
        assert_eq!(found(fault), ["checkout", "dead", "normal"]);
        let asked = |counts: &Counts, now| {
            counts.begin(Phase::Dead, 111, now);
            counts.begin(Phase::Back, 113, now);
        };
        assert_eq!(found(asked), ["checkout", "in-band", "normal"]);
        let late = |counts: &Counts, now| {
            counts.checked_out((Phase::Back, now + Duration::from_millis(5_500)), false)
        };
        assert_eq!(found(late), ["checkout", "in-band", "dead"]);
        let last =
            |counts: &Counts, now| counts.checked_out((Phase::Back, now + Duration::from_secs(7)), false);
        assert_eq!(found(last), ["checkout", "in-band", "dead"]);
    }

    #[test]
    fn nothing_is_rounded_up_to_all() {
        assert_eq!(
            (share(19_999, 20_000), share(1, 1), share(0, 0)),
            ("99.99".into(), "100.00".into(), "0.00".into())
        );
    }
}
