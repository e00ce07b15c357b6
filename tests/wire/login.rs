//! How the gateway shows a DOM who it is, and what becomes of a login that fails.

use futures_util::future::join_all;
use gateway_transport::credentials;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wiremock::{MockServer, ResponseTemplate};

use crate::caller::attribute;
use crate::crooked::{Crooked, Does};
use crate::documents::{exchange, question_and_answer, reserve};
use crate::gateway::{INVENTORY, Settings};
use crate::stand_in::{Asked, answering, asked, dom_by, xml};

const PASSWORD: &str = "s3cret-of-the-dom";
const NO_LOGIN: &str =
    "<Errors><Error ErrorCode=\"YCP0427\" ErrorDescription=\"Not authenticated\"/></Errors>";

fn settings(dom: impl Into<String>, mode: &str) -> Settings {
    let of_dom =
        format!("[dom.login]\nmode = \"{mode}\"\nuser = \"gateway\"\npassword_env = \"DOM_PASSWORD\"\n");
    Settings { of_dom, ..Settings::of(dom) }
}

/// A DOM with the tokens `token-1`, `token-2`, ..., that answers calls which show a token it takes.
async fn dom_with_tokens(takes: impl Fn(&str) -> bool + Send + Sync + 'static) -> MockServer {
    let (_, answer) = question_and_answer("availability", "items-online-and-physical");
    let given = Arc::new(AtomicUsize::new(0));
    dom_by(move |asked: &Asked| match asked.api.as_str() {
        "login" => {
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            xml(&format!("<Login LoginID=\"gateway\" UserToken=\"token-{number}\"/>"))
        }
        _ if takes(asked.field("YFSEnvironment.userToken")) => xml(&answer),
        _ => ResponseTemplate::new(400).set_body_raw(NO_LOGIN, "text/xml"),
    })
    .await
}

async fn apis(dom: &MockServer) -> Vec<String> {
    asked(dom).await.into_iter().map(|asked| asked.api).collect()
}

#[tokio::test]
async fn many_calls_at_once_log_in_once() {
    let dom = dom_with_tokens(|token| token == "token-1").await;
    let gateway = settings(dom.uri(), "token").run().await;
    let (question, _) = question_and_answer("availability", "items-online-and-physical");
    let answers = join_all((0..12).map(|_| gateway.ask(INVENTORY, &question))).await;
    for answer in &answers {
        assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 1), "{}", answer.body);
    }
    let sent = asked(&dom).await;
    let (logins, calls): (Vec<_>, Vec<_>) = sent.iter().partition(|asked| asked.api == "login");
    assert_eq!((logins.len(), calls.len()), (1, 12));
    let login = logins.first().unwrap();
    assert_eq!(attribute(&login.document, "Login", "LoginID"), "gateway");
    assert_eq!(attribute(&login.document, "Login", "Password"), PASSWORD);
    assert_eq!(login.field("YFSEnvironment.userToken"), "");
    for call in calls {
        assert_eq!(call.field("YFSEnvironment.userId"), "gateway");
        assert_eq!(call.field("YFSEnvironment.userToken"), "token-1");
        assert_eq!(call.field("YFSEnvironment.password"), "");
    }
}

#[tokio::test]
async fn a_token_the_dom_refuses_costs_one_login_and_one_more_try() {
    let dom = dom_with_tokens(|token| token == "token-2").await;
    let gateway = settings(dom.uri(), "token").run().await;
    let (question, _) = question_and_answer("availability", "items-online-and-physical");
    let answer = gateway.ask(INVENTORY, &question).await;
    assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 2), "{}", answer.body);
    assert_eq!(apis(&dom).await, ["login", "multiApi", "login", "multiApi"]);
    // The new token is kept.
    let answer = gateway.ask(INVENTORY, &question).await;
    assert_eq!(answer.attempts(), 1);
    assert_eq!(apis(&dom).await.len(), 5);
}

#[tokio::test]
async fn a_token_refused_again_and_again_is_a_fault_and_no_storm() {
    let dom = dom_with_tokens(|_| false).await;
    let gateway = settings(dom.uri(), "token").run().await;
    for document in [exchange("availability", "refused", "store-request.xml"), reserve()] {
        let before = apis(&dom).await.len();
        let answer = gateway.ask(INVENTORY, &document).await;
        assert_eq!(answer.fate(), ["GW-4005", "dom", "no", "useless"], "{}", answer.body);
        assert_eq!((answer.status, answer.soap_fault().side, answer.attempts()), (500, "Server", 2));
        assert!(apis(&dom).await.len() - before <= 4);
    }
}

#[tokio::test]
async fn a_status_refuses_a_token_as_well_as_an_error_code() {
    for status in [401, 403] {
        let dom = dom_by(move |asked: &Asked| match asked.api.as_str() {
            "login" => xml("<Login LoginID=\"gateway\" UserToken=\"t\"/>"),
            _ => ResponseTemplate::new(status),
        })
        .await;
        let gateway = settings(dom.uri(), "token").run().await;
        let answer = gateway.ask(INVENTORY, &reserve()).await;
        assert_eq!(answer.fate(), ["GW-4005", "dom", "no", "useless"], "{status}: {}", answer.body);
        let calls = ["login", "reserveAvailableInventory", "login", "reserveAvailableInventory"];
        assert_eq!(apis(&dom).await, calls, "{status}");
    }
}

