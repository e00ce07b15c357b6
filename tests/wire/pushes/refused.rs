//! What a store does not take: which of it the DOM is to send again, and which would be refused for ever and lies in the log as
//! a dead letter. The keys are those of the contract (store sections 11 and 13.1).

use wiremock::MockServer;

use super::{assert_not_taken, assert_taken, event, push, retrying, settings};
use crate::caller::{SOAP_11, attribute};
use crate::documents::soap_11;
use crate::gateway::Running;
use crate::privacy::Log;
use crate::stand_in::{answers, answers_by, confirmation, count, xml};

/// Refused for ever: the same document would fail again.
const FOR_GOOD: [&str; 13] = [
    "_ERR_OS_PARAMS",
    "_ERR_OS_ORDERID_MISMATCH",
    "_ERR_OS_ORDER_NUMBER_MISMATCH",
    "_ERR_OI_ITEMID_MISMATCH",
    "_ERR_ORDER_NOT_FOUND",
    "_ERR_INVALID_ORDER_REFNUM",
    "_ERR_INVALID_ORDER_ITEM_ID",
    "_ERR_BAD_ORDER_STORE_REL",
    "_ERR_ORDER_UNLOCKED",
    "_ERR_CMD_MISSING_PARAM",
    "2010._ERR_CMD_MISSING_PARAM",
    "_ERR_CMD_MISSING_PARAM+2010",
    "_ERR_ORDER_WRONG_STATUS+_ERR_ORDER_NOT_FOUND",
];

/// The store may take it later: its order may change, its neighbours may come back, or nobody knows what the key means.
const NOT_NOW: [&str; 8] = [
    "_ERR_ORDER_WRONG_STATUS",
    "_ERR_ORDER_ITEM_WRONG_STATUS",
    "2010._ERR_ORDER_WRONG_STATUS",
    "_ERR_BAD_RESPONSE_FROM_EXTERNAL_SYSTEM",
    "_ERR_FAIL_TO_CONNECT_TO_EXTERNAL_SYSTEM",
    "_ERR_NO_INVENTORY_DATA_FOUND",
    "_ERR_GENERIC",
    "CWXFR0242E",
];

/// An order reached a status at a second of that day.
fn status(order: &str, second: u32) -> String {
    format!(
        "<Order OrderHeaderKey=\"k{order}\" OrderNo=\"WC_{order}\" EnterpriseCode=\"NORDWIND\" \
         SellerOrganizationCode=\"NORDWIND\" MaxOrderStatus=\"3200\" \
         Modifyts=\"2026-07-20T09:00:{second:02}+00:00\"/>"
    )
}

fn shipment(orders: &[&str]) -> String {
    let line = |order: &&str| format!("<ShipmentLine OrderNo=\"WC_{order}\" PrimeLineNo=\"9\"/>");
    let lines: String = orders.iter().map(line).collect();
    format!(
        "<Shipment ShipmentKey=\"1\" EnterpriseCode=\"NORDWIND\" SellerOrganizationCode=\"NORDWIND\" Status=\"1400\" \
         ActualShipmentDate=\"2026-07-20T09:00:01+00:00\"><ShipmentLines>{lines}</ShipmentLines></Shipment>"
    )
}

/// What is counted of dead letters, by store and code.
async fn dead(gateway: &Running) -> Vec<String> {
    let metrics = gateway.admin("/metrics").await.body;
    let lines = metrics.lines().filter_map(|line| line.strip_prefix("gateway_dead_letters_total"));
    let mut lines: Vec<String> = lines.map(ToOwned::to_owned).collect();
    lines.sort();
    lines
}

fn letters(store: &str, code: &str, count: usize) -> String {
    format!("{{dom=\"sterling\",store=\"{store}\",code=\"{code}\"}} {count}")
}

