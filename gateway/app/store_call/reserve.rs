//! Reserving so that nothing stays held that no store knows of, and giving back so that what is not held is no trouble.
//!
//! A DOM adds a second reservation under the same id to the first, and has no way to look one up. So whenever nobody knows
//! whether it holds anything, everything is given back first: before the reservation is sent again, before the store hears
//! that nothing is held, and, where that cannot be done in time, after the store was answered (`reservations`).

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use gateway_exchange::{Answer, Ends, Operation, Plan, Question, Release, Released};
use gateway_mapping::Dialect;
use gateway_model::{Fault, Origin, Reached, Repeat, codes};
use gateway_policy::Deadline;

use super::age::may_be_a_repeat;
use super::{Surroundings, ask};
use crate::reservations::{Name, Turn, Way};

/// Of an attempt's time, the part that has to be left for a reservation to be sent again: with less it would only be cut.
const LEAST_PART: u32 = 2;
/// Of a transfer's time, the part that may go into giving back what an earlier call for its order left.
const PART_OF_TRANSFER: u32 = 4;

/// When to come back with a reservation that was lost, unless the DOM wants more time. A shopper waits for it.
const LATER: Duration = Duration::from_secs(1);

/// What gives back whatever a reservation holds.
struct Undo {
    release: Release,
    way: Way,
}

/// What came of sending a reservation.
enum Sent {
    /// The DOM's answer, or it certainly holds nothing of it.
    Known(Result<Answer, Fault>),
    /// It may hold what was asked for.
    Unknown(Fault),
}

/// Reserves, and says what became of it: it is held once, or nothing is, or that is not known and still being mended.
///
/// # Errors
/// A fault after which nothing is held; or `RESERVATION_UNKNOWN`, with what may be held still to be given back.
pub(super) async fn held(
    around: Surroundings<'_>,
    question: &mut Question<'_>,
    ends: Ends<'_>,
    (attempts, deadline): (&Arc<AtomicU32>, Deadline),
    is_heard: &(dyn Fn() -> bool + Sync),
) -> Result<Answer, Fault> {
    let interpreter = &around.ready.interpreter;
    let plan = interpreter.plan(question, ends.dom, ends.variant)?;
    let budget = (attempts, deadline);
    if !interpreter.can_release(ends.dom) {
        // A DOM that takes nothing back: what became of a lost answer, only a person finds out.
        return sent(around, (question, &plan), ends, budget).await.taken_as_it_is();
    }
    // Most reservations need none: what gives them back is only written when something may be held.
    let undo = || undo(around, question, ends.dom, attempts);
    let mut turn = around.ready.reservations.turn(name(around, question), deadline).await?;
    let is_suspected = may_be_a_repeat(around.port.dom.verify.release_first, around, question);
    if (is_suspected || !turn.is_clear())
        && let Ok(undo) = undo()
    {
        turn = cleared(turn, undo, is_suspected, deadline).await?;
    }
    let mut is_first = true;
    loop {
        if !turn.quiet(deadline).await {
            return Err(super::too_late());
        }
        // Who hung up may be reserving by another gateway already: it would be held twice, or taken from that one.
        if is_first && !is_heard() {
            return Err(undone(&gone()));
        }
        let cause = match sent(around, (question, &plan), ends, budget).await {
            Sent::Known(answer) => return answer,
            Sent::Unknown(cause) => cause,
        };
        let Ok(Undo { release, way }) = undo() else { return Err(cause) };
        turn.owe(&release, way.settle);
        if let Err(why) = turn.pay(&way, deadline).await {
            tracing::warn!(code = %why.code, "what may be reserved cannot be given back yet: {}", why.message);
            turn.leave_to_task(way.uncounted());
            return Err(unknown(&cause));
        }
        if !is_first || !has_time_for_another(around, deadline) || !turn.quiet(deadline).await {
            return Err(undone(&cause));
        }
        is_first = false;
        tracing::info!(code = %cause.code, "what may have been reserved is given back: it is reserved again");
    }
}

