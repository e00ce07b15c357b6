//! One table of the configuration file, asked for its keys one by one.
//!
//! Asking never stops at a fault: it is reported with its place, and the default or nothing is given back. What was
//! never asked for does not exist, which [`Section::finish`] reports as an unknown key.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use gateway_mapping::Source;
use gateway_model::codes::{self, Code};
use gateway_model::scalar::parse_number;
use gateway_model::{Diagnostic, Place};
use rust_decimal::Decimal;
use toml::de::{DeTable, DeValue};

use crate::config::places::Located;
use crate::config::secret::Environment;

/// Where the faults of one file are collected.
pub(super) struct Report<'r> {
    file: String,
    base: &'r Path,
    environment: &'r dyn Environment,
    faults: RefCell<Vec<Diagnostic>>,
    asked: RefCell<BTreeSet<String>>,
    files: RefCell<Vec<Source>>,
}

/// A table, or the absence of one: then every key has its default.
pub(super) struct Section<'s> {
    table: Option<&'s DeTable<'s>>,
    /// The table's header, for faults about what is missing in it.
    pub(super) span: Range<usize>,
    path: String,
    report: &'s Report<'s>,
    keys: RefCell<Vec<&'static str>>,
}

/// A diagnostic on its way into the report.
#[must_use]
pub(super) struct Pending<'r> {
    diagnostic: Diagnostic,
    faults: &'r RefCell<Vec<Diagnostic>>,
}

// === impl Report ===

impl<'r> Report<'r> {
    pub(super) fn new(file: String, base: &'r Path, environment: &'r dyn Environment) -> Self {
        Self {
            file,
            base,
            environment,
            faults: RefCell::default(),
            asked: RefCell::default(),
            files: RefCell::default(),
        }
    }

    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        Place { file: self.file.clone(), span: span.clone() }
    }

    pub(super) fn fault(&self, code: Code, span: Range<usize>, message: impl Into<String>) -> Pending<'_> {
        self.fault_in(code, self.place(&span), message)
    }

    pub(super) fn warning(&self, code: Code, span: Range<usize>, message: impl Into<String>) -> Pending<'_> {
        self.warning_in(code, self.place(&span), message)
    }

    /// A fault of this file or of one that [`Report::shows`].
    pub(super) fn fault_in(&self, code: Code, place: Place, message: impl Into<String>) -> Pending<'_> {
        Pending { diagnostic: Diagnostic::error(code, place, message), faults: &self.faults }
    }

    /// A doubt about this file or one that [`Report::shows`].
    pub(super) fn warning_in(&self, code: Code, place: Place, message: impl Into<String>) -> Pending<'_> {
        Pending { diagnostic: Diagnostic::warning(code, place, message), faults: &self.faults }
    }

    /// A file that the configuration names and that has faults of its own.
    pub(super) fn shows(&self, file: Source) {
        self.files.borrow_mut().push(file);
    }

    /// All faults, those of the configuration's own file first, in the order of each file; and the other files.
    pub(super) fn into_faults(self) -> (Vec<Diagnostic>, Vec<Source>) {
        let files = self.files.into_inner();
        let mut faults = self.faults.into_inner();
        let file_of = |fault: &Diagnostic| files.iter().position(|file| file.path == fault.place.file);
        faults.sort_by_key(|fault| (file_of(fault), fault.place.span.start));
        (faults, files)
    }

    /// Every key that was asked for, as `section.key`.
    #[cfg(test)]
    pub(super) fn asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }
}

// === impl Pending ===

impl Pending<'_> {
    pub(super) fn labelled(mut self, label: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.labelled(label);
        self
    }

    pub(super) fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.expecting(expected);
        self
    }

    pub(super) fn did_you_mean<'w>(mut self, found: &str, known: impl IntoIterator<Item = &'w str>) -> Self {
        self.diagnostic = self.diagnostic.did_you_mean(found, known);
        self
    }

    pub(super) fn helped(mut self, help: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.helped(help);
        self
    }

    pub(super) fn beside(mut self, place: Place, label: impl Into<String>) -> Self {
        self.diagnostic.related.push((place, label.into()));
        self
    }

    pub(super) fn add(self) {
        self.faults.borrow_mut().push(self.diagnostic);
    }
}

// === impl Section ===

impl<'s> Section<'s> {
    pub(super) fn root(table: &'s DeTable<'s>, report: &'s Report<'s>) -> Self {
        Self { table: Some(table), span: 0..0, path: String::new(), report, keys: RefCell::default() }
    }

