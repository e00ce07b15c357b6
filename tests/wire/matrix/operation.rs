//! What a store asks: the tables of the matrix.

use gateway_simulator::dom::Dom;
use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::documents::{exchange, replaced};
use crate::gateway::{INVENTORY, ORDERS};

/// The store and the order that everything is about.
const STORE: &str = "11651";
const ORDER: &str = "845017";

/// An operation.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The operation the DOM is asked for; empty if it is asked for nothing.
    pub(crate) at_dom: &'static str,
    pub(crate) path: &'static str,
    /// What the store sends.
    pub(crate) document: String,
    /// The root of what it is answered.
    pub(crate) root: &'static str,
    /// What the DOM was asked before: an API and its input.
    pub(crate) before: Option<(&'static str, String)>,
    /// What the DOM has when the operation was carried out once.
    pub(crate) done: State,
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
}

/// What a DOM has of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// Orders of its number.
    pub(crate) orders: usize,
    /// What is reserved for it, over all items.
    pub(crate) held: Decimal,
}

// === impl State ===

impl State {
    const NOTHING: Self = Self { orders: 0, held: Decimal::ZERO };
    const ORDERED: Self = Self { orders: 1, held: Decimal::ZERO };

    /// What a DOM has now.
    pub(crate) fn of(dom: &Dom) -> Self {
        Self { orders: dom.keys(ORDER).len(), held: dom.reserved(STORE, ORDER) }
    }
}

/// A fixture's question, written now.
fn fresh(operation: &str, case: &str) -> String {
    let document = exchange(operation, case, "store-request.xml");
    let (before, rest) = document.split_once("<oa:CreationDateTime>").unwrap();
    let (_, after) = rest.split_once("</oa:CreationDateTime>").unwrap();
    let now = Timestamp::now();
    format!("{before}<oa:CreationDateTime>{now:.3}</oa:CreationDateTime>{after}")
}

/// An order of three items, one of them a kit, to be sent, with everything personal an order can have.
const CASE: &str = "ship-pickup-and-promotion";

fn created() -> Option<(&'static str, String)> {
    Some(("createOrder", exchange("transfer", CASE, "dom-request.xml")))
}

/// A question about stock or orders, asked of a DOM that has the order.
fn read(name: &'static str, (at_dom, path): (&'static str, &'static str), document: String) -> Operation {
    let root = match (name, path) {
        ("check", _) => "AcknowledgeInventoryRequirement",
        (_, INVENTORY) => "ShowInventoryAvailability",
        _ => "ShowOrder",
    };
    let (kind, before, done) = (Kind::Read, created(), State::ORDERED);
    Operation { name, kind, at_dom, path, document, root, before, done }
}

pub(crate) fn availability() -> Operation {
    let document = fresh("availability", "items-online-and-physical");
    read("availability", ("availability", INVENTORY), document)
}

pub(crate) fn check() -> Operation {
    read("check", ("availability", INVENTORY), fresh("check", "enough-later-and-never"))
}

pub(crate) fn history() -> Operation {
    read("history", ("history", ORDERS), fresh("history", "first-page-of-several"))
}

pub(crate) fn details() -> Operation {
    let document = replaced(&fresh("details", "by-order-id"), "730011", ORDER);
    read("details", ("details", ORDERS), document)
}

pub(crate) fn decrement() -> Operation {
    Operation {
        name: "decrement",
        kind: Kind::Local,
        at_dom: "",
        path: INVENTORY,
        document: fresh("decrement", "acknowledged"),
        root: "AcknowledgeInventoryRequirement",
        before: None,
        done: State::NOTHING,
    }
}

pub(crate) fn transfer() -> Operation {
    Operation {
        name: "transfer",
        kind: Kind::Transfer,
        at_dom: "transfer",
        path: ORDERS,
        document: fresh("transfer", CASE),
        root: "AcknowledgeOrder",
        before: None,
        done: State::ORDERED,
    }
}
