//! How much a DOM is asked at a time and how long it is left alone: `[dom.pool]`, `[dom.breaker]`, `[dom.retry_budget]`.
//!
//! The defaults bound what nobody should have to think of and say nothing of rates, which only the DOM's operator knows.

use std::num::NonZeroU32;
use std::time::Duration;

use gateway_model::{Class, codes};
use gateway_policy::ByClass;
use gateway_policy::pool::Rate;
use serde::{Serialize, Serializer};

use crate::config::section::Section;
use crate::config::serialize;

/// What a DOM takes at a time, shared by all stores and operations.
#[derive(Debug, Clone, Serialize)]
pub struct Pool {
    /// Requests a second; without a bound if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<NonZeroU32>,
    /// Requests at once after a quiet time; there if they have a bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_at_once: Option<NonZeroU32>,
    /// Lines of questions about stock a second; without a bound if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_per_second: Option<NonZeroU32>,
    /// Such lines at once after a quiet time; there if they have a bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_at_once: Option<NonZeroU32>,
    /// Requests under way at a time.
    pub concurrent: u32,
    /// Of those, how many are never lent.
    pub never_lent: u32,
    /// Requests that wait at a time.
    pub most_waiting: u32,
    /// What each class is sure of.
    #[serde(serialize_with = "by_class")]
    pub classes: ByClass<Share>,
}

/// What a class is sure of.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Share {
    /// Of rates, requests under way, and room to wait.
    pub percent: u32,
    /// How long one of its requests waits at most.
    #[serde(rename = "longest_wait_ms", serialize_with = "serialize::millis")]
    pub longest_wait: Duration,
}

/// When an API of a DOM is left alone.
#[derive(Debug, Clone, Serialize)]
pub struct Breaker {
    /// Whether it ever is.
    pub enabled: bool,
    /// What is looked back upon.
    #[serde(rename = "window_ms", serialize_with = "serialize::millis")]
    pub window: Duration,
    /// Requests of the window without which nothing is decided.
    pub least_calls: u32,
    /// Of 100 requests, how many have to fail.
    pub share_percent: u32,
    /// How long it is left alone at first; doubles with each probe.
    #[serde(rename = "first_open_ms", serialize_with = "serialize::millis")]
    pub first_open: Duration,
    /// The longest it is left alone, and the longest between two probes, answered or not.
    #[serde(rename = "longest_open_ms", serialize_with = "serialize::millis")]
    pub longest_open: Duration,
}

/// How many reads of an API are repeated, whichever store they are for: as many as the largest of the three allows.
#[derive(Debug, Clone, Serialize)]
pub struct RetryBudget {
    /// Of 100 answered requests of the last 10 s, how many may be repeated.
    pub percent: u32,
    /// Of 100 requests of the last 10 s, answered or not, how many may be in any case; never more than `percent`.
    pub percent_in_outage: u32,
    /// How many a second may be in any case.
    pub free_per_second: u32,
}

/// Percent and milliseconds of each class, the most urgent one first. What a class waits and what an attempt takes
/// come to less than its operations' calls may take, so that whoever waited can still be answered.
const CLASSES: [(Class, u64, u64); 5] = [
    (Class::Order, 20, 3_000),
    (Class::Checkout, 40, 1_500),
    (Class::Push, 10, 1_500),
    (Class::Account, 10, 2_000),
    (Class::Browse, 20, 1_000),
];

pub(super) fn read_pool(section: &Section<'_>) -> Pool {
    let requests = read_rate(section, "requests_per_second", "requests_at_once");
    let lines = read_rate(section, "lines_per_second", "lines_at_once");
    let concurrent = section.located_whole("concurrent", 100, 5..=100_000);
    let never_lent = section.located_whole("never_lent", 5, 0..=100_000);
    if never_lent.value >= concurrent.value {
        let place = if section.has("never_lent") { &never_lent.span } else { &concurrent.span };
        section
            .fault(codes::CONFIG_VALUE, place, "nothing is left to lend")
            .labelled(format!("{} of {} are never lent", never_lent.value, concurrent.value))
            .expecting("`never_lent` of less than `concurrent`")
            .add();
    }
    let most_waiting = small(section.whole("most_waiting", 2_000, 5..=1_000_000));
    let classes = read_classes(&section.section("classes"));
    section.finish();
    let (concurrent, never_lent) = (small(concurrent.value), small(never_lent.value));
    Pool {
        requests_per_second: requests.map(|rate| rate.per_second),
        requests_at_once: requests.map(|rate| rate.at_once),
        lines_per_second: lines.map(|rate| rate.per_second),
        lines_at_once: lines.map(|rate| rate.at_once),
        concurrent,
        never_lent,
        most_waiting,
        classes,
    }
}

