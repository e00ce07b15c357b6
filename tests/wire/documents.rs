//! Documents of stores and DOMs: those of the fixtures, and small ones of their own.

use std::fs;
use std::path::{Path, PathBuf};

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
