//! Reservations are held once or not at all, however the DOM's answers are lost and whoever hangs up.

use gateway_simulator::serve::{Shows, Trouble};
use gateway_simulator::{Habits, MissingReservation};
use gateway_transport::listener::Drained;
use rust_decimal::Decimal;

use crate::caller::Answered;
use crate::gateway::{INVENTORY, ORDERS, Running, Settings, within};
use crate::leaving::{self, begin};
use crate::stock::documents::{requirement, sent, transfer};
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

#[tokio::test]
async fn a_cancellation_of_what_is_not_held_is_done() {
    let habits = Habits { missing_reservation: MissingReservation::Refused, ..Habits::default() };
    let world = World::before(habits, "settle_ms = 0\n").await;
    let answer = ask(&world, &cancel("9001", "2")).await;
    assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 1), "{}", answer.body);
    assert_eq!(answer.root(), "AcknowledgeInventoryRequirement");
    // The first time gave it back, and nobody heard of it.
    assert!(is_reserved(&ask(&world, &reserve("9002", "2")).await));
    world.dom.script().add("cancel_reservation", Trouble::after_acting(Shows::Dropped));
    let answer = ask(&world, &cancel("9002", "2")).await;
    assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 2), "{}", answer.body);
    assert_eq!(held(&world, "9002"), Decimal::ZERO);
}

#[tokio::test]
async fn what_is_held_is_given_back_although_something_beside_it_is_not() {
    let habits = Habits { missing_reservation: MissingReservation::Refused, ..Habits::default() };
    let world = World::before(habits, "settle_ms = 0\n").await;
    assert!(is_reserved(&ask(&world, &reserve("9001", "2")).await));
    let items = [sent("71", "P-001", "2"), sent("72", "P-002", "1")];
    let both = requirement("CancelInventoryReservation", ("9001", &ago(0)), &items);
    let answer = ask(&world, &both).await;
    assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 4), "{}", answer.body);
    assert_eq!(held(&world, "9001"), Decimal::ZERO);
    // The same for a reservation of which only a part could be made.
    let items = [sent("71", "P-001", "2"), sent("72", "P-002", "9999")];
    world.dom.script().add("reserve", Trouble::after_acting(Shows::Dropped));
    let part = requirement("ReserveInventory", ("9001", &ago(0)), &items);
    let answer = ask(&world, &part).await;
    assert_eq!(
        (statuses(&answer), answer.attempts()),
        (vec!["Allocated".to_owned(), "Unallocated".to_owned()], 5)
    );
    assert_eq!(held(&world, "9001"), Decimal::from(2));
}

#[tokio::test]
async fn a_reservation_that_comes_again_is_held_once() {
    for (setting, made, attempts) in [("old", 30, 2), ("old", -30, 2), ("old", 0, 1), ("always", 0, 2)] {
        let verify = format!("settle_ms = 0\nrelease_first = \"{setting}\"\n");
        let world = World::before(Habits::default(), &verify).await;
        let document = requirement("ReserveInventory", ("9001", &ago(made)), &[sent("71", "P-001", "2")]);
        let answer = ask(&world, &document).await;
        assert!(is_reserved(&answer), "{}", answer.body);
        assert_eq!(answer.attempts(), attempts, "{setting} {made}");
        if attempts > 1 {
            assert!(is_reserved(&ask(&world, &document).await));
        }
        assert_eq!(held(&world, "9001"), Decimal::from(2), "{setting} {made}");
    }
}

#[tokio::test]
async fn nothing_is_reserved_again_while_what_may_be_held_cannot_be_given_back() {
    let world = World::before(Habits::default(), "settle_ms = 0\nrelease_first = \"always\"\n").await;
    assert!(is_reserved(&ask(&world, &reserve("9001", "2")).await));
    world.trouble("cancel_reservation", &Shows::Html, 2);
    let answer = ask(&world, &reserve("9001", "2")).await;
    assert_eq!((answer.status, answer.code()), (500, "GW-4031"), "{}", answer.body);
    assert_eq!(world.dom.script().count("reserve").calls, 1);
    until_held(&world, "9001", 0).await;
}

