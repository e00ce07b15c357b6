//! `cancelReservation` in a multiApi: held stock is given back, all of it or nothing (contract sterling section 6).

use gateway_model::{Record, Value};
use rust_decimal::Decimal;

use super::stock::{Hold, Owner};
use super::{Answer, Dom, Refused};
use crate::scenario::MissingReservation;
use crate::text;
use crate::words::RecordWords;

impl Dom {
    pub(super) fn cancel(&mut self, request: &Record<'_>) -> Answer {
        let words = self.words.clone();
        let store = self.known_store(request.text(words.requirement_request.store))?.id.clone();
        let order = request.record(words.requirement_request.order);
        let order_id = order.and_then(|order| order.text(words.order.id));
        let asked = request.list(words.requirement_request.cancellations);
        let id_of =
            |line: &Record<'_>| line.text(words.order_line.reservation_id).or(order_id).map(str::to_owned);
        // One transaction: a refused line leaves everything as it was.
        let before: Vec<_> = asked.iter().filter_map(id_of).map(|id| self.held_for(&store, id)).collect();
        let mut lines = Vec::new();
        for line in asked {
            let id = line.text(words.order_line.reservation_id).or(order_id);
            match self.cancel_line(line, &store, id) {
                Ok(line) => lines.push(line),
                Err(refused) => {
                    for (owner, holds) in before {
                        self.stock.restore(&owner, holds);
                    }
                    return Err(refused);
                }
            }
        }
        let mut answer = words.requirement_answer.new_record();
        if let Some(order) = order {
            let mut answered = words.order.new_record();
            answered.set_text(words.order.id, order.text(words.order.id).unwrap_or_default().to_owned());
            answer.set(words.requirement_answer.order, Value::Record(Box::new(answered)));
        }
        answer.set(words.requirement_answer.cancellations, Value::List(lines));
        Ok(answer)
    }

    /// A reservation and what it holds.
    fn held_for(&self, store: &str, id: String) -> (Owner, Vec<Hold>) {
        let owner = Owner::Reservation { store: store.to_owned(), id };
        let holds = self.stock.held_by(&owner).cloned().collect();
        (owner, holds)
    }

    /// Gives back what one line names: first what is held at its node for its day, then whatever is held of the item
    /// under the id (a part of a kit is named with the node and day of the kit).
    fn cancel_line(&mut self, line: &Record<'_>, store: &str, id: Option<&str>) -> Answer {
        let fields = self.words.order_line;
        let id = id.ok_or(Refused::MissingValue { name: "ReservationID" })?.to_owned();
        let item = self.line_item(line)?.map(|item| item.number.clone()).unwrap_or_default();
        let quantity = self.line_quantity(line)?;
        let node = line.text(fields.center).map(str::to_owned);
        let day = text::day(line, fields.expected_ship_date);
        let owner = Owner::Reservation { store: store.to_owned(), id: id.clone() };
        let given_back = self.stock.release(&owner, &item, quantity, |hold| {
            let elsewhere = node.as_ref().is_some_and(|node| *node != hold.piece.place.node);
            let other_day = day.is_some() && day != hold.ship_on;
            (elsewhere, other_day)
        });
        let refuses = self.scenario.habits.missing_reservation == MissingReservation::Refused;
        if refuses && given_back < quantity {
            return Err(Refused::UnknownReservation { id, item });
        }
        let mut line = line.clone().into_owned();
        line.set_text(fields.reservation_id, id);
        line.set_text(fields.quantity, text::quantity(given_back.max(Decimal::ZERO)));
        Ok(line)
    }
}
