//! What holds for every record and for every file.

use gateway_mapping::{Source, load, render};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::support::{Fixture, sources};

/// Every two-way feature of the language.
const TEMPLATE: &str = r#"
<a:Text>{text}</a:Text>
<Code kind="marked" a="{other | prefix 'P_'}">WC_{code}</Code>
<Code a="{name | default ''}">{other}/{code}</Code>
<m:group m:when="flag"><Numbers n="{number | plain}" a="{amount | negate}"/></m:group>
<Flag>{flag | flag 'Y' 'N'}</Flag>
<b:When m:also="a:When"><On>{date | date}</On><At>{datetime | datetime}</At></b:When>
<Inner m:with="inner" m:use="inner"/>
<Deep><m:group m:with="inner"><Again>{inner.code}</Again></m:group></Deep>
<Lines>
  <m:group m:each="lines">
    <m:choose>
      <Line m:when="other = 'x'" kind="x" c="{code | required}" n="{number}"/>
      <Line m:when="other = 'y'" kind="y" c="{code | required}"/>
      <Other>{code | required}</Other>
    </m:choose>
    <Note>{text}</Note>
  </m:group>
</Lines>
<Part m:each="part in parts">{part.id | table unit else pass}</Part>
<Question m:text="expression"><N><P m:each="question">{id}</P></N></Question>
"#;

const FRAGMENT: &str = "<m:fragment xmlns:m='urn:dom-gateway:mapping' m:record='thing' t='{text}'>\
                        <C>{code}</C><F>{flag}</F></m:fragment>";

fn template() -> String {
    crate::support::template(TEMPLATE)
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9äß<>&\"'{}\\]/ \t\n\r]{0,12}[a-z<&]"
}

fn code() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_]{1,8}"
}

/// A number as a calculation would write it, so that `plain` and `negate` lose nothing.
fn number() -> impl Strategy<Value = String> {
    (-99_999_i64..99_999, 0_u32..4)
        .prop_map(|(digits, scale)| rust_decimal::Decimal::new(digits, scale).normalize().to_string())
}

fn day() -> impl Strategy<Value = String> {
    (2000_u16..2100, 1_u8..13, 1_u8..29).prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}"))
}

fn inner() -> impl Strategy<Value = Json> {
    let fields = (option::of(text()), option::of(code()), option::of(any::<bool>()), option::of(code()));
    fields.prop_map(|(text, code, flag, deep)| {
        let deep = deep.map(|code| json!({ "code": code }));
        object([
            ("text", of(text)),
            ("code", of(code)),
            ("flag", flag.map(|flag| flag.to_string().into())),
            ("inner", deep),
        ])
    })
}

fn line() -> impl Strategy<Value = Json> {
    let kind = prop_oneof![Just(Some("x")), Just(Some("y")), Just(None)];
    (kind, code(), option::of(number()), option::of(text())).prop_map(|(kind, code, number, text)| {
        let number = number.filter(|_| kind == Some("x"));
        object([
            ("other", kind.map(Json::from)),
            ("code", of(Some(code))),
            ("number", of(number)),
            ("text", of(text)),
        ])
    })
}

fn thing() -> impl Strategy<Value = Json> {
    let scalars = (option::of(text()), option::of((code(), code())), option::of((number(), number())));
    let times = (option::of(day()), option::of(day()), any::<bool>());
    let records = (option::of(inner()), vec(line(), 0..6), vec(code(), 0..4), vec(text(), 0..4));
    (scalars, times, records).prop_map(
        |((text, codes, numbers), (date, time, flag), (inner, lines, parts, question))| {
            let (code, other) = codes.unzip();
            let (number, amount) = numbers.filter(|_| flag).unzip();
            let named = |ids: Vec<String>| {
                (!ids.is_empty()).then(|| ids.iter().map(|id| json!({ "id": id })).collect())
            };
            let inner = inner.filter(|inner| inner.as_object().is_some_and(|fields| !fields.is_empty()));
            object([
                ("text", of(text)),
                ("code", of(code)),
                ("other", of(other)),
                ("number", of(number)),
                ("amount", of(amount)),
                ("flag", Some(flag.to_string().into())),
                ("date", of(date)),
                ("datetime", of(time.map(|day| format!("{day}T09:30:00.000Z")))),
                ("inner", inner),
                ("lines", (!lines.is_empty()).then(|| lines.into())),
                ("parts", named(parts)),
                ("question", named(question.iter().map(|text| text.trim().to_owned()).collect())),
            ])
        },
    )
}

fn of(text: Option<String>) -> Option<Json> {
    text.filter(|text| !text.trim().is_empty()).map(Json::from)
}

fn object<const N: usize>(fields: [(&str, Option<Json>); N]) -> Json {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Json::Object(fields.collect::<Map<_, _>>())
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(thing in thing()) {
        let fixture = Fixture::whole(&template(), &[("fragments/inner.xml", FRAGMENT)]);
        let written = fixture.try_write(&thing.to_string()).unwrap();
        prop_assert_eq!(fixture.try_read(&written).unwrap(), thing, "{}", written);
    }

    #[test]
    fn any_expression_is_taken_or_shown(hole in "[a-z0-9_|.'\"(){}<>=!*/+ -]{0,40}|[\\PC]{0,20}") {
        let escaped = hole.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&apos;");
        let content = format!("<X a='{{{escaped}}}' m:when='{escaped}' m:each='{escaped}' m:with='{escaped}'>{{{escaped}}}</X>");
        let sources = sources(&crate::support::template(&content), &[]);
        let loaded = load(&sources);
        let shown = render(&loaded.diagnostics, &sources, false);
        prop_assert!(loaded.mappings.is_some() || shown.contains("error"));
    }

    #[test]
    fn any_file_is_taken_or_shown(text in "\\PC{0,80}", path in 0..6_usize) {
        let names = ["vocabulary.toml", "test/dialect.toml", "test/test.xml", "test/tables/unit.toml", "test/tables/x.csv", "test/fragments/x.xml"];
        let mut sources = sources(&crate::support::template("<X>{code | table unit}</X>"), &[]);
        let name = names[path];
        sources.retain(|source| source.path != name);
        sources.push(Source::new(name, text));
        let loaded = load(&sources);
        let shown = render(&loaded.diagnostics, &sources, false);
        prop_assert!(loaded.mappings.is_some() || shown.contains("error"));
    }
}
