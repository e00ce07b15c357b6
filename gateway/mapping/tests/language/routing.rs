//! Which message a document is.

use gateway_mapping::{Mappings, Part, RouteFault, Source, load, render};
use gateway_wire::{Limits, Tree};

use crate::support::VOCABULARY;

const DIALECT: &str = r#"
doc = "routes"
side = "store"
wire = "soap"
[routing]
action = "Area/*/@action"
profile = "Area/Get/Expression"
[variants]
test = "second"
[organization]
table = "store"
field = "code"
[limits]
lines_per_call = 100
[[message]]
file = "Ask.Marked.xml"
actions = ["A", "B"]
having = ["Area/@mark"]
[[message]]
file = "Ask.xml"
actions = ["A", "B"]
[[message]]
file = "Get.Summary.xml"
profiles = ["Summary"]
[[message]]
file = "Get.Details.xml"
profiles = ["Details"]
[[message]]
file = "Say.First.xml"
variant = "first"
[[message]]
file = "Say.Second.xml"
variant = "second"
[[message]]
file = "No.xml"
"#;

fn mappings() -> Mappings {
    let message = |name: &str, root: &str, part: &str, also: &str| {
        let head = "xmlns:a='urn:a' xmlns:m='urn:dom-gateway:mapping'";
        let operation = if part == "refusal" { "" } else { "m:operation='test'" };
        Source::new(format!("r/{name}.xml"), format!("<{root} {head} {operation} m:part='{part}' {also}/>"))
    };
    let sources = [
        Source::new("vocabulary.toml", VOCABULARY),
        Source::new("r/dialect.toml", DIALECT),
        Source::new("r/tables/store.toml", "doc = 'd'\nrows = [['1', 'ONE']]\n"),
        message("Ask.Marked", "a:Ask", "request", ""),
        message("Ask", "a:Ask", "request", ""),
        message("Get.Summary", "Get", "request", "m:also='GetHistory'"),
        message("Get.Details", "Get", "request", ""),
        message("Say.First", "Say", "answer", ""),
        message("Say.Second", "Say", "answer", ""),
        message("No", "No", "refusal", ""),
    ];
    let loaded = load(&sources);
    let Some(mappings) = loaded.mappings else { panic!("{}", render(&loaded.diagnostics, &sources, false)) };
    mappings
}

fn route(mappings: &Mappings, text: &str, part: Option<Part>) -> Result<String, RouteFault> {
    let tree = Tree::parse(text, mappings.names(), &Limits::default()).unwrap();
    mappings.dialect("r").unwrap().route(&tree, tree.root(), part).map(|message| message.name.clone())
}

#[test]
fn root_action_profile_and_content_decide() {
    let mappings = mappings();
    let cases = [
        ("<x:Ask xmlns:x='urn:a'><Area><V action='B'/></Area></x:Ask>", "Ask"),
        ("<x:Ask xmlns:x='urn:a'><Area mark=''><V action='B'/></Area></x:Ask>", "Ask.Marked"),
        ("<Get><Area><Get><Expression>{_wcf.ap=Details}/X</Expression></Get></Area></Get>", "Get.Details"),
        ("<Get><Area><Get><Expression>{_wcf.ap=Summary}/X</Expression></Get></Area></Get>", "Get.Summary"),
        ("<GetHistory/>", "Get.Summary"),
        ("<Say/>", "Say.Second"),
        ("<No/>", "No"),
    ];
    for (text, expected) in cases {
        assert_eq!(route(&mappings, text, None).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_not_known_is_told_with_what_is() {
    let mappings = mappings();
    let fault = |text| route(&mappings, text, None).unwrap_err();
    assert_eq!(fault("<Aks/>"), RouteFault::UnknownRoot { found: "Aks".to_owned() });
    let wrong = RouteFault::WrongNamespace { found: "Ask".to_owned(), expected: "urn:a".to_owned() };
    assert_eq!(fault("<Ask xmlns='urn:b'/>"), wrong);
    let unknown = fault("<Ask xmlns='urn:a'><Area xmlns=''><V action='C'/></Area></Ask>");
    let text = "the root element is not known with the action `C`, expected the action `A` or the action `B`";
    assert_eq!(unknown.to_string(), text);
    let unknown = fault("<Get><Area><Get><Expression>{_wcf.ap=Other}/X</Expression></Get></Area></Get>");
    assert!(unknown.to_string().contains("access profile `Other`"), "{unknown}");
    assert!(route(&mappings, "<Say/>", Some(Part::Request)).is_err());
}

#[test]
fn a_message_is_found_by_operation_part_and_variant() {
    let mappings = mappings();
    let dialect = mappings.dialect("r").unwrap();
    let name = |message: Option<&gateway_mapping::Message>| message.map(|message| message.name.clone());
    assert_eq!(name(dialect.find("test", Part::Answer)).as_deref(), Some("Say.Second"));
    assert_eq!(name(dialect.find_variant("test", Part::Answer, Some("first"))).as_deref(), Some("Say.First"));
    assert_eq!(name(dialect.find("test", Part::Refusal)).as_deref(), Some("No"));
    assert_eq!(name(dialect.find("other", Part::Request)), None);
    assert_eq!(dialect.limits.get("lines_per_call"), Some(&100));
}

#[test]
fn the_organization_is_that_of_the_records_store() {
    let mappings = mappings();
    let dialect = mappings.dialect("r").unwrap();
    let kind = mappings.vocabulary().type_named("thing").unwrap();
    let record = |code: &str| {
        let json = serde_json::json!({ "code": code });
        gateway_mapping::json::from_json(&json, kind, mappings.vocabulary()).unwrap()
    };
    assert_eq!(dialect.organization(&record("1")).as_deref(), Some("ONE"));
    assert_eq!(dialect.organization(&record("2")), None);
}
