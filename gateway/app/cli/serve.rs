//! `serve`: the gateway itself.

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::mappings;
use crate::cli::terminal::Terminal;

/// Run the gateway.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Serve {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "config.toml")]
    pub(super) config: PathBuf,
}

const LONG: &str = "Run the gateway.

Reads and checks configuration and mappings, listens, and serves until it is told to stop (SIGTERM or SIGINT); then it \
takes no new calls and finishes those under way. Nothing listens before everything is right.";

const EXAMPLE: &str = "Example:
  dom-gateway serve --config config.toml

Exit codes: 0 stopped as told; 69 an address cannot be listened on; 78 configuration or mappings have faults.";

// === impl Serve ===

impl Serve {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let _generation = mappings::generation(&self.config, terminal)?;
        Err(Failure::Internal(anyhow::anyhow!("`serve` is not part of this build yet")))
    }
}
