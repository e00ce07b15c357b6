//! Tower layers that decide whether a call is made at all, how long it may take and how often it is tried: [`deadline()`],
//! [`join()`], [`retry()`], [`breaker()`] and [`pool()`].
//!
//! They know no message and no socket; time is `tokio::time`, so tests pause it, and randomness has a seed. What they need
//! of a request is [`Timed`], [`Identified`], [`Probing`] and [`Ranked`], what they need of an outcome is [`Classify`] and
//! [`Diagnose`](breaker::Diagnose). What they remember is soft: lose it at any moment, and only cost and speed change.
//!
//! # Order
//!
//! ```text
//! deadline   the whole call, retries and waiting included
//! join       a second document waits for the first one's answer, and its attempts are the first one's
//! retry      one attempt per pass; gives up when the next one no longer fits into the call
//! breaker    once per attempt; what it refuses takes nothing from the pool
//! pool       waits for room, which is held until the attempt is over
//! attempt    once per attempt, begun when there is room: waiting is not the DOM's time
//! send
//! ```
//!
//! One [`retry::Budget`] and one [`BreakerLayer`] belong to an API of a DOM, one [`Pool`] and one [`Joins`] to the whole DOM;
//! all stores that ask it share them. The other layers are each store's own.
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

pub use breaker::{BreakerLayer, Probing, breaker};
pub use class::{ByClass, Class};
pub use deadline::{Deadline, DeadlineLayer, DeadlinePassed, attempt, deadline};
pub use join::{Identified, Identity, JoinLayer, Joins, join};
pub use pool::{Pool, PoolLayer, Ranked, pool};
pub use retry::{Classify, RetryLayer, Verdict, retry};
pub use timed::{Attempt, Budgeted, Timed};
