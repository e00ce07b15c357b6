//! The stacks, each top to bottom as a call meets it: from a caller to the front, from the front to a DOM, and from a push
//! to a store. No other file adds a layer.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use gateway_exchange::{Operation, Reply};
use gateway_model::Fault;
use gateway_policy::{Budgeted, RetryLayer, attempt, deadline, retry};
use http::{Request, Response};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceBuilder};
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};

use crate::config::{Deadline, Retry};
use crate::dom_link::{DomCall, DomLink};
use crate::front::Front;
use crate::push_call::WorthRepeating;
use crate::request_id::{NewRequestId, without_unusable_id};

/// A DOM as a service, for one store and one operation.
pub type Upstream = BoxCloneSyncService<Budgeted<DomCall>, Reply, Fault>;

/// The gateway as its listener sees it.
pub type Inbound = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, Infallible>;

/// The stack from a caller to the front.
#[must_use]
pub fn inbound(front: Arc<Front>) -> Inbound {
    let stack = ServiceBuilder::new()
        // First of all, so that whatever happens below can be found again by the caller's own id.
        .map_request(without_unusable_id)
        .layer(SetRequestIdLayer::x_request_id(NewRequestId))
        .layer(PropagateRequestIdLayer::x_request_id())
        .service_fn(move |request| Arc::clone(&front).answer(request));
    BoxCloneSyncService::new(stack)
}

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

/// The stack towards a store, for one event. The event's deadline goes with the request: waiting for its turn draws on it too.
pub fn telling<S>(
    repeating: &RetryLayer<WorthRepeating>,
    attempt: S,
) -> <RetryLayer<WorthRepeating> as Layer<S>>::Service {
    ServiceBuilder::new()
        // One attempt per pass; asks the fault whether another may go better.
        .layer(repeating.clone())
        .service(attempt)
}
