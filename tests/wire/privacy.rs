//! No secret and nothing personal in a log line, a fault's text or a header, whatever goes well or wrong.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use dom_gateway::generation;
use gateway_mapping::{Context, Dialect, Mappings, Part};
use gateway_model::{Personal, Record, Value};
use gateway_wire::{Limits, Tree};
use http::Method;
use jiff::tz::TimeZone;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, fmt};
use wiremock::{MockServer, ResponseTemplate};

use crate::caller::{Answered, SOAP_11};
use crate::documents::{cases, envelope, replaced, soap_11};
use crate::gateway::{EVENTS, INVENTORY, Running, SECRETS, Settings};
use crate::stand_in::{Asked, answering, answers, answers_by, confirmation, xml};

/// What operations have a request of a store in their fixtures, and which an event of a DOM.
const QUESTIONS: &[&str] = &[
    "availability",
    "check",
    "reserve",
    "cancel_reservation",
    "decrement",
    "transfer",
    "history",
    "details",
];
const EVENTS_OF: &[&str] = &["order_sync", "order_created", "availability_sync"];

/// Nobody listens here.
const NOBODY: &str = "http://127.0.0.1:9";

const TOKEN: &str = "t0ken-of-the-dom";

/// The log of everything on this thread, at the finest level the configuration knows.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Log {
    fn begin(&self) -> tracing::subscriber::DefaultGuard {
        let lines = fmt::layer().json().flatten_event(true).with_writer(self.clone());
        let ours = [("dom_gateway", tracing::Level::TRACE), ("gateway", tracing::Level::TRACE)];
        let filter = Targets::new().with_default(tracing::Level::WARN).with_targets(ours);
        tracing::subscriber::set_default(tracing_subscriber::registry().with(lines.with_filter(filter)))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines that tell of a call.
    fn calls(&self) -> usize {
        self.text().lines().filter(|line| line.contains("\"request.id\"")).count()
    }
}

// === what must not be seen ===

fn mappings() -> Mappings {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    generation::load_mappings(&folder).outcome.unwrap()
}

/// The personal and secret values of a document, by the marks of the vocabulary.
fn personal_of(mappings: &Mappings, dialect: &Dialect, part: Part, document: &str) -> BTreeSet<String> {
    let tree = Tree::parse(document, mappings.names(), &Limits::default()).unwrap();
    let context = Context { organization: None, zone: &TimeZone::UTC };
    let mut found = BTreeSet::new();
    if let Ok(message) = dialect.route(&tree, tree.root(), Some(part)) {
        let record = message.read(&tree, tree.root(), &context).unwrap().record;
        collect(mappings, &record, Personal::No, &mut found);
    }
    found
}

fn collect(mappings: &Mappings, record: &Record<'_>, marked: Personal, found: &mut BTreeSet<String>) {
    let kind = mappings.vocabulary().record_type(record.kind).unwrap();
    for (field, value) in kind.fields.iter().zip(record.values()) {
        let marked = if marked == Personal::No { field.personal } else { marked };
        match value {
            Value::Text(text) if marked != Personal::No && is_telling(text.trim()) => {
                found.insert(text.trim().to_owned());
            }
            Value::Text(_) | Value::Absent => {}
            Value::Record(inner) => collect(mappings, inner, marked, found),
            Value::List(list) => list.iter().for_each(|inner| collect(mappings, inner, marked, found)),
        }
    }
}

/// Whether a text can be looked for: a shorter one, or a few digits, stand in any log by chance.
fn is_telling(text: &str) -> bool {
    let length = text.chars().count();
    length >= 8 || length >= 4 && text.chars().any(|c| !c.is_ascii_digit())
}

/// A document of a fixture, if the case has it.
fn file(case: &Path, name: &str) -> Option<String> {
    std::fs::read_to_string(case.join(name)).ok()
}

