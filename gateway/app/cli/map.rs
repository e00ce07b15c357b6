//! `map read` and `map write`: what a document means, and how a record is written.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gateway_mapping::json::{self, Show};
use gateway_mapping::{Context, Mappings, Message};
use gateway_wire::{Limits, Refusal, Tree, decode, soap};
use jiff::tz::TimeZone;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::terminal::Terminal;
use crate::cli::{input, mappings};

/// Turn a document into its record, or a record into its document.
#[derive(Debug, Subcommand)]
pub(super) enum Map {
    Read(Read),
    Write(Write),
}

/// Show what a document means: its record as JSON.
#[derive(Debug, Args)]
#[command(long_about = READ_LONG, after_long_help = READ_EXAMPLE)]
pub(super) struct Read {
    #[command(flatten)]
    message: Chosen,
    /// Show personal data too, as `map write` needs it.
    #[arg(long)]
    plain: bool,
    /// The document, in a SOAP envelope or bare; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

const READ_LONG: &str = "Show what a document means: its record as JSON, in the words of `mappings/vocabulary.toml`.

The document is laid over the message's template; routing is left out, so any message can be tried. Elements that the \
template does not know are listed on standard error, and so are values that were not in a table. Personal data is \
masked unless `--plain` is given.";

const READ_EXAMPLE: &str = "Example:
  dom-gateway map read hcl-commerce/ProcessOrder.Transfer order.xml

Exit codes: 0 read; 1 the document has faults; 2 there is no such message; 66 the file cannot be read; \
78 the mappings have faults.";

/// Write a record as a document.
#[derive(Debug, Args)]
#[command(long_about = WRITE_LONG, after_long_help = WRITE_EXAMPLE)]
pub(super) struct Write {
    #[command(flatten)]
    message: Chosen,
    /// The record as JSON; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

const WRITE_LONG: &str = "Write a record as a document.

The record is JSON in the words of `mappings/vocabulary.toml`: scalars are texts, lists are arrays, what is absent is \
left out; what `map read --plain` shows is one. The document goes to standard output, without an envelope.";

const WRITE_EXAMPLE: &str = "Example:
  dom-gateway map read --plain hcl-commerce/ProcessOrder.Transfer order.xml > order.json
  dom-gateway map write sterling/createOrder.input order.json

Exit codes: 0 written; 1 the record has faults; 2 there is no such message; 66 the file cannot be read; \
78 the mappings have faults.";

/// The message, and what its template is given beside the record.
#[derive(Debug, Args)]
struct Chosen {
    /// The message: its dialect and its file without `.xml`.
    #[arg(value_name = "DIALECT/MESSAGE")]
    message: String,
    /// The folder of vocabulary and dialects.
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    mappings: PathBuf,
    /// The organization whose rows of the value tables come first; without it the one the record's store has.
    #[arg(long, value_name = "CODE")]
    organization: Option<String>,
    /// The time zone of times without one.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    zone: TimeZone,
}

fn zone(name: &str) -> Result<TimeZone, jiff::Error> {
    TimeZone::get(name)
}

// === impl Map ===

impl Map {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        match self {
            Self::Read(read) => read.run(terminal),
            Self::Write(write) => write.run(terminal),
        }
    }
}

// === impl Chosen ===

impl Chosen {
    /// Loads the mappings and hands the message to `with`.
    fn with<R>(
        &self,
        terminal: &mut Terminal,
        with: impl FnOnce(&mut Terminal, &Mappings, &Message) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let mappings = mappings::load(&self.mappings, terminal)?;
        let (dialect, message) = self.message.split_once('/').ok_or_else(|| {
            Failure::Usage(format!("`{}` is not of the form DIALECT/MESSAGE", self.message))
        })?;
        let found = mappings::dialect(&mappings, dialect)?;
        let message = found.message(message).ok_or_else(|| {
            let known = found.messages().map(|known| known.name.as_str());
            Failure::Usage(mappings::unknown("message", message, known))
        })?;
        with(terminal, &mappings, message)
    }

    fn dialect(&self) -> &str {
        self.message.split('/').next().unwrap_or_default()
    }
}

// === impl Read ===

impl Read {
    fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        self.message.with(terminal, |terminal, mappings, message| {
            let bytes = input::read(&self.file)?;
            match self.read(&bytes, mappings, message, terminal)? {
                Ok(json) => {
                    terminal.give(format!("{json:#}\n").as_bytes())?;
                    Ok(Outcome::Fine)
                }
                Err(fault) => {
                    terminal.tell(&format!("error: {}: {fault}\n", input::name(&self.file)))?;
                    Ok(Outcome::Faults)
                }
            }
        })
    }

    /// The record as JSON, or what is wrong with the document.
    fn read(
        &self,
        bytes: &[u8],
        mappings: &Mappings,
        message: &Message,
        terminal: &mut Terminal,
    ) -> Result<Result<serde_json::Value, String>, Failure> {
        let refused = |refusal: Refusal| Ok(Err(refusal.to_string()));
        let limits = Limits::default();
        let text = match decode(bytes, None, &limits) {
            Ok(text) => text,
            Err(refusal) => return refused(refusal),
        };
        let tree = match Tree::parse(&text, mappings.names(), &limits) {
            Ok(tree) => tree,
            Err(refusal) => return refused(refusal),
        };
        let payload = match soap::open(&tree) {
            Ok(envelope) => envelope.payload,
            Err(refusal) => return refused(refusal),
        };
        let context =
            Context { organization: self.message.organization.as_deref(), zone: &self.message.zone };
        let reading = match message.read(&tree, payload, &context) {
            Ok(reading) => reading,
            Err(fault) => return Ok(Err(fault.to_string())),
        };
        for node in &reading.skipped {
            let (line, column) = tree.position(*node);
            terminal
                .tell(&format!("note: {line}:{column}: {} is not in the template\n", tree.path(*node)))?;
        }
        for unmapped in &reading.unmapped {
            let value = if unmapped.value.is_empty() { "personal data" } else { &unmapped.value };
            terminal.tell(&format!("warning: `{value}` is not in the table `{}`\n", unmapped.table))?;
        }
        let show = if self.plain { Show::Plain } else { Show::Masked };
        Ok(Ok(json::to_json(&reading.record, mappings.vocabulary(), show)))
    }
}

// === impl Write ===

impl Write {
    fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        self.message.with(terminal, |terminal, mappings, message| {
            let bytes = input::read(&self.file)?;
            match self.write(&bytes, mappings, message) {
                Ok(document) => {
                    terminal.give(&document)?;
                    Ok(Outcome::Fine)
                }
                Err(fault) => {
                    terminal.tell(&format!("error: {}: {fault}\n", input::name(&self.file)))?;
                    Ok(Outcome::Faults)
                }
            }
        })
    }

    /// The document, or what is wrong with the record.
    fn write(&self, bytes: &[u8], mappings: &Mappings, message: &Message) -> Result<Vec<u8>, String> {
        let json: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let record = json::from_json(&json, message.record, mappings.vocabulary())
            .map_err(|error| error.to_string())?;
        let dialect = mappings.dialect(self.message.dialect());
        let own = dialect.and_then(|dialect| dialect.organization(&record));
        let organization = self.message.organization.as_deref().or(own.as_deref());
        let context = Context { organization, zone: &self.message.zone };
        let mut document = Vec::new();
        message.write(&record, &context, &mut document).map_err(|fault| fault.to_string())?;
        document.push(b'\n');
        Ok(document)
    }
}
