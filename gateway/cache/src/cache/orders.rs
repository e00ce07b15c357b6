//! What orders take from stock until the DOM tells of it.

use std::sync::PoisonError;

use rust_decimal::Decimal;

use super::{Cache, name};
use crate::key::Key;
use crate::record::Taking;

/// An order line that takes stock.
#[derive(Debug, Clone, Copy)]
pub struct Decrement<'a> {
    /// Whose stock.
    pub key: Key<'a>,
    /// The order line's id, unique in its store; for a part of a kit that the kit has twice, with the component's id.
    pub line: &'a str,
    /// How much, in the key's unit.
    pub quantity: Decimal,
    /// When the order was made, in milliseconds since the epoch.
    pub ordered_ms: i64,
}

/// What became of a decrement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lowered {
    /// The record is lowered.
    Lowered,
    /// The line had been counted before.
    Repeated,
    /// What the DOM told last is newer than the order, so it contains it.
    Contained,
    /// There is no such record; the line is counted all the same, a record fetched later contains it.
    Missing,
    /// The quantity is not above zero.
    Nothing,
}

/// What became of giving back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveBack {
    /// The record has the quantity again.
    GivenBack,
    /// The record does not know of the line any more: something newer was told, or it is gone.
    Contained,
    /// The line took nothing, gave it back before, or was forgotten.
    Unknown,
}

impl Cache {
    /// Lowers a record by an order line, once however often it comes. Status and threshold follow from the lowered
    /// quantity when the record is read next.
    pub fn decrement(&self, decrement: &Decrement<'_>, now_ms: i64) -> Lowered {
        let key = &decrement.key;
        let Some(name) = name(key.store, key.item) else { return Lowered::Missing };
        if decrement.quantity <= Decimal::ZERO {
            return Lowered::Nothing;
        }
        // Held until the record is written, so that a line cannot be given back before it took.
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let number = lines.number(key, decrement.line);
        let taking = Taking {
            ordered_ms: decrement.ordered_ms,
            arrived_ms: now_ms,
            quantity: decrement.quantity,
            line: Some(own(number)),
        };
        if !lines.take(number, taking, key.location) {
            self.stats.decrements_repeated.add(1);
            return Lowered::Repeated;
        }
        let slot = (key.location, key.unit);
        let lowered = self.change(name, |draft| {
            let mut record = draft.find(slot)?;
            let is_lowered = record.take(taking);
            if is_lowered {
                draft.put(slot, &record);
            }
            Some(is_lowered)
        });
        drop(lines);
        let (counter, lowered) = match lowered {
            Some(true) => (&self.stats.decrements, Lowered::Lowered),
            Some(false) => (&self.stats.decrements_contained, Lowered::Contained),
            None => (&self.stats.decrements_missing, Lowered::Missing),
        };
        counter.add(1);
        lowered
    }

    /// Gives back what an order line took, because its transfer was refused; once however often it comes. The line may
    /// take again afterwards. It is given back where it was taken, so the key's location does not matter.
    pub fn give_back(&self, key: &Key<'_>, line: &str) -> GiveBack {
        let Some(name) = name(key.store, key.item) else { return GiveBack::Unknown };
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let number = lines.number(key, line);
        let Some((taking, location)) = lines.give_back(number) else { return GiveBack::Unknown };
        let slot = (location, key.unit);
        let is_given_back = self.change(name, |draft| {
            let Some(mut record) = draft.find(slot) else { return false };
            let is_given_back = record.give_back(&taking);
            if is_given_back {
                draft.put(slot, &record);
            }
            is_given_back
        });
        drop(lines);
        if is_given_back {
            self.stats.given_back.add(1);
            GiveBack::GivenBack
        } else {
            GiveBack::Contained
        }
    }

    /// How many order lines are remembered.
    #[must_use]
    pub fn order_lines(&self) -> usize {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// How a record names the line: short, as it has to be told apart only from the few others of the same record.
fn own(number: u64) -> u32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
