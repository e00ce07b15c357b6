//! The `dom-gateway` program: configuration, command line, and the place where all other crates are put together.
//!
//! A library only so that tests can reach it; `main.rs` calls [`cli::run`] and nothing else. A call's road through it:
//! [`front`] finds whose path it is, [`store_call`] or [`push_call`] carries it out, [`stack`] and [`dom_link`] or
//! [`store_link`] lead to the other end, [`respond`] makes the answer.

pub mod admin;
pub mod admission;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod dom_limits;
pub mod dom_link;
pub mod drill;
pub mod fixtures;
pub mod front;
pub mod generation;
pub mod hang_up;
pub mod load;
pub mod log;
pub mod mapping_files;
pub mod metrics;
pub mod outside;
pub mod push_call;
pub mod ready;
pub mod report;
pub mod request_id;
pub mod required_words;
pub mod reservations;
pub mod respond;
pub mod room;
pub mod serve;
pub mod stack;
pub mod stock;
pub mod store_call;
pub mod store_link;
pub mod trace;
pub mod value_maps;
