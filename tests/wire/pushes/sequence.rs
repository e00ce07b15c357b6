//! Events of one order in sequence, each once: what the store gets, in which order, and how often.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use wiremock::MockServer;

use super::desk::Desk;
use super::{assert_not_taken, assert_taken, event, push, pushing, retrying, settings, store, told};
use crate::caller::SOAP_11;
use crate::gateway::{EVENTS, Running, within};
use crate::stand_in::{answers, answers_by, confirmation, count, xml};

/// An order reached a status at a second of that day.
fn status(order: &str, status: &str, second: u32) -> String {
    format!(
        "<Order OrderHeaderKey=\"k{order}\" OrderNo=\"WC_{order}\" EnterpriseCode=\"NORDWIND\" \
         SellerOrganizationCode=\"NORDWIND\" MaxOrderStatus=\"{status}\" \
         Modifyts=\"2026-07-20T09:00:{second:02}+00:00\"/>"
    )
}

/// Lines of several orders left at a second of that day.
fn shipment(lines: &[(&str, &str)], second: u32) -> String {
    let line = |(order, line): &(&str, &str)| {
        format!("<ShipmentLine OrderNo=\"WC_{order}\" PrimeLineNo=\"{line}\"/>")
    };
    let lines: String = lines.iter().map(line).collect();
    format!(
        "<Shipment ShipmentKey=\"1\" EnterpriseCode=\"NORDWIND\" SellerOrganizationCode=\"NORDWIND\" \
         Status=\"1400\" ActualShipmentDate=\"2026-07-20T09:00:{second:02}+00:00\">\
         <ShipmentLines>{lines}</ShipmentLines></Shipment>"
    )
}

/// Of each document the store got, its orders with their status letters.
async fn heard(store: &MockServer) -> Vec<String> {
    told(store).await.iter().map(|(_, document)| orders(document)).collect()
}

fn orders(document: &str) -> String {
    let document = roxmltree::Document::parse(document).unwrap();
    let named = |node: roxmltree::Node<'_, '_>, name: &str| {
        let found = node.descendants().find(|node| node.tag_name().name() == name);
        found.and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
    };
    let orders = document.descendants().filter(|node| node.tag_name().name() == "Order");
    orders.map(|order| named(order, "UniqueID") + &named(order, "Status")).collect::<Vec<_>>().join(" ")
}

async fn assert_counted(gateway: &Running, operation: &str, reason: &str, expected: u32) {
    let metrics = gateway.admin("/metrics").await.body;
    let line = format!(
        "gateway_withheld_events_total{{store=\"nordlicht\",operation=\"{operation}\",reason=\"{reason}\"}} {expected}\n"
    );
    assert!(metrics.contains(&line), "{line}{metrics}");
}

/// Waits until so many calls are under way.
async fn under_way(gateway: &Running, calls: u32) {
    let line = format!("gateway_calls_under_way {calls}\n");
    within(async { while !gateway.admin("/metrics").await.body.contains(&line) {} }).await;
}

#[tokio::test]
async fn events_of_one_order_reach_the_store_one_after_the_other_and_no_order_waits() {
    let mut store = Desk::open().await;
    let gateway = settings(store.url.clone()).run().await;
    let (released, shipped, other) = (status("1", "3200", 1), status("1", "3700", 2), status("2", "3200", 1));
    let test = async {
        let first = store.next().await;
        assert_eq!(orders(&first.document), "1R");
        let more = async {
            under_way(&gateway, 2).await;
            let answer = push(&gateway, &other).await;
            assert_taken("another order", &answer, 1);
        };
        let at_the_store = async {
            let other = store.next().await;
            assert_eq!(orders(&other.document), "2R");
            other.answer(200, &confirmation(None)).await;
        };
        tokio::join!(more, at_the_store);
        assert!(!store.is_asked());
        first.answer(200, &confirmation(None)).await;
        let second = store.next().await;
        assert_eq!(orders(&second.document), "1S");
        second.answer(200, &confirmation(None)).await;
    };
    let later = async {
        under_way(&gateway, 1).await;
        push(&gateway, &shipped).await
    };
    let (first, second, ()) = tokio::join!(push(&gateway, &released), later, test);
    assert_taken("released", &first, 1);
    assert_taken("shipped", &second, 1);
}

