//! Who goes next. Time comes in as a value; nothing here waits.
//!
//! A class is *at home* while it has credit of each rate and fewer calls under way than it is sure of. Who is at home goes
//! first, the most urgent class before the others. What is left when nobody waits at home is lent, to the most urgent class
//! first, and never the last few calls under way. So:
//!
//! * No class waits behind one that borrows: it goes with the next token and the next free call. (Proof: `next` looks at
//!   borrowers only when nobody waits at home.)
//! * A class that always has calls waiting gets what it is sure of in the long run: those before it can only go at home as
//!   fast as their own credit grows, and all credits together grow no faster than the rate.
//! * What nobody claims goes to whoever waits: nothing idles while the DOM has room, but for the calls never lent.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::credit::Credit;
use super::meter::Meter;
use super::queue::{Queue, Waiting};
use super::{Counts, Params};
use crate::class::{ByClass, Class};

/// The cost of a call where no rate says it: then all cost the same.
const COST_WITHOUT_RATES: u128 = 1_000_000;

/// What is under way, what waits, and who goes next.
#[derive(Debug)]
pub(crate) struct Ledger<G> {
    params: Params,
    requests: Option<Meter>,
    lines: Option<Meter>,
    classes: ByClass<Account<G>>,
    under_way: u32,
    numbers: u64,
}

/// One class's part.
#[derive(Debug)]
struct Account<G> {
    queue: Queue<G>,
    requests: Option<Credit>,
    lines: Option<Credit>,
    /// Calls under way that it is sure of.
    places: u32,
    /// Waiting calls that it is sure of.
    room: u32,
    counts: Counts,
}

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Step<G> {
    /// This call goes.
    Go(Class, G),
    /// This call waited too long.
    TooLate(G),
    /// Nothing before this instant, unless something comes or ends.
    Wait(Instant),
    /// Nothing, unless something comes or ends.
    Rest,
}

/// A call that wants to go.
#[derive(Debug)]
pub(crate) struct Wish<'a, G> {
    pub(crate) class: Class,
    pub(crate) store: &'a str,
    pub(crate) lines: u32,
    pub(crate) until: Instant,
    pub(crate) given: G,
}

/// What became of a wish.
#[derive(Debug)]
pub(crate) enum Entry<G> {
    /// It waits under this number.
    Waits(u64),
    /// It waits under this number, and another one gave way.
    InsteadOf(u64, G),
    /// There is no room for it.
    Full(G),
}

// === impl Ledger ===

impl<G> Ledger<G> {
    pub(crate) fn new(params: Params, now: Instant) -> Self {
        let credit = |rate, class| Credit::new(rate, params.classes.of(class).percent, now);
        let classes = ByClass::from_fn(|class| Account {
            queue: Queue::new(),
            requests: params.requests.map(|rate| credit(rate, class)),
            lines: params.lines.map(|rate| credit(rate, class)),
            places: params.sure_of(params.concurrent, class),
            room: params.sure_of(params.most_waiting, class),
            counts: Counts::default(),
        });
        let requests = params.requests.map(|rate| Meter::new(rate, now));
        let lines = params.lines.map(|rate| Meter::new(rate, now));
        Self { params, requests, lines, classes, under_way: 0, numbers: 0 }
    }

    /// Lets a call wait. If there is no room for it, the least urgent class that takes more room than it is sure of gives
    /// way, and within a class the store that takes most.
    pub(crate) fn enter(&mut self, wish: Wish<'_, G>) -> Entry<G> {
        let Wish { class, store, lines, until, given } = wish;
        let weight = self.params.weight(store);
        let waiting = Class::ALL.into_iter().map(|class| self.classes.of(class).queue.waiting());
        let full = waiting.fold(0, u32::saturating_add) >= self.params.most_waiting;
        let gave_way = if full { self.make_room(class, store, weight) } else { None };
        if full && gave_way.is_none() {
            self.count(class, |counts| counts.refused_full += 1);
            return Entry::Full(given);
        }
        self.numbers = self.numbers.wrapping_add(1);
        let (number, cost) = (self.numbers, self.cost(lines));
        let call = Waiting { number, lines, cost, until, given };
        self.classes.of_mut(class).queue.push(&Arc::from(store), weight, call);
        match gave_way {
            Some((loser, given)) => {
                self.count(loser, |counts| counts.refused_full += 1);
                Entry::InsteadOf(number, given)
            }
            None => Entry::Waits(number),
        }
    }

    /// A call came too late to wait at all.
    pub(crate) fn never_entered(&mut self, class: Class) {
        self.count(class, |counts| counts.refused_late += 1);
    }

    /// A waiting call is no longer wanted, or waited too long; whether it was still waiting.
    pub(crate) fn leave(&mut self, class: Class, number: u64, too_late: bool) -> bool {
        let was_there = self.classes.of_mut(class).queue.remove(number).is_some();
        if was_there && too_late {
            self.count(class, |counts| counts.refused_late += 1);
        }
        was_there
    }

    /// A call that went has come to its end.
    pub(crate) fn ended(&mut self, class: Class) {
        self.under_way = self.under_way.saturating_sub(1);
        self.count(class, |counts| counts.under_way = counts.under_way.saturating_sub(1));
    }

