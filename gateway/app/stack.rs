//! The stack towards a DOM, top to bottom as a call meets it. No other file adds a layer.

use gateway_exchange::{Operation, Reply};
use gateway_model::Fault;
use gateway_policy::{Budgeted, attempt, deadline, retry};
use tower::ServiceBuilder;
use tower::util::BoxCloneSyncService;

use crate::config::{Deadline, Retry};
use crate::dom_link::{DomCall, DomLink};

/// A DOM as a service, for one store and one operation.
pub type Upstream = BoxCloneSyncService<Budgeted<DomCall>, Reply, Fault>;

/// The stack for an operation. Writes are sent once: nobody knows whether a lost one was carried out.
///
/// # Errors
/// A retry setting that cannot be.
pub fn upstream(
    operation: Operation,
    limits: &Deadline,
    repeating: &Retry,
    link: DomLink,
) -> Result<Upstream, retry::BadParams> {
    let params = retry::Params {
        attempts: if operation.only_reads() { repeating.attempts } else { 1 },
        first_wait: repeating.first_delay,
        longest_wait: repeating.longest_delay,
        budget: repeating.budget_percent as f32 / 100.0,
        seed: fastrand::u64(..),
    };
    let stack = ServiceBuilder::new()
        // The whole call, retries and waiting included.
        .layer(deadline(limits.call))
        // One attempt per pass; asks the fault whether another is safe.
        .layer(retry(&params, retry::WhatIsSafe)?)
        // From here on, once per attempt.
        .layer(attempt(limits.attempt))
        .service(link);
    Ok(BoxCloneSyncService::new(stack))
}
