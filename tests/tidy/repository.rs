//! The files of the repository, as the rules look at them.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file of the repository.
pub(crate) struct File {
    /// Relative to the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Folders that hold nothing of ours.
const FOREIGN: &[&str] = &["target", ".git", ".cargo"];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All text files below these folders of the root, in order of path; files that are not UTF-8 are left out.
pub(crate) fn files_below(folders: &[&str]) -> Vec<File> {
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: &PathBuf| Some(File { path: relative(path), text: fs::read_to_string(path).ok()? });
    paths.iter().filter_map(read).collect()
}

/// All Rust files of the workspace.
pub(crate) fn rust_files() -> Vec<File> {
    let mut files = files_below(&["gateway", "tests"]);
    files.retain(|file| file.path.ends_with(".rs"));
    assert!(files.len() > 20, "the files of the workspace were not found");
    files
}

/// The manifest of every crate, by the crate's folder; the root package by `gateway/app`.
pub(crate) fn manifests() -> Vec<(String, toml::Table)> {
    let mut manifests = vec![("gateway/app".to_owned(), manifest(&root().join("Cargo.toml")))];
    for folder in folders(&root().join("gateway")) {
        let path = folder.join("Cargo.toml");
        if path.exists() {
            manifests.push((relative(&folder), manifest(&path)));
        }
    }
    manifests
}

/// The folders in a folder, in order of name; none if there is no such folder.
pub(crate) fn folders(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

pub(crate) fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

/// What of a Rust file is not its tests: everything before `#[cfg(test)]` on a line of its own.
pub(crate) fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

/// Whether a file consists of tests or benches.
pub(crate) fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.ends_with("/tests.rs")
        || path.contains("/tests/")
        || path.contains("/benches/")
}

/// Fails with all findings at once.
pub(crate) fn nothing(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}\n", findings.join("\n  "));
}

fn manifest(path: &Path) -> toml::Table {
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn collect(path: &Path, paths: &mut Vec<PathBuf>) {
    if path.is_file() {
        paths.push(path.to_owned());
        return;
    }
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        if !FOREIGN.contains(&entry.file_name().to_string_lossy().as_ref()) {
            collect(&entry.path(), paths);
        }
    }
}