    /// What to do now; to be asked again until it is to wait or to rest.
    pub(crate) fn next(&mut self, now: Instant) -> Step<G> {
        // Whoever may go does, also one that was about to give up: who waits for nothing goes if there is room.
        let step = self.next_to_go(now);
        if matches!(step, Step::Go(..)) {
            return step;
        }
        for class in Class::ALL {
            let queue = &mut self.classes.of_mut(class).queue;
            let late = queue.next().filter(|call| call.until <= now).map(|call| call.number);
            if let Some(call) = late.and_then(|number| queue.remove(number)) {
                self.count(class, |counts| counts.refused_late += 1);
                return Step::TooLate(call.given);
            }
        }
        step
    }

    fn next_to_go(&mut self, now: Instant) -> Step<G> {
        let free = self.params.concurrent.saturating_sub(self.under_way);
        let at_home = Class::ALL.into_iter().find(|class| self.is_at_home(*class, now));
        let borrows = || {
            let waits = |class: &Class| self.classes.of(*class).queue.waiting() > 0;
            Class::ALL.into_iter().find(waits).filter(|_| free > self.params.never_lent)
        };
        match at_home.filter(|_| free > 0) {
            Some(class) => self.go(class, true, now),
            None => match borrows() {
                Some(class) => self.go(class, false, now),
                None if free > 0 => self.home_again(now),
                None => Step::Rest,
            },
        }
    }

    /// How long who is refused should stay away: until what waits before it is gone, if a rate says when that will be.
    pub(crate) fn pause(&self, class: Class) -> Duration {
        let before = self.classes.iter().filter(|(other, _)| *other >= class);
        let waiting = before.map(|(_, account)| account.queue.waiting()).fold(0, u32::saturating_add);
        let period = self.params.requests.map_or(Duration::ZERO, super::Rate::period);
        period.saturating_mul(waiting).clamp(super::SHORTEST_PAUSE, super::LONGEST_PAUSE)
    }

    pub(crate) fn counts(&self) -> ByClass<Counts> {
        ByClass::from_fn(|class| {
            let account = self.classes.of(class);
            Counts { waiting: account.queue.waiting(), ..account.counts }
        })
    }

    /// Whether a call of the class waits that may go as its own.
    fn is_at_home(&self, class: Class, now: Instant) -> bool {
        self.home_from(class, now).is_some_and(|from| from <= now)
    }

    /// From when on the class's next call may go as its own; nothing if none waits, or if another has to end first.
    fn home_from(&self, class: Class, now: Instant) -> Option<Instant> {
        let account = self.classes.of(class);
        let call = account.queue.next()?;
        if account.counts.under_way >= account.places {
            return None;
        }
        let requests = account.requests.as_ref().map(Credit::left_from);
        let lines = account.lines.as_ref().filter(|_| call.lines > 0).map(Credit::left_from);
        Some(requests.max(lines).unwrap_or(now))
    }

    /// Nobody may go, though the DOM has room: until the first of them is at home again.
    fn home_again(&self, now: Instant) -> Step<G> {
        let from = Class::ALL.into_iter().filter_map(|class| self.home_from(class, now)).min();
        from.map_or(Step::Rest, Step::Wait)
    }

    /// Lets the next call of a class go, as soon as the meters have what it needs.
    fn go(&mut self, class: Class, at_home: bool, now: Instant) -> Step<G> {
        let account = self.classes.of_mut(class);
        let Some(lines) = account.queue.next().map(|call| call.lines) else { return Step::Rest };
        for (meter, wanted) in [(&mut self.requests, 1), (&mut self.lines, lines)] {
            if let Some(Err(from)) = meter.as_mut().map(|meter| meter.gather(wanted, now)) {
                return Step::Wait(from);
            }
        }
        let Some(call) = account.queue.pop() else { return Step::Rest };
        for (meter, credit, used) in
            [(&mut self.requests, &mut account.requests, 1), (&mut self.lines, &mut account.lines, lines)]
        {
            if let Some(meter) = meter {
                meter.spend(used);
            }
            // Who borrows pays nothing back: it took what nobody wanted.
            if let Some(credit) = credit.as_mut().filter(|_| at_home) {
                credit.spend(used, now);
            }
        }
        self.under_way = self.under_way.saturating_add(1);
        account.counts.under_way = account.counts.under_way.saturating_add(1);
        account.counts.passed += 1;
        account.counts.borrowed += u64::from(!at_home);
        Step::Go(class, call.given)
    }

    /// Takes out the call that gives way to one of this class and store, if one does.
    fn make_room(&mut self, class: Class, store: &str, weight: u128) -> Option<(Class, G)> {
        let over =
            |account: &Account<G>, more: u32| account.queue.waiting().saturating_add(more) > account.room;
        let others = Class::ALL.into_iter().rev().filter(|other| *other != class);
        let loser = { others }.find(|other| over(self.classes.of(*other), 0));
        let own = over(self.classes.of(class), 1);
        match loser {
            Some(loser) if !own || loser < class => {
                self.classes.of_mut(loser).queue.pop_newest().map(|call| (loser, call.given))
            }
            _ => self.classes.of_mut(class).queue.push_out(store, weight).map(|call| (class, call.given)),
        }
    }

    fn cost(&self, lines: u32) -> u128 {
        let request = self.params.requests.map(|rate| rate.period().as_nanos());
        let lines = self.params.lines.map(|rate| rate.period().as_nanos() * u128::from(lines));
        request.max(lines).unwrap_or(COST_WITHOUT_RATES).max(1)
    }

    fn count(&mut self, class: Class, change: impl FnOnce(&mut Counts)) {
        change(&mut self.classes.of_mut(class).counts);
    }
}
