//! Refusals: contract sterling section 12, store section 13.1.

use gateway_model::{Fault, Reached, Repeat, codes};
use gateway_operation::refusal;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::support::World;

const NOW: &str = "2026-07-15T11:45:10.000Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn from_dom(dom: &Json) -> Json {
    let world = World::shipped();
    let dom = world.record("refusal", dom);
    world.json(&refusal::from_dom(&world.views, dom, None, now()))
}

fn texts(refusal: &Json) -> Vec<&str> {
    refusal["reasons"]
        .as_array()
        .map_or(vec![], |list| list.iter().filter_map(|reason| reason["text"].as_str()).collect())
}

#[test]
fn of_the_doms_errors_the_first_is_told_and_all_codes_are_known() {
    let errors = json!({"errors": [
        {"code": "INV99901", "description": "Item is not known for the organization", "more": "promise", "exception_id": "10.0.0.1",
         "attributes": [{"name": "ItemID", "value": "TENT-9P"}, {"name": "OrganizationCode", "value": "NORDWIND"}],
         "causes": [{"code": "YFS1", "description": "nested"}]},
        {"code": "INV99902", "description": "Unit of measure is not valid", "exception_id": "10.0.0.2"},
        {"code": "INV99903"},
    ]});
    let world = World::shipped();
    let dom = world.record("refusal", &errors);
    assert_eq!(refusal::dom_codes(&world.views, &dom), ["INV99901", "YFS1", "INV99902", "INV99903"]);
    let found = from_dom(&errors);
    assert_eq!(texts(&found), ["TENT-9P", "NORDWIND", "10.0.0.1"]);
    let mut rest = found;
    rest.as_object_mut().unwrap().remove("reasons");
    assert_eq!(
        rest,
        json!({"action": "Rejected", "code": "ERROR", "description": "Item is not known for the organization", "at": NOW, "reason_code": "INV99901"})
    );
}

#[test]
fn internals_of_the_dom_are_not_shown() {
    let cases = [
        ("Order is not valid\n\tat com.example.Order.check(Order.java:7)", "Order is not valid"),
        ("<Errors><Error ErrorCode=\"X\"/></Errors>", "the order system refused the request"),
        ("\tat com.example.Order.check", "the order system refused the request"),
        ("  spaced  ", "spaced"),
        ("", "the order system refused the request"),
    ];
    for (text, expected) in cases {
        let error =
            json!({"code": "X1", "description": text, "attributes": [{"name": "Stack", "value": "<a/>"}]});
        let found = from_dom(&json!({"errors": [error]}));
        assert_eq!(found["description"], expected, "{text}");
        assert!(texts(&found).is_empty());
    }
    let long = from_dom(&json!({"errors": [{"code": "X1", "description": "ä".repeat(2000)}]}));
    assert_eq!(long["description"].as_str().unwrap().chars().count(), 500);
}

#[test]
fn a_dom_that_names_no_error_still_gives_a_reason_code() {
    for dom in [json!({}), json!({"errors": []}), json!({"errors": [{"exception_id": "10.0.0.1"}]})] {
        let found = from_dom(&dom);
        assert_eq!(found["reason_code"], "_ERR_BAD_RESPONSE_FROM_EXTERNAL_SYSTEM");
        assert_eq!(found["description"], "the order system refused the request");
    }
    let said = from_dom(&json!({"reason_code": "R1", "description": "said", "reasons": [{"text": "a"}]}));
    assert_eq!(
        (&said["reason_code"], &said["description"], texts(&said)),
        (&json!("R1"), &json!("said"), vec!["a"])
    );
}

