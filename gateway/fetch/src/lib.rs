//! Many callers, few calls: what is asked of a slow source is joined, batched, paced, and comes apart again.
//!
//! A [`Fetcher`] stands between callers who each want a few keys' values and a [`Source`] that answers many keys in one
//! call, such as a DOM asked for the availability of up to 100 lines. It keeps no value once it was handed out: what is
//! remembered, and for how long, is its owner's.
//!
//! # What it promises
//!
//! * **One line per key.** Whoever asks for a key that is waiting or under way gets the answer that is already coming.
//! * **Few calls.** Keys asked for within a window travel together, up to the source's lines per call. With nothing under
//!   way the window is nothing; while calls are under way it is a quarter of what a call usually takes, up to the
//!   longest. A line of the checkout ends it.
//! * **Everyone gets their own.** Each key has an answer or a fault of its own. A call that was refused as a whole is
//!   asked again in halves, until whoever caused the refusal stands alone.
//! * **Nobody hurts others by leaving.** Calls run in tasks of their own. A line that everyone left before it was sent is
//!   not sent.
//! * **A dead source is left alone.** After a failure of the way nothing is asked for a pause that doubles with each
//!   failure, and callers are told so at once. Then one call at a time tries; when it succeeds, so many calls
//!   may run beside each other as have succeeded, up to the bound.
//! * **Everything has a bound**: keys, callers, refreshes, calls, lines per call, the time of a call.
//!
//! Time is `tokio::time`, so tests pause it. There is one fetcher per source, because what is remembered of a failure is
//! remembered of the source.

mod counts;
mod desk;
mod dispatch;
mod fetcher;
mod pace;
mod params;
mod queue;
mod source;
mod way;

pub use counts::Counts;
pub use fetcher::Fetcher;
pub use params::{BadParam, CannotStart, Params};
pub use source::{Class, Source};
