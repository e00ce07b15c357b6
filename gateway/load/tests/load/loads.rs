//! A load as its sink and its observer see it.

use std::collections::BTreeSet;
use std::error::Error;
use std::ops::ControlFlow;

use gateway_load::{
    BadRow, CsvParams, DryRun, Load, LoadParams, LoadRow, Mode, Observer, Report, Settled, Silent, Sink,
    Stop, Stopped, Summary, Verdict, load_csv,
};

use crate::support::{Closed, Ledger};

fn load(file: &str, params: &LoadParams, sink: &mut Ledger) -> Result<Summary, Stopped<Closed>> {
    load_csv(file.as_bytes(), &CsvParams::default(), Load::begin(params, sink, &mut Silent).unwrap())
}

fn full() -> LoadParams {
    LoadParams { mode: Mode::Full, ..LoadParams::default() }
}

const GOOD: &str = "A,1,,AVL,2,,,,,1,,,,\n";
const OTHER: &str = "B,,Gent,AVL,2,,,,,2,,,,\n";
const BAD: &str = "C,1,,AVL,-2,,,,,1,,,,\n";

#[test]
fn good_rows_load_beside_bad_ones_and_all_are_counted() {
    let removal = "A,1,,,,,,,,1,,,,1\n";
    let file = [GOOD, BAD, OTHER, GOOD, removal, BAD].concat();
    let mut sink = Ledger::default();
    let summary = load(&file, &LoadParams::default(), &mut sink).unwrap();
    let expected = Summary {
        rows: 6,
        bytes: file.len() as u64,
        taken: 3,
        removed: 1,
        unchanged: 1,
        rejected: 2,
        repeated: 2,
        ..Summary::default()
    };
    assert_eq!(summary, expected);
    assert_eq!(sink.told, ["begin Delta", "complete {}"]);
}

#[test]
fn of_rows_of_one_key_the_last_wins() {
    let file = ["A,1,,AVL,2,,,,,1,,,,\n", OTHER, "A,1,,AVL,7,C62,,,,1,,,,\n"].concat();
    let mut sink = Ledger::default();
    let summary = load(&file, &LoadParams::default(), &mut sink).unwrap();
    assert_eq!((summary.taken, summary.repeated), (3, 1));
    let record =
        sink.records.iter().find(|(key, _)| key.contains(" A ")).map(|(_, figures)| figures.as_str());
    assert_eq!(record, Some("available 7 - -|-"));
}

#[test]
fn a_full_replacement_names_its_stores_when_it_is_complete() {
    let mut sink = Ledger { unknown: Some("3"), ..Ledger::default() };
    let file = [GOOD, OTHER, GOOD, BAD, "A,3,,AVL,2,,,,,3,,,,\n"].concat();
    let summary = load(&file, &full(), &mut sink).unwrap();
    assert_eq!((summary.taken, summary.unchanged, summary.rejected), (2, 1, 2));
    assert_eq!(sink.told, ["begin Full", "complete {\"1\", \"2\"}"]);
}

#[test]
fn a_load_that_stops_early_is_broken_off_and_says_why_and_how_far() {
    let limit = |limit| LoadParams { bad_row_limit: Some(limit), ..full() };
    let stores = LoadParams { store_limit: 1, ..full() };
    let cut_off = [GOOD, BAD, "B,1,,A"].concat();
    let cut = "expected the end of the row that begins on line 3, found the end of the file";
    let zip = "expected comma-separated UTF-8 text, found a zip file, perhaps a spreadsheet";
    let last_word = "Z,1,,AVL,,,,,,1,,,,\n";
    let cases = [
        ([GOOD, BAD, OTHER].concat(), limit(0), "expected at most 0 bad rows, found more", 2, 1),
        ([GOOD, BAD, OTHER, BAD].concat(), limit(1), "expected at most 1 bad rows, found more", 4, 2),
        (cut_off, full(), cut, 2, 1),
        ([GOOD, OTHER].concat(), stores, "expected at most 1 stores in a full replacement, found more", 2, 2),
        ("PK\x03\x04".to_owned(), full(), zip, 0, 0),
        ([GOOD, last_word].concat(), full(), "the rows cannot be taken", 2, 1),
    ];
    for (file, params, why, rows, stay) in cases {
        let mut sink = Ledger { breaks_at: Some("Z"), ..Ledger::default() };
        let stopped = load(&file, &params, &mut sink).unwrap_err();
        assert_eq!(stopped.source().unwrap().to_string(), why);
        assert_eq!(stopped.to_string(), format!("the load was broken off after {rows} rows"), "{why}");
        assert_eq!(sink.told, ["begin Full", "broken off"], "{why}");
        assert_eq!(sink.records.len(), stay, "{why}: what was put stays");
    }
}

#[test]
fn as_many_bad_rows_as_the_limit_are_borne() {
    let params = LoadParams { bad_row_limit: Some(2), ..full() };
    let mut sink = Ledger::default();
    assert_eq!(load(&[BAD, GOOD, BAD].concat(), &params, &mut sink).unwrap().rejected, 2);
}

#[test]
fn what_the_sink_refuses_stands_in_the_report() {
    let mut sink = Ledger { unknown: Some("2"), ..Ledger::default() };
    let mut report = Report::new(Vec::new(), 10);
    let load = Load::begin(&LoadParams::default(), &mut sink, &mut report).unwrap();
    load_csv([GOOD, OTHER, BAD].concat().as_bytes(), &CsvParams::default(), load).unwrap();
    let expected = "line,column,name,reason,value\n\
        2,10,ContextStoreId,expected a store of the configuration,2\n\
        3,5,AvailableQuantity,expected a quantity of zero or more,-2\n";
    assert_eq!(String::from_utf8(report.finish().unwrap()).unwrap(), expected);
}

