//! Marking whole groups of records as old at once, without touching them.
//!
//! Every record carries the number of the newest mark that was set before it was told. A mark holds for the records of
//! its scope with a smaller number. That makes a purge of any size take effect in one step, and it is what a full
//! replacement needs: a number taken when it begins, a mark with that number when it ends.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::key::{Key, Scope};

/// How many marks are kept before they are written into the records.
const MOST_MARKS: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// The newest number that was given away.
    newest: AtomicU32,
    /// The highest number of a mark: records with it or a higher one need not look.
    highest: AtomicU32,
    marks: RwLock<Vec<Mark>>,
}

#[derive(Debug, Clone)]
struct Mark {
    scope: Scope,
    number: u32,
    since_ms: i64,
}

// === impl Marks ===

impl Marks {
    /// The number a record told now carries.
    pub(crate) fn current(&self) -> u32 {
        self.newest.load(Ordering::Acquire)
    }

    /// A new number: records told from now on carry it or a higher one.
    pub(crate) fn next(&self) -> u32 {
        self.newest.fetch_add(1, Ordering::AcqRel).wrapping_add(1)
    }

    /// Marks what is in the scope and has a smaller number; true if there are so many marks that they should be
    /// written into the records.
    pub(crate) fn set(&self, scope: Scope, number: u32, since_ms: i64) -> bool {
        let mut marks = self.marks.write().unwrap_or_else(PoisonError::into_inner);
        marks.push(Mark { scope, number, since_ms });
        self.highest.fetch_max(number, Ordering::AcqRel);
        marks.len() > MOST_MARKS
    }

    /// Since when a record of this key and number is marked; the earliest, if several marks hold.
    pub(crate) fn since(&self, key: &Key<'_>, number: u32) -> Option<i64> {
        if number >= self.highest.load(Ordering::Acquire) {
            return None;
        }
        let marks = self.marks.read().unwrap_or_else(PoisonError::into_inner);
        let holding = marks.iter().filter(|mark| mark.number > number && mark.scope.holds(key));
        holding.map(|mark| mark.since_ms).min()
    }

    /// How many marks there are, for [`Self::forget`].
    pub(crate) fn len(&self) -> usize {
        self.marks.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Forgets the `count` oldest marks, which now stand in the records.
    pub(crate) fn forget(&self, count: usize) {
        let mut marks = self.marks.write().unwrap_or_else(PoisonError::into_inner);
        let count = count.min(marks.len());
        marks.drain(..count);
        let highest = marks.iter().map(|mark| mark.number).max().unwrap_or_default();
        self.highest.store(highest, Ordering::Release);
    }
}
