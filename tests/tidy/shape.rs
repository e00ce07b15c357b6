//! The shape of files: headers, lengths, folders.

use crate::repository::{nothing, rust_files};

const LONGEST_FILE: usize = 500;
const DEEPEST_FOLDER: usize = 2;

#[test]
fn every_file_opens_with_what_it_is_for() {
    let without = rust_files().into_iter().filter(|file| !file.text.starts_with("//! "));
    nothing("a file opens with `//!`", &without.map(|file| file.path).collect::<Vec<_>>());
}

#[test]
fn no_file_is_longer_than_can_be_read_at_once() {
    let lengths = rust_files().into_iter().map(|file| (file.text.lines().count(), file.path));
    let long = lengths.filter(|(lines, _)| *lines > LONGEST_FILE);
    nothing(
        "a file has at most 500 lines",
        &long.map(|(lines, path)| format!("{path}: {lines}")).collect::<Vec<_>>(),
    );
}

#[test]
fn folders_are_not_deep() {
    let mut findings = Vec::new();
    for file in rust_files() {
        // The root package has no `src`: its files begin right below `gateway/app`.
        let below = file.path.split_once("/src/").map(|(_, below)| below);
        let below = below.or_else(|| file.path.strip_prefix("gateway/app/")).unwrap_or_default();
        if below.matches('/').count() > DEEPEST_FOLDER {
            findings.push(file.path);
        }
    }
    nothing("at most two folders below `src`", &findings);
}

#[test]
fn a_module_stands_beside_its_folder() {
    let files = rust_files();
    let inside = files.iter().filter(|file| file.path.ends_with("/mod.rs"));
    nothing("`foo.rs` beside `foo/`", &inside.map(|file| file.path.clone()).collect::<Vec<_>>());
}
