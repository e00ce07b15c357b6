//! Telling a store again within the DOM's timeout, and giving the event back when that did not help.

use wiremock::MockServer;

use super::desk::Desk;
use super::{assert_not_taken, assert_taken, event, push, pushing, retrying};
use crate::caller::SOAP_11;
use crate::crooked::{Crooked, Does, closed};
use crate::documents::soap_11;
use crate::stand_in::{answering, answers, confirmation, count};

/// What a store does with one attempt.
#[derive(Debug, Clone, Copy)]
enum Attempt {
    Resets,
    Says(u16, &'static str),
    Faults,
    Takes,
}

const EVENTS: [(&str, &str); 3] =
    [("order_sync", "released"), ("order_created", "after-transfer"), ("availability_sync", "single-change")];

fn fault() -> String {
    soap_11(
        "<e:Fault xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><faultcode>e:Server</faultcode>\
         <faultstring>no data source</faultstring></e:Fault>",
    )
}

/// Answers one attempt after the other; all of them bring one document.
async fn play(store: &mut Desk, attempts: &[Attempt]) {
    let mut documents = Vec::new();
    for attempt in attempts {
        let told = store.next().await;
        documents.push(told.document.clone());
        match attempt {
            Attempt::Resets => told.reset(),
            Attempt::Says(status, body) => told.answer(*status, body).await,
            Attempt::Faults => told.answer(500, &fault()).await,
            Attempt::Takes => told.answer(200, &confirmation(None)).await,
        }
    }
    documents.dedup();
    assert_eq!(documents.len(), 1, "{attempts:?}");
}

#[tokio::test]
async fn a_store_that_is_in_trouble_for_a_moment_is_told_again() {
    for (operation, case) in EVENTS {
        for attempts in [
            vec![Attempt::Says(503, ""), Attempt::Takes],
            vec![Attempt::Resets, Attempt::Takes],
            vec![Attempt::Says(500, "<html"), Attempt::Says(200, "<html/>"), Attempt::Takes],
            vec![Attempt::Faults, Attempt::Resets, Attempt::Says(404, ""), Attempt::Takes],
        ] {
            let mut store = Desk::open().await;
            let gateway = retrying(store.url.clone(), 4).run().await;
            let document = event(operation, case);
            let (answer, ()) = tokio::join!(push(&gateway, &document), play(&mut store, &attempts));
            assert_taken(&format!("{case} {attempts:?}"), &answer, attempts.len());
            assert!(!store.is_asked(), "{case} {attempts:?}");
        }
    }
}

#[tokio::test]
async fn a_store_that_stays_in_trouble_is_told_so_often_and_the_event_given_back() {
    let store = MockServer::start().await;
    for (operation, case) in EVENTS {
        for (status, body, outcome) in
            [(503, String::new(), (502, "GW-7003")), (500, fault(), (422, "GW-7004"))]
        {
            answers(&store, status, SOAP_11, body).await;
            let gateway = retrying(store.uri(), 3).run().await;
            let answer = push(&gateway, &event(operation, case)).await;
            assert_not_taken(case, &answer, outcome);
            assert_eq!((count(&store).await, answer.attempts()), (3, 3), "{case} {status}");
        }
    }
    let (url, _kept) = closed();
    let answer = push(&retrying(url, 3).run().await, &event("order_sync", "released")).await;
    assert_not_taken("not there", &answer, (502, "GW-7001"));
    assert_eq!(answer.attempts(), 3);
    let store = Crooked::that(Does::CutsItsAnswer).await;
    let answer = push(&retrying(store.url.clone(), 3).run().await, &event("order_sync", "released")).await;
    assert_not_taken("cut", &answer, (502, "GW-7003"));
    assert_eq!(store.requests(), 3);
}

#[tokio::test]
async fn what_would_be_refused_again_is_told_once() {
    for (name, status, body, code) in [
        ("a refusal", 200, confirmation(Some("_ERR_ORDER_NOT_FOUND")), "GW-7004"),
        ("a refusal at 500", 500, confirmation(Some("_ERR_ORDER_NOT_FOUND")), "GW-7004"),
        ("credentials", 401, String::new(), "GW-7004"),
        ("rights", 403, String::new(), "GW-7004"),
    ] {
        for (operation, case) in EVENTS {
            let store = answering(status, SOAP_11, body.clone()).await;
            let gateway = retrying(store.uri(), 4).run().await;
            let answer = push(&gateway, &event(operation, case)).await;
            assert_not_taken(name, &answer, (422, code));
            assert_eq!((count(&store).await, answer.attempts()), (1, 1), "{name}");
        }
    }
}

#[tokio::test]
async fn the_doms_timeout_ends_all_attempts() {
    let store = Crooked::that(Does::Nothing).await;
    let gateway = pushing(store.url.clone(), "timeout_ms = 400", 10).run().await;
    let answer = push(&gateway, &event("order_sync", "released")).await;
    assert_not_taken("silence", &answer, (504, "GW-7002"));
    assert_eq!((store.requests(), answer.attempts()), (1, 1));
}