#[tokio::test]
async fn a_dom_that_is_left_alone_is_sent_nothing_and_owed_nothing() {
    let world = World::before(Habits::default(), "settle_ms = 0\nrelease_first = \"always\"\n").await;
    // A cancellation is tried twice.
    world.trouble("cancel_reservation", &Shows::Status(429), 2);
    let answer = ask(&world, &reserve("9001", "2")).await;
    assert_eq!(answer.fate(), ["GW-4011", "dom", "no", "safe"], "{}", answer.body);
    assert_eq!(world.dom.script().count("reserve").calls, 0);
    let metrics = world.gateway.admin("/metrics").await.body;
    assert!(metrics.lines().any(|line| line == "gateway_reservations_owed 0"), "{metrics}");
    assert!(is_reserved(&ask(&world, &reserve("9001", "2")).await));
}

#[tokio::test]
async fn a_reservation_that_comes_again_and_again_is_owed_no_more_than_once() {
    let world = World::before(Habits::default(), "settle_ms = 0\nrelease_first = \"always\"\n").await;
    let cancellations = || world.dom.script().count("cancel_reservation").calls;
    world.dom.script().set_lasting(Some(Trouble::instead(Shows::Dropped)));
    for _ in 0..8 {
        assert_eq!(ask(&world, &reserve("9001", "2")).await.code(), "GW-4031");
    }
    world.dom.script().set_lasting(None);
    let before = cancellations();
    assert!(is_reserved(&ask(&world, &reserve("9001", "2")).await));
    // Those of the last call, and perhaps those of the task before it.
    assert!(cancellations() - before <= 2, "{} after {before}", cancellations());
}

/// A DOM that is left alone after its first failure, for so long that no test sees the end of it.
const LEFT_ALONE: &str =
    "[dom.breaker]\nleast_calls = 1\nfirst_open_ms = 3_600_000\nlongest_open_ms = 3_600_000\n";

#[tokio::test]
async fn a_cancellation_that_may_have_arrived_is_not_forgotten_when_its_repetition_is_held_back() {
    let verify = "[dom.verify]\nsettle_ms = 0\nrelease_first = \"always\"\n";
    let of_dom = format!("{LEFT_ALONE}{verify}");
    let world = World::of("", |settings| Settings { of_dom: of_dom.clone(), ..settings }).await;
    world.dom.script().add("cancel_reservation", Trouble::after_acting(Shows::Dropped));
    let answer = ask(&world, &cancel("9001", "2")).await;
    assert_eq!(answer.fate(), ["GW-4003", "network", "maybe", "safe"], "{}", answer.body);
    let pause: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1_800..=3_600).contains(&pause), "{pause}");
    let world = World::of("", |settings| Settings { of_dom, ..settings }).await;
    world.dom.script().add("cancel_reservation", Trouble::after_acting(Shows::Dropped));
    let answer = ask(&world, &reserve("9001", "2")).await;
    assert_eq!(answer.fate(), ["GW-4031", "network", "maybe", "safe"], "{}", answer.body);
    let metrics = world.gateway.admin("/metrics").await.body;
    assert!(metrics.lines().any(|line| line == "gateway_reservations_owed 1"), "{metrics}");
}

#[tokio::test]
async fn a_reply_to_a_cancellation_that_cannot_be_read_is_no_proof_that_nothing_is_held() {
    for shows in [Shows::Html, Shows::Garbage, Shows::Empty, Shows::HalfDocument, Shows::Status(404)] {
        let world = World::with("").await;
        world.dom.script().add("reserve", Trouble::after_acting(Shows::Dropped));
        world.trouble("cancel_reservation", &shows, 2);
        let answer = ask(&world, &reserve("9001", "2")).await;
        assert_eq!((answer.status, answer.code()), (500, "GW-4031"), "{shows:?}: {}", answer.body);
        assert_eq!(world.dom.script().count("reserve").calls, 1, "{shows:?}");
        until_held(&world, "9001", 0).await;
    }
}

