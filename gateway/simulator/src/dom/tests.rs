//! What a simulated DOM promises, as tables of calls and their answers.

mod availability;
mod events;
mod invariants;
mod orders;
mod reservations;

use gateway_model::{FieldId, Record, Value};
use rust_decimal::Decimal;

use super::{Answer, Dom};
use crate::scenario::Scenario;
use crate::testing;
use crate::words::{RecordWords, Words};

/// A DOM of the demo's world, with what is needed to speak to it.
pub(super) struct World {
    pub(super) dom: Dom,
    pub(super) words: Words,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut Scenario)) -> Self {
        let mut scenario = testing::scenario();
        change(&mut scenario);
        let dom = Dom::new(&testing::vocabulary(), scenario).expect("every word is there");
        let words = dom.words().clone();
        Self { dom, words }
    }

    /// Reserves lines of (line id, item, quantity, node or "").
    pub(super) fn reserve(&mut self, id: &str, partial: &str, lines: &[[&str; 4]]) -> Answer {
        let words = &self.words;
        let promises = lines.iter().map(|[line, item, quantity, node]| {
            let fields = &words.order_line;
            let pairs =
                [(fields.id, *line), (fields.item, item), (fields.quantity, quantity), (fields.pickup, node)];
            filled(fields.new_record(), &pairs)
        });
        let promises = promises.collect();
        self.reserve_lines(id, partial, promises)
    }

    pub(super) fn reserve_lines(
        &mut self,
        id: &str,
        partial: &str,
        promises: Vec<Record<'static>>,
    ) -> Answer {
        let words = &self.words;
        let order =
            filled(words.order.new_record(), &[(words.order.id, id), (words.order.allow_partial, partial)]);
        let fields = &words.requirement_request;
        let mut request = filled(fields.new_record(), &[(fields.store, "11651")]);
        request.set(fields.order, Value::Record(Box::new(order)));
        request.set(fields.promises, Value::List(promises));
        self.dom.answer("reserve", &request, testing::now())
    }

    /// Cancels lines of (item, quantity, node or "", ship day or "").
    pub(super) fn cancel(&mut self, id: &str, lines: &[[&str; 4]]) -> Answer {
        let words = &self.words;
        let cancellations = lines.iter().map(|[item, quantity, node, day]| {
            let fields = &words.order_line;
            let pairs = [
                (fields.item, *item),
                (fields.quantity, quantity),
                (fields.center, node),
                (fields.expected_ship_date, day),
            ];
            filled(fields.new_record(), &pairs)
        });
        let fields = &words.requirement_request;
        let mut request = filled(fields.new_record(), &[(fields.store, "11651")]);
        let order = filled(words.order.new_record(), &[(words.order.id, id)]);
        request.set(fields.order, Value::Record(Box::new(order)));
        request.set(fields.cancellations, Value::List(cancellations.collect()));
        self.dom.answer("cancel_reservation", &request, testing::now())
    }

    /// An order of lines (line id, item, quantity, unit price).
    pub(super) fn order(&self, id: &str, lines: &[[&str; 4]]) -> Record<'static> {
        let words = &self.words;
        let lines = lines.iter().map(|[line, item, quantity, price]| {
            let fields = &words.order_line;
            let pairs = [
                (fields.id, *line),
                (fields.item, item),
                (fields.quantity, quantity),
                (fields.unit_price, price),
            ];
            filled(fields.new_record(), &pairs)
        });
        let mut order =
            filled(words.order.new_record(), &[(words.order.id, id), (words.order.currency, "EUR")]);
        order.set(words.order.lines, Value::List(lines.collect()));
        let buyer = filled(words.buyer.new_record(), &[(words.buyer.log_on, "zoe.kowalska")]);
        order.set(words.order.buyer, Value::Record(Box::new(buyer)));
        order
    }

    pub(super) fn transfer(&mut self, order: Record<'static>) -> Answer {
        let fields = &self.words.transfer_request;
        let mut request = filled(fields.new_record(), &[(fields.store, "11651")]);
        request.set(fields.order, Value::Record(Box::new(order)));
        self.dom.answer("transfer", &request, testing::now())
    }

    pub(super) fn promisable(&self, item: &str, node: &str) -> Decimal {
        self.dom.promisable(item, node, testing::now())
    }
}

/// The record with these texts set; empty ones are left out.
pub(super) fn filled(mut record: Record<'static>, pairs: &[(FieldId, &str)]) -> Record<'static> {
    for (field, text) in pairs {
        record.set_text(*field, (*text).to_owned());
    }
    record
}

/// These fields of a record, `-` for what it does not say.
pub(super) fn texts<'r>(record: &'r Record<'_>, fields: &[FieldId]) -> Vec<&'r str> {
    fields.iter().map(|field| record.text(*field).unwrap_or("-")).collect()
}
