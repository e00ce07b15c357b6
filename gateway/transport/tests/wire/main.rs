//! The promises of listener and sender, on real sockets.
//!
//! Each test has its own ports. Broken peers are raw sockets, for no HTTP library breaks its own protocol. Limits are short
//! so that they are met soon; that they are met at all is what is asserted, never when.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has failed")]

mod bounds;
mod callers;
mod connections;
mod drain;
mod framing;
mod sender;
mod sender_faults;

mod streaming;
mod support;
mod tls;
