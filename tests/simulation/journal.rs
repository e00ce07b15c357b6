//! What happened, in its order: the same seed has the same journal, byte by byte.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::FixedState;
use tokio::time::Instant;

/// All events of a world.
pub(crate) struct Journal {
    begun: Instant,
    lines: Mutex<Vec<String>>,
    calls: AtomicU64,
    /// Nothing is written: for worlds with so much in them that nobody would read it.
    is_silent: bool,
}

// === impl Journal ===

impl Journal {
    /// An empty one; its time runs from now.
    pub(crate) fn begin(is_silent: bool) -> Self {
        Self { begun: Instant::now(), lines: Mutex::default(), calls: AtomicU64::new(0), is_silent }
    }

    /// Since the world's begin.
    pub(crate) fn elapsed(&self) -> std::time::Duration {
        self.begun.elapsed()
    }

    /// The number of the next exchange.
    pub(crate) fn next_call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn note(&self, what: impl FnOnce() -> String) {
        if self.is_silent {
            return;
        }
        let millis = self.elapsed().as_millis();
        self.lines.lock().unwrap().push(format!("{millis:>9} {}", what()));
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Journal(..)")
    }
}

/// A few letters that stand for a document in the journal.
pub(crate) fn print_of(document: &[u8]) -> String {
    format!("{:08x}", FixedState::with_seed(0).hash_one(document) & 0xffff_ffff)
}
