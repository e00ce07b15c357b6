//! The log: one line per call on standard error, as text for people or JSON for collectors.

use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::config::{Log, LogFormat};

/// Sends everything of at least the configured level to standard error. Libraries are heard from `warn` on.
///
/// # Errors
/// A log was begun already.
pub fn begin(log: &Log) -> anyhow::Result<()> {
    let level: LevelFilter = log.level.parse()?;
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets([("dom_gateway", level), ("gateway", level)]);
    let lines = match log.format {
        LogFormat::Text => fmt::layer()
            .with_writer(std::io::stderr)
            // In a file the marks of colours would stand between the words.
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init()?;
    Ok(())
}
