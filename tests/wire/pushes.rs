//! What a DOM pushes: what the store gets of it, and what the DOM is told for each thing the store can do.

#[path = "pushes/desk.rs"]
mod desk;
#[path = "pushes/overtaken.rs"]
mod overtaken;
#[path = "pushes/retries.rs"]
mod retries;
#[path = "pushes/sequence.rs"]
mod sequence;

use wiremock::MockServer;

use crate::caller::{Answered, SOAP_11, attribute};
use crate::crooked::{Crooked, Does, closed};
use crate::documents::{canonical_but_for_its_stamp, exchange, replaced, soap_11, soap_12};
use crate::gateway::{EVENTS, Running, Settings};
use crate::stand_in::{answering, answers, confirmation, count};

/// Nobody is asked here.
const NO_DOM: &str = "http://127.0.0.1:9";

/// Each event is told to the store once.
fn settings(store: impl Into<String>) -> Settings {
    retrying(store, 1)
}

/// Each event is told to the store so often.
fn retrying(store: impl Into<String>, attempts: u32) -> Settings {
    pushing(store, "timeout_ms = 600_000", attempts)
}

/// As [`retrying`], with further lines of `[dom.push]`. Waits are as short as they can be, and no attempt is saved.
fn pushing(store: impl Into<String>, lines: &str, attempts: u32) -> Settings {
    let waits = "first_delay_ms = 1\nlongest_delay_ms = 1\nbudget_percent = 100";
    let of_push = format!("{lines}\n[dom.push.retry]\nattempts = {attempts}\n{waits}\n");
    Settings { store: Some(store.into()), of_push, ..Settings::of(NO_DOM) }
}

async fn store(answer: &str) -> MockServer {
    answering(200, SOAP_11, answer).await
}

async fn told(store: &MockServer) -> Vec<(String, String)> {
    let requests = store.received_requests().await.unwrap().into_iter();
    requests
        .map(|request| (request.url.path().to_owned(), String::from_utf8(request.body).unwrap()))
        .collect()
}

fn event(operation: &str, case: &str) -> String {
    exchange(operation, case, "dom-event.xml")
}

fn assert_taken(name: &str, answer: &Answered, attempts: usize) {
    assert_eq!((answer.status, answer.code()), (200, ""), "{name}: {}", answer.body);
    assert_eq!((answer.root().as_str(), answer.attempts()), ("ApiSuccess", attempts), "{name}");
}

/// The DOM's own error document, with a status by which it sees that it has to send again.
fn assert_not_taken(name: &str, answer: &Answered, (status, code): (u16, &str)) {
    assert_eq!((answer.status, answer.code()), (status, code), "{name}: {}", answer.body);
    assert_eq!(answer.root(), "Errors", "{name}: {}", answer.body);
    assert_eq!(attribute(&answer.body, "Error", "ErrorCode"), "WC_ERROR", "{name}: {}", answer.body);
    assert!(!attribute(&answer.body, "Error", "ErrorDescription").is_empty(), "{name}: {}", answer.body);
    // A refusal is told in the store's own words; nothing else of what it sent is passed on.
    assert!(code == "GW-7004" || !answer.body.contains("Marit"), "{name}: {}", answer.body);
}

async fn push(gateway: &Running, event: &str) -> Answered {
    gateway.ask(EVENTS, event).await
}

#[tokio::test]
async fn each_event_reaches_the_stores_service_as_its_document() {
    let store = MockServer::start().await;
    for (operation, case, service) in [
        ("order_sync", "released", "/order"),
        ("order_sync", "shipped-with-its-time", "/order"),
        ("order_sync", "shipment-of-two-orders", "/order"),
        ("order_sync", "shipment-named-by-reference", "/order"),
        ("order_created", "after-transfer", "/order"),
        ("availability_sync", "single-change", "/inventory"),
        ("availability_sync", "list-of-changes", "/inventory"),
    ] {
        answers(&store, 200, SOAP_11, confirmation(None)).await;
        // One that has told the store nothing of the order yet.
        let gateway = settings(store.uri()).run().await;
        assert_taken(case, &push(&gateway, &event(operation, case)).await, 1);
        let told = told(&store).await;
        let [(path, document)] = told.as_slice() else { unreachable!("{case}: {told:?}") };
        assert_eq!(path, service, "{case}");
        assert!(document.contains("<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/"), "{case}");
        let expected = exchange(operation, case, "store-request.xml");
        assert_eq!(canonical_but_for_its_stamp(document), canonical_but_for_its_stamp(&expected), "{case}");
        let request = store.received_requests().await.unwrap();
        let headers = &request.first().unwrap().headers;
        assert_eq!(headers.get("content-type").unwrap(), SOAP_11, "{case}");
        assert!(headers.contains_key("soapaction"), "{case}");
    }
}

