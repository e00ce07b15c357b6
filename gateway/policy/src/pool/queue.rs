//! The calls of one class that wait: in lanes, one for each store, which take turns by weight.
//!
//! This is start-time fair queueing. A call's cost, divided by its store's weight, moves the store's next turn back; the
//! store with the earliest turn goes next. So of two stores that both have calls waiting, neither gets more than its
//! weight by more than one call, and one that had nothing waiting neither gains nor loses by it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

/// The calls of one class that wait.
#[derive(Debug)]
pub(crate) struct Queue<G> {
    /// A lane stays as long as its turn lies ahead: who empties it must not be first again at once.
    lanes: BTreeMap<Arc<str>, Lane<G>>,
    /// The turn of the call that went last.
    turn: u128,
    waiting: u32,
}

#[derive(Debug)]
struct Lane<G> {
    calls: VecDeque<Waiting<G>>,
    turn: u128,
    weight: u128,
}

/// A call that waits.
#[derive(Debug)]
pub(crate) struct Waiting<G> {
    /// Its number, by which it can be found.
    pub(crate) number: u64,
    /// The lines it asks for.
    pub(crate) lines: u32,
    /// What it costs, as the turns count it.
    pub(crate) cost: u128,
    /// When it stops waiting.
    pub(crate) until: Instant,
    /// What is given to it.
    pub(crate) given: G,
}

// === impl Queue ===

impl<G> Queue<G> {
    pub(crate) const fn new() -> Self {
        Self { lanes: BTreeMap::new(), turn: 0, waiting: 0 }
    }

    pub(crate) const fn waiting(&self) -> u32 {
        self.waiting
    }

    /// The call that goes next.
    pub(crate) fn next(&self) -> Option<&Waiting<G>> {
        self.next_lane().and_then(|(_, lane)| lane.calls.front())
    }

    pub(crate) fn push(&mut self, store: &Arc<str>, weight: u128, call: Waiting<G>) {
        let turn = self.turn;
        let fresh = || Lane { calls: VecDeque::new(), turn, weight };
        let lane = self.lanes.entry(Arc::clone(store)).or_insert_with(fresh);
        if lane.calls.is_empty() {
            lane.turn = lane.turn.max(turn);
        }
        lane.calls.push_back(call);
        self.waiting = self.waiting.saturating_add(1);
    }

    /// Takes the call that goes next.
    pub(crate) fn pop(&mut self) -> Option<Waiting<G>> {
        let store = Arc::clone(self.next_lane()?.0);
        let lane = self.lanes.get_mut(&store)?;
        let call = lane.calls.pop_front()?;
        self.turn = lane.turn;
        lane.turn = lane.turn.saturating_add(call.cost / lane.weight.max(1));
        self.waiting = self.waiting.saturating_sub(1);
        self.sweep();
        Some(call)
    }

    /// Takes a call out of the queue, if it is still there.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Waiting<G>> {
        let mut lanes = self.lanes.values_mut();
        let (lane, place) = lanes.find_map(|lane| {
            let place = lane.calls.iter().position(|call| call.number == number)?;
            Some((lane, place))
        })?;
        let call = lane.calls.remove(place)?;
        self.waiting = self.waiting.saturating_sub(1);
        self.sweep();
        Some(call)
    }

    /// Takes the newest call of the store that has most waiting for its weight, if it is not this store itself, with the
    /// call it wants to add.
    pub(crate) fn push_out(&mut self, instead_of: &str, weight: u128) -> Option<Waiting<G>> {
        let own = self.lanes.get(instead_of).map_or(0, |lane| lane.calls.len());
        let own = own.saturating_add(1) as u128 * 1_000 / weight.max(1);
        let length = |lane: &Lane<G>| lane.calls.len() as u128 * 1_000 / lane.weight.max(1);
        let others = self.lanes.iter_mut().filter(|(store, _)| &***store != instead_of);
        let (_, longest) = others.max_by_key(|(_, lane)| length(lane))?;
        if length(longest) < own {
            return None;
        }
        let call = longest.calls.pop_back()?;
        self.waiting = self.waiting.saturating_sub(1);
        Some(call)
    }

    /// Takes the newest call of the store that has most waiting for its weight.
    pub(crate) fn pop_newest(&mut self) -> Option<Waiting<G>> {
        let length = |lane: &Lane<G>| lane.calls.len() as u128 * 1_000 / lane.weight.max(1);
        let longest = self.lanes.values_mut().max_by_key(|lane| length(lane))?;
        let call = longest.calls.pop_back()?;
        self.waiting = self.waiting.saturating_sub(1);
        Some(call)
    }

    fn next_lane(&self) -> Option<(&Arc<str>, &Lane<G>)> {
        let lanes = self.lanes.iter().filter(|(_, lane)| !lane.calls.is_empty());
        lanes.min_by_key(|(_, lane)| lane.turn)
    }

    /// Forgets the stores that have nothing waiting and would not have to wait for their turn.
    fn sweep(&mut self) {
        if self.waiting == 0 {
            self.lanes.clear();
            self.turn = 0;
        } else {
            let turn = self.turn;
            self.lanes.retain(|_, lane| !lane.calls.is_empty() || lane.turn > turn);
        }
    }
}
