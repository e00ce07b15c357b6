//! What is known of each order beside what both ends have.

use std::collections::BTreeMap;
use std::sync::Mutex;

/// What the store's shopper did with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Wanted {
    /// She is still at it.
    #[default]
    Perhaps,
    /// She bought it: the store has to hand it over.
    Yes,
    /// She left or cancelled.
    No,
}

/// What became of the pushes about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pushed {
    #[default]
    Nothing,
    UnderWay,
    All,
    NotAll,
}

/// One order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entry {
    pub(crate) wanted: Wanted,
    pub(crate) pushed: Pushed,
    /// Calls of the store about it under way.
    pub(crate) calls: u32,
    /// How often the job sent it.
    pub(crate) passes: u32,
    /// A repeated push was never confirmed.
    pub(crate) stuck: bool,
}

/// All orders, by the store's id.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<BTreeMap<String, Entry>>);

// === impl Ledger ===

impl Ledger {
    pub(crate) fn with<T>(&self, order: &str, note: impl FnOnce(&mut Entry) -> T) -> T {
        note(self.0.lock().unwrap().entry(order.to_owned()).or_default())
    }

    pub(crate) fn entries(&self) -> BTreeMap<String, Entry> {
        self.0.lock().unwrap().clone()
    }
}
