//! The store's own cache configuration as a CSV file: `INVCNF` joined with `INVCNFREL` (contract store section 14.2).
//!
//! One row per relation, with a header of the tables' own column names. The item may be given by `PARTNUMBER` instead of
//! the internal `CATENTRY_ID`, the physical store by `STLOC_IDENTIFIER` instead of the internal `STLOC_ID`: the query
//! that writes the file joins them in.

mod cells;

use std::time::Duration;

use rust_decimal::Decimal;

use self::cells::{Cells, Columns};
use super::{Fallback, Flags, Rule};
use crate::key::{Location, PIECE, Scope};
use crate::stock::Status;

const MEMORY: i64 = 1;
const DATABASE: i64 = 2;
const ASK: i64 = 4;
const DECREMENT: i64 = 8;
const UPDATE: i64 = 16;

/// What a file said.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The rules, for [`Rules::try_new`](super::Rules::try_new).
    pub rules: Vec<(Scope, Rule)>,
    /// The line of the file that each rule stands in, from 1; in the order of the rules.
    pub lines: Vec<u64>,
    /// What has no meaning here, or another one than at the store.
    pub notes: Vec<Note>,
}

/// Something that holds and that the reader of the file should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Line of the file, from 1.
    pub line: u64,
    /// What about it; lower case, no full stop.
    pub text: String,
}

/// One fault of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text}")]
pub struct ImportFault {
    /// Line of the file, from 1.
    pub line: u64,
    /// What is wrong, what was found and expected; lower case, no full stop.
    pub text: String,
}

/// Reads the store's configuration; columns may stand in any order, those that are missing are empty.
///
/// A rule whose configuration caches in the store's database only is one that keeps records in memory here, with a note:
/// the gateway has one cache, and a file taken as it is must not turn caching off.
///
/// # Errors
///
/// All faults: unknown or doubled columns, values that do not fit, rows that name both an online and a physical store.
pub fn import_csv(text: &str) -> Result<Imported, Vec<ImportFault>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let mut faults = Vec::new();
    let columns = match reader.headers() {
        Ok(header) => Columns::try_new(header, &mut faults),
        Err(error) => return Err(vec![unreadable(&error)]),
    };
    if columns.is_empty() {
        faults.push(ImportFault {
            line: 1,
            text: "the file is empty, expected a header of column names".to_owned(),
        });
    }
    let mut lines = LineNumbers { rest: text, byte: 0, line: 1 };
    let mut imported = Imported { rules: Vec::new(), lines: Vec::new(), notes: Vec::new() };
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                faults.push(unreadable(&error));
                continue;
            }
        };
        let line = lines.of(row.position().map_or(0, csv::Position::byte));
        let mut cells = Cells::new(&columns, (&row, line), &mut faults, &mut imported.notes);
        if let Some(rule) = cells.rule() {
            imported.rules.push(rule);
            imported.lines.push(line);
        }
    }
    if faults.is_empty() { Ok(imported) } else { Err(faults) }
}

/// The lines in which rows begin. The reader's own number is that of the line where the row before ended, which is another
/// one after an empty line or in a file whose lines end in CR and LF.
struct LineNumbers<'t> {
    rest: &'t str,
    byte: usize,
    line: u64,
}

// === impl LineNumbers ===

impl LineNumbers<'_> {
    /// The line of the row that begins at a byte, or after the line ends that stand there. Asked in rising order.
    fn of(&mut self, byte: u64) -> u64 {
        let passed = usize::try_from(byte).unwrap_or(usize::MAX).saturating_sub(self.byte);
        let (before, after) = self.rest.split_at_checked(passed).unwrap_or((self.rest, ""));
        let row = after.trim_start_matches(['\r', '\n']);
        let ends = after.strip_suffix(row).unwrap_or_default();
        self.line += [before, ends].iter().map(|part| part.matches('\n').count() as u64).sum::<u64>();
        self.byte += before.len() + ends.len();
        self.rest = row;
        self.line
    }
}

fn unreadable(error: &csv::Error) -> ImportFault {
    let line = error.position().map_or(1, csv::Position::line);
    ImportFault {
        line,
        text: "the line cannot be read, expected UTF-8 text in comma-separated cells".to_owned(),
    }
}

