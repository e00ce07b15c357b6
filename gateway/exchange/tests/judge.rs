//! What replies come to by the rules of the shipped dialect.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use gateway_exchange::{Call, Interpreter, Judgement, Reply};
use gateway_mapping::Outcome;
use gateway_model::{Reached, Repeat, codes};

#[path = "support/shipped.rs"]
mod shipped;

const READ: &str = "details";
const WRITE: &str = "transfer";

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, body: body.as_bytes().to_vec(), ..Reply::default() }
}

fn judged(interpreter: &Interpreter, operation: &str, reply: &Reply) -> Judgement {
    let call = Call {
        operation: operation.to_owned(),
        api: String::new(),
        document: Vec::new(),
        output_template: None,
        only_reads: operation == READ,
        lines: 0,
        answered_by: None,
    };
    let (_, dom) = interpreter.only_dialects().unwrap();
    interpreter.judge(&call, dom, reply)
}

#[test]
fn an_xml_answer_is_read() {
    let interpreter = shipped::interpreter();
    for body in ["<Order></Order>", "\u{feff}<?xml version='1.0'?><Order/>", "<Order Name='Errors'/>"] {
        let judgement = judged(&interpreter, WRITE, &reply(200, body));
        assert_eq!((judgement.outcome, judgement.fault), (Outcome::Done, None), "{body}");
    }
}

#[test]
fn errors_are_read_at_any_status() {
    let interpreter = shipped::interpreter();
    for status in [200, 400, 403, 404, 429, 500, 503] {
        let errors = "<?xml version='1.0'?>\n<Errors><Error/></Errors>";
        let judgement = judged(&interpreter, WRITE, &reply(status, errors));
        assert_eq!((judgement.outcome, judgement.fault), (Outcome::Refused, None), "{status}");
    }
}

#[test]
fn errors_in_the_place_of_an_output_are_errors() {
    let interpreter = shipped::interpreter();
    let body = format!(
        "<MultiApi><API><Output>{}</Output></API><API><Output><Errors><Error ErrorCode='YCP0427'/></Errors></Output></API></MultiApi>",
        " ".repeat(4000)
    );
    assert_eq!(judged(&interpreter, WRITE, &reply(200, &body)).outcome, Outcome::Unauthenticated);
}

#[test]
fn a_call_without_a_valid_login_is_known_by_its_error_code_or_status_401() {
    let interpreter = shipped::interpreter();
    let errors = "<Errors><Error ErrorCode=\"YCP0427\" ErrorDescription=\"\"/></Errors>";
    let other = "<Errors><Error ErrorCode=\"X\"/></Errors>";
    for (status, body) in [(400, errors), (200, errors), (401, other), (401, ""), (403, "")] {
        let fault = judged(&interpreter, WRITE, &reply(status, body)).fault.unwrap();
        let found = (fault.code, fault.reached, fault.repeat);
        assert_eq!(found, (codes::DOM_UNAUTHORIZED, Reached::No, Repeat::Useless), "{status} {body}");
    }
}

#[test]
fn each_bad_answer_has_its_code() {
    let interpreter = shipped::interpreter();
    let html = "<!DOCTYPE html><html></html>";
    for (status, body, code) in [
        (200, "", codes::DOM_EMPTY),
        (200, " \n", codes::DOM_EMPTY),
        (200, "OK", codes::DOM_NOT_XML),
        (200, html, codes::DOM_NOT_XML),
        (200, "<HTML><body/></HTML>", codes::DOM_NOT_XML),
        (200, "<Order><OrderLines>", codes::DOM_TRUNCATED),
        (200, "<Errors><Error ErrorCode='YCP0427'/>", codes::DOM_TRUNCATED),
        (500, "<Errors><Error ErrorCode='YCP0427'/>", codes::DOM_TRUNCATED),
        (200, "<Errors><Error></Errors>", codes::DOM_NOT_XML),
        (401, html, codes::DOM_UNAUTHORIZED),
        (403, "", codes::DOM_UNAUTHORIZED),
        (404, html, codes::DOM_STATUS),
        (500, html, codes::DOM_STATUS),
        (500, "<Order/>", codes::DOM_STATUS),
        (500, "<Order>", codes::DOM_STATUS),
        (503, "", codes::DOM_OVERLOADED),
        (429, "", codes::DOM_OVERLOADED),
    ] {
        for operation in [READ, WRITE] {
            let judgement = judged(&interpreter, operation, &reply(status, body));
            assert_eq!(judgement.fault.unwrap().code, code, "{status} {body} {operation}");
        }
    }
}

#[test]
fn a_read_may_be_tried_again_and_a_write_only_after_a_look() {
    let interpreter = shipped::interpreter();
    let html = "<html></html>";
    for (status, body) in [(500, html), (502, ""), (503, html), (200, ""), (200, html), (200, "<Order><A>")] {
        let read = judged(&interpreter, READ, &reply(status, body));
        assert_eq!(read.fault.unwrap().repeat, Repeat::Safe, "{status} {body}");
        let write = judged(&interpreter, WRITE, &reply(status, body));
        assert_eq!(write.outcome, Outcome::Ambiguous, "{status} {body}");
        let fault = write.fault.unwrap();
        assert_eq!((fault.reached, fault.repeat), (Reached::Maybe, Repeat::AfterCheck), "{status} {body}");
    }
}

#[test]
fn what_the_dom_did_not_take_in_did_nothing() {
    let interpreter = shipped::interpreter();
    for (status, repeat) in [(401, Repeat::Useless), (404, Repeat::Useless), (429, Repeat::Safe)] {
        let fault = judged(&interpreter, WRITE, &reply(status, "")).fault.unwrap();
        assert_eq!((fault.reached, fault.repeat), (Reached::No, repeat), "{status}");
    }
}
