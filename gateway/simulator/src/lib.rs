//! A DOM and a store to test against: both speak any dialect by running its templates the other way round.
//!
//! [`dom`] keeps stock, reservations and orders; [`store`] sends what a shopper causes and takes what is pushed. Both
//! are plain state with records going in and coming out: the clock and every id are given by the caller. Sockets,
//! retries and scripted faults stand around them and are never linked into the gateway's own paths.

pub mod dom;
mod scenario;
pub mod serve;
pub mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use scenario::{
    Address, Buyer, Habits, Item, Location, Login, MissingReservation, Part, RepeatedOrder,
    RepeatedReservation, Scenario, StoreProfile, Supply, UnknownItem,
};
pub use words::{MissingWords, Words};
