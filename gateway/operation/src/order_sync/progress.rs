//! How far a store has been told of one order, and where an event stands to that.
//!
//! A store orders the messages of one order by `sequenceNumber` and `LastUpdateDate` and refuses what is older (contract
//! store section 11). The same rule here saves it what it would refuse, and what it was told already: the store deposits
//! payments each time it is told of a shipped item.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use gateway_model::scalar::epoch_millis;
use gateway_model::{Record, Value};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::values::number;
use crate::views::Views;

/// Contents kept of one moment; DOMs write times in whole seconds, so several events may share one.
const AT_ONE_MOMENT: usize = 8;

/// What one order of an event says, as far as its place among others matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderNews {
    /// What names the order at the store: its id, else the DOM's key; empty if the event names neither.
    pub order: String,
    /// The DOM created the order; else its state changed.
    pub created: bool,
    /// When the order changed.
    pub moment: Moment,
    /// A number of all it says: equal for equal orders.
    pub content: u64,
}

/// What a store took of one order so far, as far as this process knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    latest: Moment,
    /// What was told of the latest moment.
    contents: Vec<u64>,
    /// What was told last without a time, unless something with a time came after it.
    untimed: Option<u64>,
    /// What was told when the order was created.
    created: Option<u64>,
}

/// Where an event stands to what the store took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The store has to hear it.
    News,
    /// The store took the very same.
    Repeated,
    /// The store took something later.
    Older,
}

/// When an order changed, by the DOM's own count and clock; either may be missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// `sequenceNumber`.
    pub sequence: Option<Decimal>,
    /// `LastUpdateDate`, in milliseconds since 1970.
    pub changed: Option<i64>,
}

/// Says of each order of an event for a store where it stands in time; in their order.
#[must_use]
pub fn news(views: &Views, event: &Record<'_>, created: bool, zone: &TimeZone) -> Vec<OrderNews> {
    event.list(views.order_sync_request.orders).iter().map(|order| of(views, order, created, zone)).collect()
}

fn of(views: &Views, order: &Record<'_>, created: bool, zone: &TimeZone) -> OrderNews {
    let view = &views.order;
    let name = match (order.text(view.id), order.text(view.external_id)) {
        (Some(id), _) => format!("id {id}"),
        (None, Some(key)) => format!("key {key}"),
        (None, None) => String::new(),
    };
    let moment = Moment {
        sequence: number(order, view.sequence),
        changed: order.text(view.updated_at).and_then(|text| epoch_millis(text, zone)),
    };
    let mut hasher = DefaultHasher::new();
    hash_record(order, &mut hasher);
    OrderNews { order: name, created, moment, content: hasher.finish() }
}

fn hash_record(record: &Record<'_>, hasher: &mut DefaultHasher) {
    record.kind.hash(hasher);
    for (field, value) in record.values().enumerate().filter(|(_, value)| !value.is_absent()) {
        field.hash(hasher);
        match value {
            Value::Absent => {}
            Value::Text(text) => text.hash(hasher),
            Value::Record(inner) => hash_record(inner, hasher),
            Value::List(entries) => {
                entries.len().hash(hasher);
                entries.iter().for_each(|entry| hash_record(entry, hasher));
            }
        }
    }
}

// === impl OrderNews ===

impl OrderNews {
    /// Whether it says when the order changed.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        self.moment != Moment::default()
    }
}

// === impl Progress ===

impl Progress {
    /// Where an event stands. What has no time is only ever told from its very repetition; what has the time of the
    /// latest one and says something else is news. That an order was created is older than every change of it.
    #[must_use]
    pub fn standing(&self, news: &OrderNews) -> Standing {
        if news.created {
            return match self.created {
                Some(content) if content == news.content => Standing::Repeated,
                _ if self.knows_a_change() => Standing::Older,
                _ => Standing::News,
            };
        }
        if !news.is_timed() {
            let repeated = self.untimed == Some(news.content);
            return if repeated { Standing::Repeated } else { Standing::News };
        }
        match news.moment.order(&self.latest) {
            Some(Ordering::Less) => Standing::Older,
            Some(Ordering::Equal) if self.contents.contains(&news.content) => Standing::Repeated,
            Some(Ordering::Equal | Ordering::Greater) | None => Standing::News,
        }
    }

    /// The store took this, or said that it took something later already.
    pub fn took(&mut self, news: &OrderNews) {
        if news.created {
            self.created = Some(news.content);
            return;
        }
        if !news.is_timed() {
            self.untimed = Some(news.content);
            return;
        }
        self.untimed = None;
        match news.moment.order(&self.latest) {
            Some(Ordering::Less) => {}
            Some(Ordering::Equal) => {
                if self.contents.len() >= AT_ONE_MOMENT {
                    self.contents.remove(0);
                }
                self.contents.push(news.content);
            }
            Some(Ordering::Greater) | None => self.contents = vec![news.content],
        }
        self.latest = self.latest.later(&news.moment);
    }

    fn knows_a_change(&self) -> bool {
        self.untimed.is_some() || self.latest != Moment::default()
    }
}

// === impl Moment ===

impl Moment {
    /// Whether it is before, at or after the other, by what both know; after if either says so. `None` if they know
    /// nothing in common.
    fn order(&self, other: &Self) -> Option<Ordering> {
        let by_sequence = self.sequence.zip(other.sequence).map(|(own, other)| own.cmp(&other));
        let by_clock = self.changed.zip(other.changed).map(|(own, other)| own.cmp(&other));
        match (by_sequence, by_clock) {
            (Some(Ordering::Greater), _) | (_, Some(Ordering::Greater)) => Some(Ordering::Greater),
            (Some(Ordering::Less), _) | (_, Some(Ordering::Less)) => Some(Ordering::Less),
            (Some(Ordering::Equal), _) | (_, Some(Ordering::Equal)) => Some(Ordering::Equal),
            (None, None) => None,
        }
    }

    fn later(&self, other: &Self) -> Self {
        Self { sequence: self.sequence.max(other.sequence), changed: self.changed.max(other.changed) }
    }
}
