//! Every mapping is proved by at least one fixture, and no fixture is left over.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::repository::{folders, nothing, relative, root};

/// The messages of a dialect: its templates by name. Output templates, which are sent as they stand, are none.
fn messages(dialect: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dialect).unwrap().map(|entry| entry.unwrap().file_name());
    let names = entries.filter_map(|name| name.to_string_lossy().strip_suffix(".xml").map(str::to_owned));
    names.filter(|name| !name.ends_with(".template")).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_mapping_has_a_fixture_and_every_fixture_a_mapping() {
    let mut findings = Vec::new();
    for dialect in folders(&root().join("mappings")) {
        let fixtures = root().join("fixtures").join(name(&dialect));
        let messages = messages(&dialect);
        let proved: BTreeSet<String> = folders(&fixtures).iter().map(|folder| name(folder)).collect();
        for message in messages.difference(&proved) {
            findings.push(format!(
                "{}/{message}.xml has no case in {}",
                relative(&dialect),
                relative(&fixtures)
            ));
        }
        for message in proved.difference(&messages) {
            findings.push(format!("{}/{message} belongs to no mapping", relative(&fixtures)));
        }
    }
    nothing("mappings and fixtures belong together", &findings);
}

#[test]
fn every_case_is_whole() {
    let mut findings = Vec::new();
    for dialect in folders(&root().join("mappings")) {
        for message in folders(&root().join("fixtures").join(name(&dialect))) {
            let cases = folders(&message);
            if cases.is_empty() {
                findings.push(format!("{} has no case", relative(&message)));
            }
            findings.extend(cases.iter().flat_map(|case| missing_files(case)));
        }
    }
    nothing("a case has a document and a record", &findings);
}

fn missing_files(case: &Path) -> Vec<String> {
    let missing = ["document.xml", "record.json"].into_iter().filter(|file| !case.join(file).exists());
    missing.map(|file| format!("{} lacks {file}", relative(case))).collect()
}
