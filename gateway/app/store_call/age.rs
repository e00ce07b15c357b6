//! Whether a document may be one that was sent before, as far as its own times tell.
//!
//! Nothing is remembered, so a repeat is known by its age only: the store's transport sends the same bytes again when it heard
//! nothing in time, with the time they were first made (`CreationDateTime`); its job hands pending orders over again in
//! documents made anew, but with the time the order was placed (`PlacedDate`, contract store sections 2 and 9).

use std::time::Duration;

use gateway_exchange::Question;

use super::Surroundings;
use crate::config::First;

/// How many times older than a fresh document an order may be that is handed over for the first time: it is handed over when
/// it is placed, or by a job within the minute.
const ORDER_IS_FRESH_FOR: u32 = 12;

/// Whether this may be a repeat, so that what an earlier call left has to be dealt with first.
pub(super) fn may_be_a_repeat(first: First, around: Surroundings<'_>, question: &Question<'_>) -> bool {
    match first {
        First::Always => true,
        First::Never => false,
        First::Old => is_old(around, question),
    }
}

/// Whether a document is not surely fresh. One that does not say when it was made is taken for fresh unless its order is old:
/// a store whose documents never say it would else pay for every one of them.
fn is_old(around: Surroundings<'_>, question: &Question<'_>) -> bool {
    let interpreter = &around.ready.interpreter;
    let fresh = around.port.dom.verify.fresh;
    // Either side: a store whose clock is ahead would make its repeats look new.
    let is_beyond = |then_ms: i64, limit: Duration| {
        let apart = around.identity.now.as_millisecond().abs_diff(then_ms);
        u128::from(apart) > limit.as_millis()
    };
    let made = interpreter.made_ms(&question.record);
    let placed = interpreter.placed_ms(&question.record);
    made.is_some_and(|made| is_beyond(made, fresh))
        || placed.is_some_and(|placed| is_beyond(placed, fresh * ORDER_IS_FRESH_FOR))
}
