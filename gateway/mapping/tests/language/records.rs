//! Records as JSON.

use gateway_mapping::json::{JsonFault, Show, from_json, to_json};
use serde_json::json;

use crate::support::Fixture;

#[test]
fn a_record_is_the_same_after_json() {
    let fixture = Fixture::new("<X/>");
    let kind = fixture.message().record;
    let value = json!({ "text": " a ", "number": "2.0", "inner": { "flag": "true" }, "lines": [{ "code": "1" }, {}] });
    let record = from_json(&value, kind, fixture.vocabulary()).unwrap();
    assert_eq!(to_json(&record, fixture.vocabulary(), Show::Plain), value);
}

#[test]
fn personal_values_are_masked() {
    let fixture = Fixture::new("<X/>");
    let value = json!({ "code": "open", "name": "Ada", "secret": "1234" });
    let record = from_json(&value, fixture.message().record, fixture.vocabulary()).unwrap();
    let shown = to_json(&record, fixture.vocabulary(), Show::Masked);
    assert_eq!(shown, json!({ "code": "open", "name": "***", "secret": "********" }));
}

#[test]
fn what_is_no_record_is_refused_with_its_place() {
    let fixture = Fixture::new("<X/>");
    let cases = [
        (json!([]), "the value at the top is of the wrong kind, expected an object"),
        (json!({ "lines": [{}, { "cod": "1" }] }), "`thing` has no field `cod` (at lines[1].cod)"),
        (json!({ "inner": { "number": "x" } }), "the value at inner.number is of the wrong kind"),
        (json!({ "code": 1 }), "the value at code is of the wrong kind, expected a string"),
        (json!({ "lines": {} }), "the value at lines is of the wrong kind, expected an array"),
    ];
    for (value, expected) in cases {
        let fault: JsonFault = from_json(&value, fixture.message().record, fixture.vocabulary()).unwrap_err();
        assert!(fault.to_string().starts_with(expected), "{fault}");
    }
}
