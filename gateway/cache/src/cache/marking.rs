//! Purging and full replacement: marking as old, never deleting, so that an old record can still be answered when the
//! DOM cannot be asked.

use super::{Cache, name, parts};
use crate::block::Draft;
use crate::key::{Key, Scope};
use crate::record::Record;
use crate::stock::Stock;

/// A full replacement under way: what is told from its beginning on is part of the new set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a full replacement has an effect only when it is finished"]
pub struct Replacement {
    number: u32,
}

impl Cache {
    /// Marks all records of a scope as old from `now_ms` on, until something fresh is told of them.
    ///
    /// Takes one step whatever the size, but for every 256th call, which walks the whole cache and writes the marks into
    /// the records: call it where a second of work does not matter.
    pub fn purge(&self, scope: Scope, now_ms: i64) {
        let number = self.marks.next();
        self.set_mark(scope, number, now_ms);
    }

    /// Marks one record as old from `now_ms` on, until something fresh is told of it; false if there is none, or it is
    /// marked already.
    pub fn doubt(&self, key: &Key<'_>, now_ms: i64) -> bool {
        let Some(name) = name(key.store, key.item) else { return false };
        let slot = (key.location, key.unit);
        self.change(name, |draft| {
            let Some(record) = draft.find(slot).map(|record| self.marked(record, key)) else { return false };
            if record.stock.old_since_ms.is_some() {
                return false;
            }
            let stock = Stock { old_since_ms: Some(now_ms), ..record.stock };
            draft.put(slot, &Record { stock, generation: self.marks.current(), ..record });
            true
        })
    }

    /// Begins a full replacement. Nothing happens to any record before [`Self::finish_replacement`]; an aborted one is
    /// not finished, and nothing has to be undone.
    pub fn begin_replacement(&self) -> Replacement {
        Replacement { number: self.marks.next() }
    }

    /// Ends a full replacement: what is in the scope and was neither loaded nor pushed nor fetched since it began is old
    /// from `now_ms` on.
    pub fn finish_replacement(&self, replacement: Replacement, scope: Scope, now_ms: i64) {
        self.set_mark(scope, replacement.number, now_ms);
    }

    fn set_mark(&self, scope: Scope, number: u32, now_ms: i64) {
        self.stats.marks.add(1);
        if self.marks.set(scope, number, now_ms) {
            self.write_marks();
        }
    }

    /// Writes all marks into the records they hold for, and forgets them.
    fn write_marks(&self) {
        let count = self.marks.len();
        for (item, _) in &self.items {
            let (store, item) = parts(&item);
            if let Some(name) = name(store, item) {
                self.change(name, |draft| self.write_marks_of(draft, (store, item)));
            }
        }
        self.marks.forget(count);
    }

    fn write_marks_of(&self, draft: &mut Draft, (store, item): (&str, &str)) {
        let before = draft.block();
        for ((location, unit), record) in before.iter() {
            let key = Key { store, item, location, unit };
            let generation = self.marks.current();
            let marked = self.marked(record.clone(), &key);
            if marked != record {
                draft.put((location, unit), &Record { generation, ..marked });
            }
        }
    }
}
