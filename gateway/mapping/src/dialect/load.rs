//! `dialect.toml`.

use std::collections::BTreeMap;

use gateway_model::Vocabulary;
use gateway_model::codes::BAD_DIALECT;

use super::{Side, WireForm};
use crate::outcome::{OutcomeRule, load_outcomes};
use crate::report::Report;
use crate::route::LocalPath;
use crate::source::File;
use crate::toml_view::{PlacedText, TomlView, parse_toml};

/// What `dialect.toml` says.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) doc: String,
    pub(crate) side: Side,
    pub(crate) wire: WireForm,
    pub(crate) variants: BTreeMap<String, PlacedText>,
    pub(crate) limits: BTreeMap<String, u64>,
    pub(crate) login: toml::Table,
    pub(crate) connection: toml::Table,
    pub(crate) action: Option<LocalPath>,
    pub(crate) profile: Option<LocalPath>,
    /// Table and field.
    pub(crate) organization: Option<(PlacedText, PlacedText)>,
    pub(crate) messages: Vec<MessageEntry>,
    pub(crate) outcomes: Vec<OutcomeRule>,
}

/// A `[[message]]`.
#[derive(Debug)]
pub(crate) struct MessageEntry {
    pub(crate) file: PlacedText,
    pub(crate) actions: Vec<String>,
    pub(crate) profiles: Vec<String>,
    pub(crate) having: Vec<LocalPath>,
    pub(crate) variant: Option<String>,
    pub(crate) api: Option<String>,
    pub(crate) output_template: Option<PlacedText>,
}

const KEYS: &[&str] = &[
    "doc",
    "side",
    "wire",
    "organization",
    "routing",
    "variants",
    "limits",
    "message",
    "login",
    "connection",
    "outcome",
];
const MESSAGE_KEYS: &[&str] =
    &["file", "actions", "profiles", "having", "variant", "api", "output_template", "doc"];

/// Reads a dialect's settings. All faults are reported.
pub(crate) fn load_settings(
    file: &File<'_>,
    vocabulary: &Vocabulary,
    report: &mut Report,
) -> Option<Settings> {
    let parsed = parse_toml(file, BAD_DIALECT, report)?;
    let root = TomlView::root(file, BAD_DIALECT, &parsed);
    root.known(KEYS, report);
    let doc = root.required_text("doc", report).map(|doc| doc.text).unwrap_or_default();
    let side = choice(&root, "side", &[("store", Side::Store), ("dom", Side::Dom)], report);
    let wire = choice(&root, "wire", &[("soap", WireForm::Soap), ("bare", WireForm::Bare)], report);
    let organization = organization(&root, report);
    let (action, profile) = routing(&root, report);
    let variants = variants(&root, vocabulary, report);
    let messages = root.array_of_tables("message", report);
    let messages: Vec<_> = messages.iter().filter_map(|view| message(view, report)).collect();
    let outcomes = outcomes(&root, side, vocabulary, report);
    let free: toml::Table = toml::from_str(file.text).unwrap_or_default();
    let table = |key: &str| free.get(key).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let limits = limits(&root, report);
    Some(Settings {
        doc,
        // A fault was reported; the templates are checked all the same.
        side: side.unwrap_or(Side::Store),
        wire: wire.unwrap_or(WireForm::Bare),
        variants,
        limits,
        login: table("login"),
        connection: table("connection"),
        action,
        profile,
        organization,
        messages,
        outcomes,
    })
}

/// Only a DOM is asked, so only its replies are judged.
fn outcomes(
    root: &TomlView<'_>,
    side: Option<Side>,
    vocabulary: &Vocabulary,
    report: &mut Report,
) -> Vec<OutcomeRule> {
    let rules = load_outcomes(root, vocabulary, report);
    let entry = root.entries().into_iter().find(|(key, _)| key.text == "outcome");
    if let (Some((key, _)), Some(Side::Store)) = (entry, side) {
        let fault = root.fault(key.span, "a store's dialect has no outcome rules");
        report.add(fault.helped("put them into the dialect of the DOM that replies"));
    }
    rules
}

