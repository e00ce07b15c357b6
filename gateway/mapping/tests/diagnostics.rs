//! What the author of a faulty file is told: each folder of `diagnostics` holds faulty files, which stand in for those
//! of `base`, and the text that is shown for them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gateway_mapping::{Loaded, Source, load, render};
use gateway_model::codes;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

fn collect(folder: &Path, base: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, base, files);
        } else {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

fn cases() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "base");
    names.sort();
    names
}

/// Loads a case: the faulty files in place of those of the base.
fn loaded(case: &str) -> (Loaded, Vec<Source>, String) {
    let mut files = BTreeMap::new();
    collect(&folder().join("base"), &folder().join("base"), &mut files);
    collect(&folder().join(case), &folder().join(case), &mut files);
    let expected = files.remove("expected.txt").unwrap_or_default();
    let sources: Vec<_> = files.into_iter().map(|(path, text)| Source::new(path, text)).collect();
    (load(&sources), sources, expected)
}

#[test]
fn the_base_has_no_faults() {
    let (loaded, sources, _) = loaded("base");
    assert!(loaded.mappings.is_some(), "{}", render(&loaded.diagnostics, &sources, false));
}

#[test]
fn every_fault_is_shown_as_it_stands() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (loaded, sources, expected) = loaded(&case);
        assert!(loaded.mappings.is_none(), "{case} has no fault");
        let shown = render(&loaded.diagnostics, &sources, false);
        if shown.trim_end() != expected.trim_end() {
            wrong.push(format!("=== {case}\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_mapping_files_has_a_case() {
    let shown: Vec<_> = cases()
        .iter()
        .flat_map(|case| {
            loaded(case).0.diagnostics.into_iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>()
        })
        .collect();
    for codes::Entry { code, name, .. } in
        codes::REGISTER.iter().filter(|entry| (2001..3000).contains(&entry.code.0))
    {
        // Whether the gateway's own fields are there is checked by the crate that works with them.
        assert!(*code == codes::MISSING_VIEW || shown.contains(code), "{code} {name}");
    }
}
