//! Asking before repeating: whatever becomes of a transfer's answer, the DOM has the order once, or the store hears that
//! nobody knows and hands it over again.

use gateway_simulator::serve::{Shows, Trouble};
use gateway_simulator::{Habits, RepeatedOrder};

use crate::caller::Answered;
use crate::documents::{copied_mappings, replaced};
use crate::gateway::{INVENTORY, ORDERS, Settings};
use crate::stock::documents::{OrderItem, requirement, sent, transfer};
use crate::stock::world::{World, ago};

/// What a DOM may show instead of its answer.
const LOST: [Shows; 4] = [Shows::Dropped, Shows::Status(500), Shows::Html, Shows::HalfDocument];

async fn handed_over(world: &World, order: &str, items: &[OrderItem<'_>]) -> Answered {
    world.gateway.ask(ORDERS, &transfer((order, &ago(0)), items)).await
}

/// Orders the DOM has under the store's order id.
fn orders(world: &World, order: &str) -> usize {
    world.dom.with(|dom| dom.keys(order).len())
}

/// The DOM's key in the answer.
fn key(answer: &Answered) -> String {
    assert_eq!(
        (answer.status, answer.code(), answer.root().as_str()),
        (200, "", "AcknowledgeOrder"),
        "{}",
        answer.body
    );
    answer.first("ExternalOrderID").to_owned()
}

#[tokio::test]
async fn an_order_the_dom_took_is_acknowledged_however_its_answer_was_lost() {
    let world = World::with("").await;
    for (number, shows) in (9001..).zip(LOST) {
        let (order, items) = (number.to_string(), [sent("71", "P-001", "2")]);
        world.dom.script().add("transfer", Trouble::after_acting(shows.clone()));
        let answer = handed_over(&world, &order, &items).await;
        let told = key(&answer);
        assert_eq!(orders(&world, &order), 1, "{shows:?}");
        assert_eq!(answer.attempts(), 2, "{shows:?}: sent once, looked for once");
        let again = handed_over(&world, &order, &items).await;
        assert_eq!((key(&again), orders(&world, &order)), (told, 1), "{shows:?}");
    }
}

#[tokio::test]
async fn an_order_the_dom_does_not_have_is_sent_again_after_two_looks() {
    let world = World::with("").await;
    // Half a document is half of what the DOM says after acting, so it is not among them.
    let not_taken = LOST.into_iter().filter(|shows| !matches!(shows, Shows::HalfDocument));
    for (number, shows) in (9001..).zip(not_taken) {
        let (order, items) = (number.to_string(), [sent("71", "P-001", "2")]);
        world.trouble("transfer", &shows, 1);
        let answer = handed_over(&world, &order, &items).await;
        key(&answer);
        assert_eq!((orders(&world, &order), answer.attempts()), (1, 4), "{shows:?}");
    }
}

#[tokio::test]
async fn while_the_dom_cannot_be_asked_the_outcome_is_unknown_and_the_next_transfer_finds_it() {
    let world = World::with("").await;
    for (number, acts) in [(9001, true), (9002, false)] {
        let (order, items) = (number.to_string(), [sent("71", "P-001", "2")]);
        let lost =
            if acts { Trouble::after_acting(Shows::Dropped) } else { Trouble::instead(Shows::Dropped) };
        world.dom.script().add("transfer", lost);
        // Each look is tried twice.
        world.trouble("details", &Shows::Html, 2);
        let answer = handed_over(&world, &order, &items).await;
        assert_eq!((answer.status, answer.code()), (500, "GW-4021"), "{}", answer.body);
        assert_eq!(answer.fate()[2..], ["maybe", "safe"]);
        assert_eq!(orders(&world, &order), usize::from(acts));
        key(&handed_over(&world, &order, &items).await);
        assert_eq!(orders(&world, &order), 1);
    }
}

#[tokio::test]
async fn what_became_of_the_first_sending_stays_unknown_when_the_second_is_turned_away() {
    let world = World::with("").await;
    let items = [sent("71", "P-001", "2")];
    world.trouble("transfer", &Shows::Dropped, 1);
    // Turned away before anybody looked at it: of the second sending the DOM has nothing for sure, of the first nobody knows.
    world.trouble("transfer", &Shows::Status(429), 1);
    let answer = handed_over(&world, "9001", &items).await;
    assert_eq!((answer.status, answer.code()), (500, "GW-4021"), "{}", answer.body);
    key(&handed_over(&world, "9001", &items).await);
    assert_eq!(orders(&world, "9001"), 1);
}

#[tokio::test]
async fn another_order_under_the_number_is_a_conflict_and_stays_as_it_is() {
    let world = World::with("").await;
    key(&handed_over(&world, "9001", &[sent("71", "P-001", "2")]).await);
    let answer = handed_over(&world, "9001", &[sent("71", "P-001", "3")]).await;
    assert_eq!((answer.status, answer.code()), (200, "GW-4022"), "{}", answer.body);
    assert_eq!(orders(&world, "9001"), 1);
    key(&handed_over(&world, "9001", &[sent("71", "P-001", "2")]).await);
}

#[tokio::test]
async fn a_dom_that_numbers_orders_itself_is_not_asked() {
    let world = World::of("", |settings| {
        let of_dom = "[dom.verify]\nenabled = false\n".to_owned();
        Settings { of_dom, ..settings }
    })
    .await;
    let items = [sent("71", "P-001", "2")];
    key(&handed_over(&world, "9001", &items).await);
    let answer = handed_over(&world, "9001", &items).await;
    assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "GW-4010", 1), "{}", answer.body);
    world.dom.script().add("transfer", Trouble::instead(Shows::Dropped));
    let answer = handed_over(&world, "9002", &items).await;
    assert_eq!((answer.status, answer.attempts()), (500, 1), "{}", answer.body);
}