fn choice<T: Copy>(view: &TomlView<'_>, key: &str, choices: &[(&str, T)], report: &mut Report) -> Option<T> {
    let written = view.required_text(key, report)?;
    let found = choices.iter().find(|(name, _)| *name == written.text).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("`\"{name}\"`")).collect();
        let fault = view.fault(written.span, format!("`{key}` cannot be `{}`", written.text));
        report.add(
            fault
                .expecting(names.join(" or "))
                .did_you_mean(&written.text, choices.iter().map(|(name, _)| *name)),
        );
    }
    found
}

fn organization(root: &TomlView<'_>, report: &mut Report) -> Option<(PlacedText, PlacedText)> {
    let view = root.table("organization", report)?;
    view.known(&["table", "field", "doc"], report);
    let (table, field) = (view.required_text("table", report), view.required_text("field", report));
    Some((table?, field?))
}

fn routing(root: &TomlView<'_>, report: &mut Report) -> (Option<LocalPath>, Option<LocalPath>) {
    let Some(view) = root.table("routing", report) else { return (None, None) };
    view.known(&["action", "profile", "doc"], report);
    let mut path = |key: &str| {
        let written = view.text(key, report)?;
        local_path(&view, &written, report)
    };
    (path("action"), path("profile"))
}

fn local_path(view: &TomlView<'_>, written: &PlacedText, report: &mut Report) -> Option<LocalPath> {
    let path = LocalPath::parse(&written.text);
    if path.is_none() {
        let fault = view.fault(written.span.clone(), format!("`{}` is not a path", written.text));
        report.add(
            fault.expecting("local names from the root, such as `DataArea/*/ActionCriteria/@actionCode`"),
        );
    }
    path
}

fn variants(
    root: &TomlView<'_>,
    vocabulary: &Vocabulary,
    report: &mut Report,
) -> BTreeMap<String, PlacedText> {
    let Some(view) = root.table("variants", report) else { return BTreeMap::new() };
    let mut variants = BTreeMap::new();
    for (operation, _) in view.entries() {
        if vocabulary.operation_named(&operation.text).is_none() {
            let known = vocabulary.operations().iter().map(|operation| operation.name.as_str());
            let fault =
                view.fault(operation.span.clone(), format!("there is no operation `{}`", operation.text));
            report.add(fault.did_you_mean(&operation.text, known));
        }
        if let Some(variant) = view.text(&operation.text, report) {
            variants.insert(operation.text, variant);
        }
    }
    variants
}

fn limits(root: &TomlView<'_>, report: &mut Report) -> BTreeMap<String, u64> {
    let Some(view) = root.table("limits", report) else { return BTreeMap::new() };
    let mut limits = BTreeMap::new();
    for (name, value) in view.entries() {
        let number = value.get_ref().as_integer();
        let number = number.and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        match number.filter(|number| *number > 0) {
            Some(number) => {
                limits.insert(name.text, number);
            }
            None => report.add(
                view.fault(value.span(), format!("`{}` is not a limit", name.text))
                    .expecting("a whole number above 0"),
            ),
        }
    }
    limits
}

fn message(view: &TomlView<'_>, report: &mut Report) -> Option<MessageEntry> {
    view.known(MESSAGE_KEYS, report);
    let file = view.required_text("file", report)?;
    if !file.text.ends_with(".xml") || file.text.contains('/') {
        let fault = view.fault(file.span, format!("`{}` is not a template of this folder", file.text));
        report.add(fault.expecting("the name of a file, ending in `.xml`"));
        return None;
    }
    let having = view.texts("having", report);
    let having = having.iter().filter_map(|written| local_path(view, written, report)).collect();
    let words = |texts: Vec<PlacedText>| texts.into_iter().map(|text| text.text).collect();
    Some(MessageEntry {
        file,
        actions: words(view.texts("actions", report)),
        profiles: words(view.texts("profiles", report)),
        having,
        variant: view.text("variant", report).map(|text| text.text),
        api: view.text("api", report).map(|text| text.text),
        output_template: view.text("output_template", report),
    })
}
