//! What orders take, and what the DOM says of them, keeps the records true.

use gateway_simulator::serve::{Shows, Trouble};

use super::documents::{OrderItem, change, online, physical, requirement, sent, transfer};
use super::world::{FOR_EVER, ONLY_ON_ERROR, SHOP, World, ZURICH, ago, let_the_millisecond_pass, statuses};
use crate::caller::Answered;
use crate::gateway::ORDERS;

const DECREMENT: &str = "DecrementCache";

fn at_zero(status: &str) -> String {
    format!("{FOR_EVER}status_at_zero = \"{status}\"\n")
}

async fn handed_over(world: &World, order: &str, items: &[OrderItem<'_>]) -> Answered {
    world.gateway.ask(ORDERS, &transfer((order, &ago(0)), items)).await
}

async fn submitted(world: &World, order: (&str, &str), items: &[OrderItem<'_>]) {
    let answer = world.ask(&requirement(DECREMENT, order, items)).await;
    assert_eq!((answer.root().as_str(), answer.attempts()), ("AcknowledgeInventoryRequirement", 0));
    let_the_millisecond_pass();
}

/// What is said of an item online, without asking the DOM.
async fn remembered(world: &World, item: &str) -> String {
    let before = world.asked();
    let lines = world.lines(&online(&[item])).await;
    assert_eq!(world.asked(), before, "{item}");
    let [line] = lines.as_slice() else { unreachable!("{lines:?}") };
    line.strip_prefix(&format!("{item} {SHOP} ")).unwrap().to_owned()
}

fn refused() -> Shows {
    Shows::Errors { code: "YFS10048".to_owned(), description: "The item is not sold".to_owned() }
}

#[tokio::test]
async fn an_order_lowers_what_it_takes_once_however_often_it_is_told() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["P-001", "P-002"])).await;
    let items = [sent("71", "P-001", "2.0"), sent("72", "P-002", "3"), sent("73", "P-001", "1")];
    for _ in 0..3 {
        submitted(&world, ("9001", &ago(0)), &items).await;
        assert_eq!(remembered(&world, "P-001").await, "Available 98");
        assert_eq!(remembered(&world, "P-002").await, "Available 99");
    }
    assert_eq!(world.counter("decrements"), 3);
    submitted(&world, ("9002", &ago(0)), &[sent("74", "P-001", "8")]).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 90");
}

#[tokio::test]
async fn an_order_that_is_handed_over_afterwards_is_not_taken_twice() {
    for first_handed_over in [false, true] {
        let world = World::with(FOR_EVER).await;
        world.ask(&online(&["P-001"])).await;
        let items = [sent("71", "P-001", "2")];
        for handing_over in [first_handed_over, !first_handed_over, true, false] {
            if handing_over {
                // The second time the DOM has the order already; whatever it says, the stock is gone.
                handed_over(&world, "9001", &items).await;
            } else {
                submitted(&world, ("9001", &ago(0)), &items).await;
            }
            assert_eq!(remembered(&world, "P-001").await, "Available 99", "{first_handed_over}");
        }
    }
}

#[tokio::test]
async fn an_accepted_order_lowers_what_nobody_said_it_takes() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["P-001"])).await;
    let answer = handed_over(&world, "9001", &[sent("71", "P-001", "2")]).await;
    assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
    assert_eq!(remembered(&world, "P-001").await, "Available 99");
}

#[tokio::test]
async fn a_refused_order_gives_back_what_it_took() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["P-001", "P-002"])).await;
    let items = [sent("71", "P-001", "2"), sent("72", "P-002", "3")];
    submitted(&world, ("9001", &ago(0)), &items).await;
    submitted(&world, ("9002", &ago(0)), &[sent("75", "P-001", "5")]).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 94");
    for _ in 0..2 {
        world.trouble("transfer", &refused(), 1);
        let answer = handed_over(&world, "9001", &items).await;
        assert_eq!(answer.code(), "GW-4010", "{}", answer.body);
        // The other order's stock stays taken.
        assert_eq!(remembered(&world, "P-001").await, "Available 96");
        assert_eq!(remembered(&world, "P-002").await, "Available 102");
    }
}

