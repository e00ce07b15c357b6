//! `simulate`: a DOM or a store to test against.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::exit::{Failure, Outcome};
use crate::cli::terminal::Terminal;

/// Run a simulated DOM or store.
#[derive(Debug, Subcommand)]
pub(super) enum Simulate {
    Dom(SimulateDom),
    Store(SimulateStore),
}

/// Run a simulated DOM.
#[derive(Debug, Args)]
#[command(long_about = DOM_LONG, after_long_help = DOM_EXAMPLE)]
pub(super) struct SimulateDom {
    /// Where it listens; the default is the DOM that `config.toml` names.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9080")]
    pub(super) address: SocketAddr,
    /// The URL it posts its events to.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/doms/sterling/events")]
    pub(super) push: String,
    /// The folder of vocabulary and dialects.
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    pub(super) mappings: PathBuf,
}

const DOM_LONG: &str = "Run a simulated DOM: a Sterling with stock, reservations and orders.

It speaks the sterling dialect by running its templates backwards, answers at the interop servlet's and the REST API's \
paths, and pushes order statuses, shipments and stock changes to the gateway.";

const DOM_EXAMPLE: &str = "Example:
  dom-gateway simulate dom --address 127.0.0.1:9080

Exit codes: 0 stopped as told; 69 the address cannot be listened on; 78 the mappings have faults.";

/// Run a simulated store.
#[derive(Debug, Args)]
#[command(long_about = STORE_LONG, after_long_help = STORE_EXAMPLE)]
pub(super) struct SimulateStore {
    /// Where it listens; the default is the store that `config.toml` names.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8007")]
    pub(super) address: SocketAddr,
    /// The URL of the gateway, up to the store's path.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/stores/nordlicht")]
    pub(super) gateway: String,
    /// The folder of vocabulary and dialects.
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    pub(super) mappings: PathBuf,
}

const STORE_LONG: &str = "Run a simulated store: it behaves like the real outbound connector.

It sends the store's BODs one at a time per message type, tries again after a transport failure, holds off after a \
SOAP fault, and receives pushes at the paths of the real store's inbound services.";

const STORE_EXAMPLE: &str = "Example:
  dom-gateway simulate store --gateway http://127.0.0.1:8080/stores/nordlicht

Exit codes: 0 stopped as told; 69 the address cannot be listened on; 78 the mappings have faults.";

// === impl Simulate ===

impl Simulate {
    pub(super) fn run(&self, _terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let which = match self {
            Self::Dom(_) => "simulate dom",
            Self::Store(_) => "simulate store",
        };
        Err(Failure::Internal(anyhow::anyhow!("`{which}` is not part of this build yet")))
    }
}
