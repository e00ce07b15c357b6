//! What is not answered line by line: the answer is what it would be without a cache, and so is the DOM's question.

use gateway_simulator::serve::{Shows, Trouble};

use super::documents::{Asked, check, online, sent};
use super::world::{FOR_EVER, SHOP, World, comparable};
use crate::gateway::{INVENTORY, Settings};

/// An answer without what makes it this one.
struct Told {
    status: u16,
    fate: [String; 4],
    document: String,
}

impl Told {
    async fn by(world: &World, question: &str) -> Self {
        let answer = world.gateway.ask(INVENTORY, question).await;
        Self {
            status: answer.status,
            fate: answer.fate().map(ToOwned::to_owned),
            document: comparable(&answer.body),
        }
    }
}

#[tokio::test]
async fn what_the_dom_refuses_is_told_in_its_words() {
    let questions = [
        online(&["UNKNOWN-1"]),
        online(&["P-001", "UNKNOWN-1", "P-002"]),
        check(&[sent("1", "UNKNOWN-1", "1")]),
    ];
    let (without, with) = (World::with("").await, World::with(FOR_EVER).await);
    for question in questions {
        for _ in 0..2 {
            let (expected, told) = (Told::by(&without, &question).await, Told::by(&with, &question).await);
            assert_eq!(
                (expected.status, expected.fate[0].as_str()),
                (200, "GW-4010"),
                "{}",
                expected.document
            );
            assert_eq!((told.status, told.fate), (expected.status, expected.fate));
            assert_eq!(told.document, expected.document);
        }
    }
    // What was asked beside it is not harmed.
    assert_eq!(with.lines(&online(&["P-001"])).await, [format!("P-001 {SHOP} Available 101")]);
}

#[tokio::test]
async fn who_asks_beside_a_question_that_is_refused_is_answered() {
    let world = World::with(FOR_EVER).await;
    let script = world.dom.script();
    script.add("availability", Trouble::instead(Shows::Held));
    let (first, good, bad) = (online(&["P-000"]), online(&["P-001"]), online(&["UNKNOWN-1"]));
    let beside = async {
        script.wait_for_held().await;
        let asked = async {
            futures_util::future::join(world.lines(&good), world.gateway.ask(INVENTORY, &bad)).await
        };
        let release = async {
            // Both wait, or are under way by themselves; which of it, the answers do not depend on.
            tokio::task::yield_now().await;
            script.release(1);
        };
        futures_util::future::join(asked, release).await.0
    };
    let (_, (lines, refused)) = futures_util::future::join(world.lines(&first), beside).await;
    assert_eq!(lines, [format!("P-001 {SHOP} Available 101")]);
    assert_eq!(refused.code(), "GW-4010", "{}", refused.body);
}

#[tokio::test]
async fn a_store_without_an_organization_is_told_so_as_without_a_cache() {
    let ids = |settings: Settings| {
        Settings {
        further: "[[store]]\nname = \"second\"\ndialect = \"hcl-commerce\"\npath = \"/stores/second\"\nids = [\"22222\"]\n\
                  dom = \"sterling\"\n"
            .to_owned(),
        ..settings
    }
    };
    let (without, with) = (World::of("", ids).await, World::of(FOR_EVER, ids).await);
    let question = online(&["P-001"]).replace("11651", "22222");
    let mut told = Vec::new();
    for world in [&without, &with] {
        let answer = world.gateway.ask("/stores/second/InventoryServices", &question).await;
        let fate = answer.fate().map(ToOwned::to_owned);
        told.push((answer.status, fate, comparable(&answer.body), world.asked()));
    }
    assert_eq!(told[0], told[1]);
    assert_ne!(told[0].1[0], "");
}

#[tokio::test]
async fn the_stock_of_an_online_store_that_is_not_the_callers_is_asked_for_every_time() {
    let (without, with) = (World::with("").await, World::with(FOR_EVER).await);
    for online in [vec!["#10101"], vec!["#11651", "#10101"], vec![SHOP, "OtherShop"]] {
        let question = Asked { items: vec!["P-001"], online, ..Asked::default() }.document();
        for _ in 0..2 {
            let before = (without.asked(), with.asked());
            let (expected, told) = (Told::by(&without, &question).await, Told::by(&with, &question).await);
            assert_eq!((told.status, told.fate), (expected.status, expected.fate));
            assert_eq!(told.document, expected.document);
            let asked = (without.asked(), with.asked());
            assert_eq!((asked.0.0 - before.0.0, asked.1.0 - before.1.0), (1, 1), "{question}");
            assert_eq!(asked.1.1 - before.1.1, asked.0.1 - before.0.1, "{question}");
        }
    }
    assert_eq!(with.counter("requests_passed_by"), 6);
}

#[tokio::test]
async fn without_rules_every_question_is_asked_by_itself() {
    let world = World::with("").await;
    let script = world.dom.script();
    let question = online(&["P-001", "P-001"]);
    for _ in 0..2 {
        world.ask(&question).await;
    }
    assert_eq!(world.asked(), (2, 4));
    for _ in 0..2 {
        script.add("availability", Trouble::after_acting(Shows::Held));
    }
    let both = futures_util::future::join(world.ask(&question), world.ask(&question));
    let release = async {
        // Both are there: nobody waits for the other.
        script.wait_for_held().await;
        script.wait_for_held().await;
        script.release(2);
    };
    let ((first, second), ()) = futures_util::future::join(both, release).await;
    assert_eq!(comparable(&first.body), comparable(&second.body));
    assert_eq!(world.asked(), (4, 8));
    assert_eq!(first.header("x-gateway-age"), "");
}

#[tokio::test]
async fn what_no_rule_is_written_for_is_asked_by_itself() {
    let world = World::with(&format!("{FOR_EVER}item = \"P-001\"\n")).await;
    for asked in 1..=2 {
        world.ask(&online(&["P-002"])).await;
        assert_eq!(world.asked(), (asked, asked));
    }
    // Beside what a rule is written for, too.
    for asked in [(3, 4), (4, 5), (5, 6)] {
        world.ask(&online(&["P-001", "P-002"])).await;
        assert_eq!(world.asked(), asked);
    }
}

#[tokio::test]
async fn a_question_that_names_no_store_or_another_one_is_told_so_as_without_a_cache() {
    let (without, with) = (World::with("").await, World::with(FOR_EVER).await);
    let context = "<_wcf:ContextData name=\"storeId\">11651</_wcf:ContextData>";
    for question in [
        online(&["P-001"]).replace(context, ""),
        online(&["P-001"]).replace("11651", "99999"),
        online(&[""]),
        check(&[sent("1", "", "1")]),
        check(&[]),
    ] {
        let (expected, told) = (Told::by(&without, &question).await, Told::by(&with, &question).await);
        assert_ne!(expected.fate[0], "", "{question}");
        assert_eq!((told.status, told.fate), (expected.status, expected.fate), "{question}");
        assert_eq!(told.document, expected.document, "{question}");
    }
    assert_eq!((without.asked(), with.asked()), ((0, 0), (0, 0)));
}
