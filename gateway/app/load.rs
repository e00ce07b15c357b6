//! Batch loads into the running gateway: files of availability become records of its cache.
//!
//! One engine for all ways in: an upload ([`crate::admin`]), a watched [`folder`], a bench. [`run`] reads a source to its end
//! on the thread it is called on, which has to be one that may block; [`Desk`] lets one load at a time do so. What a row
//! means is `gateway-load`'s, what becomes of a record the cache's; here the two meet ([`CacheSink`]).

mod desk;
pub mod folder;
mod intake;
mod outcome;
mod sink;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use gateway_exchange::Interpreter;
use gateway_load::{
    CsvParams, DryRun, Load, LoadParams, Mode, Observer, Report, Sink, Stop, Stopped, Summary, Units,
    Unreadable, load_csv,
};
use tokio::time::Instant;

pub use desk::{Busy, Desk, Seen, Turn};
pub use intake::{Broken, Feed, Intake, intake};
pub use outcome::{Ending, Outcome};
pub use sink::CacheSink;

use crate::clock;
use crate::ready::Ready;
use crate::stock::Stocks;

/// Bad rows that an outcome's report lists; more are counted.
pub const REPORTED_ROWS: u64 = 10_000;

/// Bytes that are looked at to tell a file's format: white space may stand before its first character.
const FIRST_BYTES: usize = 4_096;

/// The tables of dialects that hold units of measure are called so.
const UNIT_TABLE: &str = "unit";

/// What loads need to know of the gateway. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Grounds {
    /// Where the records go.
    pub stocks: Arc<Stocks>,
    /// Reads documents.
    pub interpreter: Arc<Interpreter>,
    /// What a CSV file does not say of itself.
    pub csv: Arc<CsvParams>,
}

/// In what a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The store's 14 columns (contract store section 14.3).
    Csv,
    /// A SyncInventoryAvailability document with any number of nouns (contract store section 6).
    Xml,
}

/// What is to be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Job {
    /// What it means for what it does not mention.
    pub mode: Mode,
    /// Bad rows it may have; with one more it is broken off. `None`: any number.
    pub bad_row_limit: Option<u64>,
    /// Whether it is only checked.
    pub dry_run: bool,
    /// In what it is written; `None`: its first character tells.
    pub format: Option<Format>,
}

// === impl Grounds ===

impl Grounds {
    /// Those of a generation.
    #[must_use]
    pub fn of(ready: &Ready) -> Self {
        let csv = CsvParams { zone: ready.config.zone.clone(), units: units(ready), store: None };
        Self {
            stocks: Arc::clone(&ready.stocks),
            interpreter: Arc::clone(&ready.interpreter),
            csv: Arc::new(csv),
        }
    }
}

/// The units that some DOM's table knows; any, if no DOM has such a table.
fn units(ready: &Ready) -> Units {
    let mappings = ready.interpreter.mappings();
    let dialects = ready.doms.iter().filter_map(|port| mappings.dialect(&port.dom.dialect.value));
    let known: Vec<BTreeSet<&str>> =
        dialects.filter_map(|dialect| dialect.record_words(UNIT_TABLE)).collect();
    if known.is_empty() {
        return Units::Any;
    }
    Units::Known(known.into_iter().flatten().map(str::to_owned).collect())
}

// === impl Format ===

impl Format {
    /// The format of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "xml" => Some(Self::Xml),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xml => "xml",
        }
    }

    /// The format of a file that begins so: XML if its first character is `<`, in UTF-8 or UTF-16.
    fn of(beginning: &[u8]) -> Self {
        let is_blank =
            |byte: &u8| matches!(byte, 0 | b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf | 0xfe | 0xff);
        match beginning.iter().find(|byte| !is_blank(byte)) {
            Some(b'<') => Self::Xml,
            _ => Self::Csv,
        }
    }
}

/// Loads a source into the cache, or checks it against the cache's stores and rules. `turn` is told how far it is, and
/// breaks it off.
pub fn run(grounds: &Grounds, job: &Job, source: impl Read, turn: &Turn) -> Outcome {
    let now = || clock::now().as_millisecond();
    let mut sink = CacheSink::new(&grounds.stocks, &now);
    if job.dry_run {
        sink = sink.only_checking();
    }
    carry_out((&grounds.csv, job), source, &mut sink, turn)
}

/// Checks a file by itself: without a gateway, so with any store.
pub fn check(csv: &CsvParams, job: &Job, source: impl Read, turn: &Turn) -> Outcome {
    carry_out((csv, job), source, &mut DryRun, turn)
}

fn carry_out<S: Sink>(
    (csv, job): (&CsvParams, &Job),
    mut source: impl Read,
    sink: &mut S,
    turn: &Turn,
) -> Outcome
where
    S::Error: 'static,
{
    let began = Instant::now();
    let mut watch = Watch { report: Report::new(Vec::new(), REPORTED_ROWS), turn };
    let params = LoadParams { mode: job.mode, bad_row_limit: job.bad_row_limit, ..LoadParams::default() };
    let mut format = job.format;
    let ended = match beginning(&mut source) {
        Err(error) => Err(unread(error)),
        Ok(first) => {
            let format = *format.get_or_insert_with(|| Format::of(&first));
            let source = Cursor::new(first).chain(source);
            match (Load::begin(&params, sink, &mut watch), format) {
                (Ok(load), Format::Csv) => load_csv(source, csv, load),
                (Ok(load), Format::Xml) => Err(load.break_off(no_xml())),
                (Err(error), _) => Err(Stopped { stop: Stop::Sink(error), summary: Summary::default() }),
            }
        }
    };
    let report = watch.report.finish().unwrap_or_default();
    Outcome::new(*job, format, ended, (began.elapsed(), report))
}

/// The first bytes of a source, as far as they tell its format.
fn beginning(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = vec![0; FIRST_BYTES];
    let mut length = 0;
    while let Some(room) = first.get_mut(length..).filter(|room| !room.is_empty()) {
        match source.read(room) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    first.truncate(length);
    Ok(first)
}

fn unread<E: std::error::Error>(error: io::Error) -> Stopped<E> {
    Stopped { stop: Stop::Unreadable(Unreadable::Read(error)), summary: Summary::default() }
}

/// The beginning of XML, as the reader of CSV would say it.
fn no_xml<E: std::error::Error>() -> Stop<E> {
    Stop::Unreadable(Unreadable::Form { found: "XML or HTML" })
}

/// Watches a load for whoever has the turn, and writes its report.
struct Watch<'t> {
    report: Report<Vec<u8>>,
    turn: &'t Turn,
}

impl Observer for Watch<'_> {
    fn rejected(&mut self, bad: &gateway_load::BadRow) {
        self.report.add(bad);
    }

    fn progress(&mut self, so_far: &Summary) -> std::ops::ControlFlow<()> {
        self.turn.note(so_far)
    }
}
