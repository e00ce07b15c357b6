//! `check`: everything that is wrong with the files, in one run.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use gateway_exchange::Interpreter;
use gateway_mapping::{self as mapping, Dialect, HoleDirection, Mappings, Side, Source};
use gateway_model::{Diagnostic, codes};
use gateway_wire::Limits;
use jiff::tz::TimeZone;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::terminal::Terminal;
use crate::config::{Environment, process_environment};
use crate::generation::{self, Checked, Generation};
use crate::{fixtures, ready, report};

/// Say what is wrong with configuration and mappings.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Check {
    /// The configuration; without it only the mappings are checked.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of vocabulary and dialects, when no configuration names one.
    #[arg(long, value_name = "DIR", default_value = "mappings", conflicts_with = "config")]
    mappings: PathBuf,
    /// The folder of fixtures; one that is not there has none.
    #[arg(long, value_name = "DIR", default_value = "fixtures")]
    fixtures: PathBuf,
    /// Take passwords for given, on a machine that does not have them.
    #[arg(long)]
    without_secrets: bool,
    /// Say of every hole of every template whether it is two-way or write-only.
    #[arg(long)]
    verbose: bool,
}

const LONG: &str = "Say what is wrong with configuration and mappings.

Every fault of every file is reported in one run: its code, where it is, what was expected, what to do. Nothing is \
started and nothing is changed. What `check` finds no error in, `serve` starts with.";

const EXAMPLE: &str = "Examples:
  dom-gateway check --config config.toml
  dom-gateway check --mappings mappings --verbose

Exit codes: 0 no errors (there may be warnings); 1 there are errors.";

/// Stands for every password under `--without-secrets`.
struct Granted;

// === impl Check ===

impl Check {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let Some(config) = &self.config else {
            let Checked { outcome, diagnostics, files } = generation::load_mappings(&self.mappings);
            let loaded = outcome.map(|mappings| (mappings, TimeZone::UTC, Limits::default()));
            return self.tell((&diagnostics, &files), loaded, terminal);
        };
        let checked = if self.without_secrets {
            generation::load(config, &Granted)
        } else {
            generation::load(config, &process_environment())
        };
        let loaded = checked.outcome.map(|Generation { config, mappings }| {
            let limits = ready::limits(&config.limits);
            (mappings, config.zone, limits)
        });
        self.tell((&checked.diagnostics, &checked.files), loaded, terminal)
    }

    fn tell(
        &self,
        (diagnostics, files): (&[Diagnostic], &[Source]),
        loaded: Option<(Mappings, TimeZone, Limits)>,
        terminal: &mut Terminal,
    ) -> Result<Outcome, Failure> {
        terminal.report(diagnostics, files)?;
        let mut failed = report::has_errors(diagnostics);
        let summary = report::summary(diagnostics);
        terminal
            .tell(&format!("{}\n", if summary.is_empty() { "no faults in the files" } else { &summary }))?;
        if let Some((mappings, zone, limits)) = loaded {
            terminal.give(overview(&mappings, self.verbose).as_bytes())?;
            failed |= self.run_fixtures(mappings, (zone, limits), terminal)?;
        }
        Ok(if failed { Outcome::Faults } else { Outcome::Fine })
    }

    /// Runs the fixtures and says which do not hold; gives whether any does not.
    fn run_fixtures(
        &self,
        mappings: Mappings,
        (zone, limits): (TimeZone, Limits),
        terminal: &mut Terminal,
    ) -> Result<bool, Failure> {
        let interpreter = match Interpreter::new(mappings, zone, limits) {
            Ok(interpreter) => interpreter,
            Err(unusable) => {
                terminal.tell(&format!("error: {unusable}\n"))?;
                return Ok(true);
            }
        };
        let verdict = fixtures::run(&interpreter, &self.fixtures)
            .map_err(|error| Failure::input(&self.fixtures, error))?;
        for (case, faults) in &verdict.faults {
            for fault in faults {
                terminal.tell(&format!("error[{}]: {case}: {fault}\n\n", codes::FIXTURE))?;
            }
        }
        for message in &verdict.untried {
            terminal.tell(&format!("warning[{}]: no fixture tries `{message}`\n", codes::FIXTURE_MISSING))?;
        }
        let holding = verdict.cases - verdict.faults.len();
        terminal.tell(&format!("{holding} of {} fixtures hold\n", verdict.cases))?;
        Ok(!verdict.faults.is_empty())
    }
}

/// What was loaded: per dialect its messages and how many of their holes work in which direction.
fn overview(mappings: &Mappings, verbose: bool) -> String {
    let mut text = String::new();
    for dialect in mappings.dialects() {
        line(&mut text, format_args!("{} ({})", dialect.name, side(dialect)));
        for message in dialect.messages() {
            let coverage = message.coverage();
            let count = |direction| coverage.count(direction);
            let two_way = count(HoleDirection::TwoWay);
            let all = coverage.holes.len();
            let (write_only, read_only) = (count(HoleDirection::WriteOnly), count(HoleDirection::ReadOnly));
            let name = &message.name;
            line(
                &mut text,
                format_args!(
                    "  {name:50} {two_way:4} of {all:4} holes two-way, {write_only} written, {read_only} read"
                ),
            );
            for hole in coverage.holes.iter().filter(|_| verbose) {
                let direction = match hole.direction {
                    HoleDirection::TwoWay => "two-way",
                    HoleDirection::WriteOnly => "written only",
                    HoleDirection::ReadOnly => "read only",
                };
                line(&mut text, format_args!("    {:12} {}  {{{}}}", direction, hole.place, hole.expression));
            }
        }
        outcomes(&mut text, dialect);
    }
    text
}

/// What a DOM's replies come to, rule by rule.
fn outcomes(text: &mut String, dialect: &Dialect) {
    if dialect.side == Side::Store {
        return;
    }
    line(text, format_args!("  replies of {} are judged by the first rule that fits", dialect.name));
    for rule in dialect.outcomes() {
        let pause = rule.pause.map(|pause| format!(", after {} ms", pause.as_millis())).unwrap_or_default();
        let (name, place) = (rule.outcome.name(), rule.line);
        line(text, format_args!("    {name:16} {}{pause} (dialect.toml:{place})", rule.condition()));
    }
    for (outcome, condition) in [
        (mapping::Outcome::Done, "otherwise, status 200..300 and body xml"),
        (mapping::Outcome::Refused, "otherwise, body errors"),
        (mapping::Outcome::unclear(true), "otherwise, reads"),
        (mapping::Outcome::unclear(false), "otherwise, writes"),
    ] {
        line(text, format_args!("    {:16} {condition}", outcome.name()));
    }
}

const fn side(dialect: &Dialect) -> &'static str {
    match dialect.side {
        Side::Store => "store",
        Side::Dom => "dom",
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{content}");
}

// === impl Granted ===

impl Environment for Granted {
    fn variable(&self, _name: &str) -> Option<String> {
        Some("granted".to_owned())
    }

    fn password_file(&self, _path: &Path) -> io::Result<String> {
        Ok("granted".to_owned())
    }
}