#[tokio::test]
async fn an_order_of_which_nobody_knows_what_became_of_it_gives_nothing_back() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["P-001"])).await;
    let items = [sent("71", "P-001", "2")];
    submitted(&world, ("9001", &ago(0)), &items).await;
    for shows in [Shows::Dropped, Shows::Status(500), Shows::Html, Shows::HalfDocument] {
        world.trouble("transfer", &shows, 1);
        // Nor can the DOM be asked whether it has the order.
        world.trouble("details", &shows, 2);
        let answer = handed_over(&world, "9001", &items).await;
        assert_eq!((answer.status, answer.code()), (500, "GW-4021"), "{shows:?}: {}", answer.body);
        assert_eq!(remembered(&world, "P-001").await, "Available 99", "{shows:?}");
    }
}

#[tokio::test]
async fn nothing_falls_below_zero_and_what_is_used_up_has_the_status_of_the_rule() {
    for (rules, expected) in [
        (FOR_EVER.to_owned(), "Available 0"),
        (at_zero("Unavailable"), "Unavailable 0"),
        (at_zero("Backorderable"), "Backorderable 0"),
    ] {
        let world = World::with(&rules).await;
        world.ask(&online(&["P-001"])).await;
        submitted(&world, ("9001", &ago(0)), &[sent("71", "P-001", "100")]).await;
        assert_eq!(remembered(&world, "P-001").await, "Available 1");
        submitted(&world, ("9002", &ago(0)), &[sent("72", "P-001", "100")]).await;
        assert_eq!(remembered(&world, "P-001").await, expected);
    }
}

#[tokio::test]
async fn what_an_order_takes_can_bring_a_record_below_the_threshold() {
    let rule = "[[cache.rule]]\nname = \"below-asks\"\nthreshold_quantity = 10\n\
                fresh_above_secs = \"never\"\nfresh_below_secs = 0\n";
    let world = World::with(rule).await;
    world.ask(&online(&["P-001"])).await;
    submitted(&world, ("9001", &ago(0)), &[sent("71", "P-001", "91")]).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 10");
    submitted(&world, ("9002", &ago(0)), &[sent("72", "P-001", "1")]).await;
    world.online("P-001", 55);
    assert_eq!(world.lines(&online(&["P-001"])).await, [format!("P-001 {SHOP} Available 55")]);
    assert_eq!(world.asked(), (2, 2));
}

#[tokio::test]
async fn news_newer_than_an_order_contain_it_and_older_ones_do_not() {
    let world = World::with(FOR_EVER).await;
    world.push(&change("P-001", &ago(60), &[("", "50")])).await;
    submitted(&world, ("9001", &ago(30)), &[sent("71", "P-001", "2")]).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 48");
    world.push(&change("P-001", &ago(40), &[("", "49")])).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 47");
    world.push(&change("P-001", &ago(20), &[("", "45")])).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 45");
    // An order the news already contained when it came to be known.
    submitted(&world, ("9002", &ago(25)), &[sent("72", "P-001", "4")]).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 45");
}

#[tokio::test]
async fn what_an_order_takes_while_the_dom_is_asked_is_not_in_its_answer() {
    let world = World::with(ONLY_ON_ERROR).await;
    let question = online(&["P-001"]);
    world.ask(&question).await;
    world.dom.script().add("availability", Trouble::after_acting(Shows::Held));
    let order = async {
        world.dom.script().wait_for_held().await;
        submitted(&world, ("9001", &ago(0)), &[sent("71", "P-001", "2")]).await;
        world.dom.script().release(1);
    };
    let (lines, ()) = futures_util::future::join(world.lines(&question), order).await;
    assert_eq!(lines, [format!("P-001 {SHOP} Available 99")]);
}

