//! Where the rows of a load go.

use std::collections::BTreeSet;
use std::convert::Infallible;

use crate::{ColumnFault, LoadRow};

/// What became of rows that a sink took with [`Verdict::Later`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Rows that were written or removed.
    pub taken: u64,
    /// Of these, removals.
    pub removed: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Rows dropped because what is there is newer.
    pub late: u64,
}

/// What a load means for what it does not mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Nothing: it is a list of changes.
    #[default]
    Delta,
    /// It is all there is: of the stores it speaks of, what it did not confirm becomes old when it is complete.
    Full,
}

/// What a sink did with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was written or removed.
    Taken,
    /// It was so already.
    Unchanged,
    /// What is there is newer; the row was dropped.
    Late,
    /// The sink gathers rows; [`Sink::settle`] says what became of it.
    Later,
    /// The sink has no use for it: nothing is kept under its key. The row was dropped, and is not bad.
    NotKept,
    /// It cannot be taken: an unknown store, a quantity beyond the sink's range. It counts as a bad row, and the
    /// fault, with [`Reason::Refused`](crate::Reason::Refused), goes into the report.
    Refused(ColumnFault),
}

/// Takes the rows of a load, in their order: of rows of one key the last wins, unless the sink finds it older.
///
/// A load is `begin`, any number of `put` and `settle`, and one of `complete` and `broken_off`.
pub trait Sink {
    /// What makes going on useless, such as a sink that is being shut down. A single row is refused by a [`Verdict`].
    type Error: std::error::Error;

    /// A load begins. With [`Mode::Full`] from here on what is put counts as confirmed.
    ///
    /// # Errors
    ///
    /// If the sink takes no load now; neither `complete` nor `broken_off` follows.
    fn begin(&mut self, mode: Mode) -> Result<(), Self::Error>;

    /// Takes a row.
    ///
    /// # Errors
    ///
    /// If the load cannot go on; `broken_off` follows.
    fn put(&mut self, row: &LoadRow<'_>) -> Result<Verdict, Self::Error>;

    /// Writes what was gathered, and says what became of all rows taken with [`Verdict::Later`] since it was last asked.
    /// Called now and then, before `complete`, and before `broken_off` unless the sink itself cannot go on. A sink that
    /// gathers nothing has nothing to say.
    ///
    /// # Errors
    ///
    /// If the load cannot go on; `broken_off` follows.
    fn settle(&mut self) -> Result<Settled, Self::Error> {
        Ok(Settled::default())
    }

    /// The load is complete. With [`Mode::Full`], what was not confirmed of these stores (context store ids of rows
    /// that were not refused) becomes old now, and not before. With [`Mode::Delta`] the set is empty.
    ///
    /// Rows that were refused confirm nothing: their records become old as well, which means that the DOM is asked.
    ///
    /// # Errors
    ///
    /// If that cannot be done; `broken_off` does not follow.
    fn complete(&mut self, stores: &BTreeSet<String>) -> Result<(), Self::Error>;

    /// The load ended before its end. What was put stays, for each row is true by itself; nothing else changes.
    fn broken_off(&mut self);
}

/// A sink that takes everything and keeps nothing: a file is only checked.
#[derive(Debug, Clone, Copy, Default)]
pub struct DryRun;

impl Sink for DryRun {
    type Error = Infallible;

    fn begin(&mut self, _mode: Mode) -> Result<(), Infallible> {
        Ok(())
    }

    fn put(&mut self, _row: &LoadRow<'_>) -> Result<Verdict, Infallible> {
        Ok(Verdict::Taken)
    }

    fn complete(&mut self, _stores: &BTreeSet<String>) -> Result<(), Infallible> {
        Ok(())
    }

    fn broken_off(&mut self) {}
}
