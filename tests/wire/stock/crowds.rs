//! Many callers at once: how little the DOM is asked.
//!
//! The DOM holds its first answer back until every caller is known to wait; from then on nothing depends on how fast
//! anybody is.

use gateway_simulator::serve::{Shows, Trouble};

use super::documents::online;
use super::streams::Streams;
use super::world::{FOR_EVER, ITEMS, SHOP, World, item};
use crate::gateway::Settings;

/// Callers at once.
const CROWD: usize = 10_000;

/// One call to the DOM at a time: what comes while the first is held waits for it, however long that takes.
const ONE_AT_A_TIME: &str = "[dom.batch]\ncalls = 1\n";

async fn crowded() -> World {
    let world = World::of(FOR_EVER, |settings| Settings {
        listen: "calls = 20_000\nstreams = 1_000\nidle_timeout_ms = 600_000\n".to_owned(),
        of_dom: ONE_AT_A_TIME.to_owned(),
        ..settings
    })
    .await;
    world.dom.script().add("availability", Trouble::after_acting(Shows::Held));
    world
}

/// Waits until so many calls are under way. Everything here runs on one thread, and a call that is under way has come as
/// far as it comes without the DOM.
async fn until_under_way(world: &World, calls: usize) {
    until_metric(world, &format!("gateway_calls_under_way {calls}")).await;
}

/// Reads that stopped because their caller hung up.
const STOPPED: &str =
    "gateway_callers_gone_total{caller=\"nordlicht\",operation=\"availability\",call=\"stopped\"} {}";

async fn until_metric(world: &World, wanted: &str) {
    while !world.gateway.admin("/metrics").await.body.lines().any(|line| line == wanted) {
        tokio::task::yield_now().await;
    }
}

async fn all_answered(world: &World, questions: &[String]) -> Vec<(u16, String)> {
    let streams = Streams::open(&world.gateway, questions.len()).await;
    let release = async {
        world.dom.script().wait_for_held().await;
        until_under_way(world, questions.len()).await;
        world.dom.script().release(1);
    };
    futures_util::future::join(streams.ask_all(questions), release).await.0
}

#[tokio::test]
async fn ten_thousand_who_miss_one_item_at_once_ask_for_one_line() {
    let world = crowded().await;
    let questions = vec![online(&["P-007"]); CROWD];
    let answers = all_answered(&world, &questions).await;
    assert!(answers.iter().all(|(status, document)| *status == 200 && document.contains(">107")));
    assert_eq!(world.asked(), (1, 1));
    assert_eq!(world.lines(&online(&["P-007"])).await, [format!("P-007 {SHOP} Available 107")]);
    assert_eq!(world.asked(), (1, 1));
}

#[tokio::test]
async fn ten_thousand_who_miss_500_items_at_once_ask_for_each_once_in_6_questions_of_at_most_100_lines() {
    let world = crowded().await;
    let number = |place: usize| (place * 7) % ITEMS;
    let questions: Vec<String> = (0..CROWD).map(|place| online(&[&item(number(place))])).collect();
    let answers = all_answered(&world, &questions).await;
    for (place, (status, document)) in answers.iter().enumerate() {
        let number = number(place);
        assert_eq!(*status, 200, "{document}");
        assert!(document.contains(&format!(">{}<", item(number))), "{document}");
        assert!(
            document.contains(&format!(">{}.", 100 + number))
                || document.contains(&format!(">{}<", 100 + number)),
            "{document}"
        );
    }
    let (calls, lines) = world.asked();
    assert!(calls <= 6, "{calls}");
    assert_eq!(lines, ITEMS as u64);
    for call in world.dom.journal().take() {
        assert!(call.question.matches("<MonitorItemAvailability").count() <= 100, "{}", call.question);
    }
}

#[tokio::test]
async fn who_hangs_up_cancels_nothing_that_others_wait_for() {
    let world = crowded().await;
    let (shared, own) = (online(&["P-001"]), online(&["P-002", "P-003"]));
    let script = world.dom.script();
    let streams = Streams::open(&world.gateway, 1).await;
    let first = streams.ask(0, &shared);
    let held = async { script.wait_for_held().await };
    let hung_up = async {
        tokio::select! {
            _ = futures_util::future::join(streams.ask(0, &own), world.lines(&own)) => unreachable!("one at a time"),
            () = until_under_way(&world, 3) => {}
        }
    };
    // Whoever asked first hangs up, so do two who asked for more beside, and the connection of two of them is closed.
    let all = async {
        held.await;
        hung_up.await;
    };
    tokio::select! {
        _ = first => unreachable!("the DOM holds its answer back"),
        () = all => {}
    }
    drop(streams);
    let question = online(&["P-001", "P-003"]);
    let waiting = world.lines(&question);
    let release = async {
        // Three reads have stopped with their callers.
        until_metric(&world, &STOPPED.replace("{}", "3")).await;
        until_under_way(&world, 1).await;
        script.release(1);
    };
    let (lines, ()) = futures_util::future::join(waiting, release).await;
    assert_eq!(lines, [format!("P-001 {SHOP} Available 101"), format!("P-003 {SHOP} Available 103")]);
    // Each line once, in the question that was under way and one for what waited; the line nobody waits for is not asked.
    assert_eq!(world.asked(), (2, 2));
}
