//! How much of each asked item is where: `monitorItemAvailability` for the online store, `findInventory` for nodes.
//!
//! Contract sterling section 4: an online line is answered with what the distribution group has, a physical line with
//! what its node would assign, the rest of the huge quantity asked standing without a node.

use gateway_model::Record;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::supply::{self, Timeline};
use super::{Answer, Dom, Refused};
use crate::text;
use crate::words::RecordWords;

/// The quantity `findInventory` is asked for to learn of everything (contract sterling section 3).
const EVERYTHING: i64 = 999_999_999;

/// The first future date of what never comes (contract sterling section 3).
const NEVER: &str = "2500-01-01";

impl Dom {
    pub(super) fn availability(&self, request: &Record<'_>, now: Timestamp) -> Answer {
        let words = &self.words;
        let store = self.known_store(request.text(words.availability_request.store))?;
        let mut answer = words.availability_answer.new_record();
        for line in request.list(words.availability_request.lines) {
            let online = line.text(words.availability.location_kind) != Some("physical");
            let node = line.text(words.availability.location).or(line.text(words.availability.location_id));
            let nodes = match node {
                Some(node) if !online => vec![node.to_owned()],
                _ => store.nodes.clone(),
            };
            // Only findInventory knows lines by an id; what is asked call by call is answered call by call.
            let is_by_line = !online && line.text(words.availability.line).is_some();
            let list = if is_by_line {
                words.availability_answer.physical_supplies
            } else {
                words.availability_answer.online_supplies
            };
            let supply = self.supply_of(line, &nodes, online, now)?;
            if let Some(supplies) = answer.list_mut(list) {
                supplies.push(supply);
            }
        }
        Ok(answer)
    }

    /// The asked line with what is known of it.
    fn supply_of(
        &self,
        line: &Record<'_>,
        nodes: &[String],
        online: bool,
        now: Timestamp,
    ) -> Result<Record<'static>, Refused> {
        let fields = &self.words.availability;
        let name = line.text(fields.item).or(line.text(fields.item_id));
        let item = self.asked_item(name, line.text(fields.unit))?;
        let timeline = item.map(|item| supply::timeline(&self.stock, item, nodes)).unwrap_or_default();
        let mut supply = line.clone().into_owned();
        self.set_figures(&mut supply, &timeline, now);
        supply.set_text(fields.default_group, if online { "true" } else { "false" });
        if !online {
            let node = nodes.first().map(String::as_str).unwrap_or_default();
            self.set_assignments(&mut supply, &timeline, node, now);
        }
        Ok(supply)
    }

    /// What is there and what comes next, as alerts tell it.
    pub(super) fn set_figures(&self, supply: &mut Record<'static>, timeline: &Timeline, now: Timestamp) {
        let fields = &self.words.availability;
        let today = self.today(now);
        let on_hand = supply::on_hand(timeline, today);
        let future = supply::future(timeline, today);
        supply.set_text(fields.on_hand, text::quantity(on_hand));
        supply.set_text(fields.on_hand_date, text::date(today));
        supply.set_text(
            fields.future_date,
            future.map_or_else(|| NEVER.to_owned(), |(date, _)| text::date(date)),
        );
        let coming = future.map_or(Decimal::ZERO, |(_, quantity)| quantity);
        supply.set_text(fields.future_quantity, text::quantity(coming));
        supply.set_text(fields.alert_type, "REALTIME_ONHAND");
        let level = match (on_hand > Decimal::ZERO, future) {
            (true, _) => "1",
            (false, Some(_)) => "2",
            (false, None) => "3",
        };
        supply.set_text(fields.alert_level, level);
        supply.set_text(fields.updated_at, text::instant(now));
    }

    fn set_assignments(&self, supply: &mut Record<'static>, timeline: &Timeline, node: &str, now: Timestamp) {
        let fields = &self.words.assignment;
        let today = self.today(now);
        let wanted = text::positive(supply, self.words.availability.quantity);
        let wanted = wanted.unwrap_or_else(|| Decimal::from(EVERYTHING));
        let taken = supply::first(timeline, wanted);
        let missing = wanted - supply::total(&taken);
        let mut assignments = Vec::new();
        for (source, quantity) in &taken {
            let day = source.day(today);
            let mut assignment = fields.new_record();
            assignment.set_text(fields.quantity, text::quantity(*quantity));
            assignment.set_text(fields.available_on, text::date(day));
            assignment.set_text(fields.ship_on, text::date(self.ship_day(day, None)));
            assignment.set_text(fields.node, node.to_owned());
            assignments.push(assignment);
        }
        if missing > Decimal::ZERO {
            let mut rest = fields.new_record();
            rest.set_text(fields.quantity, text::quantity(missing));
            rest.set_text(fields.reason, "NOT_ENOUGH_PRODUCT_CHOICES");
            assignments.push(rest);
        }
        supply.set_text(self.words.availability.quantity, text::quantity(wanted));
        if let Some(list) = supply.list_mut(self.words.availability.assignments) {
            *list = assignments;
        }
    }
}
