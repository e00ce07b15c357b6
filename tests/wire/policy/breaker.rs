//! An API of the DOM that fails is left alone: what each operation is told then, and how it comes back.

use gateway_simulator::serve::{Shows, Trouble};

use super::{asked, documents, fails, until_metric, world_of};
use crate::gateway::ORDERS;
use crate::stock::documents::{sent, transfer};
use crate::stock::world::ago;

/// Left alone after two failures, for so long that no test sees the end of it.
const FOR_LONG: &str =
    "[dom.breaker]\nleast_calls = 2\nfirst_open_ms = 3_600_000\nlongest_open_ms = 3_600_000\n";
/// Left alone after two failures, and asked again as soon as can be.
const SHORTLY: &str = "[dom.breaker]\nleast_calls = 2\nfirst_open_ms = 1\nlongest_open_ms = 1\n";

#[tokio::test]
async fn each_operation_is_told_in_its_own_way_that_the_dom_is_left_alone() {
    for (operation, path, document) in documents() {
        let world = world_of(&format!("{FOR_LONG}[dom.verify]\nenabled = false\n")).await;
        fails(&world);
        for order in ["8001", "8002"] {
            // About other orders: under this one's id nothing is owed.
            world.gateway.ask(path, &document.replace("9001", order)).await;
        }
        let api = if operation == "check" { "availability" } else { operation };
        let before = world.dom.script().count(api).calls;
        let answer = world.gateway.ask(path, &document).await;
        assert_eq!(world.dom.script().count(api).calls, before, "{operation}");
        assert_eq!(answer.fate(), ["GW-4013", "network", "no", "safe"], "{operation}: {}", answer.body);
        let pause: u32 = answer.header("retry-after").parse().unwrap();
        assert!((1_800..=3_600).contains(&pause), "{operation}: {pause}");
        assert_eq!(answer.attempts(), 0, "{operation}");
        match operation {
            "availability" | "check" | "history" | "details" => {
                assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
                assert_eq!(answer.in_band().code, "ERROR", "{operation}");
                assert_eq!(answer.in_band().reason_code, "_ERR_FAIL_TO_CONNECT_TO_EXTERNAL_SYSTEM");
            }
            _ => {
                assert_eq!(answer.status, 503, "{operation}: {}", answer.body);
                assert_eq!(answer.soap_fault().side, "Server", "{operation}");
            }
        }
    }
}

#[tokio::test]
async fn an_api_that_fails_shuts_no_other_one_and_a_check_is_asked_as_stock_is() {
    let world = world_of(FOR_LONG).await;
    world.trouble("availability", &Shows::Status(500), 2);
    let documents = documents();
    let ask = async |name: &str| {
        let (_, path, document) = documents.iter().find(|(known, ..)| *known == name).unwrap();
        world.gateway.ask(path, document).await.code().to_owned()
    };
    assert_eq!(ask("availability").await, "GW-4004");
    for (name, code) in [
        ("availability", "GW-4013"),
        ("check", "GW-4013"),
        ("reserve", ""),
        ("transfer", ""),
        ("history", ""),
    ] {
        assert_eq!(ask(name).await, code, "{name}");
    }
    until_metric(&world.gateway, "gateway_dom_breaker_state{dom=\"sterling\",operation=\"availability\"} 2")
        .await;
    until_metric(&world.gateway, "gateway_dom_breaker_state{dom=\"sterling\",operation=\"transfer\"} 0")
        .await;
    until_metric(
        &world.gateway,
        "gateway_dom_breaker_openings_total{dom=\"sterling\",operation=\"availability\"} 1",
    )
    .await;
}

#[tokio::test]
async fn one_request_tries_it_after_each_open_time_and_all_ask_once_one_is_answered() {
    let world = world_of(SHORTLY).await;
    let [(_, path, document), ..] = documents();
    fails(&world);
    world.gateway.ask(path, &document).await;
    world.dom.script().set_lasting(None);
    // The one that tries whether it is back is held: the next one does not wait for it.
    world.dom.script().add("availability", Trouble::after_acting(Shows::Held));
    let before = asked(&world);
    let tries = async || loop {
        let answer = world.gateway.ask(path, &document).await;
        if answer.code() != "GW-4013" {
            break answer;
        }
    };
    let beside = async {
        world.dom.script().wait_for_held().await;
        let answer = tries().await;
        assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
        for _ in 0..20 {
            assert_eq!(world.gateway.ask(path, &document).await.code(), "");
        }
        assert_eq!(asked(&world), before + 22);
        world.dom.script().release(1);
    };
    let (tried, ()) = futures_util::future::join(tries(), beside).await;
    assert_eq!((tried.status, tried.code()), (200, ""), "{}", tried.body);
    assert_eq!(asked(&world), before + 22);
}

#[tokio::test]
async fn an_order_is_looked_for_although_orders_are_not_sent_any_more() {
    let world = world_of(FOR_LONG).await;
    let hand_over = async |order: &str| {
        world.gateway.ask(ORDERS, &transfer((order, &ago(0)), &[sent("71", "P-001", "2")])).await
    };
    // Both were taken, and nobody heard of it; from the second one on nothing is sent.
    for order in ["9001", "9002"] {
        world.dom.script().add("transfer", Trouble::after_acting(Shows::Dropped));
        let answer = hand_over(order).await;
        assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
    }
    assert_eq!(hand_over("9003").await.status, 503);
    assert_eq!(world.dom.script().count("transfer").calls, 2);
    assert_eq!(world.dom.script().count("details").calls, 2);
}

#[tokio::test]
async fn what_the_dom_refuses_for_a_reason_opens_nothing() {
    let world = world_of(FOR_LONG).await;
    let errors = Shows::Errors { code: "INV99901".to_owned(), description: "No such item".to_owned() };
    let [(_, path, document), ..] = documents();
    world.trouble("availability", &errors, 10);
    for _ in 0..10 {
        assert_eq!(world.gateway.ask(path, &document).await.code(), "GW-4010");
    }
    assert_eq!(world.gateway.ask(path, &document).await.code(), "");
}
