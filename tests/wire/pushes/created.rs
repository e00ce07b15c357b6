//! That an order was created: its store learns the DOM's number of it, however late that comes, and nothing goes back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use wiremock::{MockServer, ResponseTemplate};

use super::{assert_not_taken, assert_taken, push, settings};
use crate::caller::SOAP_11;
use crate::gateway::Running;
use crate::stand_in::{Asked, answers, answers_by, confirmation, xml};

/// The DOM created an order under its key.
fn created(order: &str) -> String {
    format!(
        "<Order OrderHeaderKey=\"k{order}\" OrderNo=\"WC_{order}\" DocumentType=\"0001\" EnterpriseCode=\"NORDWIND\" \
         SellerOrganizationCode=\"NORDWIND\" BuyerUserId=\"buyer\" EntryType=\"WCS\" CartId=\"{order}\"/>"
    )
}

/// An order was shipped at a second of that day; without one the event has no time.
fn shipped(order: &str, second: Option<u32>) -> String {
    let changed = second.map(|second| format!(" Modifyts=\"2026-07-20T09:00:{second:02}+00:00\""));
    let changed = changed.unwrap_or_default();
    format!(
        "<Order OrderHeaderKey=\"k{order}\" OrderNo=\"WC_{order}\" EnterpriseCode=\"NORDWIND\" \
         SellerOrganizationCode=\"NORDWIND\" MaxOrderStatus=\"3700\"{changed}/>"
    )
}

/// What a document says of its order.
#[derive(Debug, Clone, Default)]
struct Said {
    root: String,
    order: String,
    key: Option<String>,
    status: Option<String>,
    second: Option<u32>,
}

fn said(document: &str) -> Said {
    let document = roxmltree::Document::parse(document).unwrap();
    let named = |name: &str| document.descendants().find(|node| node.tag_name().name() == name);
    let text = |name: &str| named(name).and_then(|node| node.text()).map(|text| text.trim().to_owned());
    let is_change = named("ChangeOrder").is_some();
    Said {
        root: if is_change { "ChangeOrder" } else { "SyncOrder" }.to_owned(),
        order: text("UniqueID").unwrap(),
        key: text("ExternalOrderID"),
        status: named("OrderStatus")
            .and_then(|node| {
                node.descendants().find_map(|node| node.text()).map(|text| text.trim().to_owned())
            })
            .filter(|_| !is_change),
        second: text("LastUpdateDate").map(|text| text.get(17..19).unwrap().parse().unwrap()),
    }
}

/// What a store knows of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    status: String,
    key: Option<String>,
    second: Option<u32>,
}

