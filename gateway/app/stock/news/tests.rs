//! What events and orders do to the records, with the clock passed in.

use gateway_cache::{Flags, Key, Location, PIECE, Rule, Scope, Stock};
use gateway_exchange::{Finding, Named, PlaceName, StockLine, Taken, ToldStock};
use gateway_model::codes;
use rust_decimal::Decimal;

use super::{AHEAD_MS, Heard};
use crate::config;
use crate::stock::Stocks;

const STORE: &str = "11651";
const NOW: i64 = 1_795_000_000_000;

/// A cache that keeps everything but the item `LOOSE`, for two stores.
fn stocks() -> Stocks {
    let flags = Flags { memory: true, ask: true, decrement: true, update: true };
    let keep =
        Rule { name: "keep".into(), flags, fresh_above: None, fresh_below: None, ..Rule::ask_always() };
    let loose = Scope { item: Some("LOOSE".into()), ..Scope::default() };
    let rules = vec![(Scope::default(), keep), (loose, Rule::ask_always())];
    let settings = config::Cache { rules, ..config::Cache::default() };
    Stocks::new(&settings, [STORE, "10101"].map(ToOwned::to_owned)).unwrap()
}

fn line<'a>(item: &'a str, also: Option<&'a str>, wanted: i64) -> StockLine<'a> {
    StockLine {
        item: Named::External(item),
        also: also.map(Named::Internal),
        place: PlaceName::Online { id: Some(STORE), name: None },
        unit: PIECE,
        wanted: Decimal::from(wanted),
    }
}

fn told<'a>(line: StockLine<'a>, status: &'a str, quantity: &'a str) -> ToldStock<'a> {
    let finding = Finding { status: status.into(), quantity: Some(quantity.into()), ..Finding::default() };
    ToldStock { line, finding, changed_ms: None }
}

fn kept(stocks: &Stocks, store: &str, item: &str) -> Option<Stock> {
    let key = Key { store, item, location: Location::Online, unit: PIECE };
    stocks.cache.get(&key, stocks.rules.select(store, item, Location::Online))
}

fn quantity(stocks: &Stocks, item: &str) -> Option<i64> {
    kept(stocks, STORE, item)?.quantity.and_then(|quantity| i64::try_from(quantity).ok())
}

fn take(stocks: &Stocks, line: StockLine<'_>, id: &str, at: i64) {
    let taken = Taken { line, id: id.to_owned(), index: 0, is_part: false };
    stocks.take(STORE, &[taken], (at, at));
}

#[test]
fn an_event_is_taken_as_far_as_rules_keep_it() {
    let stocks = stocks();
    let changes =
        [told(line("LAMP", None, 0), "Available", "5"), told(line("LOOSE", None, 0), "Available", "5")];
    let heard = stocks.hear(STORE, &changes, NOW).unwrap();
    assert_eq!(heard, Heard { changed: 1, late_or_double: 0, passed_by: 1 });
    assert_eq!((quantity(&stocks, "LAMP"), quantity(&stocks, "LOOSE")), (Some(5), None));
    let again = stocks.hear(STORE, &changes[..1], NOW + 1).unwrap();
    assert_eq!(again.changed + again.passed_by, 1, "without a DOM time the later one counts: {again:?}");
}

#[test]
fn an_event_with_an_impossible_change_is_refused_as_a_whole() {
    let stocks = stocks();
    for (bad, says) in [("-3", "expected zero or more"), ("some", "expected a number")] {
        let changes =
            [told(line("LAMP", None, 0), "Available", "5"), told(line("RUG", None, 0), "Available", bad)];
        let fault = stocks.hear(STORE, &changes, NOW).unwrap_err();
        assert_eq!(fault.code, codes::BAD_REQUEST);
        assert!(
            fault.message.starts_with("change 2 of the event") && fault.message.contains(says),
            "{fault}"
        );
        assert_eq!(quantity(&stocks, "LAMP"), None);
    }
}

#[test]
fn a_status_that_cannot_be_kept_makes_the_record_unknown() {
    let stocks = stocks();
    stocks.hear(STORE, &[told(line("LAMP", None, 0), "Available", "5")], NOW).unwrap();
    stocks.hear(STORE, &[told(line("LAMP", None, 0), "xDiscontinued", "5")], NOW + 1).unwrap();
    assert_eq!(kept(&stocks, STORE, "LAMP"), None);
}