/// Gives back what is owed, and with it what another gateway may have reserved, before it is reserved on top.
///
/// # Errors
/// Something may be held: nothing may be reserved on top.
async fn cleared(mut turn: Turn, undo: Undo, is_suspected: bool, deadline: Deadline) -> Result<Turn, Fault> {
    let Undo { release, way } = undo;
    let is_owed = !turn.is_clear();
    if is_suspected {
        // Sent by a gateway that was killed a moment ago, it may be at work at the DOM still.
        turn.suspect(&release, way.settle);
    }
    match turn.pay(&way, deadline).await {
        Ok(()) => Ok(turn),
        // Nothing was sent, and what an earlier call left, if it did, the next one gives back first as well.
        Err(fault) if !is_owed && fault.reached == Reached::No => {
            turn.write_off();
            Err(fault)
        }
        Err(fault) => {
            turn.leave_to_task(way.uncounted());
            Err(unknown(&fault))
        }
    }
}

/// Gives held stock back. What is not held (any more) needs no giving back.
///
/// # Errors
/// As when any question is asked; all of it may be asked again.
pub(super) async fn given_back(
    around: Surroundings<'_>,
    question: &mut Question<'_>,
    ends: Ends<'_>,
    (attempts, deadline): (&Arc<AtomicU32>, Deadline),
) -> Result<Answer, Fault> {
    let interpreter = &around.ready.interpreter;
    let mut plan = interpreter.plan(question, ends.dom, ends.variant)?;
    let stamp = around.identity.stamp();
    if plan.calls.is_empty() {
        return interpreter.answer((question, &plan), ends, &[], stamp);
    }
    let way = way(around, attempts).ok_or_else(no_way)?;
    let mut turn = around.ready.reservations.turn(name(around, question), deadline).await?;
    if let Err(fault) = turn.pay(&way, deadline).await {
        turn.leave_to_task(way.uncounted());
        return Err(fault);
    }
    let replies =
        turn.noting_cuts(&way, ask(around, question.operation, &plan.calls, (attempts, deadline))).await?;
    let is_not_held = |reply| interpreter.released(ends.dom, reply, stamp) == Released::NotHeld;
    if replies.iter().any(is_not_held) {
        let release = interpreter.release(question, ends.dom)?;
        if release.singly.len() > 1 {
            turn.give_back(&release, &way, deadline).await.map_err(may_be_repeated)?;
        }
        plan.calls.clear();
        return interpreter.answer((question, &plan), ends, &[], stamp);
    }
    interpreter.answer((question, &plan), ends, &replies, stamp).map_err(may_be_repeated)
}

/// Before an order is handed over: gives back what an earlier call for it left, so that nothing is owed under an id whose
/// reservation the order may consume. An order is more than a reservation: it is handed over whatever becomes of this.
pub(super) async fn nothing_owed(
    around: Surroundings<'_>,
    question: &Question<'_>,
    (attempts, deadline): (&Arc<AtomicU32>, Deadline),
) {
    let (name, reservations) = (name(around, question), &around.ready.reservations);
    if !reservations.is_known(&name) {
        return;
    }
    let Some(way) = way(around, attempts) else { return };
    let part = Deadline::after(deadline.left() / PART_OF_TRANSFER);
    if let Ok(mut turn) = reservations.turn(name, part).await
        && let Err(why) = turn.pay(&way, part).await
    {
        tracing::warn!(code = %why.code, "what may be reserved is owed while its order is handed over");
        turn.leave_to_task(way.uncounted());
    }
}