/// A DOM that takes an order as often as it is sent.
fn takes_twice() -> Habits {
    Habits { repeated_order: RepeatedOrder::Accepted, ..Habits::default() }
}

/// Handed over in a document made so long ago, of an order placed so long ago if it says when.
async fn handed_over_again(world: &World, order: &str, (made, placed): (i64, Option<i64>)) -> Answered {
    let document = transfer((order, &ago(made)), &[sent("71", "P-001", "2")]);
    let placed = placed.map(|placed| format!("<_ord:PlacedDate>{}</_ord:PlacedDate>", ago(placed)));
    let end = "</_ord:StoreIdentifier>";
    world
        .gateway
        .ask(ORDERS, &replaced(&document, end, &format!("{end}{}", placed.unwrap_or_default())))
        .await
}

#[tokio::test]
async fn what_may_be_a_repeat_is_looked_for_before_a_dom_that_takes_it_twice_is_sent_it() {
    let world = World::before(takes_twice(), "settle_ms = 0\n").await;
    for (number, times, looks) in [
        (9001, (0, None), 0),
        (9002, (-3, Some(3)), 0),
        (9003, (0, Some(30)), 0),
        // Sent again by the store's transport, or by a clock that is wrong either way.
        (9004, (30, None), 2),
        (9005, (-30, Some(0)), 2),
        // Handed over again by the store's job.
        (9006, (0, Some(90)), 2),
        (9007, (0, Some(86_500)), 2),
    ] {
        let order = number.to_string();
        let first = handed_over_again(&world, &order, times).await;
        let told = key(&first);
        assert_eq!(first.attempts(), 1 + looks, "{times:?}: not there either time, so it is sent");
        if looks > 0 {
            let again = handed_over_again(&world, &order, times).await;
            assert_eq!((key(&again), again.attempts()), (told, 1), "{times:?}: it is there");
            assert_eq!(orders(&world, &order), 1, "{times:?}");
        }
    }
}

#[tokio::test]
async fn a_document_that_does_not_say_when_it_was_made_counts_as_fresh() {
    let world = World::before(takes_twice(), "settle_ms = 0\n").await;
    let document = transfer(("9001", "MADE"), &[sent("71", "P-001", "2")]);
    let document = replaced(&document, "<oa:CreationDateTime>MADE</oa:CreationDateTime>", "");
    let answer = world.gateway.ask(ORDERS, &document).await;
    key(&answer);
    assert_eq!(answer.attempts(), 1);
}

