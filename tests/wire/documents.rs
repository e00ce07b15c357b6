//! Documents of stores and DOMs: those of the fixtures, and small ones of their own.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};
use tempfile::TempDir;

/// A document of an exchange's fixture.
pub(crate) fn exchange(operation: &str, case: &str, file: &str) -> String {
    fs::read_to_string(fixtures().join("exchanges").join(operation).join(case).join(file)).unwrap()
}

/// What a store asks in a fixture, and what the DOM answers to it.
pub(crate) fn question_and_answer(operation: &str, case: &str) -> (String, String) {
    (exchange(operation, case, "store-request.xml"), exchange(operation, case, "dom-answer.xml"))
}

/// The cases of an operation's exchanges, by name.
pub(crate) fn cases(operation: &str) -> Vec<PathBuf> {
    let folder = fixtures().join("exchanges").join(operation);
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// The folder of all fixtures.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A document in a SOAP 1.1 envelope.
pub(crate) fn soap_11(document: &str) -> String {
    envelope("http://schemas.xmlsoap.org/soap/envelope/", "", document)
}

/// A document in a SOAP 1.2 envelope.
pub(crate) fn soap_12(document: &str) -> String {
    envelope("http://www.w3.org/2003/05/soap-envelope", "", document)
}

/// A document in an envelope with these headers.
pub(crate) fn envelope(namespace: &str, header: &str, document: &str) -> String {
    let document = document.trim_start_matches("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    format!(
        "<e:Envelope xmlns:e=\"{namespace}\"><e:Header>{header}</e:Header><e:Body>{document}</e:Body></e:Envelope>"
    )
}

/// A piece of a document replaced; it has to be there.
pub(crate) fn replaced(document: &str, from: &str, to: &str) -> String {
    assert!(document.contains(from), "no `{from}` in {document}");
    document.replacen(from, to, 1)
}

/// A document without what does not count: its envelope, prefixes, white space between elements, the order of attributes.
pub(crate) fn canonical(document: &str) -> String {
    let document = Document::parse(document).unwrap();
    let mut out = String::new();
    let root = document.root_element();
    let body = root.children().find(|node| node.tag_name().name() == "Body");
    let inside = body.and_then(|body| body.first_element_child());
    write_canonical(inside.unwrap_or(root), &mut out);
    out
}

/// As [`canonical`], without what makes a document this one: its time and identity.
pub(crate) fn canonical_but_for_its_stamp(document: &str) -> String {
    let mut text = canonical(document);
    for name in ["CreationDateTime", "BODID"] {
        let (before, rest) = text.split_once(&format!("{name} >")).unwrap();
        let (_, after) = rest.split_once("</>").unwrap();
        text = format!("{before}{name} >*</>{after}");
    }
    text
}

fn write_canonical(node: Node<'_, '_>, out: &mut String) {
    let name = node.tag_name();
    let mut attributes: Vec<String> =
        node.attributes().map(|attribute| format!("{}={:?}", attribute.name(), attribute.value())).collect();
    attributes.sort();
    write!(out, "\n<{{{}}}{} {}>", name.namespace().unwrap_or_default(), name.name(), attributes.join(" "))
        .unwrap();
    for child in node.children() {
        match child.text() {
            Some(text) if child.is_text() => out.push_str(text.trim()),
            _ if child.is_element() => write_canonical(child, out),
            _ => {}
        }
    }
    out.push_str("</>");
}

/// The stock of one item at one online store is asked.
pub(crate) fn availability() -> String {
    exchange("availability", "refused", "store-request.xml")
}

/// An order of two items is to be reserved.
pub(crate) fn reserve() -> String {
    exchange("reserve", "refused", "store-request.xml")
}

/// The repository's mappings in a folder of their own, to be changed.
pub(crate) fn copied_mappings() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings"), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).unwrap();
        }
    }
}
