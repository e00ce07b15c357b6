//! The store's batch file as a source of rows (contract store section 14.3).
//!
//! Commas, quotes where needed, UTF-8 with or without byte order mark, any line ends, no header line; one that names
//! the fourteen columns in their order is passed over, any other is refused. Bytes become rows of text in `records`,
//! text becomes meaning in `reading`.

mod reading;
mod records;

use std::collections::BTreeSet;
use std::io::{self, Read};

use jiff::tz::TimeZone;

use crate::column::Column;
use crate::load::{Load, Stop, Stopped, Summary};
use crate::{BadRow, LoadRow, Sink};
use reading::Reading;
use records::{Found, Records};

pub use records::ROW_BYTES;

/// Columns of a line that bear a column's name, so that it is a header and no row.
const NAMES_OF_A_HEADER: usize = 3;

/// What a file does not say of itself.
#[derive(Debug, Clone)]
pub struct CsvParams {
    /// The zone of its times, for they bear none.
    pub zone: TimeZone,
    /// The units it may use.
    pub units: Units,
    /// The store of rows that name none (`ContextStoreId` is empty). Without it, an online row is of the online
    /// store it names, and any other is bad.
    pub store: Option<String>,
}

/// Units of measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Units {
    /// All there are.
    Any,
    /// These: the record side of the unit table.
    Known(BTreeSet<String>),
}

/// Why a file cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Reading its bytes failed.
    #[error("the bytes cannot be read")]
    Read(#[from] io::Error),
    /// Its first bytes are those of something else.
    #[error("expected comma-separated UTF-8 text, found {found}")]
    Form {
        /// What it seems to be.
        found: &'static str,
    },
    /// Its first line names columns, but not these, or in another order.
    #[error("expected `{}` to head column {}, found `{found}`", expected.name(), expected.number())]
    Header {
        /// The column that should stand there.
        expected: Column,
        /// The name that does.
        found: String,
    },
    /// It is no document of the form that was expected; the error says where and why.
    #[error(transparent)]
    Document(Box<dyn std::error::Error + Send + Sync>),
    /// It ends within its last row: the rest was lost on the way, or is not written yet.
    #[error("expected the end of the row that begins on line {line}, found the end of the file")]
    CutOff {
        /// The line the row begins on, from 1.
        line: u64,
    },
}

/// The rows of a file, one at a time. Memory does not grow with the file: a row has at most [`ROW_BYTES`].
#[derive(Debug)]
pub struct CsvRows<R> {
    records: Records<R>,
    reading: Reading,
    begun: bool,
}

/// What comes next in a file.
#[derive(Debug, PartialEq)]
pub enum Next<'r> {
    /// A good row.
    Row(LoadRow<'r>),
    /// A row with faults.
    Bad(BadRow),
    /// The file's end.
    End,
}

/// Feeds a file to a load, to its end or until the load is broken off.
///
/// # Errors
///
/// Why it was broken off, with what was done before.
pub fn load_csv<R: Read, S: Sink>(
    source: R,
    params: &CsvParams,
    mut load: Load<'_, S>,
) -> Result<Summary, Stopped<S::Error>> {
    match pour(source, params, &mut load) {
        Ok(()) => load.finish(),
        Err(stop) => Err(load.break_off(stop)),
    }
}

fn pour<R: Read, S: Sink>(
    source: R,
    params: &CsvParams,
    load: &mut Load<'_, S>,
) -> Result<(), Stop<S::Error>> {
    let mut rows = CsvRows::open(source, params)?;
    loop {
        load.has_read(rows.bytes_read());
        match rows.next_row()? {
            Next::Row(row) => load.put(&row)?,
            Next::Bad(bad) => load.reject(&bad)?,
            Next::End => return Ok(()),
        }
    }
}

// === impl CsvParams ===

impl Default for CsvParams {
    /// Times in UTC, any unit, no store but the file's.
    fn default() -> Self {
        Self { zone: TimeZone::UTC, units: Units::Any, store: None }
    }
}

// === impl CsvRows ===

impl<R: Read> CsvRows<R> {
    /// Opens a file by its first bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or are of a file of another kind.
    pub fn open(source: R, params: &CsvParams) -> Result<Self, Unreadable> {
        let records = Records::open(source)?;
        Ok(Self { records, reading: Reading::new(params.clone()), begun: false })
    }

    /// Reads the next row. After the end, and after an error, nothing else comes.
    ///
    /// # Errors
    ///
    /// If the file cannot be read on.
    pub fn next_row(&mut self) -> Result<Next<'_>, Unreadable> {
        let mut found = self.records.advance()?;
        if !self.begun {
            self.begun = true;
            if self.is_header(&found)? {
                found = self.records.advance()?;
            }
        }
        let line = self.records.line();
        match found {
            Found::Fields => {}
            Found::Bad(reason) => return Ok(Next::Bad(BadRow::whole(line, reason))),
            Found::CutOff => return Err(Unreadable::CutOff { line }),
            Found::End => return Ok(Next::End),
        }
        let fields = match self.records.fields() {
            Ok(fields) => fields,
            Err(fault) => return Ok(Next::Bad(BadRow { line, faults: vec![fault] })),
        };
        Ok(match self.reading.row(line, &fields) {
            Ok(row) => Next::Row(row),
            Err(bad) => Next::Bad(bad),
        })
    }

    /// Bytes read from the source, which is a little ahead of the row.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.records.bytes_read()
    }

    /// Whether the row just found names the columns; an error if it names them otherwise than they stand.
    fn is_header(&self, found: &Found) -> Result<bool, Unreadable> {
        if matches!(found, Found::End | Found::CutOff) {
            return Ok(false);
        }
        let names: Vec<&str> = self.records.raw_fields().map(str::trim).collect();
        let is_name =
            |text: &&&str| Column::ALL.iter().any(|column| text.eq_ignore_ascii_case(column.name()));
        if names.iter().filter(is_name).count() < NAMES_OF_A_HEADER {
            return Ok(false);
        }
        for (position, expected) in Column::ALL.into_iter().enumerate() {
            let found = names.get(position).copied().unwrap_or_default();
            if !found.eq_ignore_ascii_case(expected.name()) {
                let found = found.chars().take(80).collect();
                return Err(Unreadable::Header { expected, found });
            }
        }
        Ok(names.len() == Column::COUNT)
    }
}
