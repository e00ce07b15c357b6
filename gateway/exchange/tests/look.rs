//! Looking for what a lost answer was about: the same answer as if it had come, and nothing taken for certain that is not.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::fs;
use std::path::Path;

use gateway_exchange::{Answer, Ends, Interpreter, Question, Released, Reply, Seen, outcome_unknown};
use gateway_model::{Fault, Origin, Reached, Repeat, codes};
use gateway_operation::frame::Stamp;
use gateway_wire::{Tree, soap};

#[path = "support/shipped.rs"]
mod shipped;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");

fn fixture(path: &str) -> String {
    fs::read_to_string(Path::new(FIXTURES).join(path)).unwrap()
}

fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply { status, body: body.into(), ..Reply::default() }
}

fn stamp() -> Stamp<'static> {
    Stamp { sent_at: "2026-07-15T12:00:00Z".parse().unwrap(), message_id: "id" }
}

fn ends(interpreter: &Interpreter) -> Ends<'_> {
    let (store, dom) = interpreter.only_dialects().unwrap();
    Ends { store, dom, variant: None }
}

/// A store's document, read.
fn question<'t>(interpreter: &'t Interpreter, tree: &'t Tree<'t>) -> Question<'t> {
    let payload = soap::open(tree).unwrap().payload;
    interpreter.read_question(ends(interpreter).store, (tree, payload), Origin::Store).unwrap()
}

/// What the reply to a look proves of the transfer of a fixture.
fn seen(interpreter: &Interpreter, request: &str, reply: &Reply) -> Seen {
    let tree = interpreter.parse(request).unwrap();
    let mut question = question(interpreter, &tree);
    interpreter.plan(&mut question, ends(interpreter).dom, None).unwrap();
    interpreter.seen(&question, ends(interpreter), reply, stamp())
}

/// The answer to the transfer of a fixture, had it come.
fn answered(interpreter: &Interpreter, request: &str, reply: &Reply) -> Answer {
    let tree = interpreter.parse(request).unwrap();
    let mut question = question(interpreter, &tree);
    let plan = interpreter.plan(&mut question, ends(interpreter).dom, None).unwrap();
    interpreter.answer((&question, &plan), ends(interpreter), std::slice::from_ref(reply), stamp()).unwrap()
}

#[test]
fn an_order_that_is_found_is_answered_as_if_its_creation_had_been() {
    let interpreter = shipped::interpreter();
    let request = fixture("exchanges/transfer/ship-pickup-and-promotion/store-request.xml");
    let created = reply(200, fixture("exchanges/transfer/ship-pickup-and-promotion/dom-answer.xml"));
    let there = reply(200, fixture("looks/transfer/the-order-is-there/dom-answer.xml"));
    let Seen::Same(found) = seen(&interpreter, &request, &there) else { panic!("the order is there") };
    let created = answered(&interpreter, &request, &created);
    assert_eq!(String::from_utf8(found.document).unwrap(), String::from_utf8(created.document).unwrap());
    assert_eq!((found.refused, created.refused), (None, None));
}

#[test]
fn a_conflict_is_told_to_the_store_as_a_refusal_and_is_the_same_every_time() {
    let interpreter = shipped::interpreter();
    let request = fixture("looks/transfer/another-quantity-is-there/store-request.xml");
    let there = reply(200, fixture("looks/transfer/another-quantity-is-there/dom-answer.xml"));
    let Seen::Different(answer) = seen(&interpreter, &request, &there) else {
        panic!("another order is there")
    };
    let fault = answer.refused.unwrap();
    let found = (fault.code, fault.origin, fault.reached, fault.repeat);
    assert_eq!(found, (codes::ORDER_CONFLICT, Origin::Dom, Reached::Yes, Repeat::Useless));
}

