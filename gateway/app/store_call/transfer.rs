//! Handing an order over: the DOM is sent it once, and whenever nobody knows whether it took it, it is asked before anything
//! else is done.
//!
//! Nothing here is remembered from call to call: the order's own number is what the DOM is asked by, so the next transfer of
//! the same order, to this gateway or another, comes to the same end.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use gateway_exchange::{Answer, Call, Ends, Operation, Plan, Question, Seen, outcome_unknown};
use gateway_mapping::Outcome;
use gateway_model::{Fault, Origin, Reached, Repeat, codes};
use gateway_policy::Deadline;
use tokio::time::sleep;

use super::age::may_be_a_repeat;
use super::{Surroundings, ask, reserve};

/// How often an order is sent at most in one call: a second time only after two looks did not find it.
const MOST_SENDINGS: u32 = 2;

/// What came of sending an order.
enum Sent {
    /// The DOM took it, or nothing was sent at all.
    Known(Result<Answer, Fault>),
    /// The DOM refused it: because of what it says, or because it has it already; what to tell the store of that.
    Refused { answer: Result<Answer, Fault>, fault: Fault, is_duplicate: bool },
    /// The DOM may have taken it.
    Unknown(Fault),
}

/// Hands an order over and says what became of it.
///
/// # Errors
/// A fault on the way after which the DOM certainly has nothing; or [`outcome_unknown`], after which the store keeps the order
/// pending and hands it over again.
pub(super) async fn handed_over(
    around: Surroundings<'_>,
    question: &mut Question<'_>,
    ends: Ends<'_>,
    (attempts, deadline): (&Arc<AtomicU32>, Deadline),
) -> Result<Answer, Fault> {
    let plan = around.ready.interpreter.plan(question, ends.dom, ends.variant)?;
    let budget = (attempts, deadline);
    reserve::nothing_owed(around, question, budget).await;
    if let Some(found) = found_first(around, question, ends, budget).await? {
        return Ok(found);
    }
    let mut sendings = 0;
    loop {
        sendings += 1;
        let sent = sent(around, (question, &plan), ends, budget).await;
        if !around.port.dom.verify.enabled {
            return sent.taken_as_it_is();
        }
        let cause = match sent {
            // What became of the sending before this one is as unknown as it was.
            Sent::Known(Err(fault)) if sendings > 1 => return Err(outcome_unknown(&fault)),
            Sent::Known(answer) => return answer,
            Sent::Refused { answer, fault, is_duplicate } => {
                // A refusal in words nobody knows may mean that the DOM has it: from the call before this one.
                return match looked(around, question, ends, budget).await {
                    Seen::Same(found) | Seen::Different(found) => Ok(found),
                    Seen::NotThere if !is_duplicate => answer,
                    // The DOM says it has it and it has not, or cannot be asked: called refused, the order would be lost.
                    Seen::NotThere | Seen::CannotTell(_) => Err(outcome_unknown(&fault)),
                };
            }
            Sent::Unknown(cause) => cause,
        };
        match looked_for(around, question, ends, budget).await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(why) => {
                tracing::warn!(code = %why.code, "whether the DOM has the order cannot be told: {}", why.message);
                return Err(outcome_unknown(&cause));
            }
        }
        if sendings == MOST_SENDINGS || deadline.has_passed() {
            return Err(outcome_unknown(&cause));
        }
        tracing::info!(code = %cause.code, "the DOM does not have the order: it is sent again");
    }
}

/// What the DOM has of an order that may have been sent before, by this process or another: asked before anything is sent,
/// because not every DOM refuses a second order of the same number.
///
/// # Errors
/// [`outcome_unknown`], if the DOM cannot be asked: nothing is sent, for it might be the second time.
async fn found_first(
    around: Surroundings<'_>,
    question: &Question<'_>,
    ends: Ends<'_>,
    budget: (&Arc<AtomicU32>, Deadline),
) -> Result<Option<Answer>, Fault> {
    let verify = &around.port.dom.verify;
    if !verify.enabled || !may_be_a_repeat(verify.look_first, around, question) {
        return Ok(None);
    }
    // Twice, however fresh it is: a connector sends again at once what a gateway that was killed may just have sent.
    looked_for(around, question, ends, budget).await.map_err(|why| {
        tracing::warn!(code = %why.code, "whether the DOM has the order cannot be told: {}", why.message);
        outcome_unknown(&why)
    })
}

