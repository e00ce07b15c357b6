//! Files into the cache, and what is in the cache then.

use std::io::Read;

use gateway_cache::{AGELESS, Arrival, Flags, Key, Location, Rule, Scope, Status, Stock};
use gateway_load::{CsvParams, Mode, Units};
use rust_decimal::Decimal;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{CacheSink, Desk, Ending, Format, Job, Opened, Outcome, carry_out};
use crate::config;
use crate::stock::Stocks;

/// The contract's own sample (contract store section 14.3).
const SAMPLE: &str = "\
LAMP-0042-BRS,11651,,AVL,148.0,C62,,,2024-06-11 12:00:00.000,11651,,,,
LAMP-0042-BRS,,MUC-Marienplatz,AVL,3.0,C62,,,2024-06-11 12:00:00.000,11651,,,,
LAMP-0042-BRS,,ZRH-Bahnhofstrasse,UAVL,,,,,2024-06-11 12:00:00.000,11651,,,,
RUG-1187-GRN,11651,,BA,,,2024-07-02 00:00:00.000,,2024-06-11 12:00:00.000,11651,,,,
KIT-DESK-09,11651,,AVL,,,,,2024-06-11 12:00:00.000,11651,,,,
OLD-SKU-001,11651,,,,,,,,11651,,,,1
";

/// 2026-11-18.
const NOW: i64 = 1_795_000_000_000;
/// 2024-06-11 12:00:00.
const UPDATED: i64 = 1_718_107_200_000;

fn rule(name: &str, memory: bool, update: bool) -> Rule {
    let flags = Flags { memory, ask: true, decrement: true, update };
    Rule { name: name.into(), flags, ..Rule::ask_always() }
}

/// Everything is kept, but for two items.
fn stocks() -> Stocks {
    let only = |item: &str| Scope { item: Some(item.into()), ..Scope::default() };
    let rules = vec![
        (Scope::default(), rule("standard", true, true)),
        (only("NOT-KEPT"), rule("not kept", false, true)),
        (only("NOT-UPDATED"), rule("not updated", true, false)),
    ];
    Stocks::new(&config::Cache { rules, ..config::Cache::default() }, ["11651", "11652"].map(str::to_owned))
        .unwrap()
}

fn full() -> Job {
    Job { mode: Mode::Full, ..Job::default() }
}

fn load(stocks: &Stocks, job: Job, file: impl Read) -> Outcome {
    let csv =
        CsvParams { units: Units::Known(["C62", "MTR"].map(str::to_owned).into()), ..CsvParams::default() };
    let turn = Desk::new(CancellationToken::new()).begin("file.csv").unwrap();
    let mut sink = CacheSink::new(stocks, &|| NOW);
    if job.dry_run {
        sink = sink.only_checking();
    }
    let opened = Opened::new(file, job.format);
    carry_out((&csv, None), &job, opened, (&mut sink, &turn, Instant::now()))
}

fn get(stocks: &Stocks, store: &str, item: &str, location: Location<&str>, unit: &str) -> Option<Stock> {
    let key = Key { store, item, location, unit };
    stocks.cache.get(&key, stocks.rules.select(store, item, location))
}

fn online(stocks: &Stocks, item: &str) -> Option<Stock> {
    get(stocks, "11651", item, Location::Online, "C62")
}

fn pieces(stocks: &Stocks, item: &str) -> Option<Decimal> {
    online(stocks, item).and_then(|stock| stock.quantity)
}

fn row(item: &str, quantity: &str) -> String {
    format!("{item},11651,,AVL,{quantity},C62,,,,11651,,,,\n")
}

