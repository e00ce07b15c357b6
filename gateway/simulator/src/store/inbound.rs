//! What a DOM tells the store: order states, created orders, stock. Each message is confirmed or refused as a whole.
//!
//! The checks are the store's own (contract store section 11): an action other than Change, missing ids, ids that
//! contradict earlier messages, and anything older than what is known are refused.

use gateway_model::{FieldId, Record, Value, scalar};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Place, StockTold, Store, StoreOrder};
use crate::text;
use crate::words::RecordWords;

/// Why the store refuses a message: its error key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Objection {
    #[error("_ERR_OS_PARAMS")]
    MissingIds,
    #[error("_ERR_OS_SEQUENCE")]
    Older,
    #[error("_ERR_OS_ORDERID_MISMATCH")]
    OtherOrder,
    #[error("_ERR_OS_ORDER_NUMBER_MISMATCH")]
    OtherNumber,
    #[error("_ERR_ORDER_NOT_FOUND")]
    UnknownOrder,
    #[error("_ERR_INVALID_ORDER_ITEM_ID")]
    UnknownItem,
    #[error("_ERR_CMD_MISSING_PARAM")]
    UnknownAction,
}

// === impl Objection ===

impl Objection {
    const fn description(self) -> &'static str {
        match self {
            Self::MissingIds => "The order id and the merchant order number are both missing.",
            Self::Older => "The message is older than the last one about this order.",
            Self::OtherOrder => "The order id does not belong to this merchant order number.",
            Self::OtherNumber => "The merchant order number does not belong to this order.",
            Self::UnknownOrder => "The order does not exist.",
            Self::UnknownItem => "The order item does not exist.",
            Self::UnknownAction => "The action of the message is not known.",
        }
    }
}

// === impl Store ===

impl Store {
    /// Takes an inbound message and gives the ConfirmBOD's record.
    pub fn take(&mut self, operation: &str, request: &Record<'_>, now: Timestamp) -> Record<'static> {
        let words = &self.words;
        let (area, taken) = match operation {
            "order_sync" => (words.order_sync_request.area, self.sync_orders(request)),
            "order_created" => (words.order_sync_request.area, self.confirm_orders(request)),
            "availability_sync" => (words.availability_sync_request.area, self.sync_stock(request)),
            _ => (words.order_sync_request.area, Err(Objection::UnknownAction)),
        };
        self.confirmation(request.record(area).cloned().map(Record::into_owned), taken, now)
    }

    /// Makes the store know an order it never sent, so that messages about it are taken.
    pub fn know_order(&mut self, id: &str) {
        let mut record = self.words.order.new_record();
        record.set_text(self.words.order.id, id.to_owned());
        self.orders.entry(id.to_owned()).or_insert_with(|| StoreOrder::new(record, "G"));
    }

    fn sync_orders(&mut self, request: &Record<'_>) -> Result<(), Objection> {
        let words = self.words.clone();
        if request.text(words.order_sync_request.action).is_some_and(|action| action != "Change") {
            return Err(Objection::UnknownAction);
        }
        let orders = request.list(words.order_sync_request.orders);
        if orders.is_empty() {
            return Err(Objection::MissingIds);
        }
        for order in orders {
            let checked = self.check_sync(order);
            if let (Err(_), Some(kept)) =
                (&checked, order.text(words.order.id).and_then(|id| self.orders.get_mut(id)))
            {
                kept.refused += 1;
            }
            checked?;
        }
        for order in orders {
            self.apply_sync(order);
        }
        Ok(())
    }

    fn check_sync(&self, told: &Record<'_>) -> Result<(), Objection> {
        let fields = &self.words.order;
        let (id, order) = self.find(told)?;
        if told.text(fields.id).is_some_and(|told| told != id) {
            return Err(Objection::OtherOrder);
        }
        let external = told.text(fields.external_id).zip(order.external_id.as_deref());
        if external.is_some_and(|(told, known)| told != known) {
            return Err(Objection::OtherNumber);
        }
        let sequence = text::number(told, fields.sequence).zip(order.sequence);
        let updated = millis(told, fields.updated_at).zip(order.updated_ms);
        if sequence.is_some_and(|(told, known)| told < known)
            || updated.is_some_and(|(told, known)| told < known)
        {
            return Err(Objection::Older);
        }
        let known = order.record.list(fields.lines);
        let line = &self.words.order_line;
        let is_stranger = |told: &Record<'_>| {
            let id = told.text(line.id);
            id.is_some() && !known.is_empty() && !known.iter().any(|known| known.text(line.id) == id)
        };
        if told.list(fields.lines).iter().any(is_stranger) {
            return Err(Objection::UnknownItem);
        }
        Ok(())
    }

