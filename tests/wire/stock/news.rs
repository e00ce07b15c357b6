//! What the DOM tells by itself is true from then on, whoever else hears of it.

use gateway_simulator::serve::{Shows, Trouble};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::documents::{Noun, change, online, physical, sync, sync_of};
use super::world::{FOR_EVER, MUNICH, SHOP, World, ZURICH, ago};
use crate::caller::{Answered, SOAP_11};
use crate::gateway::{EVENTS, Settings};
use crate::stand_in::{answering, confirmation, count};

fn noun<'a>(
    item: &'a str,
    physical: Option<&'a str>,
    quantity: Option<&'a str>,
    updated: Option<&'a str>,
) -> Noun<'a> {
    Noun { item, physical, status: "Available", quantity, updated }
}

async fn push(world: &World, event: &str) -> Answered {
    world.gateway.ask(EVENTS, event).await
}

/// What is said of an item online, without asking the DOM.
async fn remembered(world: &World, item: &str) -> String {
    let before = world.asked();
    let lines = world.lines(&online(&[item])).await;
    assert_eq!(world.asked(), before, "{item}");
    let [line] = lines.as_slice() else { unreachable!("{lines:?}") };
    line.strip_prefix(&format!("{item} {SHOP} ")).unwrap().to_owned()
}

#[tokio::test]
async fn an_event_of_the_dom_changes_the_next_answer() {
    let world = World::with(FOR_EVER).await;
    let everywhere = [online(&["P-001"]), physical(&["P-001"], &[ZURICH, MUNICH])];
    for question in &everywhere {
        world.ask(question).await;
    }
    let asked = world.asked();
    world.push(&change("P-001", &ago(0), &[("", "7.00"), ("NW_STORE_9", "0")])).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 7");
    assert_eq!(
        world.lines(&everywhere[1]).await,
        [format!("P-001 {ZURICH} Unavailable"), format!("P-001 {MUNICH} Unavailable")]
    );
    assert_eq!(world.asked(), asked);
}

#[tokio::test]
async fn what_the_dom_pushes_by_itself_is_what_it_would_answer() {
    let world = World::with(FOR_EVER).await;
    let questions = [online(&["LAMP-0042-BRS"]), physical(&["LAMP-0042-BRS"], &[MUNICH])];
    for question in &questions {
        world.ask(question).await;
    }
    let address = format!("http://{}{EVENTS}", world.gateway.data).parse().unwrap();
    world.dom.push_to(address, None);
    world.dom.with(|dom| dom.set_stock("LAMP-0042-BRS", MUNICH, Decimal::from(9), Timestamp::now()).unwrap());
    let delivered = world.dom.deliver().await;
    assert_eq!(delivered.len(), 1, "{delivered:?}");
    let asked = world.asked();
    assert_eq!(world.lines(&questions[0]).await, [format!("LAMP-0042-BRS {SHOP} Available 149")]);
    assert_eq!(world.lines(&questions[1]).await, [format!("LAMP-0042-BRS {MUNICH} Available 9")]);
    assert_eq!(world.asked(), asked);
}

#[tokio::test]
async fn news_of_what_nobody_asked_yet_spare_the_first_question() {
    let world = World::with(FOR_EVER).await;
    world.push(&sync(&[noun("P-001", None, Some("3.0"), None)])).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 3");
}

#[tokio::test]
async fn a_document_of_the_store_changes_what_each_of_its_nouns_names() {
    let world = World::with(FOR_EVER).await;
    let told = ago(1);
    let nouns = [
        noun("P-001", None, Some("1"), Some(&told)),
        noun("P-001", Some(ZURICH), Some("2"), None),
        noun("P-002", Some(MUNICH), None, Some(&told)),
        Noun { status: "Unavailable", ..noun("P-003", None, None, None) },
    ];
    world.push(&sync(&nouns)).await;
    assert_eq!(world.counter("news_taken"), 4);
    assert_eq!(remembered(&world, "P-001").await, "Available 1");
    assert_eq!(remembered(&world, "P-003").await, "Unavailable");
    assert_eq!(world.lines(&physical(&["P-001"], &[ZURICH])).await, [format!("P-001 {ZURICH} Available 2")]);
    // Available without a quantity: without limit.
    assert_eq!(world.lines(&physical(&["P-002"], &[MUNICH])).await, [format!("P-002 {MUNICH} Available")]);
    assert_eq!(world.asked(), (0, 0));
}

#[tokio::test]
async fn late_news_change_nothing_and_are_counted() {
    let world = World::with(FOR_EVER).await;
    let (before, then) = (ago(20), ago(10));
    world.push(&sync(&[noun("P-001", None, Some("5"), Some(&then))])).await;
    world.push(&sync(&[noun("P-001", None, Some("7"), Some(&before))])).await;
    world.push(&change("P-001", &ago(30), &[("", "9")])).await;
    assert_eq!(remembered(&world, "P-001").await, "Available 5");
    assert_eq!((world.counter("news_taken"), world.counter("news_late")), (1, 2));
}

#[tokio::test]
async fn news_told_twice_change_nothing() {
    let world = World::with(FOR_EVER).await;
    let event = change("P-001", &ago(10), &[("", "5"), ("NW_STORE_9", "6")]);
    for _ in 0..3 {
        world.push(&event).await;
    }
    assert_eq!(remembered(&world, "P-001").await, "Available 5");
    assert_eq!((world.counter("news_taken"), world.counter("news_double")), (2, 4));
}