/// The lines of the log that say so.
fn dead_lines(log: &Log) -> Vec<String> {
    log.text().lines().filter(|line| line.contains("dead letter")).map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn a_refusal_for_good_is_a_dead_letter_with_the_stores_key_for_the_dom() {
    let log = Log::default();
    let _begun = log.begin();
    let store = MockServer::start().await;
    // Nothing is told a second time.
    let gateway = retrying(store.uri(), 4).run().await;
    for (number, key) in FOR_GOOD.into_iter().enumerate() {
        answers(&store, 200, SOAP_11, confirmation(Some(key))).await;
        let answer = push(&gateway, &status("7", 1)).await;
        assert_not_taken(key, &answer, (422, "GW-7004"));
        assert_eq!(attribute(&answer.body, "Error", "ErrorRelatedMoreInfo"), key, "{}", answer.body);
        assert_eq!((count(&store).await, answer.attempts()), (1, 1), "{key}");
        let lines = dead_lines(&log);
        assert_eq!(lines.len(), number + 1, "{key}: {lines:?}");
        let line = lines.last().unwrap();
        for said in ["ERROR", "sterling", "nordlicht", "id 7", "GW-7004", key] {
            assert!(line.contains(said), "{said}: {line}");
        }
    }
    assert_eq!(dead(&gateway).await, [letters("nordlicht", "GW-7004", FOR_GOOD.len())]);
}

#[tokio::test]
async fn a_refusal_that_may_pass_makes_the_dom_send_again_with_the_stores_key() {
    let store = MockServer::start().await;
    let gateway = retrying(store.uri(), 4).run().await;
    for key in NOT_NOW {
        for event in [status("7", 1), event("availability_sync", "single-change")] {
            answers(&store, 200, SOAP_11, confirmation(Some(key))).await;
            let answer = push(&gateway, &event).await;
            assert_not_taken(key, &answer, (503, "GW-7007"));
            assert_eq!(answer.header("x-gateway-repeat"), "safe", "{key}");
            assert_eq!(attribute(&answer.body, "Error", "ErrorRelatedMoreInfo"), key, "{}", answer.body);
            // An order's state is no matter of milliseconds.
            assert_eq!((count(&store).await, answer.attempts()), (1, 1), "{key}");
        }
    }
    assert!(dead(&gateway).await.is_empty());
    answers(&store, 200, SOAP_11, confirmation(None)).await;
    assert_taken("in the end", &push(&gateway, &status("7", 1)).await, 1);
}

#[tokio::test]
async fn a_failure_without_a_key_makes_the_dom_send_again() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let bare = confirmation(None).replace("<oa:BODSuccessMessage/>", "<oa:BODFailureMessage/>");
    answers(&store, 200, SOAP_11, bare).await;
    assert_not_taken("no key", &push(&gateway, &status("7", 1)).await, (503, "GW-7007"));
    assert!(dead(&gateway).await.is_empty());
}

#[tokio::test]
async fn a_confirmation_that_confirms_nothing_makes_the_dom_send_again() {
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let taken = confirmation(None);
    let (start, rest) = taken.split_once("<oa:BOD>").unwrap();
    let (_, end) = rest.split_once("</oa:BOD>").unwrap();
    let instead = |message: &str| taken.replace("<oa:BODSuccessMessage/>", message);
    for (name, answer, outcome) in [
        ("taken in part", instead("<oa:PartialBODFailureMessage/>"), (503, "GW-7007")),
        ("neither taken nor refused", instead(""), (502, "GW-7003")),
        ("of no message", format!("{start}{end}"), (502, "GW-7003")),
    ] {
        answers(&store, 200, SOAP_11, answer).await;
        for event in [
            status("7", 1),
            event("order_created", "after-transfer"),
            event("availability_sync", "single-change"),
        ] {
            assert_not_taken(name, &push(&gateway, &event).await, outcome);
        }
    }
    assert!(dead(&gateway).await.is_empty());
}

#[tokio::test]
async fn trouble_at_the_store_makes_the_dom_send_again_after_all_attempts() {
    let store = MockServer::start().await;
    for side in ["e:Server", "e:Client"] {
        let fault = soap_11(&format!(
            "<e:Fault xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><faultcode>{side}</faultcode>\
             <faultstring>no data source for Marit</faultstring></e:Fault>"
        ));
        for status in [200, 500, 503] {
            answers(&store, status, SOAP_11, fault.clone()).await;
            let gateway = retrying(store.uri(), 3).run().await;
            let answer = push(&gateway, &self::status("7", 1)).await;
            assert_not_taken(side, &answer, (502, "GW-7003"));
            assert_eq!(answer.header("x-gateway-repeat"), "safe", "{side}");
            assert_eq!((count(&store).await, answer.attempts()), (3, 3), "{side} {status}");
            assert!(dead(&gateway).await.is_empty());
        }
    }
    for status in [500, 502, 503, 504] {
        answers(&store, status, SOAP_11, String::new()).await;
        let gateway = retrying(store.uri(), 3).run().await;
        let answer = push(&gateway, &self::status("7", 1)).await;
        assert_not_taken("5xx", &answer, (502, "GW-7003"));
        assert_eq!((count(&store).await, answer.attempts()), (3, 3), "{status}");
        assert!(dead(&gateway).await.is_empty());
    }
}