/// So many a second, and a tenth of them at once unless the file says how many.
fn read_rate(section: &Section<'_>, per_second: &'static str, at_once: &'static str) -> Option<Rate> {
    let rate = section.optional_whole(per_second, 1..=1_000_000);
    let burst = section.optional_whole(at_once, 1..=1_000_000);
    if let (None, Some(burst)) = (&rate, &burst) {
        section
            .fault(
                codes::CONFIG_VALUE,
                &burst.span,
                format!("`{at_once}` says nothing without `{per_second}`"),
            )
            .expecting(format!("`{per_second}` beside it"))
            .add();
    }
    let rate = rate?.value;
    let burst = burst.map_or(rate.div_ceil(10), |burst| burst.value);
    Some(Rate { per_second: NonZeroU32::new(small(rate))?, at_once: NonZeroU32::new(small(burst))? })
}

fn read_classes(section: &Section<'_>) -> ByClass<Share> {
    let shares = CLASSES.map(|(class, percent, longest_wait_ms)| {
        let table = section.section(class.name());
        let share = Share {
            percent: small(table.whole("percent", percent, 1..=96)),
            longest_wait: table.millis("longest_wait_ms", longest_wait_ms, 0..=600_000),
        };
        table.finish();
        (class, share)
    });
    let sum: u32 = shares.iter().map(|(_, share)| share.percent).sum();
    if sum > 100 {
        section
            .fault(codes::CONFIG_VALUE, &section.span, "the classes are sure of more than there is")
            .labelled(format!("their percentages come to {sum}"))
            .expecting("`percent` of all five classes of at most 100 together")
            .add();
    }
    section.finish();
    let none = Share { percent: 1, longest_wait: Duration::ZERO };
    let mut classes = ByClass::from_fn(|_| none);
    for (class, share) in shares {
        *classes.of_mut(class) = share;
    }
    classes
}

pub(super) fn read_breaker(section: &Section<'_>) -> Breaker {
    let first_open = section.located_whole("first_open_ms", 1_000, 1..=3_600_000);
    let longest_open = section.located_whole("longest_open_ms", 4_000, 1..=3_600_000);
    if first_open.value > longest_open.value {
        let place = if section.has("first_open_ms") { &first_open.span } else { &longest_open.span };
        section
            .fault(codes::CONFIG_VALUE, place, "the first open time is longer than the longest")
            .expecting("`first_open_ms` of at most `longest_open_ms`")
            .add();
    }
    let breaker = Breaker {
        enabled: section.flag("enabled", true),
        window: section.millis("window_ms", 10_000, 1..=3_600_000),
        least_calls: small(section.whole("least_calls", 20, 1..=1_000_000)),
        share_percent: small(section.whole("share_percent", 50, 1..=100)),
        first_open: Duration::from_millis(first_open.value),
        longest_open: Duration::from_millis(longest_open.value),
    };
    section.finish();
    breaker
}

pub(super) fn read_retry_budget(section: &Section<'_>) -> RetryBudget {
    let percent = section.whole("percent", 20, 0..=100);
    let in_outage = section.located_whole("percent_in_outage", percent.min(10), 0..=100);
    if in_outage.value > percent {
        section
            .fault(codes::CONFIG_VALUE, &in_outage.span, "more is repeated in an outage than in health")
            .expecting("`percent_in_outage` of at most `percent`")
            .add();
    }
    let budget = RetryBudget {
        percent: small(percent),
        percent_in_outage: small(in_outage.value),
        free_per_second: small(section.whole("free_per_second", 1, 0..=1_000_000)),
    };
    section.finish();
    budget
}

/// A number whose range fits.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn by_class<S: Serializer>(classes: &ByClass<Share>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(classes.iter().map(|(class, share)| (class.name(), share)))
}

// === impl Pool ===

impl Pool {
    /// How many requests; nothing if they have no bound.
    #[must_use]
    pub fn requests(&self) -> Option<Rate> {
        rate(self.requests_per_second, self.requests_at_once)
    }

    /// How many lines; nothing if they have no bound.
    #[must_use]
    pub fn lines(&self) -> Option<Rate> {
        rate(self.lines_per_second, self.lines_at_once)
    }
}

fn rate(per_second: Option<NonZeroU32>, at_once: Option<NonZeroU32>) -> Option<Rate> {
    Some(Rate { per_second: per_second?, at_once: at_once? })
}
