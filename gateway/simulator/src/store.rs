//! A simulated store: what it asks a DOM for, what it takes from one, and what it believes afterwards.
//!
//! A [`Store`] makes the record of each outbound message and takes the record of its answer; inbound messages come as
//! records and are confirmed with one. When a call may go out, and whether it goes out again, is the
//! [`connector`](Connector)'s. No socket, no clock: both are around it.

mod cart;
mod connector;
mod inbound;
mod outbound;
#[cfg(test)]
mod tests;

pub use cart::CartLine;
pub(crate) use outbound::message_type;

pub use connector::{Attempt, Connector, ConnectorHabits, HeldOff, MessageType, Next};

use std::collections::BTreeMap;
use std::fmt;

use gateway_model::{FieldId, FieldKind, Record, RecordTypeId, Vocabulary};
use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::scenario::{Scenario, StoreProfile};
use crate::text;
use crate::words::{MissingWords, RecordWords, Words};

/// The state of a simulated store.
#[derive(Debug)]
pub struct Store {
    words: Words,
    scenario: Scenario,
    profile: StoreProfile,
    orders: BTreeMap<String, StoreOrder>,
    /// Orders opened so far, those forgotten included.
    opened: u64,
    stock: BTreeMap<(String, Place), StockTold>,
    serial: u64,
    items: u64,
    /// What every new order says in fields that the simulator itself does not know.
    additions: Vec<Addition>,
}

/// A text that every new order, or every line of it, has in a field.
#[derive(Debug, Clone)]
struct Addition {
    record: RecordTypeId,
    field: FieldId,
    text: String,
}

/// Where stock is, as the store sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the online store.
    Online,
    /// In a physical store, by its external identifier.
    Physical(String),
}

/// What the store was last told of an item at a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StockTold {
    /// Available, Backorderable, Unavailable.
    pub status: String,
    /// Quantity, as written.
    pub quantity: Option<String>,
    /// When it becomes available, as written.
    pub available_at: Option<String>,
    /// When the figure was made, as written.
    pub updated_at: Option<String>,
    /// How often the store was told of it.
    pub times: u32,
}

/// An order as the store keeps it.
#[derive(Debug, Clone)]
pub struct StoreOrder {
    /// The order itself.
    pub record: Record<'static>,
    /// Status letter (contract store section 8.1).
    pub status: String,
    /// The DOM's key or number, once it is known.
    pub external_id: Option<String>,
    /// Status letters of its items, by item id.
    pub items: BTreeMap<String, String>,
    /// How often each item was told to be at status D; each time the payment would be deposited.
    pub deposits: BTreeMap<String, u32>,
    /// How many messages about it were taken.
    pub taken: u32,
    /// How many messages about it were refused.
    pub refused: u32,
    /// How often a message took its status back, which none should.
    pub went_back: u32,
    /// Since when it waits for the DOM's acknowledgement (status F).
    pub pending_since: Option<Timestamp>,
    /// The highest sequence number told.
    sequence: Option<Decimal>,
    /// The latest update told, in milliseconds since 1970.
    updated_ms: Option<i64>,
}

impl Store {
    /// The id of the first order it opens; each further one has the next.
    pub const FIRST_ORDER: u64 = cart::FIRST_ORDER;

    /// A store at the start of a scenario.
    ///
    /// # Errors
    /// The vocabulary lacks fields the simulator works with.
    pub fn new(
        vocabulary: &Vocabulary,
        scenario: Scenario,
        profile: StoreProfile,
    ) -> Result<Self, MissingWords> {
        Ok(Self {
            words: Words::bind(vocabulary)?,
            scenario,
            profile,
            orders: BTreeMap::new(),
            opened: 0,
            stock: BTreeMap::new(),
            serial: 0,
            items: 0,
            additions: Vec::new(),
        })
    }

