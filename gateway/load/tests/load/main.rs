//! Batch loads from bytes to sink: what a good file says, what is said of a bad one, and where a load ends.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helper functions of tests")]

mod broken_files;
mod loads;
mod rows;
mod support;