/// A store that handed its orders over, and keeps to contract store sections 11 and 12: only an order that is pending becomes
/// a transferred one, and what is older is refused.
#[derive(Debug, Clone, Default)]
struct Strict {
    orders: Arc<Mutex<BTreeMap<String, Known>>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Strict {
    async fn open() -> (Self, MockServer) {
        let (strict, server) = (Self::default(), MockServer::start().await);
        strict.is_there(&server).await;
        (strict, server)
    }

    async fn is_there(&self, server: &MockServer) {
        let strict = self.clone();
        answers_by(server, move |asked| strict.answer(asked)).await;
    }

    fn answer(&self, asked: &Asked) -> ResponseTemplate {
        let said = said(&asked.document);
        let second = said.second.map_or_else(|| "-".to_owned(), |second| second.to_string());
        self.heard.lock().unwrap().push(format!(
            "{} {} {} {} {second}",
            said.root,
            said.order,
            said.key.as_deref().unwrap_or("-"),
            said.status.as_deref().unwrap_or("-")
        ));
        xml(&confirmation(self.take(said).err()))
    }

    fn take(&self, said: Said) -> Result<(), &'static str> {
        let mut orders = self.orders.lock().unwrap();
        let pending = || Known { status: "F".to_owned(), key: None, second: None };
        let known = orders.entry(said.order).or_insert_with(pending);
        if known.key.is_some() && said.key.is_some() && known.key != said.key {
            return Err("_ERR_OS_ORDER_NUMBER_MISMATCH");
        }
        if said.root == "ChangeOrder" && known.status != "F" {
            return Err("_ERR_ORDER_WRONG_STATUS");
        }
        if said.second.zip(known.second).is_some_and(|(said, known)| said < known) {
            return Err("_ERR_OS_SEQUENCE");
        }
        known.status = if said.root == "ChangeOrder" {
            "G".to_owned()
        } else {
            said.status.unwrap_or(known.status.clone())
        };
        known.key = said.key.or(known.key.take());
        known.second = said.second.or(known.second);
        Ok(())
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    /// The order's status and the DOM's key of it, as the store knows them.
    fn knows(&self, order: &str) -> (String, String) {
        let known = self.orders.lock().unwrap().get(order).cloned().unwrap();
        (known.status, known.key.unwrap_or_default())
    }
}

fn known(status: &str, key: &str) -> (String, String) {
    (status.to_owned(), key.to_owned())
}

async fn run(server: &MockServer) -> Running {
    settings(server.uri()).run().await
}

#[tokio::test]
async fn a_store_that_heard_of_a_change_first_learns_the_doms_number_with_the_latest_state() {
    for (second, told) in [(Some(2), "SyncOrder 7 k7 S 2"), (None, "SyncOrder 7 k7 S -")] {
        let (store, server) = Strict::open().await;
        let gateway = run(&server).await;
        assert_taken("shipped", &push(&gateway, &shipped("7", second)).await, 1);
        assert_eq!(store.knows("7"), known("S", ""));
        store.heard();
        assert_taken("created", &push(&gateway, &created("7")).await, 1);
        for _ in 0..2 {
            assert_taken("again", &push(&gateway, &created("7")).await, 0);
        }
        assert_eq!(store.heard(), [told]);
        assert_eq!(store.knows("7"), known("S", "k7"));
    }
}

#[tokio::test]
async fn that_an_order_was_created_is_told_when_it_returns_after_a_change() {
    let (store, server) = Strict::open().await;
    let gateway = run(&server).await;
    answers(&server, 503, SOAP_11, String::new()).await;
    assert_not_taken("given back", &push(&gateway, &created("7")).await, (502, "GW-7003"));
    store.is_there(&server).await;
    assert_taken("shipped", &push(&gateway, &shipped("7", Some(2))).await, 1);
    assert_taken("it returns", &push(&gateway, &created("7")).await, 1);
    assert_taken("again", &push(&gateway, &created("7")).await, 0);
    assert_eq!(store.heard(), ["SyncOrder 7 - S 2", "SyncOrder 7 k7 S 2"]);
    assert_eq!(store.knows("7"), known("S", "k7"));
}

#[tokio::test]
async fn that_an_order_was_created_reaches_the_store_once_through_two_gateways() {
    let (store, server) = Strict::open().await;
    let (one, other) = (run(&server).await, run(&server).await);
    let (first, second) = (created("7"), created("7"));
    let (first, second) = tokio::join!(push(&one, &first), push(&other, &second));
    // Whichever comes second hears from the store that the order is no longer pending, and tells the number without a state.
    assert_eq!(first.attempts() + second.attempts(), 3);
    for answer in [first, second] {
        assert_taken("created", &answer, answer.attempts());
    }
    let mut heard = store.heard();
    heard.sort();
    assert_eq!(heard, ["ChangeOrder 7 k7 - -", "ChangeOrder 7 k7 - -", "SyncOrder 7 k7 - -"]);
    assert_eq!(store.knows("7"), known("G", "k7"));
    for gateway in [&one, &other] {
        assert_taken("again", &push(gateway, &created("7")).await, 0);
    }
}

#[tokio::test]
async fn a_change_through_one_gateway_does_not_keep_the_number_that_comes_through_another() {
    let (store, server) = Strict::open().await;
    let (one, other) = (run(&server).await, run(&server).await);
    assert_taken("shipped", &push(&one, &shipped("7", Some(2))).await, 1);
    assert_taken("created", &push(&other, &created("7")).await, 2);
    assert_taken("again", &push(&other, &created("7")).await, 0);
    assert_eq!(store.knows("7"), known("S", "k7"));
    assert_eq!(store.heard(), ["SyncOrder 7 - S 2", "ChangeOrder 7 k7 - -", "SyncOrder 7 k7 - -"]);
    // The first one does not know that; what it tells changes nothing.
    assert_taken("once more", &push(&one, &created("7")).await, 1);
    assert_eq!(store.heard(), ["SyncOrder 7 k7 S 2"]);
    assert_eq!(store.knows("7"), known("S", "k7"));
}

#[tokio::test]
async fn where_another_gateway_told_something_later_the_number_goes_without_a_state() {
    let (store, server) = Strict::open().await;
    let (one, other) = (run(&server).await, run(&server).await);
    assert_taken("early", &push(&one, &shipped("7", Some(2))).await, 1);
    let cancelled = shipped("7", Some(3)).replace("3700", "9000");
    assert_taken("late", &push(&other, &cancelled).await, 1);
    store.heard();
    assert_taken("created", &push(&one, &created("7")).await, 2);
    assert_taken("again", &push(&one, &created("7")).await, 0);
    assert_eq!(store.heard(), ["SyncOrder 7 k7 S 2", "SyncOrder 7 k7 - -"]);
    assert_eq!(store.knows("7"), known("X", "k7"));
}

#[tokio::test]
async fn a_number_the_store_takes_in_no_form_is_refused_and_not_confirmed() {
    for (key, outcome) in
        [("_ERR_OS_SEQUENCE", (422, "GW-7004")), ("_ERR_OS_ORDER_NUMBER_MISMATCH", (422, "GW-7004"))]
    {
        let (_store, server) = Strict::open().await;
        let gateway = run(&server).await;
        assert_taken("shipped", &push(&gateway, &shipped("7", Some(2))).await, 1);
        answers(&server, 200, SOAP_11, confirmation(Some(key))).await;
        assert_not_taken(key, &push(&gateway, &created("7")).await, outcome);
        let metrics = gateway.admin("/metrics").await.body;
        let line = "gateway_dead_letters_total{dom=\"sterling\",store=\"nordlicht\",code=\"GW-7004\"} 1\n";
        assert!(metrics.contains(line), "{key}: {metrics}");
    }
}
