//! From fields to meaning: every fault of a row is found, not only the first.

use gateway_model::scalar;
use rust_decimal::Decimal;

use super::{CsvParams, Units};
use crate::{BadRow, Change, Column, ColumnFault, DEFAULT_UNIT, LoadRow, Location, Reason, Status, Stock};

/// Bytes an identifier may have; a part number has at most 64 characters in the store.
const NAME_BYTES: usize = 256;

/// Reads rows one after the other, with the little that is kept between them.
#[derive(Debug)]
pub(super) struct Reading {
    params: CsvParams,
    /// The time of availability, in XML's form.
    available_at: String,
    /// The last time of update that was read: many rows have the same.
    last_update: Option<(String, i64)>,
    /// Room to bring a time into XML's form.
    moment: String,
}

/// A row's fields and what is wrong with them.
struct Fields<'f, 'r> {
    texts: &'f [&'r str; Column::COUNT],
    faults: Vec<ColumnFault>,
}

// === impl Reading ===

impl Reading {
    pub(super) fn new(params: CsvParams) -> Self {
        Self { params, available_at: String::new(), last_update: None, moment: String::new() }
    }

    /// What a row says, or all that is wrong with it.
    pub(super) fn row<'r>(
        &'r mut self,
        line: u64,
        texts: &[&'r str; Column::COUNT],
    ) -> Result<LoadRow<'r>, BadRow> {
        let mut fields = Fields { texts, faults: Vec::new() };
        let item = fields.required_name(Column::PartNumber);
        let location = fields.location();
        let updated_ms = self.updated_ms(&mut fields);
        let removed = fields.removed();
        // A removal needs no figures, and often has none.
        let stock = if removed { None } else { Some(self.stock(&mut fields)) };
        let unit = self.unit(&mut fields);
        let Self { params, available_at, .. } = self;
        let store = fields.store(params.store.as_deref(), location);
        let change = match stock {
            None => Change::Remove,
            Some(stock) => {
                let available_at = Some(available_at.as_str()).filter(|text| !text.is_empty());
                Change::Put(Stock { available_at, ..stock })
            }
        };
        match location {
            Some(location) if fields.faults.is_empty() => {
                Ok(LoadRow { line, store, item, location, unit, change, updated_ms })
            }
            _ => {
                fields.faults.sort_by_key(|fault| fault.column);
                Err(BadRow { line, faults: fields.faults })
            }
        }
    }

    /// The figures, but for the time of availability, which is left in `available_at`.
    fn stock(&mut self, fields: &mut Fields<'_, '_>) -> Stock<'static> {
        self.available_at.clear();
        let written = fields.text(Column::AvailabilityTime);
        if !written.is_empty() {
            into_xml_form(written, &mut self.available_at);
            if scalar::parse_moment(&self.available_at).is_none() {
                fields.fault(Column::AvailabilityTime, Reason::Time);
            }
        }
        Stock {
            status: fields.status(),
            quantity: fields.quantity(),
            available_at: None,
            offset_secs: fields.offset_secs(),
        }
    }

    fn updated_ms(&mut self, fields: &mut Fields<'_, '_>) -> Option<i64> {
        let written = fields.text(Column::LastUpdate);
        if written.is_empty() {
            return None;
        }
        if let Some((text, millis)) = &self.last_update
            && text == written
        {
            return Some(*millis);
        }
        into_xml_form(written, &mut self.moment);
        let Some(millis) = scalar::epoch_millis(&self.moment, &self.params.zone) else {
            fields.fault(Column::LastUpdate, Reason::Time);
            return None;
        };
        let (text, last) = self.last_update.get_or_insert_default();
        text.clear();
        text.push_str(written);
        *last = millis;
        Some(millis)
    }

    fn unit<'r>(&self, fields: &mut Fields<'_, 'r>) -> Option<&'r str> {
        let unit = fields.text(Column::AvailableQuantityUom);
        let known = match &self.params.units {
            Units::Known(units) => unit.is_empty() || unit == DEFAULT_UNIT || units.contains(unit),
            Units::Any => return fields.name(Column::AvailableQuantityUom),
        };
        if !known {
            fields.fault(Column::AvailableQuantityUom, Reason::Unit);
        }
        Some(unit).filter(|unit| !unit.is_empty())
    }
}

