//! What a call knows of whoever waits for its answer.

use bytes::Bytes;
use gateway_transport::listener::Caller;
use http::{Request, Response};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::{Served, http2_client, params, post, serve, within};

/// A listener that hands out the caller of each call; calls to `/wait` are answered when their caller has gone.
async fn serve_told() -> (Served, UnboundedReceiver<Caller>) {
    let (told, callers) = unbounded_channel();
    let served = serve(params(), move |request: Request<Bytes>| {
        let caller = request.extensions().get::<Caller>().unwrap().clone();
        told.send(caller.clone()).unwrap();
        async move {
            if request.uri().path() == "/wait" {
                caller.gone().await;
            }
            Response::new(Bytes::from("done"))
        }
    })
    .await;
    (served, callers)
}

#[tokio::test]
async fn a_call_learns_that_its_caller_hung_up() {
    let (served, mut callers) = serve_told().await;
    let mut caller = served.connect().await;
    caller.send(post("").replace("/a", "/wait")).await;
    let told = within(callers.recv()).await.unwrap();
    assert!(!told.is_gone());
    drop(caller);
    within(told.gone()).await;
    assert!(told.is_gone());
}

#[tokio::test]
async fn a_call_learns_that_its_http2_stream_was_reset() {
    let (served, mut callers) = serve_told().await;
    let client = http2_client();
    let url = |path: &str| format!("http://{}{path}", served.address);
    let call = tokio::spawn(client.get(url("/wait")).send());
    let told = within(callers.recv()).await.unwrap();
    let beside = within(client.get(url("/a")).send()).await.unwrap();
    assert_eq!((beside.status().as_u16(), told.is_gone()), (200, false));
    call.abort();
    within(told.gone()).await;
    // The connection carries on.
    assert_eq!(within(client.get(url("/a")).send()).await.unwrap().status(), 200);
    assert_eq!(served.counts.accepted(), 1);
}

#[tokio::test]
async fn a_caller_that_was_answered_is_not_gone() {
    let (served, mut callers) = serve_told().await;
    let mut caller = served.connect().await;
    caller.send(post("")).await;
    caller.answer().await;
    let told = within(callers.recv()).await.unwrap();
    drop(caller);
    served.until_open(0).await;
    assert!(!told.is_gone());
}