#[tokio::test]
async fn an_event_that_means_nothing_to_a_store_is_confirmed_and_not_sent() {
    let store = store(&confirmation(None)).await;
    let gateway = settings(store.uri()).run().await;
    let event = event("order_sync", "nothing-to-tell");
    assert_taken("nothing-to-tell", &push(&gateway, &event).await, 0);
    assert_eq!(count(&store).await, 0);
}

#[tokio::test]
async fn each_thing_the_store_does_with_a_push_has_its_status_and_code() {
    let fault = "<e:Fault xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><faultcode>e:Server</faultcode>\
                 <faultstring>no data source for Marit</faultstring></e:Fault>";
    let html = "<!DOCTYPE html><html><body>Marit</body></html>";
    let store = MockServer::start().await;
    let gateway = settings(store.uri()).run().await;
    let half = confirmation(None).chars().take(300).collect::<String>();
    for (name, status, body, outcome) in [
        ("refused", 200, confirmation(Some("_ERR_OS_PARAMS")), (422, "GW-7004")),
        ("refused at 500", 500, confirmation(Some("_ERR_OS_PARAMS")), (422, "GW-7004")),
        ("a SOAP fault", 500, soap_11(fault), (422, "GW-7004")),
        ("an HTML page", 200, html.to_owned(), (502, "GW-7003")),
        ("an HTML page at 500", 500, html.to_owned(), (502, "GW-7003")),
        ("nothing at 500", 500, String::new(), (502, "GW-7003")),
        ("nothing", 200, String::new(), (502, "GW-7003")),
        ("half an answer", 200, half, (502, "GW-7003")),
        ("another document", 200, soap_11("<Greeting/>"), (502, "GW-7003")),
        ("no such service", 404, html.to_owned(), (502, "GW-7003")),
        ("no access", 401, String::new(), (422, "GW-7004")),
        ("busy", 503, String::new(), (502, "GW-7003")),
    ] {
        for (operation, case) in [("order_sync", "released"), ("availability_sync", "single-change")] {
            answers(&store, status, SOAP_11, body.clone()).await;
            let answer = push(&gateway, &event(operation, case)).await;
            assert_not_taken(name, &answer, outcome);
            assert_eq!((count(&store).await, answer.attempts()), (1, 1), "{name}");
        }
    }
}

#[tokio::test]
async fn what_the_store_says_of_its_refusal_reaches_the_dom() {
    let store = store(&confirmation(Some("_ERR_OS_PARAMS"))).await;
    let gateway = settings(store.uri()).run().await;
    let answer = push(&gateway, &event("order_sync", "released")).await;
    assert_not_taken("refused", &answer, (422, "GW-7004"));
    // Contract Sterling section 12: the message key of the store stands in the related information.
    let more = attribute(&answer.body, "Error", "ErrorRelatedMoreInfo");
    assert_eq!(more, "_ERR_OS_PARAMS", "{}", answer.body);
    let text = attribute(&answer.body, "Error", "ErrorDescription");
    assert_eq!(text, "The message is out of sequence.", "{}", answer.body);
}

#[tokio::test]
async fn a_store_that_is_not_there_or_silent_is_told_to_the_dom() {
    let event = event("order_sync", "released");
    let (url, _kept) = closed();
    let answer = push(&settings(url).run().await, &event).await;
    assert_not_taken("not there", &answer, (502, "GW-7001"));
    for (does, outcome) in [
        (Does::Resets, (502, "GW-7003")),
        (Does::CutsItsAnswer, (502, "GW-7003")),
        (Does::SpeaksNoHttp, (502, "GW-7003")),
        (Does::Nothing, (504, "GW-7002")),
        (Does::StopsAfterTheHead, (504, "GW-7002")),
    ] {
        let store = Crooked::that(does).await;
        let silent = matches!(does, Does::Nothing | Does::StopsAfterTheHead);
        let deadlines: &[_] = if silent { &[("order_sync", 60_000, 300)] } else { &[] };
        let gateway = Settings { deadlines, ..settings(store.url.clone()) }.run().await;
        assert_not_taken(&format!("{does:?}"), &push(&gateway, &event).await, outcome);
        assert_eq!(store.requests(), 1, "{does:?}");
    }
}

