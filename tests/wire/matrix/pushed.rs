//! What has to become of a push when something goes wrong at the store and on the way to it. A push may always be sent
//! again: the store refuses what is older, and takes what is the same.

use gateway_simulator::serve::Shows;

use super::expected::{Expected, Fate, Lasting, Said, answered, failed};
use super::fault::{Brought, Fault, Known};
use super::operation::Operation;

/// The HTTP status of a push that was not taken (contract Sterling section 12: none is documented; all make it send again).
pub(crate) fn status(code: &str) -> u16 {
    match code {
        "GW-7002" => 504,
        "GW-7004" => 422,
        _ => 502,
    }
}

/// How often a store is told before the DOM hears of it.
pub(crate) const ATTEMPTS: usize = 2;

/// What a DOM that waits is answered.
pub(crate) fn waiting(fault: &Fault, lasting: Lasting) -> Expected {
    let fate = fate(fault);
    match (fate[3], lasting) {
        ("safe", Lasting::Once) => answered(ATTEMPTS),
        ("safe", Lasting::AllTheTime) => failed(Said::Fault(fate), ATTEMPTS, fault.acts()),
        _ => failed(Said::Fault(fate), 1, fault.acts()),
    }
}

/// What it is answered when it pushes the same once more and all is well again: what the store is known to have taken of an
/// order is not sent to it again.
pub(crate) fn again(operation: &Operation, before: Expected) -> Expected {
    let is_known = operation.name != "availability_sync" && before.said == Said::Answer;
    answered(usize::from(!is_known))
}

/// What it is answered when it pushes the same twice at once: events of one order wait for each other.
pub(crate) fn twice(operation: &Operation, alone: Expected) -> [Expected; 2] {
    [Expected { done: true, ..alone }, again(operation, alone)]
}

/// What the DOM hears of it.
fn fate(fault: &Fault) -> Fate {
    if let Brought::Scripted(trouble) = &fault.brought {
        match trouble.shows() {
            // A service that fails says so by a SOAP fault; it may do better the next time.
            Shows::SoapFault | Shows::Errors { .. } => return ["GW-7004", "store", "maybe", "safe"],
            Shows::Status(401) => return ["GW-7004", "store", "no", "useless"],
            _ => {}
        }
    }
    match fault.known {
        Known::Unsent => ["GW-7001", "network", "no", "safe"],
        Known::Unclear if fault.takes_its_time() => ["GW-7002", "network", "maybe", "safe"],
        Known::Begun if fault.takes_its_time() => ["GW-7002", "network", "yes", "safe"],
        Known::Unclear => ["GW-7003", "network", "maybe", "safe"],
        Known::Begun => ["GW-7003", "network", "yes", "safe"],
        _ => ["GW-7003", "store", "maybe", "safe"],
    }
}
