//! What has to become of a call: the rules the cells of the matrix follow from. They are the and the contract's,
//! not what the gateway was seen to do.
//!
//! * A question is asked again when that may help, and changes nothing.
//! * An order is never sent again before the DOM was asked for it. Found, it is acknowledged. Not found in two looks, it is
//!   sent once more. While the DOM cannot be asked, the store hears that nobody knows and that it may hand the order over
//!   again, whatever became of it.
//! * What the DOM turned away unread, or refused for a reason and does not have, the store hears of as it is.

use super::fault::{Fault, Known};
use super::operation::{Kind, Operation, Setting};
use super::pushed;

/// Code, origin, whether the DOM may have acted, whether to send again.
pub(crate) type Fate = [&'static str; 4];

/// What a call is answered, and what is at the DOM afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) said: Said,
    /// Requests sent to the DOM, at least and at most.
    pub(crate) requests: (usize, usize),
    /// Whether the DOM has done what the call is for.
    pub(crate) done: bool,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// What was asked for.
    Answer,
    /// The answer document, with the reason why not.
    InBand(Fate),
    /// A SOAP fault.
    Fault(Fate),
}

/// How many requests meet with the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasting {
    /// The first about the operation; all others are carried out.
    Once,
    /// All, of whatever operation, until the store was answered.
    AllTheTime,
}

/// How often a question is asked at most.
const ATTEMPTS: usize = 2;
/// How often the DOM is asked whether it has an order before it is sent again.
const LOOKS: usize = 2;

/// What a store that waits is answered; `None` where there is no such fault: for one request alone, or for this operation.
pub(crate) fn waiting(operation: &Operation, fault: &Fault, lasting: Lasting) -> Option<Expected> {
    let alone = fault.known == Known::Unsent;
    // What comes late changes something, or it would be as if it never came.
    let late = fault.acts_late() && operation.kind.asked_first().is_none();
    // What is remembered came by a connection, which is still there.
    let never = !fault.is_read() && operation.setting == Setting::Remembered;
    if lasting == Lasting::Once && alone || late || never {
        return None;
    }
    Some(match operation.kind {
        Kind::Local => answered(0),
        Kind::Read if operation.setting == Setting::Remembered => remembered(fault, lasting),
        Kind::Read => question(fault, lasting),
        Kind::Transfer if operation.setting == Setting::TakesTwice => looked_for(fault, lasting),
        Kind::Transfer => transfer(fault, lasting),
        Kind::Reserve => reserve(fault, lasting),
        Kind::Cancel => cancel(fault, lasting),
        Kind::Push => pushed::waiting(fault, lasting),
    })
}

/// What it is answered when it sends the same document once more and all is well again.
pub(crate) fn again(operation: &Operation, fault: &Fault, before: Expected) -> Expected {
    match operation.kind {
        Kind::Local => answered(0),
        Kind::Read if operation.setting == Setting::Remembered => from_memory(),
        Kind::Read => answered(1),
        // It may be a repeat, so it is looked for first.
        Kind::Transfer if before.done => answered(1),
        // What was sent has come meanwhile.
        Kind::Transfer if fault.acts_late() && operation.setting == Setting::Usual => answered(1),
        Kind::Transfer => answered(LOOKS + 1),
        // What is held is given back first: by this call, and what is owed by it or already.
        Kind::Reserve => {
            let rounds = if fault.acts_late() { 2 } else { 1 };
            let owed = usize::from(before.said.is_unknown());
            Expected { requests: (rounds + 1, rounds * (1 + owed) + 1), ..answered(0) }
        }
        Kind::Cancel => answered(1),
        Kind::Push => pushed::again(operation, before),
    }
}

/// What a store is answered that sends the same document twice at once: a command is carried out once and both hear what
/// became of it, a question is asked twice.
pub(crate) fn twice(operation: &Operation, fault: &Fault) -> [Expected; 2] {
    let alone = waiting(operation, fault, Lasting::Once);
    let Some(alone) = alone else { return [waiting(operation, fault, Lasting::AllTheTime).unwrap(); 2] };
    match operation.kind {
        Kind::Read => [alone, again(operation, fault, alone)],
        Kind::Push => pushed::twice(operation, alone),
        // It comes before the DOM is asked for it.
        Kind::Transfer if fault.acts_late() => {
            let first = if operation.setting == Setting::TakesTwice { LOOKS } else { 0 };
            [answered(first + 2); 2]
        }
        _ => [alone; 2],
    }
}

/// Whether an answer has to say when to come back: where the DOM said so, and while an order is being verified.
pub(crate) fn says_when(operation: &Operation, fault: &Fault, said: Said) -> bool {
    match said {
        Said::Fault(["GW-4021", ..]) => true,
        Said::Fault(["GW-4011", ..]) => fault.says_when() && operation.kind != Kind::Push,
        _ => false,
    }
}

/// What the log says of a call whose store hung up, if it would have been answered so: a question that the DOM was at work
/// on ends there and then, a command goes to its end; but what nobody heard is reserved is given back.
pub(crate) fn left(operation: &Operation, waited: Expected, lasting: Lasting) -> Fate {
    match (operation.kind, lasting) {
        (Kind::Read, Lasting::Once) => ["GW-1019", "store", "maybe", "safe"],
        (Kind::Reserve, Lasting::Once) if waited.said == Said::Answer => {
            ["GW-4032", "network", "yes", "safe"]
        }
        _ => waited.said.fate(),
    }
}

