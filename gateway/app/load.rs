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
mod xml;

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
use xml::load_xml;

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
    let began = Instant::now();
    let now = || clock::now().as_millisecond();
    let mut sink = CacheSink::new(&grounds.stocks, &now);
    if job.dry_run {
        sink = sink.only_checking();
    }
    let opened = Opened::new(source, job.format);
    if opened.format == Some(Format::Xml) {
        sink = sink.as_pushed();
    }
    carry_out((&grounds.csv, Some(&grounds.interpreter)), job, opened, (&mut sink, turn, began))
}

/// Checks a file by itself: without a gateway, so with any store. Only a gateway has the mappings that XML is read by.
pub fn check(csv: &CsvParams, job: &Job, source: impl Read, turn: &Turn) -> Outcome {
    let opened = Opened::new(source, job.format);
    carry_out((csv, None), job, opened, (&mut DryRun, turn, Instant::now()))
}

/// A file whose first bytes were read.
struct Opened<R> {
    /// `None` if they could not be.
    format: Option<Format>,
    source: io::Result<R>,
}

impl<R: Read> Opened<io::Chain<Cursor<Vec<u8>>, R>> {
    fn new(mut source: R, format: Option<Format>) -> Self {
        let first = beginning(&mut source);
        let format = format.or_else(|| first.as_deref().ok().map(Format::of));
        Self { format, source: first.map(|first| Cursor::new(first).chain(source)) }
    }
}

fn carry_out<S: Sink, R: Read>(
    (csv, interpreter): (&CsvParams, Option<&Interpreter>),
    job: &Job,
    opened: Opened<R>,
    (sink, turn, began): (&mut S, &Turn, Instant),
) -> Outcome
where
    S::Error: 'static,
{
    let mut watch = Watch { report: Report::new(Vec::new(), REPORTED_ROWS), turn };
    let params = LoadParams { mode: job.mode, bad_row_limit: job.bad_row_limit, ..LoadParams::default() };
    let ended = match (opened.source, Load::begin(&params, sink, &mut watch)) {
        (Err(error), Ok(load)) => Err(load.break_off(Stop::Unreadable(Unreadable::Read(error)))),
        (_, Err(error)) => Err(Stopped { stop: Stop::Sink(error), summary: Summary::default() }),
        (Ok(source), Ok(load)) => match (opened.format, interpreter) {
            (Some(Format::Xml), Some(interpreter)) => load_xml(source, (interpreter, &csv.units), load),
            (Some(Format::Xml), None) => Err(load.break_off(Stop::Unreadable(Unreadable::Document(
                "XML can be checked only at a gateway, which has the mappings".into(),
            )))),
            _ => load_csv(source, csv, load),
        },
    };
    let report = watch.report.finish().unwrap_or_default();
    Outcome::new(*job, opened.format, ended, (began.elapsed(), report))
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
