//! Documents that are not understood: a SOAP fault of the caller in the form it wrote in, with code and place, and
//! nothing sent to the DOM.

use crate::caller::{Answered, SOAP_11, SOAP_12};
use crate::documents::{availability, envelope, replaced, reserve, soap_11, soap_12};
use crate::gateway::{INVENTORY, ORDERS, Running, Settings};
use crate::stand_in::{count, dom};

/// A document that is refused.
struct Case {
    name: &'static str,
    document: Vec<u8>,
    code: &'static str,
    /// The line of the document in which the fault is; none for what has no lines.
    line: Option<u32>,
}

fn case(name: &'static str, document: impl Into<Vec<u8>>, code: &'static str, line: u32) -> Case {
    Case { name, document: document.into(), code, line: (line > 0).then_some(line) }
}

/// What is wrong with these does not depend on an envelope, and it stands on the same line inside one.
fn in_any_form() -> Vec<Case> {
    let question = availability();
    let inventory = "http://www.ibm.com/xmlns/prod/commerce/9/inventory";
    let nested = format!("<a>\n{}", "<b>".repeat(60));
    let wide: String = (0..40).map(|number| format!(" a{number}=\"\"")).collect();
    let with_root = |root: &str| replaced(&question, "\n", "").replace("GetInventoryAvailability", root);
    vec![
        case("a root element nobody knows", "\n<Greeting/>", "GW-1008", 2),
        case("a root of the store's that no store asks", with_root("GetWeather"), "GW-1008", 1),
        case("an answer instead of a question", with_root("ShowInventoryAvailability"), "GW-1008", 1),
        case(
            "the namespace of another version",
            question.replace(inventory, "http://www.ibm.com/xmlns/prod/commerce/10/inventory"),
            "GW-1010",
            2,
        ),
        case("no namespace at all", "\n\n<GetInventoryAvailability/>", "GW-1010", 3),
        case("an unknown action", reserve().replace("ReserveInventory", "HoldInventory"), "GW-1009", 2),
        case("no action", reserve().replace("actionCode=\"ReserveInventory\"", ""), "GW-1009", 2),
        case("an unknown access profile", profile("IBM_Everything"), "GW-1009", 2),
        case("an end tag that does not match", "<a>\n  <b></c>\n</a>", "GW-1001", 2),
        case("an unescaped ampersand", "<a>\n\nA & B</a>", "GW-1001", 3),
        case("an undeclared prefix", "<a>\n<x:b/></a>", "GW-1001", 2),
        case("an entity nobody declared", "<a>\n&secret;</a>", "GW-1001", 2),
        case("an attribute twice", "<a>\n<b c=\"1\" c=\"2\"/></a>", "GW-1001", 2),
        case("a control character", "<a>\n\u{1}</a>", "GW-1001", 2),
        case("elements deeper than the limit", nested, "GW-1004", 2),
        case("more attributes than the limit", format!("<a>\n<b{wide}/></a>"), "GW-1004", 2),
        case("a text longer than the limit", format!("<a>\n<b>{}</b></a>", "x".repeat(5_000)), "GW-1004", 2),
        case("bytes that are no UTF-8", b"<a>\n\xC3\x28</a>".to_vec(), "GW-1005", 2),
    ]
}

/// What is wrong with these is outside any envelope, so the form is known by the content type alone.
fn in_no_form() -> Vec<Case> {
    let question = availability();
    let cut = question.len() / 2;
    let half: String = question.chars().take(cut).collect();
    let lines = u32::try_from(half.lines().count()).unwrap();
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    vec![
        case("an empty body", "", "GW-1006", 0),
        case("white space", " \n ", "GW-1006", 0),
        case("no XML", "\nGET / HTTP/1.1", "GW-1001", 2),
        case("JSON", "{\"store\": \"11651\"}", "GW-1001", 1),
        case("a document cut in half", half, "GW-1002", lines),
        case("an element that does not end", "<a>\n<b>", "GW-1002", 2),
        case("two roots", "<a/>\n<b/>", "GW-1001", 2),
        case(
            "a document type",
            "<?xml version=\"1.0\"?><!DOCTYPE a SYSTEM \"http://127.0.0.1/a\"><a/>",
            "GW-1003",
            1,
        ),
        case(
            "entities that swell",
            "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>",
            "GW-1003",
            1,
        ),
        case("an encoding nobody knows", "<?xml version=\"1.0\" encoding=\"EBCDIC-9\"?><a/>", "GW-1005", 0),
        case("half a character of UTF-16", b"\xFF\xFE<\0a\0/\0>".to_vec(), "GW-1005", 0),
        case("an envelope of no known version", envelope("urn:soap:3", "", "<a/>"), "GW-1007", 1),
        case(
            "an envelope without a body",
            format!("<e:Envelope xmlns:e=\"{soap}\">\n<e:Header/></e:Envelope>"),
            "GW-1007",
            1,
        ),
        case("an empty envelope", soap_11("\n"), "GW-1007", 1),
        case("an envelope with two documents", soap_11("<a/>\n<b/>"), "GW-1007", 1),
    ]
}

fn profile(name: &str) -> String {
    let text = crate::documents::exchange("history", "none", "store-request.xml");
    replaced(&text, "IBM_External_Summary", name)
}

