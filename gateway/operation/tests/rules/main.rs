//! The rules of the operations, a table of cases for each: records in, records out, written as JSON in the words of
//! `mappings/vocabulary.toml`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it is surprised"
)]

mod availability;
mod cancel;
mod check;
mod extensions;
mod orders;
mod properties;
mod pushes;
mod refusals;
mod reserve;
mod sequence;
mod support;
mod transfer;
mod verify;
mod views;
