//! What is in stock, as it was last told: records per item, location and unit, the rules how long they are answered
//! from, and what keeps them true. Knows no document and no socket, and reads no clock: `now_ms` comes in, in
//! milliseconds since the epoch.

mod block;
mod cache;
pub mod decision;
#[cfg(test)]
mod document;
mod key;
mod lines;
mod marks;
pub mod meter;
mod record;
pub mod rule;
mod stats;
mod stock;

pub use cache::{Bounds, Cache, Decrement, Found, GiveBack, Lowered, Replacement, Row, Shelf};
pub use decision::{Clock, Decision, OnFailure, after_failure, decide};
pub use key::{Key, Location, OwnedKey, PIECE, Scope};
pub use record::{Arrival, Taken, Told};
pub use rule::{Fallback, Flags, Rule, RuleFault, Rules, import_csv};
pub use stats::{Counter, Stats};
pub use stock::{AGELESS, Status, Stock};
