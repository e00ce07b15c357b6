//! What holds calls back and what joined them, read when the metrics are asked for.

use std::fmt;

use gateway_policy::breaker::Standing;
use gateway_policy::join;
use gateway_policy::pool::Counts;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::dom_limits::{Api, DomLimits};

/// The metrics of limits towards the DOMs, and of writes that came more than once.
#[derive(Debug)]
pub struct LimitMetrics {
    /// What all calls to each DOM share.
    pub doms: Vec<DomLimits>,
    /// How often writes were joined.
    pub joined: join::Counts,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClassLabels {
    dom: String,
    class: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ApiLabels {
    dom: String,
    operation: &'static str,
}

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It only grows.
    Counter,
    /// It is as it is now.
    Gauge,
}

/// A number: its name, what it means, its kind, and where it stands.
type Number<T> = (&'static str, &'static str, Kind, fn(&T) -> u64);

const OF_CLASSES: [Number<Counts>; 6] = [
    ("dom_pool_passed", "Requests that the DOM had room for", Kind::Counter, |counts| counts.passed),
    ("dom_pool_borrowed", "Requests that took more than their class is sure of", Kind::Counter, |counts| {
        counts.borrowed
    }),
    ("dom_pool_refused_full", "Requests refused because too many waited", Kind::Counter, |counts| {
        counts.refused_full
    }),
    ("dom_pool_refused_late", "Requests refused because they waited too long", Kind::Counter, |counts| {
        counts.refused_late
    }),
    ("dom_pool_waiting", "Requests that wait for room", Kind::Gauge, |counts| counts.waiting.into()),
    ("dom_pool_under_way", "Requests under way", Kind::Gauge, |counts| counts.under_way.into()),
];

const OF_APIS: [Number<Api>; 4] = [
    ("dom_breaker_state", "Whether the API is left alone: 0 no, 1 it is tried, 2 yes", Kind::Gauge, |api| {
        match api.breaker.as_ref().map(|breaker| breaker.standing()) {
            None | Some(Standing::Closed) => 0,
            Some(Standing::HalfOpen) => 1,
            Some(Standing::Open(_)) => 2,
        }
    }),
    ("dom_breaker_openings", "Times that the API was left alone, or tried in vain", Kind::Counter, |api| {
        api.breaker.as_ref().map_or(0, |breaker| breaker.openings())
    }),
    ("dom_retries", "Reads that were sent again", Kind::Counter, |api| api.budget.counts().taken),
    ("dom_retries_refused", "Reads that the budget did not let be sent again", Kind::Counter, |api| {
        api.budget.counts().refused
    }),
];

const OF_WRITES: [Number<join::Counts>; 2] = [
    (
        "writes_joined",
        "Writes answered as one that was under way for the same document",
        Kind::Counter,
        |counts| counts.joined,
    ),
    (
        "writes_conflicting",
        "Writes refused because one for the same order but with other content was under way",
        Kind::Counter,
        |counts| counts.conflicts,
    ),
];

// === impl LimitMetrics ===

impl Collector for LimitMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let of_classes: Vec<_> = self.doms.iter().map(|dom| (&dom.dom, dom.pool.counts())).collect();
        let classes = of_classes.iter().flat_map(|(dom, counts)| {
            counts
                .iter()
                .map(|(class, counts)| (ClassLabels { dom: dom.to_string(), class: class.name() }, counts))
        });
        encode(&mut encoder, &OF_CLASSES, &classes.collect::<Vec<_>>())?;
        let apis = self.doms.iter().flat_map(|dom| {
            let labels = |api: &Api| ApiLabels { dom: dom.dom.to_string(), operation: api.operation.name() };
            dom.apis().iter().map(move |api| (labels(api), api))
        });
        encode(&mut encoder, &OF_APIS, &apis.collect::<Vec<_>>())?;
        for (name, help, _, value) in OF_WRITES {
            let counter = ConstCounter::new(value(&self.joined));
            counter.encode(encoder.encode_descriptor(
                name,
                &format!("{help}."),
                None,
                counter.metric_type(),
            )?)?;
        }
        Ok(())
    }
}

fn encode<L: EncodeLabelSet, T>(
    encoder: &mut DescriptorEncoder<'_>,
    numbers: &[Number<T>],
    of: &[(L, &T)],
) -> Result<(), fmt::Error> {
    for (name, help, kind, value) in numbers {
        let help = format!("{help}.");
        let metric_type = match kind {
            Kind::Counter => ConstCounter::new(0_u64).metric_type(),
            Kind::Gauge => ConstGauge::new(0_i64).metric_type(),
        };
        let mut family = encoder.encode_descriptor(name, &help, None, metric_type)?;
        for (labels, of) in of {
            let (value, metric) = (value(of), family.encode_family(labels)?);
            match kind {
                Kind::Counter => ConstCounter::new(value).encode(metric)?,
                Kind::Gauge => ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)).encode(metric)?,
            }
        }
    }
    Ok(())
}
