//! `drill --overload`: what becomes of those who browse and those who buy when the DOM has too much to do, or is away.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::failure;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::load::progress::grouped;
use crate::cli::mappings;
use crate::cli::terminal::Terminal;
use crate::drill::{self, Count, OverloadPlan, OverloadTally, Phase};
use crate::serve::told_to_stop;

/// A row of the table: what it counts, and where that stands.
type Row = (&'static str, fn(&Count) -> u64);

const ROWS: [Row; 12] = [
    ("browse calls", Count::browsed),
    ("  asked of the DOM", |count| count.from_the_dom),
    ("  from memory", |count| count.from_memory),
    ("  from memory, too old", |count| count.stale),
    ("  fallback", |count| count.fallback),
    ("  refused in-band", |count| count.refused),
    ("  faults", |count| count.faults),
    ("checkout calls", |count| count.done + count.failed),
    ("  done", |count| count.done),
    ("  not done", |count| count.failed),
    ("calls of the store", Count::calls),
    ("calls at the DOM", |count| count.at_the_dom),
];

/// Lives an overload and shows it.
pub(super) async fn hold(
    plan: &OverloadPlan,
    folder: &Path,
    terminal: &mut Terminal,
) -> Result<Outcome, Failure> {
    let program = std::env::current_exe().context("this program cannot be found")?;
    let mappings = mappings::load(folder, terminal)?;
    let stopping = CancellationToken::new();
    let (phases, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let told = move |phase: Phase, lasts| {
        // Heard for as long as the drill runs.
        let _ = phases.send((phase, lasts));
    };
    let running = drill::run_overload(plan.clone(), (&program, folder), mappings, (told, stopping.clone()));
    let mut running = std::pin::pin!(running);
    let mut told = std::pin::pin!(told_to_stop());
    let tally = loop {
        tokio::select! {
            tally = &mut running => break tally.map_err(failure)?,
            told = &mut told, if !stopping.is_cancelled() => { told?; stopping.cancel(); }
            Some((phase, lasts)) = begun.recv() => {
                terminal.tell(&format!("{} for {} s: {}\n", phase.name(), lasts.as_secs(), what_it_is(phase)))?;
            }
        }
    };
    let Some(tally) = tally else {
        terminal.tell("stopped before the last phase\n")?;
        return Ok(Outcome::Faults);
    };
    terminal.give(table(plan, &tally).as_bytes())?;
    Ok(if tally.judged.iter().all(|judged| judged.is_right) { Outcome::Fine } else { Outcome::Faults })
}

const fn what_it_is(phase: Phase) -> &'static str {
    match phase {
        Phase::Calm => "browsing at 30 % of what the DOM can answer, and checkout at 30 %",
        Phase::Flood => "browsing at ten times what the DOM can answer",
        Phase::Between => "the same, not counted",
        Phase::Dead => "the same, and the DOM answers nothing",
        Phase::Back => "the same, and the DOM is back",
    }
}

fn table(plan: &OverloadPlan, tally: &OverloadTally) -> String {
    let mut text = format!(
        "overload with seed {}: a DOM that answers {} calls a second, {} gateways\n\n{:<24}",
        plan.seed, plan.capacity, plan.gateways, ""
    );
    // Writing to a text cannot fail.
    for phase in Phase::COUNTED {
        let _ = write!(text, "{:>10}", phase.name());
    }
    text.push('\n');
    for (name, of) in ROWS {
        let _ = write!(text, "{name:<24}");
        for count in &tally.counts {
            let _ = write!(text, "{:>10}", grouped(of(count)));
        }
        text.push('\n');
    }
    text.push('\n');
    for judged in &tally.judged {
        let mark = if judged.is_right { "ok   " } else { "WRONG" };
        let _ = writeln!(text, "{mark} {:<10}{}", judged.name, judged.found);
    }
    text
}
