//! How a listener ends.

use std::sync::Arc;

use bytes::Bytes;
use gateway_transport::listener::{Drained, Listener, Params};
use http::Response;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::support::{NEVER, SHORT, Served, http2_client, params, post, serve, serve_echo, within};

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

#[tokio::test]
async fn during_the_delay_new_callers_are_served_and_each_answer_ends_its_connection() {
    let served = serve_echo(Params { drain_delay: NEVER, ..params() }).await;
    let mut idle = served.connect().await;
    idle.send(post("1")).await;
    let (head, _) = idle.answer().await;
    assert!(!head.contains("connection: close"), "{head}");
    served.drain.cancel();
    let mut new = served.connect().await;
    for caller in [&mut idle, &mut new] {
        caller.send(post("2")).await;
        let (head, _) = caller.answer().await;
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("connection: close"), "{head}");
        assert!(caller.is_cut().await);
    }
    // HTTP/2 says it by a frame: the client opens another connection by itself.
    let client = http2_client();
    for _ in 0..2 {
        let answer = within(client.get(format!("http://{}/", served.address)).send()).await.unwrap();
        assert_eq!(answer.status(), 200);
        within(answer.bytes()).await.unwrap();
    }
    assert!(served.counts.accepted() >= 4, "{:?}", served.counts);
    assert!(!served.task.is_finished());
    served.hurry.cancel();
    assert_eq!(within(served.task).await.unwrap(), Drained::Whole);
    assert!(TcpStream::connect(served.address).await.is_err());
}

#[tokio::test]
async fn a_connection_that_is_idle_through_the_delay_is_closed_at_its_end() {
    let served = serve_echo(Params { drain_delay: SHORT, ..params() }).await;
    let mut idle = served.connect().await;
    idle.send(post("1")).await;
    idle.answer().await;
    served.drain.cancel();
    assert!(idle.is_cut().await);
    assert_eq!(within(served.task).await.unwrap(), Drained::Whole);
}

#[tokio::test]
async fn a_caller_the_system_let_in_before_the_port_was_closed_is_answered() {
    // Nobody accepts before the drain has begun: the connection waits in the system's queue.
    let listener = Listener::bind(params()).await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr()).await.unwrap();
    let drain = tokio_util::sync::CancellationToken::new();
    drain.cancel();
    let service = tower::service_fn(async |_| Ok(Response::new(Bytes::from("done"))));
    let answerer = Arc::new(|_: &_, _: &_| Response::new(Bytes::new()));
    let served = tokio::spawn(listener.serve(service, answerer, drain));
    tokio::io::AsyncWriteExt::write_all(&mut stream, post("").as_bytes()).await.unwrap();
    let mut seen = String::new();
    within(tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut seen)).await.unwrap();
    assert!(seen.starts_with("HTTP/1.1 200") && seen.contains("connection: close"), "{seen}");
    assert_eq!(within(served).await.unwrap(), Drained::Whole);
}
