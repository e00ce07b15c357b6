//! What holds whatever happens: random calls, ends, departures and times, against the ledger alone.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::super::ledger::{Entry, Ledger, Step, Wish};
use super::{Params, SECOND, rate};
use crate::class::Class;

#[derive(Debug, Clone)]
enum Event {
    Comes { class: Class, store: usize, lines: u32, patience_ms: u64 },
    Ends(usize),
    Leaves(usize),
    Passes(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let comes =
        (0_usize..5, 0_usize..3, 0_u32..150, 0_u64..2_000).prop_map(|(class, store, lines, patience_ms)| {
            Event::Comes { class: Class::ALL[class], store, lines, patience_ms }
        });
    prop_oneof![
        6 => comes,
        3 => any::<usize>().prop_map(Event::Ends),
        1 => any::<usize>().prop_map(Event::Leaves),
        3 => (0_u64..300).prop_map(Event::Passes),
    ]
}

/// A ledger, the calls in it and what became of them.
struct World {
    ledger: Ledger<usize>,
    params: Params,
    begun: Instant,
    now: Instant,
    /// Each call's class, lines and number in the queue.
    calls: Vec<(Class, u32, u64)>,
    waiting: Vec<usize>,
    under_way: Vec<usize>,
    /// Calls that went, with their times and lines.
    went: Vec<(Instant, u32)>,
    gone: usize,
}

impl World {
    fn new(params: Params) -> Self {
        let now = Instant::now();
        let ledger = Ledger::new(params.clone(), now);
        let (calls, waiting, under_way, went) = Default::default();
        Self { ledger, params, begun: now, now, calls, waiting, under_way, went, gone: 0 }
    }

    fn comes(&mut self, class: Class, store: usize, lines: u32, patience: Duration) {
        let (store, given) = (["a", "b", "c"][store], self.calls.len());
        let until = self.now + patience;
        self.calls.push((class, lines, 0));
        match self.ledger.enter(Wish { class, store, lines, until, given }) {
            Entry::Waits(number) => self.calls[given].2 = number,
            Entry::InsteadOf(number, other) => {
                self.calls[given].2 = number;
                self.no_longer_waits(other);
                self.gone += 1;
            }
            Entry::Full(_) => {
                self.gone += 1;
                return;
            }
        }
        self.waiting.push(given);
    }

    fn no_longer_waits(&mut self, call: usize) {
        let place = self.waiting.iter().position(|waiting| *waiting == call).expect("it does not wait");
        self.waiting.remove(place);
    }

    /// Lets go whoever may; gives when to look again.
    fn settle(&mut self) -> Result<Option<Instant>, TestCaseError> {
        loop {
            let borrowed = |world: &Self| -> u64 {
                world.ledger.counts().iter().map(|(_, counts)| counts.borrowed).sum()
            };
            let (before, free) = (borrowed(self), self.params.concurrent as usize - self.under_way.len());
            match self.ledger.next(self.now) {
                Step::Go(class, call) => {
                    self.no_longer_waits(call);
                    prop_assert_eq!(self.calls[call].0, class);
                    self.under_way.push(call);
                    self.went.push((self.now, self.calls[call].1));
                    prop_assert!(free > 0);
                    prop_assert!(borrowed(self) == before || free > self.params.never_lent as usize);
                }
                Step::TooLate(call) => {
                    self.no_longer_waits(call);
                    self.gone += 1;
                }
                Step::Wait(at) => {
                    prop_assert!(at > self.now, "waits for what is over");
                    return Ok(Some(at));
                }
                Step::Rest => {
                    // Nothing that waits is forgotten: an end will come that lets it go.
                    prop_assert!(self.waiting.is_empty() || free <= self.params.never_lent as usize);
                    return Ok(None);
                }
            }
        }
    }

    /// Lets time pass, looking at the ledger whenever it asks for it.
    fn passes(&mut self, time: Duration) -> Result<(), TestCaseError> {
        let end = self.now + time;
        while let Some(at) = self.settle()?.filter(|at| *at <= end) {
            self.now = at;
        }
        self.now = end;
        self.settle().map(drop)
    }

    fn happens(&mut self, event: Event) -> Result<(), TestCaseError> {
        match event {
            Event::Comes { class, store, lines, patience_ms } => {
                self.comes(class, store, lines, Duration::from_millis(patience_ms));
            }
            Event::Ends(which) if !self.under_way.is_empty() => {
                let call = self.under_way.swap_remove(which % self.under_way.len());
                self.ledger.ended(self.calls[call].0);
            }
            Event::Leaves(which) if !self.waiting.is_empty() => {
                let call = self.waiting.remove(which % self.waiting.len());
                prop_assert!(self.ledger.leave(self.calls[call].0, self.calls[call].2, false));
                self.gone += 1;
            }
            Event::Passes(millis) => return self.passes(Duration::from_millis(millis)),
            Event::Ends(_) | Event::Leaves(_) => {}
        }
        self.settle().map(drop)
    }

