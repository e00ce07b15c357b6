//! TOML of the mappings folder, read with places, so that every fault can be shown where it stands.

use std::ops::Range;

use gateway_model::Diagnostic;
use gateway_model::codes::Code;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::Report;
use crate::source::File;

/// A table of a file, with the code its faults are reported under.
#[derive(Debug, Clone)]
pub(crate) struct TomlView<'a> {
    pub(crate) file: &'a File<'a>,
    code: Code,
    table: &'a DeTable<'a>,
    span: Range<usize>,
}

/// A text with its place.
#[derive(Debug, Clone)]
pub(crate) struct PlacedText {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// Parses a file; a fault of its form is reported.
pub(crate) fn parse_toml<'a>(
    file: &'a File<'a>,
    code: Code,
    report: &mut Report,
) -> Option<Spanned<DeTable<'a>>> {
    match DeTable::parse(file.text) {
        Ok(table) => Some(table),
        Err(error) => {
            let place = file.place(error.span().unwrap_or(0..0));
            let message = format!("the file is not valid TOML: {}", error.message().replace('\n', ", "));
            report.add(Diagnostic::error(code, place, message));
            None
        }
    }
}

// === impl TomlView ===

impl<'a> TomlView<'a> {
    pub(crate) fn root(file: &'a File<'a>, code: Code, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self { file, code, table: table.get_ref(), span: 0..0 }
    }

    /// Reports every key that is not one of these.
    pub(crate) fn known(&self, keys: &[&str], report: &mut Report) {
        for (key, _) in self.entries() {
            if !keys.contains(&key.text.as_str()) {
                let place = self.file.place(key.span);
                report.add(
                    Diagnostic::error(
                        self.code,
                        place,
                        format!("the key `{}` has no meaning here", key.text),
                    )
                    .labelled("not known")
                    .expecting(list(keys))
                    .did_you_mean(&key.text, keys.iter().copied()),
                );
            }
        }
    }

    /// Keys and values in the order of the file.
    pub(crate) fn entries(&self) -> Vec<(PlacedText, &'a Spanned<DeValue<'a>>)> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| (PlacedText { text: key.get_ref().to_string(), span: key.span() }, value))
            .collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        entries
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A text. Anything else under the key is reported.
    pub(crate) fn text(&self, key: &str, report: &mut Report) -> Option<PlacedText> {
        let value = self.table.get(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some(PlacedText { text: text.to_owned(), span: value.span() }),
            None => self.mismatch(key, value, "a text", report),
        }
    }

    /// A text that must be there.
    pub(crate) fn required_text(&self, key: &str, report: &mut Report) -> Option<PlacedText> {
        if !self.has(key) {
            self.missing(key, report);
        }
        self.text(key, report)
    }

    /// A whole number from 0 up, with its place. Anything else under the key is reported.
    pub(crate) fn whole_number(&self, key: &str, report: &mut Report) -> Option<(Range<usize>, u64)> {
        let value = self.table.get(key)?;
        let number = value.get_ref().as_integer();
        let number = number.and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        match number {
            Some(number) => Some((value.span(), number)),
            None => self.mismatch(key, value, "a whole number from 0 up", report),
        }
    }

    /// `true` or `false`; false if it is not there.
    pub(crate) fn flag(&self, key: &str, report: &mut Report) -> bool {
        let Some(value) = self.table.get(key) else { return false };
        let flag = value.get_ref().as_bool();
        flag.or_else(|| self.mismatch(key, value, "`true` or `false`", report)).unwrap_or_default()
    }

    /// Several texts; none if the key is not there.
    pub(crate) fn texts(&self, key: &str, report: &mut Report) -> Vec<PlacedText> {
        let Some(value) = self.table.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            return self.mismatch(key, value, "a list of texts", report).unwrap_or_default();
        };
        let text = |value: &Spanned<DeValue<'_>>| {
            let text = value.get_ref().as_str()?.to_owned();
            Some(PlacedText { text, span: value.span() })
        };
        let texts: Option<Vec<_>> = array.iter().map(text).collect();
        texts.or_else(|| self.mismatch(key, value, "a list of texts", report)).unwrap_or_default()
    }

    /// The table under a key.
    pub(crate) fn table(&self, key: &str, report: &mut Report) -> Option<Self> {
        let value = self.table.get(key)?;
        self.view(value).or_else(|| self.mismatch(key, value, "a table", report))
    }

    /// Named tables below a key (`[record.order]` below `record`), in the order of the file.
    pub(crate) fn named_tables(&self, key: &str, report: &mut Report) -> Vec<(PlacedText, Self)> {
        let Some(outer) = self.table(key, report) else { return Vec::new() };
        let mut tables = Vec::new();
        for (name, value) in outer.entries() {
            match outer.view(value) {
                Some(view) => tables.push((name, view)),
                None => {
                    let _: Option<()> = self.mismatch(&name.text, value, "a table", report);
                }
            }
        }
        tables
    }

    /// The tables of an array of tables (`[[message]]`).
    pub(crate) fn array_of_tables(&self, key: &str, report: &mut Report) -> Vec<Self> {
        let Some(value) = self.table.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            return self.mismatch(key, value, "tables under `[[…]]`", report).unwrap_or_default();
        };
        let views: Option<Vec<_>> = array.iter().map(|value| self.view(value)).collect();
        views.or_else(|| self.mismatch(key, value, "tables under `[[…]]`", report)).unwrap_or_default()
    }

    /// The array under a key.
    pub(crate) fn array(&self, key: &str, report: &mut Report) -> &'a [Spanned<DeValue<'a>>] {
        let Some(value) = self.table.get(key) else { return &[] };
        let array = value.get_ref().as_array().map(|array| array.as_ref());
        array.or_else(|| self.mismatch(key, value, "a list", report)).unwrap_or_default()
    }

    /// Where the table begins.
    pub(crate) fn start(&self) -> usize {
        self.span.start
    }

    /// Reports a key that must be there.
    pub(crate) fn missing(&self, key: &str, report: &mut Report) {
        let place = self.file.place(self.span.clone());
        report.add(Diagnostic::error(self.code, place, format!("the key `{key}` is missing")));
    }

    /// Reports a fault at a place of the file.
    pub(crate) fn fault(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.code, self.file.place(span), message)
    }

    fn view(&self, value: &'a Spanned<DeValue<'a>>) -> Option<Self> {
        let table = value.get_ref().as_table()?;
        Some(Self { file: self.file, code: self.code, table, span: value.span() })
    }

    fn mismatch<T>(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
        report: &mut Report,
    ) -> Option<T> {
        let found = value.get_ref().type_str();
        report.add(
            self.fault(value.span(), format!("`{key}` has a value of the wrong kind"))
                .labelled(format!("this is of kind {found}"))
                .expecting(expected),
        );
        None
    }
}

/// Words in backticks, for expectations.
pub(crate) fn list<'w>(words: impl IntoIterator<Item = &'w &'w str>) -> String {
    let quoted: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
