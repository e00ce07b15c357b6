//! `createOrder`: an order comes into being, once per enterprise and number (contract sterling section 7).

use gateway_model::{Record, Value};
use jiff::Timestamp;

use super::order::{Demand, Line, Order, store_id};
use super::status::Stage;
use super::stock::Owner;
use super::{Answer, Dom, Refused};
use crate::scenario::RepeatedOrder;
use crate::text;
use crate::words::RecordWords;

impl Dom {
    pub(super) fn transfer(&mut self, request: &Record<'_>, now: Timestamp) -> Answer {
        let words = self.words.clone();
        let order = request.record(words.transfer_request.order).ok_or(Refused::BadInput)?;
        let named = order.record(words.order.store).and_then(|store| store.text(words.store.id));
        let store = self.known_store(request.text(words.transfer_request.store).or(named))?.id.clone();
        let number = self.number_of(order)?;
        let refuses = self.scenario.habits.repeated_order == RepeatedOrder::Refused;
        if refuses && self.places_of(&number).any(|known| known.store == store && known.number == number) {
            return Err(Refused::DuplicateOrder { number });
        }
        let demands = self.demands_of(order)?;
        let key = self.next_key(now);
        let lines = demands.into_iter().map(|demands| Line {
            key: self.next_key(now),
            stage: Stage::Created,
            demands,
            node: None,
            shipped: None,
        });
        let lines = lines.collect();
        let mut record = order.clone().into_owned();
        let mut seller =
            record.record(words.order.store).cloned().unwrap_or_else(|| words.store.new_record());
        seller.set_text(words.store.id, store.clone());
        record.set(words.order.store, Value::Record(Box::new(seller)));
        if record.text(words.order.placed_at).is_none() {
            record.set_text(words.order.placed_at, text::instant(now));
        }
        self.add_order(Order { key, number, store, record, lines, modified: now });
        self.consume_reservations(self.orders.len() - 1);
        if self.scenario.habits.announces_orders {
            self.tell_created(self.orders.len() - 1);
        }
        Ok(self.transferred())
    }

    fn number_of(&self, order: &Record<'_>) -> Result<String, Refused> {
        let number = order.text(self.words.order.number).map(str::to_owned);
        let number = number.or_else(|| Some(format!("WC_{}", order.text(self.words.order.id)?)));
        number.ok_or(Refused::MissingValue { name: "OrderNo" })
    }

    /// What each line needs of the stock, kits taken apart. Nothing is changed.
    fn demands_of(&self, order: &Record<'_>) -> Result<Vec<Vec<Demand>>, Refused> {
        order.list(self.words.order.lines).iter().map(|line| self.demands_of_line(line)).collect()
    }

    fn demands_of_line(&self, line: &Record<'_>) -> Result<Vec<Demand>, Refused> {
        let quantity = self.line_quantity(line)?;
        let Some(item) = self.line_item(line)? else { return Ok(Vec::new()) };
        let demand = |item: &str, unit: &str, quantity, part| Demand {
            item: item.to_owned(),
            unit: unit.to_owned(),
            quantity,
            part,
        };
        if item.parts.is_empty() {
            return Ok(vec![demand(&item.number, &item.unit, quantity, false)]);
        }
        let parts = item.parts.iter();
        Ok(parts.map(|part| demand(&part.item, &item.unit, part.quantity * quantity, true)).collect())
    }

    /// What was reserved for the order's lines becomes theirs; what is still missing is taken from the stock there is.
    fn consume_reservations(&mut self, place: usize) {
        let Some(order) = self.orders.get(place) else { return };
        let (fields, store) = (&self.words.order_line, order.store.clone());
        let default_id = store_id(&order.number).to_owned();
        let mut takes = Vec::new();
        for (index, line) in order.record.list(self.words.order.lines).iter().enumerate() {
            for reservation in line.list(fields.reservations) {
                let id = reservation.text(self.words.reservation.id).unwrap_or(&default_id).to_owned();
                let item = reservation.text(self.words.reservation.item).or(line.text(fields.item));
                let quantity = text::positive(reservation, self.words.reservation.quantity);
                takes.extend(
                    item.zip(quantity).map(|(item, quantity)| (index, id, item.to_owned(), quantity)),
                );
            }
        }
        let mut is_held = true;
        for (line, id, item, quantity) in takes {
            let from = Owner::Reservation { store: store.clone(), id };
            if let Some(to) = self.owner_of(place, line) {
                is_held &= self.stock.hand_over(&from, &to, &item, quantity) == quantity;
            }
        }
        self.unheld += u64::from(!is_held);
        let lines = self.orders.get(place).map_or(0, |order| order.lines.len());
        for line in 0..lines {
            // What is not there is found out, and told, when the order moves on.
            self.allocate(place, line);
        }
    }

    /// Where a line may be taken from: the place it is collected at, else the store's distribution group.
    pub(super) fn nodes_for(&self, order: &Order, line: usize) -> Vec<String> {
        let fields = &self.words.order_line;
        let line = order.record.list(self.words.order.lines).get(line);
        match line.and_then(|line| line.text(fields.pickup)) {
            Some(node) => vec![node.to_owned()],
            None => self.scenario.store(&order.store).map(|store| store.nodes.clone()).unwrap_or_default(),
        }
    }

    /// The keys of the newest order.
    fn transferred(&self) -> Record<'static> {
        let words = &self.words;
        let mut answer = words.transfer_answer.new_record();
        if let Some(order) = self.orders.last() {
            let mut record = words.order.new_record();
            order.describe(words, &mut record);
            for field in [words.order.store, words.order.buyer] {
                record.set(field, order.record.get(field).clone());
            }
            answer.set(words.transfer_answer.order, Value::Record(Box::new(record)));
        }
        answer
    }
}
