//! What a simulated system was asked and answered lately, for whoever wants to look at it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Calls that are kept; the oldest go first.
const KEPT: usize = 32;

/// One call that a simulated system answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The API called, or the operation told; empty if that was not understood.
    pub name: String,
    /// The document that came.
    pub question: String,
    /// The HTTP status of the answer; 0 if the connection was closed without one.
    pub status: u16,
    /// The document that went back; empty if none did.
    pub answer: String,
}

/// The last calls, oldest first. Cheap to clone: all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Mutex<VecDeque<Entry>>>);

// === impl Journal ===

impl Journal {
    /// Gives what came since it was last taken, as far as it was kept.
    #[must_use]
    pub fn take(&self) -> Vec<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    pub(crate) fn add(&self, entry: Entry) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Journal, KEPT};

    #[test]
    fn the_last_calls_are_kept_until_they_are_taken() {
        let journal = Journal::default();
        for number in 0..KEPT + 2 {
            let name = number.to_string();
            journal.add(Entry { name, question: String::new(), status: 200, answer: String::new() });
        }
        let taken = journal.take();
        assert_eq!((taken.len(), taken[0].name.as_str()), (KEPT, "2"));
        assert!(journal.take().is_empty());
    }
}
