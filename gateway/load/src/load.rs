//! A load under way: rows in, counted, observed, stopped in time.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::repeats::Repeats;
use crate::{BadRow, Change, LoadRow, Mode, Settled, Sink, Unreadable, Verdict};

/// Rows between two calls of [`Observer::progress`].
const PROGRESS_ROWS: u64 = 4096;

/// What a load is to be.
#[derive(Debug, Clone)]
pub struct LoadParams {
    /// What it means for what it does not mention.
    pub mode: Mode,
    /// Bad rows it may have; with one more it is broken off. `None`: any number.
    pub bad_row_limit: Option<u64>,
    /// Stores it may speak of (counted with [`Mode::Full`] only); with one more it is broken off.
    pub store_limit: usize,
    /// Keys that are remembered to count repeated rows, 8 bytes for each; most repeats are noticed that have no more
    /// than half as many other keys between them. 0: none are counted.
    pub remembered_keys: usize,
}

/// Is told how a load goes. Every method has an empty default.
pub trait Observer {
    /// A row was not loaded.
    fn rejected(&mut self, bad: &BadRow) {
        let _ = bad;
    }

    /// How far it is: called every few thousand rows and at the end. `Break` breaks the load off.
    fn progress(&mut self, so_far: &Summary) -> ControlFlow<()> {
        let _ = so_far;
        ControlFlow::Continue(())
    }
}

/// An observer that looks away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {}

/// What a load has done, so far or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Rows read, good and bad; a line with the columns' names is none.
    pub rows: u64,
    /// Bytes read, as far as the source says so; sources read ahead.
    pub bytes: u64,
    /// Rows the sink took, removals among them.
    pub taken: u64,
    /// Of these, removals.
    pub removed: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Rows dropped because the sink has newer figures.
    pub late: u64,
    /// Good rows dropped because nothing is kept under their keys.
    pub not_kept: u64,
    /// Rows not loaded because something is wrong with them.
    pub rejected: u64,
    /// Rows, not counting the rejected, whose key stood in the load before; see [`LoadParams::remembered_keys`].
    pub repeated: u64,
}

/// Why a load was broken off.
#[derive(Debug, thiserror::Error)]
pub enum Stop<E> {
    /// The source cannot be read on.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Too many bad rows.
    #[error("expected at most {limit} bad rows, found more")]
    BadRows {
        /// How many it may have.
        limit: u64,
    },
    /// It speaks of too many stores.
    #[error("expected at most {limit} stores in a full replacement, found more")]
    Stores {
        /// How many it may speak of.
        limit: usize,
    },
    /// The observer wanted no more.
    #[error("it was cancelled")]
    Cancelled,
    /// The sink cannot go on.
    #[error("the rows cannot be taken")]
    Sink(#[source] E),
}

/// A load that was broken off, and what it did before. What was taken stays; nothing else changed.
#[derive(Debug, thiserror::Error)]
#[error("the load was broken off after {} rows", summary.rows)]
pub struct Stopped<E: std::error::Error + 'static> {
    /// Why.
    #[source]
    pub stop: Stop<E>,
    /// What was done before.
    pub summary: Summary,
}

/// A load under way. Whatever reads rows gives them to it, good and bad, in their order; dropped before
/// [`Load::finish`], it is broken off.
#[expect(
    missing_debug_implementations,
    reason = "it borrows a sink and an observer, which need not have any"
)]
pub struct Load<'l, S: Sink> {
    mode: Mode,
    bad_row_limit: u64,
    store_limit: usize,
    sink: &'l mut S,
    observer: &'l mut dyn Observer,
    repeats: Repeats,
    stores: BTreeSet<String>,
    summary: Summary,
    ended: bool,
}

// === impl LoadParams ===

impl Default for LoadParams {
    /// A delta that takes any number of bad rows, and remembers two million keys in 16 MiB.
    fn default() -> Self {
        Self { mode: Mode::Delta, bad_row_limit: None, store_limit: 10_000, remembered_keys: 1 << 21 }
    }
}

// === impl Load ===

