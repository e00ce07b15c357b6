//! What stores and DOMs have to show to be heard, and what the gateway shows a store.

use gateway_transport::credentials;
use http::Method;

use crate::caller::{Answered, SOAP_11, SOAP_12};
use crate::documents::{envelope, exchange, question_and_answer, soap_11};
use crate::gateway::{EVENTS, INVENTORY, Running, Settings};
use crate::stand_in::{answering, count, dom};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const PROFILE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";
const PASSWORD: &str = "s3cret-of-the-store";

/// `Base64(SHA-1(nonce + created + password))`, worked out by another program.
const NONCE: &str = "MDEyMzQ1Njc4OWFiY2RlZg==";
const CREATED: &str = "2026-01-01T00:00:00Z";
const DIGEST: &str = "ZF2pTuJsPhtGAC869WNfIARVVTc=";

fn settings(dom: impl Into<String>, kind: &str) -> Settings {
    let of_store = format!(
        "[store.credentials]\nkind = \"{kind}\"\nuser = \"store\"\npassword_env = \"STORE_PASSWORD\"\n"
    );
    Settings { of_store, ..Settings::of(dom) }
}

/// A WS-Security header with a user name token.
fn token(user: &str, password: &str) -> String {
    format!(
        "<w:Security xmlns:w=\"{WSSE}\" xmlns:e=\"{SOAP}\" e:mustUnderstand=\"1\"><w:UsernameToken>\
         <w:Username>{user}</w:Username>{password}</w:UsernameToken></w:Security>"
    )
}

fn text(password: &str) -> String {
    format!("<w:Password Type=\"{PROFILE}#PasswordText\">{password}</w:Password>")
}

fn digest(digest: &str, nonce: &str, created: &str) -> String {
    format!(
        "<w:Password Type=\"{PROFILE}#PasswordDigest\">{digest}</w:Password><w:Nonce>{nonce}</w:Nonce>\
         <u:Created xmlns:u=\"{WSU}\">{created}</u:Created>"
    )
}

fn assert_not_let_in(name: &str, answer: &Answered) {
    assert_eq!((answer.status, answer.code()), (401, "GW-1012"), "{name}: {}", answer.body);
    assert_eq!(answer.fate(), ["GW-1012", "store", "no", "useless"], "{name}");
    let fault = answer.soap_fault();
    assert_eq!((fault.side, fault.detail("code")), ("Client", "GW-1012"), "{name}");
    assert!(!answer.body.contains("s3cret"), "{name}: {}", answer.body);
}

async fn ask_with(gateway: &Running, authorization: &str, document: &str) -> Answered {
    let mut headers = vec![("content-type", SOAP_11)];
    if !authorization.is_empty() {
        headers.push(("authorization", authorization));
    }
    gateway.call(Method::POST, INVENTORY, &headers, document.to_owned()).await
}

#[tokio::test]
async fn only_the_right_basic_credentials_are_let_in() {
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    let dom = dom(&answer).await;
    let gateway = settings(dom.uri(), "basic").run().await;
    let basic =
        |user: &str, password: &str| credentials::basic(user, password).unwrap().to_str().unwrap().to_owned();
    for (name, authorization) in [
        ("none", String::new()),
        ("a wrong password", basic("store", "s3cret")),
        ("a wrong user", basic("Store", PASSWORD)),
        ("no password", basic("store", "")),
        ("another scheme", basic("store", PASSWORD).replace("Basic", "Bearer")),
        ("no base64", "Basic store:s3cret-of-the-store".to_owned()),
    ] {
        let answer = ask_with(&gateway, &authorization, &soap_11(&question)).await;
        assert_not_let_in(name, &answer);
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{name}");
    }
    // Whoever may not ask does not learn what is wrong with a document either.
    assert_not_let_in("no document", &ask_with(&gateway, "", "<broken").await);
    assert_eq!(count(&dom).await, 0);
    let answer = ask_with(&gateway, &basic("store", PASSWORD), &question).await;
    assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
    assert_eq!(count(&dom).await, 1);
}

