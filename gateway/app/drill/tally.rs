//! What both ends have when it is over.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::drill::ledger::{Believed, Entry, Pushed};
use crate::drill::world::World;

/// Orders named of each kind that should not be there.
const NAMED: usize = 5;

/// The result of a drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What happened; none of it is right or wrong.
    pub happened: Vec<(&'static str, u64)>,
    /// What must not be: every count has to be 0.
    pub judged: Vec<Row>,
    /// What went wrong by itself, sorted, if it was to be listed.
    pub faults: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// One thing that must not be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// What it is called.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// How many orders.
    pub count: u64,
    /// The first of them, by the store's ids.
    pub orders: Vec<String>,
}

// === impl Tally ===

impl Tally {
    /// Whether nothing is there that must not be.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.judged.iter().all(|row| row.count == 0)
    }
}

// === impl Row ===

impl Row {
    fn new(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, ..Self::default() }
    }

    fn add(&mut self, is_so: bool, order: &str) {
        if is_so {
            self.count += 1;
            if self.orders.len() < NAMED {
                self.orders.push(order.to_owned());
            }
        }
    }
}

/// Counts at both ends.
pub(super) fn count(world: &World, took: Duration) -> Tally {
    let reserved: HashSet<String> = world
        .dom
        .with(|dom| dom.reservations().map(|id| id.strip_prefix("WC_").unwrap_or(id).to_owned()).collect());
    let begun = world.seen.begun.load(Ordering::Relaxed);
    let mut done = 0;
    let mut dropped = 0;
    let mut lost = Row::new("lost", "the store thinks it is done, the DOM has none");
    let mut doubled = Row::new("doubled", "the DOM has two");
    let mut unresolved = Row::new("unresolved", "not told done after all passes of the store's job");
    let mut orphans = Row::new("orphans", "stock is held under a reservation nobody wants");
    let mut undelivered = Row::new("undelivered", "a push the store never took");
    let mut backwards = Row::new("backwards", "a status that went back at the store");
    let mut unconfirmed = Row::new("unconfirmed", "a repeated push the DOM was never rid of");
    let mut unanswered = Row::new("unanswered", "a call without an answer at a gateway that was not killed");
    for (order, entry) in world.ledger.entries(usize::try_from(begun).unwrap_or(usize::MAX)) {
        let keys = world.dom.with(|dom| dom.keys(&order).len());
        let believed = believed(world, &order, entry);
        done += u64::from(believed == Believed::Done);
        dropped += u64::from(believed == Believed::Dropped);
        lost.add(believed == Believed::Done && keys == 0, &order);
        doubled.add(keys > 1, &order);
        unresolved.add(believed == Believed::Open, &order);
        // What a pending order reserved is its own still, and so is what a store knows is not given back.
        orphans.add(reserved.contains(&order) && (believed != Believed::Open || keys > 0), &order);
        undelivered.add(keys > 0 && entry.pushed != Pushed::All, &order);
        backwards.add(entry.went_back, &order);
        unconfirmed.add(entry.stuck, &order);
        unanswered.add(entry.unanswered, &order);
    }
    let seen = &world.seen;
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let script = world.dom.script();
    let happened = vec![
        ("orders", begun),
        ("  handed over", done),
        ("  cancelled or left", dropped),
        ("calls of the store", of(&seen.calls)),
        ("  faults and refusals", of(&seen.faults)),
        ("  sent twice by its transport", of(&seen.sent_twice)),
        ("  sent again by its connector", of(&seen.resent)),
        ("  given back by its clean-up", of(&seen.cleaned)),
        ("  sent again by its job", of(&seen.passes)),
        ("calls at the DOM: reserve", script.count("reserve").calls),
        ("  cancel", script.count("cancel_reservation").calls),
        ("  transfer", script.count("transfer").calls),
        ("  transfer without held stock", world.dom.with(|dom| dom.unheld())),
        ("  details", script.count("details").calls),
        ("pushes of the DOM", of(&seen.pushes)),
        ("  sent again", of(&seen.pushed_again)),
        ("  payments deposited again", of(&seen.deposits)),
        ("gateways killed", of(&seen.kills)),
        ("gateways drained and replaced", of(&seen.replaced)),
        ("outages of the DOM", of(&seen.outages)),
    ];
    let judged = vec![lost, doubled, unresolved, orphans, undelivered, backwards, unconfirmed, unanswered];
    Tally { happened, judged, faults: world.listed.take(), took }
}

/// What the store thinks of an order, also of one that never came to its end.
fn believed(world: &World, order: &str, entry: Entry) -> Believed {
    if entry.settled {
        return entry.believed;
    }
    let is_done =
        world.store.with(|store| store.order(order).map(|kept| !["P", "M", "F"].contains(&&*kept.status)));
    if is_done == Some(true) { Believed::Done } else { Believed::Open }
}
