//! A simulated DOM: stock, reservations, orders and what it tells of them, without a socket or a clock.
//!
//! A [`Dom`] is asked with the record an API's input was read into and gives the record its output is written from.
//! What it has to tell unasked waits in its outbox ([`Dom::take_events`]). Reading, writing and sending are left to
//! the server around it.

mod availability;
mod cancel;
mod event;
mod login;
mod order;
mod query;
mod refused;
mod reserve;
mod status;
mod stock;
mod supply;
#[cfg(test)]
mod tests;
mod transfer;

pub use event::{Event, EventKind};
pub use refused::Refused;
pub use status::Stage;

use std::collections::HashMap;

use gateway_model::{Record, Vocabulary};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::scenario::{Item, Scenario, StoreProfile, UnknownItem};
use crate::text;
use crate::words::{MissingWords, Words};
use order::Order;
use stock::{Place, Source, Stock};

/// The state of a simulated DOM.
#[derive(Debug)]
pub struct Dom {
    words: Words,
    scenario: Scenario,
    stock: Stock,
    orders: Vec<Order>,
    /// Places of the orders by their number, the store's id in it, and their key.
    places: HashMap<String, Vec<usize>>,
    tokens: Vec<(String, String)>,
    outbox: Vec<Event>,
    /// Orders that named a reservation under which less was held.
    unheld: u64,
    serial: u64,
}

/// An answer, or why there is none.
pub type Answer = Result<Record<'static>, Refused>;

impl Dom {
    /// A DOM at the start of a scenario.
    ///
    /// # Errors
    /// The vocabulary lacks fields the simulator works with.
    pub fn new(vocabulary: &Vocabulary, scenario: Scenario) -> Result<Self, MissingWords> {
        Ok(Self {
            words: Words::bind(vocabulary)?,
            stock: Stock::new(&scenario.supplies),
            scenario,
            orders: Vec::new(),
            places: HashMap::new(),
            tokens: Vec::new(),
            outbox: Vec::new(),
            unheld: 0,
            serial: 0,
        })
    }

    /// Carries an operation of the vocabulary out.
    ///
    /// # Errors
    /// What a DOM would answer with `Errors`; nothing was changed then.
    pub fn answer(&mut self, operation: &str, request: &Record<'_>, now: Timestamp) -> Answer {
        match operation {
            "availability" => self.availability(request, now),
            "reserve" => self.reserve(request, now),
            "cancel_reservation" => self.cancel(request),
            "transfer" => self.transfer(request, now),
            "history" => self.history(request),
            "details" => self.details(request),
            "login" => self.login(request),
            _ => Err(Refused::UnknownApi),
        }
    }