/// The three forms of a document that begins on the first line of each.
fn forms(document: &[u8]) -> [(&'static str, &'static str, Vec<u8>); 3] {
    let around = |whole: String| {
        let (before, after) = whole.split_once('*').unwrap();
        // A declaration may stand only at the very beginning; its line end stays, so that lines are the same.
        let start = document.iter().position(|byte| *byte == b'>').map_or(0, |end| end + 1);
        let inner = if document.starts_with(b"<?xml") { document.get(start..).unwrap() } else { document };
        [before.as_bytes(), inner, after.as_bytes()].concat()
    };
    [
        ("1.1", SOAP_11, document.to_vec()),
        ("1.1", SOAP_11, around(soap_11("*"))),
        ("1.2", SOAP_12, around(soap_12("*"))),
    ]
}

fn assert_refused(case: &Case, version: &str, answer: &Answered) {
    let Case { name, code, line, .. } = case;
    let status = if version == "1.2" { 400 } else { 500 };
    assert_eq!(answer.fate(), [*code, "store", "no", "useless"], "{name}: {}", answer.body);
    assert_eq!((answer.status, answer.attempts()), (status, 0), "{name}: {}", answer.body);
    let expected = if version == "1.2" { SOAP_12 } else { SOAP_11 };
    assert_eq!(answer.header("content-type"), expected, "{name}");
    let fault = answer.soap_fault();
    assert_eq!((fault.version, fault.side), (version, "Client"), "{name}: {}", answer.body);
    assert!(fault.text.starts_with(&format!("{code}: ")), "{name}: {}", fault.text);
    let said = ["code", "origin", "domMayHaveActed", "repeat", "attempts"].map(|detail| fault.detail(detail));
    assert_eq!(said, [*code, "store", "no", "useless", "0"], "{name}");
    let id = answer.header("x-request-id");
    assert!(!id.is_empty() && fault.detail("requestId") == id, "{name}: {id}");
    if let Some(line) = line {
        let place = fault.detail("place");
        assert!(place.starts_with(&format!("line {line}, column ")), "{name}: {place}");
    }
}

async fn gateway() -> (Running, wiremock::MockServer) {
    let dom = dom("<Errors><Error ErrorCode=\"INV1\"/></Errors>").await;
    let limits = "depth = 40\nattributes = 30\ntext_bytes = 4_000\n".to_owned();
    (Settings { limits, ..Settings::of(dom.uri()) }.run().await, dom)
}

#[tokio::test]
async fn a_document_nobody_understands_is_refused_in_its_own_form_and_nothing_is_sent() {
    let (gateway, dom) = gateway().await;
    for case in in_any_form() {
        for (version, content_type, document) in forms(&case.document) {
            let answer = gateway.post(INVENTORY, content_type, document).await;
            assert_refused(&case, version, &answer);
        }
    }
    assert_eq!(count(&dom).await, 0);
}

#[tokio::test]
async fn what_is_no_document_is_refused_in_the_form_of_its_content_type_and_nothing_is_sent() {
    let (gateway, dom) = gateway().await;
    for case in in_no_form() {
        for (version, content_type) in
            [("1.1", "text/xml"), ("1.2", "application/soap+xml"), ("1.1", "application/octet-stream")]
        {
            let answer = gateway.post(ORDERS, content_type, case.document.clone()).await;
            assert_refused(&case, version, &answer);
        }
    }
    assert_eq!(count(&dom).await, 0);
}

#[tokio::test]
async fn the_envelope_decides_about_the_form_whatever_the_content_type_says() {
    let (gateway, _dom) = gateway().await;
    for (content_type, document, version) in [
        (SOAP_12, soap_11("<a/>"), "1.1"),
        (SOAP_11, soap_12("<a/>"), "1.2"),
        ("text/plain", soap_12("<a/>"), "1.2"),
    ] {
        let answer = gateway.post(INVENTORY, content_type, document).await;
        assert_eq!((answer.code(), answer.soap_fault().version), ("GW-1008", version), "{content_type}");
    }
}

#[tokio::test]
async fn the_soap_action_is_of_no_account() {
    let (gateway, dom) = gateway().await;
    let headers = [("content-type", SOAP_11), ("soapaction", "\"urn:something:else\"")];
    let answer = gateway.call(http::Method::POST, INVENTORY, &headers, soap_11(&availability())).await;
    assert_eq!(
        (answer.status, answer.root().as_str()),
        (200, "ShowInventoryAvailability"),
        "{}",
        answer.body
    );
    assert_eq!(count(&dom).await, 1);
}

#[tokio::test]
async fn a_document_in_another_encoding_is_understood_and_one_in_an_unknown_is_not() {
    let (gateway, dom) = gateway().await;
    let question = replaced(&availability(), "TENT-9P", "ZELT-\u{c4}");
    let declared = |encoding: &str| question.replace("UTF-8", encoding);
    let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (name, content_type, document) in [
        ("UTF-8 with its mark", "text/xml", format!("\u{feff}{question}").into_bytes()),
        ("Latin 1 as declared", "text/xml", latin(&declared("ISO-8859-1"))),
        ("Latin 1 by the content type", "text/xml; charset=\"iso-8859-1\"", latin(&question)),
        ("UTF-16 by its mark", "text/xml", wide(&format!("\u{feff}{}", declared("UTF-16")))),
    ] {
        let answer = gateway.post(INVENTORY, content_type, document).await;
        assert_eq!((answer.status, answer.code()), (200, "GW-4010"), "{name}: {}", answer.body);
        let sent = crate::stand_in::asked(&dom).await;
        assert!(sent.last().unwrap().document.contains("ZELT-\u{c4}"), "{name}");
    }
    let before = count(&dom).await;
    let answer = gateway.post(INVENTORY, "text/xml; charset=klingon", question).await;
    assert_eq!(answer.fate(), ["GW-1005", "store", "no", "useless"], "{}", answer.body);
    assert_eq!(count(&dom).await, before);
}
