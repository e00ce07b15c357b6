//! The promises of the deadline layer, on a paused clock.

use std::time::Duration;

use gateway_model::{Fault, Origin, Reached, Repeat, codes};
use tokio::time::advance;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_test::mock;

use super::{Deadline, DeadlineLayer, LONGEST_BUDGET, attempt, deadline};
use crate::timed::Budgeted;

type Request = Budgeted<&'static str>;

const SECOND: Duration = Duration::from_secs(1);

/// Runs one call through the layer to a service that answers after a while with the time it was left.
async fn call(layer: DeadlineLayer, request: Request, takes: Duration) -> Result<Duration, Fault> {
    let inner = service_fn(move |request: Request| async move {
        let left = request.deadline.unwrap().left();
        tokio::time::sleep(takes).await;
        Ok::<_, Fault>(left)
    });
    layer.layer(inner).oneshot(request).await
}

#[tokio::test(start_paused = true)]
async fn a_call_in_time_gets_its_answer_and_sees_what_is_left() {
    for layer in [deadline(3 * SECOND), attempt(3 * SECOND)] {
        assert_eq!(call(layer, Budgeted::new("a"), 2 * SECOND).await, Ok(3 * SECOND));
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_call_ends_with_the_fault_of_its_limit() {
    let cases = [(deadline(SECOND), codes::DEADLINE), (attempt(SECOND), codes::DOM_TIMEOUT)];
    for (layer, code) in cases {
        let fault = call(layer, Budgeted::new("a"), 2 * SECOND).await.unwrap_err();
        assert_eq!((fault.code, fault.origin, fault.reached), (code, Origin::Network, Reached::Maybe));
    }
}

#[tokio::test(start_paused = true)]
async fn the_earlier_deadline_holds() {
    let with = |seconds| Budgeted { deadline: Some(Deadline::after(seconds * SECOND)), ..Budgeted::new("a") };
    assert_eq!(call(attempt(3 * SECOND), with(2), SECOND).await, Ok(2 * SECOND));
    assert_eq!(call(attempt(3 * SECOND), with(9), SECOND).await, Ok(3 * SECOND));
    // The attempt had time left, the call had not: that is what is told.
    let fault = call(attempt(3 * SECOND), with(2), 5 * SECOND).await.unwrap_err();
    assert_eq!(fault.code, codes::DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_deadline_has_passed_is_not_begun() {
    let (inner, mut handle) = mock::pair::<Request, ()>();
    handle.allow(1);
    let request = Budgeted { deadline: Some(Deadline::after(SECOND)), ..Budgeted::new("a") };
    advance(2 * SECOND).await;
    let mut service = deadline(SECOND).layer(inner.map_err(|_| Fault::gateway(codes::INTERNAL, "mock")));
    let fault = service.ready().await.unwrap().call(request).await.unwrap_err();
    // Nothing was sent, so nothing is to be asked about.
    assert_eq!((fault.code, fault.reached, fault.repeat), (codes::DEADLINE, Reached::No, Repeat::Safe));
    drop(service);
    assert!(handle.next_request().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_more_exact_fault_of_a_service_that_watches_the_same_instant_wins() {
    let inner = service_fn(|request: Request| async move {
        tokio::time::sleep_until(request.deadline.unwrap().instant()).await;
        Err::<(), _>(Fault::network(codes::DOM_UNREACHABLE, "nothing was sent"))
    });
    let fault = deadline(SECOND).layer(inner).oneshot(Budgeted::new("a")).await.unwrap_err();
    assert_eq!((fault.code, fault.reached), (codes::DOM_UNREACHABLE, Reached::No));
}

#[tokio::test(start_paused = true)]
async fn an_http_request_carries_its_deadline_in_its_extensions() {
    let inner = service_fn(|request: http::Request<()>| async move {
        Ok::<_, Fault>(request.extensions().get::<Deadline>().copied())
    });
    let seen = deadline(SECOND).layer(inner).oneshot(http::Request::new(())).await.unwrap();
    assert_eq!(seen, Some(Deadline::after(SECOND)));
}

#[tokio::test(start_paused = true)]
async fn a_budget_without_end_is_cut_to_the_longest() {
    let request = Budgeted::new("a");
    assert_eq!(call(deadline(Duration::MAX), request, SECOND).await, Ok(LONGEST_BUDGET));
}
