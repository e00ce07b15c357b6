//! Bodies that are handed over as they arrive.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_transport::listener::{BodyStream, Listener, Params, Streaming};
use gateway_transport::sender::{Call, Sender, Upload};
use http::{Request, Response};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tower::service_fn;

use crate::support::{NEVER, SHORT, Served, answerer, echo, params, within};

const MEGABYTE: usize = 1024 * 1024;

/// Streams what is posted to `/stream/…`; everything else is echoed.
async fn serve<F>(
    idle: Duration,
    handler: impl Fn(Request<BodyStream>) -> F + Send + Sync + 'static,
) -> Served
where
    F: Future<Output = Response<Bytes>> + Send + 'static,
{
    let listener = Listener::bind(Params { max_body_bytes: 1_000, ..params() }).await.unwrap();
    let (address, counts, hurry) = (listener.local_addr(), listener.counts(), listener.hurry());
    let streaming =
        Streaming::new(|parts| parts.uri.path().starts_with("/stream"), handler).idle_timeout(idle);
    let drain = CancellationToken::new();
    let service = service_fn(|request| async move { Ok::<_, Infallible>(echo(request).await) });
    let task = tokio::spawn(listener.streaming(streaming).serve(service, answerer(), drain.clone()));
    Served { address, drain, hurry, counts, called: Arc::default(), task }
}

/// Counts the bytes to the end, or says why there is none.
async fn count(request: Request<BodyStream>) -> Response<Bytes> {
    let mut body = request.into_body();
    let announced = body.announced_bytes();
    let mut seen = 0;
    let end = loop {
        match body.next().await {
            Ok(Some(bytes)) => seen += bytes.len(),
            Ok(None) => break "the end".to_owned(),
            Err(rejection) => break rejection.to_string(),
        }
    };
    Response::new(format!("{announced:?} {seen} {end}").into())
}

fn head(length: usize, further: &str) -> String {
    format!("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n{further}\r\n")
}

async fn upload(served: &Served, length: Option<u64>, pieces: usize) -> String {
    let (feed, receiver) = tokio::sync::mpsc::channel(1);
    let sender = Sender::new(gateway_transport::sender::Params {
        attempt_timeout: NEVER,
        ..gateway_transport::sender::Params::new("a")
    })
    .unwrap();
    let call = Call::post(format!("http://{}/stream", served.address).parse().unwrap(), Bytes::new());
    let feeding = async move {
        for _ in 0..pieces {
            if feed.send(Ok(Bytes::from(vec![b'a'; MEGABYTE]))).await.is_err() {
                return;
            }
        }
    };
    let sending = sender.upload(call, Upload { pieces: receiver, length });
    let (answer, ()) = within(async { tokio::join!(sending, feeding) }).await;
    answer.map_or_else(|error| error.to_string(), |answer| String::from_utf8(answer.body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_body_of_any_size_passes_with_and_without_a_length() {
    let served = serve(NEVER, count).await;
    let bytes = 20 * MEGABYTE;
    assert_eq!(upload(&served, Some(bytes as u64), 20).await, format!("Some({bytes}) {bytes} the end"));
    assert_eq!(upload(&served, None, 20).await, format!("None {bytes} the end"));
}

#[tokio::test]
async fn all_other_bodies_keep_their_bound() {
    let served = serve(NEVER, count).await;
    let mut caller = served.connect().await;
    caller.send(head(1_001, "").replace("/stream", "/other")).await;
    caller.send("a".repeat(1_001)).await;
    let (head, _) = caller.answer().await;
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
}

#[tokio::test]
async fn bytes_are_seen_before_the_last_has_come_and_an_early_answer_is_received() {
    let seen = Arc::new(Notify::new());
    let told = Arc::clone(&seen);
    let served = serve(NEVER, move |request| {
        let told = Arc::clone(&told);
        async move {
            let first = request.into_body().next().await.unwrap().unwrap();
            told.notify_one();
            Response::new(first)
        }
    })
    .await;
    let mut caller = served.connect().await;
    caller.send(head(100 * MEGABYTE, "")).await;
    caller.send("abc").await;
    within(seen.notified()).await;
    let (head, body) = caller.answer().await;
    assert!(head.contains("connection: close"), "{head}");
    assert_eq!(body, "abc");
    // A client that only writes gets its answer as well.
    assert_eq!(upload(&served, Some(64 * MEGABYTE as u64), 64).await.trim_start_matches('a'), "");
}

#[tokio::test]
async fn a_body_that_stalls_or_breaks_off_is_told_to_the_service() {
    let served = serve(SHORT, count).await;
    let mut caller = served.connect().await;
    caller.send(head(10, "")).await;
    caller.send("abc").await;
    let (_, body) = caller.answer().await;
    assert_eq!(body, format!("Some(10) 3 the body did not arrive within {SHORT:?}"));

    let (told, mut ends) = tokio::sync::mpsc::unbounded_channel();
    let served = serve(NEVER, move |request| {
        let told = told.clone();
        async move {
            let answer = count(request).await;
            told.send(answer.body().clone()).unwrap();
            answer
        }
    })
    .await;
    let mut caller = served.connect().await;
    caller.send(head(10, "")).await;
    caller.send("abc").await;
    drop(caller);
    assert_eq!(within(ends.recv()).await.unwrap(), "Some(10) 3 the body broke off before its end");
}

#[tokio::test]
async fn a_caller_that_waits_to_be_asked_is_refused_without_being_asked() {
    let served = serve(NEVER, |_| async { Response::new("no".into()) }).await;
    let mut caller = served.connect().await;
    caller.send(head(10, "Expect: 100-continue\r\n")).await;
    let (head, body) = caller.answer().await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body, "no");
}

#[tokio::test]
async fn a_drain_waits_for_a_body_under_way() {
    let begun = Arc::new(Notify::new());
    let told = Arc::clone(&begun);
    let served = serve(NEVER, move |request| {
        told.notify_one();
        count(request)
    })
    .await;
    let mut caller = served.connect().await;
    caller.send(head(6, "")).await;
    caller.send("abc").await;
    within(begun.notified()).await;
    served.drain.cancel();
    caller.send("def").await;
    let (_, body) = caller.answer().await;
    assert_eq!(body, "Some(6) 6 the end");
    assert_eq!(within(served.task).await.unwrap(), gateway_transport::listener::Drained::Whole);
}
