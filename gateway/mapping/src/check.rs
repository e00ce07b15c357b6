//! Names and types of expressions: from what an author wrote to what can run.
//!
//! A fault ends the checking of its own part only; the other operands of the same expression are still checked, so
//! that one run reports all.

mod call;
mod conditions;
mod invert;
mod paths;

pub(crate) use conditions::settings;
pub(crate) use invert::{Inverse, invert};
pub(crate) use paths::Scopes;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use gateway_model::codes::{BAD_ARGUMENTS, Code, EXPRESSION_SYNTAX, TYPE_MISMATCH};
use gateway_model::{Diagnostic, FieldKind, RecordTypeId, ScalarType, Vocabulary, scalar};

use crate::expression::{Node, NodeKind, SyntaxFault};
use crate::markup::Characters;
use crate::program::{Expression, Ordering};
use crate::report::Report;
use crate::source::File;
use crate::table::Table;

/// Checks the expressions of one file.
pub(crate) struct Checker<'c> {
    pub(crate) file: &'c File<'c>,
    pub(crate) vocabulary: &'c Vocabulary,
    pub(crate) tables: &'c HashMap<String, Arc<Table>>,
    pub(crate) report: &'c mut Report,
}

/// Where an expression stands: the text it is part of, and the byte of that text at which it begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'c> {
    pub(crate) characters: &'c Characters,
    pub(crate) start: usize,
}

/// A checked expression with its type.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) expression: Expression,
    pub(crate) kind: FieldKind,
    /// A text as written in the expression: it fits every type whose form it has.
    literal: Option<String>,
}

// === impl Typed ===

impl Typed {
    fn new(expression: Expression, kind: FieldKind) -> Self {
        Self { expression, kind, literal: None }
    }

    fn scalar(expression: Expression, kind: ScalarType) -> Self {
        Self::new(expression, FieldKind::Scalar(kind))
    }

    fn is_empty_text(&self) -> bool {
        self.literal.as_deref() == Some("")
    }

    /// Whether it can stand where a scalar of this type is needed.
    fn fits(&self, kind: ScalarType) -> bool {
        let FieldKind::Scalar(own) = self.kind else { return false };
        if own == kind || (is_text(own) && is_text(kind)) {
            return true;
        }
        let Some(text) = &self.literal else { return false };
        scalar::check(kind, text.as_str().into()).is_some_and(|checked| !checked.is_empty())
    }
}

// === impl Checker ===

