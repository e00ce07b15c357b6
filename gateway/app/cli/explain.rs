//! `explain`: what a code means, whose fault it is, what to do about it.

use std::fmt::Write as _;

use clap::Args;
use gateway_model::codes::{Entry, REGISTER, entry};
use gateway_model::{Origin, Reached};

use crate::cli::columns;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::terminal::Terminal;

/// Say what a code means, whose fault it is, and what to do about it.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Explain {
    /// A code as it stands in an answer, a log or a report (`GW-4010`), its number or its name; all codes without it.
    code: Option<String>,
    /// All codes as the document gateway/CODES.md.
    #[arg(long, conflicts_with = "code")]
    markdown: bool,
}

const LONG: &str = "Say what a code means, whose fault it is, whether the DOM may have acted, and what to do about it.

Every answer of the gateway that is not simply good, every line of its log about a fault and every fault of a file has \
such a code. Without one all codes are listed.";

const EXAMPLE: &str = "Example:
  dom-gateway explain GW-4010

Exit codes: 0 explained; 2 there is no such code.";

// === impl Explain ===

impl Explain {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let text = match &self.code {
            Some(code) => explained(entry(code).ok_or_else(|| unknown(code))?),
            None if self.markdown => markdown(),
            None => list(),
        };
        terminal.give(text.as_bytes())?;
        Ok(Outcome::Fine)
    }
}

fn unknown(code: &str) -> Failure {
    // What somebody typed may hold anything, and be of any length.
    let shown: String = code.chars().filter(|letter| !letter.is_control()).take(40).collect();
    Failure::Usage(format!("there is no code `{shown}`; `dom-gateway explain` lists all"))
}

fn explained(entry: &Entry) -> String {
    format!(
        "{} {}: {}\n\nwhose fault:     {}\nDOM has acted:   {}\nwhat to do:      {}\n",
        entry.code,
        entry.name,
        entry.meaning(),
        origins(entry),
        reached(entry),
        entry.to_do
    )
}

fn list() -> String {
    let line = |entry: &Entry| [entry.code.to_string(), entry.name.to_owned(), entry.meaning().to_owned()];
    columns::aligned(&REGISTER.iter().map(line).collect::<Vec<_>>(), &[])
}

/// Whose fault it may be, in the words of headers, faults and logs.
fn origins(entry: &Entry) -> String {
    alternatives(entry.origins.iter().copied().map(Origin::name))
}

/// Whether the DOM may have acted, in the words of headers, faults and logs.
fn reached(entry: &Entry) -> String {
    alternatives(entry.reached.iter().copied().map(Reached::name))
}

fn alternatives<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.collect::<Vec<_>>().join(" or ")
}

/// The parts of the register, by the thousand.
const PARTS: &[(u16, &str)] = &[
    (1, "The caller's document or request"),
    (2, "Mapping files"),
    (3, "A message that does not fit its template"),
    (4, "The DOM and the way to it"),
    (5, "Configuration, tables and fixtures"),
    (6, "The gateway itself"),
    (7, "Pushes to the store"),
];

const HEAD: &str = "# Codes

What `dom-gateway explain` says, of all codes at once; written by `dom-gateway explain --markdown`, and a test compares the
two.

Every answer that is not simply good says four things in the same words: in its headers, in the detail of a SOAP fault, in
the line of the log.

| header | detail | log | |
| --- | --- | --- | --- |
| `x-request-id` | `requestId` | `request.id` | the call, everywhere |
| `x-gateway-code` | `code` | `code` | the code, below |
| `x-gateway-origin` | `origin` | `origin` | who has to act: `store`, `gateway`, `dom`, `network` |
| `x-gateway-dom-may-have-acted` | `domMayHaveActed` | `dom_may_have_acted` | `no`: nothing reached it; `maybe`: nobody knows; `yes`: it answered |
| `x-gateway-repeat` | `repeat` | `repeat` | whether to send it again: `safe`; `after-check`: only after finding out whether it was carried out; `useless`: it would fail the same way |
| `x-gateway-attempts` | `attempts` | `attempts` | requests sent to the DOM |

Where a code has several origins or outcomes, each answer says which one it is.
";

fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for (thousand, title) in PARTS {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n## {title}\n\n| code | meaning | fault of | DOM has acted | what to do |\n");
        text.push_str("| --- | --- | --- | --- | --- |\n");
        for entry in REGISTER.iter().filter(|entry| entry.code.0 / 1_000 == *thousand) {
            let _ = writeln!(
                text,
                "| {} `{}` | {} | {} | {} | {} |",
                entry.code,
                entry.name,
                entry.meaning(),
                origins(entry),
                reached(entry),
                entry.to_do
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use gateway_model::codes::REGISTER;

    use super::markdown;

    #[test]
    fn every_code_stands_in_the_document() {
        let text = markdown();
        for entry in REGISTER {
            assert!(text.contains(&format!("\n| {} `{}` | ", entry.code, entry.name)), "{}", entry.name);
        }
        assert!(!text.contains("|  |"), "an empty cell");
    }
}
