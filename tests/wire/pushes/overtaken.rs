//! An event the store did not take, overtaken by a later one of its order: what only it says of lines reaches the store when
//! it comes again, and nothing goes back.

use wiremock::MockServer;

use super::{assert_not_taken, assert_taken, push, settings, told};
use crate::caller::SOAP_11;
use crate::gateway::Running;
use crate::stand_in::{answers, answers_by, confirmation, xml};

/// Lines of an order left at a second of that day; without one the event has no time.
fn shipment(order: &str, lines: &[&str], second: Option<u32>) -> String {
    let line = |line: &&str| format!("<ShipmentLine OrderNo=\"WC_{order}\" PrimeLineNo=\"{line}\"/>");
    let lines: String = lines.iter().map(line).collect();
    let left = second.map(|second| format!(" ActualShipmentDate=\"2026-07-20T09:00:{second:02}+00:00\""));
    let left = left.unwrap_or_default();
    format!(
        "<Shipment ShipmentKey=\"1\" EnterpriseCode=\"NORDWIND\" SellerOrganizationCode=\"NORDWIND\" \
         Status=\"1400\"{left}><ShipmentLines>{lines}</ShipmentLines></Shipment>"
    )
}

fn status(order: &str, status: &str, second: Option<u32>) -> String {
    let changed = second.map(|second| format!(" Modifyts=\"2026-07-20T09:00:{second:02}+00:00\""));
    let changed = changed.unwrap_or_default();
    format!(
        "<Order OrderHeaderKey=\"k{order}\" OrderNo=\"WC_{order}\" EnterpriseCode=\"NORDWIND\" \
         SellerOrganizationCode=\"NORDWIND\" MaxOrderStatus=\"{status}\"{changed}/>"
    )
}

/// Of each document the store got: its orders with their status letters, their lines with theirs, and the second each order
/// was changed, `-` for none.
async fn heard(store: &MockServer) -> Vec<String> {
    told(store).await.iter().map(|(_, document)| orders(document)).collect()
}

fn orders(document: &str) -> String {
    let document = roxmltree::Document::parse(document).unwrap();
    let orders = document.descendants().filter(|node| node.tag_name().name() == "Order");
    orders.map(order).collect::<Vec<_>>().join(" ")
}

fn order(order: roxmltree::Node<'_, '_>) -> String {
    let text = |node: roxmltree::Node<'_, '_>, parent: &str, name: &str| {
        let of = node.children().find(|node| node.tag_name().name() == parent);
        let found = of.and_then(|of| of.descendants().find(|node| node.tag_name().name() == name));
        found.and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
    };
    let items = order.children().filter(|node| node.tag_name().name() == "OrderItem");
    let items = items
        .map(|item| text(item, "OrderItemIdentifier", "UniqueID") + &text(item, "OrderItemStatus", "Status"))
        .collect::<Vec<_>>()
        .join(",");
    let changed = order.children().find(|node| node.tag_name().name() == "LastUpdateDate");
    let second = changed.and_then(|node| node.text()).and_then(|text| text.trim().get(17..19));
    let sequence = order.descendants().find(|node| node.attribute("name") == Some("sequenceNumber"));
    assert_eq!(sequence.is_some(), second.is_some(), "both or none");
    let (id, status) = (text(order, "OrderIdentifier", "UniqueID"), text(order, "OrderStatus", "Status"));
    format!("{id}{status}[{items}]{}", second.unwrap_or("-"))
}

/// The store is away for this event.
async fn given_back(gateway: &Running, store: &MockServer, event: &str) {
    answers(store, 503, SOAP_11, String::new()).await;
    assert_not_taken("given back", &push(gateway, event).await, (502, "GW-7003"));
    answers(store, 200, SOAP_11, confirmation(None)).await;
}

#[tokio::test]
async fn lines_of_an_event_that_was_given_back_and_overtaken_are_told_when_it_returns() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    for (order, early, late, heard_then) in
        [("1", Some(1), Some(2), ["1S[12D]02", "1S[11D]02"]), ("2", None, None, ["2S[12D]-", "2S[11D]-"])]
    {
        let (first, second) = (shipment(order, &["11"], early), shipment(order, &["12"], late));
        given_back(&gateway, &store, &first).await;
        assert_taken("the later", &push(&gateway, &second).await, 1);
        assert_taken("it returns", &push(&gateway, &first).await, 1);
        for event in [&first, &second] {
            assert_taken("once more", &push(&gateway, event).await, 0);
        }
        assert_eq!(heard(&store).await, heard_then);
    }
}

