//! One record with what decides which news of it are true: the guard that every write passes. Pure.

use rust_decimal::Decimal;

use crate::stock::{Status, Stock};

/// How many takings a record keeps apart; beyond it the oldest are kept as one.
const MOST_TAKINGS: usize = 8;

/// Who told something, and with it how news are put in order where a DOM time is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The DOM, on its own.
    Push,
    /// A file; what it says of a record confirms it for a full replacement, even if the record is newer.
    Load,
    /// The DOM, in answer to a question asked at this time, in milliseconds since the epoch.
    Answer {
        /// When the question was sent: the answer knows nothing later.
        asked_ms: i64,
    },
}

/// Who told something, and when it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Who.
    pub told: Told,
    /// When, in milliseconds since the epoch.
    pub now_ms: i64,
}

/// What became of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The record is what was told.
    Changed,
    /// The record already said so; nothing changed.
    Double,
    /// The record is newer; nothing changed.
    Late,
    /// The key cannot be kept: its store has a zero character.
    Refused,
}

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// As it was told. `old_since_ms` is only what was written into the record, marks are apart.
    pub(crate) stock: Stock,
    /// The newest DOM time that was ever told, of this stock or one before it.
    pub(crate) newest_dom_ms: Option<i64>,
    /// When it arrived, or for an answer, when it was asked for.
    pub(crate) told_ms: i64,
    pub(crate) from_answer: bool,
    /// The newest mark that was set before it was told or confirmed.
    pub(crate) generation: u32,
    /// What orders took since, oldest first.
    pub(crate) takings: Vec<Taking>,
}

/// What an order line took, as far as what was told does not contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taking {
    /// When the order was made.
    pub(crate) ordered_ms: i64,
    /// When it was told.
    pub(crate) arrived_ms: i64,
    pub(crate) quantity: Decimal,
    /// Whose it is; `None`: of several lines.
    pub(crate) line: Option<u32>,
}

/// News of one record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct News<'a> {
    pub(crate) stock: &'a Stock,
    pub(crate) arrival: Arrival,
    /// The newest mark.
    pub(crate) generation: u32,
}

/// What to do about news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take,
    Double,
    Late,
}

// === impl Arrival ===

impl Arrival {
    /// The DOM told it on its own.
    #[must_use]
    pub const fn push(now_ms: i64) -> Self {
        Self { told: Told::Push, now_ms }
    }

    /// A file said it.
    #[must_use]
    pub const fn load(now_ms: i64) -> Self {
        Self { told: Told::Load, now_ms }
    }

    /// The DOM answered a question that was sent at `asked_ms`.
    #[must_use]
    pub const fn answer(asked_ms: i64, now_ms: i64) -> Self {
        Self { told: Told::Answer { asked_ms }, now_ms }
    }
}

// === impl Record ===

impl Record {
    /// The record that the news make, with what orders took and they do not contain.
    pub(crate) fn of(news: &News<'_>, old: Option<Self>) -> Self {
        let stock = Stock { old_since_ms: None, ..news.stock.clone() };
        let (told_ms, from_answer) = match news.arrival.told {
            Told::Answer { asked_ms } => (asked_ms, true),
            Told::Push | Told::Load => (news.arrival.now_ms, false),
        };
        let (before, mut takings) = old.map_or((None, Vec::new()), |old| (old.newest_dom_ms, old.takings));
        takings.retain(|taking| !news.contains(taking));
        let newest_dom_ms = stock.dom_time_ms.max(before);
        Self { stock, newest_dom_ms, told_ms, from_answer, generation: news.generation, takings }
    }

    /// Whether news are newer than this. DOM times decide where both have one, else the order of arrival; an answer
    /// arrives, for that, when it was asked for.
    pub(crate) fn judge(&self, news: &News<'_>) -> Verdict {
        let (Some(told), Some(newest)) = (news.stock.dom_time_ms, self.newest_dom_ms) else {
            return self.judge_arrival(news);
        };
        let is_of_this = self.stock.dom_time_ms == Some(told);
        match told.cmp(&newest) {
            std::cmp::Ordering::Greater => Verdict::Take,
            std::cmp::Ordering::Less => Verdict::Late,
            // The record was told without DOM time since, so it is newer than this.
            std::cmp::Ordering::Equal if !is_of_this => Verdict::Late,
            std::cmp::Ordering::Equal if !self.stock.says_the_same(news.stock) => Verdict::Take,
            // The same, asked for again: the clocks start again.
            std::cmp::Ordering::Equal if matches!(news.arrival.told, Told::Answer { .. }) => Verdict::Take,
            std::cmp::Ordering::Equal => Verdict::Double,
        }
    }

