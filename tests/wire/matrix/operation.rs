//! What a store asks: the tables of the matrix.

use gateway_simulator::dom::Dom;
use gateway_simulator::store::{Place, Store};
use rust_decimal::Decimal;

use crate::documents::{exchange, replaced};
use crate::gateway::{EVENTS, INVENTORY, ORDERS};

/// The store and the order that everything is about.
const STORE: &str = "11651";
const ORDER: &str = "845017";

/// The order a DOM pushes news of, and the item.
pub(crate) const TOLD_ORDER: &str = "730011";
const TOLD_ITEM: &str = "TENT-2P";

/// An operation.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// Where it is asked, if not as usual.
    pub(crate) setting: Setting,
    pub(crate) kind: Kind,
    /// The operation the DOM is asked for, or the store is told; empty if neither is.
    pub(crate) asked_for: &'static str,
    pub(crate) path: &'static str,
    /// What the store sends, or the DOM.
    pub(crate) document: String,
    /// The root of what is answered.
    pub(crate) root: &'static str,
    /// What the DOM was asked before: an API and its input.
    pub(crate) before: Option<(&'static str, String)>,
    /// What the DOM has when the operation was carried out once.
    pub(crate) done: State,
}

/// What is not as usual where an operation is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Usual,
    /// The gateway has an answer in its memory that is too old, but for when the DOM fails.
    Remembered,
    /// The DOM takes a second order of the same number, so that it is asked before each is sent.
    TakesTwice,
}

/// What it means that an answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The DOM is not asked.
    Local,
    /// Nothing changes at the DOM.
    Read,
    /// An order comes into being.
    Transfer,
    /// Stock is held for an order.
    Reserve,
    /// What is held is given back; done twice, it is done.
    Cancel,
    /// The store is told.
    Push,
}

/// What the other end has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// A DOM has so many orders of the number, and so much reserved for it, over all items.
    Dom { orders: usize, held: Decimal },
    /// A store was told this.
    Store(String),
}

// === impl Kind ===

impl Kind {
    /// What the DOM is asked for when nobody knows what became of a command, before anything is sent again.
    pub(crate) const fn asked_first(self) -> Option<&'static str> {
        match self {
            Self::Transfer => Some("details"),
            Self::Reserve => Some("cancel_reservation"),
            Self::Local | Self::Read | Self::Cancel | Self::Push => None,
        }
    }
}

// === impl State ===

impl State {
    const NOTHING: Self = Self::Dom { orders: 0, held: Decimal::ZERO };
    const ORDERED: Self = Self::Dom { orders: 1, held: Decimal::ZERO };
    /// Two lamps and three rugs; the kit is to be collected where there are not enough legs for it.
    const HELD: Self = Self::Dom { orders: 0, held: Decimal::from_parts(5, 0, 0, false, 0) };

    /// What a DOM has now.
    pub(crate) fn of(dom: &Dom) -> Self {
        Self::Dom { orders: dom.keys(ORDER).len(), held: dom.reserved(STORE, ORDER) }
    }

    /// What a store knows now of what it is told by this operation.
    pub(crate) fn told(store: &Store, operation: &str) -> Self {
        let order = store.order(TOLD_ORDER).unwrap();
        assert_eq!(order.went_back, 0, "no status goes back");
        Self::Store(match operation {
            "order_sync" => order.status.clone(),
            "order_created" => order.external_id.clone().unwrap_or_default(),
            _ => store.stock(TOLD_ITEM, &Place::Online).map(|told| told.status.clone()).unwrap_or_default(),
        })
    }
}

/// What stands in a document for when it was made, and when its order was placed.
pub(crate) const MADE: &str = "(made)";
pub(crate) const PLACED: &str = "(placed)";

/// A fixture's question, with its times left open.
fn timeless(operation: &str, case: &str) -> String {
    let mut document = exchange(operation, case, "store-request.xml");
    for (name, instead) in [("oa:CreationDateTime", MADE), ("_ord:PlacedDate", PLACED)] {
        let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
        if let Some((before, rest)) = document.split_once(&begin) {
            let (_, after) = rest.split_once(&end).unwrap();
            document = format!("{before}{begin}{instead}{end}{after}");
        }
    }
    document
}

