//! `drill`: very many orders through gateways that are killed, between ends that fail; then both ends are counted.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use gateway_simulator::RepeatedOrder;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::load::progress::grouped;
use crate::cli::mappings;
use crate::cli::terminal::Terminal;
use crate::demo::ProcessFault;
use crate::drill::{self, DrillFault, FleetFault, Plan, Seen, Spoil, Tally};
use crate::serve::told_to_stop;

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
    /// How often the DOM refuses connections for a moment; once for every five thousand orders without it.
    #[arg(long, value_name = "N")]
    outages: Option<u32>,
    /// What the DOM does with a second order of one number.
    #[arg(long, value_enum, default_value_t = Repeated::Accepted)]
    repeated_orders: Repeated,
    /// Spoil one order on purpose, to see that the drill finds it.
    #[arg(long, value_enum, value_name = "HOW")]
    spoil: Option<Spoilt>,
    /// The folder of vocabulary and dialects.
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    mappings: PathBuf,
}

const LONG: &str = "Send very many orders through gateways that are killed, and count what became of them.

Starts gateways as processes of their own, a simulated DOM and a simulated store. Shoppers reserve, cancel and buy; the \
store's connector sends again what failed on the way, its job sends again what waits for its acknowledgement. The DOM \
answers one write in ten so that nobody can tell whether it acted, refuses connections, breaks them, and pushes every \
status until it is taken, some twice, some late. Gateways are killed without a word and started again. In the end both \
ends are counted.

Nothing but the gateway prevents doubles: unlike a real one the DOM takes a second order of one number, unless \
`--repeated-orders refused` is said.";

const EXAMPLE: &str = "Examples:
  dom-gateway drill
  dom-gateway drill --orders 20000 --seed 7
  dom-gateway drill --orders 1000000 --repeated-orders refused
  dom-gateway drill --orders 500 --spoil doubled

Exit codes: 0 nothing lost, doubled, unresolved or left behind; 1 something was, or it was stopped; 69 a port cannot be \
had or a gateway does not start; 78 the mappings have faults.";

/// Between two looks at how far it is.
const EVERY: Duration = Duration::from_millis(100);
/// Between two lines where there is no bar.
const LINE_EVERY: Duration = Duration::from_secs(10);
const BAR: &str = "orders [{bar:30}] {pos}/{len}  {per_sec}  {msg}  {eta} left";

/// Which troubles there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Faults {
    /// All of them.
    All,
    /// None: how the drill goes when nothing goes wrong.
    None,
}

/// What the DOM does with a second order of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Repeated {
    /// It keeps both.
    Accepted,
    /// It refuses the second.
    Refused,
}

/// How one order is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Spoilt {
    /// The DOM loses it after it acknowledged it.
    Lost,
    /// The DOM creates it twice.
    Doubled,
    /// The DOM never takes it.
    Unresolved,
    /// The DOM reserves its stock twice.
    Orphan,
    /// The DOM takes its status back.
    Backwards,
    /// The store takes no push about it.
    Undelivered,
}

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
        runtime.block_on(self.hold(terminal))
    }

    async fn hold(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        let mappings = mappings::load(&self.mappings, terminal)?;
        let seen = Arc::new(Seen::default());
        let mut running =
            std::pin::pin!(drill::run(self.plan(), (&program, &self.mappings), mappings, Arc::clone(&seen)));
        let mut told = std::pin::pin!(told_to_stop());
        let progress = Progress::begin(u64::from(self.orders), terminal);
        let mut last_line = Instant::now();
        let tally = loop {
            tokio::select! {
                tally = &mut running => break Some(tally),
                told = &mut told => { told?; break None; }
                () = tokio::time::sleep(EVERY) => progress.show(&seen, &mut last_line, terminal)?,
            }
        };
        progress.end();
        let Some(tally) = tally else {
            terminal.tell("stopped before the last order\n")?;
            return Ok(Outcome::Faults);
        };
        let tally = tally.map_err(failure)?;
        terminal.give(self.table(&tally).as_bytes())?;
        Ok(if tally.is_right() { Outcome::Fine } else { Outcome::Faults })
    }

    fn plan(&self) -> Plan {
        let plan = Plan::new(self.orders, self.seed);
        let plan = if self.faults == Faults::None { plan.without_troubles() } else { plan };
        Plan {
            gateways: usize::from(self.gateways),
            ambiguous_percent: self.ambiguous.unwrap_or(plan.ambiguous_percent),
            kills: self.kills.unwrap_or(plan.kills),
            outages: self.outages.unwrap_or(plan.outages),
            repeated_order: match self.repeated_orders {
                Repeated::Accepted => RepeatedOrder::Accepted,
                Repeated::Refused => RepeatedOrder::Refused,
            },
            spoil: self.spoil.map(|spoilt| match spoilt {
                Spoilt::Lost => Spoil::Lost,
                Spoilt::Doubled => Spoil::Doubled,
                Spoilt::Unresolved => Spoil::Unresolved,
                Spoilt::Orphan => Spoil::Orphan,
                Spoilt::Backwards => Spoil::Backwards,
                Spoilt::Undelivered => Spoil::Undelivered,
            }),
            ..plan
        }
    }

    fn table(&self, tally: &Tally) -> String {
        let mut text = format!("drill: {} orders, seed {}\n\n", grouped(u64::from(self.orders)), self.seed);
        // Writing to a text cannot fail.
        for (name, count) in &tally.happened {
            let _ = writeln!(text, "{name:<32}{:>12}", grouped(*count));
        }
        let _ = writeln!(text, "{:<32}{:>12.1}", "seconds", tally.took.as_secs_f64());
        text.push('\n');
        for row in &tally.judged {
            let mark = if row.count == 0 { "ok   " } else { "WRONG" };
            let _ = writeln!(text, "{mark} {:<12}{:>10}  {}", row.name, grouped(row.count), row.meaning);
            if row.count > 0 {
                let _ = writeln!(text, "{:<30}orders {}", "", row.orders.join(", "));
            }
        }
        text
    }
}

/// How far it is: a bar on a terminal, a line now and then elsewhere.
struct Progress {
    bar: Option<ProgressBar>,
    orders: u64,
}

// === impl Progress ===

impl Progress {
    fn begin(orders: u64, terminal: &Terminal) -> Self {
        let bar = terminal.is_watched().then(|| {
            let bar = ProgressBar::with_draw_target(Some(orders), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.with_style(style.progress_chars("=> "))
        });
        Self { bar, orders }
    }

    fn show(&self, seen: &Seen, last_line: &mut Instant, terminal: &mut Terminal) -> std::io::Result<()> {
        let settled = seen.settled.load(Ordering::Relaxed);
        let kills = seen.kills.load(Ordering::Relaxed);
        let faults = seen.faults.load(Ordering::Relaxed);
        let told = format!("{} faults, {} killed", grouped(faults), grouped(kills));
        if let Some(bar) = &self.bar {
            bar.set_position(settled);
            bar.set_message(told);
            return Ok(());
        }
        if last_line.elapsed() < LINE_EVERY {
            return Ok(());
        }
        *last_line = Instant::now();
        terminal.tell(&format!("{} of {} orders, {told}\n", grouped(settled), grouped(self.orders)))
    }

    /// Takes the bar away.
    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
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
        DrillFault::NoStore | DrillFault::Folder(_) | DrillFault::Address(_) | DrillFault::Fleet(_) => {
            Failure::Internal(fault.into())
        }
    }
}
