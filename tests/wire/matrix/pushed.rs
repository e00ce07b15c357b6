//! What has to become of a push when something goes wrong at the store and on the way to it. A push may always be sent
//! again: the store refuses what is older, and takes what is the same.

use gateway_simulator::serve::Shows;

use super::expected::{Expected, Fate, Lasting, Said, answered};
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

/// What a DOM that waits is answered.
pub(crate) fn waiting(fault: &Fault, _lasting: Lasting) -> Expected {
    Expected { said: Said::Fault(fate(fault)), requests: (1, 1), done: fault.acts() }
}

/// What it is answered when it pushes the same once more and all is well again.
pub(crate) fn again(_operation: &Operation, _before: Expected) -> Expected {
    answered(1)
}

/// What the DOM hears of it.
fn fate(fault: &Fault) -> Fate {
    if let Brought::Scripted(trouble) = &fault.brought {
        match trouble.shows() {
            // A store refuses by SOAP faults too (contract store section 13.2).
            Shows::SoapFault | Shows::Errors { .. } => return ["GW-7004", "store", "", ""],
            Shows::Status(401) => return ["GW-7004", "store", "", ""],
            _ => {}
        }
    }
    match fault.known {
        Known::Unsent => ["GW-7001", "network", "", ""],
        Known::Unclear | Known::Begun if fault.takes_its_time() => ["GW-7002", "network", "", ""],
        Known::Unclear | Known::Begun => ["GW-7003", "network", "", ""],
        _ => ["GW-7003", "store", "", ""],
    }
}
