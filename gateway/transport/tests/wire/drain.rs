//! How a listener ends.

use std::sync::Arc;

use bytes::Bytes;
use gateway_transport::listener::{Drained, Listener, Params};
use http::Response;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::support::{SHORT, Served, http2_client, params, post, serve, serve_echo, within};

/// A listener whose calls say that they have begun and wait until they may end.
async fn serve_waiting(params: Params) -> (Served, Arc<Notify>, Arc<Notify>) {
    let (begun, may_end): (Arc<Notify>, Arc<Notify>) = Default::default();
    let (begins, ends) = (Arc::clone(&begun), Arc::clone(&may_end));
    let served = serve(params, move |_| {
        let (begins, ends) = (Arc::clone(&begins), Arc::clone(&ends));
        async move {
            begins.notify_one();
            ends.notified().await;
            Response::new(Bytes::from("done"))
        }
    })
    .await;
    (served, begun, may_end)
}

async fn until_refused(served: &Served) {
    within(async {
        while TcpStream::connect(served.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_drain_finishes_running_calls_and_refuses_new_ones() {
    let (served, begun, may_end) = serve_waiting(params()).await;
    let mut running = served.connect().await;
    running.send(post("")).await;
    within(begun.notified()).await;

    served.drain.cancel();
    until_refused(&served).await;
    assert!(!served.task.is_finished());

    may_end.notify_one();
    let (head, text) = running.answer().await;
    assert!(head.contains("connection: close"), "{head}");
    assert_eq!(text, "done");
    assert!(running.is_cut().await);
    assert_eq!(within(served.task).await.unwrap(), Drained::Whole);
}

#[tokio::test]
async fn a_drain_closes_idle_and_silent_connections_at_once() {
    let served = serve_echo(params()).await;
    let mut idle = served.connect().await;
    idle.send(post("1")).await;
    idle.answer().await;
    let mut silent = served.connect().await;
    served.until_open(2).await;
    served.drain.cancel();
    assert!(idle.is_cut().await);
    assert!(silent.is_cut().await);
    assert_eq!(within(served.task).await.unwrap(), Drained::Whole);
}

#[tokio::test]
async fn a_drain_waits_for_calls_whose_caller_hung_up() {
    let (served, begun, may_end) = serve_waiting(params()).await;
    let mut caller = served.connect().await;
    caller.send(post("")).await;
    within(begun.notified()).await;
    drop(caller);
    served.until_open(0).await;
    served.drain.cancel();
    until_refused(&served).await;
    assert!(!served.task.is_finished());
    may_end.notify_one();
    assert_eq!(within(served.task).await.unwrap(), Drained::Whole);
}

#[tokio::test]
async fn a_drain_cuts_what_does_not_end() {
    let (served, begun, _may_end) = serve_waiting(Params { drain_timeout: SHORT, ..params() }).await;
    let mut caller = served.connect().await;
    caller.send(post("")).await;
    within(begun.notified()).await;
    served.drain.cancel();
    assert!(caller.is_cut().await);
    assert_eq!(within(served.task).await.unwrap(), Drained::Cut(1));
}

#[tokio::test]
async fn an_http2_call_under_way_ends_well_too() {
    let (served, begun, may_end) = serve_waiting(params()).await;
    let client = http2_client();
    let call = tokio::spawn(client.get(format!("http://{}/", served.address)).send());
    within(begun.notified()).await;
    served.drain.cancel();
    until_refused(&served).await;
    may_end.notify_one();
    assert_eq!(within(call).await.unwrap().unwrap().text().await.unwrap(), "done");
    assert_eq!(within(served.task).await.unwrap(), Drained::Whole);
}

#[tokio::test]
async fn calls_given_to_the_listener_are_waited_for() {
    let listener = Listener::bind(params()).await.unwrap();
    let (calls, drain) = (listener.calls(), tokio_util::sync::CancellationToken::new());
    let (begun, may_end): (Arc<Notify>, Arc<Notify>) = Default::default();
    let (begins, ends) = (Arc::clone(&begun), Arc::clone(&may_end));
    let service = tower::service_fn(async |_| Ok(Response::new(Bytes::new())));
    let answerer = Arc::new(|_: &_, _: &_| Response::new(Bytes::new()));
    let served = tokio::spawn(listener.serve(service, answerer, drain.clone()));
    let call = tokio::spawn(async move {
        calls
            .run_to_end(async move {
                begins.notify_one();
                ends.notified().await;
                7
            })
            .await
    });
    within(begun.notified()).await;
    drain.cancel();
    may_end.notify_one();
    assert_eq!(within(call).await.unwrap(), Ok(7));
    assert_eq!(within(served).await.unwrap(), Drained::Whole);
}

#[tokio::test]
async fn dropping_the_server_cuts_everything() {
    let (served, begun, _may_end) = serve_waiting(params()).await;
    let mut caller = served.connect().await;
    caller.send(post("")).await;
    within(begun.notified()).await;
    served.task.abort();
    assert!(caller.is_cut().await);
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let first = Listener::bind(params()).await.unwrap();
    let taken = Params { address: first.local_addr(), ..params() };
    let error = Listener::bind(taken).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on `{}`", first.local_addr()));
}