    /// The order a message is about, by either of its ids.
    fn find(&self, told: &Record<'_>) -> Result<(&str, &StoreOrder), Objection> {
        let fields = &self.words.order;
        let (id, external) = (told.text(fields.id), told.text(fields.external_id));
        if id.or(external).is_none() {
            return Err(Objection::MissingIds);
        }
        let by_id = id.and_then(|id| self.orders.get_key_value(id));
        let by_number = || {
            self.orders
                .iter()
                .find(|(_, order)| external.is_some() && order.external_id.as_deref() == external)
        };
        let (id, order) = by_id.or_else(by_number).ok_or(Objection::UnknownOrder)?;
        Ok((id, order))
    }

    fn apply_sync(&mut self, told: &Record<'_>) {
        let words = self.words.clone();
        let fields = &words.order;
        let Ok(id) = self.find(told).map(|(id, _)| id.to_owned()) else { return };
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.taken += 1;
        if let Some(status) = told.text(fields.status) {
            order.set_status(status);
        }
        if let Some(external) = told.text(fields.external_id) {
            order.external_id.get_or_insert_with(|| external.to_owned());
        }
        order.sequence = text::number(told, fields.sequence).or(order.sequence);
        order.updated_ms = millis(told, fields.updated_at).or(order.updated_ms);
        for line in told.list(fields.lines) {
            let status = line.text(words.order_line.id).zip(line.text(words.order_line.status));
            if let Some((id, status)) = status {
                order.items.insert(id.to_owned(), status.to_owned());
                if status == "D" {
                    *order.deposits.entry(id.to_owned()).or_default() += 1;
                }
            }
        }
    }

    /// The DOM created orders: they are transferred (G).
    fn confirm_orders(&mut self, request: &Record<'_>) -> Result<(), Objection> {
        let words = self.words.clone();
        let orders = request.list(words.order_sync_request.orders);
        if orders.is_empty() {
            return Err(Objection::MissingIds);
        }
        for told in orders {
            let id = self.find(told)?.0.to_owned();
            let Some(order) = self.orders.get_mut(&id) else { continue };
            order.taken += 1;
            // The word of creation may come after the first status; it never takes a status back.
            if matches!(order.status.as_str(), "P" | "M" | "F" | "H") {
                "G".clone_into(&mut order.status);
            }
            order.pending_since = None;
            if let Some(external) = told.text(words.order.external_id) {
                order.external_id = Some(external.to_owned());
            }
        }
        Ok(())
    }

    fn sync_stock(&mut self, request: &Record<'_>) -> Result<(), Objection> {
        let words = self.words.clone();
        let fields = &words.availability;
        let changes = request.list(words.availability_sync_request.changes);
        if changes.is_empty() {
            return Err(Objection::MissingIds);
        }
        for change in changes {
            let item =
                change.text(fields.item).or(change.text(fields.item_id)).ok_or(Objection::MissingIds)?;
            let physical = change.text(fields.location_kind) == Some("physical");
            let place = match change.text(fields.location).or(change.text(fields.location_id)) {
                Some(name) if physical => Place::Physical(name.to_owned()),
                _ => Place::Online,
            };
            let told = self.stock.entry((item.to_owned(), place)).or_default();
            let owned = |field| change.text(field).map(str::to_owned);
            *told = StockTold {
                status: owned(fields.status).unwrap_or_default(),
                quantity: owned(fields.quantity),
                available_at: owned(fields.available_at),
                updated_at: owned(fields.updated_at),
                times: told.times + 1,
            };
        }
        Ok(())
    }

    fn confirmation(
        &mut self,
        original: Option<Record<'static>>,
        taken: Result<(), Objection>,
        now: Timestamp,
    ) -> Record<'static> {
        let area = self.area(now);
        let words = &self.words;
        let fields = &words.confirmation;
        let mut confirmation = fields.new_record();
        confirmation.set(fields.area, Value::Record(Box::new(area)));
        if let Some(original) = original {
            confirmation.set(fields.original, Value::Record(Box::new(original)));
        }
        confirmation.set_text(fields.succeeded, if taken.is_ok() { "true" } else { "false" });
        if let Err(objection) = taken {
            let mut refusal = words.refusal.new_record();
            refusal
                .set_text(words.refusal.code, format!("{:012x}-{:04x}", now.as_millisecond(), self.serial));
            refusal.set_text(words.refusal.reason_code, objection.to_string());
            refusal.set_text(words.refusal.description, objection.description());
            refusal.set_text(words.refusal.at, text::store_instant(now));
            confirmation.set(fields.refusal, Value::Record(Box::new(refusal)));
        }
        confirmation
    }
}

/// Milliseconds since 1970 of a time; one without a zone is taken as UTC.
fn millis(record: &Record<'_>, field: FieldId) -> Option<i64> {
    scalar::epoch_millis(record.text(field)?, &TimeZone::UTC)
}