impl Checker<'_> {
    /// Checks an expression that has to give one value.
    pub(crate) fn value(
        &mut self,
        node: &Node,
        scopes: &Scopes,
        site: Site<'_>,
    ) -> Option<(Typed, ScalarType)> {
        let typed = self.expression(node, scopes, site)?;
        let kind = self.expect_scalar(&typed, node, site)?;
        Some((typed, kind))
    }

    /// Checks an expression that has to be a condition: anything that can be there or not.
    pub(crate) fn condition(&mut self, node: &Node, scopes: &Scopes, site: Site<'_>) -> Option<Expression> {
        self.expression(node, scopes, site).map(|typed| typed.expression)
    }

    pub(crate) fn syntax(&mut self, fault: &SyntaxFault, site: Site<'_>) {
        let place = self.place(fault.span.clone(), site);
        let diagnostic = Diagnostic::error(EXPRESSION_SYNTAX, place, fault.message.clone());
        self.report.add(diagnostic.expecting(fault.expected.clone()));
    }

    /// Checks an expression of any type.
    pub(crate) fn expression(&mut self, node: &Node, scopes: &Scopes, site: Site<'_>) -> Option<Typed> {
        match &node.kind {
            NodeKind::Text(text) => {
                let typed = Typed::scalar(Expression::Text(text.as_str().into()), ScalarType::Text);
                Some(Typed { literal: Some(text.clone()), ..typed })
            }
            NodeKind::Number(number) => Some(Typed::scalar(Expression::Number(*number), ScalarType::Number)),
            NodeKind::Flag(flag) => Some(Typed::scalar(Expression::Flag(*flag), ScalarType::Flag)),
            NodeKind::Path(words) => self.path(words, node, scopes, site),
            NodeKind::Call { .. } => self.call(node, scopes, site),
            NodeKind::If { condition, then, otherwise } => {
                self.choice(condition, (then, otherwise.as_deref()), scopes, site)
            }
            NodeKind::Or(left, right) => self.both((left, right), scopes, site, Expression::Or),
            NodeKind::And(left, right) => self.both((left, right), scopes, site, Expression::And),
            NodeKind::Not(inner) => {
                let inner = self.condition(inner, scopes, site)?;
                Some(Typed::scalar(Expression::Not(Box::new(inner)), ScalarType::Flag))
            }
            NodeKind::Compare(..) => self.comparison(node, scopes, site),
            NodeKind::Where { list, condition } => self.selection(list, condition, scopes, site),
            NodeKind::Calculate(calculation, left, right) => {
                let (left, right) = (self.number(left, scopes, site), self.number(right, scopes, site));
                let expression = Expression::Calculate(*calculation, Box::new(left?), Box::new(right?));
                Some(Typed::scalar(expression, ScalarType::Number))
            }
            NodeKind::Negative(inner) => {
                let inner = self.number(inner, scopes, site)?;
                let zero = Box::new(Expression::Number(rust_decimal::Decimal::ZERO));
                let subtract = crate::expression::Calculation::Subtract;
                Some(Typed::scalar(
                    Expression::Calculate(subtract, zero, Box::new(inner)),
                    ScalarType::Number,
                ))
            }
        }
    }

    fn both(
        &mut self,
        (left, right): (&Node, &Node),
        scopes: &Scopes,
        site: Site<'_>,
        make: impl FnOnce(Box<Expression>, Box<Expression>) -> Expression,
    ) -> Option<Typed> {
        let (left, right) = (self.condition(left, scopes, site), self.condition(right, scopes, site));
        Some(Typed::scalar(make(Box::new(left?), Box::new(right?)), ScalarType::Flag))
    }

    fn choice(
        &mut self,
        condition: &Node,
        (then, otherwise): (&Node, Option<&Node>),
        scopes: &Scopes,
        site: Site<'_>,
    ) -> Option<Typed> {
        let condition = self.condition(condition, scopes, site);
        let then = self.value(then, scopes, site);
        let otherwise = otherwise.map(|node| self.value(node, scopes, site));
        let (then, mut kind) = then?;
        let otherwise = match otherwise {
            None => None,
            Some(other) => {
                let (other, other_kind) = other?;
                if kind != other_kind {
                    kind = if other.fits(kind) {
                        kind
                    } else if then.fits(other_kind) {
                        other_kind
                    } else {
                        ScalarType::Text
                    };
                }
                Some(Box::new(other.expression))
            }
        };
        let expression =
            Expression::If { condition: Box::new(condition?), then: Box::new(then.expression), otherwise };
        Some(Typed::scalar(expression, kind))
    }

    fn selection(&mut self, list: &Node, condition: &Node, scopes: &Scopes, site: Site<'_>) -> Option<Typed> {
        let typed = self.expression(list, scopes, site)?;
        let record = self.expect_list(&typed, list, site)?;
        let inner = scopes.entry(record, None, None);
        let condition = self.condition(condition, &inner, site)?;
        let expression = Expression::Where(Box::new(typed.expression), Box::new(condition));
        Some(Typed::new(expression, FieldKind::List(record)))
    }

    fn comparison(&mut self, node: &Node, scopes: &Scopes, site: Site<'_>) -> Option<Typed> {
        let NodeKind::Compare(comparison, left_node, right_node) = &node.kind else { return None };
        let (left, right) = (self.value(left_node, scopes, site), self.value(right_node, scopes, site));
        let ((left, left_kind), (right, right_kind)) = (left?, right?);
        let common = if right.fits(left_kind) {
            left_kind
        } else if left.fits(right_kind) {
            right_kind
        } else if is_time(left_kind) && is_time(right_kind) {
            ScalarType::Datetime
        } else {
            let message = format!("a {} is compared with a {}", name(left_kind), name(right_kind));
            let place = self.place(node.span.clone(), site);
            self.report.add(
                Diagnostic::error(TYPE_MISMATCH, place, message)
                    .labelled("these do not compare")
                    .expecting("two values of one type"),
            );
            return None;
        };
        let ordering = match common {
            ScalarType::Number => Ordering::Number,
            ScalarType::Flag => Ordering::Flag,
            kind if is_time(kind) => Ordering::Time,
            _ => Ordering::Text,
        };
        if !comparison.is_equality() && !matches!(ordering, Ordering::Number | Ordering::Time) {
            let message = format!("a {} is neither greater nor smaller than another", name(common));
            let place = self.place(node.span.clone(), site);
            self.report.add(
                Diagnostic::error(TYPE_MISMATCH, place, message).expecting("numbers, dates, or `=` or `!=`"),
            );
            return None;
        }
        let (left, right) = (Box::new(left.expression), Box::new(right.expression));
        Some(Typed::scalar(Expression::Compare(*comparison, ordering, left, right), ScalarType::Flag))
    }

    fn number(&mut self, node: &Node, scopes: &Scopes, site: Site<'_>) -> Option<Expression> {
        let (typed, kind) = self.value(node, scopes, site)?;
        if typed.fits(ScalarType::Number) {
            return Some(typed.expression);
        }
        let message = format!("a {} is calculated with", name(kind));
        self.mismatch(node, site, message, (&format!("this is a {}", name(kind)), "a number"));
        None
    }

    fn expect_scalar(&mut self, typed: &Typed, node: &Node, site: Site<'_>) -> Option<ScalarType> {
        match typed.kind {
            FieldKind::Scalar(kind) => Some(kind),
            FieldKind::List(record) => {
                let label = format!("this is any number of `{}`", self.name_of(record));
                self.mismatch(node, site, "a list stands where one value is needed".to_owned(), (&label, "one value: repeat the element with `m:each`, or use `first`, `count`, `sum` or `join`"));
                None
            }
            FieldKind::Record(record) => {
                let label = format!("this is a `{}`", self.name_of(record));
                let message = "a record stands where one value is needed".to_owned();
                self.mismatch(node, site, message, (&label, "one of its fields"));
                None
            }
        }
    }

    fn expect_list(&mut self, typed: &Typed, node: &Node, site: Site<'_>) -> Option<RecordTypeId> {
        match typed.kind {
            FieldKind::List(record) => Some(record),
            FieldKind::Scalar(kind) => {
                let label = format!("this is a {}", name(kind));
                self.mismatch(
                    node,
                    site,
                    "one value stands where a list is needed".to_owned(),
                    (&label, "a list"),
                );
                None
            }
            FieldKind::Record(record) => {
                let label = format!("this is one `{}`", self.name_of(record));
                self.mismatch(
                    node,
                    site,
                    "one record stands where a list is needed".to_owned(),
                    (&label, "a list"),
                );
                None
            }
        }
    }

    fn mismatch(&mut self, node: &Node, site: Site<'_>, message: String, (label, expected): (&str, &str)) {
        let place = self.place(node.span.clone(), site);
        let diagnostic = Diagnostic::error(TYPE_MISMATCH, place, message);
        self.report.add(diagnostic.labelled(label).expecting(expected));
    }

    fn arguments(&mut self, span: Range<usize>, site: Site<'_>, message: String, usage: &str) {
        let place = self.place(span, site);
        let diagnostic = Diagnostic::error(BAD_ARGUMENTS, place, message);
        self.report.add(diagnostic.expecting(format!("`{usage}`")));
    }

    fn error(&mut self, code: Code, span: Range<usize>, site: Site<'_>, message: String) -> Diagnostic {
        Diagnostic::error(code, self.place(span, site), message)
    }

    fn place(&self, span: Range<usize>, site: Site<'_>) -> gateway_model::Place {
        self.file.place(site.characters.place(site.start + span.start..site.start + span.end))
    }

    fn name_of(&self, record: RecordTypeId) -> String {
        self.vocabulary.record_type(record).map(|kind| kind.name.clone()).unwrap_or_default()
    }
}

const fn is_text(kind: ScalarType) -> bool {
    matches!(kind, ScalarType::Text | ScalarType::Code)
}

const fn is_time(kind: ScalarType) -> bool {
    matches!(kind, ScalarType::Date | ScalarType::Datetime)
}

/// How a type is called in a sentence.
pub(crate) const fn name(kind: ScalarType) -> &'static str {
    match kind {
        ScalarType::Datetime => "date-time",
        kind => kind.name(),
    }
}
