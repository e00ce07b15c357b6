//! Messages that do not fit: both places are named, and no personal value.

use gateway_mapping::Context;
use gateway_model::Record;
use gateway_model::codes::{
    BAD_EXPRESSION, BAD_SCALAR, Code, MISSING_VALUE, OUTPUT_TOO_LARGE, UNMAPPED_VALUE, UNWRITABLE_TEXT,
    WRONG_MESSAGE,
};

use jiff::tz::TimeZone;

use crate::support::{Fixture, document};

#[test]
fn what_cannot_be_read_names_template_and_document() {
    let cases: &[(&str, &str, Code, &str)] = &[
        ("<X><Y n='{number}'/></X>", "<X>\n <Y n='five'/></X>", BAD_SCALAR, "/R/X/Y"),
        ("<X>{date}</X>", "\n<X>15.07.2026</X>", BAD_SCALAR, "/R/X"),
        ("<X>{flag | flag 'Y' 'N'}</X>", "\n<X>J</X>", BAD_SCALAR, "/R/X"),
        ("<X>{code | table unit else fail}</X>", "\n<X>LITER</X>", UNMAPPED_VALUE, "/R/X"),
        ("<X a='{code | required}'/>", "\n<X/>", MISSING_VALUE, "/R/X"),
        ("<X><Y m:required='why'>{code}</Y></X>", "\n<X/>", MISSING_VALUE, "/R/X"),
        ("<X><Y m:required='why'>{code}</Y></X>", "\n<X><Y/></X>", MISSING_VALUE, "/R/X/Y"),
        ("<X><Y><Z>{code | required}</Z></Y></X>", "\n<X/>", MISSING_VALUE, "/R/X"),
        ("<X><m:read from='@a'>{code | required}</m:read></X>", "\n<X/>", MISSING_VALUE, "/R/X"),
        ("<X><m:read from='@a'>{code | required}</m:read></X>", "\n<X a=' '/>", MISSING_VALUE, "/R/X"),
        (
            "<X><Y m:each='lines'><m:read from='../@a'>{code | required}</m:read></Y></X>",
            "\n<X><Y/></X>",
            MISSING_VALUE,
            "/R/X/Y",
        ),
        ("<X m:text='expression'><A>{code}</A></X>", "\n<X>/A[=]</X>", BAD_EXPRESSION, "/R/X"),
    ];
    for (template, text, code, path) in cases {
        let fault = Fixture::new(template).try_read(&document(text)).unwrap_err();
        assert_eq!((fault.code, fault.path.as_deref()), (*code, Some(*path)), "{template}: {fault}");
        assert!(fault.template.starts_with("test/test.xml:1:"), "{fault}");
        assert_eq!(fault.position.map(|(line, _)| line), Some(2), "{fault}");
    }
}

#[test]
fn a_required_value_is_not_asked_for_where_nothing_is() {
    let cases = [
        ("<X m:when='flag'><Y>{code | required}</Y></X>", ""),
        ("<X m:each='lines'><Y>{code | required}</Y></X>", ""),
        ("<X m:with='inner'><Y>{code | required}</Y></X>", ""),
        ("<X>{code}</X><Y>{code | required}</Y>", "<X>1</X>"),
        ("<X a='{other}' m:required='why'>{code}</X>", "<X>1</X>"),
        ("<X a='{code}'><m:read from='@b'>{code | required}</m:read></X>", "<X a='1'/>"),
    ];
    for (template, text) in cases {
        let fixture = Fixture::new(template);
        fixture.try_read(&document(text)).unwrap();
        if text.is_empty() {
            fixture.try_write("{}").unwrap();
        }
    }
}

#[test]
fn the_root_asks_for_its_values_even_where_nothing_is() {
    let head = "xmlns:m=\"urn:dom-gateway:mapping\" m:operation=\"test\" m:part=\"request\"";
    for frame in ["m:each='lines'", "m:with='inner'", ""] {
        let fixture = Fixture::whole(&format!("<R {head} {frame} a=\"{{code | required 'why'}}\"/>"), &[]);
        assert_eq!(fixture.try_write("{}").unwrap_err().code, MISSING_VALUE, "{frame}");
    }
}

