//! The sockets of the gateway: a hyper [`listener`] towards the stores and a reqwest [`sender`] towards the DOM.
//!
//! Both are bounded in every direction: bytes, time, connections. Neither knows what the bytes mean: what a refused
//! request is answered with is the caller's (a [`listener::Answerer`]), and so is what a status of the other side says.
//! This crate is the only owner of hyper, hyper-util, reqwest and rustls; time is `tokio::time`.

pub mod credentials;
pub mod form;
pub mod listener;
mod provider;
pub mod sender;
