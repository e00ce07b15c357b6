//! Each way in which an exchange can fail, and whether the fault tells the truth about what was sent.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use gateway_model::codes::{self, Code};
use gateway_model::{Fault, Origin, Reached, Repeat};
use gateway_transport::sender::{
    Authorities, Call, ClientTls, Neighbour, Params, Progress, SendError, Sender, Spent,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::sender::{call, sender_params};
use crate::support::{NEVER, SHORT, within};

/// 100,000 zeros, compressed.
const ZEROS_GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 245, 79, 109, 13, 15, 160, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 87, 3, 125, 149, 17, 212, 160,
    134, 1, 0,
];

/// A peer that treats every connection the same way; gives its address and the number of connections it saw.
async fn peer<H, F>(handle: H) -> (SocketAddr, Arc<AtomicUsize>)
where
    H: Fn(TcpStream) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(handle(stream));
        }
    });
    (address, seen)
}

/// A peer that accepts and says nothing.
async fn silent() -> (SocketAddr, Arc<AtomicUsize>) {
    peer(|stream| async move {
        let _open = stream;
        std::future::pending().await
    })
    .await
}

async fn read_request(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    while !seen.ends_with(b"/>") {
        assert!(stream.read_buf(&mut seen).await.unwrap() > 0);
    }
}

/// A peer that reads the whole request, writes these bytes, and then hangs up or stays silent.
async fn answering(bytes: &'static [u8], then: Then) -> SocketAddr {
    let (address, _) = peer(move |mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(bytes).await.unwrap();
        match then {
            Then::HangsUp => drop(stream),
            Then::Silent => std::future::pending().await,
        }
    })
    .await;
    address
}

#[derive(Debug, Clone, Copy)]
enum Then {
    HangsUp,
    Silent,
}

/// Sends, and checks what holds for every error: the fault agrees with it, and no text shows what it must not.
async fn fails(params: Params, call: Call) -> SendError {
    let error = within(Sender::new(params).unwrap().send(call)).await.unwrap_err();
    let fault = Fault::from(error.clone());
    let expected = match error.progress() {
        Progress::NothingSent => (Reached::No, Repeat::Safe),
        Progress::PerhapsSent => (Reached::Maybe, Repeat::AfterCheck),
        Progress::Answering => (Reached::Yes, Repeat::AfterCheck),
    };
    assert_eq!((fault.reached, fault.repeat), expected, "{error}");
    for text in [error.to_string(), format!("{error:?}"), fault.to_string()] {
        assert!(
            !text.contains("s3cret") && !text.contains("_token") && !text.contains("127.0.0.1"),
            "{text}"
        );
        assert!(text.contains("sterling"), "{text}");
    }
    error
}

/// Error, fault code and origin of a call to an address, with an attempt's time that no test waits for.
async fn outcome(address: SocketAddr) -> (SendError, Code, Origin) {
    let error = fails(sender_params(), call(address)).await;
    let fault = Fault::from(error.clone());
    (error, fault.code, fault.origin)
}

#[tokio::test]
async fn a_closed_port_means_nothing_was_sent() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let (error, code, origin) = outcome(address).await;
    assert!(matches!(error, SendError::Unreachable { .. }), "{error}");
    assert_eq!(
        (error.progress(), code, origin),
        (Progress::NothingSent, codes::DOM_UNREACHABLE, Origin::Network)
    );
}

