//! Asking before repeating: whatever becomes of a transfer's answer, the DOM has the order once, or the store hears that
//! nobody knows and hands it over again.

use gateway_simulator::serve::{Shows, Trouble};

use crate::caller::Answered;
use crate::gateway::ORDERS;
use crate::stock::documents::{OrderItem, sent, transfer};
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
        crate::gateway::Settings { of_dom, ..settings }
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