// === impl Fields ===

impl<'r> Fields<'_, 'r> {
    /// What stands in a column, without blanks around it.
    fn text(&self, column: Column) -> &'r str {
        let text = self.texts.get(column as usize).copied().unwrap_or_default();
        match text.as_bytes() {
            [b' ' | b'\t', ..] | [.., b' ' | b'\t'] => text.trim_matches([' ', '\t']),
            _ => text,
        }
    }

    fn fault(&mut self, column: Column, reason: Reason) {
        self.faults.push(ColumnFault::new(column, reason, self.text(column)));
    }

    /// An identifier, if there is one.
    fn name(&mut self, column: Column) -> Option<&'r str> {
        let name = self.text(column);
        if name.len() > NAME_BYTES {
            self.fault(column, Reason::TooLong { limit: NAME_BYTES });
        } else if name.bytes().any(|byte| byte.is_ascii_control()) {
            self.fault(column, Reason::ControlCharacter);
        }
        Some(name).filter(|name| !name.is_empty())
    }

    fn required_name(&mut self, column: Column) -> &'r str {
        let name = self.name(column);
        if name.is_none() {
            self.fault(column, Reason::Missing);
        }
        name.unwrap_or_default()
    }

    fn location(&mut self) -> Option<Location<'r>> {
        let online = self.name(Column::OnlineStoreUniqueId);
        let physical = self.name(Column::PhysicalStoreIdentifier);
        match (online, physical) {
            (Some(store), None) => Some(Location::Online { store }),
            (None, Some(name)) => Some(Location::Physical { name }),
            (None, None) => {
                self.fault(Column::OnlineStoreUniqueId, Reason::NoLocation);
                None
            }
            (Some(_), Some(_)) => {
                self.fault(Column::PhysicalStoreIdentifier, Reason::TwoLocations);
                None
            }
        }
    }

    /// The store the row stands in: its own, else the one of all rows, else the online store.
    fn store(&mut self, of_all: Option<&'r str>, location: Option<Location<'r>>) -> &'r str {
        let online = match location {
            Some(Location::Online { store }) => Some(store),
            _ => None,
        };
        match self.name(Column::ContextStoreId).or(of_all).or(online) {
            Some(store) => store,
            None => {
                self.fault(Column::ContextStoreId, Reason::Missing);
                ""
            }
        }
    }

    fn status(&mut self) -> Status {
        let text = self.text(Column::InventoryStatus);
        let status = Status::from_code(text);
        if status.is_none() {
            self.fault(Column::InventoryStatus, Reason::Status);
        }
        status.unwrap_or(Status::Unavailable)
    }

    fn quantity(&mut self) -> Option<Decimal> {
        let text = self.text(Column::AvailableQuantity);
        if text.is_empty() {
            return None;
        }
        match scalar::parse_number(text) {
            Some(quantity) if quantity.is_sign_negative() && !quantity.is_zero() => {
                self.fault(Column::AvailableQuantity, Reason::Negative);
                None
            }
            // `-0` is zero.
            Some(quantity) => Some(quantity.abs()),
            None => {
                self.fault(Column::AvailableQuantity, Reason::Number);
                None
            }
        }
    }

    fn offset_secs(&mut self) -> Option<i64> {
        let text = self.text(Column::AvailabilityOffset);
        if text.is_empty() {
            return None;
        }
        // The column is an `int` in the store.
        match text.parse::<i32>() {
            Ok(offset) if offset >= 0 => Some(offset.into()),
            _ => {
                self.fault(Column::AvailabilityOffset, Reason::Offset);
                None
            }
        }
    }

    fn removed(&mut self) -> bool {
        match self.text(Column::Delete) {
            "" | "0" => false,
            "1" => true,
            _ => {
                self.fault(Column::Delete, Reason::Delete);
                false
            }
        }
    }
}

/// Writes a time with XML's `T` in place of the blank between date and time.
fn into_xml_form(written: &str, form: &mut String) {
    form.clear();
    match written.split_once(' ') {
        Some((date, time)) => form.extend([date, "T", time]),
        None => form.push_str(written),
    }
}
