//! `demo`: a shopper's journey through a real gateway.

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::terminal::Terminal;

/// Walk a shopper's whole journey through a gateway and two simulators.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Demo {
    /// Show the XML of every hop.
    #[arg(long)]
    pub(super) documents: bool,
    /// Leave everything running afterwards, and print curl lines that work.
    #[arg(long)]
    pub(super) keep: bool,
    /// The folder of vocabulary and dialects.
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    pub(super) mappings: PathBuf,
}

const LONG: &str = "Walk a shopper's whole journey through a gateway and two simulators.

Starts the gateway, a simulated DOM and a simulated store on free ports of this machine, then browses, fills a cart, \
reserves, transfers the order, looks at history and details, lets the DOM push a shipment and new stock, and shows for \
each step what went to whom and how long it took. Nothing has to be set up; nothing is left behind.";

const EXAMPLE: &str = "Example:
  dom-gateway demo --documents

Exit codes: 0 every step had the right outcome; 1 some had not; 78 the mappings have faults.";

// === impl Demo ===

impl Demo {
    pub(super) fn run(&self, _terminal: &mut Terminal) -> Result<Outcome, Failure> {
        Err(Failure::Internal(anyhow::anyhow!("`demo` is not part of this build yet")))
    }
}
