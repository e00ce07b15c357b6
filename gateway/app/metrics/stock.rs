//! What the availability cache counts by itself, read when the metrics are asked for.

use std::fmt;
use std::sync::Arc;

use gateway_fetch::Counts;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use crate::stock::Stocks;

/// The metrics of what is known of stock.
#[derive(Debug)]
pub struct StockMetrics {
    /// What is known.
    pub stocks: Arc<Stocks>,
    /// What was asked of the DOMs, by store id.
    pub fetched: Vec<(String, Counts)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StoreLabels {
    store: String,
}

/// Whose record, and how old it was at most; `+Inf` is any older.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AgeLabels {
    store: String,
    age_up_to_seconds: String,
}

/// A count of a store's fetches: its name, what it means, and where it stands.
type FetchCount = (&'static str, &'static str, fn(&Counts) -> u64);

/// Every count of a fetcher.
pub(crate) const FETCHES: [FetchCount; 11] = [
    ("lines_asked", "Lines sent to the DOM; one that is asked again counts again", |counts| {
        counts.lines_asked
    }),
    ("lines_joined", "Lines that somebody else had asked for already", |counts| counts.lines_joined),
    ("lines_batched", "Lines sent in a call beside lines of other callers", |counts| counts.lines_batched),
    ("lines_left", "Lines that everyone left before they were sent", |counts| counts.lines_left),
    ("calls", "Calls to the DOM about stock", |counts| counts.calls),
    ("splits", "Calls that left lines behind because they were full", |counts| counts.splits),
    ("asked_again", "Calls that asked part of a refused call again", |counts| counts.asked_again),
    ("failures", "Calls that failed on the way", |counts| counts.failures),
    ("refused_by_pause", "Lines not asked for while the DOM is left alone", |counts| counts.refused_by_pause),
    ("refused_by_bound", "Lines refused because as many wait as may", |counts| counts.refused_by_bound),
    ("refreshes_dropped", "Refreshes behind an answer that were not begun", |counts| {
        counts.refreshes_dropped
    }),
];

// === impl StockMetrics ===

impl Collector for StockMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let cache = &self.stocks.cache;
        cache.settle();
        let (items, bytes) = cache.held();
        let gauges = [
            ("cache_items", "Items of a store held, each with all its locations", None, items),
            ("cache_memory", "Memory of the records held", Some(&Unit::Bytes), bytes),
            ("cache_order_lines", "Order lines remembered", None, cache.order_lines() as u64),
        ];
        for (name, help, unit, value) in gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            let help = format!("{help}.");
            let metric = encoder.encode_descriptor(name, &help, unit, gauge.metric_type())?;
            gauge.encode(metric)?;
        }
        for (name, help, value) in cache.stats().described() {
            let counter = ConstCounter::new(value);
            let (name, help) = (format!("cache_{name}"), format!("{}.", help.trim_end_matches('.')));
            counter.encode(encoder.encode_descriptor(&name, &help, None, counter.metric_type())?)?;
        }
        self.encode_divergence(&mut encoder)?;
        self.encode_fetches(&mut encoder)
    }
}

impl StockMetrics {
    fn encode_divergence(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let report = self.stocks.cache.meter().report();
        let found: [(&str, &str, Vec<u64>); 3] = [
            (
                "cache_compared",
                "News compared with what the cache would have answered",
                report.iter().map(|divergence| divergence.compared).collect(),
            ),
            (
                "cache_false_yes",
                "News by which the cache would have promised what was not there",
                report.iter().map(|divergence| divergence.false_yes).collect(),
            ),
            (
                "cache_false_no",
                "News by which the cache would have refused what was there",
                report.iter().map(|divergence| divergence.false_no).collect(),
            ),
        ];
        for (name, help, values) in found.into_iter().filter(|(_, _, values)| !values.is_empty()) {
            let (help, kind) = (format!("{help}."), ConstCounter::new(0_u64).metric_type());
            let mut family = encoder.encode_descriptor(name, &help, None, kind)?;
            for (divergence, value) in report.iter().zip(values) {
                let labels = AgeLabels {
                    store: divergence.store.to_string(),
                    age_up_to_seconds: divergence
                        .up_to_secs
                        .map_or_else(|| "+Inf".to_owned(), |secs| secs.to_string()),
                };
                ConstCounter::new(value).encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }

    fn encode_fetches(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        if self.fetched.is_empty() {
            return Ok(());
        }
        for (name, help, value) in FETCHES {
            let (name, help) = (format!("stock_{name}"), format!("{help}."));
            let kind = ConstCounter::new(0_u64).metric_type();
            let mut family = encoder.encode_descriptor(&name, &help, None, kind)?;
            for (store, counts) in &self.fetched {
                let labels = StoreLabels { store: store.clone() };
                ConstCounter::new(value(counts)).encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gateway_cache::{Arrival, Key, Location, PIECE, Status, Stock};
    use gateway_fetch::Counts;
    use rust_decimal::Decimal;

    use super::StockMetrics;
    use crate::config;
    use crate::metrics::{LimitMetrics, Metrics};
    use crate::stock::Stocks;

    const KEY: Key<'_> = Key { store: "11651", item: "LAMP", location: Location::Online, unit: PIECE };

    fn no_limits() -> LimitMetrics {
        LimitMetrics { doms: Vec::new(), joined: gateway_policy::join::Counts::default() }
    }

    fn stocks() -> Arc<Stocks> {
        let stocks = Stocks::new(&config::Cache::default(), []).unwrap();
        for (quantity, now_ms) in [(5, 1_000), (0, 31_000)] {
            let stock = Stock::new(Status::Available, Some(Decimal::from(quantity)), now_ms);
            stocks.cache.put(&KEY, &stock, Arrival::push(now_ms));
        }
        Arc::new(stocks)
    }

    #[test]
    fn what_the_cache_counts_is_named_with_its_unit_and_explained() {
        let fetched = vec![("11651".to_owned(), Counts { lines_joined: 7, ..Counts::default() })];
        let text = Metrics::default().text(StockMetrics { stocks: stocks(), fetched }, no_limits());
        for line in [
            "# HELP gateway_cache_news_taken News that changed a record or made one.\n",
            "# TYPE gateway_cache_news_taken counter\n",
            "gateway_cache_news_taken_total 2\n",
            "gateway_cache_requests_hit_total 0\n",
            "gateway_cache_items 1\n",
            "# UNIT gateway_cache_memory_bytes bytes\n",
            "gateway_cache_order_lines 0\n",
            "gateway_cache_false_yes_total{store=\"11651\",age_up_to_seconds=\"60\"} 1\n",
            "gateway_cache_false_no_total{store=\"11651\",age_up_to_seconds=\"60\"} 0\n",
            "gateway_stock_lines_joined_total{store=\"11651\"} 7\n",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"), "{text}");
    }

    #[test]
    fn nothing_is_said_twice_or_without_a_value() {
        let text =
            Metrics::default().text(StockMetrics { stocks: stocks(), fetched: Vec::new() }, no_limits());
        let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# HELP ")).collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "{text}");
        assert!(!text.contains("gateway_stock_"), "{text}");
    }
}
