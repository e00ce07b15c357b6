//! The whole gateway over real sockets, with every fault a store, a DOM or the way between them can have.
//!
//! The gateway is the real one, loaded from a configuration file that points to the repository's mappings; stores and
//! DOMs are stand-ins that note what they got. What HTTP libraries do not do (cut answers, resets, silence) raw sockets
//! do. Nothing here waits for a time to pass or asserts one: deadlines are made short where one has to be met.

#![expect(clippy::unwrap_used, reason = "a test may end where the gateway is not as expected")]

#[path = "wire/admin.rs"]
mod admin;
#[path = "wire/business.rs"]
mod business;
#[path = "wire/caller.rs"]
mod caller;
#[path = "wire/connections.rs"]
mod connections;
#[path = "wire/credentials.rs"]
mod credentials;
#[path = "wire/crooked.rs"]
mod crooked;
#[path = "wire/documents.rs"]
mod documents;
#[path = "wire/dom_faults.rs"]
mod dom_faults;
#[path = "wire/drain.rs"]
mod drain;
#[path = "wire/ends.rs"]
mod ends;
#[path = "wire/gateway.rs"]
mod gateway;
#[path = "wire/leaving.rs"]
mod leaving;
#[path = "wire/loads.rs"]
mod loads;
#[path = "wire/login.rs"]
mod login;
#[path = "wire/matrix.rs"]
mod matrix;
#[path = "wire/passing.rs"]
mod passing;
#[path = "wire/policy.rs"]
mod policy;
#[path = "wire/privacy.rs"]
mod privacy;
#[path = "wire/pushes.rs"]
mod pushes;
#[path = "wire/refusals.rs"]
mod refusals;
#[path = "wire/reserve.rs"]
mod reserve;
#[path = "wire/rolling.rs"]
mod rolling;
#[path = "wire/stand_in.rs"]
mod stand_in;
#[path = "wire/stock.rs"]
mod stock;
#[path = "wire/stock_view.rs"]
mod stock_view;
#[path = "wire/verify.rs"]
mod verify;
#[path = "wire/xml_loads.rs"]
mod xml_loads;