#[tokio::test]
async fn a_line_of_which_something_later_was_told_does_not_go_back() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    for (order, early, late) in [("1", Some(1), Some(2)), ("2", None, None)] {
        let (first, second) = (shipment(order, &["11", "13"], early), shipment(order, &["11", "12"], late));
        given_back(&gateway, &store, &first).await;
        assert_taken("the later", &push(&gateway, &second).await, 1);
        assert_taken("it returns", &push(&gateway, &first).await, 1);
        let heard = heard(&store).await;
        assert!(heard[1].contains("S[13D]"), "{heard:?}");
    }
}

#[tokio::test]
async fn a_status_that_was_overtaken_is_confirmed_and_not_told() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    for (order, early, late) in [("1", Some(1), Some(2)), ("2", None, None)] {
        let (released, shipped) = (status(order, "3200", early), status(order, "3700", late));
        given_back(&gateway, &store, &released).await;
        assert_taken("the later", &push(&gateway, &shipped).await, 1);
        for _ in 0..2 {
            assert_taken("it returns", &push(&gateway, &released).await, 0);
        }
        assert_eq!(heard(&store).await.len(), 1);
    }
    assert_counted(
        &gateway,
        "withheld_events_total{store=\"nordlicht\",operation=\"order_sync\",reason=\"older\"} 4",
    )
    .await;
    assert!(!gateway.admin("/metrics").await.body.contains("unsure_lines_total{"));
}

#[tokio::test]
async fn an_event_that_was_given_back_and_not_overtaken_is_told_whole() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    for (order, early, late) in [("1", Some(1), Some(2)), ("2", None, None)] {
        let (first, second) = (shipment(order, &["11"], early), shipment(order, &["12"], late));
        given_back(&gateway, &store, &first).await;
        given_back(&gateway, &store, &second).await;
        assert_taken("the first", &push(&gateway, &first).await, 1);
        assert_taken("then the other", &push(&gateway, &second).await, 1);
        let whole = heard(&store).await;
        assert!(whole[0].contains("S[11D]") && whole[1].contains("S[12D]"), "{whole:?}");
    }
}

#[tokio::test]
async fn statuses_that_were_given_back_are_all_told_as_they_first_came() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    for (order, early, late) in [("1", Some(1), Some(2)), ("2", Some(1), Some(1)), ("3", None, None)] {
        let (released, shipped) = (status(order, "3200", early), status(order, "3700", late));
        given_back(&gateway, &store, &released).await;
        given_back(&gateway, &store, &shipped).await;
        assert_taken("the first", &push(&gateway, &released).await, 1);
        assert_taken("then the other", &push(&gateway, &shipped).await, 1);
        assert_eq!(heard(&store).await.len(), 2);
    }
}

#[tokio::test]
async fn a_status_of_one_moment_with_the_one_that_overtook_it_is_not_told() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let (released, shipped) = (status("1", "3200", Some(1)), status("1", "3700", Some(1)));
    given_back(&gateway, &store, &released).await;
    assert_taken("the later", &push(&gateway, &shipped).await, 1);
    for _ in 0..2 {
        assert_taken("it returns", &push(&gateway, &released).await, 0);
    }
    assert_eq!(heard(&store).await, ["1S[]01"]);
}

#[tokio::test]
async fn lines_that_are_owed_stay_owed_until_the_store_takes_them() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let (first, second) = (shipment("1", &["11"], Some(1)), shipment("1", &["12"], Some(2)));
    given_back(&gateway, &store, &first).await;
    assert_taken("the later", &push(&gateway, &second).await, 1);
    for _ in 0..2 {
        given_back(&gateway, &store, &first).await;
    }
    assert_taken("it returns", &push(&gateway, &first).await, 1);
    assert_taken("once more", &push(&gateway, &first).await, 0);
    assert_eq!(heard(&store).await, ["1S[11D]02"]);
}

