//! One call for one document, however often it comes while it is under way: a connector that sends again, a job that hands
//! pending orders over, a transport that repeats after its time-out.
//!
//! Who comes second waits, and is answered from what the DOM said to the first: in its own form, with an identity of its own,
//! naming its own document. Nothing is remembered of what is over; then the DOM is asked (`transfer`, `reserve`).

use std::sync::Arc;

use gateway_exchange::{Answer, Basis, Ends, Operation, Question, outcome_unknown};
use gateway_model::{Fault, Reached, Repeat, codes};
use gateway_policy::join::{Follower, Lead, NotJoined};
use gateway_policy::{Deadline, Identity};
use tokio::time::timeout_at;

use super::{Handled, Surroundings, reserve};

/// Documents under way at a time: more than calls may be, so that those are what has a bound.
const MOST: usize = 1_000_000;

/// What is about one thing: the operation, the store's id, the order's id; and of a cancellation what it says, because an
/// order's items may be given back one by one.
pub type Key = (Operation, String, String, Option<u128>);

/// The documents under way, of all stores.
pub type Joins = gateway_policy::Joins<Key, Outcome>;

/// What the first one's call came to, and how many requests it took.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What its answer was made of, or why there is none.
    told: Result<Arc<Basis>, Fault>,
    attempts: u32,
}

/// Nothing is under way.
#[must_use]
pub fn none() -> Joins {
    Joins::new(MOST)
}

/// Which document this is; `None` if it stands for itself: a question, or one that names no order.
pub(super) fn identity(around: Surroundings<'_>, question: &Question<'_>) -> Option<Identity<Key>> {
    if question.operation.only_reads() || question.operation == Operation::Decrement {
        return None;
    }
    let interpreter = &around.ready.interpreter;
    let order = question.order_id(interpreter)?.to_owned();
    let store = question.store(interpreter).or_else(|| around.port.only_id());
    // Of a document that names no store, the store is whoever sent it.
    let store = store.unwrap_or(&around.port.name).to_owned();
    let content = question.print(interpreter);
    let part = (question.operation == Operation::CancelReservation).then_some(content);
    Some(Identity { key: (question.operation, store, order, part), content })
}

/// Tells those who joined what this call came to.
pub(super) fn tell(lead: Lead<Key, Outcome>, answer: &Result<Answer, Fault>, attempts: u32) {
    let told = match answer {
        Ok(answer) => Ok(Arc::new(answer.basis.clone())),
        Err(fault) => Err(fault.clone()),
    };
    lead.tell(Outcome { told, attempts });
}

/// Answers as the call that is under way for the same document.
///
/// # Errors
/// The fault of that call; or that it was not over in this one's time.
pub(super) async fn answered(
    around: Surroundings<'_>,
    question: &mut Question<'_>,
    (ends, deadline): (Ends<'_>, Deadline),
    (follower, handled): (Follower<Outcome>, &mut Handled),
) -> Result<Answer, Fault> {
    let outcome = tokio::select! {
        biased;
        outcome = waited(question.operation, follower, deadline) => outcome?,
        // What nobody waits for is not heard: a reservation would be held for nobody.
        () = around.caller.gone() => return Err(super::caller_gone()),
    };
    handled.attempts = outcome.attempts;
    tracing::info!(
        operation = question.operation.name(),
        "answered as a call that was under way for the same document"
    );
    let basis = outcome.told?;
    around.ready.interpreter.answer_alike(question, ends, &basis, around.identity.stamp())
}

/// Waits for the first one's answer, as long as this call may take.
async fn waited(
    operation: Operation,
    follower: Follower<Outcome>,
    deadline: Deadline,
) -> Result<Outcome, Fault> {
    let cause = match timeout_at(deadline.instant(), follower.wait()).await {
        Ok(Ok(outcome)) => return Ok(outcome),
        Ok(Err(lost)) => NotJoined::into(lost),
        Err(_) => {
            let text = "the call's time was over while another one for the same document was under way";
            Fault::network(codes::DEADLINE, text).reached(Reached::Maybe).repeat(Repeat::AfterCheck)
        }
    };
    // What becomes of the order is still being found out, by the other call or by the next one.
    Err(match operation {
        Operation::Transfer => outcome_unknown(&cause),
        Operation::Reserve => reserve::unknown(&cause),
        _ => cause,
    })
}
