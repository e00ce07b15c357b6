//! Namespaces of what is written: declared once at the root, only those used, with the template's prefixes.

use crate::support::Fixture;

const HEAD: &str = "xmlns:m=\"urn:dom-gateway:mapping\" m:operation=\"test\" m:part=\"request\"";

#[test]
fn only_used_prefixes_are_declared_and_all_of_them() {
    let cases = [
        (
            format!("<a:R xmlns:b='urn:b' xmlns:a='urn:a' xmlns:c='urn:c' {HEAD}><b:X>{{code}}</b:X></a:R>"),
            "<a:R xmlns:b=\"urn:b\" xmlns:a=\"urn:a\"><b:X>1</b:X></a:R>",
        ),
        (format!("<R xmlns='urn:a' {HEAD}><X>{{code}}</X></R>"), "<R xmlns=\"urn:a\"><X>1</X></R>"),
        (format!("<R {HEAD}><X xmlns='urn:a'>{{code}}</X></R>"), "<R><X xmlns=\"urn:a\">1</X></R>"),
        (
            format!("<R xmlns:a='urn:a' {HEAD}><a:X/><a:Y xmlns:a='urn:b'>{{code}}</a:Y></R>"),
            "<R xmlns:a=\"urn:a\"><a:X/><a:Y xmlns:a=\"urn:b\">1</a:Y></R>",
        ),
        (
            format!("<R xmlns:a='urn:a' xmlns:b='urn:b' {HEAD}><X a=\"{{'a:T'}}\" b:c='{{code}}'/></R>"),
            "<R xmlns:a=\"urn:a\" xmlns:b=\"urn:b\"><X a=\"a:T\" b:c=\"1\"/></R>",
        ),
        (
            format!("<R xmlns:a='urn:a' {HEAD}><X>{{code}}</X><a:Y m:only='read'>{{other}}</a:Y></R>"),
            "<R><X>1</X></R>",
        ),
    ];
    for (template, expected) in cases {
        assert_eq!(
            Fixture::whole(&template, &[]).try_write(r#"{"code":"1"}"#).unwrap(),
            expected,
            "{template}"
        );
    }
}

#[test]
fn a_fragment_brings_its_own_declarations() {
    let fragment = "<m:fragment xmlns:m='urn:dom-gateway:mapping' xmlns:f='urn:f' m:record='thing' f:a='{code}'>\
                    <f:X>{code}</f:X></m:fragment>";
    let template = format!("<R {HEAD}><Y m:with='inner' m:use='part'/><m:group m:use='list'/></R>");
    let list = "<m:fragment xmlns:m='urn:dom-gateway:mapping' m:record='thing'><Z m:each='lines' n='{code}'/></m:fragment>";
    let fixture =
        Fixture::whole(&template, &[("fragments/part.xml", fragment), ("fragments/list.xml", list)]);
    let record = r#"{"inner":{"code":"1"},"lines":[{"code":"2"}]}"#;
    let written = fixture.try_write(record).unwrap();
    assert_eq!(written, "<R xmlns:f=\"urn:f\"><Y f:a=\"1\"><f:X>1</f:X></Y><Z n=\"2\"/></R>");
    assert_eq!(fixture.try_read(&written).unwrap().to_string(), record);
}