#[tokio::test]
async fn only_the_right_username_token_is_let_in() {
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    let dom = dom(&answer).await;
    let gateway = settings(dom.uri(), "username-token").run().await;
    for (name, header) in [
        ("no token", String::new()),
        ("no password", token("store", "")),
        ("an empty password", token("store", &text(""))),
        ("a wrong password", token("store", &text("s3cret"))),
        ("a wrong user", token("nobody", &text(PASSWORD))),
        ("the password as a digest", token("store", &digest(PASSWORD, NONCE, CREATED))),
        ("a digest of another time", token("store", &digest(DIGEST, NONCE, "2026-01-02T00:00:00Z"))),
        ("a digest of another nonce", token("store", &digest(DIGEST, "bm9uY2U=", CREATED))),
        ("a digest without a nonce", token("store", &digest(DIGEST, "", CREATED))),
        ("the digest as a password", token("store", &text(DIGEST))),
        ("another's namespace", token("store", &text(PASSWORD)).replace(WSSE, "urn:other")),
    ] {
        let answer = gateway.ask(INVENTORY, &envelope(SOAP, &header, &question)).await;
        assert_not_let_in(name, &answer);
    }
    // A bare document has no place for a token.
    assert_not_let_in("a bare document", &gateway.ask(INVENTORY, &question).await);
    assert_eq!(count(&dom).await, 0);
    for (name, header) in [
        ("text", token("store", &text(PASSWORD))),
        ("text without a type", token("store", &format!("<w:Password>{PASSWORD}</w:Password>"))),
        // However old, and however often it was shown: replicas share no memory of nonces.
        ("a digest", token("store", &digest(DIGEST, NONCE, CREATED))),
    ] {
        let answer = gateway.ask(INVENTORY, &envelope(SOAP, &header, &question)).await;
        assert_eq!((answer.status, answer.code()), (200, ""), "{name}: {}", answer.body);
    }
    let soap_12 = envelope("http://www.w3.org/2003/05/soap-envelope", &token("store", &text("x")), &question);
    let answer = gateway.post(INVENTORY, SOAP_12, soap_12).await;
    assert_not_let_in("a wrong password in SOAP 1.2", &answer);
    assert_eq!(answer.soap_fault().version, "1.2");
    assert_eq!(count(&dom).await, 3);
}

#[tokio::test]
async fn pushes_have_to_show_their_own_credentials() {
    let store = answering(200, "text/xml", crate::stand_in::confirmation(None)).await;
    let of_push =
        "[dom.push.credentials]\nkind = \"basic\"\nuser = \"dom\"\npassword_env = \"PUSH_PASSWORD\"\n"
            .to_owned();
    let gateway =
        Settings { of_push, store: Some(store.uri()), ..Settings::of("http://127.0.0.1:9") }.run().await;
    let event = exchange("order_sync", "released", "dom-event.xml");
    let push = async |authorization: &str| {
        let headers = [("content-type", SOAP_11), ("authorization", authorization)];
        gateway.call(Method::POST, EVENTS, &headers, event.clone()).await
    };
    let basic = |password| credentials::basic("dom", password).unwrap();
    for authorization in ["", "Basic", basic("s3cret").to_str().unwrap(), basic(PASSWORD).to_str().unwrap()] {
        let answer = push(authorization).await;
        assert_eq!((answer.status, answer.code()), (401, "GW-1012"), "{authorization}");
        assert_eq!(answer.root(), "Errors", "{}", answer.body);
        assert!(!answer.body.contains("s3cret"), "{}", answer.body);
    }
    assert_eq!(count(&store).await, 0);
    let answer = push(basic("s3cret-of-the-push").to_str().unwrap()).await;
    assert_eq!((answer.status, answer.root().as_str()), (200, "ApiSuccess"), "{}", answer.body);
    assert_eq!(count(&store).await, 1);
}

#[tokio::test]
async fn the_gateway_shows_the_store_what_is_configured() {
    let event = exchange("order_sync", "released", "dom-event.xml");
    for kind in ["none", "basic", "username-token"] {
        let store = answering(200, "text/xml", crate::stand_in::confirmation(None)).await;
        let of_inbound = match kind {
            "none" => String::new(),
            kind => format!(
                "[store.inbound.credentials]\nkind = \"{kind}\"\nuser = \"domuser\"\npassword_env = \"INBOUND_PASSWORD\"\n"
            ),
        };
        let store_url = Some(store.uri());
        let settings = Settings { of_inbound, store: store_url, ..Settings::of("http://127.0.0.1:9") };
        let answer = settings.run().await.ask(EVENTS, &event).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.body);
        let sent = store.received_requests().await.unwrap();
        let sent = sent.first().unwrap();
        let basic = credentials::basic("domuser", "s3cret-of-the-inbound").unwrap();
        let authorization = sent.headers.get("authorization");
        assert_eq!(authorization, (kind == "basic").then_some(&basic), "{kind}");
        let document = String::from_utf8(sent.body.clone()).unwrap();
        let shown = ["Username", "Password"].map(|name| crate::caller::first(&document, name));
        let expected = if kind == "username-token" { ["domuser", "s3cret-of-the-inbound"] } else { ["", ""] };
        assert_eq!(shown, expected, "{kind}");
    }
}
