//! The simulations on sockets: a DOM that answers and pushes, a store that asks and takes pushes.
//!
//! What they say is written and read by the templates of a dialect, turned round; when they misbehave, a [`Script`]
//! said so. Nothing here is part of the gateway's own paths.

mod capacity;
mod control;
mod delivery;
mod dom;
mod interop;
mod journal;
mod mishap;
mod relay;
mod script;
mod shopper;
mod site;
mod speaker;
mod store;
mod store_control;
mod ways;

use std::sync::Arc;

use jiff::Timestamp;

pub use capacity::Capacity;
pub use delivery::Delivery;
pub use dom::{Access, DomParams, DomServer, Pushes};
pub use journal::{Entry, Journal};
pub use mishap::{Mishap, Mishaps};
pub use relay::Cut;
pub use script::{Count, Decider, Incident, Script, Shows, Trouble};
pub use shopper::{Exchange, Outcome};
pub use site::StartError;
pub use store::{Outbound, StoreParams, StoreServer};

/// Where the time comes from; the process's one clock, or one that a test holds still.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

#[cfg(test)]
mod tests;