#[test]
fn what_cannot_be_written_names_the_template() {
    let cases: &[(&str, &str, Code)] = &[
        ("<X a='{code | required}'/>", "{}", MISSING_VALUE),
        ("<X m:required='why'>{code}</X>", "{}", MISSING_VALUE),
        ("<X m:each='lines' m:required='why'>{code}</X>", "{}", MISSING_VALUE),
        ("<X m:with='inner' m:required='why'>{code}</X>", "{}", MISSING_VALUE),
        ("<X>{code | table unit else fail}</X>", r#"{"code":"LTR"}"#, UNMAPPED_VALUE),
        ("<X>{text}</X>", r#"{"text":"a\u0001"}"#, UNWRITABLE_TEXT),
        (
            "<X>{number * amount}</X>",
            r#"{"number":"9999999999999999999999999999","amount":"9999999999999999"}"#,
            BAD_SCALAR,
        ),
    ];
    for (template, record, code) in cases {
        let fault = Fixture::new(template).try_write(record).unwrap_err();
        assert_eq!((fault.code, fault.path), (*code, None), "{template}");
        assert!(fault.template.starts_with("test/test.xml:1:"), "{}", fault.template);
    }
}

#[test]
fn a_fault_says_what_was_found_and_why_it_is_needed() {
    let fault = Fixture::new("<X>{number}</X>").try_read(&document("<X>five</X>")).unwrap_err();
    assert!(fault.message.contains("`number`") && fault.message.contains("`five`"), "{fault}");
    let fault = Fixture::new("<X m:required='the reason'>{code}</X>").try_write("{}").unwrap_err();
    assert!(fault.message.ends_with("the reason"), "{fault}");
}

#[test]
fn a_personal_value_is_never_shown() {
    let fault = Fixture::new("<X>{secret}</X>").try_read(&document("<X>hunter2</X>")).unwrap_err();
    assert!(!fault.to_string().contains("hunter2"), "{fault}");
    let fixture = Fixture::new("<X>{secret | table unit else fail}</X>");
    let fault = fixture.try_read(&document("<X>1234</X>")).unwrap_err();
    assert!(!fault.to_string().contains("1234"), "{fault}");
    let fault = fixture.try_write(r#"{"secret":"1234"}"#).unwrap_err();
    assert!(!fault.to_string().contains("1234"), "{fault}");
}

#[test]
fn another_document_is_not_this_message() {
    let fixture = Fixture::new("<X>{code}</X>");
    for text in ["<Q/>", "<R xmlns='urn:other'/>"] {
        assert_eq!(fixture.try_read(text).unwrap_err().code, WRONG_MESSAGE, "{text}");
    }
}

#[test]
fn a_document_has_a_largest_size_and_leaves_nothing_behind_when_it_is_passed() {
    let fixture = Fixture::new("<X m:each='lines'>{text}</X>");
    let (vocabulary, kind) = (fixture.vocabulary(), fixture.message().record);
    let field = |name: &str| vocabulary.record_type(kind).unwrap().field_named(name).unwrap();
    let long = "x".repeat(1 << 20);
    let record = |count: usize| {
        let mut line = Record::new(vocabulary, kind);
        line.set_text(field("text"), long.as_str());
        let mut record = Record::new(vocabulary, kind);
        *record.list_mut(field("lines")).unwrap() = vec![line; count];
        record
    };
    let context = Context { organization: None, zone: &TimeZone::UTC };
    let mut out = b"before".to_vec();
    fixture.message().write(&record(2), &context, &mut out).unwrap();
    out.truncate(6);
    let fault = fixture.message().write(&record(65), &context, &mut out).unwrap_err();
    assert_eq!((fault.code, out.as_slice()), (OUTPUT_TOO_LARGE, b"before".as_slice()));
}
