//! Expression text to words.

use std::ops::Range;

use rust_decimal::Decimal;

use gateway_model::scalar;

use super::SyntaxFault;

/// A word of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    Number(Decimal),
    /// `|`, `(`, `)`, `.`, `+`, `-`, `*`, `/`, `=`, `!=`, `>`, `>=`, `<`, `<=`
    Sign(&'static str),
    End,
}

/// A word and the bytes it stands at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) span: Range<usize>,
}

/// Longer signs first.
const SIGNS: &[&str] = &["!=", ">=", "<=", "|", "(", ")", ".", "+", "-", "*", "/", "=", ">", "<", ","];

// === impl Token ===

impl Token {
    /// How it is called in a fault.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Text(text) => format!("the text '{text}'"),
            Self::Number(number) => format!("the number {number}"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end of the expression".to_owned(),
        }
    }
}

/// Cuts a text into words; the last one is [`Token::End`].
pub(super) fn lex(text: &str) -> Result<Vec<Placed>, SyntaxFault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        let Some((token, length)) = token(rest.trim_start(), at)? else {
            tokens.push(Placed { token: Token::End, span: at..at });
            return Ok(tokens);
        };
        tokens.push(Placed { token, span: at..at + length });
        at += length;
    }
}

fn token(rest: &str, at: usize) -> Result<Option<(Token, usize)>, SyntaxFault> {
    let Some(first) = rest.chars().next() else { return Ok(None) };
    if first.is_alphabetic() || first == '_' {
        let length = length_of(rest, |letter| letter.is_alphanumeric() || letter == '_');
        return Ok(Some((Token::Word(cut(rest, length)), length)));
    }
    if first.is_ascii_digit() {
        return number(rest, at).map(Some);
    }
    if first == '\'' || first == '"' {
        return quoted(rest, first, at).map(Some);
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(sign) => Ok(Some((Token::Sign(sign), sign.len()))),
        None => Err(SyntaxFault {
            span: at..at + first.len_utf8(),
            message: format!("`{first}` has no meaning in an expression"),
            expected: "a path, a 'text', a number, or a sign".to_owned(),
        }),
    }
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), SyntaxFault> {
    let length = length_of(rest, |letter| letter.is_ascii_digit() || letter == '.');
    let written = cut(rest, length);
    match scalar::parse_number(&written) {
        Some(number) if !written.ends_with('.') => Ok((Token::Number(number), length)),
        _ => Err(SyntaxFault {
            span: at..at + length,
            message: format!("`{written}` is not a number"),
            expected: scalar::expectation(gateway_model::ScalarType::Number).to_owned(),
        }),
    }
}

fn quoted(rest: &str, quote: char, at: usize) -> Result<(Token, usize), SyntaxFault> {
    let inner = rest.get(1..).unwrap_or_default();
    match inner.find(quote) {
        Some(length) => Ok((Token::Text(cut(inner, length)), length + 2)),
        None => Err(SyntaxFault {
            span: at..at + rest.len(),
            message: "the text has no end".to_owned(),
            expected: format!("a closing {quote}"),
        }),
    }
}

fn length_of(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !belongs(letter)).unwrap_or(text.len())
}

fn cut(text: &str, length: usize) -> String {
    text.get(..length).unwrap_or_default().to_owned()
}
