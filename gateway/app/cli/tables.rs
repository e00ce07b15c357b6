//! `tables import`: a mediation's value maps become the dialect's tables.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::columns;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::input;
use crate::cli::terminal::Terminal;
use crate::value_maps::{self, Change, Plan, Planned, Remark, Tables as Made};

/// Work with value tables.
#[derive(Debug, Subcommand)]
pub(super) enum Tables {
    Import(Import),
}

/// Take the value maps of an existing mediation over.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Import {
    /// The document of value maps; `-` for standard input.
    #[arg(value_name = "ValueMaps.xml")]
    file: PathBuf,
    /// The folder of the tables.
    #[arg(long, value_name = "DIR", default_value = "mappings/sterling/tables")]
    into: PathBuf,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

const LONG: &str = "Take the value maps of an existing mediation over.

The document holds named maps with key/value entries, for all organizations or for one; its elements may have any \
names. The maps of the known mediations (storeIdToOrganizationCode, wcUOMToscUOM, scStatusToWcStatus ...) become the \
tables that the Sterling dialect uses, with the store's word in the first column. A map of another name becomes a \
table of its own name. A table that is there already is replaced as a whole; its `doc` and other settings stay. \
Either all files are written or none.";

const EXAMPLE: &str = "Example:
  dom-gateway tables import ValueMaps.xml --into mappings/sterling/tables --dry-run

Exit codes: 0 done; 1 the document has no maps, or a table there is in the way; 66 the document cannot be read.";

// === impl Tables ===

impl Tables {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        match self {
            Self::Import(import) => import.run(terminal),
        }
    }
}

// === impl Import ===

impl Import {
    fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let bytes = input::read(&self.file)?;
        let name = input::name(&self.file);
        let found = match value_maps::read(&bytes) {
            Ok(found) => found,
            Err(refusal) => {
                terminal.tell(&format!("error: {name}: {refusal}\n"))?;
                return Ok(Outcome::Faults);
            }
        };
        tell_remarks(terminal, &name, &found.remarks)?;
        if found.maps.is_empty() {
            terminal.tell(&format!("error: {name}: no named map with key/value entries was found\n"))?;
            return Ok(Outcome::Faults);
        }
        let made = Made::from_maps(&found.maps);
        tell_remarks(terminal, &name, &made.remarks)?;
        let plan = match value_maps::plan(made, &self.into) {
            Ok(plan) => plan,
            Err(faults) => {
                for fault in faults {
                    terminal.tell(&format!("error: {fault}\n"))?;
                }
                terminal.tell("nothing was written\n")?;
                return Ok(Outcome::Faults);
            }
        };
        self.write(&plan, terminal)
    }

    fn write(&self, plan: &Plan, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        terminal.give(summary(plan, &self.into).as_bytes())?;
        if self.dry_run {
            for planned in plan.planned.iter().filter(|planned| planned.change != Change::Same) {
                terminal.give(format!("\n# {}\n{}", planned.path.display(), planned.text).as_bytes())?;
            }
            terminal.tell("nothing was written (--dry-run)\n")?;
            return Ok(Outcome::Fine);
        }
        if let Err(fault) = plan.carry_out(&self.into) {
            terminal.tell(&format!("error: {fault}\n"))?;
            return Ok(Outcome::Faults);
        }
        terminal.tell("see what they change with `dom-gateway check`\n")?;
        Ok(Outcome::Fine)
    }
}

fn tell_remarks(terminal: &mut Terminal, name: &str, remarks: &[Remark]) -> Result<(), Failure> {
    for remark in remarks {
        let line = if remark.line == 0 { String::new() } else { format!(":{}", remark.line) };
        terminal.tell(&format!("warning: {name}{line}: {}\n", remark.text))?;
    }
    Ok(())
}

/// One line per table, in columns.
fn summary(plan: &Plan, folder: &Path) -> String {
    let mut lines = vec![["map", "table", "rows", "organizations", "file"].map(str::to_owned)];
    lines.extend(plan.planned.iter().map(describe));
    format!("tables in {}\n{}", folder.display(), columns::aligned(&lines, &[]))
}

fn describe(planned: &Planned) -> [String; 5] {
    let organizations = planned.content.organizations.keys().map(String::as_str).collect::<Vec<_>>();
    let change = match planned.change {
        Change::New => "new".to_owned(),
        Change::Replaced { rows } => format!("replaces {rows} rows"),
        Change::Same => "unchanged".to_owned(),
    };
    [
        planned.content.maps.join(" "),
        planned.table.clone(),
        planned.content.len().to_string(),
        if organizations.is_empty() { "-".to_owned() } else { organizations.join(" ") },
        change,
    ]
}
