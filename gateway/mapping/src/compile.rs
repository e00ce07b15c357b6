//! Templates to checked programs.

mod content;
mod element;
mod fragment;
mod frame;
mod instructions;
mod namespaces;
mod pattern;
mod start;
mod structure;

pub(crate) use fragment::{Fragment, load_fragment};

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gateway_model::codes::{BAD_ROOT, TEMPLATE_XML};
use gateway_model::{Diagnostic, RecordTypeId, Vocabulary};
use gateway_wire::{Limits, NamesBuilder, Symbol, Tree};

use crate::check::{Checker, Scopes};
use crate::markup::{self, MarkupElement};
use crate::message::Part;
use crate::program::Element;
use crate::report::Report;
use crate::source::File;
use crate::table::Table;
use crate::vocabulary::REFUSAL;
use namespaces::Declarations;

/// Compiles the templates of one dialect.
pub(crate) struct Compiler<'c> {
    pub(crate) vocabulary: &'c Vocabulary,
    /// Operations whose records are faulty: nothing more is said about their templates.
    pub(crate) incomplete: &'c HashSet<String>,
    pub(crate) tables: &'c HashMap<String, Arc<Table>>,
    pub(crate) fragments: &'c HashMap<String, Fragment<'c>>,
    pub(crate) names: &'c mut NamesBuilder,
    pub(crate) report: &'c mut Report,
    pub(crate) declarations: Declarations,
    /// Fragments being expanded, to notice one that uses itself.
    pub(crate) expanding: Vec<String>,
    /// Fragments that some template uses.
    pub(crate) used: HashSet<String>,
}

/// A template's place in the program: which file is being read, and what names mean there.
#[derive(Debug, Clone)]
pub(crate) struct Here<'c> {
    pub(crate) file: &'c File<'c>,
    pub(crate) scopes: Scopes,
    /// Inside an element with `m:text="expression"`.
    pub(crate) expression: bool,
    /// The output has it, so its prefixes have to be declared.
    pub(crate) written: bool,
}

/// A compiled template.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) operation: Option<String>,
    pub(crate) part: Part,
    pub(crate) record: RecordTypeId,
    pub(crate) root: Element,
    /// Symbols of the root's further names.
    pub(crate) also: Box<[Symbol]>,
}

// === impl Here ===

impl<'c> Here<'c> {
    fn new(file: &'c File<'c>, record: RecordTypeId) -> Self {
        Self { file, scopes: Scopes::of(record), expression: false, written: true }
    }

    /// Inside a fragment, whose names may also be those around the place where it is used.
    fn inside(&self, fragment: &Fragment<'c>) -> Self {
        Self { file: fragment.file, ..self.clone() }
    }
}

// === impl Compiler ===

impl<'c> Compiler<'c> {
    /// Compiles one template file. `None` if anything in it keeps it from running; everything found is reported.
    pub(crate) fn template(&mut self, file: &'c File<'c>) -> Option<Template> {
        let markup = parse_markup(file, self.report)?;
        let (operation, part, record) = self.root_instructions(file, &markup)?;
        self.declarations = Declarations::new(&markup);
        let here = Here::new(file, record);
        let mut root = self.root(&markup, &here)?;
        self.declarations.declare_on(&mut root);
        structure::finish(&mut root);
        let also = root.also.clone();
        Some(Template { operation, part, record, root, also })
    }

    pub(crate) fn checker<'k>(&'k mut self, file: &'k File<'k>) -> Checker<'k> {
        Checker { file, vocabulary: self.vocabulary, tables: self.tables, report: self.report }
    }

    /// `m:operation` and `m:part`, which together say what the file speaks about.
    fn root_instructions(
        &mut self,
        file: &File<'_>,
        root: &MarkupElement,
    ) -> Option<(Option<String>, Part, RecordTypeId)> {
        let part = self.part(file, root);
        let operation = root.instruction("operation");
        let Some(attribute) = operation else {
            if part? == Part::Refusal {
                return Some((None, Part::Refusal, self.refusal(file, root)?));
            }
            let fault = Diagnostic::error(
                BAD_ROOT,
                file.place(root.name.span.clone()),
                "the root has no `m:operation`",
            );
            self.report.add(fault.expecting("the name of an operation of the vocabulary"));
            return None;
        };
        let name = attribute.value.as_str();
        let Some(operation) = self.vocabulary.operation_named(name) else {
            if self.incomplete.contains(name) {
                return None;
            }
            let known: Vec<_> =
                self.vocabulary.operations().iter().map(|operation| operation.name.as_str()).collect();
            let place = file.place(attribute.value.whole());
            let fault = Diagnostic::error(BAD_ROOT, place, format!("there is no operation `{name}`"));
            let fault = fault.labelled("not in the vocabulary").expecting(crate::toml_view::list(&known));
            self.report.add(fault.did_you_mean(name, known));
            return None;
        };
        let part = part?;
        let record = match part {
            Part::Request => operation.request,
            Part::Answer => operation.answer,
            Part::Refusal => self.refusal(file, root)?,
        };
        Some((Some(name.to_owned()), part, record))
    }

    fn part(&mut self, file: &File<'_>, root: &MarkupElement) -> Option<Part> {
        let Some(attribute) = root.instruction("part") else {
            let fault =
                Diagnostic::error(BAD_ROOT, file.place(root.name.span.clone()), "the root has no `m:part`");
            self.report.add(fault.expecting("`request`, `answer` or `refusal`"));
            return None;
        };
        let written = attribute.value.as_str();
        let part = Part::named(written);
        if part.is_none() {
            let fault = Diagnostic::error(
                BAD_ROOT,
                file.place(attribute.value.whole()),
                format!("there is no part `{written}`"),
            );
            let fault = fault.expecting("`request`, `answer` or `refusal`");
            self.report.add(fault.did_you_mean(written, ["request", "answer", "refusal"]));
        }
        part
    }

    fn refusal(&mut self, file: &File<'_>, root: &MarkupElement) -> Option<RecordTypeId> {
        let record = self.vocabulary.type_named(REFUSAL);
        if record.is_none() {
            let place = file.place(root.name.span.clone());
            let fault = Diagnostic::error(BAD_ROOT, place, "the vocabulary has no record `refusal`");
            self.report.add(fault.helped("a template of part `refusal` speaks about the record `refusal`"));
        }
        record
    }
}

/// Reads a template's elements; what is not well-formed is reported.
pub(crate) fn parse_markup(file: &File<'_>, report: &mut Report) -> Option<MarkupElement> {
    let names = NamesBuilder::new().build();
    if let Err(refusal) = Tree::parse(file.text, &names, &Limits::default()) {
        let offset = offset_of(file.text, refusal.line, refusal.column);
        let end = file
            .text
            .get(offset..)
            .and_then(|rest| rest.chars().next())
            .map_or(offset, |at| offset + at.len_utf8());
        let mut fault = Diagnostic::error(TEMPLATE_XML, file.place(offset..end), refusal.message);
        fault.expected = refusal.expected;
        report.add(fault);
        return None;
    }
    let scanned = markup::scan(file.text);
    if scanned.is_none() {
        report.add(Diagnostic::error(TEMPLATE_XML, file.place(0..0), "the file has no element"));
    }
    scanned
}

/// The byte at a line and column.
fn offset_of(text: &str, line: u32, column: u32) -> usize {
    let skip = |number: u32| usize::try_from(number.saturating_sub(1)).unwrap_or_default();
    let start: usize = text.split_inclusive('\n').take(skip(line)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(skip(column)).map_or(rest.len(), |(index, _)| index)
}
