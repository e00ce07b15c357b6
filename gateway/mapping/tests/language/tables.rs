//! Value tables in both directions, and what becomes of values they do not have.

use gateway_mapping::Context;
use gateway_wire::{Limits, Tree};
use jiff::tz::TimeZone;

use crate::support::{Fixture, document};

#[test]
fn an_unlisted_value_is_treated_as_its_use_says() {
    let cases = [
        ("{code | table unit}", "", "{}"),
        ("{code | table unit else none}", "", "{}"),
        ("{code | table unit else pass}", "LTR", r#"{"code":"LTR"}"#),
        ("{code | table unit else 'EACH'}", "EACH", r#"{"code":"EACH"}"#),
        ("{code | table unit | default 'NONE'}", "", "{}"),
    ];
    for (hole, written, read) in cases {
        let fixture = Fixture::new(&format!("<X>{hole}</X>"));
        let expected = if written.is_empty() { String::new() } else { format!("<X>{written}</X>") };
        assert_eq!(fixture.write(r#"{"code":"LTR"}"#), expected, "{hole}");
        assert_eq!(fixture.read("<X>LTR</X>"), read, "{hole}");
    }
}

#[test]
fn rows_of_the_organization_come_first() {
    let mut fixture = Fixture::new("<X>{code | table unit}</X>");
    assert_eq!(fixture.write(r#"{"code":"C62"}"#), "<X>EACH</X>");
    fixture.organization = Some("NORD");
    assert_eq!(fixture.write(r#"{"code":"C62"}"#), "<X>PIECE</X>");
    assert_eq!(fixture.read("<X>PIECE</X>"), r#"{"code":"C62"}"#);
    assert_eq!(fixture.read("<X>METER</X>"), r#"{"code":"MTR"}"#);
}

#[test]
fn unlisted_values_and_skipped_elements_are_told() {
    let fixture = Fixture::new("<X m:each='lines'>{code | table unit}</X>");
    let text = document("<X>LITER</X><Y><Z/></Y><X>EACH</X>");
    let tree = Tree::parse(&text, fixture.names(), &Limits::default()).unwrap();
    let context = Context { organization: None, zone: &TimeZone::UTC };
    let reading = fixture.message().read(&tree, tree.root(), &context).unwrap();
    let unmapped: Vec<_> =
        reading.unmapped.iter().map(|one| (one.table.as_str(), one.value.as_str())).collect();
    assert_eq!(unmapped, [("unit", "LITER")]);
    let skipped: Vec<_> = reading.skipped.iter().map(|node| tree.path(*node)).collect();
    assert_eq!(skipped, ["/R/Y"]);
}
