//! One lane per order: events of one order go to the store one after the other, in the order in which they came, and no
//! order waits for another.
//!
//! An event of several orders stands in the lanes of all of them and goes when it is first in each. Places are taken all at
//! once, so two events never wait for each other. Lanes exist while somebody stands in them; what was told of an order is
//! remembered beyond that, of so many orders. All of it is soft: without it the store is asked, and refuses what is older.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_operation::order_sync::{OrderNews, Overtaken, Progress, Rest, Standing};
use tokio::sync::Notify;

/// What names an order of a store here: as long for every order, and nothing can be read from it.
type Lane = (u64, u64);

/// The lanes of the orders of one DOM.
#[derive(Debug)]
pub struct Lanes {
    state: Mutex<State>,
    /// Events that may stand here.
    most: usize,
    /// How many orders of events came so far.
    arrivals: AtomicU64,
    hashers: (RandomState, RandomState),
}

/// An event's place in its lanes; given up when dropped.
#[derive(Debug)]
pub(super) struct Place {
    lanes: Arc<Lanes>,
    /// By the event's orders; none for one that has no name.
    of: Vec<Option<Lane>>,
    waiter: Arc<Waiter>,
}

/// As many events as may stand here already do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

#[derive(Debug)]
struct State {
    lanes: HashMap<Lane, VecDeque<Arc<Waiter>>>,
    standing: usize,
    told: Told,
}

/// What was told, of the orders told last. Two halves: the older one is forgotten when the younger one is full, so that at
/// most `most` orders are remembered, and the last half of them always. An order of many lines counts as several.
#[derive(Debug)]
struct Told {
    younger: HashMap<Lane, Progress>,
    older: HashMap<Lane, Progress>,
    half: usize,
    /// As how many orders the younger half counts.
    weight: usize,
}

/// Lines, and events that were given back, that count as one order.
const PER_ORDER: usize = 4;

#[derive(Debug, Default)]
struct Waiter {
    /// In how many lanes others stand before this one.
    behind: AtomicUsize,
    free: Notify,
}

// === impl Lanes ===

impl Lanes {
    /// Lanes for at most `events` at once, which remember at most `orders`.
    #[must_use]
    pub fn new(events: usize, orders: usize) -> Self {
        let told =
            Told { younger: HashMap::new(), older: HashMap::new(), half: (orders / 2).max(1), weight: 0 };
        let state = State { lanes: HashMap::new(), standing: 0, told };
        let arrivals = AtomicU64::new(0);
        Self { state: Mutex::new(state), most: events, arrivals, hashers: Default::default() }
    }

    /// An event came: whatever becomes of it, that was before those that come from now on.
    pub(super) fn arrive(&self, news: &mut [OrderNews]) {
        for news in news {
            news.arrival = self.arrivals.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        }
    }

    /// Takes a place in the lane of each order of an event for this store.
    pub(super) fn stand(self: &Arc<Self>, store: &str, news: &[OrderNews]) -> Result<Place, Full> {
        let of: Vec<Option<Lane>> = news.iter().map(|news| self.lane(store, &news.order)).collect();
        let waiter = Arc::new(Waiter::default());
        let mut state = self.state();
        if state.standing >= self.most {
            return Err(Full);
        }
        state.standing += 1;
        for lane in distinct(&of) {
            let lane = state.lanes.entry(lane).or_default();
            if !lane.is_empty() {
                waiter.behind.fetch_add(1, Ordering::Relaxed);
            }
            lane.push_back(Arc::clone(&waiter));
        }
        drop(state);
        Ok(Place { lanes: Arc::clone(self), of, waiter })
    }

    /// An event is given back to the DOM that found no place.
    pub(super) fn gave_back(&self, store: &str, news: &[OrderNews]) {
        let mut state = self.state();
        for news in news {
            if let Some(lane) = self.lane(store, &news.order) {
                state.told.change(lane, |progress| progress.gave_back(news));
            }
        }
    }

    /// The lanes in which somebody stands, and the orders of which something is remembered.
    #[cfg(test)]
    fn size(&self) -> (usize, usize) {
        let state = self.state();
        (state.lanes.len(), state.told.younger.len() + state.told.older.len())
    }