#[tokio::test]
async fn a_repeated_event_is_confirmed_and_told_once() {
    let store = store(&confirmation(None)).await;
    let gateway = settings(store.uri()).run().await;
    for (operation, event) in [
        ("order_sync", status("1", "3200", 1)),
        // Without a time of its own.
        ("order_sync", event("order_sync", "released")),
        ("order_sync", shipment(&[("2", "1"), ("3", "1")], 2)),
        ("order_created", event("order_created", "after-transfer")),
    ] {
        answers(&store, 200, SOAP_11, confirmation(None)).await;
        // What was told of the order before must not be newer than that it was created.
        let gateway =
            if operation == "order_created" { &settings(store.uri()).run().await } else { &gateway };
        assert_taken(&event, &push(gateway, &event).await, 1);
        for _ in 0..2 {
            assert_taken(&event, &push(gateway, &event).await, 0);
        }
        assert_eq!(count(&store).await, 1, "{event}");
    }
    // Two orders of three events, one of them of two orders; twice each.
    assert_counted(&gateway, "order_sync", "repeated", 8).await;
}

#[tokio::test]
async fn an_event_that_comes_twice_at_once_is_told_once() {
    for event in [status("1", "3200", 1), event("order_created", "after-transfer")] {
        let mut store = Desk::open().await;
        let gateway = settings(store.url.clone()).run().await;
        let test = async {
            let told = store.next().await;
            under_way(&gateway, 2).await;
            told.answer(200, &confirmation(None)).await;
        };
        let (one, other, ()) = tokio::join!(push(&gateway, &event), push(&gateway, &event), test);
        assert_eq!(one.attempts() + other.attempts(), 1);
        for answer in [one, other] {
            assert_taken(&event, &answer, answer.attempts());
        }
        assert!(!store.is_asked());
    }
}

#[tokio::test]
async fn an_older_event_is_confirmed_and_not_told() {
    let store = store(&confirmation(None)).await;
    let gateway = settings(store.uri()).run().await;
    for (event, attempts) in [
        (status("1", "3700", 5), 1),
        (status("1", "3200", 4), 0),
        (status("2", "3200", 4), 1),
        // Within the same second, something else.
        (status("1", "9000", 5), 1),
        (status("1", "3700", 5), 0),
        // The store hears the only order that is news.
        (shipment(&[("1", "1"), ("2", "1")], 4), 1),
    ] {
        assert_taken(&event, &push(&gateway, &event).await, attempts);
    }
    assert_eq!(heard(&store).await, ["1S", "2R", "1X", "2S"]);
    assert_counted(&gateway, "order_sync", "older", 2).await;
    assert_counted(&gateway, "order_sync", "repeated", 1).await;
}

#[tokio::test]
async fn what_the_store_refuses_as_older_is_confirmed_also_by_a_gateway_that_knows_nothing() {
    let store = store(&confirmation(Some("_ERR_OS_SEQUENCE"))).await;
    let gateway = settings(store.uri()).run().await;
    let event = status("1", "3200", 1);
    assert_taken("refused as older", &push(&gateway, &event).await, 1);
    assert_taken("known to be older", &push(&gateway, &event).await, 0);
    assert_counted(&gateway, "order_sync", "refused-as-older", 1).await;
}

