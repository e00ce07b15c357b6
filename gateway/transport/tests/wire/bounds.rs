//! What the listener lets through, and what it answers instead.

use std::sync::Arc;

use bytes::Bytes;
use gateway_transport::listener::{HangUp, Params, Peer};
use http::Response;
use tokio::io::AsyncWriteExt;

use crate::support::{SHORT, params, post, serve, serve_echo, within};

#[tokio::test]
async fn a_request_arrives_whole_with_its_callers_address() {
    let served = serve(params(), async |request| {
        let peer = *request.extensions().get::<Peer>().unwrap();
        Response::new(Bytes::from(format!("{} {} {:?}", peer.address, peer.tls, request.body())))
    })
    .await;
    let mut caller = served.connect().await;
    let address = caller.stream.local_addr().unwrap();
    // In pieces, as a network may deliver it.
    for piece in ["PO", "ST /a HTTP/1.1\r\nHost: a\r\nConten", "t-Length: 5\r\n\r\nab", "cde"] {
        caller.send(piece).await;
        caller.stream.flush().await.unwrap();
    }
    let (head, body) = caller.answer().await;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert_eq!(body, format!("{address} false b\"abcde\""));
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_let_through() {
    let served = serve_echo(params()).await;
    let body = "x".repeat(1_000);
    let chunked = format!(
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n{body}\r\n0\r\n\r\n"
    );
    for request in [post(&body), chunked] {
        let mut caller = served.connect().await;
        caller.send(request).await;
        let (head, answered) = caller.answer().await;
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        assert_eq!(answered, format!("POST /a HTTP/1.1 {body}"));
    }
}

#[tokio::test]
async fn a_larger_body_is_refused_and_the_service_not_called() {
    let served = serve_echo(params()).await;
    let body = "x".repeat(1_001);
    let chunked = format!(
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n{body}\r\n0\r\n\r\n"
    );
    for request in [post(&body), chunked] {
        let mut caller = served.connect().await;
        caller.send(request).await;
        let (head, text) = caller.answer().await;
        assert!(head.starts_with("HTTP/1.1 413") && head.contains("connection: close"), "{head}");
        assert_eq!(text, "POST /a: the body is larger than 1000 bytes");
        assert!(caller.is_cut().await);
    }
    assert_eq!(served.called(), 0);
}

#[tokio::test]
async fn a_caller_that_asks_first_is_refused_before_it_sends() {
    let served = serve_echo(params()).await;
    let mut caller = served.connect().await;
    caller.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\nExpect: 100-continue\r\n\r\n").await;
    let (head, _) = caller.answer().await;
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    assert!(caller.is_cut().await);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_answered_and_the_connection_closed() {
    let served = serve_echo(Params { body_read_timeout: SHORT, ..params() }).await;
    let mut caller = served.connect().await;
    caller.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab").await;
    let (head, text) = caller.answer().await;
    assert!(head.starts_with("HTTP/1.1 408") && head.contains("connection: close"), "{head}");
    assert_eq!(text, "POST /a: the body did not arrive within 60ms");
    assert!(caller.is_cut().await);
    assert_eq!(served.called(), 0);
}

#[tokio::test]
async fn half_a_request_never_reaches_the_service() {
    let served = serve_echo(params()).await;
    for half in ["POST /a HT", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"] {
        let mut caller = served.connect().await;
        caller.send(half).await;
        drop(caller);
    }
    served.until_open(0).await;
    let mut caller = served.connect().await;
    caller.send(post("whole")).await;
    assert_eq!(caller.answer().await.1, "POST /a HTTP/1.1 whole");
    assert_eq!(served.called(), 1);
}

#[tokio::test]
async fn a_head_larger_than_the_limit_is_refused() {
    let served = serve_echo(Params { max_header_bytes: 8_192, ..params() }).await;
    let mut caller = served.connect().await;
    let long = "x".repeat(9_000);
    caller.send(format!("GET / HTTP/1.1\r\nHost: a\r\nA: {long}\r\n\r\n")).await;
    assert!(caller.answer().await.0.starts_with("HTTP/1.1 431"));
    assert_eq!(served.called(), 0);
}

#[tokio::test]
async fn a_panic_costs_one_call_only() {
    for hang_up in [HangUp::StopsCall, HangUp::FinishesCall] {
        let served = serve(Params { hang_up, ..params() }, async |request| {
            assert!(request.body() != "bad", "on purpose");
            Response::new(Bytes::from("good"))
        })
        .await;
        let mut caller = served.connect().await;
        caller.send(post("bad")).await;
        let (head, text) = caller.answer().await;
        assert!(head.starts_with("HTTP/1.1 500"), "{head}");
        assert_eq!(text, "POST /a: the call ended without an answer");
        caller.send(post("fine")).await;
        assert_eq!(caller.answer().await.1, "good");
    }
}

#[tokio::test]
async fn a_call_runs_on_after_its_caller_hung_up_if_it_should() {
    let (begun, may_end, ended) = notifies();
    let (begins, ends, end) = (Arc::clone(&begun), Arc::clone(&may_end), Arc::clone(&ended));
    let served = serve(params(), move |_| {
        let (begins, ends, end) = (Arc::clone(&begins), Arc::clone(&ends), Arc::clone(&end));
        async move {
            begins.notify_one();
            ends.notified().await;
            end.notify_one();
            Response::new(Bytes::new())
        }
    })
    .await;
    let mut caller = served.connect().await;
    caller.send(post("")).await;
    within(begun.notified()).await;
    drop(caller);
    served.until_open(0).await;
    may_end.notify_one();
    within(ended.notified()).await;
}

#[tokio::test]
async fn a_call_stops_when_its_caller_hangs_up_if_it_should() {
    struct Stops(Arc<tokio::sync::Notify>);
    impl Drop for Stops {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }

    let (begun, _, stopped) = notifies();
    let (begins, stops) = (Arc::clone(&begun), Arc::clone(&stopped));
    let params = Params { hang_up: HangUp::StopsCall, ..params() };
    let served = serve(params, move |_| {
        let (begins, stops) = (Arc::clone(&begins), Stops(Arc::clone(&stops)));
        async move {
            begins.notify_one();
            std::future::pending::<()>().await;
            drop(stops);
            Response::new(Bytes::new())
        }
    })
    .await;
    let mut caller = served.connect().await;
    caller.send(post("")).await;
    within(begun.notified()).await;
    drop(caller);
    within(stopped.notified()).await;
}

fn notifies() -> (Arc<tokio::sync::Notify>, Arc<tokio::sync::Notify>, Arc<tokio::sync::Notify>) {
    Default::default()
}
