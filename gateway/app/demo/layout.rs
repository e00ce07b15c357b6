//! How the journey looks: a table no wider than a terminal, documents indented, a last line that says how it went.

mod markup;

use std::fmt::Write as _;

use crate::demo::operator::Counted;
use crate::demo::step::{Hop, Step};

/// Widths of the columns in characters; with the gaps between them 120.
const NUMBER: usize = 2;
const NAME: usize = 16;
const ROUTE: usize = 48;
const OUTCOME: usize = 38;
const TIME: usize = 8;
const WIDTH: usize = NUMBER + NAME + ROUTE + OUTCOME + TIME + 4 * GAP.len();
const GAP: &str = "  ";
/// What stands before a line that is no row.
const MARGIN: &str = "      ";

/// Whether what is shown may have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Text only.
    Plain,
    /// Right is green, wrong is red.
    Colored,
}

/// The head of the table.
#[must_use]
pub fn head() -> String {
    let mut text = String::new();
    row(&mut text, ["", "step", "from → to", "outcome", "ms"]);
    text.push_str(&"─".repeat(WIDTH));
    text.push('\n');
    text
}

/// A step's row, with as many lines as its cells need.
#[must_use]
pub fn step(number: usize, step: &Step, paint: Paint) -> String {
    let (sign, told, colour) = match &step.outcome {
        Ok(facts) => ("✓", facts, "\u{1b}[32m"),
        Err(faults) => ("✗", faults, "\u{1b}[31m"),
    };
    let route: Vec<String> = step.route.iter().flat_map(|line| wrapped(line, ROUTE)).collect();
    let outcome = wrapped(told, OUTCOME - 2);
    let names = wrapped(step.name, NAME);
    let mut text = String::new();
    for line in 0..route.len().max(outcome.len()).max(names.len()) {
        let cell = |cells: &[String]| cells.get(line).cloned().unwrap_or_default();
        let is_first = line == 0;
        let number = if is_first { format!("{number:>NUMBER$}") } else { String::new() };
        let time = if is_first { format!("{:.1}", step.took.as_secs_f64() * 1_000.0) } else { String::new() };
        let sign = if is_first { sign } else { " " };
        let outcome = format!("{sign} {}", cell(&outcome));
        row(&mut text, [&number, &cell(&names), &cell(&route), &outcome, &time]);
    }
    match paint {
        Paint::Plain => text,
        Paint::Colored => text.replacen(sign, &format!("{colour}{sign}\u{1b}[0m"), 1),
    }
}

/// The documents of a step, each with who sent it to whom.
#[must_use]
pub fn documents(step: &Step) -> String {
    let mut text = String::new();
    for Hop { from, to, name, document } in &step.hops {
        line(&mut text, format_args!("\n    ── {from} → {to}: {name}"));
        for indented in markup::indented(document).lines() {
            line(&mut text, format_args!("    {indented}"));
        }
    }
    text.push('\n');
    text
}

/// What the gateway warned of in a step that went wrong, from its log's lines.
#[must_use]
pub fn warnings(log: &[String]) -> String {
    let mut text = String::new();
    for warning in log.iter().filter_map(|logged| warning(logged)) {
        for part in wrapped(&warning, WIDTH - MARGIN.len()) {
            line(&mut text, format_args!("{MARGIN}{part}"));
        }
    }
    text
}

/// A line of the log in short; `None` unless it warns. What is no line of the log, a panic's text say, is a warning.
fn warning(logged: &str) -> Option<String> {
    let Ok(fields) = serde_json::from_str::<serde_json::Value>(logged) else {
        return Some(logged.to_owned());
    };
    let field = |name: &str| fields.get(name).and_then(serde_json::Value::as_str);
    let is_warning = matches!(field("level"), Some("WARN" | "ERROR"));
    let named = ["operation", "code", "message"].into_iter().filter_map(field);
    is_warning.then(|| format!("the gateway says: {}", named.collect::<Vec<_>>().join(" ")))
}

/// The last line: how it went, and what to look at next.
#[must_use]
pub fn conclusion(steps: &[Step], paint: Paint) -> String {
    let wrong: Vec<String> = (1..)
        .zip(steps)
        .filter(|(_, step)| !step.is_right())
        .map(|(number, step)| format!("{number} {}", step.name))
        .collect();
    let (said, colour) = if wrong.is_empty() {
        (format!("All {} steps were right, at both ends.", steps.len()), "\u{1b}[32m")
    } else {
        (
            format!("{} of {} steps were not right: {}.", wrong.len(), steps.len(), wrong.join(", ")),
            "\u{1b}[31m",
        )
    };
    match paint {
        Paint::Plain => format!("\n{said}\n"),
        Paint::Colored => format!("\n{colour}{said}\u{1b}[0m\n"),
    }
}

/// What the gateway's memory of stock spared the DOM.
#[must_use]
pub fn spared(counted: Counted) -> String {
    let Counted { alone, in_part, not_at_all, wanted, asked, .. } = counted;
    let questions = alone + in_part + not_at_all;
    format!(
        "Stock: of {wanted} lines the store asked for, the DOM was asked for {asked}; of {questions} questions {alone} were \
         answered from memory alone.\n"
    )
}

