//! `/cache/purge`: marks records as old, so that they are asked for anew, and answered only while the DOM cannot be.

use std::sync::Arc;

use gateway_cache::{Location, Scope};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::admin::Refusal;
use crate::admin::query::{Query, bad};
use crate::admin::records::time;
use crate::stock::{Stocks, name};

const PARAMETERS: &[&str] = &["item", "location", "store", "all"];

/// Marks what the query names. Every so many marks are written into all records, which may take a second: it is done
/// where nobody waits for it but whoever asked.
pub(super) async fn carry_out(stocks: Arc<Stocks>, query: &str, now: Timestamp) -> Result<Value, Refusal> {
    let query = Query::read(query, PARAMETERS)?;
    let store = query.store(&stocks)?.map(str::to_owned);
    let (item, location) = (query.text("item"), query.location());
    let is_named = item.is_some() || location.is_some() || store.is_some();
    match (is_named, query.flag("all")?) {
        (false, false) => {
            return Err(bad(
                "nothing is named, expected `item`, `location` or `store`, or `all=true` for the whole cache"
                    .to_owned(),
            ));
        }
        (true, true) => {
            return Err(bad(
                "`all` stands beside what names a part of the cache, expected one of them".to_owned()
            ));
        }
        _ => {}
    }
    let scopes = scopes(item, store.as_deref(), location);
    let now_ms = now.as_millisecond();
    let answer = json!({
        "marked_old_since": time(now_ms),
        "store": store,
        "item": item,
        "location": query.text("location"),
    });
    let marking = tokio::task::spawn_blocking(move || {
        for scope in scopes {
            stocks.cache.purge(scope, now_ms);
        }
    });
    marking.await.map_err(|error| Refusal::Failed(format!("the purge was begun and broke off: {error}")))?;
    tracing::info!(store, item, location = query.text("location"), "records marked as old");
    Ok(answer)
}

/// The scopes of everything that goes by these names: an item or physical store may be kept by its internal id.
fn scopes(item: Option<&str>, store: Option<&str>, location: Option<Location<&str>>) -> Vec<Scope> {
    let items: Vec<Option<Box<str>>> = match item {
        Some(item) => name::spellings(item).map(|item| Some(item.into())).into(),
        None => vec![None],
    };
    let locations: Vec<Option<Location<Box<str>>>> = match location {
        Some(Location::Physical(place)) => {
            name::spellings(place).map(|place| Some(Location::Physical(place.into()))).into()
        }
        Some(Location::Online) => vec![Some(Location::Online)],
        None => vec![None],
    };
    let store: Option<Box<str>> = store.map(Into::into);
    let pairs = items.iter().flat_map(|item| locations.iter().map(move |location| (item, location)));
    pairs
        .map(|(item, location)| Scope {
            item: item.clone(),
            store: store.clone(),
            location: location.clone(),
        })
        .collect()
}
