//! The expressions in holes and instructions: text, tree, and the forms that can be read backwards.
//!
//! This part knows the grammar of mappings/README.md only; what names mean and whether types fit is decided by
//! [`crate::check`].

mod lex;
mod parse;
mod pieces;

pub(crate) use parse::{parse, parse_path, parse_repeat};
pub(crate) use pieces::{Piece, split};

use std::ops::Range;

use rust_decimal::Decimal;

/// Words that are no field names.
pub(crate) const KEYWORDS: &[&str] =
    &["if", "then", "else", "and", "or", "not", "where", "in", "true", "false"];

/// A fault of an expression's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxFault {
    /// Bytes of the expression's text.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) expected: String,
}

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// A part of an expression, and the bytes of the expression's text it stands at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) span: Range<usize>,
}

/// What a part of an expression is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NodeKind {
    Text(String),
    Number(Decimal),
    Flag(bool),
    Path(Vec<Word>),
    Call { input: Box<Node>, function: Word, arguments: Vec<Node>, otherwise: Option<Otherwise> },
    If { condition: Box<Node>, then: Box<Node>, otherwise: Option<Box<Node>> },
    Or(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Where { list: Box<Node>, condition: Box<Node> },
    Calculate(Calculation, Box<Node>, Box<Node>),
    Negative(Box<Node>),
}

/// What follows `else` behind a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// A bare word such as `fail`.
    Word(Word),
    /// A text.
    Text(Word),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// How two numbers are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calculation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

// === impl Comparison ===

impl Comparison {
    /// Whether two values in this order satisfy it.
    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }

    /// Whether it only asks if two values are the same.
    pub(crate) const fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::Unequal)
    }
}
