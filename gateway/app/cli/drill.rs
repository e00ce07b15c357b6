//! `drill`: very many orders through gateways that are killed, between ends that fail; then both ends are counted.

mod choices;
mod overload;
mod progress;
mod table;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio_util::sync::CancellationToken;

use crate::cli::drill::choices::{Faults, Repeated, Spoilt};
use crate::cli::drill::progress::Progress;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::mappings;
use crate::cli::terminal::Terminal;
use crate::demo::ProcessFault;
use crate::drill::{self, DrillFault, FleetFault, OverloadPlan, Plan, Seen};
use crate::serve::Signals;

/// Send very many orders through gateways that are killed, and count what became of them.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Drill {
    /// How many orders.
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    orders: u32,
    /// What goes wrong follows from it: the same seed has the same troubles.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How many gateway processes.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=16))]
    gateways: u8,
    /// Which troubles there are.
    #[arg(long, value_enum, default_value_t = Faults::All)]
    faults: Faults,
    /// Of a hundred writes at the DOM, so many are answered so that nobody can tell whether it acted. It did in half.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=90))]
    ambiguous: Option<u8>,
    /// How often a gateway is killed; once for every thousand orders without it.
    #[arg(long, value_name = "N")]
    kills: Option<u32>,
    /// How often all gateways are drained by SIGTERM and replaced, one after the other.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    rolling: u32,
    /// How often the DOM refuses connections for a moment; once for every five thousand orders without it.
    #[arg(long, value_name = "N")]
    outages: Option<u32>,
    /// What the DOM does with a second order of one number.
    #[arg(long, value_enum, default_value_t = Repeated::Accepted)]
    repeated_orders: Repeated,
    /// Spoil one order on purpose, to see that the drill finds it.
    #[arg(long, value_enum, value_name = "HOW")]
    spoil: Option<Spoilt>,
    /// Write what went wrong by the seed to a file: order, operation, attempt and trouble, a line each.
    #[arg(long, value_name = "FILE")]
    list_faults: Option<PathBuf>,
    /// Show an overload instead: browsing at ten times what the DOM can answer, checkout at 30 %, then the DOM is away.
    #[arg(long, conflicts_with_all = ["orders", "faults", "ambiguous", "kills", "rolling", "outages", "repeated_orders", "spoil", "list_faults"])]
    overload: bool,
    /// In an overload, how many calls a second the DOM can answer.
    #[arg(long, value_name = "N", default_value_t = 60, requires = "overload", value_parser = clap::value_parser!(u32).range(20..=1_000))]
    capacity: u32,
    /// In an overload, how many seconds browsing is too much, and how many the DOM is away then.
    #[arg(long, value_name = "S", default_value_t = 15, requires = "overload", value_parser = clap::value_parser!(u32).range(5..=3_600))]
    phase_seconds: u32,
    /// The folder of vocabulary and dialects.
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    mappings: PathBuf,
}

const LONG: &str = "Send very many orders through gateways that are killed, and count what became of them.

Starts gateways as processes of their own, a simulated DOM and a simulated store. Shoppers reserve, cancel and buy; the \
store's transport sends some calls again while the first is under way, its connector what failed on the way, its job \
what waits for its acknowledgement. The DOM answers one write in ten so that nobody can tell whether it acted, refuses \
connections, breaks them, and pushes every status until it is taken, some twice, some late. Gateways are killed without \
a word and started again, or drained and replaced. In the end both ends are counted.

The first Ctrl-C ends it early: what was begun comes to its end and is counted.

Nothing but the gateway prevents doubles: unlike a real one the DOM takes a second order of one number, unless \
`--repeated-orders refused` is said.";

const EXAMPLE: &str = "Examples:
  dom-gateway drill
  dom-gateway drill --orders 20000 --seed 7 --rolling 2
  dom-gateway drill --orders 1000000 --repeated-orders refused
  dom-gateway drill --orders 500 --spoil doubled
  dom-gateway drill --overload