    /// In no stretch of time did more go than the rate and what may come at once, but for what was in hand.
    fn keeps_to_the_rates(&self) -> Result<(), TestCaseError> {
        let most = |rate: Option<super::Rate>, time: Duration, in_hand: f64| {
            let rate = rate.unwrap();
            f64::from(rate.at_once.get()) + time.as_secs_f64() * f64::from(rate.per_second.get()) + in_hand
        };
        for (first, (from, _)) in self.went.iter().enumerate() {
            let (mut requests, mut lines) = (0.0, 0.0);
            for (to, more) in &self.went[first..] {
                requests += 1.0;
                lines += f64::from(*more);
                prop_assert!(requests <= most(self.params.requests, *to - *from, 1.0) + 0.001);
                prop_assert!(lines <= most(self.params.lines, *to - *from, 150.0) + 0.001);
            }
        }
        Ok(())
    }
}

fn small() -> Params {
    Params {
        requests: rate(20, 5),
        lines: rate(500, 100),
        concurrent: 8,
        most_waiting: 12,
        ..Params::default()
    }
}

proptest! {
    #[test]
    fn bounds_are_kept_and_no_call_is_lost(events in prop::collection::vec(event(), 0..250)) {
        let mut world = World::new(small());
        for event in events {
            world.happens(event)?;
            let counts = world.ledger.counts();
            let sum = |of: fn(&super::Counts) -> u32| counts.iter().map(|(_, counts)| of(counts) as usize).sum::<usize>();
            prop_assert_eq!(sum(|counts| counts.waiting), world.waiting.len());
            prop_assert_eq!(sum(|counts| counts.under_way), world.under_way.len());
            prop_assert!(world.waiting.len() <= 12 && world.under_way.len() <= 8);
            prop_assert_eq!(world.calls.len(), world.went.len() + world.waiting.len() + world.gone);
        }
        world.keeps_to_the_rates()?;
        // When calls end and time passes, everybody goes or is told.
        while let Some(call) = world.under_way.pop() {
            world.ledger.ended(world.calls[call].0);
            world.passes(SECOND)?;
        }
        world.passes(2 * SECOND)?;
        prop_assert_eq!(world.waiting.len(), 0);
    }

    /// Whatever others do: a class that always has calls waiting gets its percentage of the rate, short of at most what may
    /// come at once and one call of each class.
    #[test]
    fn a_class_with_calls_waiting_gets_what_it_is_sure_of(
        class in 0_usize..5,
        percent in prop::array::uniform5(1_u32..=20),
        lines in 0_u32..10,
        others in prop::collection::vec((0_usize..5, 0_usize..3, 0_u32..100, 1_u64..60), 0..400),
    ) {
        let class = Class::ALL[class];
        let mut params = Params { concurrent: 100_000, most_waiting: 5_000, ..small() };
        for (class, percent) in Class::ALL.into_iter().zip(percent) {
            params.classes.of_mut(class).percent = percent;
        }
        let mut world = World::new(params);
        let patience = 3_600 * SECOND;
        for _ in 0..600 {
            world.comes(class, 0, lines, patience);
        }
        for (other, store, other_lines, pause_ms) in others {
            for _ in 0..3 {
                world.comes(Class::ALL[other], store, other_lines, patience);
            }
            world.passes(Duration::from_millis(pause_ms))?;
            prop_assert!(world.ledger.counts().of(class).waiting > 0);
            let passed_s = (world.now - world.begun).as_secs_f64();
            let share = f64::from(world.params.classes.of(class).percent) / 100.0;
            let (by_requests, by_lines) = (share * 20.0 * passed_s, share * 500.0 * passed_s / f64::from(lines.max(1)));
            let sure = by_requests.min(if lines == 0 { by_requests } else { by_lines });
            // Five may come at once, or a hundred lines; each class may be ahead by one call of up to 100 lines.
            let short = if lines == 0 { 5.0 + 6.0 } else { (5.0_f64 + 6.0).max(700.0 / f64::from(lines)) };
            let got = world.ledger.counts().of(class).passed as f64;
            prop_assert!(got + short >= sure, "{got} of {sure}");
        }
    }
}