#[tokio::test]
async fn an_unknown_host_means_nothing_was_sent() {
    let error = fails(sender_params(), call("nobody.invalid")).await;
    assert!(matches!(error, SendError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_means_nothing_was_sent() {
    let (address, _) = silent().await;
    let tls = ClientTls { authorities: Authorities::None, identity: None };
    let encrypted = |params| {
        let address = format!("https://{address}/?_token=s3cret").parse().unwrap();
        fails(params, Call::post(address, Bytes::from("s3cret")))
    };
    let error = encrypted(Params { connect_timeout: SHORT, tls: tls.clone(), ..sender_params() }).await;
    assert!(matches!(error, SendError::Unreachable { .. }), "{error}");
    // The same with the attempt's time over first.
    let error = encrypted(Params { attempt_timeout: SHORT, tls, ..sender_params() }).await;
    let expected = SendError::TimedOut {
        target: "sterling".into(),
        progress: Progress::NothingSent,
        spent: Spent::Attempt,
    };
    assert_eq!(error, expected);
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_means_nothing_was_sent() {
    let (address, _) = peer(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let address = format!("https://{address}/?_token=s3cret").parse().unwrap();
    let error = fails(sender_params(), Call::post(address, Bytes::from("s3cret"))).await;
    assert!(matches!(error, SendError::Tls { .. }), "{error}");
}

#[tokio::test]
async fn a_deadline_that_has_passed_means_nothing_was_sent() {
    let (address, seen) = silent().await;
    let call = Call { deadline: Some(Instant::now()), ..call(address) };
    let error = fails(sender_params(), call).await;
    let expected = SendError::TimedOut {
        target: "sterling".into(),
        progress: Progress::NothingSent,
        spent: Spent::Call,
    };
    assert_eq!(error, expected);
    assert_eq!(Fault::from(error).code, codes::DEADLINE);
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_peer_that_never_answers_may_have_acted() {
    let address = answering(b"", Then::Silent).await;
    let timed_out =
        |spent| SendError::TimedOut { target: "sterling".into(), progress: Progress::PerhapsSent, spent };
    let error = fails(Params { attempt_timeout: SHORT, ..sender_params() }, call(address)).await;
    assert_eq!(Fault::from(error.clone()).code, codes::DOM_TIMEOUT);
    assert_eq!(error, timed_out(Spent::Attempt));
    let call = Call { deadline: Some(Instant::now() + SHORT), ..call(address) };
    let error = fails(sender_params(), call).await;
    assert_eq!(Fault::from(error.clone()).code, codes::DEADLINE);
    assert_eq!(error, timed_out(Spent::Call));
}

#[tokio::test]
async fn a_call_without_a_body_may_always_have_arrived() {
    let (address, _) = silent().await;
    let call = Call { method: http::Method::GET, body: Bytes::new(), ..call(address) };
    let error = fails(Params { attempt_timeout: SHORT, ..sender_params() }, call).await;
    assert_eq!(error.progress(), Progress::PerhapsSent);
}

#[tokio::test]
async fn a_peer_that_resets_before_it_read_never_counts_as_answering() {
    let (address, _) = peer(|stream| async move { stream.set_zero_linger().unwrap() }).await;
    let (error, ..) = outcome(address).await;
    // Whether the bytes had left by then is a matter of luck; both words are true when they are said.
    assert!(matches!(error, SendError::Broken { .. } | SendError::Unreachable { .. }), "{error}");
    assert_ne!(error.progress(), Progress::Answering);
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_may_have_acted() {
    for reset in [true, false] {
        let (address, seen) = peer(move |mut stream| async move {
            read_request(&mut stream).await;
            if reset {
                stream.set_zero_linger().unwrap();
            }
        })
        .await;
        let (error, code, origin) = outcome(address).await;
        assert!(matches!(error, SendError::Broken { progress: Progress::PerhapsSent, .. }), "{error}");
        assert_eq!((code, origin), (codes::DOM_BROKEN, Origin::Network));
        // Nothing was repeated behind our back.
        assert_eq!(seen.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn what_is_no_http_may_have_acted() {
    let cases: &[&[u8]] =
        &[b"<html>\r\n\r\n", b"\x00\x01\x02\r\n\r\n", b"HTTP/1.1 200 OK\r\nConte", b"HTTP/9.9 1 x\r\n\r\n"];
    for bytes in cases {
        let (error, code, _) = outcome(answering(bytes, Then::HangsUp).await).await;
        assert!(matches!(error, SendError::Broken { progress: Progress::PerhapsSent, .. }), "{error}");
        assert_eq!(code, codes::DOM_BROKEN);
    }
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    let cases: &[&[u8]] = &[
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<Prom",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<Prom\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    ];
    for bytes in cases {
        let (error, code, _) = outcome(answering(bytes, Then::HangsUp).await).await;
        assert!(
            matches!(error, SendError::Truncated { status: http::StatusCode::OK, .. }),
            "{bytes:?} {error}"
        );
        assert_eq!((error.progress(), code), (Progress::Answering, codes::DOM_TRUNCATED));
    }
}

#[tokio::test]
async fn an_answer_that_stalls_runs_out_of_time_while_answering() {
    let address = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<Prom", Then::Silent).await;
    let error = fails(Params { attempt_timeout: SHORT, ..sender_params() }, call(address)).await;
    let expected = SendError::TimedOut {
        target: "sterling".into(),
        progress: Progress::Answering,
        spent: Spent::Attempt,
    };
    assert_eq!(error, expected);
}

#[tokio::test]
async fn an_answer_larger_than_the_limit_is_not_read_to_its_end() {
    // Neither peer ever ends its answer: only the limit can end the call.
    let lengthy = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n<", Then::Silent).await;
    let (endless, _) = peer(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
        while stream.write_all(b"5\r\nabcde\r\n").await.is_ok() {}
    })
    .await;
    for address in [lengthy, endless] {
        let (error, code, origin) = outcome(address).await;
        assert!(matches!(error, SendError::TooLarge { limit_bytes: 1_000, .. }), "{error}");
        assert_eq!(
            (error.progress(), code, origin),
            (Progress::Answering, codes::DOM_UNEXPECTED, Origin::Dom)
        );
    }
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_large_one_is_cut_at_the_limit() {
    let (address, _) = peer(|mut stream| async move {
        read_request(&mut stream).await;
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            ZEROS_GZIP.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(ZEROS_GZIP).await.unwrap();
        std::future::pending().await
    })
    .await;
    assert!(matches!(outcome(address).await.0, SendError::TooLarge { .. }));
}

#[tokio::test]
async fn an_answer_of_exactly_the_limit_is_read() {
    let (address, _) = peer(|mut stream| async move {
        read_request(&mut stream).await;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n{}\r\n0\r\n\r\n",
            "x".repeat(1_000)
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let answer = within(Sender::new(sender_params()).unwrap().send(call(address))).await.unwrap();
    assert_eq!(answer.body.len(), 1_000);
}

#[tokio::test]
async fn the_codes_are_those_of_the_neighbour() {
    let target = "nordlicht".to_owned();
    let status = http::StatusCode::OK;
    let progress = Progress::PerhapsSent;
    let reason = String::new();
    let cases = [
        (SendError::Unreachable { target: target.clone(), reason: reason.clone() }, codes::STORE_UNREACHABLE),
        (SendError::Tls { target: target.clone(), reason: reason.clone() }, codes::STORE_UNREACHABLE),
        (
            SendError::TimedOut { target: target.clone(), progress, spent: Spent::Attempt },
            codes::STORE_TIMEOUT,
        ),
        (SendError::TimedOut { target: target.clone(), progress, spent: Spent::Call }, codes::DEADLINE),
        (
            SendError::Broken { target: target.clone(), progress, reason: reason.clone() },
            codes::STORE_UNEXPECTED,
        ),
        (
            SendError::Truncated { target: target.clone(), status, reason: reason.clone() },
            codes::STORE_UNEXPECTED,
        ),
        (SendError::TooLarge { target: target.clone(), status, limit_bytes: 1 }, codes::STORE_UNEXPECTED),
        (SendError::Unsendable { target, reason }, codes::INTERNAL),
    ];
    for (error, code) in cases {
        assert_eq!(error.clone().into_fault(Neighbour::Store).code, code, "{error}");
    }
}

#[test]
fn settings_that_cannot_be_are_named() {
    let cases = [
        (
            Params { attempt_timeout: std::time::Duration::ZERO, ..sender_params() },
            "`attempt_timeout`: expected more than zero and at most 1 day, found 0ns",
        ),
        (
            Params { max_answer_bytes: 0, ..sender_params() },
            "`max_answer_bytes`: expected at least 1, found 0",
        ),
        (
            Params { target: String::new(), connect_timeout: NEVER, ..sender_params() },
            "`target`: expected a name, found none",
        ),
    ];
    for (params, text) in cases {
        assert_eq!(Sender::new(params).unwrap_err().to_string(), text);
    }
}
