//! `translate`: one document through the real path, without a network.

use std::path::{Path, PathBuf};

use clap::Args;
use gateway_exchange::{Interpreter, Translation};
use gateway_mapping::Dialect;
use gateway_model::{Fault, Origin};
use gateway_operation::frame::Stamp;
use gateway_wire::{Limits, Refusal, soap};
use jiff::tz::TimeZone;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::terminal::Terminal;
use crate::cli::{input, mappings};
use crate::clock::{self, Identity};
use crate::generation::Generation;
use crate::ready;

/// Translate one document the way the gateway would, without a network.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Translate {
    /// The dialect the document is in.
    #[arg(long, value_name = "DIALECT")]
    pub(super) from: String,
    /// The dialect it is translated into.
    #[arg(long, value_name = "DIALECT")]
    pub(super) to: String,
    /// The store's request that the document answers.
    #[arg(long, value_name = "FILE")]
    pub(super) request: Option<PathBuf>,
    /// The instant it is translated at, such as 2026-07-15T09:00:00Z; the current one without it.
    #[arg(long, value_name = "INSTANT")]
    pub(super) now: Option<jiff::Timestamp>,
    /// The configuration, for zone and limits; without it their defaults hold.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The folder of vocabulary and dialects; without it that of the configuration, or `mappings`.
    #[arg(long, value_name = "DIR")]
    pub(super) mappings: Option<PathBuf>,
    /// The document; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
}

const LONG: &str = "Translate one document the way the gateway would, without a network.

The document takes the same road as in the gateway: it is read, understood, and written in the other dialect to \
standard output; what is wrong with it, and what of it was not understood, is told on standard error. An answer is \
translated in the light of its question, which `--request` names. The same document at the same `--now` gives the \
same bytes.";

const EXAMPLE: &str = "Examples:
  dom-gateway translate --from hcl-commerce --to sterling order.xml
  dom-gateway translate --from sterling --to hcl-commerce --request question.xml answer.xml

Exit codes: 0 translated; 1 the document has faults; 66 a file cannot be read; 78 the mappings have faults.";

// === impl Translate ===

impl Translate {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let interpreter = self.interpreter(terminal)?;
        let from = mappings::dialect(interpreter.mappings(), &self.from)?;
        let to = mappings::dialect(interpreter.mappings(), &self.to)?;
        let document = input::read(&self.file)?;
        let request = self.request.as_deref().map(input::read).transpose()?;
        let identity = self.identity(&document);
        match translate(&interpreter, (from, to), (&document, request.as_deref()), identity.stamp()) {
            Ok(translation) => {
                for note in &translation.notes {
                    terminal.tell(&format!("note: {note}\n"))?;
                }
                for document in &translation.documents {
                    terminal.give(document)?;
                    terminal.give(b"\n")?;
                }
                Ok(Outcome::Fine)
            }
            Err(fault) => {
                terminal.tell(&explained(&input::name(&self.file), &fault))?;
                Ok(Outcome::Faults)
            }
        }
    }

    /// The interpreter over the folder that the arguments name, with the configuration's zone and limits if there is one.
    fn interpreter(&self, terminal: &mut Terminal) -> Result<Interpreter, Failure> {
        let (mappings, zone, limits) = match &self.config {
            Some(config) => {
                let Generation { config, mappings } = mappings::generation(config, terminal)?;
                (mappings, config.zone, ready::limits(&config.limits))
            }
            None => {
                let folder = self.mappings.as_deref().unwrap_or(Path::new("mappings"));
                (mappings::load(folder, terminal)?, TimeZone::UTC, Limits::default())
            }
        };
        Interpreter::new(mappings, zone, limits)
            .map_err(|unusable| Failure::Configuration(unusable.to_string()))
    }

    /// With `--now`, the identity follows from the document too, so that the same input gives the same bytes.
    fn identity(&self, document: &[u8]) -> Identity {
        match self.now {
            Some(now) => Identity { now, id: clock::identity_of(document) },
            None => clock::identity(),
        }
    }
}

/// One document, and the request it answers, through the real road.
fn translate(
    interpreter: &Interpreter,
    (from, to): (&Dialect, &Dialect),
    (document, request): (&[u8], Option<&[u8]>),
    stamp: Stamp<'_>,
) -> Result<Translation, Fault> {
    let refused = |refusal: Refusal| refusal.into_fault(Origin::Store);
    let text = interpreter.decode(document, None).map_err(refused)?;
    let tree = interpreter.parse(&text).map_err(refused)?;
    let payload = soap::open(&tree).map_err(refused)?.payload;
    let request = request.map(|bytes| interpreter.decode(bytes, None)).transpose().map_err(refused)?;
    let request = request.as_ref().map(|text| interpreter.parse(text)).transpose().map_err(refused)?;
    let asked = match &request {
        Some(tree) => Some((tree, soap::open(tree).map_err(refused)?.payload)),
        None => None,
    };
    interpreter.translate((from, to), (&tree, payload), asked, stamp)
}

/// A fault as a person reads it: what, where, whose, and whether the same document may be sent again.
fn explained(name: &str, fault: &Fault) -> String {
    let mut text = format!("error[{}]: {name}: {}\n", fault.code, fault.message);
    for place in &fault.places {
        text.push_str(&format!("  at {place}\n"));
    }
    text.push_str(&format!("  fault of: {}; send again: {}\n", fault.origin.name(), fault.repeat.name()));
    text
}