#[tokio::test]
async fn of_an_event_of_two_orders_each_is_told_what_it_lacks() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let first = shipment("1", &["11"], Some(1))
        .replace("</ShipmentLines>", "<ShipmentLine OrderNo=\"WC_2\" PrimeLineNo=\"21\"/></ShipmentLines>");
    given_back(&gateway, &store, &first).await;
    assert_taken("the later", &push(&gateway, &status("1", "9000", Some(3))).await, 1);
    assert_taken("it returns", &push(&gateway, &first).await, 1);
    assert_eq!(heard(&store).await, ["1X[]03", "1X[11D]03 2S[21D]01"]);
}

/// A store that was told of order 1 at a second, by somebody else, and compares what has a time.
async fn knows_later(store: &MockServer, second: u32) {
    answers_by(store, move |asked| {
        let told = orders(&asked.document);
        let is_older = told.rsplit_once(']').unwrap().1.parse::<u32>().is_ok_and(|told| told < second);
        xml(&confirmation(is_older.then_some("_ERR_OS_SEQUENCE")))
    })
    .await;
}

#[tokio::test]
async fn lines_that_are_owed_are_told_without_a_time_where_another_gateway_told_a_later_one() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let (first, second) = (shipment("1", &["11"], Some(1)), shipment("1", &["12"], Some(2)));
    given_back(&gateway, &store, &first).await;
    knows_later(&store, 3).await;
    assert_taken("refused as older", &push(&gateway, &first).await, 2);
    assert_taken("once more", &push(&gateway, &first).await, 0);
    assert_eq!(heard(&store).await, ["1S[11D]01", "1[11D]-"]);

    let gateway = settings(store.uri()).run().await;
    given_back(&gateway, &store, &first).await;
    assert_taken("the later", &push(&gateway, &second).await, 1);
    knows_later(&store, 3).await;
    assert_taken("refused as older", &push(&gateway, &first).await, 2);
    assert_taken("once more", &push(&gateway, &first).await, 0);
    assert_eq!(heard(&store).await, ["1S[11D]02", "1[11D]-"]);
}

#[tokio::test]
async fn what_is_owed_and_cannot_be_told_after_a_refusal_is_given_back() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let first = shipment("1", &["11"], Some(1));
    given_back(&gateway, &store, &first).await;
    answers_by(&store, |asked| match orders(&asked.document).as_str() {
        "1S[11D]01" => xml(&confirmation(Some("_ERR_OS_SEQUENCE"))),
        _ => wiremock::ResponseTemplate::new(503),
    })
    .await;
    let answer = push(&gateway, &first).await;
    assert_not_taken("away again", &answer, (502, "GW-7003"));
    knows_later(&store, 3).await;
    assert_taken("it returns", &push(&gateway, &first).await, 2);
}

#[tokio::test]
async fn a_gateway_that_knows_nothing_confirms_what_is_refused_as_older_and_says_of_which_lines_it_is_not_sure()
 {
    let store = MockServer::start().await;
    knows_later(&store, 3).await;
    let gateway = settings(store.uri()).run().await;
    let event = shipment("1", &["11", "12"], Some(1));
    assert_taken("refused as older", &push(&gateway, &event).await, 1);
    assert_taken("once more", &push(&gateway, &event).await, 0);
    assert_taken("without lines", &push(&gateway, &status("1", "3200", Some(2))).await, 1);
    assert_eq!(heard(&store).await, ["1S[11D,12D]01", "1R[]02"]);
    assert_counted(&gateway, "unsure_lines_total{store=\"nordlicht\",operation=\"order_sync\"} 2").await;
}

#[tokio::test]
async fn lines_the_store_takes_in_no_form_come_to_rest() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let (first, second) = (shipment("1", &["11"], Some(1)), shipment("1", &["12"], Some(2)));
    given_back(&gateway, &store, &first).await;
    assert_taken("the later", &push(&gateway, &second).await, 1);
    answers(&store, 200, SOAP_11, confirmation(Some("_ERR_OS_SEQUENCE"))).await;
    assert_taken("it returns", &push(&gateway, &first).await, 2);
    assert_eq!(heard(&store).await, ["1S[11D]02", "1[11D]-"]);
    assert_counted(&gateway, "unsure_lines_total{store=\"nordlicht\",operation=\"order_sync\"} 1").await;
}

async fn assert_counted(gateway: &Running, line: &str) {
    let metrics = gateway.admin("/metrics").await.body;
    assert!(metrics.contains(&format!("gateway_{line}\n")), "{line}\n{metrics}");
}
