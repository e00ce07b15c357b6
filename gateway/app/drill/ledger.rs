//! What is known of each order, in a few bytes: a million of them stay in memory until the end.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use gateway_simulator::store::Store;

/// How far a drill is, for whoever looks on.
#[derive(Debug, Default)]
pub struct Seen {
    /// Orders begun.
    pub begun: AtomicU64,
    /// Orders that came to their end, whichever.
    pub settled: AtomicU64,
    /// Gateways killed.
    pub kills: AtomicU64,
    /// Times the DOM refused all connections.
    pub outages: AtomicU64,
    /// Calls the store made for its shoppers, not counting what its connector sent again.
    pub calls: AtomicU64,
    /// Calls its connector sent again.
    pub resent: AtomicU64,
    /// Orders whose reservation the store's clean-up gave back: nobody had answered the shopper, or it was "not now".
    pub cleaned: AtomicU64,
    /// Orders its job sent again, each time.
    pub passes: AtomicU64,
    /// Faults and refusals its calls came back with.
    pub faults: AtomicU64,
    /// Pushes the DOM sent.
    pub pushes: AtomicU64,
    /// Of these, pushes it had to send again.
    pub pushed_again: AtomicU64,
    /// Calls the transport below its connector sent again while the first was under way.
    pub sent_twice: AtomicU64,
    /// Gateways drained and replaced.
    pub replaced: AtomicU64,
    /// Order lines whose payment the store would have deposited more than once.
    pub deposits: AtomicU64,
}

/// What the store thinks became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Believed {
    /// It is under way, or waits for its acknowledgement.
    #[default]
    Open,
    /// The DOM has it.
    Done,
    /// It was never handed over: the shopper left, or cancelled.
    Dropped,
}

/// What became of the pushes about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Pushed {
    /// There were none.
    #[default]
    Nothing,
    /// They are under way.
    UnderWay,
    /// All arrived, and the store has what they say.
    All,
    /// One was never taken.
    NotAll,
}

/// One order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    pub(super) believed: Believed,
    pub(super) pushed: Pushed,
    /// Calls of the store about it that are under way.
    pub(super) calls: u8,
    /// How often the job sent it.
    pub(super) passes: u8,
    /// A message took its status back.
    pub(super) went_back: bool,
    /// A push that repeated an older one was never confirmed.
    pub(super) stuck: bool,
    /// A call about it had no answer, because its gateway was killed.
    pub(super) cut_off: bool,
    /// A call about it had no answer, at a gateway that was not killed.
    pub(super) unanswered: bool,
    /// It came to its end.
    pub(super) settled: bool,
}

/// All orders.
#[derive(Debug)]
pub(super) struct Ledger(Mutex<Vec<Entry>>);

// === impl Ledger ===

impl Ledger {
    pub(super) fn new(orders: u32) -> Self {
        Self(Mutex::new(vec![Entry::default(); usize::try_from(orders).unwrap_or(usize::MAX)]))
    }

    /// Looks at an order, or notes something; nothing of an order that is none of the drill's.
    pub(super) fn with<T: Default>(&self, order: &str, note: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        place(order).and_then(|place| entries.get_mut(place)).map(note).unwrap_or_default()
    }

    /// The first orders with their ids, so many.
    pub(super) fn entries(&self, count: usize) -> Vec<(String, Entry)> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (Store::FIRST_ORDER..)
            .zip(entries.iter().take(count))
            .map(|(id, entry)| (id.to_string(), *entry))
            .collect()
    }
}

/// The id of the n-th order, from 0.
pub(super) fn id(place: u32) -> String {
    (Store::FIRST_ORDER + u64::from(place)).to_string()
}

fn place(order: &str) -> Option<usize> {
    usize::try_from(order.parse::<u64>().ok()?.checked_sub(Store::FIRST_ORDER)?).ok()
}
