//! A mediation's value maps, turned into the tables of a dialect.
//!
//! The existing mediations keep all their code conversions in one document of named maps with key/value entries
//! (contract Sterling section 3). [`read()`] finds the maps in it whatever its elements are called, [`Tables::from_maps`]
//! names and turns them as the dialect's templates expect, [`plan()`] says which files would change, and
//! [`Plan::carry_out`] changes them without ever leaving one half written.

mod known;
mod plan;
mod read;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use crate::value_maps::known::{KNOWN, Known};
pub use crate::value_maps::plan::{Change, Plan, PlanFault, Planned, plan};
pub use crate::value_maps::read::{Entry, Found, Remark, ValueMap, read};
pub use crate::value_maps::table::{Table, Tables};
