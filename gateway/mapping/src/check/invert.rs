//! Two-way or write-only: whether an expression leads back to one field, and how.

use std::collections::VecDeque;

use gateway_model::ScalarType;

use super::Typed;
use crate::program::{Back, Expression, Path};

/// The way back from a document's text to a field.
#[derive(Debug, Clone)]
pub(crate) struct Inverse {
    pub(crate) path: Path,
    pub(crate) kind: ScalarType,
    pub(crate) back: Vec<Back>,
    pub(crate) required: Option<Box<str>>,
}

/// The inverse of an expression; `None` if it is write-only.
pub(crate) fn invert(expression: &Expression) -> Option<Inverse> {
    let mut back = VecDeque::new();
    let mut required = None;
    let mut rest = expression;
    loop {
        match rest {
            Expression::Scalar(path, kind) => {
                return Some(Inverse { path: path.clone(), kind: *kind, back: back.into(), required });
            }
            Expression::Default(inner, _) => rest = inner,
            Expression::Required(inner, why) => {
                required = Some(why.clone().unwrap_or_default());
                rest = inner;
            }
            Expression::Table(inner, table) => {
                back.push_back(Back::Table(table.clone()));
                rest = inner;
            }
            Expression::Change(inner, change) if change.is_two_way() => {
                if !change.is_unchanged_back() {
                    back.push_back(Back::Change(change.clone()));
                }
                rest = inner;
            }
            _ => return None,
        }
    }
}

// === impl Typed ===

impl Typed {
    /// Whether the value does not depend on the record.
    pub(crate) fn is_literal(&self) -> bool {
        is_literal(&self.expression)
    }
}

fn is_literal(expression: &Expression) -> bool {
    match expression {
        Expression::Text(_) | Expression::Number(_) | Expression::Flag(_) => true,
        Expression::Change(inner, _) | Expression::Table(inner, _) | Expression::Required(inner, _) => {
            is_literal(inner)
        }
        _ => false,
    }
}
