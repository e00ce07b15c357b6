//! A DOM that is dead: how little more it is asked than it would be, and that everything goes on when it is back.

use futures_util::future::join_all;

use super::{asked, documents, fails, world_of};

/// Rounds in which every operation is asked once.
const ROUNDS: u64 = 200;

/// So many rounds of these operations, one after the other; how many calls that were.
async fn rounds(world: &crate::stock::world::World, operations: &[&str]) -> u64 {
    let documents = documents();
    let chosen: Vec<_> = documents.iter().filter(|(name, ..)| operations.contains(name)).collect();
    for _ in 0..ROUNDS {
        join_all(chosen.iter().map(|(_, path, document)| world.gateway.ask(path, document))).await;
    }
    ROUNDS * chosen.len() as u64
}

#[tokio::test]
async fn without_a_breaker_a_dead_dom_is_asked_by_a_tenth_more_than_by_those_who_ask() {
    let world = world_of(
        "[dom.breaker]\nenabled = false\n[dom.retry_budget]\npercent = 20\npercent_in_outage = 10\nfree_per_second = 0\n",
    )
    .await;
    fails(&world);
    let calls = rounds(&world, &["availability", "check", "history", "details"]).await;
    let asked = asked(&world);
    assert!(asked > calls && asked * 100 <= calls * 110, "{asked} of {calls}");
}

#[tokio::test]
async fn a_dead_dom_is_hardly_asked_by_all_operations_together_and_all_go_on_when_it_is_back() {
    // As it comes, but for the open times, so that nobody has to wait.
    let as_it_comes =
        "[dom.breaker]\nfirst_open_ms = 20\nlongest_open_ms = 20\n[dom.retry_budget]\n[dom.pool]\n";
    let world = world_of(as_it_comes).await;
    let all = ["availability", "check", "history", "details", "reserve", "cancel_reservation", "transfer"];
    fails(&world);
    let calls = rounds(&world, &all).await;
    let asked = asked(&world);
    assert!(asked * 100 <= calls * 110, "{asked} of {calls}");
    world.dom.script().set_lasting(None);
    for (name, path, document) in documents() {
        loop {
            let answer = world.gateway.ask(path, &document).await;
            // Somebody has to try whether it is back.
            if answer.code() != "GW-4013" {
                assert_eq!(answer.status, 200, "{name}: {}", answer.body);
                break;
            }
        }
        for _ in 0..20 {
            assert_eq!(world.gateway.ask(path, &document).await.status, 200, "{name}");
        }
    }
}

#[tokio::test]
async fn a_pause_that_the_dom_asks_for_is_passed_on_and_kept() {
    use crate::stand_in::{count, dom_by};
    use wiremock::ResponseTemplate;
    let dom = dom_by(|_| ResponseTemplate::new(503).insert_header("Retry-After", "7")).await;
    // More than the call may take: nobody comes back sooner.
    let deadlines = &[
        ("availability", 5_000, 5_000),
        ("reserve", 5_000, 5_000),
        ("cancel_reservation", 5_000, 5_000),
        ("transfer", 5_000, 5_000),
        ("details", 5_000, 5_000),
    ];
    let gateway =
        crate::gateway::Settings { deadlines, ..crate::gateway::Settings::of(dom.uri()) }.run().await;
    let [availability, .., reserve, _, transfer] = documents();
    // A question is not asked again so soon. What a write may have done is seen to, whatever the DOM says of its load.
    for ((name, path, document), code) in
        [(availability, "GW-4011"), (reserve, "GW-4031"), (transfer, "GW-4021")]
    {
        let answer = gateway.ask(path, &document).await;
        let told = (answer.code(), answer.header("retry-after"));
        assert_eq!(told, (code, "7"), "{name}: {}", answer.body);
        if name == "availability" {
            assert_eq!((answer.attempts(), count(&dom).await), (1, 1));
        }
    }
}
