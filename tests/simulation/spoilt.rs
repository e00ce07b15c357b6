//! The judge finds what it is there to find: of what is spoilt on purpose each kind is seen, and nothing else.

use gateway_simulator::{RepeatedOrder, RepeatedReservation};

use crate::plan::{Plan, Spoil};
use crate::world::live;

fn finds(spoil: Spoil, found: &[&str]) {
    // A DOM that refuses second orders cannot have doubled one, nor one that replaces reservations added to one.
    let plan = Plan {
        spoil: Some(spoil),
        repeated_order: RepeatedOrder::Accepted,
        repeated_reservation: RepeatedReservation::Added,
        ..Plan::of(5).calm()
    };
    let outcome = live(plan);
    assert_eq!(outcome.judgement.names(), found, "{spoil:?}: {:?}", outcome.judgement);
    for (name, orders) in &outcome.judgement.0 {
        assert_eq!(orders.len(), 1, "{name}: only the spoilt one");
    }
}

#[test]
fn a_calm_world_has_nothing_to_find() {
    for seed in 0..4 {
        let outcome = live(Plan::of(seed).calm());
        assert_eq!(outcome.judgement.names(), [""; 0], "{:?}", outcome.judgement);
    }
}

#[test]
fn what_is_spoilt_on_purpose_is_found() {
    finds(Spoil::Lost, &["lost"]);
    finds(Spoil::Doubled, &["doubled"]);
    finds(Spoil::Unresolved, &["unresolved"]);
    finds(Spoil::Orphan, &["orphans"]);
    finds(Spoil::Backwards, &["backwards"]);
    finds(Spoil::Undelivered, &["undelivered"]);
}

/// A gateway that repeats without asking: the DOM takes what it is sent, and has orders twice.
#[test]
fn gateways_that_do_not_ask_are_found() {
    let doubled = (0..20).any(|seed| {
        let spoil = Some(Spoil::Unverified);
        let plan = Plan { spoil, repeated_order: RepeatedOrder::Accepted, ..Plan::of(seed) };
        live(plan).judgement.names().contains(&"doubled")
    });
    assert!(doubled, "no order was doubled");
}