#[tokio::test]
async fn whether_the_dom_is_asked_first_can_be_set() {
    for (setting, made, attempts) in [("always", 0, 3), ("never", 30, 1), ("old", 0, 1)] {
        let verify = format!("settle_ms = 0\nlook_first = \"{setting}\"\n");
        let world = World::before(takes_twice(), &verify).await;
        let answer = handed_over_again(&world, "9001", (made, None)).await;
        key(&answer);
        assert_eq!(answer.attempts(), attempts, "{setting}");
    }
}

#[tokio::test]
async fn what_may_be_a_repeat_is_not_sent_while_the_dom_cannot_be_asked() {
    let world = World::before(takes_twice(), "settle_ms = 0\n").await;
    for shows in [Shows::Dropped, Shows::Html, Shows::Status(500), Shows::Status(429), Shows::HalfDocument] {
        // A look is tried twice.
        world.trouble("details", &shows, 2);
        let answer = handed_over_again(&world, "9001", (30, None)).await;
        assert_eq!((answer.status, answer.code()), (500, "GW-4021"), "{shows:?}: {}", answer.body);
        assert_eq!(answer.fate()[2..], ["maybe", "safe"], "{shows:?}");
        assert_eq!(world.dom.script().count("transfer").calls, 0, "{shows:?}");
    }
    key(&handed_over_again(&world, "9001", (30, None)).await);
    assert_eq!(orders(&world, "9001"), 1);
}

#[tokio::test]
async fn another_order_that_is_found_first_is_a_conflict() {
    let world = World::before(takes_twice(), "settle_ms = 0\n").await;
    key(&handed_over(&world, "9001", &[sent("71", "P-001", "3")]).await);
    let answer = handed_over_again(&world, "9001", (30, None)).await;
    assert_eq!((answer.status, answer.code()), (200, "GW-4022"), "{}", answer.body);
    assert_eq!(orders(&world, "9001"), 1);
}

/// Rules of a DOM that says by the status alone what is there.
const BY_STATUS: &str = "[[outcome]]\noperations = [\"details\", \"cancel_reservation\"]\nstatus = [\"404\"]\nis = \"not_found\"\n\
     [[outcome]]\noperations = [\"transfer\"]\nstatus = [\"409\"]\nis = \"duplicate\"\n";

#[tokio::test]
async fn a_rule_says_what_is_there_whatever_the_body_is() {
    let mappings = copied_mappings();
    let file = mappings.path().join("sterling/dialect.toml");
    let dialect = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, dialect.replacen("[[outcome]]", &format!("{BY_STATUS}[[outcome]]"), 1)).unwrap();
    let folder = Some(mappings.path().to_path_buf());
    let world = World::of("", |settings| Settings { mappings: folder, ..settings }).await;
    let items = [sent("71", "P-001", "2")];
    // It is not there, so it is sent again.
    world.trouble("transfer", &Shows::Dropped, 1);
    world.trouble("details", &Shows::Status(404), 2);
    let answer = handed_over(&world, "9001", &items).await;
    let told = key(&answer);
    assert_eq!((orders(&world, "9001"), answer.attempts()), (1, 4));
    // It is there already, so it is looked at.
    world.trouble("transfer", &Shows::Status(409), 1);
    let again = handed_over(&world, "9001", &items).await;
    assert_eq!((key(&again), again.attempts()), (told, 2));
    // It is said to be there, and it is not.
    world.trouble("transfer", &Shows::Status(409), 1);
    let answer = handed_over(&world, "9002", &items).await;
    assert_eq!((answer.status, answer.code()), (500, "GW-4021"), "{}", answer.body);
    // Nothing is held.
    world.trouble("cancel_reservation", &Shows::Status(404), 1);
    let document = requirement("CancelInventoryReservation", ("9003", &ago(0)), &items);
    let answer = world.gateway.ask(INVENTORY, &document).await;
    assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 1), "{}", answer.body);
}
