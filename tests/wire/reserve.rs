//! Reservations are held once or not at all, however the DOM's answers are lost and whoever hangs up.

use gateway_simulator::serve::{Shows, Trouble};
use rust_decimal::Decimal;

use crate::caller::Answered;
use crate::gateway::{INVENTORY, Running, Settings, within};
use crate::stock::documents::{requirement, sent};
use crate::stock::world::{World, ago, before, statuses};

/// The DOM does nothing and shows this.
const NOT_DONE: [Shows; 5] = [Shows::Dropped, Shows::Status(500), Shows::Html, Shows::Garbage, Shows::Empty];

/// The DOM reserves and shows this.
const DONE: [Shows; 8] = [
    Shows::Dropped,
    Shows::Status(500),
    Shows::Html,
    Shows::Garbage,
    Shows::Empty,
    Shows::HalfDocument,
    Shows::BrokenOff,
    // Its time is over first.
    Shows::Held,
];

/// Of a call whose answer is held, the attempt has to be over.
const IMPATIENT: &[(&str, u32, u32)] = &[("reserve", 60_000, 500)];

/// Every way in which nobody knows whether a reservation was made.
fn ambiguous() -> impl Iterator<Item = Trouble> {
    let not_done = NOT_DONE.into_iter().map(Trouble::instead);
    not_done.chain(DONE.into_iter().map(Trouble::after_acting))
}

async fn impatient() -> World {
    World::of("", |settings| Settings { deadlines: IMPATIENT, ..settings }).await
}

fn reserve(order: &str, quantity: &str) -> String {
    requirement("ReserveInventory", (order, &ago(0)), &[sent("71", "P-001", quantity)])
}

fn cancel(order: &str, quantity: &str) -> String {
    requirement("CancelInventoryReservation", (order, &ago(0)), &[sent("71", "P-001", quantity)])
}

async fn ask(world: &World, document: &str) -> Answered {
    world.gateway.ask(INVENTORY, document).await
}

/// How much the DOM holds for an order.
fn held(world: &World, order: &str) -> Decimal {
    world.dom.with(|dom| dom.reserved("11651", order))
}

fn is_reserved(answer: &Answered) -> bool {
    (answer.status, answer.code()) == (200, "") && statuses(answer) == ["Allocated"]
}

