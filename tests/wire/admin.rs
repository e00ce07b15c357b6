//! What operators see, and that no secret is in it.

use crate::caller::SOAP_11;
use crate::documents::{availability, exchange, question_and_answer, reserve};
use crate::gateway::{EVENTS, INVENTORY, SECRETS, Settings};
use crate::stand_in::{Asked, answering, confirmation, dom_by, xml};

#[tokio::test]
async fn alive_and_ready_are_said_from_the_start() {
    let gateway = Settings::of("http://127.0.0.1:9").run().await;
    for (path, status, body) in
        [("/live", 200, "alive\n"), ("/ready", 200, "ready\n"), ("/health", 404, "known paths: ")]
    {
        let answer = gateway.admin(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.starts_with(body), "{path}: {}", answer.body);
    }
    // Stores are not served here.
    assert_eq!(gateway.admin(INVENTORY).await.status, 404);
}

#[tokio::test]
async fn calls_and_attempts_are_counted_by_operation_and_origin() {
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    let errors = "<Errors><Error ErrorCode=\"INV99901\" ErrorDescription=\"no\"/></Errors>";
    let dom = dom_by(move |asked: &Asked| match asked.api.as_str() {
        "multiApi" => xml(&answer),
        "reserveAvailableInventory" => xml(errors),
        _ => wiremock::ResponseTemplate::new(500),
    })
    .await;
    let store = answering(200, SOAP_11, confirmation(None)).await;
    let limits = "document_bytes = 50_000".to_owned();
    let gateway = Settings { limits, store: Some(store.uri()), ..Settings::of(dom.uri()) }.run().await;
    let history = exchange("history", "none", "store-request.xml");
    let released = exchange("order_sync", "released", "dom-event.xml");
    for document in [&question, &question, &reserve(), &reserve().replace("11651", "9"), &history, "<broken"]
    {
        gateway.ask(INVENTORY, document).await;
    }
    gateway.ask(INVENTORY, &" ".repeat(60_000)).await;
    gateway.ask(EVENTS, &released).await;
    gateway.ask("/nowhere", "<a/>").await;
    let metrics = gateway.admin("/metrics").await;
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    assert!(metrics.body.ends_with("# EOF\n"), "{}", metrics.body);
    let call = |caller: &str, operation: &str, origin: &str, code: &str, count: u32| {
        let labels =
            format!("caller=\"{caller}\",operation=\"{operation}\",origin=\"{origin}\",code=\"{code}\"");
        format!("gateway_calls_total{{{labels}}} {count}\n")
    };
    let attempt = |api: &str, origin: &str, code: &str, count: u32| {
        let labels = format!("dom=\"sterling\",api=\"{api}\",origin=\"{origin}\",code=\"{code}\"");
        format!("gateway_dom_attempts_total{{{labels}}} {count}\n")
    };
    for line in [
        call("nordlicht", "availability", "none", "", 2),
        call("nordlicht", "reserve", "dom", "GW-4010", 1),
        call("nordlicht", "reserve", "store", "GW-3003", 1),
        call("nordlicht", "history", "dom", "GW-4004", 1),
        call("nordlicht", "unknown", "store", "GW-1002", 1),
        call("nordlicht", "unknown", "store", "GW-1004", 1),
        call("sterling", "order_sync", "none", "", 1),
        call("nobody", "unknown", "store", "GW-1013", 1),
        attempt("multiApi", "none", "", 2),
        attempt("reserveAvailableInventory", "none", "", 1),
        attempt("getPage", "dom", "GW-4004", 2),
        "gateway_calls_under_way 0\n".to_owned(),
        "gateway_call_duration_seconds_count{caller=\"nordlicht\",operation=\"availability\"} 2\n".to_owned(),
    ] {
        assert!(metrics.body.contains(&line), "{line}\n{}", metrics.body);
    }
}

#[tokio::test]
async fn the_configuration_is_shown_without_any_secret() {
    let credentials = |kind: &str, variable: &str| {
        format!("kind = \"{kind}\"\nuser = \"somebody\"\npassword_env = \"{variable}\"\n")
    };
    let settings = Settings {
        store: Some("http://127.0.0.1:9".to_owned()),
        of_store: format!("[store.credentials]\n{}", credentials("basic", "STORE_PASSWORD")),
        of_inbound: format!(
            "[store.inbound.credentials]\n{}",
            credentials("username-token", "INBOUND_PASSWORD")
        ),
        of_dom: "[dom.login]\nmode = \"token\"\nuser = \"gateway\"\npassword_env = \"DOM_PASSWORD\"\n"
            .to_owned(),
        of_push: format!("[dom.push.credentials]\n{}", credentials("basic", "PUSH_PASSWORD")),
        ..Settings::of("http://127.0.0.1:9")
    };
    let gateway = settings.run().await;
    gateway.ask(INVENTORY, &availability()).await;
    let shown = gateway.admin("/config").await;
    assert_eq!((shown.status, shown.header("content-type")), (200, "application/json"));
    let config: serde_json::Value = serde_json::from_str(&shown.body).unwrap();
    assert!(config.is_object(), "{}", shown.body);
    for (variable, secret) in SECRETS {
        assert!(shown.body.contains(variable), "where it comes from is shown, {variable}: {}", shown.body);
        for path in ["/config", "/metrics", "/ready"] {
            assert!(!gateway.admin(path).await.body.contains(secret), "{path}, {variable}");
        }
    }
    for told in ["nordlicht", "/stores/nordlicht", "11651", "somebody", "username-token"] {
        assert!(shown.body.contains(told), "{told}: {}", shown.body);
    }
}

#[tokio::test]
async fn a_password_from_a_file_is_used_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dom");
    std::fs::write(&file, "s3cret-in-a-file\n").unwrap();
    let dom = crate::stand_in::dom("<Errors/>").await;
    let of_dom = format!(
        "[dom.login]\nmode = \"password\"\nuser = \"gateway\"\npassword_file = '{}'\n",
        file.display()
    );
    let gateway = Settings { of_dom, ..Settings::of(dom.uri()) }.run().await;
    gateway.ask(INVENTORY, &availability()).await;
    let sent = crate::stand_in::asked(&dom).await;
    assert_eq!(sent.first().unwrap().field("YFSEnvironment.password"), "s3cret-in-a-file");
    let shown = gateway.admin("/config").await.body;
    assert!(shown.contains("(secret from the file "), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
}
