//! `/cache/stats`: what the cache holds, has counted and found wrong, and what was asked of the DOMs for it.

use serde_json::{Map, Value, json};

use crate::metrics::FETCHES;
use crate::ready::Ready;

/// Everything, from the process's start.
pub(super) fn counted(ready: &Ready) -> Value {
    let cache = &ready.stocks.cache;
    cache.settle();
    let (items, bytes) = cache.held();
    let counters: Map<String, Value> =
        cache.stats().all().into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect();
    let divergence: Vec<Value> = cache
        .meter()
        .report()
        .iter()
        .map(|found| {
            json!({
                "store": found.store,
                "age_up_to_secs": found.up_to_secs,
                "compared": found.compared,
                "false_yes": found.false_yes,
                "false_no": found.false_no,
            })
        })
        .collect();
    let fetched: Vec<Value> = ready
        .fetch_counts()
        .iter()
        .map(|(store, counts)| {
            let mut shown = Map::from_iter([("store".to_owned(), json!(store))]);
            shown.extend(FETCHES.iter().map(|(name, _, count)| ((*name).to_owned(), json!(count(counts)))));
            Value::Object(shown)
        })
        .collect();
    json!({
        "held": {
            "items": items,
            "memory_bytes": bytes,
            "memory_bytes_at_most": ready.config.cache.bytes,
            "order_lines": cache.order_lines(),
            "order_lines_at_most": ready.config.cache.order_lines,
            "rules": ready.stocks.rules.iter().count(),
        },
        "counters": counters,
        "divergence": divergence,
        "fetched": fetched,
    })
}