#[test]
fn the_sample_becomes_records() {
    let stocks = stocks();
    let put = |item, location| {
        let key = Key { store: "11651", item, location, unit: "C62" };
        stocks.cache.put(&key, &Stock::new(Status::Available, None, NOW), Arrival::push(NOW));
    };
    put("OLD-SKU-001", Location::Online);
    let outcome = load(&stocks, Job::default(), SAMPLE.as_bytes());
    assert_eq!((outcome.summary.taken, outcome.summary.removed), (6, 1));
    assert_eq!(
        (outcome.ending, outcome.format, outcome.report.as_str()),
        (Ending::Complete, Some(Format::Csv), "")
    );
    let said = |status, quantity: Option<i64>| {
        let quantity = quantity.map(|number| Decimal::new(number, 1));
        Stock { dom_time_ms: Some(UPDATED), ..Stock::new(status, quantity, UPDATED) }
    };
    let at = |item, location| get(&stocks, "11651", item, location, "C62");
    let (lamp, munich, zurich) =
        ("LAMP-0042-BRS", Location::Physical("MUC-Marienplatz"), Location::Physical("ZRH-Bahnhofstrasse"));
    assert_eq!(at(lamp, Location::Online), Some(said(Status::Available, Some(1480))));
    assert_eq!(at(lamp, munich), Some(said(Status::Available, Some(30))));
    assert_eq!(at(lamp, zurich), Some(said(Status::Unavailable, None)));
    let rug =
        Stock { available_at: Some("2024-07-02T00:00:00.000".into()), ..said(Status::Backorderable, None) };
    assert_eq!(at("RUG-1187-GRN", Location::Online), Some(rug));
    assert!(at("KIT-DESK-09", Location::Online).is_some_and(|stock| stock.is_unlimited()));
    assert_eq!(at("OLD-SKU-001", Location::Online), None);
}

#[test]
fn every_bad_row_is_told_with_line_column_reason_and_value_and_the_others_load() {
    let bad = [
        (
            "A,11651,,AVL,x,C62,,,,11651,,,,",
            "5,AvailableQuantity,expected a decimal number such as `2` or `0.750`,x",
        ),
        ("A,11651,,AVL,-1,C62,,,,11651,,,,", "5,AvailableQuantity,expected a quantity of zero or more,-1"),
        ("A,11651,,SOLD,1,C62,,,,11651,,,,", "4,InventoryStatus,\"expected `AVL`, `BA` or `UAVL`\",SOLD"),
        (
            "A,,,AVL,1,C62,,,,11651,,,,",
            "2,OnlineStoreUniqueID,\"expected an online or a physical store, found neither\",",
        ),
        (
            "A,11651,Gent,AVL,1,C62,,,,11651,,,,",
            "3,PhysicalStoreIdentifier,\"expected either an online or a physical store, found both\",Gent",
        ),
        (
            "A,11651,,AVL,1,KGM,,,,11651,,,,",
            "6,AvailableQuantityUOM,expected a unit that the tables know,KGM",
        ),
        (
            "A,11651,,AVL,1,C62,,,,11615,,,,",
            "10,ContextStoreId,expected the id of a configured store (did you mean `11651`?),11615",
        ),
        ("A,99,,AVL,1,C62,,,,11651,,,,", "2,OnlineStoreUniqueID,expected the id of a configured store,99"),
        (
            "A;11651;;AVL;1;;;;;11651;;;;",
            ",,\"expected 14 columns with commas between them, found 1 (it has ';' in plenty)\",",
        ),
    ];
    let good = row("GOOD", "7");
    let file: String = bad.iter().map(|(row, _)| format!("{row}\n{good}")).collect();
    let stocks = stocks();
    let outcome = load(&stocks, Job::default(), file.as_bytes());
    let expected: String =
        bad.iter().enumerate().map(|(index, (_, fault))| format!("{},{fault}\n", 2 * index + 1)).collect();
    assert_eq!(outcome.report, format!("line,column,name,reason,value\n{expected}"));
    assert_eq!((outcome.summary.rejected, outcome.summary.taken), (9, 9));
    assert_eq!(pieces(&stocks, "GOOD"), Some(Decimal::from(7)));
    assert_eq!(pieces(&stocks, "A"), None);
}

