//! Expression text to tree, by recursive descent.
//!
//! The reader is generous, because senders differ: parentheses may be missing or repeated, predicates that nobody knows are
//! kept, positions such as `[1]` are passed over, an apostrophe inside a value need not be doubled when what follows
//! shows that the value goes on.

use gateway_model::codes;

use crate::characters::{is_name, is_space};
use crate::limits::Limits;
use crate::names::Names;
use crate::refusal::Refusal;
use crate::tree::{Builder, Tree};

/// The parameter that names the access profile.
const ACCESS_PROFILE: &str = "_wcf.ap";

/// Reads an expression into a tree of elements without namespace.
///
/// The root element is `expression`; its attribute `profile` is the value of `_wcf.ap`, and each further parameter in the
/// braces is an attribute of its own name. Path steps and predicates nest: `a/b` and `a[b]` both put `b` into `a`. `and`,
/// `or` and parentheses leave no element, so `(X='1' or X='2')` gives two `X`; `@uom='C62'` gives `uom`. A comparison
/// other than `=` stands in an element `comparison` whose attribute `operator` names it. A function `f(a, 'x')` gives
/// `f` with its arguments as children and the literal as text.
///
/// # Errors
/// `BAD_EXPRESSION` with place and expectation, or `LIMIT_EXCEEDED`.
pub fn parse_expression<'a>(text: &'a str, names: &Names, limits: &Limits) -> Result<Tree<'a>, Refusal> {
    let mut parser = Parser { text, at: 0, builder: Builder::new(text, names, limits)?, nested: 0, limits };
    parser.expression().map_err(|refusal| match refusal.code {
        codes::MALFORMED_XML => Refusal { code: codes::BAD_EXPRESSION, ..refusal },
        _ => refusal,
    })?;
    Ok(parser.builder.finish())
}

struct Parser<'a, 'n> {
    text: &'a str,
    at: usize,
    builder: Builder<'a, 'n>,
    /// Parentheses open at this place; elements are counted by the builder.
    nested: usize,
    limits: &'n Limits,
}

