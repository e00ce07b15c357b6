//! `demo`: a shopper's journey through a real gateway.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;

use anyhow::Context as _;
use clap::Args;
use gateway_mapping::Mappings;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::mappings;
use crate::cli::terminal::Terminal;
use crate::demo::{
    Counted, Ended, Journey, Paint, ProcessFault, Setting, SettingFault, Step, invitation, layout,
};
use crate::serve::told_to_stop;

/// Walk a shopper's whole journey through a gateway and two simulators.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Demo {
    /// Show the XML of every hop.
    #[arg(long)]
    documents: bool,
    /// Leave everything running afterwards, and print curl lines that work.
    #[arg(long)]
    keep: bool,
    /// What the shopper's orders say in a field, for example one that was just added to the vocabulary; may be repeated.
    #[arg(long = "field", value_name = "order.FIELD=TEXT", value_parser = field)]
    fields: Vec<(String, String)>,
    /// The folder of vocabulary and dialects.
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    mappings: PathBuf,
}

const LONG: &str = "Walk a shopper's whole journey through a gateway and two simulators.

Starts the gateway as a process of its own, a simulated DOM and a simulated store, on free ports of this machine, then \
browses, fills a cart, reserves, transfers the order, looks at history and details, lets the DOM push a shipment and \
new stock, looks again while the DOM is away, and shows for each step what went to whom and how long it took. A step is right when the store got what \
it has to get and the DOM's own state is as it has to be. Nothing has to be set up; nothing is left behind.";

const EXAMPLE: &str = "Examples:
  dom-gateway demo
  dom-gateway demo --documents
  dom-gateway demo --keep
  dom-gateway demo --documents --field order.comments='Please ring twice'

Exit codes: 0 every step had the right outcome; 1 some had not, or it was stopped; 69 a port cannot be had or the \
gateway does not start; 78 the mappings have faults.";

/// How the journey came to its end.
enum Walked {
    /// By its last step; with what the gateway counted of stock.
    Whole(Option<Counted>),
    /// By Ctrl-C or a signal.
    Stopped,
}

/// A field's path and its text.
fn field(argument: &str) -> Result<(String, String), String> {
    let pair = argument.split_once('=').filter(|(path, text)| !path.is_empty() && !text.is_empty());
    let owned = pair.map(|(path, text)| (path.to_owned(), text.to_owned()));
    owned
        .ok_or_else(|| "expected a field and its text, such as `order.comments=Please ring twice`".to_owned())
}

// === impl Demo ===

impl Demo {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        if !self.mappings.is_dir() {
            let folder = self.mappings.display();
            let text = format!(
                "there is no folder `{folder}`: run it where the repository is, or name one with --mappings DIR"
            );
            return Err(Failure::Configuration(text));
        }
        let mappings = mappings::load(&self.mappings, terminal)?;
        let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
        runtime.block_on(self.show(mappings, terminal))
    }

    /// Starts, walks, ends; ends also when the walk fails.
    async fn show(&self, mappings: Mappings, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        terminal.tell("starting a gateway, a simulated DOM and a simulated store ...\n")?;
        // One for all phases: a signal between two of them is not lost.
        let mut told = std::pin::pin!(told_to_stop());
        let started = tokio::select! {
            started = Setting::start(&program, mappings, &self.mappings, &self.fields) => Some(started),
            told = &mut told => told.map(|()| None)?,
        };
        let Some(started) = started else {
            terminal.tell("stopped before the journey began\n")?;
            return Ok(Outcome::Faults);
        };
        let mut setting = started.map_err(failure)?;
        let mut steps = Vec::new();
        let walked = self.walk_and_keep(&mut setting, &mut steps, (terminal, told)).await;
        let ended = setting.stop().await;
        if let Ended::Badly(how) = &ended {
            terminal.tell(&format!("error: {how}\n"))?;
        }
        let is_whole = matches!(walked?, Walked::Whole(_));
        let is_right = is_whole && ended == Ended::AsTold && steps.iter().all(Step::is_right);
        Ok(if is_right { Outcome::Fine } else { Outcome::Faults })
    }

    async fn walk_and_keep(
        &self,
        setting: &mut Setting,
        steps: &mut Vec<Step>,
        (terminal, mut told): (&mut Terminal, Pin<&mut impl Future<Output = io::Result<()>>>),
    ) -> Result<Walked, Failure> {
        let addresses = setting.addresses().map(|(name, address)| format!("{name} {address}"));
        terminal.give(format!("{}\n\n{}", addresses.join(", "), layout::head()).as_bytes())?;
        let walked = tokio::select! {
            walked = self.walk(setting, steps, terminal) => walked.map(Walked::Whole)?,
            told = &mut told => told.map(|()| Walked::Stopped)?,
        };
        let Walked::Whole(counted) = walked else {
            terminal.tell("stopped before the journey's end\n")?;
            return Ok(walked);
        };
        terminal.give(layout::conclusion(steps, paint(terminal)).as_bytes())?;
        terminal.give(counted.map(layout::spared).unwrap_or_default().as_bytes())?;
        terminal.give(self.next(steps).as_bytes())?;
        if self.keep {
            setting.let_the_dom_push();
            terminal.give(invitation(setting, steps)?.as_bytes())?;
            told.await?;
        }
        Ok(walked)
    }

    async fn walk(
        &self,
        setting: &Setting,
        steps: &mut Vec<Step>,
        terminal: &mut Terminal,
    ) -> Result<Option<Counted>, Failure> {
        let mut journey = Journey::new(setting);
        while let Some(step) = journey.next().await {
            let log = setting.take_log();
            terminal.give(layout::step(steps.len() + 1, &step, paint(terminal)).as_bytes())?;
            if self.documents {
                terminal.give(layout::documents(&step).as_bytes())?;
            }
            if !step.is_right() {
                terminal.give(layout::warnings(&log).as_bytes())?;
            }
            steps.push(step);
        }
        Ok(journey.counted())
    }

    /// What to try next.
    fn next(&self, steps: &[Step]) -> String {
        let mut ways = Vec::new();
        if !self.documents {
            ways.push("`--documents` shows the XML of every hop");
        }
        if !self.keep {
            ways.push("`--keep` leaves it running with curl lines to try");
        }
        if steps.iter().all(Step::is_right) {
            ways.push("README.md has a tour");
        }
        if ways.is_empty() { String::new() } else { format!("Next: {}.\n", ways.join("; ")) }
    }
}

fn paint(terminal: &Terminal) -> Paint {
    if terminal.has_result_color() { Paint::Colored } else { Paint::Plain }
}

fn failure(fault: SettingFault) -> Failure {
    match fault {
        SettingFault::Vocabulary(_) | SettingFault::Views(_) => Failure::Configuration(fault.to_string()),
        SettingFault::Simulator(_) | SettingFault::Gateway(ProcessFault::NeverListened { .. }) => {
            Failure::Unavailable(fault.to_string())
        }
        SettingFault::Field(text) => Failure::Usage(text),
        SettingFault::NoStore
        | SettingFault::Folder(_)
        | SettingFault::Address(_)
        | SettingFault::Operator(_)
        | SettingFault::Gateway(_) => Failure::Internal(fault.into()),
    }
}