    /// The refusal as the DOM's templates write it.
    pub fn refusal(&mut self, refused: &Refused) -> Record<'static> {
        let id = self.next();
        refused.to_record(&self.words, &format!("10.0.0.1{id:020}"))
    }

    /// Sets what is there of an item at a node, and tells the stores of it.
    ///
    /// # Errors
    /// Nobody knows the item.
    pub fn set_stock(
        &mut self,
        item: &str,
        node: &str,
        on_hand: Decimal,
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.set_supply((item, node), Source::OnHand, on_hand, now)
    }

    /// Sets what will come of an item at a node on a day, and tells the stores of it.
    ///
    /// # Errors
    /// Nobody knows the item.
    pub fn set_future_stock(
        &mut self,
        item: &str,
        node: &str,
        (date, quantity): (Date, Decimal),
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.set_supply((item, node), Source::Future(date), quantity, now)
    }

    /// What waits to be told, oldest first; the outbox is empty afterwards.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.outbox)
    }

    /// The words of its vocabulary.
    #[must_use]
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The world it started from.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// What can be promised today of an item at a node, reservations taken off.
    #[must_use]
    pub fn promisable(&self, item: &str, node: &str, now: Timestamp) -> Decimal {
        let nodes = [node.to_owned()];
        self.scenario.item(item).map_or(Decimal::ZERO, |item| {
            supply::on_hand(&supply::timeline(&self.stock, item, &nodes), self.today(now))
        })
    }

    /// What is reserved under an id, over all items and nodes; orders already transferred are not counted.
    #[must_use]
    pub fn reserved(&self, store: &str, id: &str) -> Decimal {
        let owner = stock::Owner::Reservation { store: store.to_owned(), id: id.to_owned() };
        self.stock.held_by(&owner).map(|hold| hold.piece.quantity).sum()
    }

    /// How many orders named a reservation under which less was held than they say.
    #[must_use]
    pub const fn unheld(&self) -> u64 {
        self.unheld
    }

    /// The ids of all reservations under which something is held, of whichever store.
    pub fn reservations(&self) -> impl Iterator<Item = &str> {
        self.stock.owners().filter_map(|owner| match owner {
            stock::Owner::Reservation { id, .. } => Some(id.as_str()),
            stock::Owner::Order { .. } => None,
        })
    }

    fn set_supply(
        &mut self,
        (item, node): (&str, &str),
        source: Source,
        quantity: Decimal,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let item = self.known_item(item)?.clone();
        let place = Place { item: item.number.clone(), unit: item.unit.clone(), node: node.to_owned() };
        self.stock.set(place, source, quantity);
        self.tell_availability(&item, &[node.to_owned()], now);
        Ok(())
    }

    /// The day it is for the DOM.
    fn today(&self, now: Timestamp) -> Date {
        now.to_zoned(self.scenario.zone.clone()).date()
    }

    /// A number never used before; keys and ids are made of it.
    fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// A key as Sterling makes them: the instant and a running number, so that later keys sort higher.
    fn next_key(&mut self, now: Timestamp) -> String {
        format!("{}{:06}", now.strftime("%Y%m%d%H%M%S"), self.next())
    }

    fn known_store(&self, id: Option<&str>) -> Result<&StoreProfile, Refused> {
        id.and_then(|id| self.scenario.store(id)).ok_or(Refused::UnknownOrganization)
    }

    fn known_item(&self, name: &str) -> Result<&Item, Refused> {
        self.scenario.item(name).ok_or_else(|| Refused::UnknownItem { item: name.to_owned() })
    }

    /// The item a line names by number or id, in the unit it names; `None` where nobody knows it and the habit is to
    /// treat it as an item without supply.
    fn asked_item(&self, name: Option<&str>, unit: Option<&str>) -> Result<Option<&Item>, Refused> {
        let name = name.ok_or(Refused::MissingValue { name: "ItemID" })?;
        let item = match (self.scenario.item(name), self.scenario.habits.unknown_item) {
            (Some(item), _) => item,
            (None, UnknownItem::WithoutSupply) => return Ok(None),
            (None, UnknownItem::Refused) => return Err(Refused::UnknownItem { item: name.to_owned() }),
        };
        match unit {
            Some(unit) if unit != item.unit => {
                Err(Refused::UnknownUnit { item: name.to_owned(), unit: unit.to_owned() })
            }
            _ => Ok(Some(item)),
        }
    }

    /// The item an order line names.
    fn line_item(&self, line: &Record<'_>) -> Result<Option<&Item>, Refused> {
        let fields = &self.words.order_line;
        self.asked_item(line.text(fields.item).or(line.text(fields.item_id)), line.text(fields.unit))
    }

    /// The quantity of an order line.
    fn line_quantity(&self, line: &Record<'_>) -> Result<Decimal, Refused> {
        let fields = &self.words.order_line;
        let item = line.text(fields.item).or(line.text(fields.item_id)).unwrap_or_default();
        text::positive(line, fields.quantity).ok_or_else(|| Refused::BadQuantity { item: item.to_owned() })
    }

    /// The day something ships that is available on `day`: after the handling time, not before it is wanted.
    fn ship_day(&self, day: Date, wanted: Option<Date>) -> Date {
        let handling = jiff::Span::new().days(self.scenario.habits.handling_days);
        let ready = day.checked_add(handling).unwrap_or(day);
        wanted.map_or(ready, |wanted| wanted.max(ready))
    }
}
