//! The stacks, each top to bottom as a call meets it: from a caller to the front, from the front to a DOM, and from a push
//! to a store. No other file adds a layer.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use gateway_exchange::{Operation, Reply};
use gateway_model::Fault;
use gateway_policy::{Budgeted, RetryLayer, attempt, deadline, pool, retry};
use http::{Request, Response};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceBuilder};
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};

use crate::config::Store;
use crate::dom_limits::DomLimits;
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

/// The stack of a store for an operation. Writes are sent once, as nobody knows whether a lost one was carried out; but for a
/// cancellation, which does no more the second time. Equal ones that come at once are joined before, where their answers can
/// be told apart (`store_call::joined`).
///
/// # Errors
/// A retry setting that cannot be.
pub fn upstream(
    operation: Operation,
    store: &Store,
    dom: &DomLimits,
    link: DomLink,
) -> Result<Upstream, retry::BadParams> {
    let limits = store.deadlines.of(operation.name());
    let params = retry::Params {
        attempts: if operation.is_safe_to_repeat() { store.retry.attempts } else { 1 },
        first_wait: store.retry.first_delay,
        longest_wait: store.retry.longest_delay,
        seed: fastrand::u64(..),
        ..retry::Params::default()
    };
    let mut retries = retry(&params, retry::WhatIsSafe)?;
    let api = dom.api(operation);
    if let Some(api) = api {
        retries = retries.sharing(Arc::clone(&api.budget));
    }
    if !operation.only_reads() {
        retries = retries.of_writes();
    }
    let stack = ServiceBuilder::new()
        // The whole call, retries and waiting included.
        .layer(deadline(limits.call))
        // One attempt per pass; asks the fault whether another is safe, and the API's budget whether it bears one.
        .layer(retries)
        // From here on, once per attempt. What is left alone takes nothing from the pool.
        .option_layer(api.and_then(|api| api.breaker.clone()))
        // Waits for room, and has it until the attempt is over.
        .layer(pool(&dom.pool))
        // Begun when there is room: waiting is not the DOM's time.
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