#[tokio::test]
async fn password_and_basic_go_with_every_call_and_need_no_login() {
    for mode in ["password", "basic", "none"] {
        let (question, answer) = question_and_answer("availability", "items-online-and-physical");
        let dom = crate::stand_in::dom(&answer).await;
        let settings = match mode {
            "none" => Settings::of(dom.uri()),
            mode => settings(dom.uri(), mode),
        };
        assert_eq!(settings.run().await.ask(INVENTORY, &question).await.status, 200, "{mode}");
        let sent = asked(&dom).await;
        let [call] = sent.as_slice() else { unreachable!("{mode}: {sent:?}") };
        let shown = ["YFSEnvironment.userId", "YFSEnvironment.password", "YFSEnvironment.userToken"];
        let shown = shown.map(|name| call.field(name));
        let basic = credentials::basic("gateway", PASSWORD).unwrap();
        match mode {
            "password" => assert_eq!((shown, call.header("authorization")), (["gateway", PASSWORD, ""], "")),
            "basic" => {
                assert_eq!((shown, call.header("authorization")), (["", "", ""], basic.to_str().unwrap()))
            }
            _ => assert_eq!((shown, call.header("authorization")), (["", "", ""], "")),
        }
    }
}

#[tokio::test]
async fn a_login_that_fails_is_told_clearly_and_nothing_of_the_call_is_sent() {
    let errors = "<Errors><Error ErrorCode=\"YFS10003\" ErrorDescription=\"bad password\"/></Errors>";
    for (name, status, body, fate) in [
        ("refused", 200, errors, ["GW-4005", "dom", "no", "useless"]),
        ("refused by its code", 400, NO_LOGIN, ["GW-4005", "dom", "no", "useless"]),
        ("refused by its status", 401, "", ["GW-4005", "dom", "no", "useless"]),
        ("no token", 200, "<Login LoginID=\"gateway\"/>", ["GW-4005", "dom", "no", "useless"]),
        ("an empty token", 200, "<Login UserToken=\"\"/>", ["GW-4005", "dom", "no", "useless"]),
        ("an HTML page", 200, "<!DOCTYPE html><html/>", ["GW-4006", "dom", "no", "safe"]),
        ("an empty body", 200, "", ["GW-4007", "dom", "no", "safe"]),
        ("half a document", 200, "<Login UserToken=\"t", ["GW-4008", "dom", "no", "safe"]),
        ("not well-formed", 200, "<Login UserToken=></Login>", ["GW-4006", "dom", "no", "safe"]),
        ("a status", 500, "", ["GW-4004", "dom", "no", "safe"]),
    ] {
        let dom = answering(status, "text/xml", body).await;
        let gateway = settings(dom.uri(), "token").run().await;
        let answer = gateway.ask(INVENTORY, &reserve()).await;
        assert_eq!(answer.fate(), fate, "{name}: {}", answer.body);
        assert_eq!((answer.status, answer.attempts()), (500, 0), "{name}: {}", answer.body);
        assert_eq!(answer.soap_fault().side, "Server", "{name}");
        assert!(answer.soap_fault().text.contains("login"), "{name}: {}", answer.body);
        assert!(!answer.body.contains(PASSWORD), "{name}");
        assert_eq!(apis(&dom).await, ["login"], "{name}");
    }
}

#[tokio::test]
async fn callers_that_wait_for_a_silent_login_have_sent_nothing() {
    let dom = Crooked::that(Does::Nothing).await;
    let deadlines = &[("reserve", 60_000, 300)];
    let gateway = Settings { deadlines, ..settings(dom.url.clone(), "token") }.run().await;
    let reserve = reserve();
    for answer in join_all((0..4).map(|_| gateway.ask(INVENTORY, &reserve))).await {
        assert_eq!(answer.fate(), ["GW-4002", "network", "no", "safe"], "{}", answer.body);
        assert_eq!((answer.status, answer.attempts()), (500, 0));
    }
}

#[tokio::test]
async fn whoever_waits_for_the_login_of_a_more_patient_call_has_sent_nothing() {
    let dom = Crooked::that(Does::Nothing).await;
    let deadlines = &[("availability", 60_000, 300)];
    let gateway = Settings { deadlines, ..settings(dom.url.clone(), "token") }.run().await;
    let (patient, question) = (reserve(), crate::documents::availability());
    let waiting = async {
        while dom.requests() == 0 {
            tokio::task::yield_now().await;
        }
        gateway.ask(INVENTORY, &question).await
    };
    tokio::select! {
        answer = waiting => {
            assert_eq!(answer.fate(), ["GW-4002", "network", "no", "safe"], "{}", answer.body);
            assert_eq!((answer.status, answer.attempts()), (500, 0));
        }
        answer = gateway.ask(INVENTORY, &patient) => unreachable!("{answer:?}"),
    }
    assert_eq!(dom.requests(), 1);
}

#[tokio::test]
async fn a_rest_login_is_shown_in_the_query() {
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    for (mode, query) in [
        ("token", "_loginid=gateway&_token=t%2F1"),
        ("password", "_loginid=gateway&_password=s3cret-of-the-dom"),
        ("basic", ""),
    ] {
        let answer = answer.clone();
        let dom = dom_by(move |asked: &Asked| match asked.api.as_str() {
            "login" => xml("<Login LoginID=\"gateway\" UserToken=\"t/1\"/>"),
            _ => xml(&answer),
        })
        .await;
        let gateway = Settings { connection: "rest".to_owned(), ..settings(dom.uri(), mode) }.run().await;
        assert_eq!(gateway.ask(INVENTORY, &question).await.status, 200, "{mode}");
        let sent = asked(&dom).await;
        let call = sent.last().unwrap();
        assert_eq!(call.request.url.query().unwrap_or_default(), query, "{mode}");
        assert_eq!(call.request.url.path(), "/smcfs/restapi/invoke/multiApi", "{mode}");
        let logins = sent.iter().filter(|asked| asked.api == "login").count();
        assert_eq!(logins, usize::from(mode == "token"), "{mode}");
    }
}
