//! Gateways killed while the DOM is still at work on what they sent.

use gateway_simulator::{RepeatedOrder, RepeatedReservation};

use crate::plan::{Plan, Wire};
use crate::world::live;

/// The connector sends again at once, to another gateway, what a killed one may just have sent; and this DOM takes an order
/// as often as it comes.
#[test]
fn what_a_killed_gateway_sent_is_waited_for_before_it_is_sent_again() {
    for seed in 0..20 {
        let wire = Wire { late: 200, ..Wire::default() };
        let plan = Plan {
            gateways: 2,
            kills: 40,
            lives: (2_500, 1_000),
            wire,
            at_work: true,
            repeated_order: RepeatedOrder::Accepted,
            repeated_reservation: RepeatedReservation::Added,
            is_silent: true,
            ..Plan::of(seed).calm()
        };
        let judgement = live(plan).judgement;
        assert_eq!(judgement.names(), [""; 0], "seed {seed}: {judgement:?}");
    }
}