    fn lane(&self, store: &str, order: &str) -> Option<Lane> {
        let (one, other) = &self.hashers;
        let name = (store, order);
        (!order.is_empty()).then(|| (one.hash_one(name), other.hash_one(name)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event may name an order twice.
fn distinct(lanes: &[Option<Lane>]) -> impl Iterator<Item = Lane> {
    let mut named: Vec<Lane> = lanes.iter().flatten().copied().collect();
    named.sort_unstable();
    named.dedup();
    named.into_iter()
}

// === impl Place ===

impl Place {
    /// Waits until nobody stands before it.
    pub(super) async fn turn(&self) {
        while self.waiter.behind.load(Ordering::Acquire) > 0 {
            self.waiter.free.notified().await;
        }
    }

    /// Where each order of the event stands, in its order. Asked when it is its turn: those before it count.
    pub(super) fn standing(&self, news: &[OrderNews]) -> Vec<Standing> {
        let state = self.lanes.state();
        let of = self.of.iter().zip(news);
        of.map(|(lane, news)| match lane.and_then(|lane| state.told.of(lane)) {
            Some(progress) => progress.standing(news),
            None => Standing::News,
        })
        .collect()
    }

    /// What of an older event the store has to hear nevertheless.
    pub(super) fn overtaken(&self, order: usize, news: &OrderNews) -> Overtaken {
        self.known(order, |progress| progress.overtaken(news))
    }

    /// These lines, to be told after what was told last of the order.
    pub(super) fn rest(&self, order: usize, lines: Vec<usize>) -> Rest {
        self.known(order, |progress| progress.rest(lines))
    }

    /// The store took what the event says of the order at this place of it.
    pub(super) fn took(&self, order: usize, news: &OrderNews) {
        self.change(order, |progress| progress.took(news));
    }

    /// The store took these lines of it.
    pub(super) fn took_lines(&self, order: usize, news: &OrderNews, lines: &[usize]) {
        self.change(order, |progress| progress.took_lines(news, lines));
    }

    /// The store did not take it, or nobody knows whether it did.
    pub(super) fn gave_back(&self, order: usize, news: &OrderNews) {
        self.change(order, |progress| progress.gave_back(news));
    }

    /// The store said that it took something later.
    pub(super) fn refused_as_older(&self, order: usize, news: &OrderNews) {
        self.change(order, |progress| progress.refused_as_older(news));
    }

    fn known<T>(&self, order: usize, ask: impl FnOnce(&Progress) -> T) -> T {
        let nothing = Progress::default();
        let lane = self.of.get(order).copied().flatten();
        let state = self.lanes.state();
        ask(lane.and_then(|lane| state.told.of(lane)).unwrap_or(&nothing))
    }

    fn change(&self, order: usize, change: impl FnOnce(&mut Progress)) {
        if let Some(lane) = self.of.get(order).copied().flatten() {
            self.lanes.state().told.change(lane, change);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.lanes.state();
        state.standing = state.standing.saturating_sub(1);
        for lane in distinct(&self.of) {
            state.leave(lane, &self.waiter);
        }
    }
}

// === impl State ===

impl State {
    fn leave(&mut self, lane: Lane, waiter: &Arc<Waiter>) {
        let Entry::Occupied(mut entry) = self.lanes.entry(lane) else { return };
        let standing = entry.get_mut();
        let Some(place) = standing.iter().position(|other| Arc::ptr_eq(other, waiter)) else { return };
        standing.remove(place);
        match standing.front() {
            None => {
                entry.remove();
            }
            Some(next) if place == 0 => {
                next.behind.fetch_sub(1, Ordering::Release);
                next.free.notify_one();
            }
            Some(_) => {}
        }
    }
}

// === impl Told ===

impl Told {
    fn of(&self, lane: Lane) -> Option<&Progress> {
        self.younger.get(&lane).or_else(|| self.older.get(&lane))
    }

    fn change(&mut self, lane: Lane, change: impl FnOnce(&mut Progress)) {
        let known = self.older.remove(&lane);
        if self.weight >= self.half && !self.younger.contains_key(&lane) {
            self.older = std::mem::take(&mut self.younger);
            self.weight = 0;
        }
        let before = self.younger.get(&lane).map_or(0, weight);
        let progress = self.younger.entry(lane).or_insert_with(|| known.unwrap_or_default());
        change(progress);
        self.weight = (self.weight + weight(progress)).saturating_sub(before);
    }
}

/// As how many orders it counts.
const fn weight(progress: &Progress) -> usize {
    1 + progress.size() / PER_ORDER
}

#[cfg(test)]
mod tests;
