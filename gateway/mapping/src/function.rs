//! The functions of the language: one file each, with its documentation, examples and what it means backwards.
//!
//! Every example is run as a test, forwards and backwards, so the documentation cannot lie.

mod after;
mod before;
mod count;
mod date;
mod datetime;
mod decimals;
mod default;
mod first;
mod flag;
mod format;
mod join;
mod last_characters;
mod lower;
mod negate;
mod plain;
mod prefix;
mod required;
mod suffix;
mod sum;
mod table;
mod trim;
mod upper;
mod zoned;

pub(crate) use format::Format;

use std::borrow::Cow;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

/// What the language says about a function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called, with its arguments.
    pub usage: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// What becomes of the document's text when reading: its inverse, `unchanged`, or `one-way`.
    pub back: &'static str,
    /// Examples; each is run as a test.
    pub examples: &'static [Example],
}

/// An example: a record as JSON, a hole, and the text it gives.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The record.
    pub record: &'static str,
    /// The hole's expression.
    pub hole: &'static str,
    /// What is written; `None` if nothing is.
    pub text: Option<&'static str>,
    /// The record that `text` is read back into; `None` for a one-way function.
    pub back: Option<&'static str>,
}

/// Every function, by name.
pub const FUNCTIONS: &[Function] = &[
    after::FUNCTION,
    before::FUNCTION,
    count::FUNCTION,
    date::FUNCTION,
    datetime::FUNCTION,
    decimals::FUNCTION,
    default::FUNCTION,
    first::FUNCTION,
    flag::FUNCTION,
    format::FUNCTION,
    join::FUNCTION,
    last_characters::FUNCTION,
    lower::FUNCTION,
    negate::FUNCTION,
    plain::FUNCTION,
    prefix::FUNCTION,
    required::FUNCTION,
    suffix::FUNCTION,
    sum::FUNCTION,
    table::FUNCTION,
    trim::FUNCTION,
    upper::FUNCTION,
    zoned::FUNCTION,
];

/// A function from one scalar to another.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    After(Box<str>),
    Before(Box<str>),
    Date,
    Datetime,
    Decimals(u32),
    Flag(Box<str>, Box<str>),
    Format(Format),
    LastCharacters(usize),
    Lower,
    Negate,
    Plain,
    Prefix(Box<str>),
    Suffix(Box<str>),
    Trim,
    Upper,
    Zoned,
}

/// A text that a function or a field cannot take; says what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfit(pub(crate) Cow<'static, str>);

// === impl Change ===

impl Change {
    /// The function applied to a text; `None` if that gives no value.
    pub(crate) fn apply<'r>(
        &self,
        text: Cow<'r, str>,
        zone: &TimeZone,
    ) -> Result<Option<Cow<'r, str>>, Unfit> {
        let changed = match self {
            Self::After(mark) => return Ok(after::after(text, mark)),
            Self::Before(mark) => before::before(text, mark),
            Self::Date => date::date(text),
            Self::Datetime => datetime::datetime(text),
            Self::Decimals(count) => Cow::Owned(decimals::decimals(number(&text)?, *count)),
            Self::Flag(yes, no) => Cow::Owned(flag::word(&text, yes, no).to_owned()),
            Self::Format(format) => Cow::Owned(format.print(number(&text)?)),
            Self::LastCharacters(count) => last_characters::last_characters(text, *count),
            Self::Lower => lower::lower(text),
            Self::Negate => Cow::Owned(negate::negate(number(&text)?)),
            Self::Plain => Cow::Owned(plain::plain(number(&text)?)),
            Self::Prefix(prefix) => prefix::add(&text, prefix),
            Self::Suffix(suffix) => suffix::add(&text, suffix),
            Self::Trim => trim::trim(text),
            Self::Upper => upper::upper(text),
            Self::Zoned => zoned::zoned(text, zone),
        };
        Ok(Some(changed))
    }

    /// Whether it is applied to numbers.
    pub(crate) const fn is_numeric(&self) -> bool {
        matches!(self, Self::Decimals(_) | Self::Format(_) | Self::Negate | Self::Plain)
    }

    /// The function applied to a number; `None` if it is none of those that need one.
    pub(crate) fn apply_to_number(&self, number: Decimal) -> Option<String> {
        match self {
            Self::Decimals(count) => Some(decimals::decimals(number, *count)),
            Self::Format(format) => Some(format.print(number)),
            Self::Negate => Some(negate::negate(number)),
            Self::Plain => Some(plain::plain(number)),
            _ => None,
        }
    }

    /// Whether reading can undo it, or need not.
    pub(crate) const fn is_two_way(&self) -> bool {
        matches!(
            self,
            Self::Date
                | Self::Datetime
                | Self::Flag(..)
                | Self::Negate
                | Self::Plain
                | Self::Prefix(_)
                | Self::Suffix(_)
                | Self::Zoned
        )
    }

    /// Whether the document's text is taken as it stands.
    pub(crate) const fn is_unchanged_back(&self) -> bool {
        matches!(self, Self::Date | Self::Datetime | Self::Plain | Self::Zoned)
    }

    /// The document's text led back.
    pub(crate) fn undo<'t>(&self, text: Cow<'t, str>) -> Result<Cow<'t, str>, Unfit> {
        match self {
            Self::Flag(yes, no) => flag::back(&text, yes, no).map(Cow::Borrowed),
            Self::Negate => Ok(Cow::Owned(negate::negate(number(text.trim_ascii())?))),
            Self::Prefix(prefix) => Ok(prefix::take_off(text, prefix)),
            Self::Suffix(suffix) => Ok(suffix::take_off(text, suffix)),
            _ => Ok(text),
        }
    }
}

/// A piece of a text, borrowed where the text is.
fn piece<'t>(text: Cow<'t, str>, cut: impl Fn(&str) -> &str) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text)),
        Cow::Owned(text) => {
            let kept = cut(&text);
            if kept.len() == text.len() { Cow::Owned(text) } else { Cow::Owned(kept.to_owned()) }
        }
    }
}

/// The number a text stands for.
pub(crate) fn number(text: &str) -> Result<Decimal, Unfit> {
    let expected = gateway_model::scalar::expectation(gateway_model::ScalarType::Number);
    gateway_model::scalar::parse_number(text).ok_or(Unfit(Cow::Borrowed(expected)))
}
