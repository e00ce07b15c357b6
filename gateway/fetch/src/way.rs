//! The way to the source: whether it is open, and how many calls it bears.
//!
//! After a failure it is closed for a pause that doubles with each failure in a row, then one call tries it. Calls that ran
//! beside each other and failed together are one failure: only a call begun after the last one counts as the next.

use std::time::Duration;

use gateway_model::codes::{Code, DOM_NOT_ASKED};
use gateway_model::{Fault, Pause, Repeat};
use tokio::time::Instant;

/// What is known of the way.
#[derive(Debug)]
pub(crate) struct Way {
    first: Duration,
    longest: Duration,
    most_calls: usize,
    /// Counts the failures, so that a call knows whether it was begun before the last one.
    round: u64,
    failures_in_a_row: u32,
    /// Successes since the last failure.
    successes: usize,
    closed: Option<Closed>,
}

/// Why the way is closed, and until when; afterwards it is tried by one call at a time.
#[derive(Debug)]
struct Closed {
    until: Instant,
    /// The code of the failure that closed it.
    cause: Code,
}

// === impl Way ===

impl Way {
    pub(crate) const fn new(first: Duration, longest: Duration, most_calls: usize) -> Self {
        Self {
            first,
            longest,
            most_calls,
            round: 0,
            failures_in_a_row: 0,
            successes: most_calls,
            closed: None,
        }
    }

    /// What a call begun now has to show when it comes back.
    pub(crate) const fn round(&self) -> u64 {
        self.round
    }

    /// Until when nothing is to be asked, if that is later than now.
    pub(crate) fn closed_until(&self, now: Instant) -> Option<Instant> {
        self.closed.as_ref().map(|closed| closed.until).filter(|until| *until > now)
    }

    /// How many calls of this round may be under way.
    pub(crate) fn width(&self, now: Instant) -> usize {
        match self.closed {
            Some(_) if self.closed_until(now).is_some() => 0,
            Some(_) => 1,
            None => self.successes.saturating_add(1).min(self.most_calls),
        }
    }

    /// Why a new line would not be sent, if it would not: in a pause, or while a call of this round tries the way. It says
    /// when to come back.
    pub(crate) fn refusal(&self, now: Instant, under_way: impl FnOnce() -> usize) -> Option<Fault> {
        let closed = self.closed.as_ref()?;
        let pause = closed.until.saturating_duration_since(now);
        (!pause.is_zero() || under_way() > 0).then(|| {
            let text =
                format!("not asked: the last call failed ({}), the source is left alone", closed.cause);
            Fault::network(DOM_NOT_ASKED, text).repeat(Repeat::Safe).retry_after(pause.max(self.first))
        })
    }

    /// A call failed; whether that closed the way, which it does not if the call was begun before the last failure.
    pub(crate) fn failed(&mut self, round: u64, now: Instant, fault: &Fault) -> bool {
        if round != self.round {
            return false;
        }
        self.round = self.round.saturating_add(1);
        let doublings = self.failures_in_a_row.min(31);
        let pause = self.first.saturating_mul(1_u32 << doublings);
        let asked_for = fault.retry_after.map_or(Duration::ZERO, Pause::length);
        let pause = pause.max(asked_for).min(self.longest);
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        self.successes = 0;
        self.closed = Some(Closed { until: now + pause, cause: fault.code });
        true
    }

    /// A call was answered. One begun before the last failure opens the way too, but the next failure then still counts as
    /// one more in the row.
    pub(crate) fn answered(&mut self, round: u64) {
        self.closed = None;
        self.successes = self.successes.saturating_add(1);
        if round == self.round {
            self.failures_in_a_row = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gateway_model::{Fault, Pause, Reached, codes};
    use tokio::time::Instant;

    use super::Way;

    const FIRST: Duration = Duration::from_millis(100);

    fn way() -> Way {
        Way::new(FIRST, FIRST * 6, 4)
    }

    fn fault() -> Fault {
        Fault::network(codes::DOM_TIMEOUT, "test").reached(Reached::Maybe)
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew_after_a_success() {
        let (mut way, mut now) = (way(), Instant::now());
        for pause in [1, 2, 4, 6, 6] {
            assert!(way.failed(way.round(), now, &fault()));
            assert_eq!(way.closed_until(now), Some(now + FIRST * pause));
            now += FIRST * pause;
            assert_eq!(way.closed_until(now), None);
        }
        way.answered(way.round());
        assert!(way.failed(way.round(), now, &fault()));
        assert_eq!(way.closed_until(now), Some(now + FIRST));
    }

    #[test]
    fn a_pause_that_the_source_asks_for_is_kept_up_to_the_longest() {
        for (asked, pause) in [(0, 1), (1, 1), (3, 3), (60, 6)] {
            let (mut way, now) = (way(), Instant::now());
            way.failed(way.round(), now, &fault().retry_after(FIRST * asked));
            assert_eq!(way.closed_until(now), Some(now + FIRST * pause));
        }
    }

    #[test]
    fn calls_that_fail_together_are_one_failure() {
        let (mut way, now) = (way(), Instant::now());
        let round = way.round();
        assert!(way.failed(round, now, &fault()));
        assert!(!way.failed(round, now + FIRST, &fault()));
        assert_eq!(way.closed_until(now), Some(now + FIRST));
    }

    #[test]
    fn a_call_from_before_opens_the_way_but_does_not_end_the_row() {
        let (mut way, now) = (way(), Instant::now());
        let round = way.round();
        way.failed(round, now, &fault());
        way.answered(round);
        assert_eq!(way.width(now), 2);
        way.failed(way.round(), now, &fault());
        assert_eq!(way.closed_until(now), Some(now + FIRST * 2));
    }

    #[test]
    fn one_call_tries_and_each_success_lets_one_more_in() {
        let (mut way, now) = (way(), Instant::now());
        assert_eq!(way.width(now), 4);
        way.failed(way.round(), now, &fault());
        assert_eq!((way.width(now), way.width(now + FIRST)), (0, 1));
        for width in [2, 3, 4, 4] {
            way.answered(way.round());
            assert_eq!(way.width(now), width);
        }
    }

    #[test]
    fn who_comes_in_a_pause_or_beside_the_try_is_told_that_nothing_was_sent_and_when_to_come_back() {
        let (mut way, now) = (way(), Instant::now());
        assert_eq!(way.refusal(now, || 1), None);
        way.failed(way.round(), now, &fault());
        let told = |now, calls| {
            way.refusal(now, || calls).map(|fault| (fault.code, fault.reached, fault.retry_after))
        };
        let not_asked = Some((codes::DOM_NOT_ASKED, Reached::No, Pause::of(FIRST)));
        assert_eq!(told(now, 0), not_asked);
        assert_eq!(told(now + FIRST, 0), None);
        assert_eq!(told(now + FIRST, 1), not_asked);
    }
}
