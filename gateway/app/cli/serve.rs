//! `serve`: the gateway itself.

use std::path::PathBuf;

use clap::Args;
use gateway_transport::listener::Drained;
use tokio_util::sync::CancellationToken;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::mappings;
use crate::cli::terminal::Terminal;
use crate::generation::Generation;
use crate::log;
use crate::metrics::Metrics;
use crate::ready::Ready;
use crate::serve::{Gateway, told_to_stop};

/// Run the gateway.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Serve {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "config.toml")]
    pub(super) config: PathBuf,
    /// Stop also when standard input ends: for a program that runs the gateway and may itself be killed.
    #[arg(long)]
    until_input_ends: bool,
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
        let generation = mappings::generation(&self.config, terminal)?;
        log::begin(&generation.config.log)?;
        let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
        runtime.block_on(serve(generation, self.until_input_ends))
    }
}

async fn serve(generation: Generation, until_input_ends: bool) -> Result<Outcome, Failure> {
    let unavailable = |error: anyhow::Error| Failure::Unavailable(format!("{error:#}"));
    let ready = Ready::new(generation, Metrics::default())?;
    let gateway = Gateway::open(ready).await.map_err(unavailable)?;
    let (data, admin) = gateway.addresses();
    tracing::info!(address = %data, admin = %admin, "listening");
    let stop = CancellationToken::new();
    let told = {
        let stop = stop.clone();
        tokio::spawn(async move {
            let told = tokio::select! {
                told = told_to_stop() => told,
                () = input_ends(), if until_input_ends => Ok(()),
            };
            tracing::info!("stopping: no new calls, those under way come to their end");
            stop.cancel();
            told
        })
    };
    let drained = gateway.serve(stop).await;
    told.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    match drained {
        Drained::Whole => tracing::info!("stopped"),
        Drained::Cut(count) => {
            tracing::warn!(count, "stopped; calls or connections were cut at the drain's end")
        }
    }
    Ok(Outcome::Fine)
}

/// Waits for the end of standard input. Only its own thread waits: one of the runtime's could not be given up.
async fn input_ends() {
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Whatever comes is thrown away; input that cannot be read has ended as well.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = ended.send(());
    });
    // The sender is dropped only at the process's own end.
    let _ = end.await;
}
