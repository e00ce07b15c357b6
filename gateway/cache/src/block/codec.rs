//! How a record is written in bytes: flags, then what they say is there; numbers as variable-length integers.
//!
//! Times are kept as distances (`fetched` from [`BASE_MS`], all others from `fetched`), which are short. Every value
//! of every type comes back as it was.

use rust_decimal::Decimal;

use super::{Slot, is_piece};
use crate::key::{Location, PIECE};
use crate::record::{Record, Taking};
use crate::stock::{Status, Stock};

/// 2026-01-01: times near it take five bytes.
const BASE_MS: i64 = 1_767_225_600_000;

const STATUS: u16 = 0b11;
const ONLINE: u16 = 1 << 2;
const UNIT: u16 = 1 << 3;
const QUANTITY: u16 = 1 << 4;
const SCALE: u16 = 1 << 5;
const WIDE: u16 = 1 << 6;
const AVAILABLE_AT: u16 = 1 << 7;
const OFFSET: u16 = 1 << 8;
const DOM_TIME: u16 = 1 << 9;
const DOM_FLOOR: u16 = 1 << 10;
const FROM_ANSWER: u16 = 1 << 11;
const OLD: u16 = 1 << 12;
const TAKINGS: u16 = 1 << 13;
const TOLD: u16 = 1 << 14;
const MORE_AT: u16 = 1 << 15;

/// Reads what [`write()`] wrote; `None` wherever bytes end early, which they do not.
#[derive(Clone)]
pub(super) struct Reader<'b> {
    rest: &'b [u8],
    flags: u16,
}

/// Appends a record, with its length in front so that it can be passed over.
pub(super) fn write(out: &mut Vec<u8>, (location, unit): Slot<'_>, record: &Record) {
    // Nearly always one byte is enough for the length.
    let begin = out.len();
    out.push(0);
    let flags = flags(location, unit, record);
    out.extend_from_slice(&flags.to_le_bytes());
    if let Location::Physical(name) = location {
        write_text(out, name);
    }
    if flags & UNIT != 0 {
        write_text(out, unit);
    }
    write_stock(out, flags, record);
    write_unsigned(out, u64::from(record.generation));
    if flags & TAKINGS != 0 {
        write_unsigned(out, record.takings.len() as u64);
        for taking in &record.takings {
            write_taking(out, taking, record.stock.fetched_ms);
        }
    }
    let length = out.len() - begin - 1;
    match (u8::try_from(length), out.get_mut(begin)) {
        (Ok(short), Some(place)) if short < 0x80 => *place = short,
        _ => {
            let mut prefix = Vec::with_capacity(4);
            write_unsigned(&mut prefix, length as u64);
            out.splice(begin..=begin, prefix);
        }
    }
}

fn write_stock(out: &mut Vec<u8>, flags: u16, record: &Record) {
    let stock = &record.stock;
    if let Some(quantity) = stock.quantity {
        write_decimal(out, flags & WIDE != 0, flags & SCALE != 0, quantity);
    }
    if let Some(available_at) = &stock.available_at {
        write_text(out, available_at);
    }
    if let Some(more_at) = &stock.more_at {
        write_text(out, more_at);
    }
    if let Some(offset) = stock.offset {
        write_signed(out, offset);
    }
    write_signed(out, stock.fetched_ms.wrapping_sub(BASE_MS));
    let from_fetched = |time: i64| time.wrapping_sub(stock.fetched_ms);
    if let Some(dom_time) = stock.dom_time_ms {
        write_signed(out, from_fetched(dom_time));
    } else if let Some(newest) = record.newest_dom_ms {
        write_signed(out, from_fetched(newest));
    }
    if flags & TOLD != 0 {
        write_signed(out, from_fetched(record.told_ms));
    }
    if let Some(since) = stock.old_since_ms {
        write_signed(out, from_fetched(since));
    }
}

fn write_taking(out: &mut Vec<u8>, taking: &Taking, fetched_ms: i64) {
    write_signed(out, taking.ordered_ms.wrapping_sub(fetched_ms));
    write_signed(out, taking.arrived_ms.wrapping_sub(taking.ordered_ms));
    let wide = is_wide(taking.quantity);
    out.push(u8::from(wide) | u8::from(taking.line.is_some()) << 1);
    write_decimal(out, wide, true, taking.quantity);
    if let Some(line) = taking.line {
        out.extend_from_slice(&line.to_le_bytes());
    }
}

fn flags(location: Location<&str>, unit: &str, record: &Record) -> u16 {
    let stock = &record.stock;
    let status = match stock.status {
        Status::Available => 0,
        Status::Backorderable => 1,
        Status::Unavailable => 2,
    };
    let has_floor = stock.dom_time_ms.is_none() && record.newest_dom_ms.is_some();
    let set = [
        (location == Location::Online, ONLINE),
        (!is_piece(unit), UNIT),
        (stock.quantity.is_some(), QUANTITY),
        (stock.quantity.is_some_and(|quantity| quantity.scale() != 0), SCALE),
        (stock.quantity.is_some_and(is_wide), WIDE),
        (stock.available_at.is_some(), AVAILABLE_AT),
        (stock.more_at.is_some(), MORE_AT),
        (stock.offset.is_some(), OFFSET),
        (stock.dom_time_ms.is_some(), DOM_TIME),
        (has_floor, DOM_FLOOR),
        (record.from_answer, FROM_ANSWER),
        (stock.old_since_ms.is_some(), OLD),
        (!record.takings.is_empty(), TAKINGS),
        (record.told_ms != stock.fetched_ms, TOLD),
    ];
    set.iter().filter(|(is_set, _)| *is_set).fold(status, |flags, (_, flag)| flags | flag)
}

