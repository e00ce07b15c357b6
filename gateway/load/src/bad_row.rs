//! What is wrong with a row: where, what was expected, what was found.

use std::borrow::Cow;
use std::fmt;

use crate::Column;

/// Characters of a bad value that are shown.
const SHOWN_CHARACTERS: usize = 80;

/// A row that was not loaded, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The line of the file it begins on, from 1; for other sources its number.
    pub line: u64,
    /// What is wrong, in order of column; at least one.
    pub faults: Vec<ColumnFault>,
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFault {
    /// The column; `None` if it is the row as a whole.
    pub column: Option<Column>,
    /// What was expected.
    pub reason: Reason,
    /// The beginning of what was found, control characters replaced; empty if there is nothing to show.
    pub value: String,
}

/// Why a row is not loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It has more or fewer columns, as often as not because another separator was used.
    #[error(
        "expected {} columns with commas between them, found {found}{}",
        Column::COUNT,
        separated(*separator)
    )]
    Columns {
        /// How many it has; where there are very many, counting stops.
        found: usize,
        /// What else seems to separate its columns.
        separator: Option<char>,
    },
    /// A quote is never closed, or text follows where it was.
    #[error("expected a closing quote before the next comma or the end of the line")]
    Quotes,
    /// The row has more bytes than a row may have.
    #[error("expected at most {limit} bytes in a row")]
    RowTooLong {
        /// How many it may have.
        limit: usize,
    },
    /// The bytes are not UTF-8.
    #[error("expected UTF-8 text")]
    Encoding,
    /// There is no value, and one is needed.
    #[error("expected a value, found none")]
    Missing,
    /// An identifier has more bytes than one may have.
    #[error("expected at most {limit} bytes")]
    TooLong {
        /// How many it may have.
        limit: usize,
    },
    /// An identifier has a control character.
    #[error("expected text without control characters")]
    ControlCharacter,
    /// The row names neither an online nor a physical store.
    #[error("expected an online or a physical store, found neither")]
    NoLocation,
    /// The row names both an online and a physical store.
    #[error("expected either an online or a physical store, found both")]
    TwoLocations,
    /// The status is none of the three.
    #[error("expected `AVL`, `BA` or `UAVL`")]
    Status,
    /// The quantity is no number, or cannot be held exactly.
    #[error("expected a decimal number such as `2` or `0.750`")]
    Number,
    /// The quantity is below zero.
    #[error("expected a quantity of zero or more")]
    Negative,
    /// The unit is in no table.
    #[error("expected a unit that the tables know")]
    Unit,
    /// The time is none.
    #[error("expected a time such as `2024-06-11 12:00:00.000`")]
    Time,
    /// The offset is no number of seconds.
    #[error("expected whole seconds, zero or more")]
    Offset,
    /// The mark of removal is neither set nor unset.
    #[error("expected `1` to remove the record, or nothing")]
    Delete,
    /// The sink will not have it, and says why: an unknown store, for instance.
    #[error("{0}")]
    Refused(Cow<'static, str>),
}

fn separated(separator: Option<char>) -> String {
    separator.map(|letter| format!(" (it has {letter:?} in plenty)")).unwrap_or_default()
}

// === impl BadRow ===

impl BadRow {
    /// A row with one fault that is of no single column, or whose value says nothing.
    #[must_use]
    pub fn whole(line: u64, reason: Reason) -> Self {
        Self { line, faults: vec![ColumnFault { column: None, reason, value: String::new() }] }
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}", self.line)?;
        for (number, fault) in self.faults.iter().enumerate() {
            write!(formatter, "{} {fault}", if number == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

// === impl ColumnFault ===

impl ColumnFault {
    /// A fault of a column, with the value found there cut to a length fit to be shown.
    #[must_use]
    pub fn new(column: Column, reason: Reason, value: &str) -> Self {
        let shown = value.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter });
        Self { column: Some(column), reason, value: shown.take(SHOWN_CHARACTERS).collect() }
    }
}

impl fmt::Display for ColumnFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = self.column {
            write!(formatter, "{column}: ")?;
        }
        write!(formatter, "{}", self.reason)?;
        if self.value.is_empty() { Ok(()) } else { write!(formatter, ", found `{}`", self.value) }
    }
}