// === impl Cells ===

impl Cells<'_> {
    /// The row's rule; `None`, and at least one fault said, if it has none.
    fn rule(&mut self) -> Option<(Scope, Rule)> {
        let before = self.fault_count();
        self.check_cells();
        let scope = self.scope();
        let flags = self.flags();
        let rule = Rule {
            name: self.name(),
            flags,
            threshold: self.number("THRESHOLDQUANTITY"),
            fresh_above: self.seconds("CHEXPABOVETHRES").map(Duration::from_secs),
            fresh_below: self.seconds("CHEXPBELOWTHRES").map(Duration::from_secs),
            fallback: self.fallback(),
            precedence: self.number("PRECEDENCE").unwrap_or(Decimal::ZERO),
            ..Rule::ask_always()
        };
        if self.text("CACHEPRIORITY").is_some() {
            self.note("`CACHEPRIORITY` has no meaning here: what is asked for least goes first");
        }
        if self.text("QUANTITYMEASURE").is_some_and(|unit| unit.trim() != PIECE) {
            self.note(
                "`QUANTITYMEASURE` has no meaning here: the threshold counts in the unit of each record",
            );
        }
        (self.fault_count() == before).then_some((scope, rule))
    }

    fn name(&mut self) -> Box<str> {
        match self.text("IDENTIFIER").or_else(|| self.text("INVCNF_ID")) {
            Some(name) => name.into(),
            None => {
                self.fault("the row has no name, expected `IDENTIFIER` or `INVCNF_ID`".to_owned());
                "".into()
            }
        }
    }

    fn scope(&mut self) -> Scope {
        let store = self.text("STORE_ID");
        let physical = self.text("STLOC_IDENTIFIER").or_else(|| self.text("STLOC_ID"));
        let location = match (store, physical) {
            (Some(_), Some(_)) => {
                self.fault(
                    "the row names both an online and a physical store, expected at most one".to_owned(),
                );
                None
            }
            (Some(_), None) => Some(Location::Online),
            (None, physical) => physical.map(|name| Location::Physical(name.into())),
        };
        Scope {
            item: self.text("PARTNUMBER").or_else(|| self.text("CATENTRY_ID")).map(Into::into),
            store: store.map(Into::into),
            location,
        }
    }

    fn flags(&mut self) -> Flags {
        let most = MEMORY | DATABASE | ASK | DECREMENT | UPDATE;
        let bits = match self.integer("FLAGS") {
            Some(bits) if (0..=most).contains(&bits) => bits,
            Some(bits) => {
                self.fault(format!("`FLAGS` is {bits}, expected the sum of some of 1, 2, 4, 8 and 16"));
                0
            }
            None => 0,
        };
        if bits & (MEMORY | DATABASE) == DATABASE {
            self.note("`FLAGS` caches in the store's database, here it is kept in memory");
        } else if bits & DATABASE != 0 {
            self.note("`FLAGS` caches in the store's database too, which has no meaning here");
        }
        Flags {
            memory: bits & (MEMORY | DATABASE) != 0,
            ask: bits & ASK != 0,
            decrement: bits & DECREMENT != 0,
            update: bits & UPDATE != 0,
        }
    }

    fn fallback(&mut self) -> Option<Fallback> {
        let available_at = self.time("FALLBACKAVAILTIME");
        let offset = self.seconds("FALLBACKINVOFFSET").and_then(|offset| i64::try_from(offset).ok());
        let Some(status) = self.text("FALLBACKINVSTAT") else {
            if available_at.is_some() || offset.is_some() {
                self.fault("the row has a fallback time or offset but no `FALLBACKINVSTAT`".to_owned());
            }
            return None;
        };
        let Some(status) = Status::parse(status.trim()) else {
            self.fault(format!("`FALLBACKINVSTAT` is `{status}`, expected AVL, BA or UAVL"));
            return None;
        };
        if available_at.is_some() && offset.is_some() {
            self.fault(
                "the row has both `FALLBACKAVAILTIME` and `FALLBACKINVOFFSET`, expected one".to_owned(),
            );
        }
        Some(Fallback { status, available_at, offset })
    }
}

#[cfg(test)]
mod tests;
