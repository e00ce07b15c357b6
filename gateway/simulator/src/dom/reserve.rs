//! `reserveAvailableInventory`: stock is held for an order's lines under one id (contract sterling section 5).
//!
//! A line is split over nodes and over what is there and what will come. Without partial reservation a line that
//! cannot be held whole is not held at all; the other lines are. A kit is held as its parts, and as many kits as its
//! scarcest part allows.

use gateway_model::{Record, Value};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::stock::{Owner, Piece, Source};
use super::supply;
use super::{Answer, Dom, Refused};
use crate::scenario::{Item, Part, RepeatedReservation};
use crate::text;
use crate::words::RecordWords;

/// Time after which a reservation is said to end. It does not end by itself: the classic API gives no stock back
/// unasked.
const EXPIRY: SignedDuration = SignedDuration::from_hours(24);

/// A line with its place in the request.
type Placed<'r> = (usize, &'r Record<'r>);

/// One line to be held, with the lines of its parts.
struct Wish<'r> {
    line: Placed<'r>,
    parts: Vec<Placed<'r>>,
    /// What to hold, made of the parts the request names; `None` for an item nobody knows.
    item: Option<Item>,
    quantity: Decimal,
    /// Where it may come from.
    nodes: Vec<String>,
    /// When it is wanted.
    wanted_on: Option<Date>,
}

/// A quantity held, from where and when.
struct Grant {
    node: String,
    source: Source,
    quantity: Decimal,
}

/// What all lines of one reservation have in common.
struct Frame {
    owner: Owner,
    id: String,
    partial: bool,
    now: Timestamp,
    today: Date,
}

impl Dom {
    pub(super) fn reserve(&mut self, request: &Record<'_>, now: Timestamp) -> Answer {
        let words = self.words.clone();
        let store = self.known_store(request.text(words.requirement_request.store))?.clone();
        let order = request.record(words.requirement_request.order);
        let id = order.and_then(|order| order.text(words.order.id));
        let id = id.ok_or(Refused::MissingValue { name: "ReservationID" })?.to_owned();
        let partial = order.and_then(|order| order.text(words.order.allow_partial)) == Some("Y");
        let owner = Owner::Reservation { store: store.id, id: id.clone() };
        let wishes = self.wishes(request.list(words.requirement_request.promises), &store.nodes)?;
        if self.scenario.habits.repeated_reservation == RepeatedReservation::Replaced {
            self.stock.release_all(&owner);
        }
        let frame = Frame { owner, id, partial, now, today: self.today(now) };
        let mut lines = Vec::new();
        for wish in &wishes {
            self.fulfil(wish, &frame, &mut lines);
        }
        lines.sort_by_key(|(place, _)| *place);
        let mut answered = words.order.new_record();
        answered.set_text(words.order.id, frame.id);
        let mut answer = words.requirement_answer.new_record();
        answer.set(words.requirement_answer.order, Value::Record(Box::new(answered)));
        let lines = lines.into_iter().map(|(_, line)| line).collect();
        answer.set(words.requirement_answer.promises, Value::List(lines));
        Ok(answer)
    }