#[tokio::test]
async fn credentials_that_the_store_refuses_cost_one_attempt_and_no_event() {
    let store = MockServer::start().await;
    let gateway = retrying(store.uri(), 3).run().await;
    for status in [401, 403] {
        answers(&store, status, SOAP_11, String::new()).await;
        let answer = push(&gateway, &self::status("7", 1)).await;
        assert_not_taken("credentials", &answer, (502, "GW-7008"));
        assert_eq!((count(&store).await, answer.attempts()), (1, 1), "{status}");
    }
    assert!(dead(&gateway).await.is_empty());
    answers(&store, 200, SOAP_11, confirmation(None)).await;
    assert_taken("put right", &push(&gateway, &status("7", 1)).await, 1);
}

/// The store's word on each order of a document: the first that is refused refuses the whole.
async fn says(store: &MockServer, refused: &'static [(&'static str, &'static str)]) {
    answers_by(store, move |asked| {
        let found = refused.iter().find(|(order, _)| asked.document.contains(&format!("UniqueID>{order}<")));
        xml(&confirmation(found.map(|(_, key)| *key)))
    })
    .await;
}

#[tokio::test]
async fn an_order_that_is_refused_for_good_hides_no_other_that_the_dom_has_to_send_again() {
    let (lost, later) = (("1", "_ERR_ORDER_NOT_FOUND"), ("2", "_ERR_ORDER_WRONG_STATUS"));
    let log = Log::default();
    let _begun = log.begin();
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    for orders in [["1", "2", "3"], ["3", "2", "1"]] {
        says(&store, &[("1", "_ERR_ORDER_NOT_FOUND"), ("2", "_ERR_ORDER_WRONG_STATUS")]).await;
        let answer = push(&gateway, &shipment(&orders)).await;
        assert_not_taken("both", &answer, (503, "GW-7007"));
        assert!(answer.body.contains(later.1), "{}", answer.body);
    }
    assert!(dead(&gateway).await.is_empty() && dead_lines(&log).is_empty());
    says(&store, &[("1", "_ERR_ORDER_NOT_FOUND")]).await;
    let answer = push(&gateway, &shipment(&["1", "2", "3"])).await;
    assert_not_taken("the one", &answer, (422, "GW-7004"));
    assert!(answer.body.contains(lost.1), "{}", answer.body);
    assert_eq!(dead(&gateway).await, [letters("nordlicht", "GW-7004", 1)]);
    let lines = dead_lines(&log);
    assert!(matches!(lines.as_slice(), [line] if line.contains("id 1")), "{lines:?}");
}

#[tokio::test]
async fn what_finds_no_store_or_cannot_be_read_is_a_dead_letter_too() {
    let log = Log::default();
    let _begun = log.begin();
    let store = MockServer::start().await;
    answers(&store, 200, SOAP_11, confirmation(None)).await;
    let gateway = settings(store.uri()).run().await;
    let stranger = status("7", 1).replace("NORDWIND", "SUEDWIND");
    let number = event("availability_sync", "single-change")
        .replace("OnhandAvailableQuantity=\"", "OnhandAvailableQuantity=\"x");
    for (name, document, code, order) in [
        ("another organization", stranger, "GW-3003", ""),
        (
            "another owner",
            event("availability_sync", "single-change").replace("NORDWIND", "SUEDWIND"),
            "GW-7005",
            "",
        ),
        ("no document", "OrderNo=WC_1".to_owned(), "", ""),
        ("an unknown document", "<Greeting/>".to_owned(), "", ""),
        ("a number that is none", number, "", ""),
        ("another store", store_document("99999"), "GW-7005", "id 730011"),
    ] {
        let before = dead_lines(&log).len();
        let answer = push(&gateway, &document).await;
        assert!([400, 422].contains(&answer.status), "{name}: {}", answer.body);
        assert!(code.is_empty() || answer.code() == code, "{name}: {} {}", answer.code(), answer.body);
        let lines = dead_lines(&log);
        assert_eq!(lines.len(), before + 1, "{name}: {lines:?}");
        let line = lines.last().unwrap();
        assert!(
            line.contains("sterling") && line.contains(answer.code()) && line.contains(order),
            "{name}: {line}"
        );
        let counted = letters("", answer.code(), 1);
        let (start, _) = counted.split_once('}').unwrap();
        assert!(dead(&gateway).await.iter().any(|line| line.starts_with(start)), "{name}: {counted}");
    }
    assert_eq!(count(&store).await, 0);
}

/// The store's own document of order 730011, for a store.
fn store_document(store: &str) -> String {
    let document = crate::documents::exchange("order_sync", "shipped-with-its-time", "store-request.xml");
    document.replace(">11651<", &format!(">{store}<"))
}