/// Notes how far the load was each time, and cancels it at so many rows.
#[derive(Default)]
struct Progress {
    told: Vec<(u64, u64)>,
    rejected: Vec<u64>,
    cancel_at: u64,
}

impl Observer for Progress {
    fn rejected(&mut self, bad: &BadRow) {
        self.rejected.push(bad.line);
    }

    fn progress(&mut self, so_far: &Summary) -> ControlFlow<()> {
        self.told.push((so_far.rows, so_far.bytes));
        if so_far.rows >= self.cancel_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn the_observer_hears_of_progress_and_of_the_end() {
    let file = GOOD.repeat(10_000);
    let mut progress = Progress { cancel_at: u64::MAX, ..Progress::default() };
    let load = Load::begin(&LoadParams::default(), &mut DryRun, &mut progress)
        .map(|load| load_csv(file.as_bytes(), &CsvParams::default(), load).unwrap());
    assert_eq!(load.unwrap().rows, 10_000);
    let rows: Vec<u64> = progress.told.iter().map(|(rows, _)| *rows).collect();
    assert_eq!(rows, [4096, 8192, 10_000]);
    assert_eq!(progress.told.last(), Some(&(10_000, file.len() as u64)));
    assert!(progress.told.is_sorted());
}

#[test]
fn the_observer_can_cancel_even_at_the_end() {
    for (rows, cancel_at, after) in [(10_000, 1, 4096), (10_000, 5000, 8192), (10, 10, 10)] {
        let mut progress = Progress { cancel_at, ..Progress::default() };
        let mut sink = Ledger::default();
        let load = Load::begin(&full(), &mut sink, &mut progress).unwrap();
        let stopped = load_csv(GOOD.repeat(rows).as_bytes(), &CsvParams::default(), load).unwrap_err();
        assert!(matches!(stopped.stop, Stop::Cancelled));
        assert_eq!(stopped.summary.rows, after);
        assert_eq!(sink.told, ["begin Full", "broken off"]);
    }
}

#[test]
fn a_load_that_is_dropped_is_broken_off() {
    let mut sink = Ledger::default();
    drop(Load::begin(&full(), &mut sink, &mut Silent).unwrap());
    assert_eq!(sink.told, ["begin Full", "broken off"]);
}

#[test]
fn another_source_feeds_a_load_the_same_way() {
    let mut sink = Ledger::default();
    let mut progress = Progress { cancel_at: u64::MAX, ..Progress::default() };
    let mut load = Load::begin(&full(), &mut sink, &mut progress).unwrap();
    let row = gateway_load::LoadRow {
        line: 1,
        store: "1",
        item: "A",
        location: gateway_load::Location::Online { store: "1" },
        unit: None,
        change: gateway_load::Change::Remove,
        updated_ms: Some(0),
    };
    load.put(&row).unwrap();
    load.reject(&BadRow::whole(2, gateway_load::Reason::Missing)).unwrap();
    load.has_read(500);
    let summary = load.finish().unwrap();
    assert_eq!((summary.rows, summary.removed, summary.rejected, summary.bytes), (2, 1, 1, 500));
    assert_eq!((progress.rejected, progress.told), (vec![2], vec![(2, 500)]));
    assert_eq!(sink.told, ["begin Full", "complete {\"1\"}"]);
}

/// Gathers rows, and counts them as taken when it is asked.
#[derive(Default)]
struct Gathering {
    waiting: u64,
    settled: Vec<u64>,
}

impl Sink for Gathering {
    type Error = Closed;

    fn begin(&mut self, _mode: Mode) -> Result<(), Closed> {
        Ok(())
    }

    fn put(&mut self, row: &LoadRow<'_>) -> Result<Verdict, Closed> {
        if row.item == "B" {
            return Ok(Verdict::NotKept);
        }
        self.waiting += 1;
        Ok(Verdict::Later)
    }

    fn settle(&mut self) -> Result<Settled, Closed> {
        let taken = std::mem::take(&mut self.waiting);
        self.settled.push(taken);
        Ok(Settled { taken, ..Settled::default() })
    }

    fn complete(&mut self, _stores: &BTreeSet<String>) -> Result<(), Closed> {
        assert_eq!(self.waiting, 0, "all is settled before the end");
        Ok(())
    }

    fn broken_off(&mut self) {
        assert_eq!(self.waiting, 0, "what was gathered stays");
    }
}

#[test]
fn rows_that_a_sink_gathers_are_counted_when_they_are_settled() {
    let file = [&GOOD.repeat(5_000), OTHER, BAD].concat();
    let (mut sink, params) = (Gathering::default(), LoadParams::default());
    let mut silent = Silent;
    let load = Load::begin(&params, &mut sink, &mut silent).unwrap();
    let summary = load_csv(file.as_bytes(), &CsvParams::default(), load).unwrap();
    assert_eq!((summary.taken, summary.not_kept, summary.rejected), (5_000, 1, 1));
    assert_eq!(sink.settled, [4_096, 904]);

    let (mut sink, params) = (Gathering::default(), LoadParams { bad_row_limit: Some(0), ..full() });
    let mut silent = Silent;
    let load = Load::begin(&params, &mut sink, &mut silent).unwrap();
    let stopped = load_csv([GOOD, BAD].concat().as_bytes(), &CsvParams::default(), load).unwrap_err();
    assert_eq!(stopped.summary.taken, 1);
}
