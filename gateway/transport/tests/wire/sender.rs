//! What a sender sends, and what it makes of an answer.

use std::time::Duration;

use bytes::Bytes;
use gateway_transport::sender::{Address, Call, Params, Sender};
use http::{HeaderValue, Method, Response, StatusCode, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{NEVER, params, serve, serve_echo, within};

/// `<Promise/>`, compressed.
const PROMISE_GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 179, 9, 40, 202, 207, 205, 44, 78, 213, 183, 3, 0, 144, 203, 63, 180,
    10, 0, 0, 0,
];

pub(crate) fn sender() -> Sender {
    Sender::new(sender_params()).unwrap()
}

pub(crate) fn sender_params() -> Params {
    Params {
        connect_timeout: NEVER,
        attempt_timeout: NEVER,
        max_answer_bytes: 1_000,
        ..Params::new("sterling")
    }
}

/// A call with something in query, headers and body that no text may show.
pub(crate) fn call(address: impl std::fmt::Display) -> Call {
    let address: Address = format!("http://{address}/smcfs?_token=s3cret").parse().unwrap();
    let mut call = Call::post(address, Bytes::from("<Login Password='s3cret'/>"));
    call.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic s3cret"));
    call
}

/// Sends one call to a peer that answers with these bytes after the whole request; gives the request it saw.
async fn exchange(
    call: impl FnOnce(std::net::SocketAddr) -> Call,
    answer: &'static [u8],
) -> (String, http::StatusCode, Bytes) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let call = call(socket.local_addr().unwrap());
    let ending = call.body.clone();
    let peer = tokio::spawn(async move {
        let (mut stream, _) = socket.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(&[b"\r\n\r\n".as_slice(), &ending].concat()) {
            assert!(stream.read_buf(&mut seen).await.unwrap() > 0);
        }
        stream.write_all(answer).await.unwrap();
        String::from_utf8(seen).unwrap()
    });
    let answer = within(sender().send(call)).await.unwrap();
    (peer.await.unwrap(), answer.status, answer.body)
}

#[tokio::test]
async fn a_request_holds_what_it_was_given_and_nothing_of_its_own() {
    let (seen, status, body) = exchange(
        |address| {
            let mut call =
                Call::post(format!("http://{address}/smcfs/a?b=c").parse().unwrap(), Bytes::from("abc"));
            call.headers.insert("traceparent", HeaderValue::from_static("00-0af7-b7ad-01"));
            call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
            call
        },
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    )
    .await;
    assert_eq!((status, body), (StatusCode::OK, Bytes::from("ok")));
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().filter(|line| !line.starts_with("host: 127.0.0.1:")).collect();
    assert_eq!((lines.remove(0), body), ("POST /smcfs/a?b=c HTTP/1.1", "abc"));
    lines.sort_unstable();
    let expected = [
        "accept-encoding: gzip",
        "accept: */*",
        "content-length: 3",
        "content-type: text/xml",
        "traceparent: 00-0af7-b7ad-01",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn every_status_is_an_answer_and_no_redirect_is_followed() {
    let cases: &[(&[u8], u16, &str)] = &[
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", 200, "<html>"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 302, ""),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 401, ""),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\n<Errors/>", 500, "<Errors/>"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200, "abc"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, ""),
    ];
    for (answer, status, body) in cases {
        let (_, seen_status, seen_body) = exchange(call, answer).await;
        assert_eq!((seen_status.as_u16(), seen_body), (*status, Bytes::from(*body)));
    }
}

#[tokio::test]
async fn a_compressed_answer_is_read() {
    let served = serve(params(), async |_| {
        let answer = Response::builder().header(header::CONTENT_ENCODING, "gzip");
        answer.body(Bytes::from_static(PROMISE_GZIP)).unwrap()
    })
    .await;
    let answer = within(sender().send(call(served.address))).await.unwrap();
    assert_eq!(answer.body, "<Promise/>");
}

#[tokio::test]
async fn the_pause_asked_for_is_told() {
    let served = serve(params(), async |_| {
        let answer = Response::builder().status(503).header(header::RETRY_AFTER, "7");
        answer.body(Bytes::new()).unwrap()
    })
    .await;
    let answer = within(sender().send(call(served.address))).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.retry_after()), (503, Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn calls_share_a_connection() {
    let served = serve_echo(params()).await;
    let sender = sender();
    for _ in 0..3 {
        let answer = within(sender.clone().send(call(served.address))).await.unwrap();
        assert_eq!(answer.body, "POST /smcfs HTTP/1.1 <Login Password='s3cret'/>");
    }
    assert_eq!((served.called(), served.counts.accepted()), (3, 1));
}

#[tokio::test]
async fn a_call_without_a_body_is_sent_too() {
    let served = serve_echo(params()).await;
    for method in [Method::GET, Method::POST] {
        let call = Call { method: method.clone(), body: Bytes::new(), ..call(served.address) };
        let answer = within(sender().send(call)).await.unwrap();
        assert_eq!(answer.body, format!("{method} /smcfs HTTP/1.1 "));
    }
}
