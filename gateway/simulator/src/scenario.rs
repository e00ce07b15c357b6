//! The world a simulation starts from: stores, items, stock, a buyer, and habits where real systems differ.
//!
//! All words are the store's (store ids, C62, names of places); the dialects' templates translate.

mod demo;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

/// The world at the start.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The stores whose orders the DOM takes.
    pub stores: Vec<StoreProfile>,
    /// Everything that can be sold, kits and their parts included.
    pub items: Vec<Item>,
    /// Stock on hand and expected.
    pub supplies: Vec<Supply>,
    /// Who buys in the store.
    pub buyer: Buyer,
    /// Who may log in at the DOM; empty = anybody.
    pub logins: Vec<Login>,
    /// The zone in which "today" is reckoned.
    pub zone: TimeZone,
    /// What the DOM does where real ones differ.
    pub habits: Habits,
}

/// One store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreProfile {
    /// Its id, as in the context and `StoreIdentifier/UniqueID`.
    pub id: String,
    /// Its name, as in `NameIdentifier`.
    pub name: String,
    /// The owner of its name.
    pub owner: String,
    /// Context langId.
    pub language: String,
    /// Currency of all its prices, ISO 4217.
    pub currency: String,
    /// Context catalogId.
    pub catalog: String,
    /// The online distribution group: nodes the online store sells from, the preferred one first.
    pub nodes: Vec<String>,
    /// Physical stores where orders are collected.
    pub locations: Vec<Location>,
}

/// A physical store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The store's internal id of it.
    pub id: String,
    /// Its external identifier; also the node's name.
    pub name: String,
}

/// Something that can be sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Part number.
    pub number: String,
    /// The store's internal item id.
    pub id: String,
    /// Text for the shopper.
    pub description: String,
    /// Unit of measure, UN/ECE rec 20.
    pub unit: String,
    /// Price of one unit without tax.
    pub price: Decimal,
    /// What a kit is made of; empty for everything else.
    pub parts: Vec<Part>,
}

/// One part of a kit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The store's component id.
    pub id: String,
    /// Part number.
    pub item: String,
    /// Quantity per piece of the kit.
    pub quantity: Decimal,
}

/// Stock of one item at one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// Part number.
    pub item: String,
    /// Unit of measure.
    pub unit: String,
    /// Where it is.
    pub node: String,
    /// What is there now.
    pub on_hand: Decimal,
    /// What will come, and when.
    pub future: Vec<(Date, Decimal)>,
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// The store's internal id.
    pub id: String,
    /// Log-on id.
    pub log_on: String,
    /// Where it is sent, and who pays.
    pub address: Address,
}

/// A person's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Internal id.
    pub id: String,
    /// Its name in the address book.
    pub nick_name: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// First address line.
    pub line1: String,
    /// Second address line.
    pub line2: String,
    /// City.
    pub city: String,
    /// State or province.
    pub state: String,
    /// Country code.
    pub country: String,
    /// Postal code.
    pub postal_code: String,
    /// Telephone.
    pub phone: String,
    /// Mail address.
    pub email: String,
}

/// Who may log in at the DOM.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// User id.
    pub user: String,
    /// Password.
    pub password: String,
}

/// What the DOM does where real ones differ or nothing is documented (contract sterling section 18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits {
    /// An item nobody knows.
    pub unknown_item: UnknownItem,
    /// A second reservation under the same id.
    pub repeated_reservation: RepeatedReservation,
    /// Giving back what is not reserved.
    pub missing_reservation: MissingReservation,
    /// A second order of the same number.
    pub repeated_order: RepeatedOrder,
    /// Whether a created order is told to the store (createOrder success event).
    pub announces_orders: bool,
    /// Days between the day something is available and the day it ships.
    pub handling_days: i32,
}

/// What becomes of a question for an item nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownItem {
    /// `Errors`; with a multiApi the whole call.
    Refused,
    /// An item without any supply.
    WithoutSupply,
}

/// What a second reservation under the same id does to the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatedReservation {
    /// Both are held (`AllowMultipleReservations="Y"`).
    Added,
    /// The first is given back.
    Replaced,
}

/// What becomes of giving back what is not reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingReservation {
    /// Nothing; the call succeeds.
    Ignored,
    /// `Errors`, and the whole multiApi is rolled back.
    Refused,
}

/// What becomes of a second order of the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatedOrder {
    /// `Errors`: a number is unique within its enterprise.
    Refused,
    /// Both are kept, as by a DOM that hands orders on before it looks: nothing but its caller prevents doubles.
    Accepted,
}

// === impl Scenario ===

impl Scenario {
    /// The item of this part number or internal id.
    #[must_use]
    pub fn item(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.number == name || item.id == name)
    }

    /// The store of this id.
    #[must_use]
    pub fn store(&self, id: &str) -> Option<&StoreProfile> {
        self.stores.iter().find(|store| store.id == id)
    }
}

// === impl Login ===

impl std::fmt::Debug for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

// === impl Habits ===

impl Default for Habits {
    fn default() -> Self {
        Self {
            unknown_item: UnknownItem::Refused,
            repeated_reservation: RepeatedReservation::Added,
            missing_reservation: MissingReservation::Ignored,
            repeated_order: RepeatedOrder::Refused,
            announces_orders: true,
            handling_days: 1,
        }
    }
}
