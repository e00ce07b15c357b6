//! Every row of the first table of `DECISIONS.md`.

use std::time::Duration;

use rust_decimal::Decimal;

use super::{Clock, Decision, OnFailure, after_failure, decide};
use crate::document::rows;
use crate::rule::{Fallback, Flags, Rule};
use crate::stock::{AGELESS, Status, Stock};

const NOW_MS: i64 = 1_795_000_000_000;

#[test]
fn every_row_of_the_decision_table_holds() {
    let rows = rows("| cached |");
    assert!(rows.len() > 50, "the table is there as a whole");
    for row in rows {
        let [cached, age, marked, requested, differing, answer, failure] = row.as_slice() else {
            panic!("a row of 7 cells: {row:?}")
        };
        let stock = stock(cached, age, marked);
        let rule = rule(differing);
        let requested = number(requested);
        let decision = decide(stock.as_ref(), &rule, requested, NOW_MS);
        assert_eq!(word_of(decision), *answer, "{row:?}");
        let on_failure = after_failure(stock.as_ref(), &rule, requested, NOW_MS);
        match &on_failure {
            OnFailure::Stale(stale) => assert_eq!(Some(stale), stock.as_ref(), "{row:?}"),
            OnFailure::Fallback(fallback) => assert_eq!(fallback.status, Status::Unavailable, "{row:?}"),
            OnFailure::Fail => {}
        }
        assert_eq!(word_of_failure(&on_failure), *failure, "{row:?}");
    }
}

#[test]
fn the_table_has_every_outcome() {
    for (header, place, outcomes) in [
        ("| cached |", 5, ["serve", "serve and refresh", "ask", "do not ask"].as_slice()),
        ("| cached |", 6, &["stale", "fallback", "failure"]),
    ] {
        for outcome in outcomes {
            assert!(rows(header).iter().any(|row| row[place] == *outcome), "{outcome}");
        }
    }
}

#[test]
fn a_fallback_says_what_the_rule_says() {
    let fallback = Fallback { status: Status::Backorderable, available_at: None, offset: Some(86_400) };
    let rule = Rule { fallback: Some(fallback), ..rule("") };
    let OnFailure::Fallback(stock) = after_failure(None, &rule, Decimal::ONE, NOW_MS) else {
        panic!("a fallback")
    };
    let expected =
        Stock { offset: Some(86_400), ..Stock::new(Status::Backorderable, Some(Decimal::ZERO), NOW_MS) };
    assert_eq!(stock, expected);
    let available = Fallback { status: Status::Available, available_at: None, offset: None };
    assert!(available.stock(NOW_MS).is_unlimited());
}

fn word_of(decision: Decision) -> &'static str {
    match decision {
        Decision::Serve(Clock::Fresh) => "serve",
        Decision::Serve(Clock::Refreshing) => "serve and refresh",
        Decision::Ask => "ask",
        Decision::DoNotAsk => "do not ask",
    }
}

fn word_of_failure(on_failure: &OnFailure) -> &'static str {
    match on_failure {
        OnFailure::Stale(_) => "stale",
        OnFailure::Fallback(_) => "fallback",
        OnFailure::Fail => "failure",
    }
}

fn stock(cached: &str, age: &str, marked: &str) -> Option<Stock> {
    let (status, quantity) = match cached.split_once(' ') {
        _ if cached == "nothing" => return None,
        Some((status, "unlimited")) => (status, None),
        Some((status, quantity)) => (status, Some(number(quantity))),
        None => (cached, None),
    };
    let fetched_ms = if age == "ageless" { AGELESS } else { NOW_MS - millis(age) };
    let old_since_ms = (!marked.is_empty()).then(|| NOW_MS - millis(marked));
    Some(Stock { old_since_ms, ..Stock::new(Status::parse(status).unwrap(), quantity, fetched_ms) })
}

fn rule(differing: &str) -> Rule {
    let mut rule = Rule {
        flags: Flags { memory: true, ask: true, decrement: true, update: true },
        threshold: Some(Decimal::TEN),
        fresh_above: Some(Duration::from_secs(600)),
        fresh_below: Some(Duration::from_secs(60)),
        serve_while_refreshing: Duration::from_secs(30),
        serve_on_error: Duration::from_secs(3_600),
        fallback: Some(Fallback { status: Status::Unavailable, available_at: None, offset: None }),
        ..Rule::ask_always()
    };
    for difference in differing.split(", ").filter(|difference| !difference.is_empty()) {
        match difference {
            "no memory" => rule.flags.memory = false,
            "no ask" => rule.flags.ask = false,
            "no fallback" => rule.fallback = None,
            "no threshold" => rule.threshold = None,
            "above never" => rule.fresh_above = None,
            "below never" => rule.fresh_below = None,
            "short stock is stale" => rule.fallback_when_short = false,
            other => match other.split_once(' ').unwrap() {
                ("threshold", quantity) => rule.threshold = Some(number(quantity)),
                ("above", time) => rule.fresh_above = Some(duration(time)),
                ("below", time) => rule.fresh_below = Some(duration(time)),
                ("refresh", time) => rule.serve_while_refreshing = duration(time),
                ("error", time) => rule.serve_on_error = duration(time),
                _ => panic!("unknown difference `{other}`"),
            },
        }
    }
    rule
}

fn number(text: &str) -> Decimal {
    gateway_model::scalar::parse_number(text).unwrap_or_else(|| panic!("no number: `{text}`"))
}

fn duration(text: &str) -> Duration {
    Duration::from_millis(u64::try_from(millis(text)).unwrap())
}

fn millis(text: &str) -> i64 {
    text.strip_suffix(" s").unwrap_or_else(|| panic!("no seconds: `{text}`")).parse::<i64>().unwrap() * 1_000
}