#[test]
fn nothing_that_cannot_be_read_is_taken_for_not_there() {
    let interpreter = shipped::interpreter();
    let request = fixture("looks/transfer/cut-off/store-request.xml");
    let whole = fixture("looks/transfer/another-quantity-is-there/dom-answer.xml");
    let whole = whole.trim_end();
    for end in 0..whole.len() {
        let cut = reply(200, &whole.as_bytes()[..end]);
        assert!(matches!(seen(&interpreter, &request, &cut), Seen::CannotTell(_)), "cut at {end}");
    }
    for status in [100, 204, 302, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504] {
        for body in
            ["", "<html/>", "not found", "<Order/>", "<Errors/>", "<Errors><Error ErrorCode='X'/></Errors>"]
        {
            let seen = seen(&interpreter, &request, &reply(status, body));
            assert!(matches!(seen, Seen::CannotTell(_)), "{status} {body}: {seen:?}");
        }
    }
}

#[test]
fn only_a_rule_makes_a_status_mean_not_there() {
    let interpreter = shipped::interpreter_with(
        "[[outcome]]\noperations = ['details']\nstatus = ['404']\nis = 'not_found'\n",
    );
    let request = fixture("looks/transfer/cut-off/store-request.xml");
    assert!(matches!(seen(&interpreter, &request, &reply(404, "<html/>")), Seen::NotThere));
}

#[test]
fn an_unknown_outcome_is_trouble_on_the_way_and_may_be_handed_over_again() {
    for cause in [
        Fault::network(codes::DOM_TIMEOUT, "no answer"),
        Fault::dom(codes::DOM_UNAUTHORIZED, "no login"),
        Fault::gateway(codes::DEADLINE, "no time"),
    ] {
        let fault = outcome_unknown(&cause);
        assert_eq!(
            (fault.code, fault.reached, fault.repeat),
            (codes::OUTCOME_UNKNOWN, Reached::Maybe, Repeat::Safe)
        );
        assert!(matches!(fault.origin, Origin::Dom | Origin::Network));
        assert!(fault.message.contains(&cause.code.to_string()), "{fault}");
    }
}

#[test]
fn a_reservation_is_given_back_call_by_call() {
    let interpreter = shipped::interpreter();
    let text = fixture("exchanges/reserve/split-and-kit-at-a-store/store-request.xml");
    let tree = interpreter.parse(&text).unwrap();
    let mut question = question(&interpreter, &tree);
    let dom = ends(&interpreter).dom;
    let reserved = interpreter.plan(&mut question, dom, None).unwrap();
    assert_eq!(reserved.calls.len(), 1);
    let release = interpreter.release(&question, dom).unwrap();
    assert!(release.singly.len() > 1);
    let together = String::from_utf8(release.together.document).unwrap();
    assert_eq!(together.matches("<CancelReservation ").count(), release.singly.len(), "{together}");
    for call in &release.singly {
        let document = String::from_utf8(call.document.clone()).unwrap();
        assert_eq!((call.api.as_str(), call.only_reads), ("multiApi", false));
        assert_eq!(document.matches("<CancelReservation ").count(), 1, "{document}");
        assert!(document.contains("ReservationID=\"WC_") && !document.contains("ShipNode"), "{document}");
    }
    let done = "<MultiApi><API Name='cancelReservation'><Output><CancelReservation ReservationID='WC_1'/></Output></API></MultiApi>";
    let none = "<Errors><Error ErrorCode='INV99904' ErrorDescription='Reservation does not exist'/></Errors>";
    let other = "<Errors><Error ErrorCode='INV99903' ErrorDescription='Quantity is not valid'/></Errors>";
    for (status, body, proves) in [
        (200, done, Some(Released::Free)),
        (200, none, Some(Released::NotHeld)),
        (400, none, Some(Released::NotHeld)),
        (200, other, None),
        (200, "", None),
        (500, done, None),
        (200, done.get(..40).unwrap(), None),
    ] {
        let released = interpreter.released(dom, &reply(status, body), stamp());
        match proves {
            Some(expected) => assert_eq!(released, expected, "{status} {body}"),
            None => assert!(matches!(released, Released::CannotTell(_)), "{status} {body}: {released:?}"),
        }
    }
}
