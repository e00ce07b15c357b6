//! Which rule fits which reply, and which rules are never reached.

use super::pattern::{Pattern, Plain};
use super::{BodyKind, Calls, Outcome, OutcomeRule, Replied, judge};

fn rule() -> OutcomeRule {
    OutcomeRule {
        line: 1,
        calls: Calls::All,
        statuses: Vec::new(),
        bodies: Vec::new(),
        roots: Vec::new(),
        codes: Vec::new(),
        texts: Vec::new(),
        outcome: Outcome::Refused,
        pause: None,
    }
}

fn reply(status: u16, body: BodyKind) -> Replied<'static> {
    Replied {
        operation: "transfer",
        only_reads: false,
        status,
        body,
        root: Some("Errors"),
        codes: vec!["YFS10003"],
        texts: vec!["Order Exists already, ask again", "WC_845017"],
    }
}

#[test]
fn a_plain_code_is_the_whole_code_and_a_plain_text_stands_anywhere() {
    let cases = [
        ("YFS10003", Plain::Whole, "yfs10003", true),
        ("YFS10003", Plain::Whole, "YFS100031", false),
        ("YFS1*", Plain::Whole, "YFS10003", true),
        ("YFS1*", Plain::Whole, "AYFS10003", false),
        ("*", Plain::Whole, "", true),
        ("exists", Plain::Within, "Order exists already", true),
        ("exists", Plain::Within, "Order is new", false),
        ("order*already", Plain::Within, "Order exists already", true),
        ("order*already", Plain::Within, "An order exists already", false),
        ("*order*already*", Plain::Within, "An order exists already, sorry", true),
        ("a*a", Plain::Whole, "a", false),
        ("a*b*b", Plain::Whole, "ab", false),
        ("a*b*b", Plain::Whole, "axbybzb", true),
        ("ä*", Plain::Whole, "ärger", true),
    ];
    for (pattern, plain, text, expected) in cases {
        assert_eq!(Pattern::new(pattern, plain).fits(text), expected, "{pattern} {text}");
    }
}

#[test]
fn a_rule_fits_when_everything_it_names_does() {
    let code = |text| vec![Pattern::new(text, Plain::Whole)];
    let text = |text| vec![Pattern::new(text, Plain::Within)];
    let cases = [
        (rule(), true),
        (OutcomeRule { calls: Calls::Writes, ..rule() }, true),
        (OutcomeRule { calls: Calls::Reads, ..rule() }, false),
        (OutcomeRule { calls: Calls::Of(vec!["details".into(), "transfer".into()]), ..rule() }, true),
        (OutcomeRule { calls: Calls::Of(vec!["details".into()]), ..rule() }, false),
        (OutcomeRule { statuses: vec![(200, 201), (500, 600)], ..rule() }, true),
        (OutcomeRule { statuses: vec![(200, 500)], ..rule() }, false),
        (OutcomeRule { bodies: vec![BodyKind::Html, BodyKind::Errors], ..rule() }, true),
        (OutcomeRule { bodies: vec![BodyKind::Xml], ..rule() }, false),
        (OutcomeRule { roots: code("Errors"), codes: code("YFS*"), texts: text("exists"), ..rule() }, true),
        (OutcomeRule { codes: code("YFS*"), texts: text("missing"), ..rule() }, false),
    ];
    for (rule, expected) in cases {
        assert_eq!(rule.fits(&reply(500, BodyKind::Errors)), expected, "{}", rule.condition());
    }
}

#[test]
fn the_first_rule_that_fits_wins() {
    let rules = [
        OutcomeRule { statuses: vec![(503, 504)], outcome: Outcome::Overloaded, ..rule() },
        OutcomeRule { statuses: vec![(500, 600)], outcome: Outcome::NotFound, ..rule() },
    ];
    for (status, expected) in [(503, Outcome::Overloaded), (500, Outcome::NotFound), (400, Outcome::Refused)]
    {
        assert_eq!(judge(&rules, &reply(status, BodyKind::Errors)).outcome, expected, "{status}");
    }
}

#[test]
fn without_a_rule_only_a_whole_answer_and_a_refusal_are_certain() {
    let cases = [
        (200, BodyKind::Xml, Outcome::Done, Outcome::Done),
        (500, BodyKind::Errors, Outcome::Refused, Outcome::Refused),
        (500, BodyKind::Xml, Outcome::Retryable, Outcome::Ambiguous),
        (200, BodyKind::Html, Outcome::Retryable, Outcome::Ambiguous),
        (200, BodyKind::Empty, Outcome::Retryable, Outcome::Ambiguous),
        (503, BodyKind::Other, Outcome::Retryable, Outcome::Ambiguous),
    ];
    for (status, body, read, written) in cases {
        for (only_reads, expected) in [(true, read), (false, written)] {
            let verdict = judge(&[], &Replied { only_reads, ..reply(status, body) });
            assert_eq!(verdict.outcome, expected, "{status} {} {only_reads}", body.name());
            assert!(verdict.rule.is_none());
        }
    }
}

#[test]
fn a_row_is_covered_by_a_wider_one_only() {
    let status = |from, to| OutcomeRule { statuses: vec![(from, to)], ..rule() };
    let text = |text| OutcomeRule { texts: vec![Pattern::new(text, Plain::Within)], ..rule() };
    let code = |text| OutcomeRule { codes: vec![Pattern::new(text, Plain::Whole)], ..rule() };
    let calls = |calls| OutcomeRule { calls, ..rule() };
    let of = |names: &[&str]| calls(Calls::Of(names.iter().map(|name| (*name).to_owned()).collect()));
    let cases = [
        (rule(), status(500, 600), true),
        (status(500, 600), rule(), false),
        (status(500, 600), status(503, 504), true),
        (status(503, 504), status(500, 600), false),
        (text("exists"), text("order exists"), true),
        (text("order exists"), text("exists"), false),
        (code("YFS*"), code("YFS10003"), true),
        (code("YFS10003"), code("YFS*"), false),
        (of(&["transfer", "reserve"]), of(&["reserve"]), true),
        (of(&["reserve"]), calls(Calls::Writes), false),
        (calls(Calls::Reads), calls(Calls::Writes), false),
    ];
    for (wide, narrow, expected) in cases {
        assert_eq!(wide.covers(&narrow), expected, "{} | {}", wide.condition(), narrow.condition());
    }
}
