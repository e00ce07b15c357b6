//! Where a store is told of a fault: in the operation's own answer, or by a SOAP fault. The one place that decides it.
//!
//! A store's connector stops calling for a while after a SOAP fault. So whatever this gateway holds back by itself (the DOM
//! is left alone, it has no room, the gateway has too much to do) is told in-band to whoever only asks. Whoever wants
//! something done has to see that it was not, and when to come back:
//!
//! | the call was | availability, check | history, details | reserve, cancel_reservation, decrement, transfer |
//! | --- | --- | --- | --- |
//! | held back: `GW-1016`, `GW-4013` | stale, else the rule's fallback, else a business error in-band | a business error in-band | SOAP fault, HTTP 503 with `Retry-After`; `reached` no, `repeat` safe |
//! | of unknown outcome, or undone: `GW-4021`, `GW-4031`, `GW-4032` | - | - | SOAP fault with `Retry-After`; `reached` maybe or yes, `repeat` safe |
//! | refused: the document, by the gateway or by the DOM | a business error in-band | a business error in-band | a business error in-band |
//! | in trouble on the way or at the DOM: other `GW-4xxx` | stale, else the rule's fallback, else SOAP fault | SOAP fault | SOAP fault |
//!
//! Stale and fallback are found before a fault comes here (`stock::desk`).

use gateway_exchange::Operation;
use gateway_model::{Fault, Origin, Reached, codes};

/// Whether a fault has a place in the store's own answer: everything but trouble on the way to the DOM and at it, which
/// the store has to see as such (contract store section 17, writing rule 3). A command the DOM carried out was not
/// refused, even if nobody can say so in the store's words.
pub(super) fn goes_in_band(operation: Operation, fault: &Fault) -> bool {
    if fault.was_held_back() || fault.code == codes::DRAINING {
        return operation.only_reads();
    }
    match fault.origin {
        Origin::Store => fault.code != codes::CALLER_GONE,
        Origin::Gateway => fault.code != codes::INTERNAL && fault.reached == Reached::No,
        Origin::Dom | Origin::Network => false,
    }
}

#[cfg(test)]
mod tests {
    use gateway_exchange::{OPERATIONS, Operation};
    use gateway_model::{Fault, Reached, Repeat, codes};

    use super::goes_in_band;

    #[test]
    fn what_was_held_back_is_told_in_band_to_whoever_only_asks() {
        let held_back = [
            Fault::gateway(codes::OVERLOADED, ""),
            Fault::network(codes::DOM_NOT_ASKED, ""),
            Fault::gateway(codes::DRAINING, ""),
        ];
        for operation in OPERATIONS {
            for fault in &held_back {
                assert_eq!(goes_in_band(operation, fault), operation.only_reads(), "{operation:?} {fault}");
            }
        }
    }

    #[test]
    fn refusals_go_in_band_and_trouble_does_not() {
        let cases = [
            (Fault::store(codes::BAD_REQUEST, ""), true),
            (Fault::store(codes::CONFLICTING_REPEAT, "").repeat(Repeat::AfterCheck), true),
            (Fault::store(codes::CALLER_GONE, ""), false),
            (Fault::gateway(codes::UNMAPPED_VALUE, ""), true),
            (Fault::gateway(codes::NOTHING_KEPT, ""), true),
            (Fault::gateway(codes::INTERNAL, ""), false),
            (Fault::gateway(codes::OUTPUT_TOO_LARGE, "").reached(Reached::Yes), false),
            (Fault::network(codes::DOM_UNREACHABLE, ""), false),
            (Fault::network(codes::OUTCOME_UNKNOWN, "").reached(Reached::Maybe), false),
            (Fault::dom(codes::DOM_OVERLOADED, ""), false),
        ];
        for (fault, expected) in cases {
            for operation in [Operation::Availability, Operation::Details, Operation::Transfer] {
                assert_eq!(goes_in_band(operation, &fault), expected, "{operation:?} {fault}");
            }
        }
    }
}