impl<'a> Parser<'a, '_> {
    fn expression(&mut self) -> Result<(), Refusal> {
        self.builder.open_plain("expression", 0)?;
        self.space();
        if self.take("{") {
            self.parameters()?;
        }
        self.space();
        if self.at < self.text.len() {
            self.path()?;
        }
        self.space();
        if self.at < self.text.len() {
            return Err(self.refuse("text after the expression", "the end of the expression"));
        }
        self.builder.close(self.at)
    }

    /// `_wcf.ap=PROFILE;name=value}`
    fn parameters(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        let rest = self.rest();
        let Some((inside, _)) = rest.split_once('}') else {
            return Err(self.refuse("braces that do not close", "`}`"));
        };
        self.at += inside.len() + 1;
        let mut offset = start;
        for parameter in inside.split(';') {
            if !parameter.trim().is_empty() {
                self.parameter(parameter, offset)?;
            }
            offset += parameter.len() + 1;
        }
        Ok(())
    }

    fn parameter(&mut self, parameter: &'a str, offset: usize) -> Result<(), Refusal> {
        let name = parameter.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        let Some((name, value)) = name.filter(|(name, _)| is_name(name)) else {
            return Err(self.refuse_at(offset, "a parameter that is not a name and a value", "`name=value`"));
        };
        let name = if name == ACCESS_PROFILE { "profile" } else { name };
        self.builder.add_plain(name, value, offset)
    }

    /// `/a/b[..][..]/c`; leaves no element open.
    fn path(&mut self) -> Result<(), Refusal> {
        let opened = self.open_path()?;
        self.close_path(opened)
    }

    /// Opens an element per step and reads the predicates on the way; gives the number of elements left open.
    fn open_path(&mut self) -> Result<usize, Refusal> {
        let mut opened = 0;
        self.take("/");
        loop {
            self.take("/");
            self.space();
            self.take("@");
            let name = self.name()?;
            self.builder.open_plain(name.0, name.1)?;
            opened += 1;
            self.space();
            while self.take("[") {
                self.predicate()?;
                self.space();
            }
            if !self.take("/") {
                return Ok(opened);
            }
        }
    }

    fn close_path(&mut self, opened: usize) -> Result<(), Refusal> {
        (0..opened).try_for_each(|_| self.builder.close(self.at))
    }

    /// What stands in brackets: a position or a condition.
    fn predicate(&mut self) -> Result<(), Refusal> {
        self.space();
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && self.after(digits).trim_start().starts_with(']') {
            self.at += digits;
        } else {
            self.condition()?;
        }
        self.space();
        self.require("]", "brackets that do not close", "`]`, ` and ` or ` or `")
    }

    /// Terms joined by `and` and `or`, in any mix.
    fn condition(&mut self) -> Result<(), Refusal> {
        loop {
            self.term()?;
            self.space();
            if !self.word("and") && !self.word("or") {
                return Ok(());
            }
        }
    }

    fn term(&mut self) -> Result<(), Refusal> {
        self.space();
        if !self.take("(") {
            return self.comparison();
        }
        self.nested += 1;
        if self.nested > self.limits.depth {
            let refusal = Refusal::at(self.text, self.at, codes::LIMIT_EXCEEDED, "nested too deeply");
            return Err(refusal.expecting(format!("at most {} levels", self.limits.depth)));
        }
        self.condition()?;
        self.space();
        self.require(")", "parentheses that do not close", "`)`, ` and ` or ` or `")?;
        self.nested -= 1;
        Ok(())
    }

    /// `path = 'value'`, `path` alone, or `function(..)`.
    fn comparison(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        if let Some(operator) = self.operator_ahead() {
            self.builder.open_plain("comparison", start)?;
            self.builder.add_plain("operator", operator, start)?;
            self.compared()?;
            return self.builder.close(self.at);
        }
        self.compared()
    }

    fn compared(&mut self) -> Result<(), Refusal> {
        let opened = self.open_path()?;
        self.space();
        if self.take("(") {
            self.arguments()?;
        } else if !self.operator().is_empty() {
            self.space();
            self.value()?;
        }
        self.close_path(opened)
    }

    /// The arguments of a function, whose element is open.
    fn arguments(&mut self) -> Result<(), Refusal> {
        loop {
            self.space();
            if self.take(")") {
                return Ok(());
            }
            if self.rest().starts_with(['\'', '"']) {
                self.value()?;
            } else {
                self.condition()?;
            }
            self.space();
            if !self.take(",") && !self.rest().starts_with(')') {
                return Err(self.refuse("a function that does not end", "`,` or `)`"));
            }
        }
    }

    /// A comparison other than `=` that comes after the path at hand.
    fn operator_ahead(&self) -> Option<&'a str> {
        let rest = self.rest();
        let path = rest.bytes().take_while(|byte| is_step(*byte) || matches!(byte, b'/' | b'@'));
        let rest = rest.get(path.count()..)?.trim_start();
        ["!=", "<=", ">=", "<", ">"]
            .iter()
            .find_map(|operator| rest.get(..operator.len()).filter(|o| o == operator))
    }

    fn operator(&mut self) -> &'static str {
        let operators = ["=", "!=", "<=", ">=", "<", ">"];
        operators.into_iter().find(|operator| self.take(operator)).unwrap_or_default()
    }

    /// A value in apostrophes or quotation marks, or a bare number.
    fn value(&mut self) -> Result<(), Refusal> {
        let quote = match self.rest().bytes().next() {
            Some(quote @ (b'\'' | b'"')) => quote,
            Some(b'-' | b'0'..=b'9') => {
                let digits =
                    self.rest().bytes().take_while(|b| matches!(b, b'-' | b'.' | b'0'..=b'9')).count();
                self.builder.text(self.at, self.at + digits);
                self.at += digits;
                return Ok(());
            }
            _ => return Err(self.refuse("no value after the sign", "a value in apostrophes")),
        };
        let open = self.at;
        self.at += 1;
        loop {
            let Some(length) = memchr::memchr(quote, self.rest().as_bytes()) else {
                return Err(self.refuse_at(open, "a value that does not end", "a closing apostrophe"));
            };
            self.builder.text(self.at, self.at + length);
            self.at += length + 1;
            let doubled = self.rest().as_bytes().first() == Some(&quote);
            if !doubled && ends_value(self.rest()) {
                return Ok(());
            }
            // Doubled, or single with more of the value behind it: the apostrophe is part of the value.
            self.builder.text(self.at - 1, self.at);
            self.at += usize::from(doubled);
        }
    }

    /// A step's name without its prefix, and where it stands.
    fn name(&mut self) -> Result<(&'a str, usize), Refusal> {
        let start = self.at;
        let length = self.rest().bytes().take_while(|byte| is_step(*byte)).count();
        let written = self.rest().get(..length).unwrap_or_default();
        let local = written.rsplit(':').next().unwrap_or_default();
        if !is_name(local) {
            return Err(self.refuse("no name where one has to stand", "the name of an element"));
        }
        self.at += length;
        Ok((local, start))
    }

    fn rest(&self) -> &'a str {
        self.after(0)
    }

    fn after(&self, count: usize) -> &'a str {
        self.text.get(self.at + count..).unwrap_or_default()
    }

    fn space(&mut self) {
        self.at += self.rest().bytes().take_while(|byte| is_space(*byte)).count();
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        self.at += if found { sign.len() } else { 0 };
        found
    }

    /// Takes a whole word.
    fn word(&mut self, word: &str) -> bool {
        let ends =
            self.rest().strip_prefix(word).is_some_and(|rest| !rest.bytes().next().is_some_and(is_step));
        ends && self.take(word)
    }

    fn require(&mut self, sign: &str, message: &str, expected: &str) -> Result<(), Refusal> {
        if self.take(sign) { Ok(()) } else { Err(self.refuse(message, expected)) }
    }

    fn refuse(&self, message: &str, expected: &str) -> Refusal {
        self.refuse_at(self.at, message, expected)
    }

    fn refuse_at(&self, offset: usize, message: &str, expected: &str) -> Refusal {
        Refusal::at(self.text, offset, codes::BAD_EXPRESSION, message).expecting(expected)
    }
}

/// Bytes of a step's name, with its prefix.
const fn is_step(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || !byte.is_ascii()
}

/// Whether an apostrophe followed by this ends a value.
fn ends_value(rest: &str) -> bool {
    let rest = rest.trim_start();
    let joint = |word| rest.strip_prefix(word).is_some_and(|rest| !rest.bytes().next().is_some_and(is_step));
    rest.is_empty() || rest.starts_with([')', ']', ',']) || joint("and") || joint("or")
}
