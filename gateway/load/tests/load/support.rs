//! Files in memory, rows that outlive their source, and a sink that writes down what it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use gateway_load::{
    BadRow, Change, Column, ColumnFault, CsvParams, CsvRows, LoadRow, Location, Mode, Next, Reason, Sink,
    Status, Unreadable, Verdict,
};

/// A row as text, to be compared and shown: line, store, item, location, unit, change, time of update.
pub(crate) fn shown(row: &LoadRow<'_>) -> String {
    let location = match row.location {
        Location::Online { store } => format!("online {store}"),
        Location::Physical { name } => format!("physical {name}"),
    };
    let change = match row.change {
        Change::Remove => "removed".to_owned(),
        Change::Put(stock) => {
            let status = match stock.status {
                Status::Available => "available",
                Status::Backorderable => "backorderable",
                Status::Unavailable => "unavailable",
            };
            let quantity = stock.quantity.map_or("-".to_owned(), |quantity| quantity.to_string());
            let offset = stock.offset_secs.map_or("-".to_owned(), |offset| offset.to_string());
            format!("{status} {quantity} {} {offset}", stock.available_at.unwrap_or("-"))
        }
    };
    let updated = row.updated_ms.map_or("-".to_owned(), |millis| millis.to_string());
    let LoadRow { line, store, item, .. } = row;
    format!("{line}|{store}|{item}|{location}|{}|{change}|{updated}", row.unit.unwrap_or("-"))
}

/// All rows of a file, good ones as [`shown`], bad ones as they show themselves.
pub(crate) fn rows_of(file: impl Read, params: &CsvParams) -> Result<Vec<String>, Unreadable> {
    let mut rows = CsvRows::open(file, params)?;
    let mut all = Vec::new();
    loop {
        match rows.next_row()? {
            Next::Row(row) => all.push(shown(&row)),
            Next::Bad(bad) => all.push(bad.to_string()),
            Next::End => return Ok(all),
        }
    }
}

/// A source that gives its bytes in pieces of these lengths, in turn, and is interrupted in between.
pub(crate) struct Pieces<'b> {
    bytes: &'b [u8],
    lengths: Vec<usize>,
    turn: usize,
}

impl<'b> Pieces<'b> {
    pub(crate) fn new(bytes: &'b [u8], lengths: Vec<usize>) -> Self {
        Self { bytes, lengths, turn: 0 }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = self.lengths[self.turn % self.lengths.len()].max(1);
        let (piece, rest) = self.bytes.split_at(length.min(self.bytes.len()).min(room.len()));
        room[..piece.len()].copy_from_slice(piece);
        self.bytes = rest;
        Ok(piece.len())
    }
}

/// A sink that keeps the last row of each key, and what it was told of the load.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) records: BTreeMap<String, String>,
    pub(crate) told: Vec<String>,
    /// The store that is unknown to it.
    pub(crate) unknown: Option<&'static str>,
    /// The item at which it breaks.
    pub(crate) breaks_at: Option<&'static str>,
}

#[derive(Debug, thiserror::Error)]
#[error("the ledger is closed")]
pub(crate) struct Closed;

impl Sink for Ledger {
    type Error = Closed;

    fn begin(&mut self, mode: Mode) -> Result<(), Closed> {
        self.told.push(format!("begin {mode:?}"));
        Ok(())
    }

    fn put(&mut self, row: &LoadRow<'_>) -> Result<Verdict, Closed> {
        if self.breaks_at == Some(row.item) {
            return Err(Closed);
        }
        if self.unknown == Some(row.store) {
            let reason = Reason::Refused("expected a store of the configuration".into());
            return Ok(Verdict::Refused(ColumnFault::new(Column::ContextStoreId, reason, row.store)));
        }
        let key = format!("{} {} {:?} {}", row.store, row.item, row.location, row.unit_or_default());
        let figures = shown(row).split('|').skip(5).collect::<Vec<_>>().join("|");
        Ok(match self.records.insert(key, figures.clone()) {
            Some(before) if before == figures => Verdict::Unchanged,
            _ => Verdict::Taken,
        })
    }

    fn complete(&mut self, stores: &BTreeSet<String>) -> Result<(), Closed> {
        self.told.push(format!("complete {stores:?}"));
        Ok(())
    }

    fn broken_off(&mut self) {
        self.told.push("broken off".to_owned());
    }
}

/// The only fault of the only bad row.
pub(crate) fn only_fault(bad: &BadRow) -> &ColumnFault {
    let [fault] = bad.faults.as_slice() else { panic!("expected one fault, found {bad}") };
    fault
}
