//! What operators count: calls, attempts and pushes, by operation and by whose fault it was.
//!
//! Labels have few values: names from the configuration, operations, and the words of [`gateway_model::Origin`].

mod limits;
mod pushes;
mod stock;

use std::sync::Arc;
use std::time::Duration;

use gateway_model::Fault;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

pub use limits::LimitMetrics;
pub use pushes::{PushMetrics, Withheld};
pub(crate) use stock::FETCHES;
pub use stock::StockMetrics;

/// Begins every name.
const PREFIX: &str = "gateway";

/// All metrics of the process. Cheap to clone: all clones are one.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    durations: Family<OperationLabels, Histogram>,
    attempts: Family<AttemptLabels, Counter>,
    pushes: PushMetrics,
    unmapped: Counter,
    skipped: Counter,
    under_way: Gauge,
    callers_gone: Family<GoneLabels, Counter>,
    reservations: Family<ReservationLabels, Counter>,
    reservations_owed: Gauge,
}

/// A call whose caller hung up before its answer, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GoneLabels {
    caller: String,
    operation: &'static str,
    call: &'static str,
}

/// A reservation whose outcome stayed unknown when the store was answered, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReservationLabels {
    dom: String,
    outcome: &'static str,
}

/// A call answered: by whom asked, what, and who was at fault (`none` if nobody).
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    caller: String,
    operation: &'static str,
    origin: &'static str,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    caller: String,
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AttemptLabels {
    dom: String,
    api: String,
    origin: &'static str,
    code: String,
}

/// One call, as it is counted.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'c> {
    /// The store or DOM that called.
    pub caller: &'c str,
    /// The operation; `unknown` for a document nobody understood.
    pub operation: &'static str,
    /// What went wrong.
    pub fault: Option<&'c Fault>,
    /// From the request's last byte to the answer.
    pub took: Duration,
}

// === impl Metrics ===

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let calls = Family::default();
        // 0.1 ms to 13 s: from an answer of the gateway's own to the longest deadline.
        let durations: Family<_, Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.0001, 3.0, 12)));
        let attempts = Family::default();
        let (unmapped, skipped, under_way) = (Counter::default(), Counter::default(), Gauge::default());
        registry.register("calls", "Calls answered, by who was at fault", calls.clone());
        registry.register(
            "call_duration_seconds",
            "Time from a whole request to its answer",
            durations.clone(),
        );
        registry.register("dom_attempts", "Requests sent to a DOM, by who was at fault", attempts.clone());
        let pushes = PushMetrics::registered(&mut registry);
        registry.register("unmapped_values", "Values met that stand in no table", unmapped.clone());
        registry.register("skipped_elements", "Elements met that no template asks for", skipped.clone());
        registry.register("calls_under_way", "Calls under way", under_way.clone());
        let callers_gone = Family::default();
        registry.register(
            "callers_gone",
            "Callers that hung up before their answer, by what became of the call",
            callers_gone.clone(),
        );
        let (reservations, reservations_owed) = (Family::default(), Gauge::default());
        registry.register(
            "reservations_unknown",
            "Reservations whose outcome was unknown when the store was answered, by what became of them",
            reservations.clone(),
        );
        registry.register(
            "reservations_owed",
            "Reservation ids under which something is still to be given back",
            reservations_owed.clone(),
        );
        Self(Arc::new(Inner {
            registry,
            calls,
            durations,
            attempts,
            pushes,
            unmapped,
            skipped,
            under_way,
            callers_gone,
            reservations,
            reservations_owed,
        }))
    }
}

impl Metrics {
    /// Counts a call that was answered.
    pub fn call(&self, counted: Counted<'_>) {
        let (origin, code) = blame(counted.fault);
        let caller = counted.caller.to_owned();
        let labels = CallLabels { caller: caller.clone(), operation: counted.operation, origin, code };
        self.0.calls.get_or_create(&labels).inc();
        let labels = OperationLabels { caller, operation: counted.operation };
        self.0.durations.get_or_create(&labels).observe(counted.took.as_secs_f64());
    }