/// Gives back what was reserved and nobody hears of: its caller hung up, and nobody else waits for the same answer. Who
/// comes for it meanwhile is told that nothing is held.
pub(super) async fn undo_unheard(
    around: Surroundings<'_>,
    question: &Question<'_>,
    (ends, deadline): (Ends<'_>, Deadline),
    (answer, is_heard): (&mut Result<Answer, Fault>, impl FnOnce() -> bool),
) {
    let holds = question.operation == Operation::Reserve
        && answer.as_ref().is_ok_and(|answer| answer.refused.is_none());
    if !holds || is_heard() {
        return;
    }
    let (Ok(release), Some(way)) =
        (around.ready.interpreter.release(question, ends.dom), way(around, &Arc::default()))
    else {
        return;
    };
    let gone = gone();
    *answer = match around.ready.reservations.turn(name(around, question), deadline).await {
        Ok(mut turn) => {
            turn.owe(&release, Duration::ZERO);
            if turn.pay(&way, deadline).await.is_ok() {
                Err(undone(&gone))
            } else {
                turn.leave_to_task(way);
                Err(unknown(&gone))
            }
        }
        // Calls for the same reservation that came later are at it, and they are heard.
        Err(_) => return,
    };
}

/// Nobody waits for the answer.
fn gone() -> Fault {
    Fault { origin: Origin::Network, ..super::caller_gone() }
}

/// Sends the reservation once.
async fn sent(
    around: Surroundings<'_>,
    (question, plan): (&Question<'_>, &Plan<'_>),
    ends: Ends<'_>,
    budget: (&Arc<AtomicU32>, Deadline),
) -> Sent {
    let interpreter = &around.ready.interpreter;
    let answer = match ask(around, Operation::Reserve, &plan.calls, budget).await {
        Ok(replies) => interpreter.answer((question, plan), ends, &replies, around.identity.stamp()),
        Err(fault) => Err(fault),
    };
    match answer {
        // Also when the DOM's answer is clear and cannot be said in the store's words: it holds what no store knows of.
        Err(fault) if fault.reached != Reached::No => Sent::Unknown(fault),
        known => Sent::Known(known),
    }
}

/// # Errors
/// What is to be given back cannot be written for the DOM.
fn undo(
    around: Surroundings<'_>,
    question: &Question<'_>,
    dom: &Dialect,
    attempts: &Arc<AtomicU32>,
) -> Result<Undo, Fault> {
    let release = around.ready.interpreter.release(question, dom)?;
    Ok(Undo { release, way: way(around, attempts).ok_or_else(no_way)? })
}

fn way(around: Surroundings<'_>, attempts: &Arc<AtomicU32>) -> Option<Way> {
    Some(Way {
        upstream: around.port.upstream(Operation::CancelReservation)?,
        interpreter: Arc::clone(&around.ready.interpreter),
        clock: Arc::clone(&around.ready.outside.clock),
        dialect: around.port.dom.dialect.value.clone(),
        settle: around.port.dom.verify.settle,
        trace: around.trace.clone(),
        attempts: Arc::clone(attempts),
        class: around.class,
        store: Arc::clone(&around.port.name),
    })
}

fn name(around: Surroundings<'_>, question: &Question<'_>) -> Name {
    let interpreter = &around.ready.interpreter;
    let store = question.store(interpreter).or_else(|| around.port.only_id());
    Name {
        dom: around.port.dom.name.value.clone(),
        // Two stores of one port that do not say who they are share no number with those of another port.
        store: store.unwrap_or(&around.port.name).to_owned(),
        order: question.order_id(interpreter).unwrap_or_default().to_owned(),
    }
}

fn has_time_for_another(around: Surroundings<'_>, deadline: Deadline) -> bool {
    deadline.left() >= around.port.deadline(Operation::Reserve).attempt / LEAST_PART
}

/// Nobody knows whether anything is held, because of `cause`; it is being given back.
pub(super) fn unknown(cause: &Fault) -> Fault {
    let text = format!(
        "whether anything is reserved is not known, and it is being given back ({}): reserve again later",
        cause.code
    );
    on_the_way(codes::RESERVATION_UNKNOWN, text, cause).reached(Reached::Maybe)
}

/// Nothing is held, because of `cause`.
fn undone(cause: &Fault) -> Fault {
    let text = format!(
        "the answer to the reservation was lost ({}); what may have been reserved is given back: reserve again",
        cause.code
    );
    on_the_way(codes::NOT_RESERVED, text, cause).reached(Reached::Yes)
}

/// Trouble on the way, which the store has to see as such and not as a refusal (contract store section 17, writing rule 3).
fn on_the_way(code: codes::Code, text: String, cause: &Fault) -> Fault {
    let fault = match cause.origin {
        Origin::Network => Fault::network(code, text),
        _ => Fault::dom(code, text),
    };
    let pause = cause.retry_after.map_or(LATER, |pause| pause.length().max(LATER));
    Fault { dom_code: cause.dom_code.clone(), ..fault.repeat(Repeat::Safe).retry_after(pause) }
}

/// What was given back cannot be given back again.
fn may_be_repeated(fault: Fault) -> Fault {
    if fault.repeat == Repeat::AfterCheck { fault.repeat(Repeat::Safe) } else { fault }
}

fn no_way() -> Fault {
    Fault::gateway(codes::INTERNAL, "there is no way to the DOM for `cancel_reservation`")
}

// === impl Sent ===

impl Sent {
    /// For a DOM that takes nothing back.
    fn taken_as_it_is(self) -> Result<Answer, Fault> {
        match self {
            Self::Known(answer) => answer,
            Self::Unknown(fault) => Err(fault),
        }
    }
}