#[tokio::test]
async fn what_is_collected_is_taken_where_it_is_collected() {
    let world = World::with(FOR_EVER).await;
    let in_zurich = physical(&["P-001"], &[ZURICH]);
    world.ask(&online(&["P-001"])).await;
    world.ask(&in_zurich).await;
    let collected = OrderItem { collected: Some(ZURICH), ..sent("71", "P-001", "5") };
    submitted(&world, ("9001", &ago(0)), &[collected]).await;
    assert_eq!(world.lines(&in_zurich).await, [format!("P-001 {ZURICH} Available 996")]);
    assert_eq!(remembered(&world, "P-001").await, "Available 101");
}

#[tokio::test]
async fn a_kit_takes_its_parts() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["DESK-TOP-09", "DESK-LEG-09", "P-001"])).await;
    let parts: &[_] = &[("DESK-TOP-09", "1"), ("DESK-LEG-09", "2"), ("DESK-LEG-09", "2")];
    let items = [OrderItem { parts, ..sent("71", "KIT-DESK-09", "2") }];
    for _ in 0..2 {
        submitted(&world, ("9001", &ago(0)), &items).await;
        assert_eq!(remembered(&world, "DESK-TOP-09").await, "Available 10");
        assert_eq!(remembered(&world, "DESK-LEG-09").await, "Available 31");
    }
}

#[tokio::test]
async fn a_refusal_of_an_order_that_the_dom_may_have_gives_nothing_back() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["P-001"])).await;
    let items = [sent("71", "P-001", "2")];
    submitted(&world, ("9001", &ago(0)), &items).await;
    // The DOM has it, and nobody heard of it.
    world.dom.script().add("transfer", Trouble::after_acting(Shows::Dropped));
    world.trouble("details", &Shows::Dropped, 2);
    assert_eq!(handed_over(&world, "9001", &items).await.status, 500);
    // It refuses the next one, and again cannot be asked why.
    world.trouble("details", &Shows::Dropped, 2);
    let answer = handed_over(&world, "9001", &items).await;
    assert_eq!((answer.status, answer.code()), (500, "GW-4021"), "{}", answer.body);
    assert_eq!(remembered(&world, "P-001").await, "Available 99");
}

#[tokio::test]
async fn a_rule_that_lowers_nothing_leaves_what_is_remembered_alone() {
    let world = World::with(&format!("{FOR_EVER}decrement = false\n")).await;
    world.ask(&online(&["P-001"])).await;
    submitted(&world, ("9001", &ago(0)), &[sent("71", "P-001", "5")]).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 101");
}

#[tokio::test]
async fn a_reservation_is_never_answered_from_memory() {
    let world = World::with(FOR_EVER).await;
    world.push(&change("P-001", &ago(0), &[("", "0")])).await;
    for order in 0..3 {
        let order = format!("900{order}");
        let document = requirement("ReserveInventory", (&order, &ago(0)), &[sent("71", "P-001", "5")]);
        assert_eq!(statuses(&world.ask(&document).await), ["Allocated"]);
    }
    assert_eq!(world.dom.script().count("reserve").calls, 3);
    assert_eq!(world.asked(), (0, 0));
}

#[tokio::test]
async fn a_reservation_that_contradicts_what_is_remembered_makes_it_old() {
    let world = World::with(FOR_EVER).await;
    let question = online(&["P-001", "P-002", "P-003"]);
    world.ask(&question).await;
    world.online("P-001", 3);
    world.push(&change("P-002", &ago(0), &[("", "0")])).await;
    let items = [sent("71", "P-001", "5"), sent("72", "P-002", "5"), sent("73", "P-003", "5")];
    let answer = world.ask(&requirement("ReserveInventory", ("9001", &ago(0)), &items)).await;
    assert_ne!(statuses(&answer), [""; 0], "{}", answer.body);
    assert_eq!(world.counter("records_doubted"), 2, "{}", answer.body);
    let before = world.asked();
    let lines = world.lines(&question).await;
    let after = world.asked();
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 2), "{lines:?}");
    assert_eq!(lines[2], format!("P-003 {SHOP} Available 103"));
}