fn is_wide(number: Decimal) -> bool {
    i64::try_from(number.mantissa()).is_err()
}

fn write_decimal(out: &mut Vec<u8>, wide: bool, scaled: bool, number: Decimal) {
    match i64::try_from(number.mantissa()) {
        Ok(mantissa) if !wide => write_signed(out, mantissa),
        _ => out.extend_from_slice(&number.mantissa().to_le_bytes()),
    }
    if scaled {
        out.push(u8::try_from(number.scale()).unwrap_or_default());
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_unsigned(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn write_signed(out: &mut Vec<u8>, number: i64) {
    write_unsigned(out, number.cast_unsigned() << 1 ^ (number >> 63).cast_unsigned());
}

fn write_unsigned(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

// === impl Reader ===

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, flags: 0 }
    }

    /// Bytes not yet read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next record of a block.
    pub(super) fn piece(&mut self) -> Option<Self> {
        let length = usize::try_from(self.unsigned()?).ok()?;
        let (piece, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Self::new(piece))
    }

    /// The name of a record: the first thing in its bytes.
    pub(super) fn slot(&mut self) -> Option<Slot<'b>> {
        self.flags = u16::from_le_bytes(self.bytes()?);
        let location = if self.has(ONLINE) { Location::Online } else { Location::Physical(self.text()?) };
        let unit = if self.has(UNIT) { self.text()? } else { PIECE };
        Some((location, unit))
    }

    /// The rest of a record, behind its name.
    pub(super) fn record(mut self) -> Option<Record> {
        let quantity = self.when(QUANTITY, |reader| reader.decimal(reader.has(WIDE), reader.has(SCALE)))?;
        let available_at = self.when(AVAILABLE_AT, |reader| reader.text().map(Box::from))?;
        let more_at = self.when(MORE_AT, |reader| reader.text().map(Box::from))?;
        let offset = self.when(OFFSET, Self::signed)?;
        let fetched_ms = self.signed()?.wrapping_add(BASE_MS);
        let mut time = |flag| self.when(flag, |reader| Some(reader.signed()?.wrapping_add(fetched_ms)));
        let dom_time_ms = time(DOM_TIME)?;
        let floor = time(DOM_FLOOR)?;
        let told_ms = time(TOLD)?.unwrap_or(fetched_ms);
        let old_since_ms = time(OLD)?;
        let generation = u32::try_from(self.unsigned()?).ok()?;
        let takings = self.when(TAKINGS, |reader| reader.takings(fetched_ms))?.unwrap_or_default();
        let status = match self.flags & STATUS {
            0 => Status::Available,
            1 => Status::Backorderable,
            _ => Status::Unavailable,
        };
        Some(Record {
            stock: Stock {
                status,
                quantity,
                available_at,
                more_at,
                offset,
                dom_time_ms,
                fetched_ms,
                old_since_ms,
            },
            newest_dom_ms: dom_time_ms.or(floor),
            told_ms,
            from_answer: self.has(FROM_ANSWER),
            generation,
            takings,
        })
    }

    fn takings(&mut self, fetched_ms: i64) -> Option<Vec<Taking>> {
        let count = usize::try_from(self.unsigned()?).ok()?;
        (0..count).map(|_| self.taking(fetched_ms)).collect()
    }

    fn taking(&mut self, fetched_ms: i64) -> Option<Taking> {
        let ordered_ms = self.signed()?.wrapping_add(fetched_ms);
        let arrived_ms = self.signed()?.wrapping_add(ordered_ms);
        let [flags] = self.bytes()?;
        let quantity = self.decimal(flags & 1 != 0, true)?;
        let line = if flags & 2 == 0 { None } else { Some(u32::from_le_bytes(self.bytes()?)) };
        Some(Taking { ordered_ms, arrived_ms, quantity, line })
    }

    fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// `Some(None)` where the flag is not set.
    fn when<T>(&mut self, flag: u16, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.has(flag) { read(self).map(Some) } else { Some(None) }
    }

    fn decimal(&mut self, wide: bool, scaled: bool) -> Option<Decimal> {
        let mantissa = if wide { i128::from_le_bytes(self.bytes()?) } else { i128::from(self.signed()?) };
        let scale = if scaled { self.bytes::<1>()?[0] } else { 0 };
        Decimal::try_from_i128_with_scale(mantissa, u32::from(scale)).ok()
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = usize::try_from(self.unsigned()?).ok()?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let [byte] = self.bytes()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
    }

    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*bytes)
    }
}