#[test]
fn a_fault_is_told_by_the_stores_keys_and_its_code() {
    let (bad, unconnected) =
        ("_ERR_BAD_RESPONSE_FROM_EXTERNAL_SYSTEM", "_ERR_FAIL_TO_CONNECT_TO_EXTERNAL_SYSTEM");
    let mut refused = Fault::dom(codes::DOM_REFUSED, "no");
    refused.dom_code = Some("YFS10003".to_owned());
    refused.reasons = vec!["WC_7".to_owned()];
    let cases = [
        (Fault::network(codes::DOM_UNREACHABLE, "no way"), unconnected, vec!["GW-4001"]),
        (
            Fault::network(codes::DOM_TIMEOUT, "too late").reached(Reached::Maybe),
            unconnected,
            vec!["GW-4002"],
        ),
        (Fault::network(codes::STORE_TIMEOUT, "too late"), unconnected, vec!["GW-7002"]),
        (Fault::gateway(codes::DEADLINE, "too late"), unconnected, vec!["GW-4012"]),
        (Fault::dom(codes::DOM_NOT_XML, "html"), bad, vec!["GW-4006"]),
        (Fault::gateway(codes::INTERNAL, "broken").at("Order.xml:3:1"), bad, vec!["GW-6001"]),
        (Fault::store(codes::BAD_REQUEST, "no id").at("line 3"), bad, vec!["GW-3007", "line 3"]),
        (refused, "YFS10003", vec!["GW-4010", "WC_7"]),
    ];
    let world = World::shipped();
    for (fault, reason_code, reasons) in cases {
        let found = world.json(&refusal::from_fault(&world.views, &fault, None, now()));
        assert_eq!((&found["reason_code"], texts(&found)), (&json!(reason_code), reasons), "{fault}");
        assert_eq!(
            (&found["action"], &found["code"], &found["at"]),
            (&json!("Rejected"), &json!("ERROR"), &json!(NOW))
        );
        assert_eq!(
            (&found["description"], &found["kind"]),
            (&json!(fault.message), &json!(fault.origin.name()))
        );
    }
}

#[test]
fn a_fault_says_whether_to_send_again() {
    let world = World::shipped();
    for (repeat, expected) in [
        (Repeat::Safe, "the same message may be sent again"),
        (Repeat::AfterCheck, "find out whether the message was carried out before sending it again"),
        (Repeat::Useless, "the same message would be refused again"),
    ] {
        let fault = Fault::gateway(codes::DEADLINE, "too late").repeat(repeat);
        let found = world.json(&refusal::from_fault(&world.views, &fault, None, now()));
        assert_eq!(found["note"], expected);
    }
}

#[test]
fn a_refusal_echoes_the_question_or_names_the_noun() {
    let world = World::shipped();
    let question = json!({"expression": "{_wcf.ap=IBM_Details}/Order[1]"});
    for (kind, request, expected) in [
        ("orders_request", &question, question["expression"].clone()),
        ("availability_request", &question, question["expression"].clone()),
        ("orders_request", &json!({}), Json::Null),
        ("requirement_request", &json!({}), json!("/InventoryRequirement[1]")),
        ("transfer_request", &json!({}), json!("/Order")),
        ("order_sync_request", &json!({}), Json::Null),
    ] {
        let request = world.record(kind, request);
        let found =
            refusal::from_dom(&world.views, world.record("refusal", &json!({})), Some(&request), now());
        assert_eq!(world.json(&found)["expression"], expected, "{kind}");
    }
}

#[test]
fn a_refused_request_is_answered_in_its_own_form() {
    let world = World::shipped();
    let order = json!({"id": "845017", "lines": [{"id": "1"}]});
    let empty = json!({"start": "0", "complete": "true"});
    let cases = [
        ("availability_request", json!({}), "availability_answer", json!({"record_set": empty})),
        ("orders_request", json!({}), "orders_answer", json!({"record_set": empty})),
        (
            "requirement_request",
            json!({"order": order}),
            "requirement_answer",
            json!({"order": {"id": "845017"}}),
        ),
        ("transfer_request", json!({"order": order}), "transfer_answer", json!({"order": {"id": "845017"}})),
        ("order_sync_request", json!({}), "confirmation", json!({})),
    ];
    for (kind, mut request, answer, mut expected) in cases {
        request["area"] = json!({"message_id": "m-1"});
        let request = world.record(kind, &request);
        let reason = world.record("refusal", &json!({"reason_code": "R1"}));
        let kind = world.vocabulary.type_named(answer).unwrap();
        let found = refusal::answer(&world.views, kind, Some(&request), reason);
        expected["original"] = json!({"message_id": "m-1"});
        expected["refusal"] = json!({"reason_code": "R1"});
        assert_eq!(world.json(&found), expected, "{answer}");
    }
}