    /// From now on every new order says this in a field of `order`, or each of its lines in one of `order_line`: how a
    /// field that was only just added to the vocabulary is seen on its way. `path` is `order.gift_message`.
    ///
    /// # Errors
    /// What is wrong with the path.
    pub fn add_to_orders(&mut self, vocabulary: &Vocabulary, path: &str, text: &str) -> Result<(), String> {
        let unknown = || {
            format!("`{path}` is no field of `order` or `order_line`, expected one such as `order.comments`")
        };
        let (record, field) = path.split_once('.').ok_or_else(unknown)?;
        if !["order", "order_line"].contains(&record) {
            return Err(unknown());
        }
        let (record, field) = vocabulary.field_named(record, field).ok_or_else(unknown)?;
        let kind =
            vocabulary.record_type(record).and_then(|found| found.field(field)).map(|field| field.kind);
        match kind {
            Some(FieldKind::Scalar(_)) => {
                self.additions.push(Addition { record, field, text: text.to_owned() });
                Ok(())
            }
            _ => Err(format!("`{path}` holds records, expected a field that holds one value")),
        }
    }

    /// Writes what every new order says into a record, if it is of that type.
    fn add_to(&self, record: &mut Record<'static>) {
        let kind = record.kind;
        for addition in self.additions.iter().filter(|addition| addition.record == kind) {
            record.set_text(addition.field, addition.text.clone());
        }
    }

    /// An order, by the store's id.
    #[must_use]
    pub fn order(&self, id: &str) -> Option<&StoreOrder> {
        self.orders.get(id)
    }

    /// Forgets an order: whoever opens a million of them need not keep them all.
    pub fn forget(&mut self, id: &str) -> Option<StoreOrder> {
        self.orders.remove(id)
    }

    /// All orders, by id.
    pub fn orders(&self) -> impl Iterator<Item = (&str, &StoreOrder)> {
        self.orders.iter().map(|(id, order)| (id.as_str(), order))
    }

    /// What the store was last told of an item at a place.
    #[must_use]
    pub fn stock(&self, item: &str, place: &Place) -> Option<&StockTold> {
        self.stock.get(&(item.to_owned(), place.clone()))
    }

    /// Everything the store was told of stock, by item and place.
    pub fn stocks(&self) -> impl Iterator<Item = (&str, &Place, &StockTold)> {
        self.stock.iter().map(|((item, place), told)| (item.as_str(), place, told))
    }

    /// The words of its vocabulary.
    #[must_use]
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Which store it is.
    #[must_use]
    pub fn profile(&self) -> &StoreProfile {
        &self.profile
    }

    /// A document's own area: the store's context, the time, an identity never used before.
    fn area(&mut self, now: Timestamp) -> Record<'static> {
        self.serial += 1;
        let fields = &self.words.area;
        let mut area = fields.new_record();
        area.set_text(fields.sent_at, text::store_instant(now));
        let millis = now.as_millisecond();
        let identity = format!("{:08x}-{:04x}-4000-8000-{:012x}", self.serial, self.serial >> 32, millis);
        area.set_text(fields.message_id, identity);
        area.set_text(fields.store, self.profile.id.clone());
        area.set_text(fields.language, self.profile.language.clone());
        area.set_text(fields.catalog, self.profile.catalog.clone());
        area.set_text(fields.currency, self.profile.currency.clone());
        area
    }
}

// === impl Place ===

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Online => formatter.write_str("online"),
            Self::Physical(name) => formatter.write_str(name),
        }
    }
}

// === impl StoreOrder ===

impl StoreOrder {
    /// Whether it waits for the DOM's acknowledgement (status F): then the store's job sends it again.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.status == "F"
    }

    /// Gives it the status it was told, and counts if that leads back.
    fn set_status(&mut self, status: &str) {
        let rank =
            |status: &str| ["P", "M", "F", "G", "B", "R", "S"].iter().position(|known| *known == status);
        if rank(status).zip(rank(&self.status)).is_some_and(|(told, known)| told < known) {
            self.went_back += 1;
        }
        status.clone_into(&mut self.status);
    }

    /// An order nothing was heard of yet.
    #[must_use]
    fn new(record: Record<'static>, status: &str) -> Self {
        Self {
            record,
            status: status.to_owned(),
            external_id: None,
            items: BTreeMap::new(),
            deposits: BTreeMap::new(),
            taken: 0,
            refused: 0,
            went_back: 0,
            pending_since: None,
            sequence: None,
            updated_ms: None,
        }
    }
}