    /// Its name in the file, for messages; an entry of a list by the list's name.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn environment(&self) -> &'s dyn Environment {
        self.report.environment
    }

    /// A path of the configuration, taken from beside the file.
    pub(super) fn beside(&self, path: &str) -> PathBuf {
        self.report.base.join(path)
    }

    pub(super) fn fault(&self, code: Code, span: &Range<usize>, message: impl Into<String>) -> Pending<'s> {
        self.report.fault(code, span.clone(), message)
    }

    pub(super) fn warning(&self, code: Code, span: &Range<usize>, message: impl Into<String>) -> Pending<'s> {
        self.report.warning(code, span.clone(), message)
    }

    /// A table below this one; all defaults if it is not there.
    pub(super) fn section(&self, key: &'static str) -> Section<'s> {
        self.optional_section(key).unwrap_or_else(|| self.child(key, None, self.span.clone()))
    }

    /// A table below this one, if it is there.
    pub(super) fn optional_section(&self, key: &'static str) -> Option<Section<'s>> {
        let (span, value) = self.value(key)?;
        match value {
            DeValue::Table(table) => Some(self.child(key, Some(table), span)),
            other => {
                self.wrong_type(key, &span, "a table", other);
                None
            }
        }
    }

    /// The tables of a list; none if it is not there.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'s>> {
        let Some((span, value)) = self.value(key) else { return Vec::new() };
        let DeValue::Array(entries) = value else {
            self.wrong_type(key, &span, &format!("a list of tables, each under `[[{key}]]`"), value);
            return Vec::new();
        };
        let mut sections = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry.get_ref() {
                DeValue::Table(table) => sections.push(self.child(key, Some(table), entry.span())),
                other => self.wrong_type(key, &entry.span(), "a table", other),
            }
        }
        sections
    }

    /// A text, if it is there.
    pub(super) fn text(&self, key: &'static str) -> Option<Located<String>> {
        let (span, value) = self.value(key)?;
        match value {
            DeValue::String(text) if !text.trim().is_empty() => {
                Some(Located { value: text.clone().into_owned(), span })
            }
            DeValue::String(_) => {
                self.fault(codes::CONFIG_VALUE, &span, format!("`{key}` is empty")).add();
                None
            }
            other => {
                self.wrong_type(key, &span, "a text in quotation marks", other);
                None
            }
        }
    }

    /// A text that has to be there; `expected` says what it is.
    pub(super) fn required_text(&self, key: &'static str, expected: &str) -> Option<Located<String>> {
        if !self.has(key) {
            self.missing(key, expected);
        }
        self.text(key)
    }

    /// A list of texts that has to be there and hold at least one.
    pub(super) fn required_texts(&self, key: &'static str, expected: &str) -> Option<Vec<Located<String>>> {
        let Some((span, value)) = self.value(key) else {
            self.missing(key, expected);
            return None;
        };
        let DeValue::Array(entries) = value else {
            self.wrong_type(key, &span, expected, value);
            return None;
        };
        if entries.is_empty() {
            self.fault(codes::CONFIG_VALUE, &span, format!("`{key}` is empty")).expecting(expected).add();
            return None;
        }
        let texts = entries.iter().map(|entry| match entry.get_ref() {
            DeValue::String(text) => Some(Located { value: text.clone().into_owned(), span: entry.span() }),
            other => {
                self.wrong_type(key, &entry.span(), "a text in quotation marks", other);
                None
            }
        });
        texts.collect::<Vec<_>>().into_iter().collect()
    }

    /// Texts by free keys, such as the variants of operations.
    pub(super) fn free_texts(&self) -> Vec<(Located<String>, Located<String>)> {
        let mut texts = Vec::new();
        for (key, value) in self.table.into_iter().flatten() {
            let name = Located { value: key.get_ref().clone().into_owned(), span: key.span() };
            match value.get_ref() {
                DeValue::String(text) => {
                    texts.push((name, Located { value: text.clone().into_owned(), span: value.span() }));
                }
                other => self.wrong_type(&name.value, &value.span(), "a text in quotation marks", other),
            }
        }
        texts
    }

    /// A flag.
    pub(super) fn flag(&self, key: &'static str, default: bool) -> bool {
        match self.value(key) {
            None => default,
            Some((_, DeValue::Boolean(flag))) => *flag,
            Some((span, other)) => {
                self.wrong_type(key, &span, "true or false", other);
                default
            }
        }
    }

    /// A whole number within its range.
    pub(super) fn whole(&self, key: &'static str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.located_whole(key, default, range).value
    }

    /// A whole number within its range, and where it stands.
    pub(super) fn located_whole(
        &self,
        key: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Located<u64> {
        let fallback = Located { value: default, span: self.span.clone() };
        let Some((span, value)) = self.value(key) else { return fallback };
        let DeValue::Integer(integer) = value else {
            self.wrong_type(key, &span, "a whole number", value);
            return fallback;
        };
        match u64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) if range.contains(&number) => Located { value: number, span },
            _ => {
                self.fault(codes::CONFIG_VALUE, &span, format!("`{key}` is out of range: {integer}"))
                    .expecting(format!("a whole number from {} to {}", range.start(), range.end()))
                    .add();
                fallback
            }
        }
    }

    /// A whole number within its range, or `None` where the file says `word` instead.
    pub(super) fn whole_unless(
        &self,
        key: &'static str,
        word: &str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        match self.value(key) {
            Some((_, DeValue::String(text))) if text == word => None,
            Some((span, other @ DeValue::String(_))) => {
                self.wrong_type(key, &span, &format!("a whole number, or `\"{word}\"`"), other);
                Some(default)
            }
            _ => Some(self.whole(key, default, range)),
        }
    }

    /// A whole number within its range, if it is there.
    pub(super) fn optional_whole(
        &self,
        key: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<Located<u64>> {
        let number = self.located_whole(key, *range.start(), range);
        self.has(key).then_some(number)
    }

    /// An exact decimal number, or `None` where the file says `word` instead; `default` without the key.
    pub(super) fn decimal_unless(
        &self,
        key: &'static str,
        word: Option<&str>,
        default: Decimal,
    ) -> Option<Decimal> {
        let Some((span, value)) = self.value(key) else { return Some(default) };
        let number = match value {
            DeValue::String(text) if word.is_some_and(|word| word == text) => return None,
            DeValue::Integer(integer) if integer.radix() == 10 => parse_number(integer.as_str()),
            DeValue::Float(float) => parse_number(float.as_str()),
            other => {
                let expected = word.map_or_else(String::new, |word| format!(", or `\"{word}\"`"));
                self.wrong_type(key, &span, &format!("a number{expected}"), other);
                return Some(default);
            }
        };
        if number.is_none() {
            self.fault(codes::CONFIG_VALUE, &span, format!("`{key}` is no number that can be kept exactly"))
                .expecting("a decimal number of at most 28 digits")
                .add();
        }
        Some(number.unwrap_or(default))
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, words: &[(&str, T)], default: T) -> T {
        let Some(found) = self.text(key) else { return default };
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == found.value) {
            return *meant;
        }
        let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.fault(codes::CONFIG_VALUE, &found.span, format!("`{key}` cannot be `{}`", found.value))
            .expecting(known.join(", "))
            .did_you_mean(&found.value, words.iter().map(|(word, _)| *word))
            .add();
        default
    }

    /// Whether the key is in the file.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// Reports every key that was not asked for.
    pub(super) fn finish(&self) {
        let known = self.keys.borrow();
        for (key, _) in self.table.into_iter().flatten() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let inside = if self.path.is_empty() {
                "the configuration".to_owned()
            } else {
                format!("`{}`", self.path)
            };
            let listed: Vec<String> = known.iter().map(|key| format!("`{key}`")).collect();
            self.fault(codes::CONFIG_KEY, &key.span(), format!("unknown key `{name}` in {inside}"))
                .expecting(listed.join(", "))
                .did_you_mean(name, known.iter().copied())
                .add();
        }
    }

    fn missing(&self, key: &'static str, expected: &str) {
        self.fault(codes::CONFIG_KEY, &self.span, format!("`{}` lacks the key `{key}`", self.path))
            .expecting(expected)
            .add();
    }

    fn wrong_type(&self, key: &str, span: &Range<usize>, expected: &str, found: &DeValue<'_>) {
        self.fault(codes::CONFIG_KEY, span, format!("`{key}` has the wrong type"))
            .labelled(format!("this is {}", kind(found)))
            .expecting(expected)
            .add();
    }

    /// The value of a key, which is known from now on.
    fn value(&self, key: &'static str) -> Option<(Range<usize>, &'s DeValue<'s>)> {
        let mut keys = self.keys.borrow_mut();
        if !keys.contains(&key) {
            keys.push(key);
            self.report.asked.borrow_mut().insert(self.below(key));
        }
        self.table?.get(key).map(|value| (value.span(), value.get_ref()))
    }

    fn child(&self, key: &str, table: Option<&'s DeTable<'s>>, span: Range<usize>) -> Section<'s> {
        Section { table, span, path: self.below(key), report: self.report, keys: RefCell::default() }
    }

    fn below(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