/// An order of three items, one of them a kit, to be sent, with everything personal an order can have.
const CASE: &str = "ship-pickup-and-promotion";

fn created() -> Option<(&'static str, String)> {
    Some(("createOrder", exchange("transfer", CASE, "dom-request.xml")))
}

/// A question about stock or orders, asked of a DOM that has the order.
fn read(name: &'static str, (asked_for, path): (&'static str, &'static str), document: String) -> Operation {
    let root = match (name, path) {
        ("check", _) => "AcknowledgeInventoryRequirement",
        (_, INVENTORY) => "ShowInventoryAvailability",
        _ => "ShowOrder",
    };
    let (kind, before, done) = (Kind::Read, created(), State::ORDERED);
    let setting = Setting::Usual;
    Operation { name, setting, kind, asked_for, path, document, root, before, done }
}

pub(crate) fn availability() -> Operation {
    let document = timeless("availability", "items-online-and-physical");
    read("availability", ("availability", INVENTORY), document)
}

pub(crate) fn remembered() -> Operation {
    Operation { setting: Setting::Remembered, ..availability() }
}

pub(crate) fn check() -> Operation {
    read("check", ("availability", INVENTORY), timeless("check", "enough-later-and-never"))
}

pub(crate) fn history() -> Operation {
    read("history", ("history", ORDERS), timeless("history", "first-page-of-several"))
}

pub(crate) fn details() -> Operation {
    let document = replaced(&timeless("details", "by-order-id"), "730011", ORDER);
    read("details", ("details", ORDERS), document)
}

pub(crate) fn decrement() -> Operation {
    Operation {
        name: "decrement",
        setting: Setting::Usual,
        kind: Kind::Local,
        asked_for: "",
        path: INVENTORY,
        document: timeless("decrement", "acknowledged"),
        root: "AcknowledgeInventoryRequirement",
        before: None,
        done: State::NOTHING,
    }
}

pub(crate) fn transfer() -> Operation {
    Operation {
        name: "transfer",
        setting: Setting::Usual,
        kind: Kind::Transfer,
        asked_for: "transfer",
        path: ORDERS,
        document: timeless("transfer", CASE),
        root: "AcknowledgeOrder",
        before: None,
        done: State::ORDERED,
    }
}

pub(crate) fn transfer_looked_for() -> Operation {
    Operation { setting: Setting::TakesTwice, ..transfer() }
}

const RESERVED: &str = "split-and-kit-at-a-store";

pub(crate) fn reserve() -> Operation {
    Operation {
        name: "reserve",
        setting: Setting::Usual,
        kind: Kind::Reserve,
        asked_for: "reserve",
        path: INVENTORY,
        document: timeless("reserve", RESERVED),
        root: "AcknowledgeInventoryRequirement",
        before: None,
        done: State::HELD,
    }
}

pub(crate) fn cancel_reservation() -> Operation {
    Operation {
        name: "cancel_reservation",
        setting: Setting::Usual,
        kind: Kind::Cancel,
        asked_for: "cancel_reservation",
        path: INVENTORY,
        document: timeless("cancel_reservation", "split-items-without-the-unallocated"),
        root: "AcknowledgeInventoryRequirement",
        before: Some(("reserveAvailableInventory", exchange("reserve", RESERVED, "dom-request.xml"))),
        done: State::NOTHING,
    }
}

/// What a DOM pushes, and what the store knows by it.
fn push(name: &'static str, case: &str, told: &str) -> Operation {
    Operation {
        name,
        setting: Setting::Usual,
        kind: Kind::Push,
        asked_for: name,
        path: EVENTS,
        document: exchange(name, case, "dom-event.xml"),
        root: "ApiSuccess",
        before: None,
        done: State::Store(told.to_owned()),
    }
}

pub(crate) fn order_sync() -> Operation {
    push("order_sync", "released", "R")
}

pub(crate) fn order_created() -> Operation {
    push("order_created", "after-transfer", "20260715114131000881")
}

pub(crate) fn availability_sync() -> Operation {
    push("availability_sync", "single-change", "Backorderable")
}