/// Everything personal in the fixtures, and every secret.
pub(crate) fn forbidden() -> BTreeSet<String> {
    let mappings = mappings();
    let (store, dom) = (mappings.dialect("hcl-commerce").unwrap(), mappings.dialect("sterling").unwrap());
    let mut all: BTreeSet<String> = SECRETS.iter().map(|(_, secret)| (*secret).to_owned()).collect();
    all.insert(TOKEN.to_owned());
    for operation in QUESTIONS.iter().chain(EVENTS_OF) {
        for case in cases(operation) {
            for (name, dialect, part) in [
                ("store-request.xml", store, Part::Request),
                ("dom-event.xml", dom, Part::Request),
                ("dom-answer.xml", dom, Part::Answer),
            ] {
                let document = file(&case, name);
                all.extend(
                    document.map(|text| personal_of(&mappings, dialect, part, &text)).unwrap_or_default(),
                );
            }
        }
    }
    all
}

// === what goes wrong ===

/// A document with each of its texts in turn made senseless or taken away, and cut at several places.
fn spoilt(document: &str) -> Vec<String> {
    let tree = roxmltree::Document::parse(document).unwrap();
    let texts = tree.descendants().filter(|node| node.is_text() && !node.text().unwrap().trim().is_empty());
    let mut spoilt = Vec::new();
    for range in texts.map(|node| node.range()) {
        let (before, after) = (document.get(..range.start).unwrap(), document.get(range.end..).unwrap());
        let text = document.get(range).unwrap();
        spoilt.extend(["?!", ""].map(|other| format!("{before}{other}{after}")));
        spoilt.push(format!("{before}{text} &{after}"));
    }
    let length = document.chars().count();
    spoilt.extend((1..10).map(|tenth| document.chars().take(length * tenth / 10).collect::<String>()));
    spoilt
}

/// What an answer says besides an echo of the question: headers, and the texts of its faults.
fn said(answer: &Answered) -> String {
    let mut said = format!("{:?}", answer.headers);
    match (answer.code(), answer.root().as_str()) {
        ("", _) | (_, "Errors") => {}
        (_, "Fault") => said.push_str(&answer.body),
        ("GW-4010", _) => {}
        _ => {
            let read = roxmltree::Document::parse(&answer.body).unwrap();
            let texts = read.descendants().filter(|node| {
                ["Description", "ReasonCode", "Reason", "Note"].contains(&node.tag_name().name())
            });
            texts.filter_map(|node| node.text()).for_each(|text| said.push_str(text));
        }
    }
    said
}

pub(crate) fn assert_nothing_of(forbidden: &BTreeSet<String>, what: &str, text: &str) {
    for value in forbidden {
        if let Some(at) = text.find(value.as_str()) {
            let around = text.get(at.saturating_sub(200)..).unwrap_or(text);
            let around: String = around.chars().take(500).collect();
            unreachable!("{what} shows `{value}`: {around}");
        }
    }
}

async fn gateway(dom: &str, store: &str) -> Running {
    let basic = |table: &str, variable: &str| {
        format!("[{table}.credentials]\nkind = \"basic\"\nuser = \"u\"\npassword_env = \"{variable}\"\n")
    };
    let settings = Settings {
        store: Some(store.to_owned()),
        of_store: basic("store", "STORE_PASSWORD"),
        of_inbound: basic("store.inbound", "INBOUND_PASSWORD").replace("\"basic\"", "\"username-token\""),
        of_dom: "[dom.login]\nmode = \"token\"\nuser = \"gateway\"\npassword_env = \"DOM_PASSWORD\"\n"
            .to_owned(),
        of_push: basic("dom.push", "PUSH_PASSWORD"),
        ..Settings::of(dom)
    };
    settings.run().await
}

async fn call(gateway: &Running, path: &str, document: String) -> Answered {
    let password = if path == EVENTS { "s3cret-of-the-push" } else { "s3cret-of-the-store" };
    let basic = gateway_transport::credentials::basic("u", password).unwrap();
    let headers = [("content-type", SOAP_11), ("authorization", basic.to_str().unwrap())];
    gateway.call(Method::POST, path, &headers, document).await
}

