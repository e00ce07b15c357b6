//! The tables of `DECISIONS.md`, for the tests that do what they say.

const DOCUMENT: &str = include_str!("../DECISIONS.md");

/// The rows of the table whose header begins with these cells.
pub(crate) fn rows(header: &str) -> Vec<Vec<&'static str>> {
    let mut lines = DOCUMENT.lines().skip_while(|line| !line.starts_with(header));
    assert!(lines.next().is_some(), "no table `{header}` in DECISIONS.md");
    lines.skip(1).take_while(|line| line.starts_with('|')).map(cells).collect()
}

fn cells(line: &'static str) -> Vec<&'static str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}
