//! Which files change, and changing them: all new texts are on the disk before the first old one is replaced.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::value_maps::table::{Table, Tables};

/// What would happen to the files of a folder.
#[derive(Debug)]
pub struct Plan {
    /// One entry per table.
    pub planned: Vec<Planned>,
}

/// What would happen to one table's file.
#[derive(Debug)]
pub struct Planned {
    /// The table's name.
    pub table: String,
    /// Its content.
    pub content: Table,
    /// Its file.
    pub path: PathBuf,
    /// The file's text.
    pub text: String,
    /// How that differs from what is there.
    pub change: Change,
}

/// How a file changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is made.
    New,
    /// It had this many rows and is replaced.
    Replaced {
        /// The rows it had.
        rows: usize,
    },
    /// It says the same already.
    Same,
}

/// Why nothing can be written.
#[derive(Debug, Error)]
pub enum PlanFault {
    /// A table is there as a CSV file, and there can be only one.
    #[error(
        "the table `{table}` is there already as `{path}`: remove that file, or import into another folder"
    )]
    OtherFormat {
        /// The table.
        table: String,
        /// The file.
        path: String,
    },
    /// A table that is there cannot be understood.
    #[error("`{path}` is there already and is no table: {reason}")]
    NoTable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A file cannot be read or written.
    #[error("`{path}`: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// Says what writing the tables into the folder would change. Nothing is written.
///
/// # Errors
///
/// All reasons why the tables cannot be written there.
pub fn plan(tables: Tables, folder: &Path) -> Result<Plan, Vec<PlanFault>> {
    let mut planned = Vec::new();
    let mut faults = Vec::new();
    for (table, content) in tables.tables {
        match plan_one(table, content, folder) {
            Ok(one) => planned.push(one),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(Plan { planned }) } else { Err(faults) }
}

fn plan_one(table: String, content: Table, folder: &Path) -> Result<Planned, PlanFault> {
    let csv = folder.join(format!("{table}.csv"));
    if csv.exists() {
        return Err(PlanFault::OtherFormat { table, path: csv.display().to_string() });
    }
    let path = folder.join(format!("{table}.toml"));
    let before = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(PlanFault::File { path: path.display().to_string(), source }),
    };
    let Some(before) = before else {
        let text = content.to_toml(&toml::Table::new());
        return Ok(Planned { table, content, path, text, change: Change::New });
    };
    let mut kept: toml::Table = toml::from_str(&before).map_err(|error| PlanFault::NoTable {
        path: path.display().to_string(),
        reason: error.message().to_owned(),
    })?;
    let rows = count_rows(&kept);
    kept.retain(|key, _| key != "rows" && key != "organization");
    let text = content.to_toml(&kept);
    let change = if same(&before, &text) { Change::Same } else { Change::Replaced { rows } };
    Ok(Planned { table, content, path, text, change })
}

/// Whether two texts say the same, comments and layout apart.
fn same(one: &str, other: &str) -> bool {
    let parse = toml::from_str::<toml::Table>;
    parse(one).ok().zip(parse(other).ok()).is_some_and(|(one, other)| one == other)
}

fn count_rows(file: &toml::Table) -> usize {
    let own = |table: &toml::Table| table.get("rows").and_then(toml::Value::as_array).map_or(0, Vec::len);
    let organizations = file.get("organization").and_then(toml::Value::as_table);
    let theirs = organizations.into_iter().flat_map(|table| table.values()).filter_map(toml::Value::as_table);
    own(file) + theirs.map(own).sum::<usize>()
}

// === impl Plan ===

impl Plan {
    /// Writes what changes. Every new text is written aside and brought to the disk first; then the files are
    /// replaced, each at one stroke.
    ///
    /// # Errors
    ///
    /// A file cannot be written. Before the first replacement nothing has changed then.
    pub fn carry_out(&self, folder: &Path) -> Result<(), PlanFault> {
        let fault = |path: &Path| {
            let path = path.display().to_string();
            move |source| PlanFault::File { path, source }
        };
        fs::create_dir_all(folder).map_err(fault(folder))?;
        let mut aside = Vec::new();
        for planned in self.planned.iter().filter(|planned| planned.change != Change::Same) {
            let beside = folder.join(format!(".{}.toml.new", planned.table));
            let written = write_durably(&beside, &planned.text);
            aside.push((beside, &planned.path));
            if let Err(source) = written {
                // What is aside is of no use to anybody; failing to remove it does no harm.
                aside.iter().for_each(|(beside, _)| drop(fs::remove_file(beside)));
                return Err(fault(&planned.path)(source));
            }
        }
        aside.iter().try_for_each(|(beside, path)| fs::rename(beside, path).map_err(fault(path)))
    }
}

fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
