//! Requests that two readers could read in two ways are refused, and the connection ends.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{params, post, serve_echo, within};

const BOTH: &str =
    "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
const TURNED: &str =
    "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n";
const CHUNKED: &str =
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";

#[tokio::test]
async fn a_doubtful_request_is_refused_and_ends_the_connection() {
    let cases = [
        (BOTH, "POST /b: the request's head is doubtful: `Content-Length` beside `Transfer-Encoding`"),
        (TURNED, "POST /b: the request's head is doubtful: `Content-Length` beside `Transfer-Encoding`"),
        ("GET /c HTTP/1.1\r\n\r\n", "GET /c: the request's head is doubtful: no `Host`"),
        (
            "GET /d HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /d: the request's head is doubtful: more than one `Host`",
        ),
    ];
    let served = serve_echo(params()).await;
    for (request, text) in cases {
        let mut caller = served.connect().await;
        caller.send(request).await;
        let (head, body) = caller.answer().await;
        assert!(
            head.starts_with("HTTP/1.1 400") && head.contains("connection: close"),
            "{request:?}: {head}"
        );
        assert_eq!(body, text);
        assert!(caller.is_cut().await);
    }
    assert_eq!(served.called(), 0);
}

#[tokio::test]
async fn a_doubtful_request_is_found_behind_others_in_one_piece() {
    let served = serve_echo(params()).await;
    let mut caller = served.connect().await;
    caller.send([&post("xyz"), CHUNKED, BOTH, &post("hidden")].concat()).await;
    assert_eq!(caller.answer().await.1, "POST /a HTTP/1.1 xyz");
    assert_eq!(caller.answer().await.1, "POST /a HTTP/1.1 abc");
    assert!(caller.answer().await.0.starts_with("HTTP/1.1 400"));
    assert!(caller.is_cut().await);
    assert_eq!(served.called(), 2);
}

#[tokio::test]
async fn what_hyper_refuses_itself_ends_the_connection_too() {
    let served = serve_echo(params()).await;
    for request in [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n",
        "POST / HTTP/1.1\r\nHost : a\r\n\r\n",
        "BLA\x01 / HTTP/1.1\r\n\r\n",
    ] {
        let mut caller = served.connect().await;
        caller.send(request).await;
        assert!(caller.answer().await.0.starts_with("HTTP/1.1 400"), "{request:?}");
        assert!(caller.is_cut().await);
    }
    assert_eq!(served.called(), 0);
}

#[tokio::test]
async fn chunked_requests_keep_the_connection() {
    let served = serve_echo(params()).await;
    let mut caller = served.connect().await;
    for request in [CHUNKED, &post("abc"), CHUNKED] {
        caller.send(request).await;
        assert_eq!(caller.answer().await.1, "POST /a HTTP/1.1 abc");
    }
    assert_eq!(served.counts.accepted(), 1);
}

#[tokio::test]
async fn http_1_0_needs_no_host_and_closes() {
    let served = serve_echo(params()).await;
    let mut caller = served.connect().await;
    caller.send("GET /a HTTP/1.0\r\n\r\n").await;
    assert_eq!(caller.answer().await.1, "GET /a HTTP/1.0 ");
    assert!(caller.is_cut().await);
}

/// Pieces from which both good and broken requests can be made.
const PIECES: &[&str] = &[
    "POST /a HTTP/1.1\r\n",
    "GET / HTTP/1.0\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "Host: a\r\n",
    "Content-Length: 3\r\n",
    "Content-Length: 99999\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n",
    "Connection: close\r\n",
    "\r\n",
    "\n",
    "abc",
    "3\r\nabc\r\n",
    "0\r\n\r\n",
    "fffffffffffffffff\r\n",
    "\u{0}",
    "\u{fffd}",
];

#[tokio::test]
async fn whatever_is_sent_the_listener_goes_on() {
    let served = serve_echo(params()).await;
    let mut random = sequence(7);
    for _ in 0..300 {
        let count = 1 + random() % 12;
        let sent: String = (0..count).map(|_| PIECES[random() % PIECES.len()]).collect();
        let mut caller = served.connect().await;
        // The listener may have seen enough before it has read all.
        let _ = caller.stream.write_all(sent.as_bytes()).await;
        let _ = caller.stream.shutdown().await;
        let _ = within(caller.stream.read_to_end(&mut Vec::new())).await;
    }
    served.until_open(0).await;
    let mut caller = served.connect().await;
    caller.send(post("fine")).await;
    assert_eq!(caller.answer().await.1, "POST /a HTTP/1.1 fine");
}

/// A sequence that looks random and is the same in each run.
fn sequence(mut state: usize) -> impl FnMut() -> usize {
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    }
}
