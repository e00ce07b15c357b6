//! What is remembered of stock, over real sockets: what a store is answered, and what the DOM is asked for it.
//!
//! The DOM is the simulator, which counts its calls and their lines; what is expected of the answers follows from the
//! contract (contract store sections 5, 6, 7, 14) and from the decisions in `gateway/cache/DECISIONS.md`. Ages are made by
//! news of the past, lives are nothing or for ever: no test waits for time to pass.

#[path = "stock/answers.rs"]
mod answers;
#[path = "stock/asked_whole.rs"]
mod asked_whole;
#[path = "stock/checks.rs"]
mod checks;
#[path = "stock/clocks.rs"]
mod clocks;
#[path = "stock/crowds.rs"]
mod crowds;
#[path = "stock/documents.rs"]
pub(crate) mod documents;
#[path = "stock/news.rs"]
mod news;
#[path = "stock/orders.rs"]
mod orders;
#[path = "stock/outages.rs"]
mod outages;
#[path = "stock/same_as_without.rs"]
mod same_as_without;
#[path = "stock/streams.rs"]
mod streams;
#[path = "stock/world.rs"]
pub(crate) mod world;
