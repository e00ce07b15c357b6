//! What ties the calls of several systems together is passed on: W3C trace context and the request id.

use http::Method;

use crate::caller::{Answered, SOAP_11};
use crate::documents::{exchange, question_and_answer, soap_11};
use crate::gateway::{EVENTS, INVENTORY, Running, Settings};
use crate::stand_in::{Asked, answering, asked, confirmation, dom, dom_by, xml};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const STATE: &str = "shop=00f067aa0ba902b7,dom=x";

async fn post(gateway: &Running, path: &str, document: &str, context: &[(&str, &str)]) -> Answered {
    let mut headers = vec![("content-type", SOAP_11)];
    headers.extend_from_slice(context);
    gateway.call(Method::POST, path, &headers, document.to_owned()).await
}

#[tokio::test]
async fn trace_context_and_request_id_reach_the_dom_and_the_id_comes_back() {
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    let of_dom =
        "[dom.login]\nmode = \"token\"\nuser = \"gateway\"\npassword_env = \"DOM_PASSWORD\"\n".to_owned();
    let dom = dom_by(move |asked: &Asked| match asked.api.as_str() {
        "login" => xml("<Login UserToken=\"t\"/>"),
        _ => xml(&answer),
    })
    .await;
    let gateway = Settings { of_dom, ..Settings::of(dom.uri()) }.run().await;
    let context = [("traceparent", TRACE), ("tracestate", STATE), ("x-request-id", "cart-42")];
    let answer = post(&gateway, INVENTORY, &soap_11(&question), &context).await;
    assert_eq!((answer.status, answer.header("x-request-id")), (200, "cart-42"));
    let sent = asked(&dom).await;
    assert_eq!(sent.len(), 2);
    for asked in &sent {
        let passed = ["traceparent", "tracestate", "x-request-id"].map(|name| asked.header(name));
        assert_eq!(passed, [TRACE, STATE, "cart-42"], "{}", asked.api);
    }
}

#[tokio::test]
async fn all_attempts_of_a_call_have_its_id() {
    let dom = answering(503, "text/plain", "").await;
    let gateway = Settings::of(dom.uri()).run().await;
    let question = crate::documents::availability();
    let answer =
        post(&gateway, INVENTORY, &question, &[("traceparent", TRACE), ("x-request-id", "cart-43")]).await;
    assert_eq!((answer.attempts(), answer.header("x-request-id")), (2, "cart-43"));
    assert_eq!(answer.soap_fault().detail("requestId"), "cart-43");
    for asked in asked(&dom).await {
        assert_eq!((asked.header("traceparent"), asked.header("x-request-id")), (TRACE, "cart-43"));
    }
}

#[tokio::test]
async fn a_call_without_an_id_gets_one_and_the_dom_gets_the_same() {
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    let dom = dom(&answer).await;
    let gateway = Settings::of(dom.uri()).run().await;
    let long = "x".repeat(65);
    let mut ids = Vec::new();
    for given in ["", "a b", "<script>", &long] {
        let context = [("x-request-id", given)];
        let context = if given.is_empty() { &[][..] } else { &context[..] };
        let answer = post(&gateway, INVENTORY, &question, context).await;
        let id = answer.header("x-request-id").to_owned();
        assert!(!id.is_empty() && id != given, "{given}: {id}");
        assert_eq!(asked(&dom).await.last().unwrap().header("x-request-id"), id, "{given}");
        ids.push(id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn a_malformed_trace_context_is_dropped() {
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    let dom = dom(&answer).await;
    let gateway = Settings::of(dom.uri()).run().await;
    for parent in ["nonsense", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-A-B-C"] {
        let context = [("traceparent", parent), ("tracestate", STATE)];
        assert_eq!(post(&gateway, INVENTORY, &question, &context).await.status, 200, "{parent}");
        let sent = asked(&dom).await;
        let passed = ["traceparent", "tracestate"].map(|name| sent.last().unwrap().header(name).to_owned());
        assert_eq!(passed, ["", ""], "{parent}");
    }
}

#[tokio::test]
async fn the_context_of_a_push_reaches_the_store() {
    let store = answering(200, SOAP_11, confirmation(None)).await;
    let gateway = Settings { store: Some(store.uri()), ..Settings::of("http://127.0.0.1:9") }.run().await;
    let event = exchange("order_sync", "released", "dom-event.xml");
    let context = [("traceparent", TRACE), ("tracestate", STATE), ("x-request-id", "event-7")];
    let answer = post(&gateway, EVENTS, &event, &context).await;
    assert_eq!((answer.status, answer.header("x-request-id")), (200, "event-7"), "{}", answer.body);
    let sent = store.received_requests().await.unwrap();
    let headers = &sent.first().unwrap().headers;
    for (name, value) in context {
        assert_eq!(headers.get(name).map(|found| found.to_str().unwrap()), Some(value), "{name}");
    }
}
