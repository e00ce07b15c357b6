//! The mapping language, feature by feature: each promise of mappings/README.md with the documents that show it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod expressions;
mod faults;
mod functions;
mod namespaces;
mod presence;
mod properties;
mod reading;
mod records;
mod routing;
mod support;
mod tables;
