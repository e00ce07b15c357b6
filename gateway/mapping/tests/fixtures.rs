//! Every fixture through its template: `fixtures/<dialect>/<message>/<case>/`.
//!
//! A case is a `document.xml` and what it means, `record.json`. Reading the document gives the record; writing the
//! record gives the document. A case that holds in one direction only has an empty file `only-read` or `only-write`
//! beside it. A file `zone` names the zone of the case (UTC without it). Nothing here knows a dialect: a new
//! dialect is tested by its folders being there.

#![expect(clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "fixtures/canonical.rs"]
mod canonical;
#[path = "fixtures/case.rs"]
mod case;

use std::collections::BTreeSet;

use gateway_mapping::{Context, Dialect, Mappings, Message, Part, Side, json};
use gateway_wire::{Limits, Tree};
use jiff::tz::TimeZone;

use case::{Case, Direction};

/// What one case got wrong; `None` when it holds.
type Verdict = Option<String>;

#[test]
fn every_message_has_a_case_and_every_case_a_message() {
    let mappings = case::mappings();
    let messages: BTreeSet<_> = mappings
        .dialects()
        .flat_map(|dialect| dialect.messages().map(|message| (dialect.name.clone(), message.name.clone())))
        .collect();
    let tested: BTreeSet<_> =
        case::all(&mappings).into_iter().map(|case| (case.dialect, case.message)).collect();
    let untested: Vec<_> = messages.difference(&tested).collect();
    let strays: Vec<_> = tested.difference(&messages).collect();
    assert!(
        untested.is_empty() && strays.is_empty(),
        "without a case: {untested:?}; without a message: {strays:?}"
    );
}

#[test]
fn every_document_is_read_as_its_record() {
    judge(Direction::Read, |mappings, _, message, case| {
        let found = read(mappings, message, case, &case.document)?;
        Ok(case::differences(&case.record, &found))
    });
}

#[test]
fn every_record_is_written_as_its_document() {
    judge(Direction::Write, |mappings, dialect, message, case| {
        let written = write(mappings, dialect, message, case)?;
        Ok(canonical::difference(&case.document, &written))
    });
}

#[test]
fn what_is_written_is_read_back() {
    judge(Direction::Both, |mappings, dialect, message, case| {
        let written = write(mappings, dialect, message, case)?;
        let found = read(mappings, message, case, &written)?;
        Ok(case::differences(&case.record, &found))
    });
}

#[test]
fn renamed_prefixes_and_moved_declarations_change_nothing() {
    judge(Direction::Read, |mappings, _, message, case| {
        let renamed = canonical::with_renamed_prefixes(&case.document);
        let found = read(mappings, message, case, &renamed)?;
        Ok(case::differences(&case.record, &found))
    });
}

#[test]
fn every_request_of_a_store_is_routed_to_its_message() {
    judge(Direction::Read, |mappings, dialect, message, case| {
        if dialect.side != Side::Store || message.part != Part::Request {
            return Ok(None);
        }
        let tree = Tree::parse(&case.document, mappings.names(), &Limits::default())
            .map_err(|refusal| refusal.to_string())?;
        let found =
            dialect.route(&tree, tree.root(), Some(Part::Request)).map_err(|fault| format!("{fault:?}"))?;
        Ok((found.name != message.name).then(|| format!("routed to `{}`", found.name)))
    });
}

/// Runs a check over all cases of a direction and reports every one that fails.
fn judge(
    direction: Direction,
    check: impl Fn(&Mappings, &Dialect, &Message, &Case) -> Result<Verdict, String>,
) {
    let mappings = case::mappings();
    let mut faults = Vec::new();
    for case in case::all(&mappings).iter().filter(|case| case.holds(direction)) {
        let Some(dialect) = mappings.dialect(&case.dialect) else { continue };
        let Some(message) = dialect.message(&case.message) else { continue };
        match check(&mappings, dialect, message, case) {
            Ok(None) => {}
            Ok(Some(text)) | Err(text) => faults.push(format!("{}\n{text}", case.name())),
        }
    }
    assert!(faults.is_empty(), "{} cases fail\n\n{}", faults.len(), faults.join("\n\n"));
}

/// The record a document is read into, as JSON.
fn read(
    mappings: &Mappings,
    message: &Message,
    case: &Case,
    document: &str,
) -> Result<serde_json::Value, String> {
    let zone = zone(case);
    let context = Context { organization: case.organization.as_deref(), zone: &zone };
    let tree =
        Tree::parse(document, mappings.names(), &Limits::default()).map_err(|refusal| refusal.to_string())?;
    let reading = message.read(&tree, tree.root(), &context).map_err(|fault| format!("{fault:?}"))?;
    Ok(json::to_json(&reading.record, mappings.vocabulary(), json::Show::Plain))
}

/// The document a case's record is written as.
fn write(mappings: &Mappings, dialect: &Dialect, message: &Message, case: &Case) -> Result<String, String> {
    let zone = zone(case);
    let record = json::from_json(&case.record, message.record, mappings.vocabulary())
        .map_err(|fault| fault.to_string())?;
    let organization = dialect.organization(&record).map(std::borrow::Cow::into_owned);
    let context = Context { organization: organization.as_deref(), zone: &zone };
    let mut out = Vec::new();
    message.write(&record, &context, &mut out).map_err(|fault| format!("{fault:?}"))?;
    String::from_utf8(out).map_err(|error| error.to_string())
}

fn zone(case: &Case) -> TimeZone {
    TimeZone::get(&case.zone).unwrap_or_else(|error| panic!("{}: {error}", case.name()))
}
