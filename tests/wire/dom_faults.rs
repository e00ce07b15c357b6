//! What a DOM, or the way to it, can do wrong: a code of its own for each, whose fault it is, whether the DOM may have
//! acted. Reads are tried again, writes are sent once; a reservation that may be held is given back.

use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::caller::Answered;
use crate::crooked::{Crooked, Does, closed};
use crate::documents::{availability, exchange, reserve, soap_11};
use crate::gateway::{INVENTORY, Settings};
use crate::stand_in::{answers, count};

const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Sorry</title></head><body>Try later</body></html>";
const ERRORS: &str = "<Errors><Error ErrorCode=\"INV99901\" ErrorDescription=\"No such item\"/></Errors>";
const NO_LOGIN: &str = "<?xml version=\"1.0\"?><Errors><Error ErrorCode=\"YCP0427\" ErrorDescription=\"Not authenticated\"/></Errors>";

/// Code, origin, whether the DOM may have acted, whether to send again.
type Fate = [&'static str; 4];

/// What becomes of a question and of a command, and how often the question is sent.
struct Expected {
    read: Fate,
    attempts: usize,
    write: Fate,
}

fn expected(
    code: &'static str,
    origin: &'static str,
    read: [&'static str; 2],
    write: [&'static str; 2],
) -> Expected {
    let fate = |[reached, repeat]: [&'static str; 2]| [code, origin, reached, repeat];
    let attempts = if read[1] == "safe" { 2 } else { 1 };
    Expected { read: fate(read), attempts, write: fate(write) }
}

/// A fault of which it is known that nothing was done.
fn nothing_done(code: &'static str, origin: &'static str, repeat: &'static str) -> Expected {
    expected(code, origin, ["no", repeat], ["no", repeat])
}

/// A fault that leaves open what was done.
fn ambiguous(code: &'static str) -> Expected {
    expected(code, "dom", ["yes", "safe"], ["maybe", "after-check"])
}

fn settings(dom: impl Into<String>) -> Settings {
    Settings { limits: "document_bytes = 60_000\n".to_owned(), ..Settings::of(dom) }
}

fn assert_server_fault(name: &str, answer: &Answered, fate: Fate, attempts: usize) {
    assert_eq!(answer.fate(), fate, "{name}: {}", answer.body);
    assert_eq!((answer.status, answer.attempts()), (500, attempts), "{name}: {}", answer.body);
    let fault = answer.soap_fault();
    assert_eq!((fault.version, fault.side), ("1.1", "Server"), "{name}: {}", answer.body);
    assert!(fault.text.starts_with(&format!("{}: ", fate[0])), "{name}: {}", fault.text);
    let said = ["code", "origin", "domMayHaveActed", "repeat"].map(|detail| fault.detail(detail));
    assert_eq!(said, fate, "{name}");
    assert_eq!(fault.detail("attempts"), attempts.to_string(), "{name}");
    assert!(!answer.body.contains("127.0.0.1"), "{name}: {}", answer.body);
}

/// A reservation is sent once. If it may be held it is given back, with as many attempts as a read has; here these fail as
/// well, so the store hears that nobody knows, and why.
fn assert_reservation(name: &str, answer: &Answered, fate: Fate, attempts: usize) {
    let [code, origin, reached, _] = fate;
    if reached == "no" {
        return assert_server_fault(name, answer, fate, 1);
    }
    assert_server_fault(name, answer, ["GW-4031", origin, "maybe", "safe"], 1 + attempts);
    assert!(answer.soap_fault().text.contains(&format!("({code})")), "{name}: {}", answer.body);
}

#[tokio::test]
async fn each_bad_answer_has_its_code_and_only_reads_are_tried_again() {
    let whole = exchange("availability", "items-online-and-physical", "dom-answer.xml");
    let half: String = whole.chars().take(whole.len() / 2).collect();
    let text = "text/html; charset=utf-8";
    let xml = "text/xml; charset=utf-8";
    let large = format!("<MultiApi>{}</MultiApi>", " ".repeat(70_000));
    for (name, (status, content_type, body), expected) in [
        ("an HTML page", (200, text, HTML), ambiguous("GW-4006")),
        ("text", (200, "text/plain", "OK"), ambiguous("GW-4006")),
        ("JSON", (200, "application/json", "{\"errors\": []}"), ambiguous("GW-4006")),
        ("an empty body", (200, xml, ""), ambiguous("GW-4007")),
        ("a body of white space", (200, xml, "\r\n"), ambiguous("GW-4007")),
        ("no content", (204, xml, ""), ambiguous("GW-4007")),
        ("half a document", (200, xml, &half), ambiguous("GW-4008")),
        ("401", (401, text, HTML), nothing_done("GW-4005", "dom", "useless")),
        ("401 without a body", (401, xml, ""), nothing_done("GW-4005", "dom", "useless")),
        ("403", (403, text, HTML), nothing_done("GW-4005", "dom", "useless")),
        ("no login, by its error code", (400, xml, NO_LOGIN), nothing_done("GW-4005", "dom", "useless")),
        ("no login, by code and status", (401, xml, NO_LOGIN), nothing_done("GW-4005", "dom", "useless")),
        ("no login, at status 200", (200, xml, NO_LOGIN), nothing_done("GW-4005", "dom", "useless")),
        ("401 with an error of another code", (401, xml, ERRORS), nothing_done("GW-4005", "dom", "useless")),
        ("404", (404, text, HTML), nothing_done("GW-4004", "dom", "useless")),
        ("429", (429, text, ""), nothing_done("GW-4011", "dom", "safe")),
        ("500", (500, text, HTML), ambiguous("GW-4004")),
        ("500 with a document", (500, xml, &whole), ambiguous("GW-4004")),
        ("502", (502, text, HTML), ambiguous("GW-4004")),
        ("503", (503, text, ""), ambiguous("GW-4011")),
        ("a redirection", (302, text, ""), ambiguous("GW-4004")),
        (
            "more than it may be",
            (200, xml, &large),
            expected("GW-4009", "dom", ["yes", "useless"], ["yes", "after-check"]),
        ),
    ] {
        // One that has not repeated anything yet: of a DOM that answers nothing, few calls are repeated.
        // Not one that other tests get next: what is owed is asked for after the test's own calls.
        let dom = MockServer::builder().start().await;
        let gateway = settings(dom.uri()).run().await;
        answers(&dom, status, content_type, body).await;
        let read = gateway.ask(INVENTORY, &soap_11(&availability())).await;
        assert_server_fault(name, &read, expected.read, expected.attempts);
        assert_eq!(count(&dom).await, expected.attempts, "{name}");
        let write = gateway.ask(INVENTORY, &soap_11(&reserve())).await;
        assert_reservation(name, &write, expected.write, expected.attempts);
    }
}

#[tokio::test]
async fn an_answer_that_came_whole_and_is_none_is_not_asked_for_again() {
    let availability = availability();
    let number = exchange("availability", "items-online-and-physical", "dom-answer.xml");
    let number =
        crate::documents::replaced(&number, "OnhandAvailableQuantity=\"", "OnhandAvailableQuantity=\"x");
    for (name, body, code) in [
        ("no well-formed XML", "<MultiApi><API Name=></MultiApi>", "GW-4006"),
        ("a document type", "<!DOCTYPE MultiApi [<!ENTITY a \"b\">]><MultiApi/>", "GW-4006"),
        ("another document", "<Greeting/>", "GW-4009"),
        ("the answer in another namespace", "<MultiApi xmlns=\"urn:other\"/>", "GW-4009"),
        ("a quantity that is no number", &number, "GW-3002"),
    ] {
        let dom = MockServer::builder().start().await;
        let gateway = settings(dom.uri()).run().await;
        answers(&dom, 200, "text/xml", body).await;
        let answer = gateway.ask(INVENTORY, &availability).await;
        assert_server_fault(name, &answer, [code, "dom", "yes", "safe"], 1);
        assert_eq!(count(&dom).await, 1, "{name}");
        // Of a command nobody knows whether it was carried out, nor of what is to undo it.
        let reserved = match body {
            body if body == number => exchange("reserve", "partly-reserved", "dom-answer.xml")
                .replace("ReservedQty=\"", "ReservedQty=\"x"),
            body => body.to_owned(),
        };
        answers(&dom, 200, "text/xml", reserved).await;
        let answer = gateway.ask(INVENTORY, &reserve()).await;
        assert_reservation(name, &answer, [code, "dom", "maybe", "after-check"], 1);
    }
}

#[tokio::test]
async fn each_broken_way_has_its_code_and_only_reads_are_tried_again() {
    let network = |code, reached| {
        let write = [reached, "after-check"];
        expected(code, "network", [reached, "safe"], write)
    };
    // Short where it has to be met.
    let silence: &[_] =
        &[("availability", 60_000, 300), ("reserve", 60_000, 300), ("cancel_reservation", 60_000, 300)];
    for (does, deadlines, expected) in [
        (Does::Resets, &[][..], network("GW-4003", "maybe")),
        (Does::HangsUp, &[], network("GW-4003", "maybe")),
        (Does::SpeaksNoHttp, &[], network("GW-4003", "maybe")),
        (Does::CutsItsAnswer, &[], network("GW-4008", "yes")),
        (Does::Nothing, silence, network("GW-4002", "maybe")),
        (Does::StopsAfterTheHead, silence, network("GW-4002", "yes")),
    ] {
        let name = format!("{does:?}");
        let dom = Crooked::that(does).await;
        let gateway = Settings { deadlines, ..settings(dom.url.clone()) }.run().await;
        let read = gateway.ask(INVENTORY, &availability()).await;
        assert_server_fault(&name, &read, expected.read, 2);
        assert_eq!(dom.requests(), 2, "{name}");
        let write = gateway.ask(INVENTORY, &reserve()).await;
        assert_reservation(&name, &write, expected.write, 2);
    }
}

#[tokio::test]
async fn a_dom_that_is_not_there_got_nothing() {
    let (url, _kept) = closed();
    let gateway = settings(url).run().await;
    let fate = ["GW-4001", "network", "no", "safe"];
    assert_server_fault("a question", &gateway.ask(INVENTORY, &availability()).await, fate, 2);
    assert_server_fault("a command", &gateway.ask(INVENTORY, &reserve()).await, fate, 1);
}

#[tokio::test]
async fn the_time_of_a_call_ends_it_also_between_attempts() {
    let dom = Crooked::that(Does::Nothing).await;
    let deadlines = &[("availability", 300, 300)];
    let gateway = Settings { deadlines, ..Settings::of(dom.url.clone()) }.run().await;
    let answer = gateway.ask(INVENTORY, &availability()).await;
    assert_server_fault("silence", &answer, ["GW-4012", "network", "maybe", "safe"], 1);
}

#[tokio::test]
async fn errors_of_the_dom_are_answered_in_band_at_any_status() {
    let dom = MockServer::start().await;
    let gateway = settings(dom.uri()).run().await;
    for status in [200, 400, 403, 500, 503] {
        answers(&dom, status, "text/xml", ERRORS).await;
        for (document, root) in
            [(availability(), "ShowInventoryAvailability"), (reserve(), "AcknowledgeInventoryRequirement")]
        {
            let answer = gateway.ask(INVENTORY, &soap_11(&document)).await;
            assert_eq!(answer.status, 200, "{status}: {}", answer.body);
            assert_eq!(answer.fate(), ["GW-4010", "dom", "yes", "useless"], "{status}");
            let refused = answer.in_band();
            assert_eq!((refused.root.as_str(), refused.code.as_str()), (root, "ERROR"), "{status}");
            assert_eq!(refused.reason_code, "INV99901", "{status}");
            assert_eq!(refused.description, "No such item", "{status}");
            assert!(document.contains(&refused.original) && !refused.original.is_empty(), "{status}");
        }
        assert_eq!(count(&dom).await, 2, "{status}: business errors are not tried again");
    }
}

#[tokio::test]
async fn a_question_is_answered_by_the_second_attempt_when_the_first_failed() {
    let (question, answer) =
        crate::documents::question_and_answer("availability", "items-online-and-physical");
    let dom = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .with_priority(1)
        .mount(&dom)
        .await;
    Mock::given(any()).respond_with(crate::stand_in::xml(&answer)).mount(&dom).await;
    let gateway = settings(dom.uri()).run().await;
    let answer = gateway.ask(INVENTORY, &question).await;
    assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 2), "{}", answer.body);
    assert_eq!(count(&dom).await, 2);
}
