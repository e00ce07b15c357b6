//! The promises of the fetcher, on a paused clock, counted at a source that is told what to do.

mod batching;
mod bounds;
mod joining;
mod leaving;
mod pauses;
mod random;
mod refreshing;
mod refusals;
mod world;