/// Waits until so much is held for an order.
async fn until_held(world: &World, order: &str, quantity: u32) {
    let expected = Decimal::from(quantity);
    within(async {
        while held(world, order) != expected {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Waits until what became of an owed reservation was counted so often.
async fn until_counted(gateway: &Running, outcome: &str, times: u32) {
    let line =
        format!("gateway_reservations_unknown_total{{dom=\"sterling\",outcome=\"{outcome}\"}} {times}");
    within(async { while !gateway.admin("/metrics").await.body.lines().any(|found| found == line) {} }).await;
}

#[tokio::test]
async fn what_was_reserved_without_a_word_is_given_back_and_reserved_again() {
    let world = impatient().await;
    for (order, trouble) in (9001..).zip(ambiguous()) {
        let order = order.to_string();
        world.dom.script().add("reserve", trouble.clone());
        let answer = ask(&world, &reserve(&order, "2")).await;
        assert!(is_reserved(&answer), "{trouble:?}: {}", answer.body);
        assert_eq!((held(&world, &order), answer.attempts()), (Decimal::from(2), 3), "{trouble:?}");
    }
}

#[tokio::test]
async fn a_reservation_that_is_lost_twice_is_not_held() {
    let world = impatient().await;
    for (order, trouble) in (9001..).zip(ambiguous()) {
        let order = order.to_string();
        world.dom.script().add("reserve", trouble.clone());
        world.dom.script().add("reserve", trouble.clone());
        let answer = ask(&world, &reserve(&order, "2")).await;
        assert_eq!((answer.status, answer.code()), (500, "GW-4032"), "{trouble:?}: {}", answer.body);
        assert_eq!(answer.fate()[2..], ["yes", "safe"], "{trouble:?}");
        assert_eq!(held(&world, &order), Decimal::ZERO, "{trouble:?}");
        assert!(is_reserved(&ask(&world, &reserve(&order, "2")).await), "{trouble:?}");
        assert_eq!(held(&world, &order), Decimal::from(2), "{trouble:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_given_back_in_time_is_given_back_after_the_store_was_answered() {
    let world = impatient().await;
    for (times, (order, trouble)) in (1..).zip((9001..).zip(ambiguous())) {
        let order = order.to_string();
        world.dom.script().add("reserve", trouble.clone());
        // A cancellation is tried twice.
        world.trouble("cancel_reservation", &Shows::Dropped, 2);
        let answer = ask(&world, &reserve(&order, "2")).await;
        assert_eq!((answer.status, answer.code()), (500, "GW-4031"), "{trouble:?}: {}", answer.body);
        assert_eq!(answer.fate()[2..], ["maybe", "safe"], "{trouble:?}");
        until_counted(&world.gateway, "given-back", times).await;
        assert_eq!(held(&world, &order), Decimal::ZERO, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_later_reservation_takes_over_what_is_owed_and_keeps_what_it_reserves() {
    for (order, trouble) in (9001..).zip(ambiguous()) {
        let (world, order) = (impatient().await, order.to_string());
        world.dom.script().add("reserve", trouble.clone());
        world.trouble("cancel_reservation", &Shows::Dropped, 2);
        assert_eq!(ask(&world, &reserve(&order, "2")).await.code(), "GW-4031", "{trouble:?}");
        // Other lines than before: what was owed is given back all the same, and nothing else.
        let answer = ask(&world, &reserve(&order, "3")).await;
        assert!(is_reserved(&answer), "{trouble:?}: {} {}", answer.code(), answer.body);
        until_counted(&world.gateway, "taken-over", 1).await;
        assert_eq!(held(&world, &order), Decimal::from(3), "{trouble:?}");
    }
}

#[tokio::test]
async fn nothing_is_reserved_on_top_of_what_cannot_be_given_back() {
    let world = World::with("").await;
    world.dom.script().add("reserve", Trouble::after_acting(Shows::Dropped));
    world.trouble("cancel_reservation", &Shows::Dropped, 4);
    assert_eq!(ask(&world, &reserve("9001", "2")).await.code(), "GW-4031");
    assert_eq!(ask(&world, &reserve("9001", "2")).await.code(), "GW-4031");
    assert_eq!(world.dom.script().count("reserve").calls, 1);
    until_held(&world, "9001", 0).await;
}

#[tokio::test]
async fn a_reservation_still_at_work_when_it_is_given_back_is_given_back_once_more() {
    let of_dom = "[dom.verify]\nsettle_ms = 1\nrelease_first = \"never\"\n".to_owned();
    let world = World::of("", |settings| Settings { of_dom, ..settings }).await;
    let late = before(&world.dom, "").run().await;
    world.dom.script().add("reserve", Trouble::instead(Shows::Dropped));
    world.dom.script().add("cancel_reservation", Trouble::instead(Shows::Held));
    let document = reserve("9001", "2");
    let reserving = ask(&world, &document);
    let meanwhile = async {
        world.dom.script().wait_for_held().await;
        assert!(is_reserved(&late.ask(INVENTORY, &document).await));
        world.dom.script().release(1);
    };
    let (answer, ()) = tokio::join!(reserving, meanwhile);
    assert!(is_reserved(&answer), "{}", answer.body);
    assert_eq!(held(&world, "9001"), Decimal::from(2));
}

#[tokio::test]
async fn a_refused_reservation_holds_nothing_and_gives_nothing_back() {
    let world = World::with("").await;
    let refused = Shows::Errors { code: "INV001".to_owned(), description: "no".to_owned() };
    world.trouble("reserve", &refused, 1);
    let answer = ask(&world, &reserve("9001", "2")).await;
    assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "GW-4010", 1), "{}", answer.body);
    assert_eq!(world.dom.script().count("cancel_reservation").calls, 0);
}

#[tokio::test]
async fn a_cancellation_is_sent_again_however_its_answer_was_lost() {
    let ways = ambiguous().filter(|trouble| *trouble.shows() != Shows::Held);
    for (order, trouble) in (9001..).zip(ways) {
        let (world, order) = (World::with("").await, order.to_string());
        assert!(is_reserved(&ask(&world, &reserve(&order, "2")).await));
        world.dom.script().add("cancel_reservation", trouble.clone());
        let answer = ask(&world, &cancel(&order, "2")).await;
        assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 2), "{trouble:?}");
        assert_eq!(held(&world, &order), Decimal::ZERO, "{trouble:?}");
    }
}
