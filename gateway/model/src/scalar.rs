//! Scalars: checking the characters of a number, date or flag, and calculating with them exactly.
//!
//! Lexical forms are those of XML Schema part 2: `xs:decimal` and `xs:double` (without INF and NaN), `xs:date`,
//! `xs:dateTime`, `xs:boolean`. Libraries are looser or stricter than that (they take `1_000`, refuse
//! `2026-03-01Z`), so the form is checked here and only then handed to them.

mod number;
mod time;

pub use number::{check_number, parse_number, plain};
pub use time::{Moment, check_date, check_datetime, date_part, epoch_millis, has_zone, parse_moment};

use std::borrow::Cow;

use crate::vocabulary::ScalarType;

/// Checks text against a type and gives the form the record keeps, or `None` if it does not fit.
///
/// Empty text, and white space alone, is `Some("")`: no value. White space around everything but `text` is taken
/// off; a number in exponent form becomes plain digits; a flag becomes `true` or `false`.
#[must_use]
pub fn check(kind: ScalarType, text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    if kind == ScalarType::Text {
        let blank = text.bytes().all(is_space);
        return Some(if blank { Cow::Borrowed("") } else { text });
    }
    let text = trimmed(text);
    if text.is_empty() {
        return Some(text);
    }
    match kind {
        ScalarType::Text | ScalarType::Code => Some(text),
        ScalarType::Number => check_number(text),
        ScalarType::Flag => match text.as_ref() {
            "true" | "1" => Some(Cow::Borrowed("true")),
            "false" | "0" => Some(Cow::Borrowed("false")),
            _ => None,
        },
        ScalarType::Date => check_date(&text).then_some(text),
        ScalarType::Datetime => check_datetime(&text).then_some(text),
    }
}

/// What a value of this type has to look like, for error texts.
#[must_use]
pub const fn expectation(kind: ScalarType) -> &'static str {
    match kind {
        ScalarType::Text | ScalarType::Code => "text",
        ScalarType::Number => "a decimal number such as 2 or 0.750",
        ScalarType::Flag => "true or false",
        ScalarType::Date => "a date such as 2026-07-15",
        ScalarType::Datetime => "a date and time such as 2026-07-15T09:30:00.000Z",
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(is_space_char)),
        Cow::Owned(text) => match text.trim_matches(is_space_char) {
            inner if inner.len() == text.len() => Cow::Owned(text),
            inner => Cow::Owned(inner.to_owned()),
        },
    }
}

/// XML's white space.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

const fn is_space_char(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}
