//! What both ends have when it is over, and what of it must not be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use crate::ledger::{Pushed, Wanted};
use crate::world::World;

/// What must not be, by its name, with the orders of which it is so; empty if all is right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Judgement(pub(crate) BTreeMap<&'static str, Vec<String>>);

// === impl Judgement ===

impl Judgement {
    fn add(&mut self, name: &'static str, is_so: bool, order: &str) {
        if is_so {
            self.0.entry(name).or_default().push(order.to_owned());
        }
    }

    /// Whether anything is not right.
    pub(crate) fn is_wrong(&self) -> bool {
        !self.0.is_empty()
    }

    /// The names of what is not right.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }
}

/// Judges by what both ends have.
pub(crate) fn judge(world: &World) -> Judgement {
    let mut judgement = Judgement::default();
    let reserved: BTreeSet<String> = world
        .dom()
        .with(|dom| dom.reservations().map(|id| id.strip_prefix("WC_").unwrap_or(id).to_owned()).collect());
    for (order, entry) in world.ledger.entries() {
        let keys = world.dom().with(|dom| dom.keys(&order).len());
        let is_pending = world.is_pending(&order);
        let is_done = entry.wanted == Wanted::Yes && !is_pending;
        let kept = world.store().with(|store| store.order(&order).cloned()).unwrap();
        judgement.add("lost", is_done && keys == 0, &order);
        judgement.add("doubled", keys > 1, &order);
        judgement.add("uninvited", entry.wanted == Wanted::No && keys > 0, &order);
        judgement.add("unresolved", is_pending || entry.wanted == Wanted::Perhaps, &order);
        judgement.add("orphans", reserved.contains(&order) && (!is_pending || keys > 0), &order);
        let arrived = entry.pushed == Pushed::All && kept.status == "S" && !kept.deposits.is_empty();
        judgement.add("undelivered", keys > 0 && !arrived, &order);
        judgement.add("backwards", kept.went_back > 0, &order);
        judgement.add("unconfirmed", entry.stuck, &order);
    }
    let opened = world.ledger.entries().len();
    judgement.add("unopened", opened != world.plan.orders as usize, &opened.to_string());
    let panics = world.panics.load(Ordering::Relaxed);
    judgement.add("panics", panics > 0, &panics.to_string());
    judgement
}
