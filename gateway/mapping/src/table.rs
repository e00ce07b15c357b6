//! Value tables: a record's word and a document's word for the same thing, looked up from either side.

mod load;

pub(crate) use load::{load_csv, load_toml};

use std::collections::HashMap;

use foldhash::fast::FixedState;
use gateway_model::scalar;
use rust_decimal::Decimal;

/// A table of one dialect.
#[derive(Debug, Default)]
pub(crate) struct Table {
    name: String,
    /// Rows that hold for everyone.
    general: Rows,
    /// Rows of one organization; they come before the general ones.
    organizations: HashMap<Box<str>, Rows, FixedState>,
}

/// Rows in order; the first match wins, so each map keeps the first of equal keys.
#[derive(Debug, Default)]
struct Rows {
    to_document: HashMap<Box<str>, Box<str>, FixedState>,
    to_record: HashMap<Box<str>, Box<str>, FixedState>,
    ranges: Vec<NumberRange>,
}

/// A row whose document side is a range of numbers: `from` <= n < `below`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NumberRange {
    from: Decimal,
    below: Decimal,
    record: Box<str>,
    /// `from` as written: what the record's word becomes if no exact row has it.
    written: Box<str>,
}

// === impl Table ===

impl Table {
    /// The name it is used by.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The document's word for a record's word.
    pub(crate) fn to_document(&self, word: &str, organization: Option<&str>) -> Option<&str> {
        let own = self.rows_of(organization).and_then(|rows| rows.to_document(word));
        own.or_else(|| self.general.to_document(word))
    }

    /// The record's word for a document's word.
    pub(crate) fn to_record(&self, word: &str, organization: Option<&str>) -> Option<&str> {
        let own = self.rows_of(organization).and_then(|rows| rows.to_record(word));
        own.or_else(|| self.general.to_record(word))
    }

    /// All words of the record side.
    pub(crate) fn record_words(&self) -> impl Iterator<Item = &str> {
        let all = std::iter::once(&self.general).chain(self.organizations.values());
        all.flat_map(|rows| {
            let of_ranges = rows.ranges.iter().map(|range| range.record.as_ref());
            rows.to_document.keys().map(AsRef::as_ref).chain(of_ranges)
        })
    }

    fn rows_of(&self, organization: Option<&str>) -> Option<&Rows> {
        self.organizations.get(organization?)
    }
}

// === impl Rows ===

impl Rows {
    fn to_document(&self, word: &str) -> Option<&str> {
        let exact = self.to_document.get(word).map(AsRef::as_ref);
        exact.or_else(|| self.ranges.iter().find(|range| *range.record == *word).map(|range| &*range.written))
    }

    fn to_record(&self, word: &str) -> Option<&str> {
        if let Some(exact) = self.to_record.get(word) {
            return Some(exact);
        }
        if self.ranges.is_empty() {
            return None;
        }
        let number = scalar::parse_number(up_to_second_point(word))?;
        let range = self.ranges.iter().find(|range| range.from <= number && number < range.below)?;
        Some(&range.record)
    }

    fn add(&mut self, record: &str, document: &str) {
        self.to_document.entry(record.into()).or_insert_with(|| document.into());
        self.to_record.entry(document.into()).or_insert_with(|| record.into());
    }
}

/// Statuses such as `1100.70.06.10` have several points; their place among numbers is that of `1100.70`.
fn up_to_second_point(word: &str) -> &str {
    let second = word.match_indices('.').nth(1).map(|(index, _)| index);
    second.and_then(|index| word.get(..index)).unwrap_or(word)
}
