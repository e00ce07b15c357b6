//! How long a connection may live, and how many there may be.

use bytes::Bytes;
use gateway_transport::listener::Params;
use http::Response;

use crate::support::{SHORT, echo, http2_client, params, post, serve, serve_echo};

/// HTTP/2 frames of a caller that asks for `/` and opens no window for the answer.
const STALLED_HTTP2: &[&[u8]] = &[
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    // SETTINGS with INITIAL_WINDOW_SIZE 0.
    &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0],
    // HEADERS, END_STREAM and END_HEADERS: GET, http, `/`, authority `a`.
    &[0, 0, 6, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84, 0x41, 0x01, b'a'],
];

#[tokio::test]
async fn a_connection_carries_call_after_call() {
    let served = serve_echo(params()).await;
    let mut caller = served.connect().await;
    for body in ["1", "2", "3"] {
        caller.send(post(body)).await;
        let (head, text) = caller.answer().await;
        assert!(!head.contains("close"), "{head}");
        assert_eq!(text, format!("POST /a HTTP/1.1 {body}"));
    }
    assert_eq!((served.counts.accepted(), served.counts.open()), (1, 1));
}

#[tokio::test]
async fn a_silent_or_slow_caller_is_cut() {
    let served = serve_echo(Params { header_read_timeout: SHORT, ..params() }).await;
    for beginning in ["", "P", "PRI * HTTP/2.0\r\n\r\nSM", "POST /a HTTP/1.1\r\nHost: a\r\n"] {
        let mut caller = served.connect().await;
        caller.send(beginning).await;
        assert!(caller.is_cut().await, "{beginning:?}");
    }
    assert_eq!(served.called(), 0);
}

#[tokio::test]
async fn a_trickle_of_header_lines_does_not_extend_the_time() {
    let served = serve_echo(Params { header_read_timeout: SHORT, ..params() }).await;
    let mut caller = served.connect().await;
    caller.send("POST /a HTTP/1.1\r\n").await;
    let trickle = async {
        let mut pace = tokio::time::interval(SHORT / 10);
        while tokio::io::AsyncWriteExt::write_all(&mut caller.stream, b"A: b\r\n").await.is_ok() {
            pace.tick().await;
        }
    };
    // Ends only when the listener has cut the connection.
    crate::support::within(trickle).await;
    assert_eq!(served.called(), 0);
}

#[tokio::test]
async fn a_slow_second_head_is_cut_though_idling_is_allowed() {
    let served = serve_echo(Params { header_read_timeout: SHORT, ..params() }).await;
    let mut caller = served.connect().await;
    caller.send(post("1")).await;
    caller.answer().await;
    caller.send("POST /a HTTP/1.1\r\n").await;
    assert!(caller.is_cut().await);
}

#[tokio::test]
async fn an_idle_connection_is_closed_though_heads_may_take_long() {
    let served = serve_echo(Params { idle_timeout: SHORT, ..params() }).await;
    let mut caller = served.connect().await;
    for body in ["1", "2"] {
        caller.send(post(body)).await;
        caller.answer().await;
    }
    assert!(caller.is_cut().await);
}

#[tokio::test]
async fn a_working_call_is_not_idle() {
    let limits = Params { idle_timeout: SHORT, header_read_timeout: SHORT, write_timeout: SHORT, ..params() };
    let served = serve(limits, async |request| {
        tokio::time::sleep(SHORT * 5).await;
        echo(request).await
    })
    .await;
    let mut caller = served.connect().await;
    caller.send(post("1")).await;
    assert_eq!(caller.answer().await.1, "POST /a HTTP/1.1 1");
}

#[tokio::test]
async fn a_caller_that_does_not_take_its_answer_is_cut() {
    // More than the system's socket buffers hold.
    let large = Bytes::from(vec![b'x'; 32 * 1_024 * 1_024]);
    let served = serve(Params { write_timeout: SHORT, ..params() }, move |_| {
        let answer = Response::new(large.clone());
        async move { answer }
    })
    .await;
    let mut caller = served.connect().await;
    caller.send(post("")).await;
    served.until_open(1).await;
    served.until_open(0).await;
    drop(caller);
}

#[tokio::test]
async fn an_http2_caller_that_opens_no_window_is_cut() {
    let served = serve_echo(Params { write_timeout: SHORT, ..params() }).await;
    let mut caller = served.connect().await;
    caller.send(STALLED_HTTP2.concat()).await;
    served.until_open(1).await;
    served.until_open(0).await;
    assert_eq!(served.called(), 1);
    drop(caller);
}

#[tokio::test]
async fn http2_is_spoken_with_whoever_begins_with_it() {
    let served = serve_echo(params()).await;
    let client = http2_client();
    let url = format!("http://{}/b", served.address);
    for _ in 0..3 {
        let answer = client.post(&url).body("abc").send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "POST /b HTTP/2.0 abc");
    }
    let refused = client.post(&url).body("x".repeat(1_001)).send().await.unwrap();
    assert_eq!(refused.status(), 413);
    assert_eq!((served.counts.accepted(), served.called()), (1, 3));
}

#[tokio::test]
async fn an_idle_http2_connection_is_closed() {
    let served = serve_echo(Params { idle_timeout: SHORT, ..params() }).await;
    let client = http2_client();
    client.get(format!("http://{}/b", served.address)).send().await.unwrap();
    served.until_open(0).await;
}

#[tokio::test]
async fn a_connection_over_the_limit_is_answered_and_closed() {
    let served = serve_echo(Params { max_connections: 1, ..params() }).await;
    let mut first = served.connect().await;
    first.send(post("1")).await;
    first.answer().await;

    let mut second = served.connect().await;
    second.send(post("2")).await;
    let (head, text) = second.answer().await;
    assert!(head.starts_with("HTTP/1.1 503") && head.contains("connection: close"), "{head}");
    assert_eq!(text, "POST /a: all 1 connections are taken");
    assert!(second.is_cut().await);
    assert_eq!((served.called(), served.counts.refused()), (1, 1));

    first.send(post("3")).await;
    assert_eq!(first.answer().await.1, "POST /a HTTP/1.1 3");
    drop(first);
    served.until_open(0).await;
    let mut third = served.connect().await;
    third.send(post("4")).await;
    assert_eq!(third.answer().await.1, "POST /a HTTP/1.1 4");
}
