//! The same document twice at once: the DOM is asked once, and each is told of its own.

use futures_util::future::join;
use gateway_simulator::serve::{Shows, Trouble};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{documents, until_metric, world_of};
use crate::caller::{Answered, first};
use crate::crooked::Held;
use crate::documents::{canonical_but_for_its_stamp, replaced, soap_12};
use crate::gateway::{ORDERS, Settings, within};
use crate::stock::documents::{sent, transfer};
use crate::stock::world::{World, ago};

const WRITES: [&str; 3] = ["reserve", "cancel_reservation", "transfer"];

fn document(operation: &str) -> (&'static str, String) {
    let found = documents().into_iter().find(|(known, ..)| *known == operation);
    found.map(|(_, path, document)| (path, document)).unwrap()
}

/// The document as it is when it is written anew: with another identity and another time.
fn anew(document: &str) -> String {
    let id = first(document, "BODID");
    let made = first(document, "CreationDateTime");
    let text = replaced(document, &format!("BODID>{id}<"), "BODID>written-anew<");
    replaced(&text, &format!("CreationDateTime>{made}<"), "CreationDateTime>2026-07-20T09:00:02Z<")
}

/// Asks twice: the second while the DOM is at work on the first.
async fn twice(world: &World, operation: &str, path: &str, documents: [&str; 2]) -> [Answered; 2] {
    let script = world.dom.script();
    script.add(operation, Trouble::after_acting(Shows::Held));
    let second = async {
        script.wait_for_held().await;
        let joined = async {
            until_metric(&world.gateway, "gateway_writes_joined_total 1").await;
            script.release(1);
        };
        join(world.gateway.ask(path, documents[1]), joined).await.0
    };
    let (first, second) = join(world.gateway.ask(path, documents[0]), second).await;
    [first, second]
}

/// The identity of the document that an answer names as its question.
fn original(answer: &Answered) -> String {
    let area = answer.body.split_once("OriginalApplicationArea").unwrap().1;
    area.split_once("BODID>").unwrap().1.split_once('<').unwrap().0.to_owned()
}

#[tokio::test]
async fn the_same_write_twice_is_asked_once_and_each_gets_an_answer_of_its_own() {
    for operation in WRITES {
        let world = world_of("").await;
        let (path, one) = document(operation);
        // The second is another document in another envelope, and says the same.
        let other = anew(&one);
        let [first, second] = twice(&world, operation, path, [&one, &soap_12(&other)]).await;
        assert_eq!(world.dom.script().count(operation).calls, 1, "{operation}");
        for (answer, asked) in [(&first, &one), (&second, &other)] {
            assert_eq!((answer.status, answer.attempts()), (200, 1), "{operation}: {}", answer.body);
            assert_eq!(original(answer), crate::caller::first(asked, "BODID"), "{operation}");
        }
        assert_eq!(first.code(), second.code(), "{operation}");
        assert_ne!(first.first("BODID"), second.first("BODID"), "{operation}");
        assert!(second.body.contains("http://www.w3.org/2003/05/soap-envelope"));
        // But for their areas they are the same.
        let without = |answer: &Answered| {
            let text = canonical_but_for_its_stamp(&answer.body);
            let (before, after) = text.split_once("DataArea").unwrap();
            assert!(before.contains("BODID"));
            let id = original(answer);
            let text = after.replace(&id, "*");
            let (before, made) = text.split_once("CreationDateTime >").unwrap();
            format!("{before}{}", made.split_once("</>").unwrap().1)
        };
        assert_eq!(without(&first), without(&second), "{operation}");
    }
}

#[tokio::test]
async fn the_same_write_again_after_it_was_answered_is_asked_again() {
    let world = world_of("").await;
    let (path, document) = document("reserve");
    for calls in 1..=3 {
        world.gateway.ask(path, &document).await;
        assert_eq!(world.dom.script().count("reserve").calls, calls);
    }
}

