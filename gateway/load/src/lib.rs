//! Batch loads of availability: the store's 14-column CSV (contract store section 14.3) as a stream of rows.
//!
//! A source of rows ([`CsvRows`] is one, others may follow) feeds a [`Load`], which gives every good row to a
//! [`Sink`], every bad one to an [`Observer`], counts both and knows when to stop. Memory is constant: one bounded
//! row, one bounded window of keys. What a row does to a record, which of two rows is newer, and what becomes old
//! after a full replacement is the sink's to decide; this crate knows no cache, no clock, and does no I/O but
//! through the [`Read`](std::io::Read) and [`Write`](std::io::Write) it is given.
//!
//! ```
//! use gateway_load::{CsvParams, DryRun, Load, LoadParams, Report, load_csv};
//!
//! let file = "LAMP,11651,,AVL,148.0,C62,,,2024-06-11 12:00:00.000,11651,,,,\nLAMP,,,AVL,,,,,,11651,,,,\n";
//! let (mut sink, mut report) = (DryRun, Report::new(Vec::new(), 1_000));
//! let load = Load::begin(&LoadParams::default(), &mut sink, &mut report).unwrap();
//! let summary = load_csv(file.as_bytes(), &CsvParams::default(), load).unwrap();
//! assert_eq!((summary.rows, summary.taken, summary.rejected), (2, 1, 1));
//! ```

mod bad_row;
mod column;
mod csv;
mod load;
mod repeats;
mod report;
mod row;
mod sink;

pub use bad_row::{BadRow, ColumnFault, Reason};
pub use column::Column;
pub use csv::{CsvParams, CsvRows, Next, ROW_BYTES, Units, Unreadable, load_csv};
pub use load::{Load, LoadParams, Observer, Silent, Stop, Stopped, Summary};
pub use report::Report;
pub use row::{Change, DEFAULT_UNIT, LoadRow, Location, Status, Stock};
pub use sink::{DryRun, Mode, Settled, Sink, Verdict};
