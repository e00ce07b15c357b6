//! What is in stock, as it was last told: records per item, location and unit, the rules how long they are answered
//! from, and what keeps them true.
//!
//! It knows no document and no socket, and reads no clock: `now_ms` comes in, in milliseconds since the epoch.
//!
//! # A question
//!
//! ```
//! use gateway_cache::{
//!     Arrival, Bounds, Cache, Decision, Key, Location, PIECE, Rules, Status, Stock, decide, import_csv,
//! };
//! use rust_decimal::Decimal;
//!
//! let table = "IDENTIFIER,FLAGS,CHEXPABOVETHRES,CHEXPBELOWTHRES\nstandard,29,600,60\n";
//! let imported = import_csv(table).map_err(|faults| format!("{faults:?}"))?;
//! let rules = Rules::try_new(imported.rules).map_err(|faults| format!("{faults:?}"))?;
//! let cache = Cache::new(Bounds { bytes: 64 << 20, order_lines: 200_000 });
//!
//! let key = Key { store: "11651", item: "LAMP-0042-BRS", location: Location::Online, unit: PIECE };
//! let rule = rules.select(key.store, key.item, key.location);
//! let now_ms = 1_795_000_000_000;
//! assert_eq!(decide(cache.get(&key, rule).as_ref(), rule, Decimal::TWO, now_ms), Decision::Ask);
//!
//! let told = Stock::new(Status::Available, Some(Decimal::from(148)), now_ms + 40);
//! cache.put(&key, &told, Arrival::answer(now_ms, now_ms + 40));
//! assert_eq!(cache.get(&key, rule), Some(told));
//! # Ok::<(), String>(())
//! ```
//!
//! # Who decides what
//!
//! [`Rules`] choose the rule, [`decide`] and [`after_failure`] say what to answer; [`Cache`] keeps the records and takes
//! only true news. `DECISIONS.md` in this crate's folder lists every case of both, and its rows are the tests. Whether a
//! rule's flags allow a push or a decrement at all is looked at by whoever brings it; reservations and pick-up checks pass
//! the cache by, so they do not come here.

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
pub use rule::{Fallback, Flags, ImportFault, Imported, Note, Rule, RuleFault, Rules, import_csv};
pub use stats::{Counter, Stats};
pub use stock::{AGELESS, Status, Stock};