#[test]
fn a_status_that_cannot_be_kept_makes_the_record_of_a_second_name_unknown_too() {
    let stocks = stocks();
    let by_id = StockLine { item: Named::Internal("10042"), ..line("", None, 0) };
    stocks.hear(STORE, &[told(by_id, "Available", "9")], NOW).unwrap();
    let both = line("LAMP", Some("10042"), 0);
    stocks.hear(STORE, &[told(both, "xDiscontinued", "9")], NOW + 1).unwrap();
    assert_eq!(kept(&stocks, STORE, "\u{1}10042"), None);
}

#[test]
fn an_online_change_is_that_of_the_store_it_names() {
    let stocks = stocks();
    let of =
        |id| StockLine { place: PlaceName::Online { id: Some(id), name: None }, ..line("LAMP", None, 0) };
    let heard = stocks
        .hear(STORE, &[told(of("10101"), "Available", "5"), told(of("99999"), "Available", "5")], NOW)
        .unwrap();
    assert_eq!((heard.changed, heard.passed_by), (1, 1));
    assert!(kept(&stocks, "10101", "LAMP").is_some());
    assert_eq!((kept(&stocks, STORE, "LAMP"), kept(&stocks, "99999", "LAMP")), (None, None));
}

#[test]
fn a_change_is_as_old_as_the_dom_says_and_none_is_newer_than_tomorrow() {
    let hour = 3_600_000;
    for (changed, fetched, believed) in [
        (Some(NOW - hour), NOW - hour, Some(NOW - hour)),
        (Some(NOW + hour), NOW, Some(NOW + hour)),
        (Some(NOW + AHEAD_MS + 1), NOW, None),
        (None, NOW, None),
    ] {
        let stocks = stocks();
        let change = ToldStock { changed_ms: changed, ..told(line("LAMP", None, 0), "Available", "5") };
        stocks.hear(STORE, &[change], NOW).unwrap();
        let stock = kept(&stocks, STORE, "LAMP").unwrap();
        assert_eq!((stock.fetched_ms, stock.dom_time_ms), (fetched, believed), "{changed:?}");
    }
}

#[test]
fn a_second_name_is_kept_true_but_makes_no_record() {
    let stocks = stocks();
    let both = line("LAMP", Some("10042"), 0);
    let by_id = StockLine { item: Named::Internal("10042"), ..line("", None, 0) };
    stocks.hear(STORE, &[told(both, "Available", "5")], NOW).unwrap();
    assert_eq!(quantity(&stocks, "\u{1}10042"), None);
    stocks.hear(STORE, &[told(by_id, "Available", "9")], NOW + 1).unwrap();
    stocks.hear(STORE, &[told(both, "Available", "6")], NOW + 2).unwrap();
    assert_eq!((quantity(&stocks, "LAMP"), quantity(&stocks, "\u{1}10042")), (Some(6), Some(6)));
    take(&stocks, line("LAMP", Some("10042"), 2), "order-line", NOW + 3);
    assert_eq!((quantity(&stocks, "LAMP"), quantity(&stocks, "\u{1}10042")), (Some(4), Some(4)));
}

#[test]
fn an_order_line_lowers_once_and_can_be_given_back() {
    let stocks = stocks();
    stocks.hear(STORE, &[told(line("LAMP", None, 0), "Available", "5")], NOW).unwrap();
    take(&stocks, line("LAMP", None, 2), "1", NOW + 1);
    take(&stocks, line("LAMP", None, 2), "1", NOW + 2);
    take(&stocks, line("LAMP", None, 2), "2", NOW + 3);
    assert_eq!(quantity(&stocks, "LAMP"), Some(1));
    let back = Taken { line: line("LAMP", None, 2), id: "1".to_owned(), index: 0, is_part: false };
    stocks.give_back(STORE, &[back]);
    assert_eq!(quantity(&stocks, "LAMP"), Some(3));
}

#[test]
fn a_reservation_makes_only_a_record_old_that_says_otherwise() {
    // (wanted of 5, whether all of it is held, whether the record is old then)
    for (wanted, held, old) in [(5, true, false), (5, false, true), (6, true, true), (6, false, false)] {
        let stocks = stocks();
        stocks.hear(STORE, &[told(line("LAMP", None, 0), "Available", "5")], NOW).unwrap();
        stocks.learn(STORE, &line("LAMP", None, wanted), held, NOW + 1_000);
        let since = kept(&stocks, STORE, "LAMP").unwrap().old_since_ms;
        assert_eq!(since, old.then_some(NOW + 1_000), "{wanted} {held}");
    }
}
