//! `translate`: one document through the real path, without a network.

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::terminal::Terminal;

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
    pub(super) fn run(&self, _terminal: &mut Terminal) -> Result<Outcome, Failure> {
        Err(Failure::Internal(anyhow::anyhow!("`translate` is not part of this build yet")))
    }
}