#[tokio::test]
async fn another_document_for_the_same_order_is_a_conflict_while_the_first_is_under_way() {
    let world = world_of("").await;
    let script = world.dom.script();
    script.add("transfer", Trouble::after_acting(Shows::Held));
    let hand_over = async |quantity: &str, order: &str| {
        world.gateway.ask(ORDERS, &transfer((order, &ago(0)), &[sent("71", "P-001", quantity)])).await
    };
    let others = async {
        script.wait_for_held().await;
        let conflict = hand_over("3", "9001").await;
        assert_eq!(conflict.status, 200, "{}", conflict.body);
        assert_eq!(conflict.fate(), ["GW-1018", "store", "no", "after-check"]);
        assert_eq!(conflict.in_band().root, "AcknowledgeOrder");
        // Another order has nothing to do with it.
        assert_eq!(hand_over("3", "9002").await.code(), "");
        script.release(1);
    };
    let (first, ()) = join(hand_over("2", "9001"), others).await;
    assert_eq!((first.status, first.code()), (200, ""), "{}", first.body);
    assert_eq!(script.count("transfer").calls, 2);
    until_metric(&world.gateway, "gateway_writes_conflicting_total 1").await;
}

#[tokio::test]
async fn items_of_an_order_may_be_given_back_one_by_one_at_once() {
    let world = world_of("").await;
    let (path, one) = document("cancel_reservation");
    let other = replaced(&one, "PartNumber>", "PartNumber>OTHER-");
    let script = world.dom.script();
    script.add("cancel_reservation", Trouble::after_acting(Shows::Held));
    let second = async {
        script.wait_for_held().await;
        let begun = async {
            until_metric(&world.gateway, "gateway_calls_under_way 2").await;
            script.release(1);
        };
        join(world.gateway.ask(path, &other), begun).await.0
    };
    let (first, second) = join(world.gateway.ask(path, &one), second).await;
    for answer in [first, second] {
        assert_ne!(answer.code(), "GW-1018", "{}", answer.body);
    }
    until_metric(&world.gateway, "gateway_writes_joined_total 0").await;
}

#[tokio::test]
async fn who_sent_it_again_is_answered_although_the_first_hung_up() {
    let world = world_of("").await;
    let (path, document) = document("transfer");
    let script = world.dom.script();
    script.add("transfer", Trouble::after_acting(Shows::Held));
    let mut first = TcpStream::connect(world.gateway.data).await.unwrap();
    let length = document.len();
    let request = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{document}");
    first.write_all(request.as_bytes()).await.unwrap();
    script.wait_for_held().await;
    drop(first);
    until_metric(
        &world.gateway,
        "gateway_callers_gone_total{caller=\"nordlicht\",operation=\"transfer\",call=\"goes on\"} 1",
    )
    .await;
    let release = async {
        until_metric(&world.gateway, "gateway_writes_joined_total 1").await;
        script.release(1);
    };
    let (answer, ()) = join(world.gateway.ask(path, &document), release).await;
    assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
    assert_eq!(script.count("transfer").calls, 1);
    assert_eq!(world.dom.with(|dom| dom.keys("9001").len()), 1);
}

#[tokio::test]
async fn who_joined_is_told_what_a_look_at_the_dom_found() {
    let world = world_of("").await;
    let (path, one) = document("transfer");
    let script = world.dom.script();
    // The order was taken, and nobody heard of it; the look for it is held until the second has come.
    script.add("transfer", Trouble::after_acting(Shows::Dropped));
    script.add("details", Trouble::after_acting(Shows::Held));
    let second = async {
        script.wait_for_held().await;
        let joined = async {
            until_metric(&world.gateway, "gateway_writes_joined_total 1").await;
            script.release(1);
        };
        join(world.gateway.ask(path, &anew(&one)), joined).await.0
    };
    let (first, second) = join(world.gateway.ask(path, &one), second).await;
    for (answer, original_id) in [(&first, first_id(&one)), (&second, "written-anew".to_owned())] {
        assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 2), "{}", answer.body);
        assert_eq!(original(answer), original_id);
    }
    assert_eq!((script.count("transfer").calls, script.count("details").calls), (1, 1));
}

#[tokio::test]
async fn who_joined_hears_of_the_same_trouble() {
    let (path, one) = document("transfer");
    // What comes is no answer, and after it nobody is there to be asked what became of the order.
    let dom = Held::with("<Greeting></Greeting>").await;
    let gateway = Settings::of(dom.url.clone()).run().await;
    let second = async {
        within(dom.asked()).await;
        let joined = async {
            until_metric(&gateway, "gateway_writes_joined_total 1").await;
            dom.release();
        };
        join(gateway.ask(path, &anew(&one)), joined).await.0
    };
    let (first, second) = join(gateway.ask(path, &one), second).await;
    for answer in [first, second] {
        assert_eq!((answer.status, answer.code()), (500, "GW-4021"), "{}", answer.body);
        assert_eq!(answer.header("retry-after"), "5");
    }
}

fn first_id(document: &str) -> String {
    first(document, "BODID")
}