#[test]
fn a_file_that_cannot_be_read_on_leaves_what_it_did_and_makes_nothing_old() {
    struct Lost<'b>(&'b [u8]);
    impl Read for Lost<'_> {
        fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                Err(std::io::ErrorKind::ConnectionReset.into())
            } else {
                self.0.read(room)
            }
        }
    }
    let good = row("NEW", "7");
    let limited = Job { bad_row_limit: Some(0), ..full() };
    let bad = "A,11651,,AVL,-1,C62,,,,11651,,,,\n";
    let cut = [good.as_str(), "B,11651,,AV"].concat();
    // So long that its end is not seen at once.
    let long = (0..5000).map(|number| row(&format!("ITEM-{number}"), "1")).collect::<String>() + &good;
    let too_many = [&good, bad, &good].concat();
    type Opened<'f> = Box<dyn Read + 'f>;
    let cases: [(&str, Job, Opened<'_>, bool); 4] = [
        ("cut off", full(), Box::new(cut.as_bytes()), true),
        ("too many bad rows", limited, Box::new(too_many.as_bytes()), true),
        ("broken off", full(), Box::new(Lost(long.as_bytes())), true),
        ("a spreadsheet", full(), Box::new(&b"PK\x03\x04"[..]), false),
    ];
    for (name, job, file, takes_some) in cases {
        let stocks = stocks();
        load(&stocks, Job::default(), row("OLD", "1").as_bytes());
        let outcome = load(&stocks, job, file);
        assert!(!outcome.is_complete(), "{name}");
        assert_eq!(online(&stocks, "NEW").is_some(), takes_some, "{name}");
        assert_eq!(online(&stocks, "OLD").unwrap().old_since_ms, None, "{name}");
    }
}

#[test]
fn after_a_full_replacement_what_it_did_not_mention_of_its_stores_is_old() {
    let stocks = stocks();
    let other = "OTHER,11652,,AVL,1,C62,,,,11652,,,,\n";
    let before = [row("A", "1"), row("B", "2"), row("C", "3"), other.to_owned()].concat();
    load(&stocks, full(), before.as_bytes());
    let bad = "C,11651,,AVL,-1,C62,,,,11651,,,,\n";
    let outcome = load(&stocks, full(), [&row("A", "1"), bad, &row("D", "4")].concat().as_bytes());
    assert!(outcome.is_complete());
    let old = |item| online(&stocks, item).unwrap().old_since_ms;
    assert_eq!(["A", "B", "C", "D"].map(old), [None, Some(NOW), Some(NOW), None]);
    let elsewhere = get(&stocks, "11652", "OTHER", Location::Online, "C62").unwrap();
    assert_eq!(elsewhere.old_since_ms, None, "the file does not speak of that store");
    // A delta says nothing of what it does not mention.
    load(&stocks, Job::default(), row("B", "5").as_bytes());
    assert_eq!(["A", "B", "C", "D"].map(old), [None, None, Some(NOW), None]);
}

#[test]
fn a_dry_run_counts_the_same_and_changes_nothing() {
    let stocks = stocks();
    load(&stocks, Job::default(), row("OLD", "1").as_bytes());
    let file = [&row("A", "1"), "A,11651,,AVL,-1,,,,,11651,,,,\n", &row("NOT-KEPT", "1")].concat();
    let outcome = load(&stocks, Job { dry_run: true, ..full() }, file.as_bytes());
    let summary = outcome.summary;
    assert_eq!((summary.rows, summary.taken, summary.rejected, summary.not_kept), (3, 1, 1, 1));
    assert_eq!((online(&stocks, "A"), online(&stocks, "OLD").unwrap().old_since_ms), (None, None));
}

#[test]
fn rows_that_no_rule_keeps_are_counted_and_are_not_bad() {
    let stocks = stocks();
    let file = [row("NOT-KEPT", "1"), row("NOT-UPDATED", "1"), row("A", "1")].concat();
    let summary = load(&stocks, Job::default(), file.as_bytes()).summary;
    assert_eq!((summary.not_kept, summary.taken, summary.rejected), (2, 1, 0));
    assert_eq!(online(&stocks, "NOT-UPDATED"), None);
}

#[test]
fn an_online_row_is_of_the_store_it_names() {
    let stocks = stocks();
    load(&stocks, Job::default(), &b"A,11652,,AVL,1,,,,,11651,,,,\n"[..]);
    assert!(get(&stocks, "11652", "A", Location::Online, "C62").is_some());
    assert_eq!(online(&stocks, "A"), None);
}

#[test]
fn the_last_of_repeated_rows_wins_wherever_they_stand() {
    let stocks = stocks();
    let file = [row("A", "1"), row("A", "2"), row("B", "1"), row("A", "3")].concat();
    let summary = load(&stocks, Job::default(), file.as_bytes()).summary;
    assert_eq!((summary.taken, summary.repeated), (4, 2));
    assert_eq!(pieces(&stocks, "A"), Some(Decimal::from(3)));
}

