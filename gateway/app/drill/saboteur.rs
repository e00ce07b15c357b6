//! What happens to whole systems: gateways are killed, or drained and replaced, and the DOM refuses connections for a
//! moment. When, is decided by how many orders were begun.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use crate::drill::world::{DrillFault, World};

/// Between two looks at how far the orders are.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
/// The longest a gateway stays dead, and the DOM away.
const LONGEST_MS: u64 = 200;

/// Something that happens when so many orders were begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Kill { at: u32, which: usize },
    Rolling { at: u32 },
    Outage { at: u32 },
}

/// Does all that is planned.
///
/// # Errors
/// A gateway that was killed does not start again, or one that was drained does not end well.
pub(super) async fn run(world: Arc<World>) -> Result<(), DrillFault> {
    for deed in deeds(&world) {
        while world.seen.begun.load(Ordering::Relaxed) < u64::from(deed.at()) {
            if world.stopping.is_cancelled() {
                return Ok(());
            }
            sleep(BETWEEN_LOOKS).await;
        }
        let pause = world.chance.dice("pause", "", deed.at()).u64(0..=LONGEST_MS);
        match deed {
            Deed::Kill { which, .. } => kill(&world, which, Duration::from_millis(pause)).await?,
            Deed::Rolling { .. } => rolling(&world).await?,
            Deed::Outage { .. } => outage(&world, Duration::from_millis(pause)).await,
        }
    }
    Ok(())
}

fn deeds(world: &World) -> Vec<Deed> {
    let plan = &world.plan;
    let kills = world.chance.places("kill", plan.kills, plan.orders).into_iter().enumerate();
    let kills = kills.map(|(which, at)| Deed::Kill { at, which });
    let outages = world.chance.places("outage", plan.outages, plan.orders).into_iter();
    let rolling = world.chance.places("rolling", plan.rolling, plan.orders).into_iter();
    let rolling = rolling.map(|at| Deed::Rolling { at });
    let mut deeds: Vec<_> = kills.chain(rolling).chain(outages.map(|at| Deed::Outage { at })).collect();
    deeds.sort_by_key(|deed| deed.at());
    deeds
}

async fn kill(world: &World, which: usize, pause: Duration) -> Result<(), DrillFault> {
    world.fleet.kill(which).await;
    world.seen.kills.fetch_add(1, Ordering::Relaxed);
    sleep(pause).await;
    world.fleet.start_again(which).await?;
    world.connect()?;
    Ok(())
}

/// Replaces all gateways one after the other: the next one is there before the old one is told to stop.
async fn rolling(world: &World) -> Result<(), DrillFault> {
    for which in 0..world.fleet.count() {
        let leaving = world.fleet.double(which).await?;
        world.connect()?;
        if let Some(leaving) = leaving {
            world.fleet.drain(leaving).await?;
            world.connect()?;
            world.seen.replaced.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

async fn outage(world: &World, pause: Duration) {
    world.dom.set_open(false);
    world.seen.outages.fetch_add(1, Ordering::Relaxed);
    sleep(pause).await;
    world.dom.set_open(true);
}

// === impl Deed ===

impl Deed {
    const fn at(self) -> u32 {
        match self {
            Self::Kill { at, .. } | Self::Rolling { at } | Self::Outage { at } => at,
        }
    }
}