impl<'l, S: Sink> Load<'l, S> {
    /// Begins a load.
    ///
    /// # Errors
    ///
    /// If the sink takes no load now.
    pub fn begin(
        params: &LoadParams,
        sink: &'l mut S,
        observer: &'l mut dyn Observer,
    ) -> Result<Self, S::Error> {
        sink.begin(params.mode)?;
        Ok(Self {
            mode: params.mode,
            bad_row_limit: params.bad_row_limit.unwrap_or(u64::MAX),
            store_limit: params.store_limit,
            sink,
            observer,
            repeats: Repeats::with_room_for(params.remembered_keys),
            stores: BTreeSet::new(),
            summary: Summary::default(),
            ended: false,
        })
    }

    /// Gives a good row to the sink.
    ///
    /// # Errors
    ///
    /// If the load cannot go on; hand the reason to [`Load::break_off`].
    pub fn put(&mut self, row: &LoadRow<'_>) -> Result<(), Stop<S::Error>> {
        self.summary.rows += 1;
        match self.sink.put(row).map_err(Stop::Sink)? {
            Verdict::Taken => {
                self.summary.taken += 1;
                self.summary.removed += u64::from(row.change == Change::Remove);
            }
            Verdict::Unchanged => self.summary.unchanged += 1,
            Verdict::Late => self.summary.late += 1,
            Verdict::NotKept => self.summary.not_kept += 1,
            Verdict::Later => {}
            Verdict::Refused(fault) => {
                return self.count_bad(&BadRow { line: row.line, faults: vec![fault] });
            }
        }
        self.repeats.note(row);
        if self.mode == Mode::Full && !self.stores.contains(row.store) {
            if self.stores.len() == self.store_limit {
                return Err(Stop::Stores { limit: self.store_limit });
            }
            self.stores.insert(row.store.to_owned());
        }
        self.tell()
    }

    /// Counts a bad row and shows it to the observer.
    ///
    /// # Errors
    ///
    /// If there are too many; hand the reason to [`Load::break_off`].
    pub fn reject(&mut self, bad: &BadRow) -> Result<(), Stop<S::Error>> {
        self.summary.rows += 1;
        self.count_bad(bad)
    }

    /// Says how many bytes the source has read in all.
    pub fn has_read(&mut self, bytes: u64) {
        self.summary.bytes = bytes;
    }

    /// The end of the source: the load is complete.
    ///
    /// # Errors
    ///
    /// If the observer cancels the load now, or the sink cannot complete it.
    pub fn finish(mut self) -> Result<Summary, Stopped<S::Error>> {
        if let Err(stop) = self.settle() {
            return Err(self.break_off(stop));
        }
        self.summary.repeated = self.repeats.count();
        if self.observer.progress(&self.summary).is_break() {
            return Err(self.break_off(Stop::Cancelled));
        }
        self.ended = true;
        let summary = self.summary;
        let completed = self.sink.complete(&self.stores);
        completed.map(|()| summary).map_err(|error| Stopped { stop: Stop::Sink(error), summary })
    }

    /// Breaks the load off: what was taken stays, nothing else changes.
    #[must_use]
    pub fn break_off(mut self, stop: Stop<S::Error>) -> Stopped<S::Error> {
        let stop = match stop {
            Stop::Sink(_) => stop,
            // What was gathered is as good as what was written.
            other => self.settle().err().unwrap_or(other),
        };
        self.summary.repeated = self.repeats.count();
        Stopped { stop, summary: self.summary }
    }

    fn settle(&mut self) -> Result<(), Stop<S::Error>> {
        let Settled { taken, removed, unchanged, late } = self.sink.settle().map_err(Stop::Sink)?;
        self.summary.taken += taken;
        self.summary.removed += removed;
        self.summary.unchanged += unchanged;
        self.summary.late += late;
        Ok(())
    }

    fn count_bad(&mut self, bad: &BadRow) -> Result<(), Stop<S::Error>> {
        self.summary.rejected += 1;
        self.observer.rejected(bad);
        if self.summary.rejected > self.bad_row_limit {
            return Err(Stop::BadRows { limit: self.bad_row_limit });
        }
        self.tell()
    }

    fn tell(&mut self) -> Result<(), Stop<S::Error>> {
        if !self.summary.rows.is_multiple_of(PROGRESS_ROWS) {
            return Ok(());
        }
        self.settle()?;
        self.summary.repeated = self.repeats.count();
        if self.observer.progress(&self.summary).is_break() { Err(Stop::Cancelled) } else { Ok(()) }
    }
}

impl<S: Sink> Drop for Load<'_, S> {
    fn drop(&mut self) {
        if !self.ended {
            self.sink.broken_off();
        }
    }
}