#[tokio::test]
async fn a_cancellation_and_an_order_take_over_what_is_owed() {
    for is_cancelled in [true, false] {
        let world = World::with("").await;
        world.dom.script().add("reserve", Trouble::after_acting(Shows::Dropped));
        world.trouble("cancel_reservation", &Shows::Dropped, 2);
        assert_eq!(ask(&world, &reserve("9001", "2")).await.code(), "GW-4031");
        let answer = match is_cancelled {
            true => ask(&world, &cancel("9001", "2")).await,
            false => {
                world.gateway.ask(ORDERS, &transfer(("9001", &ago(0)), &[sent("71", "P-001", "2")])).await
            }
        };
        assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 2), "{}", answer.body);
        assert_eq!(held(&world, "9001"), Decimal::ZERO);
        until_counted(&world.gateway, "taken-over", 1).await;
    }
}

#[tokio::test]
async fn an_order_is_handed_over_although_what_is_owed_cannot_be_given_back() {
    let world = World::with("").await;
    world.dom.script().add("reserve", Trouble::after_acting(Shows::Dropped));
    world.trouble("cancel_reservation", &Shows::Dropped, 4);
    assert_eq!(ask(&world, &reserve("9001", "2")).await.code(), "GW-4031");
    let document = transfer(("9001", &ago(0)), &[sent("71", "P-001", "2")]);
    let answer = world.gateway.ask(ORDERS, &document).await;
    assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
    until_held(&world, "9001", 0).await;
}

#[tokio::test]
async fn a_gateway_that_stops_gives_back_what_is_owed_before_it_ends() {
    let world = World::with("").await;
    world.dom.script().add("reserve", Trouble::after_acting(Shows::Dropped));
    world.trouble("cancel_reservation", &Shows::Dropped, 2);
    assert_eq!(ask(&world, &reserve("9001", "2")).await.code(), "GW-4031");
    let World { dom, gateway } = world;
    gateway.stop.cancel();
    assert_eq!(within(gateway.served).await.unwrap(), Drained::Whole);
    assert_eq!(dom.with(|dom| dom.reserved("11651", "9001")), Decimal::ZERO);
}

#[tokio::test]
async fn what_is_reserved_for_a_caller_who_hung_up_is_given_back() {
    let world = World::with("").await;
    world.dom.script().add("reserve", Trouble::instead(Shows::Held));
    let caller = begin(&world.gateway, INVENTORY, &reserve("9001", "2")).await;
    world.dom.script().wait_for_held().await;
    assert_eq!(held(&world, "9001"), Decimal::from(2));
    drop(caller);
    let goes_on = "gateway_callers_gone_total{caller=\"nordlicht\",operation=\"reserve\",call=\"goes on\"} 1";
    leaving::until_counted(&world.gateway, goes_on).await;
    world.dom.script().release(1);
    let undone = "gateway_calls_total{caller=\"nordlicht\",operation=\"reserve\",origin=\"network\",code=\"GW-4032\"} 1";
    leaving::until_counted(&world.gateway, undone).await;
    assert_eq!(held(&world, "9001"), Decimal::ZERO);
    assert!(is_reserved(&ask(&world, &reserve("9001", "2")).await));
    assert_eq!(held(&world, "9001"), Decimal::from(2));
}

#[tokio::test]
async fn what_is_reserved_stays_for_whoever_sent_the_same_again() {
    let world = World::with("").await;
    let document = reserve("9001", "2");
    world.dom.script().add("reserve", Trouble::instead(Shows::Held));
    let caller = begin(&world.gateway, INVENTORY, &document).await;
    world.dom.script().wait_for_held().await;
    let leaving = async {
        leaving::until_counted(&world.gateway, "gateway_calls_under_way 2").await;
        drop(caller);
        let goes_on =
            "gateway_callers_gone_total{caller=\"nordlicht\",operation=\"reserve\",call=\"goes on\"} 1";
        leaving::until_counted(&world.gateway, goes_on).await;
        world.dom.script().release(1);
    };
    let (answer, ()) = tokio::join!(ask(&world, &document), leaving);
    assert!(is_reserved(&answer), "{}", answer.body);
    assert_eq!(held(&world, "9001"), Decimal::from(2));
}