    /// Counts a caller that hung up before its answer: the call `stopped`, or it `goes on`.
    pub fn caller_gone(&self, caller: &str, operation: &'static str, call: &'static str) {
        let labels = GoneLabels { caller: caller.to_owned(), operation, call };
        self.0.callers_gone.get_or_create(&labels).inc();
    }

    /// Counts a reservation whose outcome is unknown: it is `owed`, and then `given-back`, `taken-over` by a later call, or
    /// `given-up`.
    pub fn reservation_owed(&self, dom: &str, outcome: &'static str) {
        let labels = ReservationLabels { dom: dom.to_owned(), outcome };
        self.0.reservations.get_or_create(&labels).inc();
    }

    /// The gauge of reservation ids under which something is to be given back.
    #[must_use]
    pub fn reservations_owed(&self) -> &Gauge {
        &self.0.reservations_owed
    }

    /// Counts a request that was refused before it was a call; how long that took says nothing.
    pub fn rejected(&self, caller: &str, fault: &Fault) {
        let (origin, code) = blame(Some(fault));
        let labels = CallLabels { caller: caller.to_owned(), operation: "unknown", origin, code };
        self.0.calls.get_or_create(&labels).inc();
    }

    /// Counts a request sent to a DOM.
    pub fn dom_call(&self, dom: &str, api: &str, fault: Option<&Fault>) {
        let (origin, code) = blame(fault);
        let labels = AttemptLabels { dom: dom.to_owned(), api: api.to_owned(), origin, code };
        self.0.attempts.get_or_create(&labels).inc();
    }

    /// What became of events without their store having taken them.
    #[must_use]
    pub fn pushes(&self) -> &PushMetrics {
        &self.0.pushes
    }

    /// Counts what a document held beside what was asked for.
    pub fn document(&self, skipped: usize, unmapped: usize) {
        self.0.skipped.inc_by(skipped as u64);
        self.0.unmapped.inc_by(unmapped as u64);
    }

    /// The gauge of calls under way.
    #[must_use]
    pub fn under_way(&self) -> &Gauge {
        &self.0.under_way
    }

    /// Everything in the Prometheus (OpenMetrics) text format, with what cache and limits count by themselves.
    #[must_use]
    pub fn text(&self, stock: StockMetrics, limits: LimitMetrics) -> String {
        let mut others = Registry::with_prefix(PREFIX);
        others.register_collector(Box::new(stock));
        others.register_collector(Box::new(limits));
        let mut text = String::new();
        for registry in [&self.0.registry, &others] {
            // Writing to a `String` cannot fail, and nothing else can go wrong while encoding.
            let _ = text::encode_registry(&mut text, registry);
        }
        let _ = text::encode_eof(&mut text);
        text
    }
}

fn blame(fault: Option<&Fault>) -> (&'static str, String) {
    fault.map_or(("none", String::new()), |fault| (fault.origin.name(), fault.code.to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use gateway_model::{Fault, codes};

    use gateway_policy::join::Counts;

    use super::{Counted, LimitMetrics, Metrics, StockMetrics};
    use crate::config;
    use crate::stock::Stocks;

    #[test]
    fn calls_are_counted_by_operation_and_origin_of_fault() {
        let metrics = Metrics::default();
        let fault = Fault::dom(codes::DOM_REFUSED, "no");
        for fault in [None, Some(&fault)] {
            let took = Duration::from_millis(2);
            metrics.call(Counted { caller: "nordlicht", operation: "reserve", fault, took });
        }
        let stocks = Stocks::new(&config::Cache::default(), []).unwrap();
        let stock = StockMetrics { stocks: Arc::new(stocks), fetched: Vec::new() };
        let limits = LimitMetrics { doms: Vec::new(), joined: Counts { joined: 3, ..Counts::default() } };
        let text = metrics.text(stock, limits);
        for line in [
            "gateway_calls_total{caller=\"nordlicht\",operation=\"reserve\",origin=\"none\",code=\"\"} 1",
            "gateway_calls_total{caller=\"nordlicht\",operation=\"reserve\",origin=\"dom\",code=\"GW-4010\"} 1",
            "gateway_call_duration_seconds_count{caller=\"nordlicht\",operation=\"reserve\"} 2",
            "gateway_writes_joined_total 3",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
