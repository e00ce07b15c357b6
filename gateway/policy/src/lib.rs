//! Tower layers that decide how long a call may take and how often it is tried: [`deadline()`] and [`retry()`].
//!
//! They know no message and no socket; time is `tokio::time`, so tests pause it, and randomness has a seed. What they need
//! of a request is [`Timed`], what they need of an outcome is [`Classify`].
//!
//! # Order
//!
//! ```text
//! deadline   the whole call, retries and waiting included
//! retry      one attempt per pass; gives up when the next one no longer fits into the call
//! attempt    once per attempt
//! send
//! ```
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
