//! `cache`: what a running gateway knows of stock, asked over its admin listener.

mod call;
mod show;

use clap::{Args, Subcommand};
use http::Method;

use crate::cli::cache::call::call;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::terminal::Terminal;

/// See and mark what a running gateway knows of stock.
#[derive(Debug, Subcommand)]
pub(super) enum Cache {
    Get(Get),
    Stats(Stats),
    Purge(Purge),
}

/// Show what is known of an item.
#[derive(Debug, Args)]
#[command(long_about = GET_LONG, after_long_help = GET_EXAMPLE)]
pub(super) struct Get {
    /// The item, by part number or by the store's internal id.
    item: String,
    /// `online`, or a physical store by its external identifier; all locations without it.
    location: Option<String>,
    /// The store's id; needed if the gateway serves several.
    #[arg(long, value_name = "ID")]
    store: Option<String>,
    /// The unit, UN/ECE rec 20; all units without it.
    #[arg(long)]
    unit: Option<String>,
    #[command(flatten)]
    gateway: Gateway,
}

/// Show what the cache holds, counted and found wrong.
#[derive(Debug, Args)]
#[command(long_about = STATS_LONG, after_long_help = STATS_EXAMPLE)]
pub(super) struct Stats {
    #[command(flatten)]
    gateway: Gateway,
}

/// Mark records as old.
#[derive(Debug, Args)]
#[command(long_about = PURGE_LONG, after_long_help = PURGE_EXAMPLE)]
pub(super) struct Purge {
    /// Only this item.
    #[arg(long)]
    item: Option<String>,
    /// Only this location: `online`, or a physical store by its external identifier.
    #[arg(long)]
    location: Option<String>,
    /// Only the store of this id.
    #[arg(long, value_name = "ID")]
    store: Option<String>,
    /// Everything.
    #[arg(
        long,
        conflicts_with_all = ["item", "location", "store"],
        required_unless_present_any = ["item", "location", "store"]
    )]
    all: bool,
    #[command(flatten)]
    gateway: Gateway,
}

/// Which gateway, and how its answer is shown.
#[derive(Debug, Args)]
struct Gateway {
    /// The gateway's admin listener: `[admin]` of its configuration.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8081")]
    to: String,
    /// Print the gateway's answer as it is, in JSON.
    #[arg(long)]
    json: bool,
}

const GET_LONG: &str = "Show what is known of an item.

One line per location and unit, as it would be answered now: what orders took is taken off. `clock` says why it would be \
answered: it is `fresh`; it has ended and a `refresh` goes on behind; it has ended and is answered on `error`, when the DOM \
cannot be asked; or not at all, it is `over`. Nothing is asked of the DOM.";

const GET_EXAMPLE: &str = "Example:
  dom-gateway cache get LAMP-0042-BRS online --store 11651

Exit codes: 0 shown, also if nothing is known; 2 no such store; 69 no gateway answers there.";

const STATS_LONG: &str = "Show what the cache holds, counted and found wrong.

All numbers are since the gateway's start. What was found wrong: whenever something fresh came, it was compared with what \
the cache held. A false yes would have sold what was not there, a false no would have lost a sale.";

const STATS_EXAMPLE: &str = "Example:
  dom-gateway cache stats --to http://127.0.0.1:8081

Exit codes: 0 shown; 69 no gateway answers there.";

const PURGE_LONG: &str = "Mark records as old.

They are not deleted: the DOM is asked for them anew, and only while it cannot be asked they are still answered, for as \
long as their rule says. Several options together mark what fits all of them.";

const PURGE_EXAMPLE: &str = "Example:
  dom-gateway cache purge --item LAMP-0042-BRS --location online

Exit codes: 0 marked, also if there was nothing to mark; 2 nothing was named, or no such store; 69 no gateway answers there.";

// === impl Cache ===

impl Cache {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        match self {
            Self::Get(get) => get.run(terminal),
            Self::Stats(stats) => stats.run(terminal),
            Self::Purge(purge) => purge.run(terminal),
        }
    }
}

// === impl Get ===

impl Get {
    fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let parameters = [
            ("item", Some(&self.item)),
            ("location", self.location.as_ref()),
            ("store", self.store.as_ref()),
            ("unit", self.unit.as_ref()),
        ];
        let answer = call(&self.gateway.to, (Method::GET, "cache"), &given(&parameters))?;
        self.gateway.show(&answer, show::records, terminal)
    }
}

// === impl Stats ===

impl Stats {
    fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let answer = call(&self.gateway.to, (Method::GET, "cache/stats"), &[])?;
        self.gateway.show(&answer, show::stats, terminal)
    }
}

// === impl Purge ===

impl Purge {
    fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let all = self.all.then(|| "true".to_owned());
        let parameters = [
            ("item", self.item.as_ref()),
            ("location", self.location.as_ref()),
            ("store", self.store.as_ref()),
            ("all", all.as_ref()),
        ];
        let answer = call(&self.gateway.to, (Method::POST, "cache/purge"), &given(&parameters))?;
        self.gateway.show(&answer, show::purged, terminal)
    }
}

/// The parameters that were given.
fn given<'p>(parameters: &[(&'p str, Option<&'p String>)]) -> Vec<(&'p str, &'p str)> {
    parameters.iter().filter_map(|(name, value)| Some((*name, value.as_ref()?.as_str()))).collect()
}

// === impl Gateway ===

impl Gateway {
    fn show(
        &self,
        answer: &call::Shown,
        in_words: fn(&serde_json::Value) -> String,
        terminal: &mut Terminal,
    ) -> Result<Outcome, Failure> {
        let text = if self.json { answer.text.clone() } else { in_words(&answer.value) };
        terminal.give(text.as_bytes())?;
        Ok(Outcome::Fine)
    }
}