#[tokio::test]
async fn without_a_time_of_the_dom_the_order_of_arrival_counts() {
    let world = World::with(FOR_EVER).await;
    for quantity in ["5", "7", "6"] {
        world.push(&sync(&[noun("P-001", None, Some(quantity), None)])).await;
        assert_eq!(remembered(&world, "P-001").await, format!("Available {quantity}"));
    }
}

#[tokio::test]
async fn news_that_come_while_the_dom_is_asked_win_over_its_older_answer() {
    let world = World::with(FOR_EVER).await;
    world.dom.script().add("availability", Trouble::after_acting(Shows::Held));
    let question = online(&["P-001"]);
    let news = async {
        world.dom.script().wait_for_held().await;
        world.push(&change("P-001", &ago(0), &[("", "7")])).await;
        world.dom.script().release(1);
    };
    let (lines, ()) = futures_util::future::join(world.lines(&question), news).await;
    assert_eq!(lines, [format!("P-001 {SHOP} Available 7")]);
    assert_eq!(remembered(&world, "P-001").await, "Available 7");
    assert_eq!(world.counter("answers_late"), 1);
}

#[tokio::test]
async fn a_quantity_below_zero_is_refused_with_its_place_and_nothing_is_taken() {
    let world = World::with(FOR_EVER).await;
    world.push(&sync(&[noun("P-001", None, Some("5"), None)])).await;
    let nouns = [
        noun("P-001", None, Some("4"), None),
        noun("P-002", None, Some("-2"), None),
        noun("P-003", None, Some("3"), None),
    ];
    let answer = push(&world, &sync(&nouns)).await;
    assert_eq!((answer.status, answer.code()), (400, "GW-3007"), "{}", answer.body);
    for part in ["change 2", "`-2`"] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    assert_eq!(remembered(&world, "P-001").await, "Available 5");
    assert_eq!(world.lines(&online(&["P-003"])).await, [format!("P-003 {SHOP} Available 103")]);
}

#[tokio::test]
async fn without_rules_a_quantity_below_zero_is_the_stores_to_judge() {
    let store = answering(200, SOAP_11, confirmation(None)).await;
    let world = World::of("", |settings| Settings { store: Some(store.uri()), ..settings }).await;
    world.push(&sync(&[noun("P-002", None, Some("-2"), None)])).await;
    assert_eq!(count(&store).await, 1);
}

#[tokio::test]
async fn news_for_an_unknown_store_are_refused_and_harm_nobody() {
    let world = World::with(FOR_EVER).await;
    world.push(&sync(&[noun("P-001", None, Some("5"), None)])).await;
    let unknown = [
        (sync_of("99999", &[noun("P-001", None, Some("6"), None)]), (422, "GW-7005")),
        (sync_of("99999", &[noun("P-001", Some(ZURICH), Some("6"), None)]), (422, "GW-7005")),
        (change("P-001", &ago(0), &[("", "6")]).replace("NORDWIND", "SUEDWIND"), (400, "GW-3003")),
    ];
    for (event, outcome) in unknown {
        let answer = push(&world, &event).await;
        assert_eq!((answer.status, answer.code()), outcome, "{}", answer.body);
    }
    assert_eq!(remembered(&world, "P-001").await, "Available 5");
    assert_eq!(world.counter("news_taken"), 1);
}

#[tokio::test]
async fn news_of_the_online_store_of_nobody_are_not_kept() {
    let world = World::with(FOR_EVER).await;
    let event = sync(&[noun("P-001", None, Some("6"), None)]);
    let of_nobody = event.replace(
        "<_wcf:OnlineStoreIdentifier><_wcf:UniqueID>11651<",
        "<_wcf:OnlineStoreIdentifier><_wcf:UniqueID>99999<",
    );
    assert_ne!(event, of_nobody);
    let answer = push(&world, &of_nobody).await;
    // Nobody keeps it, and the store takes no pushes.
    assert_eq!((answer.status, answer.code()), (422, "GW-7005"), "{}", answer.body);
    assert_eq!(world.counter("news_taken"), 0);
}

#[tokio::test]
async fn the_store_is_told_too_and_what_it_refuses_is_true_all_the_same() {
    let store = answering(200, SOAP_11, confirmation(None)).await;
    let world = World::of(FOR_EVER, |settings| Settings { store: Some(store.uri()), ..settings }).await;
    world.push(&change("P-001", &ago(2), &[("", "5")])).await;
    assert_eq!(count(&store).await, 1);
    assert_eq!(remembered(&world, "P-001").await, "Available 5");
    crate::stand_in::answers(&store, 200, SOAP_11, confirmation(Some("_ERR_OS_SEQUENCE"))).await;
    let answer = push(&world, &change("P-001", &ago(1), &[("", "6")])).await;
    assert_eq!((answer.status, answer.code()), (422, "GW-7004"), "{}", answer.body);
    assert_eq!(remembered(&world, "P-001").await, "Available 6");
}

#[tokio::test]
async fn a_rule_that_takes_no_news_leaves_what_is_remembered_alone() {
    let world = World::with(&format!("{FOR_EVER}update = false\n")).await;
    world.ask(&online(&["P-001"])).await;
    let answer = push(&world, &change("P-001", &ago(0), &[("", "5")])).await;
    assert_eq!((answer.status, answer.code()), (422, "GW-7005"), "{}", answer.body);
    assert_eq!(remembered(&world, "P-001").await, "Available 101");
}