fn row(text: &mut String, cells: [&str; 5]) {
    let [number, name, route, outcome, time] = cells;
    let content = format!(
        "{number:<NUMBER$}{GAP}{name:<NAME$}{GAP}{route:<ROUTE$}{GAP}{outcome:<OUTCOME$}{GAP}{time:>TIME$}"
    );
    line(text, format_args!("{}", content.trim_end()));
}

/// A text in lines of at most `width` characters, broken between words where there are any.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        for piece in pieces(word, width) {
            let count = piece.chars().count();
            if length > 0 && length + 1 + count > width {
                lines.push(std::mem::take(&mut current));
                length = 0;
            }
            if length > 0 {
                current.push(' ');
                length += 1;
            }
            current.push_str(&piece);
            length += count;
        }
    }
    if !current.is_empty() {
        lines.push(current);
    }
    lines
}

/// A word, cut where it is longer than a line.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    characters.chunks(width.max(1)).map(|piece| piece.iter().collect()).collect()
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{content}");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Paint, WIDTH, conclusion, documents, head, spared, step, warnings, wrapped};
    use crate::demo::operator::Counted;
    use crate::demo::step::{Hop, Step};

    fn taken(outcome: Result<String, String>) -> Step {
        Step {
            name: "reserve",
            route: vec![
                "store ProcessInventoryRequirement CancelInventoryReservation".to_owned(),
                "→ DOM reserveAvailableInventory".to_owned(),
            ],
            outcome,
            took: Duration::from_micros(12_345),
            hops: vec![Hop {
                from: "store",
                to: "gateway",
                name: "A".to_owned(),
                document: "<A><B>1</B></A>".to_owned(),
            }],
        }
    }

    #[test]
    fn columns_stand_under_each_other_and_nothing_is_wider_than_a_terminal() {
        assert_eq!(WIDTH, 120);
        let long = "a fact of many words that needs several lines and one_word_that_is_longer_than_its_whole_column_is";
        let text = head() + &step(1, &taken(Ok(long.to_owned())), Paint::Plain);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let column = |line: &str, part: &str| Some(line.split_once(part)?.0.chars().count());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(column(lines[0], "from → to"), column(lines[2], "store"));
        assert_eq!(column(lines[0], "outcome"), column(lines[2], "✓"));
        assert!(lines[0].ends_with("ms") && lines[2].ends_with("12.3"), "{text}");
    }

    #[test]
    fn words_are_kept_whole_where_they_fit() {
        for (text, width, lines) in [
            ("a bc def", 4, vec!["a bc", "def"]),
            ("abcdefgh", 3, vec!["abc", "def", "gh"]),
            ("über größe", 5, vec!["über", "größe"]),
            ("", 3, vec![]),
        ] {
            assert_eq!(wrapped(text, width), lines, "{text}");
        }
    }

    #[test]
    fn the_last_line_names_what_was_not_right() {
        let right = || taken(Ok(String::new()));
        let wrong = || taken(Err(String::new()));
        assert_eq!(
            conclusion(&[right(), right()], Paint::Plain),
            "\nAll 2 steps were right, at both ends.\n"
        );
        let said = "\n1 of 2 steps were not right: 2 reserve.\n";
        assert_eq!(conclusion(&[right(), wrong()], Paint::Plain), said);
    }

    #[test]
    fn the_line_about_stock_says_what_the_dom_was_spared() {
        let counted = Counted { alone: 3, in_part: 2, not_at_all: 1, wanted: 43, asked: 22, stale: 6 };
        let said = "Stock: of 43 lines the store asked for, the DOM was asked for 22; of 6 questions 3 were \
                    answered from memory alone.\n";
        assert_eq!(spared(counted), said);
    }

    #[test]
    fn of_the_log_only_warnings_are_shown() {
        let log = [
            r#"{"level":"INFO","message":"answered","operation":"reserve"}"#.to_owned(),
            r#"{"level":"WARN","message":"refused: no","operation":"reserve","code":"GW-1004"}"#.to_owned(),
            "thread panicked".to_owned(),
        ];
        let shown = "      the gateway says: reserve GW-1004 refused: no\n      thread panicked\n";
        assert_eq!(warnings(&log), shown);
    }

    #[test]
    fn only_the_sign_is_coloured_and_only_when_wanted() {
        let plain = step(1, &taken(Err("no".to_owned())), Paint::Plain);
        let colored = step(1, &taken(Err("no".to_owned())), Paint::Colored);
        assert!(!plain.contains('\u{1b}'));
        assert_eq!(colored.replace("\u{1b}[31m", "").replace("\u{1b}[0m", ""), plain);
    }

    #[test]
    fn documents_are_shown_with_who_sent_them_to_whom() {
        let text = documents(&taken(Ok(String::new())));
        assert_eq!(text, "\n    ── store → gateway: A\n    <A>\n      <B>1</B>\n    </A>\n\n");
    }
}
