//! The mapping language, feature by feature: each promise of mappings/README.md with the documents that show it.

mod functions;
mod presence;
mod reading;
mod support;
