//! Which order lines the DOM has, or may have.
//!
//! A store hands an order over again when it did not hear the answer. The DOM refuses the second one because it has the first:
//! that refusal says nothing of the stock, which stays taken.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

/// The order lines handed over last; of more than the bound the oldest are forgotten.
#[derive(Debug)]
pub(super) struct HandedOver {
    lines: Mutex<Lines>,
    hasher: RandomState,
    most: usize,
}

#[derive(Debug, Default)]
struct Lines {
    known: HashSet<u64>,
    /// In the order in which they came.
    order: VecDeque<u64>,
}

// === impl HandedOver ===

impl HandedOver {
    pub(super) fn new(most: usize) -> Self {
        Self { lines: Mutex::default(), hasher: RandomState::new(), most: most.max(1) }
    }

    /// Remembers lines of a store.
    pub(super) fn note<'l>(&self, store: &str, ids: impl Iterator<Item = &'l str>) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            let number = self.number(store, id);
            if lines.known.insert(number) {
                lines.order.push_back(number);
            }
            if lines.order.len() > self.most
                && let Some(oldest) = lines.order.pop_front()
            {
                lines.known.remove(&oldest);
            }
        }
    }

    /// Whether a line of a store is remembered.
    pub(super) fn knows(&self, store: &str, id: &str) -> bool {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.known.contains(&self.number(store, id))
    }

    fn number(&self, store: &str, id: &str) -> u64 {
        self.hasher.hash_one((store, id))
    }
}

#[cfg(test)]
mod tests {
    use super::HandedOver;

    #[test]
    fn the_lines_of_each_store_are_remembered_up_to_the_bound() {
        let lines = HandedOver::new(2);
        lines.note("1", ["a", "b", "a"].into_iter());
        assert!(lines.knows("1", "a") && lines.knows("1", "b") && !lines.knows("2", "a"));
        lines.note("2", ["a"].into_iter());
        assert!(!lines.knows("1", "a") && lines.knows("1", "b") && lines.knows("2", "a"));
    }
}