pub(crate) const fn answered(requests: usize) -> Expected {
    Expected { said: Said::Answer, requests: (requests, requests), done: true }
}

/// It was not answered as it wanted.
pub(crate) const fn failed(said: Said, requests: usize, done: bool) -> Expected {
    Expected { said, requests: (requests, requests), done }
}

fn question(fault: &Fault, lasting: Lasting) -> Expected {
    let Fault { code, origin, known, .. } = *fault;
    let (reached, repeat) = match known {
        Known::Unsent | Known::NotNow => ("no", "safe"),
        Known::TurnedAway => ("no", "useless"),
        Known::Refused => ("yes", "useless"),
        Known::Unclear => ("maybe", "safe"),
        Known::Busy | Known::Begun | Known::NoAnswer => ("yes", "safe"),
    };
    let fate = [code, origin, reached, repeat];
    let said = if known == Known::Refused { Said::InBand(fate) } else { Said::Fault(fate) };
    match (repeat, lasting) {
        ("safe", Lasting::Once) => answered(2),
        ("safe", Lasting::AllTheTime) => failed(said, ATTEMPTS, true),
        _ => failed(said, 1, true),
    }
}

/// What a command that was certainly not carried out is answered.
fn not_carried_out(fault: &Fault, requests: usize) -> Expected {
    let Fault { code, origin, known, .. } = *fault;
    let said = match known {
        Known::Refused => Said::InBand([code, origin, "yes", "useless"]),
        Known::TurnedAway => Said::Fault([code, origin, "no", "useless"]),
        _ => Said::Fault([code, origin, "no", "safe"]),
    };
    failed(said, requests, false)
}

fn transfer(fault: &Fault, lasting: Lasting) -> Expected {
    let unknown =
        |requests| failed(Said::Fault(["GW-4021", fault.origin, "maybe", "safe"]), requests, fault.acts());
    match (fault.known, lasting) {
        (Known::Unsent | Known::TurnedAway | Known::NotNow, _) => not_carried_out(fault, 1),
        // A refusal in words nobody knows may mean that the DOM has it: from the call before this one.
        (Known::Refused, Lasting::Once) => not_carried_out(fault, 2),
        (Known::Refused, Lasting::AllTheTime) => unknown(2),
        (_, Lasting::Once) if fault.acts() => answered(2),
        // It comes between the looks.
        (_, Lasting::Once) if fault.acts_late() => answered(1 + LOOKS),
        (_, Lasting::Once) => answered(1 + LOOKS + 1),
        (_, Lasting::AllTheTime) => unknown(1 + ATTEMPTS),
    }
}

/// A DOM that would take the order twice is asked for it before it is sent at all; while it cannot be asked, nothing is sent.
fn looked_for(fault: &Fault, lasting: Lasting) -> Expected {
    let sent = transfer(fault, lasting);
    if lasting == Lasting::Once && !fault.is_read() {
        // It is the question that meets with it.
        return answered(ATTEMPTS + LOOKS);
    }
    if lasting == Lasting::Once {
        let (least, most) = sent.requests;
        return Expected { requests: (LOOKS + least, LOOKS + most), ..sent };
    }
    let looks = match fault.known {
        Known::TurnedAway | Known::Refused => 1,
        _ => ATTEMPTS,
    };
    failed(Said::Fault(["GW-4021", fault.origin, "maybe", "safe"]), looks, false)
}

/// Whatever is remembered is an answer while the DOM has none, so that the store goes on asking; a refusal is one.
fn remembered(fault: &Fault, lasting: Lasting) -> Expected {
    let asked = question(fault, lasting);
    // What is refused together may be refused because of another's lines, so it is asked for alone.
    let is_refused = fault.known == Known::Refused && lasting == Lasting::AllTheTime;
    let said = if is_refused { asked.said } else { Said::Answer };
    Expected { said, ..from_memory() }
}

/// Lines are asked for together, and the DOM is left alone for a while when it failed.
const fn from_memory() -> Expected {
    Expected { requests: (0, ATTEMPTS), ..answered(0) }
}

/// A reservation cannot be looked up. What may be held is given back before it is reserved again.
fn reserve(fault: &Fault, lasting: Lasting) -> Expected {
    let releases = if fault.acts_late() { 2 } else { 1 };
    match (fault.known, lasting) {
        (Known::Unsent | Known::TurnedAway | Known::NotNow | Known::Refused, _) => not_carried_out(fault, 1),
        (_, Lasting::Once) => answered(1 + releases + 1),
        (_, Lasting::AllTheTime) => {
            let said = Said::Fault(["GW-4031", fault.origin, "maybe", "safe"]);
            // What the DOM carries out of a reservation it carries out of giving it back.
            failed(said, 1 + ATTEMPTS, false)
        }
    }
}

/// What is given back cannot be given back again, so it is sent again as a question is.
fn cancel(fault: &Fault, lasting: Lasting) -> Expected {
    let Fault { code, origin, known, .. } = *fault;
    match (known, lasting) {
        (Known::TurnedAway | Known::Refused, _) => not_carried_out(fault, 1),
        (_, Lasting::Once) => answered(2),
        (Known::Unsent | Known::NotNow, Lasting::AllTheTime) => not_carried_out(fault, ATTEMPTS),
        (_, Lasting::AllTheTime) => {
            let reached = if known == Known::Begun { "yes" } else { "maybe" };
            failed(Said::Fault([code, origin, reached, "safe"]), ATTEMPTS, fault.acts())
        }
    }
}
