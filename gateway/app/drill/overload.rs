//! Overload in real time: shoppers browse ten times as much as the DOM can answer, others buy, and then the DOM is away.
//!
//! Calls begin when they are due, however many are under way: shoppers do not wait for each other. What a call came to is
//! counted by the phase it began in.

mod configuration;
mod count;
mod load;
mod world;

pub use count::{Count, Judged, OverloadTally};

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway_mapping::Mappings;
use gateway_simulator::serve::{Shows, Trouble};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::drill::overload::count::Counts;
use crate::drill::overload::world::World;
use crate::drill::world::DrillFault;

/// How long browsing is as it always is, so that something is remembered.
const CALM: Duration = Duration::from_secs(5);
/// How long calls are not counted before the DOM is away: as long as one may take, so that none begins in the flood and
/// ends by the outage.
const BETWEEN: Duration = Duration::from_secs(4);
/// How long it is looked at after the DOM's return.
const BACK: Duration = Duration::from_secs(10);

/// An overload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverloadPlan {
    /// Which items are browsed, and when, follows from it.
    pub seed: u64,
    /// Gateway processes; each has its part of what the DOM can do.
    pub gateways: usize,
    /// Calls a second the DOM can answer.
    pub capacity: u32,
    /// How long shoppers browse ten times that, and how long the DOM is away then.
    pub phase: Duration,
}

/// What it is like at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Browsing takes a third of what the DOM can do.
    Calm,
    /// Browsing is ten times what the DOM can do.
    Flood,
    /// The same; calls are not counted.
    Between,
    /// The same, and the DOM closes every connection without an answer.
    Dead,
    /// The same, and the DOM is back.
    Back,
}

// === impl Phase ===

impl Phase {
    /// All, in order.
    pub const ALL: [Self; 5] = [Self::Calm, Self::Flood, Self::Between, Self::Dead, Self::Back];

    /// Those whose calls are counted.
    pub const COUNTED: [Self; 4] = [Self::Calm, Self::Flood, Self::Dead, Self::Back];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Flood => "flood",
            Self::Between => "between",
            Self::Dead => "dead",
            Self::Back => "back",
        }
    }

    const fn lasts(self, plan: &OverloadPlan) -> Duration {
        match self {
            Self::Calm => CALM,
            Self::Between => BETWEEN,
            Self::Flood | Self::Dead => plan.phase,
            Self::Back => BACK,
        }
    }
}

/// Lives an overload and counts. `told` hears of every phase that begins. When `stopping` is cancelled it ends at once, and
/// there is no count.
///
/// # Errors
/// What cannot be started; nothing of it is left then.
pub async fn run_overload(
    plan: OverloadPlan,
    (program, folder): (&Path, &Path),
    mappings: Mappings,
    (told, stopping): (impl Fn(Phase, Duration), CancellationToken),
) -> Result<Option<OverloadTally>, DrillFault> {
    let world = Arc::new(World::start(plan, (program, folder), mappings).await?);
    world.warm().await;
    let counts = Arc::new(Counts::new());
    let mut calls = JoinSet::new();
    calls.spawn(load::browse(Arc::clone(&world), Arc::clone(&counts)));
    calls.spawn(load::buy(Arc::clone(&world), Arc::clone(&counts)));
    for phase in Phase::ALL {
        let lasts = phase.lasts(&world.plan);
        told(phase, lasts);
        let dead = Trouble::instead(Shows::Dropped);
        world.dom.script().set_lasting((phase == Phase::Dead).then_some(dead));
        counts.begin(phase, world.calls_at_the_dom(), Instant::now());
        let is_stopped = stopping.run_until_cancelled(sleep(lasts)).await.is_none();
        if is_stopped {
            calls.shutdown().await;
            world.fleet.stop().await;
            return Ok(None);
        }
    }
    let tally = counts.tally(world.calls_at_the_dom(), Instant::now());
    calls.shutdown().await;
    world.fleet.stop().await;
    Ok(Some(tally))
}