/// Sends the order once.
async fn sent(
    around: Surroundings<'_>,
    (question, plan): (&Question<'_>, &Plan<'_>),
    ends: Ends<'_>,
    budget: (&Arc<AtomicU32>, Deadline),
) -> Sent {
    let interpreter = &around.ready.interpreter;
    match ask(around, Operation::Transfer, &plan.calls, budget).await {
        Ok(replies) => {
            let judged = plan.calls.iter().zip(&replies);
            let mut judged = judged.map(|(call, reply)| interpreter.judge(call, ends.dom, reply));
            let duplicate = judged.find(|judgement| judgement.outcome == Outcome::Duplicate);
            let is_duplicate = duplicate.is_some();
            // Not every DOM says so in words that can be read.
            let answer = match duplicate.and_then(|judgement| judgement.fault) {
                Some(fault) => Err(fault),
                None => interpreter.answer((question, plan), ends, &replies, around.identity.stamp()),
            };
            Sent::of(answer, is_duplicate)
        }
        Err(fault) => Sent::of(Err(fault), false),
    }
}

/// Asks the DOM for the order, and once more when it had time for what it may still be at work on; `Ok(None)` if it has it
/// neither time.
///
/// # Errors
/// Why it cannot be told.
async fn looked_for(
    around: Surroundings<'_>,
    question: &Question<'_>,
    ends: Ends<'_>,
    (attempts, deadline): (&Arc<AtomicU32>, Deadline),
) -> Result<Option<Answer>, Fault> {
    let settle = around.port.dom.verify.settle;
    for wait in [false, true] {
        if wait {
            if deadline.left() <= settle {
                return Err(Fault::network(codes::DEADLINE, "the call's time is over before a second look"));
            }
            sleep(settle).await;
        }
        match looked(around, question, ends, (attempts, deadline)).await {
            Seen::Same(found) | Seen::Different(found) => return Ok(Some(found)),
            Seen::NotThere => {}
            Seen::CannotTell(why) => return Err(why),
        }
    }
    Ok(None)
}

/// Asks the DOM for the order.
async fn looked(
    around: Surroundings<'_>,
    question: &Question<'_>,
    ends: Ends<'_>,
    (attempts, deadline): (&Arc<AtomicU32>, Deadline),
) -> Seen {
    let interpreter = &around.ready.interpreter;
    let call: Call = match interpreter.look(question, ends.dom) {
        Ok(call) => call,
        Err(fault) => return Seen::CannotTell(fault),
    };
    match ask(around, Operation::Details, &[call], (attempts, deadline)).await.as_deref() {
        Ok([reply]) => interpreter.seen(question, ends, reply, around.identity.stamp()),
        Ok(_) => Seen::CannotTell(Fault::gateway(codes::INTERNAL, "one look has one reply")),
        Err(fault) => Seen::CannotTell(fault.clone()),
    }
}

// === impl Sent ===

impl Sent {
    fn of(answer: Result<Answer, Fault>, is_duplicate: bool) -> Self {
        match answer {
            Ok(answer) => match answer.refused.clone() {
                Some(fault) => Self::Refused { answer: Ok(answer), fault, is_duplicate },
                None => Self::Known(Ok(answer)),
            },
            Err(fault) if is_duplicate => Self::Refused { answer: Err(fault.clone()), fault, is_duplicate },
            // What the DOM answered and the gateway cannot say in the store's words is no secret to it.
            Err(fault)
                if fault.reached == Reached::No
                    || fault.repeat != Repeat::AfterCheck
                    || fault.origin == Origin::Gateway =>
            {
                Self::Known(Err(fault))
            }
            Err(fault) => Self::Unknown(fault),
        }
    }

    /// For a DOM that cannot be asked by the order's number.
    fn taken_as_it_is(self) -> Result<Answer, Fault> {
        match self {
            Self::Known(answer) => answer,
            Self::Refused { answer, .. } => answer,
            Self::Unknown(fault) => Err(fault),
        }
    }
}