#[test]
fn older_rows_are_late_and_the_same_changes_nothing() {
    let stocks = stocks();
    let at = |time: &str, quantity| format!("A,11651,,AVL,{quantity},C62,,,{time},11651,,,,\n");
    let (monday, tuesday) = ("2026-11-16 08:00:00.000", "2026-11-17 08:00:00.000");
    let file = [at(tuesday, 5), at(monday, 9), at(tuesday, 5)].concat();
    let summary = load(&stocks, Job::default(), file.as_bytes()).summary;
    assert_eq!((summary.taken, summary.late, summary.unchanged), (1, 1, 1));
    assert_eq!(pieces(&stocks, "A"), Some(Decimal::from(5)));
    // An older removal is late as well, a newer one is not.
    let removal = |time: &str| format!("A,11651,,,,,,,{time},11651,,,,1\n");
    let summary =
        load(&stocks, Job::default(), [removal(monday), removal(tuesday)].concat().as_bytes()).summary;
    assert_eq!((summary.late, summary.removed), (1, 1));
    assert_eq!(online(&stocks, "A"), None);
}

#[test]
fn a_removal_without_unit_removes_all_units_at_its_location() {
    let stocks = stocks();
    let rows = [
        "A,11651,,AVL,1,C62,,,,11651,,,,\n",
        "A,11651,,AVL,1,MTR,,,,11651,,,,\n",
        "A,,Gent,AVL,1,,,,,11651,,,,\n",
    ];
    let all = |file: &str| {
        load(&stocks, Job::default(), [&rows.concat(), file].concat().as_bytes());
        let held = stocks.cache.shelf("11651", "A").map(|shelf| shelf.all()).unwrap_or_default();
        held.into_iter().map(|found| found.unit.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(all(""), ["C62", "MTR", "C62"]);
    assert_eq!(all("A,11651,,,,MTR,,,,11651,,,,1\n"), ["C62", "C62"]);
    assert_eq!(all("A,11651,,,,,,,,11651,,,,1\n"), ["C62"]);
}

#[test]
fn ages_count_from_the_last_update_and_without_one_never() {
    let stocks = stocks();
    let file = "A,11651,,AVL,1,,,,2026-11-17 08:00:00.000,11651,,,,\nB,11651,,AVL,1,,,,,11651,,,,\n\
        C,11651,,AVL,1,,,,2026-11-18 18:00:00.000,11651,,,,\nD,11651,,AVL,1,,,,2036-11-17 08:00:00.000,11651,,,,\n";
    load(&stocks, Job::default(), file.as_bytes());
    let times = |item| {
        let stock = online(&stocks, item).unwrap();
        (stock.fetched_ms, stock.dom_time_ms)
    };
    let (tuesday, evening) = (1_794_902_400_000, 1_795_024_800_000);
    assert_eq!(times("A"), (tuesday, Some(tuesday)));
    assert_eq!(times("B"), (AGELESS, None));
    assert_eq!(times("C"), (NOW, Some(evening)), "clocks differ a little");
    assert_eq!(times("D"), (NOW, None), "a time far ahead is not believed");
}

#[test]
fn a_shuffled_file_loads_the_same_as_a_sorted_one() {
    let mut rows: Vec<String> = (0..3_000)
        .map(|number| format!("ITEM-{},,Store-{},AVL,{number},,,,,11651,,,,\n", number / 5, number % 5))
        .collect();
    let (sorted, shuffled) = (stocks(), stocks());
    assert_eq!(load(&sorted, Job::default(), rows.concat().as_bytes()).summary.taken, 3_000);
    fastrand::Rng::with_seed(7).shuffle(&mut rows);
    assert_eq!(load(&shuffled, Job::default(), rows.concat().as_bytes()).summary.taken, 3_000);
    for number in 0..600 {
        let all = |stocks: &Stocks| stocks.cache.shelf("11651", &format!("ITEM-{number}")).unwrap().all();
        assert_eq!(all(&sorted), all(&shuffled));
        assert_eq!(all(&sorted).len(), 5);
    }
}
