//! What the DOM has room for: who goes first, who is refused, and that no store takes what is another's.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{join, join_all};
use gateway_simulator::serve::{Shows, Trouble};

use super::{asked, documents, until_metric, world_of};
use crate::documents::{copied_mappings, replaced};
use crate::gateway::{INVENTORY, ORDERS, Settings, within};
use crate::stock::documents::{check, online, requirement, sent, transfer};
use crate::stock::world::{FOR_EVER, World, ago, item};

/// Room for eight requests, of which one is never lent.
const SMALL: &str = "[dom.pool]\nconcurrent = 8\nnever_lent = 1\n";

fn waiting(class: &str, calls: usize) -> String {
    format!("gateway_dom_pool_waiting{{dom=\"sterling\",class=\"{class}\"}} {calls}")
}

/// The next so many questions about stock are held.
fn holds(world: &World, calls: usize) {
    for _ in 0..calls {
        world.dom.script().add("availability", Trouble::after_acting(Shows::Held));
    }
}

#[tokio::test]
async fn orders_go_at_once_while_pages_wait_and_all_are_answered() {
    let world =
        world_of(&format!("{SMALL}[dom.pool.classes]\nbrowse = {{ longest_wait_ms = 600_000 }}\n")).await;
    let documents = documents();
    let browse = online(&["P-001"]);
    holds(&world, 50);
    let pages = join_all((0..50).map(|_| world.gateway.ask(INVENTORY, &browse)));
    let shop = async {
        // Seven are under way: the eighth is lent to nobody.
        until_metric(&world.gateway, &waiting("browse", 43)).await;
        for (name, path, document) in &documents {
            if ["reserve", "cancel_reservation", "transfer", "details"].contains(name) {
                let answer = within(world.gateway.ask(path, document)).await;
                assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            }
        }
        assert_eq!(world.asked().0, 7);
        world.dom.script().release(50);
    };
    let (pages, ()) = join(pages, shop).await;
    assert!(pages.iter().all(|answer| (answer.status, answer.code()) == (200, "")));
    until_metric(&world.gateway, &waiting("browse", 0)).await;
    until_metric(&world.gateway, "gateway_dom_pool_passed_total{dom=\"sterling\",class=\"browse\"} 50").await;
    until_metric(&world.gateway, "gateway_dom_pool_passed_total{dom=\"sterling\",class=\"order\"} 1").await;
}

