//! A small vocabulary, and one template at a time.

use gateway_mapping::{Context, MapFault, Mappings, Message, Source, json, load, render};
use gateway_wire::{Limits, Tree};
use jiff::tz::TimeZone;
use serde_json::Value as Json;

/// One record that has a field of every type.
pub(crate) const VOCABULARY: &str = r#"
[operation.test]
doc = "anything"
request = "thing"
answer = "thing"

[record.thing]
doc = "has a field of every type"
[record.thing.fields]
text = { type = "text", doc = "text" }
code = { type = "code", doc = "code" }
other = { type = "code", doc = "another code" }
number = { type = "number", doc = "number" }
amount = { type = "number", doc = "another number" }
flag = { type = "flag", doc = "flag" }
date = { type = "date", doc = "date" }
datetime = { type = "datetime", doc = "date-time" }
name = { type = "text", personal = true, doc = "somebody's name" }
secret = { type = "number", personal = "secret", doc = "nobody's business" }
inner = { type = "thing", doc = "one inside" }
lines = { type = "list of thing", doc = "any number inside" }
parts = { type = "list of part", doc = "others inside" }
question = { type = "list of part", doc = "still others" }

[record.part]
doc = "has a name of its own"
[record.part.fields]
id = { type = "code", doc = "id" }

[record.refusal]
doc = "a refusal"
[record.refusal.fields]
code = { type = "code", doc = "code" }
"#;

const DIALECT: &str = "doc = 'test'\nside = 'store'\nwire = 'bare'\n[[message]]\nfile = 'test.xml'\n";

const TABLE: &str = "doc = 'units'\nrows = [['C62', 'EACH'], ['MTR', 'METER']]\n[organization.NORD]\nrows = [['C62', 'PIECE']]\n";

/// The files of a dialect with one template, and further files.
pub(crate) fn sources(template: &str, files: &[(&str, &str)]) -> Vec<Source> {
    let mut sources = vec![
        Source::new("vocabulary.toml", VOCABULARY),
        Source::new("test/dialect.toml", DIALECT),
        Source::new("test/tables/unit.toml", TABLE),
        Source::new("test/test.xml", template),
    ];
    sources.extend(files.iter().map(|(path, text)| Source::new(format!("test/{path}"), *text)));
    sources
}

/// A template's root with the declarations every test needs.
pub(crate) fn template(content: &str) -> String {
    let head = "<R xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                xmlns:m=\"urn:dom-gateway:mapping\" m:operation=\"test\" m:part=\"request\">";
    format!("{head}{content}</R>")
}

/// A loaded template.
pub(crate) struct Fixture {
    mappings: Mappings,
    pub(crate) organization: Option<&'static str>,
}

impl Fixture {
    /// Loads what stands inside the root.
    pub(crate) fn new(content: &str) -> Self {
        Self::whole(&template(content), &[])
    }

    /// Loads a whole template with further files.
    pub(crate) fn whole(template: &str, files: &[(&str, &str)]) -> Self {
        let sources = sources(template, files);
        let loaded = load(&sources);
        let Some(mappings) = loaded.mappings else {
            panic!("{}", render(&loaded.diagnostics, &sources, false));
        };
        assert_eq!(loaded.diagnostics, [], "{}", render(&loaded.diagnostics, &sources, false));
        Self { mappings, organization: None }
    }

    pub(crate) fn message(&self) -> &Message {
        self.mappings.dialect("test").unwrap().message("test").unwrap()
    }

    pub(crate) fn names(&self) -> &gateway_wire::Names {
        self.mappings.names()
    }

    pub(crate) fn vocabulary(&self) -> &gateway_model::Vocabulary {
        self.mappings.vocabulary()
    }

    /// Writes a record given as JSON.
    pub(crate) fn try_write(&self, record: &str) -> Result<String, MapFault> {
        let json: Json = serde_json::from_str(record).unwrap();
        let record = json::from_json(&json, self.message().record, self.mappings.vocabulary()).unwrap();
        let mut out = Vec::new();
        let context = Context { organization: self.organization, zone: &TimeZone::UTC };
        self.message().write(&record, &context, &mut out)?;
        let text = String::from_utf8(out).unwrap();
        Tree::parse(&text, self.mappings.names(), &Limits::default()).unwrap();
        Ok(text)
    }

    /// Writes a record; gives what stands inside the root.
    pub(crate) fn write(&self, record: &str) -> String {
        let text = self.try_write(record).unwrap();
        let inner = text.split_once('>').map_or("", |(_, rest)| rest);
        inner.strip_suffix("</R>").unwrap_or_default().to_owned()
    }

    /// Reads a document; gives the record as JSON.
    pub(crate) fn try_read(&self, document: &str) -> Result<Json, MapFault> {
        let tree = Tree::parse(document, self.mappings.names(), &Limits::default()).unwrap();
        let context = Context { organization: self.organization, zone: &TimeZone::UTC };
        let reading = self.message().read(&tree, tree.root(), &context)?;
        Ok(json::to_json(&reading.record, self.mappings.vocabulary(), json::Show::Plain))
    }

    /// Reads a document given as what stands inside the root.
    pub(crate) fn read(&self, content: &str) -> String {
        self.try_read(&document(content)).unwrap().to_string()
    }
}

/// A document with the namespaces of [`template`].
pub(crate) fn document(content: &str) -> String {
    format!(
        "<R xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">{content}</R>"
    )
}
