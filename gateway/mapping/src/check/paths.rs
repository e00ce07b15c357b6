//! Paths: names looked up from the inside out, then field by field.

use gateway_model::codes::{TYPE_MISMATCH, UNKNOWN_FIELD};
use gateway_model::{FieldKind, Personal, RecordTypeId};

use super::{Checker, Site, Typed, name};
use crate::expression::{Node, NodeKind, Word};
use crate::program::{Expression, Path, Step};

/// What names mean at a place: one record type, and the name an entry was given.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) kind: RecordTypeId,
    pub(crate) name: Option<String>,
    /// The name of the entry's number.
    pub(crate) index: Option<String>,
}

/// Scopes, the outermost first.
#[derive(Debug, Clone)]
pub(crate) struct Scopes(Vec<Scope>);

// === impl Scope ===

impl Scope {
    /// The fields of a record, and no names besides.
    pub(crate) fn of(kind: RecordTypeId) -> Self {
        Self { kind, name: None, index: None }
    }
}

// === impl Scopes ===

impl Scopes {
    /// A place where only the fields of one record are known.
    pub(crate) fn of(kind: RecordTypeId) -> Self {
        Self(vec![Scope::of(kind)])
    }

    /// A place further in.
    pub(crate) fn with(&self, scope: Scope) -> Self {
        let mut scopes = self.0.clone();
        scopes.push(scope);
        Self(scopes)
    }

    /// The record type whose fields are meant first.
    pub(crate) fn innermost(&self) -> Option<RecordTypeId> {
        self.0.last().map(|scope| scope.kind)
    }

    /// How many scopes outwards the entry is whose number has this name.
    fn index(&self, name: &str) -> Option<usize> {
        self.0.iter().rev().position(|scope| scope.index.as_deref() == Some(name))
    }

    /// The record type so many scopes outwards.
    pub(crate) fn outwards(&self, depth: u16) -> Option<RecordTypeId> {
        self.0.iter().rev().nth(usize::from(depth)).map(|scope| scope.kind)
    }
}

// === impl Checker ===