#[tokio::test]
async fn what_waited_in_vain_is_told_so_in_its_own_way_and_was_never_sent() {
    let world = world_of(
        "[dom.pool]\nconcurrent = 8\nnever_lent = 0\n[dom.pool.classes]\nbrowse = { longest_wait_ms = 0 }\naccount = { longest_wait_ms = 0 }\n\
         checkout = { longest_wait_ms = 0 }\norder = { longest_wait_ms = 0 }\n\
         [dom.breaker]\nleast_calls = 1\nshare_percent = 1\nfirst_open_ms = 3_600_000\nlongest_open_ms = 3_600_000\n"
    )
    .await;
    let documents = documents();
    let held: Vec<_> = (0..8).map(|_| &documents).collect();
    // Every place is taken, each by the class that is sure of it.
    let kinds =
        ["availability", "availability", "reserve", "reserve", "reserve", "reserve", "transfer", "details"];
    for kind in kinds {
        world.dom.script().add(kind, Trouble::after_acting(Shows::Held));
    }
    let holders = kinds.iter().zip(held).enumerate().map(|(number, (kind, documents))| {
        let (_, path, document) = documents.iter().find(|(name, ..)| name == kind).unwrap();
        // Different orders, so that none joins another.
        let document = document.replace(">9001<", &format!(">{}<", 9_100 + number));
        let world = &world;
        async move { world.gateway.ask(path, &document).await }
    });
    let others = async {
        within(async {
            while asked(&world) < 8 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        for (name, path, document) in &documents {
            let answer = world.gateway.ask(path, document).await;
            assert_eq!(answer.fate(), ["GW-1016", "gateway", "no", "safe"], "{name}: {}", answer.body);
            assert_eq!(answer.header("retry-after"), "1", "{name}");
            let reads = ["availability", "check", "history", "details"].contains(name);
            assert_eq!(answer.status, if reads { 200 } else { 503 }, "{name}: {}", answer.body);
            if reads {
                assert_eq!(answer.in_band().reason_code, "_ERR_FAIL_TO_CONNECT_TO_EXTERNAL_SYSTEM", "{name}");
            }
        }
        assert_eq!(asked(&world), 8);
        world.dom.script().release(8);
    };
    let (held, ()) = join(join_all(holders), others).await;
    assert!(held.iter().all(|answer| answer.status == 200), "{held:?}");
    // What was refused here says nothing of the DOM: its breaker, which opens at the first failure, is shut.
    for (name, path, document) in &documents {
        assert_eq!(world.gateway.ask(path, document).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_store_that_asks_much_does_not_keep_another_one_waiting() {
    let of_dom = "[dom.pool]\nconcurrent = 6\nnever_lent = 0\n[dom.pool.classes]\n\
                  browse = { longest_wait_ms = 600_000 }\n"
        .to_owned();
    let further = "[[store]]\nname = \"second\"\ndialect = \"hcl-commerce\"\npath = \"/stores/second\"\n\
                   ids = [\"22222\"]\ndom = \"sterling\"\n"
        .to_owned();
    let copied = copied_mappings();
    let file = copied.path().join("sterling/tables/organization.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, replaced(&text, "rows = [", "rows = [\n    [\"22222\", \"SUEDWIND\"],")).unwrap();
    let mappings = Some(copied.path().to_owned());
    let world = World::of("", |settings| Settings { of_dom, further, mappings, ..settings }).await;
    holds(&world, 6);
    let greedy = join_all((0..20).map(|number| {
        let question = online(&[&item(number)]);
        let world = &world;
        async move { world.gateway.ask(INVENTORY, &question).await }
    }));
    let modest = async {
        until_metric(&world.gateway, &waiting("browse", 14)).await;
        let question = replaced(&online(&["P-499"]), ">11651<", ">22222<");
        let answer = world.gateway.ask("/stores/second/InventoryServices", &question);
        let released = async {
            until_metric(&world.gateway, &waiting("browse", 15)).await;
            // One place becomes free, and all that wait go through it, one after the other.
            world.dom.script().release(1);
            until_metric(&world.gateway, &waiting("browse", 0)).await;
            world.dom.script().release(5);
        };
        join(answer, released).await.0
    };
    let (greedy, answer) = join(greedy, modest).await;
    assert!(greedy.iter().all(|answer| answer.code().is_empty()));
    // The simulated DOM sells for the first store only; it was asked all the same.
    assert_eq!((answer.status, answer.code()), (200, "GW-4010"), "{}", answer.body);
    // After the one that was held, the two stores take turns, however many of the other one wait.
    let order: Vec<bool> =
        world.dom.journal().take().iter().map(|call| call.question.contains("P-499")).collect();
    let place = order.iter().position(|is_modest| *is_modest);
    assert!(place.is_some_and(|place| place <= 2), "{order:?}");
}

#[tokio::test]
async fn what_is_asked_on_behalf_of_a_call_is_as_urgent_as_the_call() {
    for rules in ["", FOR_EVER] {
        let world = World::with(rules).await;
        let passed = async |expected: [(&str, u32); 4]| {
            for (class, calls) in expected {
                let line =
                    format!("gateway_dom_pool_passed_total{{dom=\"sterling\",class=\"{class}\"}} {calls}");
                until_metric(&world.gateway, &line).await;
            }
        };
        let documents = documents();
        let ask = async |name: &str| {
            let (_, path, document) = documents.iter().find(|(known, ..)| *known == name).unwrap();
            assert_eq!(world.gateway.ask(path, document).await.status, 200, "{name}");
        };
        ask("availability").await;
        passed([("browse", 1), ("account", 0), ("checkout", 0), ("order", 0)]).await;
        // Of another item, so that nothing is remembered of it.
        let check = check(&[sent("71", "P-002", "2")]);
        assert_eq!(world.gateway.ask(INVENTORY, &check).await.code(), "");
        passed([("browse", 1), ("account", 0), ("checkout", 1), ("order", 0)]).await;
        // The order is sent, and looked for by its details.
        world.dom.script().add("transfer", Trouble::after_acting(Shows::Dropped));
        ask("transfer").await;
        passed([("browse", 1), ("account", 0), ("checkout", 1), ("order", 2)]).await;
        ask("details").await;
        passed([("browse", 1), ("account", 1), ("checkout", 1), ("order", 2)]).await;
    }
}

#[tokio::test]
async fn pages_at_many_times_what_the_dom_takes_cost_no_order() {
    // A hundred requests a second; checkout may wait as long as a slow machine makes it, pages may not.
    let of_dom = "[dom.pool]\nrequests_per_second = 100\nrequests_at_once = 5\n[dom.pool.classes]\n\
                  browse = { longest_wait_ms = 100 }\ncheckout = { longest_wait_ms = 600_000 }\n\
                  order = { longest_wait_ms = 600_000 }\n";
    let world = world_of(of_dom).await;
    let browse = online(&["P-001"]);
    let over = AtomicBool::new(false);
    // Each asks again as soon as it was answered, until everybody who pays has been served.
    let shopper = async || {
        let mut codes = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let answer = world.gateway.ask(INVENTORY, &browse).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            codes.push(answer.code().to_owned());
        }
        codes
    };
    let pays = async {
        let items = [sent("71", "P-001", "1")];
        for order in 9_000..9_030 {
            let order = order.to_string();
            let reserved = requirement("ReserveInventory", (&order, &ago(0)), &items);
            let answer = world.gateway.ask(INVENTORY, &reserved).await;
            assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
            let answer = world.gateway.ask(ORDERS, &transfer((&order, &ago(0)), &items)).await;
            assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
        }
        over.store(true, Ordering::Relaxed);
    };
    let (codes, ()) = join(join_all((0..100).map(|_| shopper())), pays).await;
    let (answered, told): (Vec<_>, Vec<_>) = codes.concat().into_iter().partition(String::is_empty);
    assert!(told.iter().all(|code| code == "GW-1016"), "{told:?}");
    assert!(told.len() > answered.len(), "{} told, {} answered", told.len(), answered.len());
    assert!(!answered.is_empty(), "what nobody needs is lent");
    assert_eq!(world.asked().0, answered.len() as u64);
}
