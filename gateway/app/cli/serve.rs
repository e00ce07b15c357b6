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
use crate::serve::{Gateway, Signals, Told};

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

Reads and checks configuration and mappings, listens, and serves until it is told to stop. On SIGTERM `/ready` says no at \
once, new calls are taken for `listen.drain_delay_ms` more, so that a balancer can notice, and those under way are finished; \
Ctrl-C (SIGINT) and a second signal skip the delay. Nothing listens before everything is right.";

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
    // Before anybody can know that it listens, and tell it to stop.
    let signals = Signals::listen().map_err(anyhow::Error::from)?;
    tracing::info!(address = %data, admin = %admin, "listening");
    let stop = CancellationToken::new();
    let hearing = tokio::spawn(hear(signals, (stop.clone(), gateway.hurry()), until_input_ends));
    let drained = gateway.serve(stop).await;
    // It may wait for a second signal.
    hearing.abort();
    match drained {
        Drained::Whole => tracing::info!("stopped"),
        Drained::Cut(count) => {
            tracing::warn!(count, "stopped; calls or connections were cut at the drain's end")
        }
    }
    Ok(Outcome::Fine)
}

/// Stops the gateway when it is told to. Only who sends SIGTERM has a balancer that is waited for, and only once.
async fn hear(
    mut signals: Signals,
    (stop, hurry): (CancellationToken, CancellationToken),
    until_input_ends: bool,
) {
    let how = tokio::select! {
        how = signals.told() => how,
        () = input_ends(), if until_input_ends => Told::Interrupt,
    };
    match how {
        Told::Terminate => {
            tracing::info!("stopping: not ready; new calls are taken until the drain's delay is over");
            stop.cancel();
            signals.told().await;
            tracing::info!("told again: no new calls");
        }
        Told::Interrupt => tracing::info!("stopping: no new calls, those under way come to their end"),
    }
    hurry.cancel();
    stop.cancel();
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
