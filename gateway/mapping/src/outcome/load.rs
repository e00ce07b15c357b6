//! `[[outcome]]` of `dialect.toml`, read and checked.

use std::ops::Range;
use std::time::Duration;

use gateway_model::Vocabulary;

use super::pattern::{Pattern, Plain};
use super::{BodyKind, Calls, Outcome, OutcomeRule};
use crate::report::Report;
use crate::toml_view::{PlacedText, TomlView, list};

const KEYS: &[&str] =
    &["calls", "operations", "status", "body", "root", "error", "text", "is", "pause_ms", "doc"];
/// The longest pause a rule may ask for, in milliseconds: no call waits longer for anything.
const LONGEST_PAUSE_MS: u64 = 60_000;

/// A row with its place.
#[derive(Debug)]
struct OutcomeEntry {
    rule: OutcomeRule,
    span: Range<usize>,
}

/// Reads the rows. All faults are reported, also rows that an earlier one leaves nothing.
pub(crate) fn load_outcomes(
    root: &TomlView<'_>,
    vocabulary: &Vocabulary,
    report: &mut Report,
) -> Vec<OutcomeRule> {
    let views = root.array_of_tables("outcome", report);
    let entries: Vec<_> = views.iter().filter_map(|view| entry(view, vocabulary, report)).collect();
    for (index, entry) in entries.iter().enumerate() {
        let earlier = entries.get(..index).unwrap_or_default();
        if let Some(first) = earlier.iter().find(|first| first.rule.covers(&entry.rule)) {
            let text = "the row is never reached: whatever fits it fits an earlier one";
            let mut fault = root.fault(entry.span.clone(), text).helped("put the narrower row first");
            fault.related.push((root.file.place(first.span.clone()), "this row comes first".to_owned()));
            report.add(fault.labelled("too late"));
        }
    }
    entries.into_iter().map(|entry| entry.rule).collect()
}

fn entry(view: &TomlView<'_>, vocabulary: &Vocabulary, report: &mut Report) -> Option<OutcomeEntry> {
    view.known(KEYS, report);
    let outcome = outcome(view, report);
    let calls = calls(view, vocabulary, report);
    let statuses = view.texts("status", report);
    let statuses = statuses.iter().filter_map(|written| status(view, written, report)).collect();
    let bodies = view.texts("body", report);
    let bodies = bodies.iter().filter_map(|written| body(view, written, report)).collect();
    let pause = pause(view, outcome.as_ref().map(|(outcome, _)| *outcome), report);
    let (outcome, span) = outcome?;
    let mut patterns = |key: &str, plain| {
        let texts = view.texts(key, report);
        texts.iter().filter_map(|written| pattern(view, written, plain, report)).collect()
    };
    let rule = OutcomeRule {
        line: line_of(view.file.text, view.start()),
        calls,
        statuses,
        bodies,
        roots: patterns("root", Plain::Whole),
        codes: patterns("error", Plain::Whole),
        texts: patterns("text", Plain::Within),
        outcome,
        pause,
    };
    Some(OutcomeEntry { rule, span })
}

fn outcome(view: &TomlView<'_>, report: &mut Report) -> Option<(Outcome, Range<usize>)> {
    let written = view.required_text("is", report)?;
    let found = Outcome::named(&written.text);
    if found.is_none() {
        let names = Outcome::ALL.map(Outcome::name);
        let fault = view.fault(written.span.clone(), format!("there is no outcome `{}`", written.text));
        report.add(fault.expecting(list(&names)).did_you_mean(&written.text, names));
    }
    found.map(|outcome| (outcome, written.span))
}

/// `calls = "reads"` or `"writes"`, or `operations = [...]` by name.
fn calls(view: &TomlView<'_>, vocabulary: &Vocabulary, report: &mut Report) -> Calls {
    let operations = view.texts("operations", report);
    let kind = view.text("calls", report);
    if let (Some(kind), false) = (&kind, operations.is_empty()) {
        let fault = view.fault(kind.span.clone(), "a row is for `calls` or for `operations`, not for both");
        report.add(fault.helped("leave one of them out"));
    }
    for written in &operations {
        if vocabulary.operation_named(&written.text).is_none() {
            let known = vocabulary.operations().iter().map(|operation| operation.name.as_str());
            let fault = view.fault(written.span.clone(), format!("there is no operation `{}`", written.text));
            report.add(fault.did_you_mean(&written.text, known));
        }
    }
    match kind {
        Some(kind) if kind.text == "reads" => Calls::Reads,
        Some(kind) if kind.text == "writes" => Calls::Writes,
        Some(kind) => {
            let fault = view.fault(kind.span, format!("`calls` cannot be `{}`", kind.text));
            report.add(fault.expecting("`\"reads\"` or `\"writes\"`"));
            Calls::All
        }
        None if operations.is_empty() => Calls::All,
        None => Calls::Of(operations.into_iter().map(|written| written.text).collect()),
    }
}

/// `503`, or `500..600`: from the first up to but not including the second.
fn status(view: &TomlView<'_>, written: &PlacedText, report: &mut Report) -> Option<(u16, u16)> {
    let number = |text: &str| text.trim().parse::<u16>().ok();
    let range = match written.text.split_once("..") {
        Some((from, to)) => number(from).zip(number(to)),
        None => number(&written.text).and_then(|status| Some((status, status.checked_add(1)?))),
    };
    let range = range.filter(|(from, to)| *from >= 100 && from < to && *to <= 600);
    if range.is_none() {
        let text = format!("`{}` is no HTTP status", written.text);
        let fault = view.fault(written.span.clone(), text);
        report.add(fault.expecting("a status such as `503`, or from and up to such as `500..600`"));
    }
    range
}

fn body(view: &TomlView<'_>, written: &PlacedText, report: &mut Report) -> Option<BodyKind> {
    let found = BodyKind::ALL.into_iter().find(|kind| kind.name() == written.text);
    if found.is_none() {
        let names = BodyKind::ALL.map(BodyKind::name);
        let fault = view.fault(written.span.clone(), format!("there is no kind of body `{}`", written.text));
        report.add(fault.expecting(list(&names)).did_you_mean(&written.text, names));
    }
    found
}

fn pattern(view: &TomlView<'_>, written: &PlacedText, plain: Plain, report: &mut Report) -> Option<Pattern> {
    if written.text.trim().is_empty() {
        let fault = view.fault(written.span.clone(), "an empty text fits nothing or everything");
        report.add(fault.expecting("a text, with `*` for any characters"));
        return None;
    }
    Some(Pattern::new(&written.text, plain))
}

/// A pause means something only before another try.
fn pause(view: &TomlView<'_>, outcome: Option<Outcome>, report: &mut Report) -> Option<Duration> {
    let (written, number) = view.whole_number("pause_ms", report)?;
    if number == 0 || number > LONGEST_PAUSE_MS {
        let fault = view.fault(written, format!("`pause_ms` cannot be `{number}`"));
        report.add(fault.expecting(format!("1 to {LONGEST_PAUSE_MS} milliseconds")));
        return None;
    }
    match outcome {
        Some(Outcome::Retryable | Outcome::Overloaded) => Some(Duration::from_millis(number)),
        None => None,
        Some(outcome) => {
            let text = format!("a pause means nothing where the outcome is `{}`", outcome.name());
            report.add(view.fault(written, text).expecting("`retryable` or `overloaded` beside it"));
            None
        }
    }
}

fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.get(..offset).unwrap_or(text);
    u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX).saturating_add(1)
}