    fn judge_arrival(&self, news: &News<'_>) -> Verdict {
        let Told::Answer { asked_ms } = news.arrival.told else { return Verdict::Take };
        let is_newer = self.told_ms > asked_ms || (self.told_ms == asked_ms && !self.from_answer);
        if is_newer { Verdict::Late } else { Verdict::Take }
    }

    /// What orders took of it that what was told does not contain.
    pub(crate) fn taken(&self) -> Decimal {
        self.takings.iter().map(|taking| taking.quantity).fold(Decimal::ZERO, sum)
    }

    /// The record as it is answered: lowered by what orders took, never below zero.
    pub(crate) fn lowered(&self, status_at_zero: Status) -> Stock {
        let mut stock = self.stock.clone();
        let taken = self.taken();
        let Some(quantity) = stock.quantity.filter(|_| taken > Decimal::ZERO) else { return stock };
        let left = quantity.checked_sub(taken).unwrap_or_default();
        if left > Decimal::ZERO {
            stock.quantity = Some(left);
        } else {
            stock.quantity = Some(Decimal::ZERO);
            if stock.status == Status::Available {
                stock.status = status_at_zero;
            }
        }
        stock
    }

    /// Lowers the record by an order line; false if it already contains the order: the DOM told of it later.
    pub(crate) fn take(&mut self, taking: Taking) -> bool {
        if self.stock.dom_time_ms.is_some_and(|told| taking.ordered_ms < told) {
            return false;
        }
        let place = self.takings.partition_point(|other| order(other) <= order(&taking));
        self.takings.insert(place, taking);
        self.join_oldest();
        true
    }

    /// Undoes what an order line took; false if nothing is left of it.
    pub(crate) fn give_back(&mut self, taking: &Taking) -> bool {
        let own = self.takings.iter().position(|other| other.line == taking.line);
        let joined = || {
            self.takings.iter().position(|other| {
                other.line.is_none()
                    && other.ordered_ms >= taking.ordered_ms
                    && other.arrived_ms >= taking.arrived_ms
            })
        };
        let Some(place) = own.or_else(joined) else { return false };
        if let Some(found) = self.takings.get_mut(place) {
            found.quantity =
                found.quantity.checked_sub(taking.quantity).unwrap_or_default().max(Decimal::ZERO);
        }
        self.takings.retain(|taking| taking.quantity > Decimal::ZERO);
        true
    }

    /// Keeps the two oldest takings as one, with the later of their times: rather too little in stock than too much.
    fn join_oldest(&mut self) {
        if self.takings.len() <= MOST_TAKINGS {
            return;
        }
        let first = self.takings.remove(0);
        if let Some(second) = self.takings.first_mut() {
            second.ordered_ms = second.ordered_ms.max(first.ordered_ms);
            second.arrived_ms = second.arrived_ms.max(first.arrived_ms);
            second.quantity = sum(second.quantity, first.quantity);
            second.line = None;
        }
    }
}

// === impl News ===

impl News<'_> {
    /// Whether what was told was told after the order was made.
    fn contains(&self, taking: &Taking) -> bool {
        match (self.stock.dom_time_ms, self.arrival.told) {
            (Some(told), _) => taking.ordered_ms < told,
            (None, Told::Answer { asked_ms }) => taking.arrived_ms < asked_ms,
            (None, Told::Push | Told::Load) => true,
        }
    }
}

const fn order(taking: &Taking) -> (i64, i64) {
    (taking.ordered_ms, taking.arrived_ms)
}

fn sum(one: Decimal, other: Decimal) -> Decimal {
    one.checked_add(other).unwrap_or(Decimal::MAX)
}

#[cfg(test)]
mod tests;