#[tokio::test]
async fn an_event_for_nobody_is_refused_and_not_sent() {
    let other = |event: String| event.replace("NORDWIND-INV", "SUEDWIND-INV").replace("NORDWIND", "SUEDWIND");
    let store = store(&confirmation(None)).await;
    let gateway = settings(store.uri()).run().await;
    for (operation, case, outcome) in [
        ("order_sync", "released", (400, "GW-3003")),
        ("order_sync", "shipment-of-two-orders", (400, "GW-3003")),
        ("order_created", "after-transfer", (400, "GW-3003")),
        ("availability_sync", "list-of-changes", (400, "GW-3003")),
        // Stock is owned by one of two kinds of organization; this one is neither.
        ("availability_sync", "single-change", (422, "GW-7005")),
    ] {
        let answer = push(&gateway, &other(event(operation, case))).await;
        assert_not_taken(case, &answer, outcome);
        assert_eq!(answer.attempts(), 0, "{case}");
        assert!(answer.body.contains("`SUEDWIND"), "{case}: {}", answer.body);
    }
    assert_eq!(count(&store).await, 0);
}

#[tokio::test]
async fn a_store_that_takes_no_pushes_is_told_to_the_dom() {
    let gateway = Settings::of(NO_DOM).run().await;
    let answer = push(&gateway, &event("order_sync", "released")).await;
    assert_not_taken("no inbound", &answer, (422, "GW-7005"));
}

#[tokio::test]
async fn a_push_that_is_not_understood_is_refused_in_the_doms_words_and_not_sent() {
    let store = store(&confirmation(None)).await;
    let gateway = settings(store.uri()).run().await;
    let released = event("order_sync", "released");
    let half: String = released.chars().take(100).collect();
    let number = replaced(
        &event("availability_sync", "single-change"),
        "OnhandAvailableQuantity=\"",
        "OnhandAvailableQuantity=\"x",
    );
    for (name, document) in [
        ("nothing", ""),
        ("no XML", "OrderNo=WC_1"),
        ("half a document", &half),
        ("a document type", "<!DOCTYPE Order><Order/>"),
        ("an unknown root", "<Greeting/>"),
        ("an order that tells nothing", "<Order/>"),
        ("a number that is none", &number),
        ("a question of a store", &crate::documents::availability()),
        ("a question of a store in an envelope", &soap_11(&crate::documents::availability())),
    ] {
        let answer = push(&gateway, document).await;
        assert_eq!(
            (answer.status, answer.header("x-gateway-origin")),
            (400, "dom"),
            "{name}: {}",
            answer.body
        );
        assert_not_taken(name, &answer, (400, answer.code()));
        assert!(answer.code().starts_with("GW-"), "{name}: {}", answer.body);
    }
    assert_eq!(count(&store).await, 0);
}

#[tokio::test]
async fn a_dom_that_pushes_the_stores_own_document_is_answered_with_a_confirmation() {
    let document = exchange("order_sync", "shipped-with-its-time", "store-request.xml");
    let store = MockServer::start().await;
    for (name, sent, envelope) in [
        ("bare", document.clone(), "oagis"),
        ("SOAP 1.1", soap_11(&document), "schemas.xmlsoap.org"),
        ("SOAP 1.2", soap_12(&document), "www.w3.org/2003/05"),
    ] {
        for (refused, status, outcome) in
            [(None, 200, "BODSuccessMessage"), (Some("_ERR_OS_PARAMS"), 422, "BODFailureMessage")]
        {
            // One that has not told the store of it yet.
            let gateway = settings(store.uri()).run().await;
            answers(&store, 200, SOAP_11, confirmation(refused)).await;
            let answer = push(&gateway, &sent).await;
            assert_eq!(
                (answer.status, answer.root().as_str()),
                (status, "ConfirmBOD"),
                "{name}: {}",
                answer.body
            );
            let read = roxmltree::Document::parse(&answer.body).unwrap();
            let namespace = read.root_element().tag_name().namespace().unwrap();
            assert!(namespace.contains(envelope), "{name}: {namespace}");
            assert!(
                read.descendants().any(|node| node.tag_name().name() == outcome),
                "{name}: {}",
                answer.body
            );
            let original =
                read.descendants().find(|node| node.tag_name().name() == "OriginalApplicationArea");
            let original = original.unwrap().descendants().find(|node| node.tag_name().name() == "BODID");
            let sent_id = crate::caller::first(&sent, "BODID");
            assert_eq!(original.unwrap().text(), Some(sent_id.as_str()), "{name}: {}", answer.body);
            let told = told(&store).await;
            let (_, told) = told.first().unwrap();
            let expected = canonical_but_for_its_stamp(&document);
            assert_eq!(canonical_but_for_its_stamp(told), expected, "{name}");
        }
    }
}
