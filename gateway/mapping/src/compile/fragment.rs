//! Fragments: parts used by several templates.

use gateway_model::codes::{BAD_FRAGMENT, MISPLACED_INSTRUCTION};
use gateway_model::{Diagnostic, RecordTypeId, Vocabulary};

use super::element::Shape;
use super::instructions::Host;
use super::{Compiler, Here, parse_markup};
use crate::markup::{MarkupAttribute, MarkupElement};
use crate::report::Report;
use crate::source::File;

/// A fragment's file.
#[derive(Debug)]
pub(crate) struct Fragment<'c> {
    pub(crate) file: &'c File<'c>,
    pub(crate) markup: MarkupElement,
    pub(crate) record: RecordTypeId,
}

/// Reads `fragments/<name>.xml`.
pub(crate) fn load_fragment<'c>(
    file: &'c File<'c>,
    vocabulary: &Vocabulary,
    report: &mut Report,
) -> Option<Fragment<'c>> {
    let markup = parse_markup(file, report)?;
    if !markup.name.is_language() || markup.name.local != "fragment" {
        let place = file.place(markup.name.span.clone());
        let fault = Diagnostic::error(BAD_FRAGMENT, place, "the root of a fragment file is not `m:fragment`");
        report.add(fault.expecting("`<m:fragment m:record=\"…\" xmlns:m=\"urn:dom-gateway:mapping\">`"));
        return None;
    }
    let Some(attribute) = markup.instruction("record") else {
        let place = file.place(markup.name.span.clone());
        let fault =
            Diagnostic::error(BAD_FRAGMENT, place, "the fragment does not say which record it is for");
        report.add(fault.expecting("`m:record` with the name of a record of the vocabulary"));
        return None;
    };
    let name = attribute.value.as_str();
    let Some(record) = vocabulary.type_named(name) else {
        let known = vocabulary.types().iter().map(|kind| kind.name.as_str());
        let fault = Diagnostic::error(
            BAD_FRAGMENT,
            file.place(attribute.value.whole()),
            format!("there is no record `{name}`"),
        );
        report.add(fault.labelled("not in the vocabulary").did_you_mean(name, known));
        return None;
    };
    Some(Fragment { file, markup, record })
}

// === impl Compiler ===

impl<'c> Compiler<'c> {
    /// Checks a fragment that no template uses by itself, so that its faults are found all the same.
    pub(crate) fn check_unused_fragment(&mut self, name: &str) {
        let Some(fragment) = self.fragments.get(name).filter(|_| !self.used.contains(name)) else { return };
        self.declarations = super::Declarations::new(&fragment.markup);
        let here = Here::new(fragment.file, fragment.record);
        self.check_instructions(fragment.file, &fragment.markup, Host::Fragment);
        self.expanding.push(name.to_owned());
        self.add_source(&fragment.markup, &here, &mut Shape::default());
        self.expanding.pop();
    }

    /// The fragment an element uses; what keeps it from being used is reported.
    pub(super) fn used_fragment(
        &mut self,
        attribute: &MarkupAttribute,
        here: &Here<'c>,
    ) -> Option<&'c Fragment<'c>> {
        let name = attribute.value.as_str();
        let place = here.file.place(attribute.value.whole());
        let fragments = self.fragments;
        let Some(fragment) = fragments.get(name) else {
            let mut known: Vec<_> = fragments.keys().map(String::as_str).collect();
            known.sort_unstable();
            let fault = Diagnostic::error(BAD_FRAGMENT, place, format!("there is no fragment `{name}`"));
            let fault =
                fault.did_you_mean(name, known).helped(format!("it would be the file fragments/{name}.xml"));
            self.report.add(fault);
            return None;
        };
        if self.expanding.iter().any(|expanding| expanding == name) {
            let fault = Diagnostic::error(BAD_FRAGMENT, place, format!("the fragment `{name}` uses itself"));
            self.report.add(fault.labelled("this would never end"));
            return None;
        }
        let found = here.scopes.innermost();
        if found != Some(fragment.record) {
            let record = |id: Option<RecordTypeId>| id.and_then(|id| self.vocabulary.record_type(id));
            let name_of = |id| record(id).map_or("", |kind| kind.name.as_str());
            let message = format!("the fragment `{name}` is for another record");
            let fault = Diagnostic::error(BAD_FRAGMENT, place, message)
                .labelled(format!("here names mean the fields of `{}`", name_of(found)))
                .expecting(format!("a place where they mean those of `{}`", name_of(Some(fragment.record))))
                .helped("`m:with` and `m:each` say whose fields are meant");
            self.report.add(fault);
            return None;
        }
        self.used.insert(name.to_owned());
        self.check_instructions(fragment.file, &fragment.markup, Host::Fragment);
        Some(fragment)
    }

    /// Reports what a fragment has on its root that an `m:group` cannot take.
    pub(super) fn only_children(
        &mut self,
        fragment: &Fragment<'_>,
        attribute: &MarkupAttribute,
        here: &Here<'_>,
    ) {
        let plain = fragment.markup.attributes.iter().any(|attribute| !attribute.name.is_language());
        if plain || !fragment.markup.text.is_blank() {
            let message = format!("the fragment `{}` has attributes or text", attribute.value.as_str());
            let place = here.file.place(attribute.value.whole());
            let fault = Diagnostic::error(MISPLACED_INSTRUCTION, place, message);
            self.report.add(fault.labelled("a group is no element and has neither"));
        }
    }
}