    /// All lines that are not parts, checked before anything is held.
    fn wishes<'r>(&self, promises: &'r [Record<'r>], group: &[String]) -> Result<Vec<Wish<'r>>, Refused> {
        let fields = &self.words.order_line;
        let lines = promises.iter().enumerate().filter(|(_, line)| line.text(fields.parent).is_none());
        lines.map(|line| self.wish(line, promises, group)).collect()
    }

    fn wish<'r>(
        &self,
        (place, line): Placed<'r>,
        promises: &'r [Record<'r>],
        group: &[String],
    ) -> Result<Wish<'r>, Refused> {
        let fields = &self.words.order_line;
        let id = line.text(fields.id);
        let is_part = |part: &Record<'_>| id.is_some() && part.text(fields.parent) == id;
        let parts: Vec<_> = promises.iter().enumerate().filter(|(_, part)| is_part(part)).collect();
        let item = self.line_item(line)?.map(|item| self.made_of(item, &parts)).transpose()?;
        let node = line.text(fields.pickup).or(line.text(fields.center));
        Ok(Wish {
            line: (place, line),
            parts,
            item,
            quantity: self.line_quantity(line)?,
            nodes: node.map_or_else(|| group.to_vec(), |node| vec![node.to_owned()]),
            wanted_on: text::day(line, fields.requested_ship_date),
        })
    }

    /// The item made of the parts the request names; of its own parts if it names none.
    fn made_of(&self, item: &Item, named: &[Placed<'_>]) -> Result<Item, Refused> {
        if named.is_empty() {
            return Ok(item.clone());
        }
        let fields = &self.words.order_line;
        let mut parts = Vec::new();
        for (_, line) in named {
            let quantity =
                text::positive(line, fields.kit_quantity).or(text::positive(line, fields.quantity));
            let known = self.line_item(line)?.map(|item| item.number.clone());
            parts.push(Part {
                id: line.text(fields.component_id).unwrap_or_default().to_owned(),
                item: known.or_else(|| line.text(fields.item).map(str::to_owned)).unwrap_or_default(),
                quantity: quantity.unwrap_or(Decimal::ONE),
            });
        }
        Ok(Item { parts, ..item.clone() })
    }

    /// Holds what a wish can have and adds its lines, each with its place.
    fn fulfil(&mut self, wish: &Wish<'_>, frame: &Frame, lines: &mut Vec<(usize, Record<'static>)>) {
        let (place, line) = wish.line;
        let Some(item) = &wish.item else {
            lines.push((place, self.promised(line, wish, wish.quantity, (&[], frame))));
            return;
        };
        let mut timeline = supply::first(&supply::timeline(&self.stock, item, &wish.nodes), wish.quantity);
        if !frame.partial && supply::total(&timeline) < wish.quantity {
            timeline.clear();
        }
        let quantity = supply::total(&timeline);
        if item.parts.is_empty() {
            let grants = self.grant(&item.number, (&item.unit, quantity), wish, frame);
            lines.push((place, self.promised(line, wish, wish.quantity, (&grants, frame))));
            return;
        }
        let mut node = None;
        for (index, part) in item.parts.iter().enumerate() {
            let grants = self.grant(&part.item, (&item.unit, part.quantity * quantity), wish, frame);
            node = node.or_else(|| grants.first().map(|grant| grant.node.clone()));
            if let Some((place, line)) = wish.parts.get(index) {
                let wanted = part.quantity * wish.quantity;
                lines.push((*place, self.promised(line, wish, wanted, (&grants, frame))));
            }
        }
        // The kit itself is held nowhere: it is said to be where its first part is.
        let node = node.unwrap_or_default();
        let grants: Vec<_> = timeline
            .into_iter()
            .map(|(source, quantity)| Grant { node: node.clone(), source, quantity })
            .collect();
        lines.push((place, self.promised(line, wish, wish.quantity, (&grants, frame))));
    }

    /// Holds a quantity of an item wherever it is.
    fn grant(
        &mut self,
        item: &str,
        (unit, quantity): (&str, Decimal),
        wish: &Wish<'_>,
        frame: &Frame,
    ) -> Vec<Grant> {
        let pieces = self.stock.plan(item, unit, &wish.nodes, quantity);
        for piece in &pieces {
            let ship_on = self.ship_day(piece.source.day(frame.today), wish.wanted_on);
            self.stock.hold(&frame.owner, piece, Some(ship_on));
        }
        let grant =
            |piece: Piece| Grant { node: piece.place.node, source: piece.source, quantity: piece.quantity };
        pieces.into_iter().map(grant).collect()
    }

    /// A line as it was asked, with what is held for it.
    fn promised(
        &self,
        line: &Record<'_>,
        wish: &Wish<'_>,
        wanted: Decimal,
        (grants, frame): (&[Grant], &Frame),
    ) -> Record<'static> {
        let fields = &self.words.order_line;
        let mut line = line.clone().into_owned();
        let reserved: Decimal = grants.iter().map(|grant| grant.quantity).sum();
        line.set_text(fields.quantity, text::quantity(wanted));
        line.set_text(fields.quantity_to_reserve, text::quantity(wanted));
        line.set_text(fields.quantity_reserved, text::quantity(reserved));
        let reservations = grants.iter().map(|grant| self.reservation(&line, grant, wish, frame)).collect();
        line.set(fields.reservations, Value::List(reservations));
        line
    }

    fn reservation(
        &self,
        line: &Record<'_>,
        grant: &Grant,
        wish: &Wish<'_>,
        frame: &Frame,
    ) -> Record<'static> {
        let fields = &self.words.reservation;
        let available = grant.source.day(frame.today);
        let mut reservation = fields.new_record();
        reservation.set_text(fields.id, frame.id.clone());
        let item = line.text(self.words.order_line.item).unwrap_or_default();
        reservation.set_text(fields.item, item.to_owned());
        reservation.set_text(fields.quantity, text::quantity(grant.quantity));
        let unit = line.text(self.words.order_line.unit).unwrap_or_default();
        reservation.set_text(fields.unit, unit.to_owned());
        reservation.set_text(fields.center, grant.node.clone());
        reservation.set_text(fields.available_on, text::date(available));
        reservation.set_text(fields.ship_on, text::date(self.ship_day(available, wish.wanted_on)));
        if let Ok(expires) = frame.now.checked_add(EXPIRY) {
            reservation.set_text(fields.expires_at, text::instant(expires));
        }
        reservation
    }
}
