//! Callers that hang up before their answer, and calls whose time was over before they were begun.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dom_gateway::front::Front;
use gateway_transport::listener::Caller;
use http::Request;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::crooked::Held;
use crate::documents::question_and_answer;
use crate::gateway::{INVENTORY, ORDERS, Running, Settings, within};
use crate::stand_in::{count, dom};

/// Asks, and hands out the connection the answer would come by.
pub(crate) async fn begin(gateway: &Running, path: &str, document: &str) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.data).await.unwrap();
    let length = document.len();
    let request = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{document}");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Waits until the metrics have this line.
pub(crate) async fn until_counted(gateway: &Running, line: &str) {
    within(async { while !has(&gateway.admin("/metrics").await.body, line) {} }).await;
}

fn has(text: &str, line: &str) -> bool {
    text.lines().any(|found| found == line)
}

fn gone(operation: &str, call: &str) -> String {
    format!("gateway_callers_gone_total{{caller=\"nordlicht\",operation=\"{operation}\",call=\"{call}\"}} 1")
}

#[tokio::test]
async fn a_read_stops_when_its_caller_hangs_up() {
    for (operation, case, path) in
        [("availability", "items-online-and-physical", INVENTORY), ("details", "by-key", ORDERS)]
    {
        let (question, answer) = question_and_answer(operation, case);
        let dom = Held::with(&answer).await;
        let gateway = Settings::of(dom.url.clone()).run().await;
        let caller = begin(&gateway, path, &question).await;
        within(dom.asked()).await;
        drop(caller);
        // The DOM is held for ever: only a call that stopped is over.
        until_counted(&gateway, &gone(operation, "stopped")).await;
        let metrics = gateway.admin("/metrics").await.body;
        assert!(has(&metrics, "gateway_calls_under_way 0"), "{metrics}");
        let call = format!("operation=\"{operation}\",origin=\"store\",code=\"GW-1019\"}} 1");
        assert!(metrics.contains(&call), "{metrics}");
    }
}

#[tokio::test]
async fn a_write_goes_to_its_end_when_its_caller_hangs_up() {
    for (operation, case, path) in [
        ("transfer", "numbered-by-the-dom", ORDERS),
        ("cancel_reservation", "split-items-without-the-unallocated", INVENTORY),
    ] {
        let (question, answer) = question_and_answer(operation, case);
        let dom = Held::with(&answer).await;
        let gateway = Settings::of(dom.url.clone()).run().await;
        let caller = begin(&gateway, path, &question).await;
        within(dom.asked()).await;
        drop(caller);
        until_counted(&gateway, &gone(operation, "goes on")).await;
        dom.release();
        let call = format!(
            "gateway_calls_total{{caller=\"nordlicht\",operation=\"{operation}\",origin=\"none\",code=\"\"}} 1"
        );
        until_counted(&gateway, &call).await;
    }
}

#[tokio::test]
async fn lines_shared_with_others_are_asked_on_for_them() {
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    let dom = Held::with(&answer).await;
    let cache = "[[cache.rule]]\nname = \"all\"\n".to_owned();
    let gateway = Settings { cache, ..Settings::of(dom.url.clone()) }.run().await;
    let leaves = begin(&gateway, INVENTORY, &question).await;
    within(dom.asked()).await;
    let leaving = async {
        until_counted(&gateway, "gateway_calls_under_way 2").await;
        drop(leaves);
        until_counted(&gateway, &gone("availability", "stopped")).await;
        dom.release();
    };
    let ((), answer) = tokio::join!(leaving, gateway.ask(INVENTORY, &question));
    assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
}

#[tokio::test]
async fn what_waited_longer_than_its_time_is_not_asked_any_more() {
    for (operation, case) in [("reserve", "partly-reserved"), ("availability", "items-online-and-physical")] {
        let (question, answer) = question_and_answer(operation, case);
        let dom = dom(&answer).await;
        let deadlines = &[("reserve", 1, 1), ("availability", 1, 1)];
        let ready = Settings { deadlines, ..Settings::of(dom.uri()) }.ready();
        let front = Arc::new(Front::new(ready).unwrap());
        let caller = Caller::who_stays();
        while caller.since().elapsed() <= Duration::from_millis(1) {
            tokio::task::yield_now().await;
        }
        let mut request = Request::post(INVENTORY).body(Bytes::from(question)).unwrap();
        request.extensions_mut().insert(caller);
        let answer = front.answer(request).await.unwrap();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let said = ["x-gateway-code", "x-gateway-origin", "x-gateway-dom-may-have-acted", "x-gateway-repeat"]
            .map(|name| header(name).unwrap());
        assert_eq!(said, ["GW-4012", "network", "no", "safe"], "{operation}");
        assert_eq!(count(&dom).await, 0, "{operation}");
    }
}
