//! The columns of a configuration file and the cells of one of its rows.

use csv::StringRecord;
use gateway_model::closest;
use gateway_model::scalar::{check_datetime, parse_number};
use rust_decimal::Decimal;

use super::{ImportFault, Note};

/// Columns that are known; those of `INVCNF` and `INVCNFREL`, and two names joined in.
const KNOWN: &[&str] = &[
    "INVCNF_ID",
    "IDENTIFIER",
    "DESCRIPTION",
    "PRECEDENCE",
    "FLAGS",
    "CACHEPRIORITY",
    "THRESHOLDQUANTITY",
    "QUANTITYMEASURE",
    "CHEXPABOVETHRES",
    "CHEXPBELOWTHRES",
    "FALLBACKINVSTAT",
    "FALLBACKAVAILTIME",
    "FALLBACKINVOFFSET",
    "OPTCOUNTER",
    "INVCNFREL_ID",
    "CATENTRY_ID",
    "STORE_ID",
    "STLOC_ID",
    "PARTNUMBER",
    "STLOC_IDENTIFIER",
];

/// Which column stands where.
pub(super) struct Columns {
    names: Vec<Option<&'static str>>,
}

/// One row, and where to say what is wrong with it.
pub(super) struct Cells<'r> {
    columns: &'r Columns,
    row: &'r StringRecord,
    line: u64,
    faults: &'r mut Vec<ImportFault>,
    notes: &'r mut Vec<Note>,
}

// === impl Columns ===

impl Columns {
    /// The columns of a header; unknown and doubled ones are faults.
    pub(super) fn try_new(header: &StringRecord, faults: &mut Vec<ImportFault>) -> Self {
        let mut names: Vec<Option<&'static str>> = Vec::new();
        for found in header {
            let name = KNOWN.iter().copied().find(|known| known.eq_ignore_ascii_case(found.trim()));
            if name.is_none() {
                let meant = closest(found, KNOWN.iter().copied());
                let meant = meant.map_or_else(expected_columns, |name| format!("did you mean `{name}`"));
                faults.push(ImportFault { line: 1, text: format!("unknown column `{found}`, {meant}") });
            } else if names.contains(&name) {
                faults.push(ImportFault {
                    line: 1,
                    text: format!("column `{found}` stands twice, expected once"),
                });
            }
            names.push(name);
        }
        Self { names }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

fn expected_columns() -> String {
    format!("expected one of {}", KNOWN.join(", "))
}

// === impl Cells ===

impl<'r> Cells<'r> {
    pub(super) fn new(
        columns: &'r Columns,
        (row, line): (&'r StringRecord, u64),
        faults: &'r mut Vec<ImportFault>,
        notes: &'r mut Vec<Note>,
    ) -> Self {
        Self { columns, row, line, faults, notes }
    }

    /// How many faults the file has so far.
    pub(super) fn fault_count(&self) -> usize {
        self.faults.len()
    }

    pub(super) fn fault(&mut self, text: String) {
        self.faults.push(ImportFault { line: self.line, text });
    }

    pub(super) fn note(&mut self, text: &str) {
        self.notes.push(Note { line: self.line, text: text.to_owned() });
    }

    /// A row has as many cells as the header, each on its line: an open quotation mark would swallow the rows after it.
    pub(super) fn check_cells(&mut self) {
        if self.row.iter().any(|cell| cell.contains(['\n', '\r'])) {
            self.fault(
                "a cell goes on in the next line, expected its quotation mark to be closed".to_owned(),
            );
        }
        let (found, expected) = (self.row.len(), self.columns.names.len());
        if found != expected {
            self.fault(format!("the row has {found} cells, expected {expected}"));
        }
    }

    /// A cell; `None` where it is empty, or the database's null.
    pub(super) fn text(&self, column: &str) -> Option<&'r str> {
        let index = self.columns.names.iter().position(|name| *name == Some(column))?;
        self.row
            .get(index)
            .map(str::trim)
            .filter(|cell| !cell.is_empty() && !cell.eq_ignore_ascii_case("null"))
    }

    pub(super) fn number(&mut self, column: &str) -> Option<Decimal> {
        let cell = self.text(column)?;
        let number = parse_number(cell);
        if number.is_none() {
            self.fault(format!("`{column}` is `{cell}`, expected a decimal number"));
        }
        number
    }

    pub(super) fn integer(&mut self, column: &str) -> Option<i64> {
        let cell = self.text(column)?;
        let number = cell.parse().ok();
        if number.is_none() {
            self.fault(format!("`{column}` is `{cell}`, expected a whole number"));
        }
        number
    }

    /// Seconds, 0 or more.
    pub(super) fn seconds(&mut self, column: &str) -> Option<u64> {
        let cell = self.text(column)?;
        let seconds = cell.parse::<u32>().ok();
        if seconds.is_none() {
            self.fault(format!(
                "`{column}` is `{cell}`, expected whole seconds, 0 or more, or nothing for never"
            ));
        }
        seconds.map(u64::from)
    }

    /// A time as documents write it; the database's blank between date and time becomes their `T`.
    pub(super) fn time(&mut self, column: &str) -> Option<Box<str>> {
        let cell = self.text(column)?;
        let time = cell.replacen(' ', "T", 1);
        if check_datetime(&time) {
            return Some(time.into());
        }
        self.fault(format!("`{column}` is `{cell}`, expected a time such as 2026-07-15 09:30:00.000"));
        None
    }
}
