//! Rules as the effective configuration shows them: with the keys of `[[cache.rule]]`, wherever they were read from.

use std::time::Duration;

use gateway_cache::{Fallback, Location, Rule, Scope};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

#[derive(Serialize)]
struct Shown<'r> {
    name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    physical: Option<&'r str>,
    keep: bool,
    ask: bool,
    decrement: bool,
    update: bool,
    threshold_quantity: Value,
    fresh_above_secs: Value,
    fresh_below_secs: Value,
    refresh_secs: u64,
    on_error_secs: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<ShownFallback<'r>>,
    fallback_when_short: bool,
    status_at_zero: &'static str,
    precedence: Value,
    age_in_document: bool,
}

#[derive(Serialize)]
struct ShownFallback<'r> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset_secs: Option<i64>,
}

pub(super) fn rules<S: Serializer>(rules: &[(Scope, Rule)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rules.iter().map(|(scope, rule)| shown(scope, rule)))
}

fn shown<'r>(scope: &'r Scope, rule: &'r Rule) -> Shown<'r> {
    let (location, physical) = match &scope.location {
        Some(Location::Online) => (Some("online"), None),
        Some(Location::Physical(name)) => (None, Some(&**name)),
        None => (None, None),
    };
    Shown {
        name: &rule.name,
        item: scope.item.as_deref(),
        store: scope.store.as_deref(),
        location,
        physical,
        keep: rule.flags.memory,
        ask: rule.flags.ask,
        decrement: rule.flags.decrement,
        update: rule.flags.update,
        threshold_quantity: rule.threshold.map_or_else(|| json!("none"), number),
        fresh_above_secs: seconds(rule.fresh_above),
        fresh_below_secs: seconds(rule.fresh_below),
        refresh_secs: rule.serve_while_refreshing.as_secs(),
        on_error_secs: rule.serve_on_error.as_secs(),
        fallback: rule.fallback.as_ref().map(fallback),
        fallback_when_short: rule.fallback_when_short,
        status_at_zero: rule.status_at_zero.word(),
        precedence: number(rule.precedence),
        age_in_document: rule.age_in_document,
    }
}

fn fallback(fallback: &Fallback) -> ShownFallback<'_> {
    ShownFallback {
        status: fallback.status.word(),
        at: fallback.available_at.as_deref(),
        offset_secs: fallback.offset,
    }
}

fn seconds(life: Option<Duration>) -> Value {
    life.map_or_else(|| json!("never"), |life| json!(life.as_secs()))
}

/// A number as JSON has it where that keeps it exactly, else its digits as a text.
fn number(number: Decimal) -> Value {
    let number = number.normalize();
    match (number.to_i64().filter(|_| number.is_integer()), number.to_f64()) {
        (Some(whole), _) => json!(whole),
        (None, Some(fraction)) if fraction.to_string() == number.to_string() => json!(fraction),
        _ => json!(number.to_string()),
    }
}
