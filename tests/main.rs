//! The program from outside: commands, diagnostics, the whole gateway over real sockets.

#![expect(clippy::unwrap_used, reason = "a test may end where the program is not as expected")]

mod commands;
mod demo;
mod drill;
mod files;
mod integrator;
mod stopping;
mod world;
