//! The `dom-gateway` program: configuration, command line, and the place where all other crates are put together.
//!
//! A library only so that tests can reach it; `main.rs` calls [`cli::run`] and nothing else.

pub mod cli;
pub mod config;
pub mod generation;
pub mod mapping_files;
pub mod report;
pub mod value_maps;
