//! What to do with a record, or without one: answered from memory, asked for, or answered although the DOM cannot be
//! asked. Pure; `DECISIONS.md` lists every case, and each of its rows is a test.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::rule::Rule;
use crate::stock::Stock;

/// What a rule says about a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Answer from memory.
    Serve(Clock),
    /// Ask the DOM; if that fails, [`after_failure`].
    Ask,
    /// The record will not do and the rule forbids asking: answer by [`after_failure`] at once.
    DoNotAsk,
}

/// Which clock lets a record be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// It is fresh.
    Fresh,
    /// It has ended, and is answered while a fresh one is fetched behind.
    Refreshing,
}

/// What is answered when the DOM cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnFailure {
    /// The record, though it has ended.
    Stale(Stock),
    /// The rule's fallback.
    Fallback(Stock),
    /// Nothing: the rule has no fallback, the caller is told of the failure.
    Fail,
}

/// What to do about `requested` of what `stock` is the record of, at `now_ms`.
///
/// `requested` is zero when the question names no quantity. `stock` is the record as [`Cache::get`](crate::Cache::get)
/// gives it, lowered by what orders took.
#[must_use]
pub fn decide(stock: Option<&Stock>, rule: &Rule, requested: Decimal, now_ms: i64) -> Decision {
    let clock = stock.filter(|_| rule.flags.memory).and_then(|stock| clock(stock, rule, requested, now_ms));
    match clock {
        Some(Clock::Refreshing) if !rule.flags.ask => Decision::DoNotAsk,
        Some(clock) => Decision::Serve(clock),
        None if rule.flags.ask => Decision::Ask,
        None => Decision::DoNotAsk,
    }
}

/// What to answer when the DOM could not be asked, or may not be.
#[must_use]
pub fn after_failure(stock: Option<&Stock>, rule: &Rule, requested: Decimal, now_ms: i64) -> OnFailure {
    let usable = stock.filter(|stock| {
        rule.flags.memory
            && overdue_ms(stock, rule, requested, now_ms)
                .is_none_or(|overdue| overdue <= millis(rule.serve_on_error))
    });
    let fallback = rule.fallback.as_ref().map(|fallback| OnFailure::Fallback(fallback.stock(now_ms)));
    match (usable, fallback) {
        (Some(stock), Some(fallback)) if rule.fallback_when_short && is_short(stock, requested) => fallback,
        (Some(stock), _) => OnFailure::Stale(stock.clone()),
        (None, Some(fallback)) => fallback,
        (None, None) => OnFailure::Fail,
    }
}

fn clock(stock: &Stock, rule: &Rule, requested: Decimal, now_ms: i64) -> Option<Clock> {
    let Some(overdue) = overdue_ms(stock, rule, requested, now_ms) else { return Some(Clock::Fresh) };
    let may_wait = stock.old_since_ms.is_none() && life(stock, rule, requested) != Some(Duration::ZERO);
    (may_wait && overdue <= millis(rule.serve_while_refreshing)).then_some(Clock::Refreshing)
}

/// Milliseconds since the record's end; `None` while it is fresh.
fn overdue_ms(stock: &Stock, rule: &Rule, requested: Decimal, now_ms: i64) -> Option<i64> {
    let age = stock.age_ms(now_ms);
    let by_age = life(stock, rule, requested)
        .filter(|life| life.is_zero() || age > millis(*life))
        .map(|life| age - millis(life));
    let by_mark = stock.old_since_ms.map(|since| now_ms.saturating_sub(since).max(0));
    by_age.max(by_mark)
}

/// How long the record stays fresh: by whether cached minus requested quantity reaches the threshold.
fn life(stock: &Stock, rule: &Rule, requested: Decimal) -> Option<Duration> {
    let plenty = rule.threshold.is_none_or(|threshold| {
        stock.is_unlimited() || left(stock, requested).is_none_or(|left| left >= threshold)
    });
    if plenty { rule.fresh_above } else { rule.fresh_below }
}

fn is_short(stock: &Stock, requested: Decimal) -> bool {
    !stock.is_unlimited() && left(stock, requested).is_some_and(|left| left < Decimal::ZERO)
}

/// Cached minus requested quantity; `None` if it is beyond what can be calculated with.
fn left(stock: &Stock, requested: Decimal) -> Option<Decimal> {
    stock.quantity.unwrap_or_default().checked_sub(requested)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