/// From now on the DOM gives a token and answers with this.
async fn tells(dom: &MockServer, status: u16, answer: String) {
    let answer = move |asked: &Asked| match asked.api.as_str() {
        "login" => xml(&format!("<Login UserToken=\"{TOKEN}\"/>")),
        _ => ResponseTemplate::new(status).set_body_raw(answer.clone(), "text/xml"),
    };
    answers_by(dom, answer).await;
}

#[tokio::test]
async fn the_fixtures_hold_what_is_looked_for() {
    let forbidden = forbidden();
    assert!(forbidden.len() > 40, "{forbidden:?}");
    for known in ["de Wïnter", "Grachtenstraat 8", "marit@example.org", "chk-0815", TOKEN] {
        assert!(forbidden.contains(known), "{known}: {forbidden:?}");
    }
}

#[tokio::test]
async fn questions_that_go_well_or_wrong_show_nothing_personal() {
    let (log, forbidden) = (Log::default(), forbidden());
    let _begun = log.begin();
    let mut calls = 0;
    let dom = MockServer::start().await;
    let gateway = gateway(&dom.uri(), NOBODY).await;
    for case in QUESTIONS.iter().flat_map(|operation| cases(operation)) {
        let Some(question) = file(&case, "store-request.xml") else { continue };
        let answer = file(&case, "dom-answer.xml").unwrap_or_default();
        let half: String = answer.chars().take(answer.chars().count() / 2).collect();
        let root = answer.split_once("?>").map_or("", |(_, root)| root);
        let senseless = root.replace("=\"1", "=\"x1").replace("=\"2", "=\"x2");
        for (status, answer) in
            [(200, answer.clone()), (500, answer), (200, half), (200, senseless), (200, question.clone())]
        {
            tells(&dom, status, answer).await;
            let answer = call(&gateway, INVENTORY, soap_11(&question)).await;
            calls += 1;
            assert_nothing_of(&forbidden, &format!("{} at {status}", case.display()), &said(&answer));
        }
    }
    assert_eq!(log.calls(), calls, "one line per call");
    assert_nothing_of(&forbidden, "the log", &log.text());
}

