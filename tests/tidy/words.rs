//! What must not be written, or only in one place: text searches.

use crate::repository::{File, files_below, is_test, nothing, root, rust_files, without_tests};

/// Text that only some files may hold.
struct Reserved {
    rule: &'static str,
    text: &'static str,
    /// Where the rule looks.
    below: &'static str,
    /// The files that may.
    only_in: &'static [&'static str],
}

const RESERVED: &[Reserved] = &[
    Reserved {
        rule: "layers are added in gateway/app/stack.rs, each with the reason for its place",
        text: ".layer(",
        below: "gateway/",
        only_in: &["gateway/app/stack.rs"],
    },
    Reserved {
        rule: "a fault becomes an HTTP answer in gateway/app/respond.rs; the admin listener answers operators",
        text: "StatusCode::",
        below: "gateway/app/",
        only_in: &["gateway/app/respond.rs", "gateway/app/admin.rs", "gateway/app/admin/load.rs"],
    },
    Reserved {
        rule: "the crates below know no HTTP status",
        text: "StatusCode::",
        below: "gateway/exchange/",
        only_in: &[],
    },
    Reserved {
        rule: "the environment is read in one place",
        text: "env::var(",
        below: "gateway/",
        only_in: &["gateway/app/config/secret.rs"],
    },
    Reserved {
        rule: "the clock is read in one place",
        text: "Timestamp::now()",
        below: "gateway/",
        only_in: &["gateway/app/clock.rs"],
    },
    Reserved { rule: "only the command line prints", text: "println!(", below: "gateway/", only_in: &[] },
];

#[test]
fn what_is_done_in_one_place_is_done_nowhere_else() {
    let files = rust_files();
    let mut findings = Vec::new();
    for reserved in RESERVED {
        for file in files.iter().filter(|file| file.path.starts_with(reserved.below) && !is_test(&file.path))
        {
            let allowed = reserved.only_in.contains(&file.path.as_str());
            if !allowed && without_tests(&file.text).contains(reserved.text) {
                findings.push(format!("{} has `{}`: {}", file.path, reserved.text, reserved.rule));
            }
        }
    }
    nothing("one place for one thing", &findings);
}

#[test]
fn no_test_is_switched_off_or_expects_a_panic() {
    // Put together from pieces, so that this file does not hold what it looks for.
    let forbidden = ["ignore", "should_panic"].map(|attribute| format!("#[{attribute}"));
    let mut findings = Vec::new();
    for file in rust_files() {
        let found = forbidden.iter().filter(|attribute| file.text.contains(attribute.as_str()));
        findings.extend(found.map(|attribute| format!("{}: {attribute}", file.path)));
    }
    nothing("known wrong behaviour is asserted as it is", &findings);
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let paths = ["work", "root", "home"].map(|folder| format!("/{folder}/"));
    let mut findings = Vec::new();
    for file in everything() {
        for (line, text) in file.text.lines().enumerate() {
            let outside =
                |path: &String| text.match_indices(path.as_str()).any(|(at, _)| begins_a_path(text, at));
            if paths.iter().any(outside) {
                findings.push(format!("{}:{}: {}", file.path, line + 1, text.trim()));
            }
        }
    }
    nothing("paths start from the repository", &findings);
}

/// Whether the `/` at this byte begins a path, instead of lying inside of one or of a URL.
fn begins_a_path(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    before.is_none_or(|letter| {
        !(letter.is_alphanumeric() || matches!(letter, '/' | '.' | '_' | '-' | '}' | '>'))
    })
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut findings = Vec::new();
    for file in everything().into_iter().filter(|file| file.path.ends_with(".md")) {
        let folder = root().join(&file.path).parent().unwrap().to_owned();
        for target in links(&file.text) {
            let path = target.split('#').next().unwrap_or_default();
            let local = !path.is_empty() && !path.contains("://");
            if local && !folder.join(path).exists() {
                findings.push(format!("{}: {target}", file.path));
            }
        }
    }
    nothing("links lead somewhere", &findings);
}

/// The targets of Markdown links `[text](target)`.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

fn everything() -> Vec<File> {
    let files = files_below(&["."]);
    assert!(files.len() > 30, "the files of the repository were not found");
    files
}
