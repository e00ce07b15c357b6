//! Line by line: what is remembered is answered, the rest is asked for.

use gateway_cache::Scope;
use gateway_simulator::serve::Shows;
use jiff::Timestamp;

use super::documents::{Asked, change, online, physical};
use super::world::{FOR_EVER, MUNICH, SHOP, World, ZURICH, ago, item};
use crate::gateway::INVENTORY;

/// What is there of an item online at the start.
fn there(number: usize) -> String {
    format!("P-{number:03} {SHOP} Available {}", 100 + number)
}

#[tokio::test]
async fn a_repeated_question_asks_once() {
    let world = World::with(FOR_EVER).await;
    let question = online(&["P-001"]);
    for _ in 0..5 {
        assert_eq!(world.lines(&question).await, [there(1)]);
        assert_eq!(world.asked(), (1, 1));
    }
}

#[tokio::test]
async fn of_20_items_of_which_18_are_known_2_are_asked_for_in_one_question() {
    let world = World::with(FOR_EVER).await;
    let names: Vec<String> = (0..20).map(item).collect();
    let known: Vec<&str> = names
        .iter()
        .enumerate()
        .filter(|(at, _)| ![6, 13].contains(at))
        .map(|(_, name)| name.as_str())
        .collect();
    world.ask(&online(&known)).await;
    assert_eq!(world.asked(), (1, 18));
    // Asked backwards: the order of the answer is that of the question.
    let all: Vec<&str> = names.iter().rev().map(String::as_str).collect();
    let expected: Vec<String> = (0..20).rev().map(there).collect();
    assert_eq!(world.lines(&online(&all)).await, expected);
    assert_eq!(world.asked(), (2, 20));
    let last = world.dom.journal().take().pop().unwrap();
    assert!(last.question.contains("P-006") && last.question.contains("P-013"), "{}", last.question);
    assert_eq!(last.question.matches("ItemID").count(), 2, "{}", last.question);
}

#[tokio::test]
async fn what_is_known_at_one_place_is_asked_for_at_the_others() {
    let world = World::with(FOR_EVER).await;
    world.ask(&physical(&["LAMP-0042-BRS"], &[MUNICH])).await;
    assert_eq!(world.asked(), (1, 1));
    let everywhere = Asked {
        items: vec!["LAMP-0042-BRS", "P-002"],
        online: vec![SHOP],
        physical: vec![ZURICH, MUNICH],
        ..Asked::default()
    };
    let expected = [
        format!("LAMP-0042-BRS {SHOP} Available 144"),
        format!("LAMP-0042-BRS {ZURICH} Unavailable"),
        format!("LAMP-0042-BRS {MUNICH} Available 4"),
        format!("P-002 {SHOP} Available 102"),
        format!("P-002 {ZURICH} Available 1002"),
        format!("P-002 {MUNICH} Unavailable"),
    ];
    for _ in 0..2 {
        assert_eq!(world.lines(&everywhere.document()).await, expected);
        assert_eq!(world.asked(), (2, 6));
    }
    assert_eq!(
        ["requests_missed", "requests_partial", "requests_hit"].map(|name| world.counter(name)),
        [1, 1, 1]
    );
}

#[tokio::test]
async fn an_answer_has_the_identifiers_of_its_question() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["LAMP-0042-BRS"])).await;
    assert_eq!(world.asked(), (1, 1));
    // The same place by its id is the same stock.
    let by_store_id = Asked { items: vec!["LAMP-0042-BRS"], online: vec!["#11651"], ..Asked::default() };
    assert_eq!(world.lines(&by_store_id.document()).await, ["LAMP-0042-BRS #11651 Available 144"]);
    assert_eq!(world.asked(), (1, 1));
    // What only the store's own ids name is asked for by them, once.
    let by_ids = Asked {
        items: vec!["#31207"],
        online: vec!["#11651"],
        physical: vec!["#12001", "#12002"],
        ..Asked::default()
    };
    for _ in 0..2 {
        assert_eq!(
            world.lines(&by_ids.document()).await,
            ["#31207 #11651 Available 144", "#31207 #12001 Available 4", "#31207 #12002 Unavailable"]
        );
        assert_eq!(world.asked(), (2, 4));
    }
}

#[tokio::test]
async fn what_comes_later_is_remembered_with_its_day() {
    let world = World::with(FOR_EVER).await;
    let question = Asked {
        items: vec!["RUG-1187-GRN", "VASE-0007-RED"],
        online: vec![SHOP],
        physical: vec![ZURICH],
        ..Asked::default()
    };
    let asked = world.lines(&question.document()).await;
    let [rug, rug_in_zurich, vase, vase_in_zurich] = asked.as_slice() else { unreachable!("{asked:?}") };
    assert_eq!(rug, &format!("RUG-1187-GRN {SHOP} Available 1"));
    let (what, day) = rug_in_zurich.rsplit_once(' ').unwrap();
    assert_eq!((what, day.len()), (format!("RUG-1187-GRN {ZURICH} Backorderable").as_str(), 10));
    // Contract store section 5: an online store says that it has nothing, a physical one says no quantity.
    assert_eq!(vase, &format!("VASE-0007-RED {SHOP} Unavailable 0"));
    assert_eq!(vase_in_zurich, &format!("VASE-0007-RED {ZURICH} Unavailable"));
    assert_eq!(world.lines(&question.document()).await, asked);
    assert_eq!(world.asked(), (1, 4));
}

