//! Maps under the names and in the orientation of the dialect's tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::value_maps::known::{self, Side};
use crate::value_maps::read::{Entry, Remark, ValueMap};

/// A value table: rows of record value (the store's word) and document value (the DOM's).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The maps it was made from.
    pub maps: Vec<String>,
    /// What it is for.
    pub doc: String,
    /// The rows for every organization that has none of its own.
    pub rows: Vec<(String, String)>,
    /// The rows by organization.
    pub organizations: BTreeMap<String, Vec<(String, String)>>,
}

/// Tables by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// The tables.
    pub tables: BTreeMap<String, Table>,
    /// What is worth knowing about them.
    pub remarks: Vec<Remark>,
}

// === impl Tables ===

impl Tables {
    /// The tables that these maps become. A map of an unknown name becomes a table of that name, as it stands.
    #[must_use]
    pub fn from_maps(maps: &[ValueMap]) -> Self {
        let mut made = Self::default();
        for map in maps {
            made.add(map);
        }
        made
    }

    fn add(&mut self, map: &ValueMap) {
        let known = known::find(&map.name);
        let name = known.map_or_else(|| file_name(&map.name), |known| known.table.to_owned());
        let table = self.tables.entry(name.clone()).or_default();
        if !table.maps.contains(&map.name) {
            table.maps.push(map.name.clone());
            if known.is_none() {
                let text =
                    format!("the map `{}` is not known: its keys are taken for the store's words", map.name);
                self.remarks.push(Remark { line: 0, text });
            }
        }
        if table.doc.is_empty() {
            table.doc =
                known.map_or_else(|| format!("imported from `{}`", map.name), |known| known.doc.to_owned());
        }
        let side = known.map_or(Side::Key, |known| known.store_side);
        let rows = map.entries.iter().map(|entry| row(entry, side));
        match &map.organization {
            None => table.rows.extend(rows),
            Some(code) => table.organizations.entry(code.clone()).or_default().extend(rows),
        }
    }
}

fn row(entry: &Entry, side: Side) -> (String, String) {
    match side {
        Side::Key => (entry.key.clone(), entry.value.clone()),
        Side::Value => (entry.value.clone(), entry.key.clone()),
    }
}

/// A map's name as a file name and a word of the mapping language.
fn file_name(map: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let name: String = map.chars().map(letter).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

// === impl Table ===

impl Table {
    /// How many rows it has, those of organizations included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() + self.organizations.values().map(Vec::len).sum::<usize>()
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The table as a file. `kept` is what an earlier file of it said beside its rows, such as its `doc`.
    #[must_use]
    pub fn to_toml(&self, kept: &toml::Table) -> String {
        let mut text = String::new();
        if !kept.contains_key("doc") {
            line(&mut text, format_args!("doc = {}", quoted(&self.doc)));
        }
        for (key, value) in kept {
            line(&mut text, format_args!("{} = {value}", bare_or_quoted(key)));
        }
        rows(&mut text, &self.rows);
        for (code, own) in &self.organizations {
            line(&mut text, format_args!("\n[organization.{}]", bare_or_quoted(code)));
            rows(&mut text, own);
        }
        text
    }
}

fn rows(text: &mut String, rows: &[(String, String)]) {
    line(text, format_args!("rows = ["));
    for (record, document) in rows {
        line(text, format_args!("    [{}, {}],", quoted(record), quoted(document)));
    }
    line(text, format_args!("]"));
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{content}");
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn bare_or_quoted(key: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quoted(key) }
}