#[tokio::test]
async fn what_the_store_did_not_take_is_told_when_the_dom_sends_it_again() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let event = status("1", "3200", 1);
    for refused in ["_ERR_ORDER_NOT_FOUND", "_ERR_OS_PARAMS", "_ERR_OI_INVALID"] {
        answers(&store, 200, SOAP_11, confirmation(Some(refused))).await;
        let answer = push(&gateway, &event).await;
        assert_not_taken(refused, &answer, (422, "GW-7004"));
        assert_eq!(answer.attempts(), 1, "{refused}");
    }
    answers(&store, 200, SOAP_11, confirmation(None)).await;
    assert_taken("again", &push(&gateway, &event).await, 1);
    assert_eq!(count(&store).await, 1);
}

#[tokio::test]
async fn an_order_the_store_refuses_keeps_no_other_of_its_event_from_the_store() {
    let store = MockServer::start().await;
    answers_by(&store, |asked| {
        let refused = [("UniqueID>2<", "_ERR_OS_SEQUENCE"), ("UniqueID>3<", "_ERR_ORDER_NOT_FOUND")];
        let refused = refused.iter().find(|(order, _)| asked.document.contains(order));
        xml(&confirmation(refused.map(|(_, key)| *key)))
    })
    .await;
    let gateway = settings(store.uri()).run().await;
    let event = shipment(&[("1", "1"), ("2", "1"), ("3", "1")], 1);
    let answer = push(&gateway, &event).await;
    assert_not_taken("of order 3", &answer, (422, "GW-7004"));
    assert!(answer.body.contains("_ERR_ORDER_NOT_FOUND"), "{}", answer.body);
    assert_eq!(heard(&store).await, ["1S 2S 3S", "1S", "2S", "3S"]);
    // Only what is still open is told again.
    answers(&store, 200, SOAP_11, confirmation(None)).await;
    assert_taken("again", &push(&gateway, &event).await, 1);
    assert_eq!(heard(&store).await, ["3S"]);
}

#[tokio::test]
async fn an_event_goes_to_its_end_when_the_dom_hangs_up() {
    let mut store = Desk::open().await;
    let gateway = retrying(store.url.clone(), 3).run().await;
    let event = status("1", "3200", 1);
    let mut dom = TcpStream::connect(gateway.data).await.unwrap();
    let length = event.len();
    let request = format!("POST {EVENTS} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{event}");
    dom.write_all(request.as_bytes()).await.unwrap();
    let told = store.next().await;
    drop(dom);
    told.answer(503, "busy").await;
    let told = store.next().await;
    assert_eq!(orders(&told.document), "1R");
    let (again, ()) = tokio::join!(push(&gateway, &event), async {
        under_way(&gateway, 2).await;
        told.answer(200, &confirmation(None)).await;
    });
    assert_taken("again", &again, 0);
    assert!(!store.is_asked());
}

#[tokio::test]
async fn an_event_that_waits_too_long_for_an_earlier_one_is_given_back() {
    let mut store = Desk::open().await;
    let gateway = pushing(store.url.clone(), "timeout_ms = 600", 1).run().await;
    let (first, second) = (status("1", "3200", 1), status("1", "3700", 2));
    let later = async {
        let held = store.next().await;
        let second = push(&gateway, &second).await;
        (held, second)
    };
    let (first, (held, second)) = tokio::join!(push(&gateway, &first), later);
    assert_not_taken("silence", &first, (504, "GW-7002"));
    // Which of the two ends first decides whether the second is told at all; both are given back.
    assert_eq!((second.status, second.root().as_str()), (504, "Errors"), "{}", second.body);
    drop(held);
}

#[tokio::test]
async fn more_events_than_may_wait_are_given_back_at_once() {
    let mut store = Desk::open().await;
    let gateway = pushing(store.url.clone(), "events = 1", 1).run().await;
    let (one, other) = (status("1", "3200", 1), status("2", "3200", 1));
    let test = async {
        let told = store.next().await;
        let answer = push(&gateway, &other).await;
        assert_not_taken("crowded", &answer, (503, "GW-1016"));
        assert_eq!(answer.attempts(), 0);
        told.answer(200, &confirmation(None)).await;
    };
    let (answer, ()) = tokio::join!(push(&gateway, &one), test);
    assert_taken("the one", &answer, 1);
}
