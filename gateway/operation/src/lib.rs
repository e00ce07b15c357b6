//! What the operations mean: how a question is asked of a DOM and what its answer says to the store.
//!
//! Pure functions over records, once for all dialects: no I/O and no clock; today's date, the present instant and the
//! zone come in as values. A `plan` turns a request read from the store into what the DOM's template writes, an
//! `answer` turns the DOM's answer and the request into what the store's template writes, a `tell` turns an event of
//! the DOM into what the store is told. Shape belongs to the templates; fields this crate does not know pass through.

pub mod availability;
pub mod availability_sync;
pub mod cancel;
pub mod check;
pub mod confirmation;
pub mod dates;
pub mod decrement;
mod demand;
mod faults;
pub mod frame;
mod keys;
pub mod order_sync;
pub mod orders;
pub mod refusal;
pub mod reserve;
pub mod sameness;
pub mod transfer;
mod values;
pub mod verify;
pub mod views;

pub use demand::{Demand, Place, demands};
pub use views::{MissingView, Views};
