//! From supply to status: the rules of contract sterling section 4.2, and of the push in section 11.

use std::borrow::Cow;

use gateway_model::scalar::{parse_moment, plain};
use gateway_model::{FieldId, Record, Value};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::PIECE;
use crate::dates::{as_datetime, real_date};
use crate::values::{is_positive, number, owned};
use crate::views::Views;

/// Status of what can be promised now.
pub(crate) const AVAILABLE: &str = "Available";
/// Status of what can be promised for later.
pub(crate) const BACKORDERABLE: &str = "Backorderable";
/// Status of what cannot be promised.
pub(crate) const UNAVAILABLE: &str = "Unavailable";

/// Which rule speaks: they differ in how "nothing" is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// An online store: nothing is `Unavailable` with the quantity 0 in pieces.
    Online,
    /// A physical store: nothing is `Unavailable` without a quantity.
    Physical,
}

/// What there is to say of one item at one location: the texts that stand in its line of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding<'a> {
    /// `Available`, `Backorderable` or `Unavailable`, or what the DOM stated beyond them.
    pub status: Cow<'a, str>,
    /// How much; `Available` without it is without limit.
    pub quantity: Option<Cow<'a, str>>,
    /// When it is available.
    pub available_at: Option<Cow<'a, str>>,
    /// Seconds until it is available, the alternative to the date.
    pub offset: Option<Cow<'a, str>>,
    /// Quantity in pieces whatever unit was asked.
    pub pieces: bool,
    /// When more comes, also where some is available now.
    pub future_date: Option<Cow<'a, str>>,
    /// As of when this is known, if the answer is to say so.
    pub updated_at: Option<Cow<'a, str>>,
}

/// Judges the supplies of one line.
///
/// A supply that states its status is believed. Otherwise quantities on hand are judged by the rule of the online
/// store's alerts, assignments by that of physical stores.
pub(crate) fn find<'a>(views: &Views, supplies: &[&Record<'a>], rule: Rule, today: Date) -> Finding<'a> {
    let view = &views.availability;
    if let Some(supply) = supplies.iter().find(|supply| supply.text(view.status).is_some()) {
        return stated(views, supply);
    }
    let has = |supply: &&Record<'a>, field| !supply.get(field).is_absent();
    let assigned = supplies.iter().any(|supply| has(supply, view.assignments));
    let alert = supplies.iter().find(|supply| has(supply, view.on_hand) || has(supply, view.future_date));
    let found = match (alert, assigned) {
        (Some(alert), false) => on_hand(views, alert),
        _ => assignments(views, supplies, today),
    };
    if rule == Rule::Online && found.status == UNAVAILABLE {
        return Finding { quantity: Some(Cow::Borrowed("0")), pieces: true, ..found };
    }
    found
}

/// The alert rule: quantity on hand, else first future date.
pub(crate) fn on_hand<'a>(views: &Views, supply: &Record<'a>) -> Finding<'a> {
    let view = &views.availability;
    let future = real_date_of(supply, view.future_date).map(as_datetime);
    if is_positive(supply, view.on_hand) {
        let quantity = owned(supply, view.on_hand);
        let future_date = owned(supply, view.future_date).filter(|_| future.is_some());
        return Finding { status: Cow::Borrowed(AVAILABLE), quantity, future_date, ..Finding::default() };
    }
    later_or_never(future)
}

/// A date field's text, unless it says "never".
pub(crate) fn real_date_of<'a>(record: &Record<'a>, field: FieldId) -> Option<Cow<'a, str>> {
    owned(record, field).filter(|text| real_date(text).is_some())
}

/// The assignment rule: what is available up to today, else the first later date.
fn assignments<'a>(views: &Views, supplies: &[&Record<'a>], today: Date) -> Finding<'a> {
    let view = &views.assignment;
    let all = || supplies.iter().flat_map(|supply| supply.list(views.availability.assignments));
    let later = all()
        .filter(|assignment| is_positive(assignment, view.quantity))
        .filter(|assignment| !is_up_to(assignment, view.available_on, today))
        .find_map(|assignment| real_date_of(assignment, view.available_on));
    let sum = all()
        .filter(|assignment| is_up_to(assignment, view.available_on, today))
        .filter_map(|assignment| number(assignment, view.quantity))
        .fold(Decimal::ZERO, Decimal::saturating_add);
    if sum <= Decimal::ZERO {
        return later_or_never(later.map(as_datetime));
    }
    let quantity = Some(Cow::Owned(plain(sum)));
    Finding { status: Cow::Borrowed(AVAILABLE), quantity, future_date: later, ..Finding::default() }
}

fn stated<'a>(views: &Views, supply: &Record<'a>) -> Finding<'a> {
    let view = &views.availability;
    Finding {
        status: owned(supply, view.status).unwrap_or_default(),
        quantity: owned(supply, view.quantity),
        available_at: real_date_of(supply, view.available_at).map(as_datetime),
        offset: owned(supply, view.offset),
        future_date: real_date_of(supply, view.future_date),
        pieces: false,
        updated_at: None,
    }
}

fn later_or_never(date: Option<Cow<'_, str>>) -> Finding<'_> {
    let status = if date.is_some() { BACKORDERABLE } else { UNAVAILABLE };
    Finding { status: Cow::Borrowed(status), available_at: date, ..Finding::default() }
}

/// Whether a date field says today or earlier.
pub(crate) fn is_up_to(record: &Record<'_>, field: FieldId, today: Date) -> bool {
    record.text(field).and_then(parse_moment).is_some_and(|moment| moment.local.date() <= today)
}

// === impl Finding ===

impl<'a> Finding<'a> {
    /// What a line says itself, as it stands; its status is empty if it says none.
    #[must_use]
    pub fn stated(views: &Views, line: &'a Record<'_>) -> Self {
        let view = &views.availability;
        let text = |field| line.text(field).map(Cow::Borrowed);
        Self {
            status: text(view.status).unwrap_or_default(),
            quantity: text(view.quantity),
            available_at: text(view.available_at),
            offset: text(view.offset),
            pieces: false,
            future_date: text(view.future_date),
            updated_at: text(view.updated_at),
        }
    }

    /// Writes the finding into a line. The unit stays only where there is a quantity to measure.
    pub(crate) fn write(self, views: &Views, line: &mut Record<'a>) {
        let view = &views.availability;
        if self.quantity.is_none() {
            line.take(view.unit);
        } else if self.pieces {
            line.set_text(view.unit, PIECE);
        }
        let value = |text: Option<Cow<'a, str>>| text.map_or(Value::Absent, Value::text);
        line.set_text(view.status, self.status);
        line.set(view.quantity, value(self.quantity));
        line.set(view.available_at, value(self.available_at));
        line.set(view.offset, value(self.offset));
        line.set(view.future_date, value(self.future_date));
        if let Some(updated_at) = self.updated_at {
            line.set_text(view.updated_at, updated_at);
        }
    }

    /// The same finding with its own texts.
    #[must_use]
    pub fn into_owned(self) -> Finding<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Finding {
            status: own(self.status),
            quantity: self.quantity.map(own),
            available_at: self.available_at.map(own),
            offset: self.offset.map(own),
            pieces: self.pieces,
            future_date: self.future_date.map(own),
            updated_at: self.updated_at.map(own),
        }
    }
}
