//! Requests that two readers could read in two ways are refused, and the connection ends.

use crate::support::{params, post, serve_echo};

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
