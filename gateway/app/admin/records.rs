//! `/cache`: what is known of an item, and which clock of its rule holds now.

use gateway_cache::{
    AGELESS, Clock, Decision, Found, Key, Location, OnFailure, Rule, Stock, after_failure, decide,
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::admin::Refusal;
use crate::admin::query::Query;
use crate::stock::{Stocks, name};

const PARAMETERS: &[&str] = &["item", "location", "store", "unit"];

/// The records of an item that a query asks for.
pub(super) fn found(stocks: &Stocks, query: &str, now: Timestamp) -> Result<Value, Refusal> {
    let query = Query::read(query, PARAMETERS)?;
    let (item, store) = (query.required("item")?, query.only_store(stocks)?);
    let is_wanted = |found: &Found| {
        query.location().is_none_or(|location| plain(&found.location) == location)
            && query.text("unit").is_none_or(|unit| *found.unit == *unit)
    };
    let mut records = Vec::new();
    for spelling in name::spellings(item) {
        let Some(shelf) = stocks.cache.shelf(store, &spelling) else { continue };
        records.extend(shelf.all().iter().filter(|found| is_wanted(found)).map(|found| {
            let key = Key { store, item: &spelling, location: found.location.as_deref(), unit: &found.unit };
            let rule = name::rule(&stocks.rules, &key).unwrap_or_else(|| stocks.rules.otherwise());
            // As it is answered: the rule decides what an available record says that orders took all of.
            let stock = shelf.get(key.location, key.unit, rule).unwrap_or_else(|| found.stock.clone());
            shown((&key, rule), found, &stock, now.as_millisecond())
        }));
    }
    Ok(json!({ "store": store, "item": item, "now": time(now.as_millisecond()), "records": records }))
}

fn plain(location: &Location<Box<str>>) -> Location<&str> {
    match location {
        Location::Online => Location::Online,
        Location::Physical(text) => Location::Physical(name::plain(text)),
    }
}

/// One record. Quantities are texts, so that no reader rounds them.
fn shown((key, rule): (&Key<'_>, &Rule), found: &Found, stock: &Stock, now_ms: i64) -> Value {
    let (place, kind) = match plain(&found.location) {
        Location::Online => ("online", "online"),
        Location::Physical(name) => (name, "physical"),
    };
    let is_ageless = stock.fetched_ms == AGELESS;
    let mut record = Map::new();
    let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
    put("location", json!(place));
    put("kind", json!(kind));
    put("item_by", json!(if name::plain(key.item) == key.item { "part number" } else { "internal id" }));
    put("unit", json!(found.unit));
    put("status", json!(stock.status.word()));
    put("quantity", json!(stock.quantity.map(|quantity| quantity.normalize().to_string())));
    put("unlimited", json!(stock.is_unlimited()));
    put("taken_by_orders", json!(found.taken.normalize().to_string()));
    put("available_at", json!(stock.available_at));
    put("more_at", json!(stock.more_at));
    put("offset_secs", json!(stock.offset));
    put("dom_time", json!(stock.dom_time_ms.map(time)));
    put("fetched_at", json!((!is_ageless).then(|| time(stock.fetched_ms))));
    put("age_secs", json!((!is_ageless).then(|| stock.age_ms(now_ms) / 1_000)));
    put("marked_old_since", json!(stock.old_since_ms.map(time)));
    put("rule", json!(rule.name));
    put("clock", json!(clock(stock, rule, now_ms)));
    Value::Object(record)
}

/// Which clock lets the record be answered to a question without a quantity: `over` if none does.
fn clock(stock: &Stock, rule: &Rule, now_ms: i64) -> &'static str {
    match decide(Some(stock), rule, Decimal::ZERO, now_ms) {
        Decision::Serve(Clock::Fresh) => "fresh",
        Decision::Serve(Clock::Refreshing) => "refresh",
        Decision::Ask | Decision::DoNotAsk => match after_failure(Some(stock), rule, Decimal::ZERO, now_ms) {
            OnFailure::Stale(_) => "error",
            OnFailure::Fallback(_) | OnFailure::Fail => "over",
        },
    }
}

/// A time as people and programs read it; a number of milliseconds where that is beyond any date.
pub(super) fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| time.to_string())
}
