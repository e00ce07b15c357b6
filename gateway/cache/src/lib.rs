//! What is in stock, as it was last told: records per item, location and unit, the rules how long they are answered
//! from, and what keeps them true. Knows no document and no socket, and reads no clock: `now_ms` comes in, in
//! milliseconds since the epoch.

pub mod decision;
mod key;
pub mod rule;
mod stock;

pub use decision::{Clock, Decision, OnFailure, after_failure, decide};
pub use key::{Key, Location, OwnedKey, PIECE, Scope};
pub use rule::{Fallback, Flags, Rule, RuleFault, Rules, import_csv};
pub use stock::{AGELESS, Status, Stock};
