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

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use gateway_mapping::{Context, Dialect, Mappings, Message, Part, json};
use gateway_wire::{Limits, Tree};
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, TestCaseError, any, prop_assert_eq, proptest};
use proptest::sample::Index;
use serde_json::Value as Json;

use case::{Case, Direction};

static MAPPINGS: OnceLock<Mappings> = OnceLock::new();
static CASES: OnceLock<Vec<Case>> = OnceLock::new();

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
    judge(Direction::Read, |setting| {
        let read = setting.read(&setting.case.document)?;
        Ok(case::differences(&setting.case.record, &read.record))
    });
}

#[test]
fn every_record_is_written_as_its_document() {
    judge(Direction::Write, |setting| {
        let written = setting.write(&setting.case.record)?;
        Ok(canonical::difference(&setting.case.document, &written))
    });
}

#[test]
fn what_is_written_is_read_back_and_nothing_of_it_is_passed_over() {
    judge(Direction::Both, |setting| {
        let read = setting.read(&setting.write(&setting.case.record)?)?;
        let skipped = (!read.skipped.is_empty()).then(|| format!("  passed over: {:?}", read.skipped));
        Ok(case::differences(&setting.case.record, &read.record).or(skipped))
    });
}

#[test]
fn renamed_prefixes_and_moved_declarations_change_nothing() {
    judge(Direction::Read, |setting| {
        let read = setting.read(&canonical::with_renamed_prefixes(&setting.case.document))?;
        Ok(case::differences(&setting.case.record, &read.record))
    });
}

#[test]
fn every_request_is_routed_to_its_operation() {
    judge(Direction::Read, |setting| {
        if setting.message.part != Part::Request {
            return Ok(None);
        }
        let tree = setting.parse(&setting.case.document)?;
        let found = setting.dialect.route(&tree, tree.root(), Some(Part::Request));
        let found = found.map_err(|fault| format!("{fault:?}"))?;
        Ok((found.operation != setting.message.operation).then(|| format!("  routed to `{}`", found.name)))
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a record leaves out, its template refuses it, or writes a document that soon says the same however often
    /// it is read and written. The second round is for what one place of a document says for another, such as a
    /// store that stands in the context and is then asked for in the expression as well.
    #[test]
    fn a_thinned_record_comes_to_rest_after_two_rounds(index: Index, kept in vec(any::<bool>(), 1..40)) {
        let mappings = MAPPINGS.get_or_init(case::mappings);
        let cases = CASES.get_or_init(|| case::all(mappings));
        let case = index.get(cases);
        if case.holds(Direction::Both) && let Some(setting) = Setting::of(mappings, case) {
            let Ok(document) = setting.write(&case::thinned(&case.record, &kept)) else { return Ok(()) };
            let round = |record: &Json| setting.write(record).and_then(|text| setting.read(&text));
            let once = setting.read(&document).map_err(TestCaseError::fail)?;
            let twice = round(&once.record).map_err(TestCaseError::fail)?;
            let again = round(&twice.record).map_err(TestCaseError::fail)?;
            prop_assert_eq!(case::differences(&twice.record, &again.record), None, "{}", case.name());
        }
    }
}

/// Runs a check over all cases of a direction and reports every one that fails.
fn judge(direction: Direction, check: impl Fn(&Setting<'_>) -> Result<Verdict, String>) {
    let mappings = case::mappings();
    let mut faults = Vec::new();
    for case in case::all(&mappings).iter().filter(|case| case.holds(direction)) {
        let Some(setting) = Setting::of(&mappings, case) else { continue };
        match check(&setting) {
            Ok(None) => {}
            Ok(Some(text)) | Err(text) => faults.push(format!("{}\n{text}", case.name())),
        }
    }
    assert!(faults.is_empty(), "{} cases fail\n\n{}", faults.len(), faults.join("\n\n"));
}

/// A case with the template it is a case of.
struct Setting<'s> {
    mappings: &'s Mappings,
    dialect: &'s Dialect,
    message: &'s Message,
    case: &'s Case,
    zone: TimeZone,
}

/// What a document was read into.
struct Read {
    record: Json,
    /// Paths of the elements nobody took.
    skipped: Vec<String>,
}

impl<'s> Setting<'s> {
    /// `None` for a case without a message, which its own test reports.
    fn of(mappings: &'s Mappings, case: &'s Case) -> Option<Self> {
        let dialect = mappings.dialect(&case.dialect)?;
        let message = dialect.message(&case.message)?;
        let zone = TimeZone::get(&case.zone).unwrap_or_else(|error| panic!("{}: {error}", case.name()));
        Some(Self { mappings, dialect, message, case, zone })
    }

    fn parse<'a>(&self, document: &'a str) -> Result<Tree<'a>, String> {
        Tree::parse(document, self.mappings.names(), &Limits::default())
            .map_err(|refusal| refusal.to_string())
    }

    fn read(&self, document: &str) -> Result<Read, String> {
        let context = Context { organization: self.case.organization.as_deref(), zone: &self.zone };
        let tree = self.parse(document)?;
        let reading =
            self.message.read(&tree, tree.root(), &context).map_err(|fault| format!("{fault:?}"))?;
        let record = json::to_json(&reading.record, self.mappings.vocabulary(), json::Show::Plain);
        Ok(Read { record, skipped: reading.skipped.iter().map(|node| tree.path(*node)).collect() })
    }

    fn write(&self, record: &Json) -> Result<String, String> {
        let record = json::from_json(record, self.message.record, self.mappings.vocabulary())
            .map_err(|fault| fault.to_string())?;
        let organization = self.dialect.organization(&record).map(Cow::into_owned);
        let context = Context { organization: organization.as_deref(), zone: &self.zone };
        let mut out = Vec::new();
        self.message.write(&record, &context, &mut out).map_err(|fault| format!("{fault:?}"))?;
        String::from_utf8(out).map_err(|error| error.to_string())
    }
}