#[tokio::test]
async fn each_unit_has_its_own_stock() {
    let world = World::with(FOR_EVER).await;
    let cloth = |unit| {
        Asked { items: vec!["CLOTH-0550-BLU"], online: vec![SHOP], units: vec![unit], ..Asked::default() }
            .document()
    };
    for _ in 0..2 {
        assert_eq!(world.lines(&cloth("MTR")).await, [format!("CLOTH-0550-BLU {SHOP} Available 12.5 MTR")]);
        assert_eq!(world.asked(), (1, 1));
    }
    assert_eq!(world.gateway.ask(INVENTORY, &cloth("C62")).await.code(), "GW-4010");
}

#[tokio::test]
async fn an_item_named_twice_is_asked_for_once_and_answered_twice() {
    let world = World::with(FOR_EVER).await;
    let question = online(&["P-003", "P-004", "P-003"]);
    for _ in 0..2 {
        assert_eq!(world.lines(&question).await, [there(3), there(4), there(3)]);
        assert_eq!(world.asked(), (1, 2));
    }
}

#[tokio::test]
async fn the_most_specific_rule_holds() {
    let never = "fresh_above_secs = \"never\"\nthreshold_quantity = \"none\"\n";
    let anew = "fresh_above_secs = 0\nthreshold_quantity = \"none\"\n";
    let rule =
        |name: &str, scope: &str, life: &str| format!("[[cache.rule]]\nname = \"{name}\"\n{scope}\n{life}");
    let rules = [
        rule("any", "", anew),
        rule("store", "store = \"11651\"", never),
        rule("zurich", &format!("store = \"11651\"\nphysical = \"{ZURICH}\""), anew),
        rule("item", "item = \"P-005\"", anew),
        rule("item-in-zurich", &format!("item = \"P-006\"\nphysical = \"{ZURICH}\""), never),
    ]
    .concat();
    let world = World::with(&rules).await;
    for (question, asks_anew) in [
        (online(&["P-004"]), false),
        (physical(&["P-004"], &[ZURICH]), true),
        (online(&["P-005"]), true),
        (physical(&["P-006"], &[ZURICH]), false),
        (physical(&["P-006"], &[MUNICH]), false),
    ] {
        world.ask(&question).await;
        let (before, _) = world.asked();
        world.ask(&question).await;
        assert_eq!(world.asked().0 - before, u64::from(asks_anew), "{question}");
    }
}

#[tokio::test]
async fn the_age_of_what_is_remembered_stands_in_a_header() {
    let world = World::with(FOR_EVER).await;
    let question = online(&["P-007"]);
    assert_eq!(world.ask(&question).await.header("x-gateway-age"), "");
    let age: u32 = world.ask(&question).await.header("x-gateway-age").parse().unwrap();
    assert!(age < 120, "{age}");
    world.push(&change("P-008", &ago(3_600), &[("", "8")])).await;
    // The oldest of all lines counts.
    let answer = world.ask(&online(&["P-007", "P-008"])).await;
    let age: u32 = answer.header("x-gateway-age").parse().unwrap();
    assert!((3_600..3_720).contains(&age), "{age}");
    assert_eq!(answer.attempts(), 0);
}

#[tokio::test]
async fn the_age_stands_in_the_document_if_the_rule_says_so() {
    let world = World::with(&format!("{FOR_EVER}age_in_document = true\n")).await;
    let raised = ago(3_600);
    world.push(&change("P-008", &raised, &[("", "8")])).await;
    let answer = world.ask(&online(&["P-008"])).await;
    let told: Timestamp = answer.first("LastUpdateDateTime").parse().unwrap();
    assert_eq!(told, raised.parse().unwrap());
    let silent = World::with(FOR_EVER).await;
    silent.push(&change("P-008", &raised, &[("", "8")])).await;
    assert_eq!(silent.ask(&online(&["P-008"])).await.first("LastUpdateDateTime"), "");
}

#[tokio::test]
async fn what_is_purged_is_asked_for_anew_and_still_answered_when_the_dom_cannot() {
    let world = World::with(FOR_EVER).await;
    let questions = [online(&["P-010"]), online(&["P-011"])];
    for question in &questions {
        world.ask(question).await;
    }
    world.online("P-010", 3);
    let purge = |item: Option<&str>| {
        let scope = Scope { item: item.map(Into::into), ..Scope::default() };
        world.gateway.stocks.cache.purge(scope, Timestamp::now().as_millisecond());
    };
    purge(Some("P-010"));
    assert_eq!(world.lines(&questions[1]).await, [there(11)]);
    assert_eq!(world.asked().0, 2);
    assert_eq!(world.lines(&questions[0]).await, [format!("P-010 {SHOP} Available 3")]);
    assert_eq!(world.asked().0, 3);
    purge(None);
    world.trouble("availability", &Shows::Status(503), 2);
    assert_eq!(world.lines(&questions[1]).await, [there(11)]);
    assert_eq!(world.counter("lines_stale"), 1);
}

#[tokio::test]
async fn what_is_more_than_the_dom_takes_at_once_is_asked_for_in_parts() {
    let world = World::with(FOR_EVER).await;
    let names: Vec<String> = (0..250).map(item).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let expected: Vec<String> = (0..250).map(there).collect();
    for _ in 0..2 {
        assert_eq!(world.lines(&online(&names)).await, expected);
        assert_eq!(world.asked(), (3, 250));
    }
    for call in world.dom.journal().take() {
        assert!(call.question.matches("<MonitorItemAvailability").count() <= 100);
    }
}