#[tokio::test]
async fn documents_with_faults_show_nothing_personal() {
    let (log, forbidden) = (Log::default(), forbidden());
    let _begun = log.begin();
    let dom = MockServer::start().await;
    tells(&dom, 500, String::new()).await;
    let store = answering(500, "text/html", "<html/>").await;
    let gateway = gateway(&dom.uri(), &store.uri()).await;
    let mut calls = 0;
    let documents = |operations: &[&'static str], name: &'static str| {
        let cases: Vec<_> = operations.iter().flat_map(|operation| cases(operation)).collect();
        cases.into_iter().filter_map(move |case| file(&case, name)).collect::<Vec<_>>()
    };
    let questions =
        documents(QUESTIONS, "store-request.xml").into_iter().map(|document| (INVENTORY, document));
    let events = documents(EVENTS_OF, "dom-event.xml").into_iter().map(|document| (EVENTS, document));
    let somebodys = |document: &str| forbidden.iter().any(|value| document.contains(value.as_str()));
    for (path, document) in questions.chain(events).filter(|(_, document)| somebodys(document)) {
        for spoilt in spoilt(&document) {
            let answer = call(&gateway, path, spoilt).await;
            calls += 1;
            assert_nothing_of(&forbidden, path, &said(&answer));
        }
    }
    assert!(calls > 500, "{calls}");
    assert_eq!(log.calls(), calls, "one line per call");
    assert_nothing_of(&forbidden, "the log", &log.text());
}

#[tokio::test]
async fn an_expression_with_a_fault_does_not_show_who_asks() {
    let log = Log::default();
    let _begun = log.begin();
    let dom = MockServer::start().await;
    tells(&dom, 500, String::new()).await;
    let gateway = gateway(&dom.uri(), NOBODY).await;
    let question = crate::documents::exchange("history", "first-page-of-several", "store-request.xml");
    let names =
        personal_of(&mappings(), mappings().dialect("hcl-commerce").unwrap(), Part::Request, &question);
    assert!(!names.is_empty(), "{question}");
    for name in &names {
        for (from, to) in [
            (format!("'{name}'"), format!("'{name}")),
            (format!("'{name}'"), name.clone()),
            (format!("'{name}'"), format!("'{name}''")),
            (format!("'{name}'"), format!("{name}={name}")),
            ("]]]".to_owned(), "]]".to_owned()),
            ("LogOnID".to_owned(), format!("{name} {name}")),
        ] {
            let answer = call(&gateway, INVENTORY, replaced(&question, &from, &to)).await;
            assert_nothing_of(&names, &to, &said(&answer));
        }
    }
    assert_nothing_of(&names, "the log", &log.text());
}

#[tokio::test]
async fn what_stores_and_doms_say_of_people_stays_with_them() {
    let log = Log::default();
    let _begun = log.begin();
    let people: BTreeSet<String> = ["Marit", "de Winter", TOKEN, "s3cret"].map(str::to_owned).into();
    let person = "Marit de Winter, Grachtenstraat 8";
    let (dom, store) = (MockServer::start().await, MockServer::start().await);
    let gateway = gateway(&dom.uri(), &store.uri()).await;
    let released = crate::documents::exchange("order_sync", "released", "dom-event.xml");
    let fault = format!(
        "<e:Fault xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><faultcode>e:Server</faultcode>\
         <faultstring>{person}</faultstring></e:Fault>"
    );
    let refused = confirmation(Some("_ERR_OS_PARAMS")).replace("The message is out of sequence.", person);
    for (status, body) in [
        (200, refused),
        (500, soap_11(&fault)),
        (500, format!("<html><body>{person}</body></html>")),
        (200, person.to_owned()),
    ] {
        answers(&store, status, "text/xml", body).await;
        let answer = call(&gateway, EVENTS, released.clone()).await;
        assert_ne!(answer.status, 200, "{}", answer.body);
        assert_nothing_of(&people, "a header", &format!("{:?}", answer.headers));
        // What the store itself says of its refusal is for the DOM; what it lets slip otherwise is not.
        if status == 500 {
            assert_nothing_of(&people, "the answer to a push", &answer.body);
        }
    }
    let errors = format!("<Errors><Error ErrorCode=\"INV1\" ErrorDescription=\"{person}\"/></Errors>");
    for (status, body) in [
        (200, errors),
        (500, format!("<html>{person}</html>")),
        (200, format!("<Greeting to=\"{person}\"/>")),
    ] {
        tells(&dom, status, body).await;
        let answer = call(&gateway, INVENTORY, crate::documents::reserve()).await;
        assert_nothing_of(&people, "an answer", &said(&answer));
    }
    assert_nothing_of(&people, "the log", &log.text());
}

#[tokio::test]
async fn credentials_of_refused_callers_are_nowhere() {
    let log = Log::default();
    let _begun = log.begin();
    let gateway = gateway(NOBODY, NOBODY).await;
    let shown: BTreeSet<String> = ["Hunter2", "c3RvcmU6SHVudGVyMg"].map(str::to_owned).into();
    let wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let token = format!(
        "<w:Security xmlns:w=\"{wsse}\"><w:UsernameToken><w:Username>Hunter2</w:Username>\
         <w:Password>Hunter2</w:Password></w:UsernameToken></w:Security>"
    );
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    for (path, document) in [
        (INVENTORY, envelope(soap, &token, &crate::documents::reserve())),
        (EVENTS, envelope(soap, &token, "<Order/>")),
        ("/stores/nordlicht/InventoryServices?_token=Hunter2", crate::documents::reserve()),
        ("/nowhere?_token=Hunter2", String::new()),
    ] {
        let headers = [("content-type", SOAP_11), ("authorization", "Basic c3RvcmU6SHVudGVyMg==")];
        let answer = gateway.call(Method::POST, path, &headers, document).await;
        assert!([401, 404].contains(&answer.status), "{path}: {}", answer.body);
        assert_nothing_of(&shown, path, &format!("{:?}{}", answer.headers, answer.body));
    }
    assert_eq!(log.calls(), 4);
    assert_nothing_of(&shown, "the log", &log.text());
}
