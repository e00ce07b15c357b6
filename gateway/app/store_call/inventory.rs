//! Where a store's call meets what is remembered of stock: inquiries are answered from it, orders lower it.

use gateway_exchange::{Answer, Interpreter, Operation, Question};
use gateway_fetch::Class;
use gateway_mapping::Dialect;
use gateway_model::{Fault, Reached, codes};
use gateway_policy::Deadline;

use super::{Handled, Surroundings};
use crate::stock::desk::{Terms, Unanswered};

/// The answer to a question about stock, line by line from memory and from the DOM; `None` if the question has to be
/// asked as a whole.
///
/// # Errors
/// A fault of the store's question, or one on the way for which no rule has an answer.
pub(super) async fn answered<'t>(
    around: Surroundings<'_>,
    question: &mut Question<'t>,
    (store, deadline): (&Dialect, Deadline),
    handled: &mut Handled,
) -> Result<Option<Answer>, Fault> {
    let interpreter = &around.ready.interpreter;
    let Some(desk) = question.store(interpreter).and_then(|id| around.port.desk(id)) else {
        return Ok(None);
    };
    let Some(inquiry) = interpreter.inquire(question)? else { return Ok(None) };
    let found = match interpreter.inquired(&inquiry, question) {
        Some(lines) => desk.find(&lines, terms(around, question.operation, deadline)).await,
        None => Err(Unanswered::AskWhole),
    };
    match found {
        Ok(found) => {
            (handled.age_ms, handled.attempts) = (found.age_ms, found.attempts);
            let stamp = around.identity.stamp();
            interpreter.answer_inquiry((question, &inquiry), found.findings, store, stamp).map(Some)
        }
        Err(Unanswered::AskWhole) => {
            around.ready.stocks.cache.stats().requests_passed_by.add(1);
            Ok(None)
        }
        Err(Unanswered::Fault(fault, attempts)) => {
            handled.attempts = attempts;
            Err(fault)
        }
    }
}

/// A check belongs to the checkout; what it asks of physical stores is about to be collected there.
fn terms(around: Surroundings<'_>, operation: Operation, deadline: Deadline) -> Terms {
    let is_check = operation == Operation::Check;
    Terms {
        class: if is_check { Class::Checkout } else { Class::Browse },
        physical_anew: is_check,
        deadline: deadline.instant(),
        now_ms: around.identity.now.as_millisecond(),
    }
}

/// Takes what an order's call teaches: what was submitted is gone, what was refused is there again, and a
/// reservation shows whether there was as much as was remembered.
pub(super) fn remember(around: Surroundings<'_>, question: &Question<'_>, answer: &Result<Answer, Fault>) {
    let teaches =
        matches!(question.operation, Operation::Decrement | Operation::Transfer | Operation::Reserve);
    if !teaches || around.port.desks().next().is_none() {
        return;
    }
    let interpreter = &around.ready.interpreter;
    let Some(store) = question.store(interpreter).or_else(|| around.port.only_id()) else { return };
    let (stocks, now_ms) = (&around.ready.stocks, around.identity.now.as_millisecond());
    let demands = interpreter.stock_wanted(question);
    let taken = Interpreter::stock_taken(&demands);
    match (question.operation, answer) {
        (Operation::Reserve, Ok(answer)) if answer.refused.is_none() => {
            for taken in taken.iter().filter(|taken| !taken.is_part) {
                if let Some(held) = answer.held.get(taken.index) {
                    stocks.learn(store, &taken.line, *held, now_ms);
                }
            }
        }
        (Operation::Decrement | Operation::Transfer, Ok(answer)) if answer.refused.is_none() => {
            // An order made in the future would never be contained in what the DOM tells.
            let ordered_ms = interpreter.made_ms(&question.record).unwrap_or(now_ms).min(now_ms);
            stocks.take(store, &taken, (ordered_ms, now_ms));
            if question.operation == Operation::Transfer {
                stocks.handed_over(store, &taken);
            }
        }
        (Operation::Transfer, Ok(_)) => stocks.give_back(store, &taken),
        (Operation::Transfer, Err(fault)) if fault.code == codes::DOM_REFUSED => {
            stocks.give_back(store, &taken)
        }
        // Nobody knows whether the DOM has it; if it has, it refuses the next one.
        (Operation::Transfer, Err(fault)) if fault.reached != Reached::No => {
            stocks.handed_over(store, &taken)
        }
        _ => {}
    }
}
