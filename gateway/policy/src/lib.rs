//! Tower layers that decide whether a call is made at all, how long it may take and how often it is tried: [`deadline()`],
//! [`retry()`], [`breaker()`] and [`pool()`]; and [`Joins`], by which equal documents become one call.
//!
//! They know no message and no socket; time is `tokio::time`, so tests pause it, and randomness has a seed. What they need
//! of a request is [`Timed`] and [`Ranked`], what they need of an outcome is [`Classify`] and
//! [`Diagnose`](breaker::Diagnose). What they remember is soft: lose it at any moment, and only cost and speed change.
//!
//! # Order
//!
//! ```text
//! joins      no layer, but before them all: a second document waits for the first one's answer
//! deadline   the whole call, retries and waiting included
//! retry      one attempt per pass; gives up when the next one no longer fits into the call
//! breaker    once per attempt; what it refuses takes nothing from the pool
//! pool       waits for room, which is held until the attempt is over
//! attempt    once per attempt, begun when there is room: waiting is not the DOM's time
//! send
//! ```
//!
//! One [`retry::Budget`] and one [`BreakerLayer`] belong to an API of a DOM, one [`Pool`] to the whole DOM;
//! all stores that ask it share them. The other layers are each store's own. One [`Joins`] is enough for all DOMs.
//!
//! With the two limits swapped, the call's limit would cut nothing and the attempt's limit would cut the retries.

mod backoff;
pub mod breaker;
mod class;
pub mod deadline;
pub mod join;
pub mod pool;
pub mod retry;
mod timed;

pub use breaker::{BreakerLayer, breaker};
pub use class::{ByClass, Class};
pub use deadline::{Deadline, DeadlineLayer, DeadlinePassed, attempt, deadline};
pub use join::{Identity, Joins};
pub use pool::{Pool, PoolLayer, Ranked, pool};
pub use retry::{Classify, RetryLayer, Verdict, retry};
pub use timed::{Attempt, Budgeted, Timed};