Exit codes: 0 all that is judged is as it has to be; 1 something is not, or it was stopped; 69 a port cannot be \
had or a gateway does not start; 78 the mappings have faults.";

/// Between two looks at how far it is.
const EVERY: Duration = Duration::from_millis(100);

// === impl Drill ===

impl Drill {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        if !self.mappings.is_dir() {
            let folder = self.mappings.display();
            let text = format!(
                "there is no folder `{folder}`: run it where the repository is, or name one with --mappings DIR"
            );
            return Err(Failure::Configuration(text));
        }
        let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
        if self.overload {
            return runtime.block_on(overload::hold(&self.overload_plan(), &self.mappings, terminal));
        }
        runtime.block_on(self.hold(terminal))
    }

    async fn hold(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        let mappings = mappings::load(&self.mappings, terminal)?;
        let (seen, stopping) = (Arc::new(Seen::default()), CancellationToken::new());
        let watched = (Arc::clone(&seen), stopping.clone());
        let running = drill::run(self.plan(), (&program, &self.mappings), mappings, watched);
        let mut running = std::pin::pin!(running);
        let mut signals = Signals::listen()?;
        let mut progress = Progress::begin(u64::from(self.orders), terminal);
        let tally = loop {
            tokio::select! {
                tally = &mut running => break Some(tally),
                _ = signals.told() => {
                    if stopping.is_cancelled() {
                        break None;
                    }
                    stopping.cancel();
                    progress.end();
                    terminal.tell("no more orders are begun; those under way come to their end. Once more ends at once\n")?;
                }
                () = tokio::time::sleep(EVERY) => progress.show(&seen, terminal)?,
            }
        };
        progress.end();
        let Some(tally) = tally else {
            terminal.tell("stopped before both ends were counted\n")?;
            return Ok(Outcome::Faults);
        };
        let tally = tally.map_err(failure)?;
        if let Some(file) = &self.list_faults {
            let lines: String = tally.faults.iter().map(|line| format!("{line}\n")).collect();
            std::fs::write(file, lines).with_context(|| format!("`{}` cannot be written", file.display()))?;
        }
        terminal.give(table::of(&tally, self.seed).as_bytes())?;
        Ok(if tally.is_right() && !stopping.is_cancelled() { Outcome::Fine } else { Outcome::Faults })
    }

    fn overload_plan(&self) -> OverloadPlan {
        OverloadPlan {
            seed: self.seed,
            gateways: usize::from(self.gateways),
            capacity: self.capacity,
            phase: Duration::from_secs(u64::from(self.phase_seconds)),
        }
    }

    fn plan(&self) -> Plan {
        let plan = Plan::new(self.orders, self.seed);
        let plan = if self.faults == Faults::None { plan.without_troubles() } else { plan };
        Plan {
            gateways: usize::from(self.gateways),
            ambiguous_percent: self.ambiguous.unwrap_or(plan.ambiguous_percent),
            kills: self.kills.unwrap_or(plan.kills),
            rolling: self.rolling,
            outages: self.outages.unwrap_or(plan.outages),
            repeated_order: self.repeated_orders.into(),
            spoil: self.spoil.map(Into::into),
            list_faults: self.list_faults.is_some(),
            ..plan
        }
    }
}

fn failure(fault: DrillFault) -> Failure {
    match fault {
        DrillFault::Vocabulary(_) => Failure::Configuration(fault.to_string()),
        DrillFault::Simulator(_)
        | DrillFault::Fleet(FleetFault::Process(ProcessFault::NeverListened { .. })) => {
            Failure::Unavailable(fault.to_string())
        }
        DrillFault::NoStore
        | DrillFault::Folder(_)
        | DrillFault::Address(_)
        | DrillFault::Sender(_)
        | DrillFault::Fleet(_) => Failure::Internal(fault.into()),
    }
}
