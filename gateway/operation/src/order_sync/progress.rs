//! How far a store has been told of one order, and where an event stands to that.
//!
//! A store orders the messages of one order by `sequenceNumber` and `LastUpdateDate` and refuses what is older (contract
//! store section 11). The same rule here saves it what it would refuse, and what it was told already: the store deposits
//! payments each time it is told of a shipped item.

mod lines;

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use gateway_model::scalar::epoch_millis;
use gateway_model::{Record, Value};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::values::number;
use crate::views::Views;

use lines::Lines;

pub use lines::{LineNews, Overtaken};

/// Contents kept of one moment; DOMs write times in whole seconds, so several events may share one.
const AT_ONE_MOMENT: usize = 8;

/// What one order of an event says, as far as its place among others matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderNews {
    /// What names the order at the store: its id, else the DOM's key; empty if the event names neither.
    pub order: String,
    /// The DOM created the order; else its state changed.
    pub created: bool,
    /// In which place it came among all events; later ones have higher numbers.
    pub arrival: u64,
    /// When the order changed.
    pub moment: Moment,
    /// A number of all it says: equal for equal orders.
    pub content: u64,
    /// The status letter it gives the order.
    pub status: Option<String>,
    /// Its lines that have a name and a status, in its order.
    pub lines: Vec<LineNews>,
}

/// What a store took of one order so far, as far as this process knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    latest: Moment,
    /// What was told of the latest moment.
    contents: Vec<u64>,
    /// The arrival of the last that came of it.
    arrival: u64,
    /// What was told last without a time, unless something with a time came after it.
    untimed: Option<u64>,
    /// What was told when the order was created.
    created: Option<u64>,
    /// The status letter told last, unless the store knows a later one.
    status: Option<Box<str>>,
    lines: Lines,
}

/// Lines of an event that are told after a later event of their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// The places of the lines in the order.
    pub lines: Vec<usize>,
    /// The time they are told with: none, or one the store does not take for older than what it knows.
    pub moment: Moment,
    /// The status letter the order has by now, as far as it is known.
    pub status: Option<String>,
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
    let status = order.text(view.status).map(ToOwned::to_owned);
    let (content, lines) = (content(order), lines(views, order));
    OrderNews { order: name, created, arrival: 0, moment, content, status, lines }
}

/// What is said of lines beside their status is for information only (contract store section 11).
fn lines(views: &Views, order: &Record<'_>) -> Vec<LineNews> {
    let view = &views.order_line;
    let of = |(place, line): (usize, &Record<'_>)| {
        line.text(view.status)?;
        let name = line.text(view.id).or_else(|| line.text(view.external_id))?.to_owned();
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        Some(LineNews { place, name, line: hasher.finish(), content: content(line) })
    };
    order.list(views.order.lines).iter().enumerate().filter_map(of).collect()
}

fn content(record: &Record<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    hash_record(record, &mut hasher);
    hasher.finish()
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

// === impl Rest ===

impl Rest {
    /// These lines, told without a time: the store compares only what a message says (contract store section 11).
    #[must_use]
    pub fn without_time(lines: Vec<usize>) -> Self {
        Self { lines, moment: Moment::default(), status: None }
    }

    /// Whether it says when the order changed.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        self.moment != Moment::default()
    }
}

// === impl OrderNews ===

impl OrderNews {
    /// Whether it says when the order changed.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        self.moment != Moment::default()
    }

    /// What names the lines at these places of the order.
    #[must_use]
    pub fn names(&self, places: &[usize]) -> Vec<&str> {
        let lines = self.lines.iter().filter(|line| places.contains(&line.place));
        lines.map(|line| line.name.as_str()).collect()
    }
}

// === impl Progress ===

impl Progress {
    /// Where an event stands. What has no time is only ever told from its very repetition, and from what came after it and
    /// was taken since it was given back; so is what has the time of the latest one. That an order was created is older than
    /// every change of it.
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
            return match self.untimed {
                Some(content) if content == news.content => Standing::Repeated,
                _ if self.lines.have_passed(news) => Standing::Older,
                _ => Standing::News,
            };
        }
        match news.moment.order(&self.latest) {
            Some(Ordering::Less) => Standing::Older,
            Some(Ordering::Equal) if self.contents.contains(&news.content) => Standing::Repeated,
            Some(Ordering::Equal) if self.lines.came_before(news, self.arrival) => Standing::Older,
            Some(Ordering::Equal | Ordering::Greater) | None => Standing::News,
        }
    }

    /// What of an older event the store has to hear nevertheless.
    #[must_use]
    pub fn overtaken(&self, news: &OrderNews) -> Overtaken {
        self.lines.overtaken(news)
    }

    /// These lines of an event, told in a way in which the order does not go back: with the latest time and status that
    /// were told.
    #[must_use]
    pub fn rest(&self, lines: Vec<usize>) -> Rest {
        Rest { lines, moment: self.latest, status: self.status.as_deref().map(ToOwned::to_owned) }
    }

    /// The store took this.
    pub fn took(&mut self, news: &OrderNews) {
        let arrival = self.lines.first_arrival(news);
        if !news.created {
            self.lines.took(news);
            if let Some(status) = &news.status {
                self.status = Some(status.as_str().into());
            }
        }
        self.is_at(news, arrival);
    }

    /// The store took these lines of an event that was overtaken.
    pub fn took_lines(&mut self, news: &OrderNews, places: &[usize]) {
        self.lines.took_some(news, places);
    }

    /// The store did not take this, or nobody knows whether it did, and the DOM is to send it again.
    pub fn gave_back(&mut self, news: &OrderNews) {
        self.lines.gave_back(news);
    }

    /// The store said that it took something later, and what it had to hear nevertheless it heard.
    pub fn refused_as_older(&mut self, news: &OrderNews) {
        self.status = None;
        self.is_at(news, self.lines.first_arrival(news));
    }

    /// How many things are remembered of lines and events that were given back.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.lines.size()
    }

    /// The store is told up to here, by an event that came first then.
    fn is_at(&mut self, news: &OrderNews, arrival: u64) {
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
                self.arrival = self.arrival.max(arrival);
            }
            Some(Ordering::Greater) | None => {
                self.contents = vec![news.content];
                self.arrival = arrival;
            }
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