impl Checker<'_> {
    /// Checks a path that has to be one record.
    pub(crate) fn record(
        &mut self,
        node: &Node,
        scopes: &Scopes,
        site: Site<'_>,
    ) -> Option<(Path, RecordTypeId)> {
        let typed = self.expression(node, scopes, site)?;
        match (typed.expression, typed.kind) {
            (Expression::Record(path), FieldKind::Record(kind)) => Some((path, kind)),
            (_, FieldKind::List(_)) => {
                let message = "a list stands where one record is needed".to_owned();
                self.mismatch(
                    node,
                    site,
                    message,
                    ("this is a list", "one record; a list is repeated with `m:each`"),
                );
                None
            }
            _ => {
                let message = "one value stands where a record is needed".to_owned();
                self.mismatch(node, site, message, ("this is no record", "a record"));
                None
            }
        }
    }

    /// Checks a path that has to be a list of records.
    pub(crate) fn list(
        &mut self,
        node: &Node,
        scopes: &Scopes,
        site: Site<'_>,
    ) -> Option<(Path, RecordTypeId)> {
        let typed = self.expression(node, scopes, site)?;
        let kind = self.expect_list(&typed, node, site)?;
        match typed.expression {
            Expression::List(path) => Some((path, kind)),
            _ => None,
        }
    }

    pub(super) fn path(
        &mut self,
        words: &[Word],
        node: &Node,
        scopes: &Scopes,
        site: Site<'_>,
    ) -> Option<Typed> {
        let (first, rest) = words.split_first()?;
        if rest.is_empty()
            && let Some(depth) = scopes.index(&first.text)
        {
            return Some(Typed::scalar(Expression::Index(depth), gateway_model::ScalarType::Number));
        }
        let (depth, start) = self.first_word(first, scopes, site)?;
        let mut steps: Vec<Step> = Vec::new();
        let mut kind = start;
        let mut words = match depth.1 {
            Anchor::Entry => rest.iter().peekable(),
            Anchor::Field => words.iter().peekable(),
        };
        if words.peek().is_none() {
            return Some(self.bare_entry(first, node, site));
        }
        while let Some(word) = words.next() {
            let found = self.vocabulary.record_type(kind).and_then(|record| {
                let id = record.field_named(&word.text)?;
                Some((id, record.field(id)?.kind))
            });
            let Some((field, found)) = found else {
                self.unknown(word, &[kind], &[], site);
                return None;
            };
            if words.peek().is_none() {
                let path = Path { depth: u16::try_from(depth.0).ok()?, steps: steps.into(), field };
                return Some(match found {
                    FieldKind::Scalar(scalar) => Typed::new(Expression::Scalar(path, scalar), found),
                    FieldKind::Record(_) => Typed::new(Expression::Record(path), found),
                    FieldKind::List(_) => Typed::new(Expression::List(path), found),
                });
            }
            let FieldKind::Record(next) = found else {
                self.not_a_record(word, found, site);
                return None;
            };
            steps.push(Step { field, kind: next, width: self.width(next) });
            kind = next;
        }
        None
    }

    /// Whether an expression takes values from a field marked as personal.
    pub(super) fn is_personal(&self, expression: &Expression, scopes: &Scopes) -> bool {
        match expression {
            Expression::Scalar(path, _) => self.mark(path, scopes).1 != Personal::No,
            Expression::Default(one, other) => {
                self.is_personal(one, scopes) || self.is_personal(other, scopes)
            }
            Expression::Change(inner, _) | Expression::Table(inner, _) | Expression::Required(inner, _) => {
                self.is_personal(inner, scopes)
            }
            Expression::If { then, otherwise, .. } => {
                let otherwise = otherwise.as_ref();
                self.is_personal(then, scopes)
                    || otherwise.is_some_and(|other| self.is_personal(other, scopes))
            }
            Expression::Text(_) | Expression::Number(_) | Expression::Flag(_) | Expression::Index(_) => false,
            // What is gathered from lists or calculated is rarely looked up: nothing is lost by not showing it.
            _ => true,
        }
    }

    /// Name and mark of the field at the end of a path.
    pub(crate) fn mark(&self, path: &Path, scopes: &Scopes) -> (String, Personal) {
        let owner = path.steps.last().map_or_else(|| scopes.outwards(path.depth), |step| Some(step.kind));
        let record = owner.and_then(|owner| self.vocabulary.record_type(owner));
        let field = record.and_then(|record| record.field(path.field));
        field.map_or((String::new(), Personal::Secret), |field| (field.name.clone(), field.personal))
    }

    pub(crate) fn width(&self, kind: RecordTypeId) -> u16 {
        u16::try_from(self.vocabulary.width(kind)).unwrap_or(u16::MAX)
    }

    /// How many scopes outwards the first word of a path is meant, and the record type its fields are looked up in.
    fn first_word(
        &mut self,
        word: &Word,
        scopes: &Scopes,
        site: Site<'_>,
    ) -> Option<((usize, Anchor), RecordTypeId)> {
        for (depth, scope) in scopes.0.iter().rev().enumerate() {
            if scope.name.as_deref() == Some(&word.text) {
                return Some(((depth, Anchor::Entry), scope.kind));
            }
            let record = self.vocabulary.record_type(scope.kind);
            if record.is_some_and(|record| record.field_named(&word.text).is_some()) {
                return Some(((depth, Anchor::Field), scope.kind));
            }
        }
        let kinds: Vec<_> = scopes.0.iter().rev().map(|scope| scope.kind).collect();
        let names: Vec<_> = scopes.0.iter().filter_map(|scope| scope.name.as_deref()).collect();
        self.unknown(word, &kinds, &names, site);
        None
    }

    fn unknown(&mut self, word: &Word, kinds: &[RecordTypeId], names: &[&str], site: Site<'_>) {
        let records: Vec<_> = kinds.iter().filter_map(|kind| self.vocabulary.record_type(*kind)).collect();
        let owners: Vec<_> = records.iter().map(|record| format!("`{}`", record.name)).collect();
        let fields = records.iter().flat_map(|record| record.fields.iter().map(|field| field.name.as_str()));
        let message = format!("there is no field `{}`", word.text);
        let diagnostic = self
            .error(UNKNOWN_FIELD, word.span.clone(), site, message)
            .labelled("not in the vocabulary")
            .expecting(format!("a field of {}", owners.join(" or ")))
            .did_you_mean(&word.text, fields.chain(names.iter().copied()))
            .helped("a new field is declared in vocabulary.toml");
        self.report.add(diagnostic);
    }

    fn not_a_record(&mut self, word: &Word, found: FieldKind, site: Site<'_>) {
        let (label, help) = match found {
            FieldKind::List(kind) => (
                format!("this is any number of `{}`", self.name_of(kind)),
                "repeat the element with `m:each`, or take a value with `first`",
            ),
            FieldKind::Scalar(kind) => (format!("this is a {}", name(kind)), "the path ends here"),
            FieldKind::Record(_) => return,
        };
        let message = format!("`{}` has no fields of its own", word.text);
        let diagnostic = self.error(TYPE_MISMATCH, word.span.clone(), site, message);
        self.report.add(diagnostic.labelled(label).helped(help));
    }

    /// An entry's name alone: it has no value of its own, which whoever needs one reports.
    fn bare_entry(&mut self, word: &Word, node: &Node, site: Site<'_>) -> Typed {
        let message = format!("`{}` is an entry, not a value", word.text);
        self.mismatch(node, site, message, ("this is a whole record", "one of its fields"));
        Typed {
            literal: None,
            expression: Expression::Flag(false),
            kind: FieldKind::Scalar(gateway_model::ScalarType::Flag),
        }
    }
}

/// Whether a path's first word is an entry's name or a field.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    Entry,
    Field,
}

/// The words of a path, if the node is one.
pub(super) fn words(node: &Node) -> Option<&[Word]> {
    match &node.kind {
        NodeKind::Path(words) => Some(words),
        _ => None,
    }
}
