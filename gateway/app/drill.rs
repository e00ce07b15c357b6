//! The drill: very many orders through real gateway processes that are killed meanwhile, between a store that repeats
//! itself and a DOM that answers badly; then both ends are counted.
//!
//! A [`Plan`] says how many, how bad and by which seed; [`run`] lives it and gives the [`Tally`]. What goes wrong is
//! decided by the seed, the order and the attempt, never by when a call arrives: the same plan has the same troubles.
//! Nothing is printed here: that is the command's.

mod agent;
mod balancer;
mod chance;
mod configuration;
mod faults;
mod fleet;
mod job;
mod ledger;
mod overload;
mod plan;
mod saboteur;
mod shopper;
mod tally;
mod world;

pub use fleet::FleetFault;
pub use ledger::Seen;
pub use overload::{Count, Judged, OverloadPlan, OverloadTally, Phase, run_overload};
pub use plan::{Plan, Spoil};
pub use tally::{Row, Tally};
pub use world::DrillFault;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gateway_mapping::Mappings;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::drill::world::World;

/// Shoppers at a time.
const SHOPPERS: usize = 256;
/// Between two looks at whether all is over.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// Without any order coming to its end for so long, the drill ends: what is open then is counted as such.
const STALL: Duration = Duration::from_secs(20);

/// Lives a plan from the first order to the last push and counts. `program` is what is run as the gateway, `folder`
/// where the mappings are; `seen` shows how far it is. When `stopping` is cancelled no more orders are begun, and those that
/// were are counted when they have come to their end.
///
/// # Errors
/// What cannot be started; nothing of it is left then.
pub async fn run(
    plan: Plan,
    (program, folder): (&Path, &Path),
    mappings: Mappings,
    (seen, stopping): (Arc<Seen>, CancellationToken),
) -> Result<Tally, DrillFault> {
    let (world, created) = World::start(plan, (program, folder), mappings, (seen, stopping)).await?;
    let world = Arc::new(world);
    let began = Instant::now();
    let mut beside = JoinSet::new();
    beside.spawn(agent::dispatch(Arc::clone(&world), created));
    beside.spawn(job::run(Arc::clone(&world)));
    let balancing = tokio::spawn(balancer::run(Arc::clone(&world)));
    let sabotage = tokio::spawn(saboteur::run(Arc::clone(&world)));
    let mut shoppers = JoinSet::new();
    for _ in 0..SHOPPERS {
        shoppers.spawn(shopper::run(Arc::clone(&world)));
    }
    // A panic in one of them was shown by the runtime already; its order counts as open.
    while shoppers.join_next().await.is_some() {}
    let fault = sabotage.await.unwrap_or(Ok(())).err();
    until_settled(&world).await;
    let took = began.elapsed();
    balancing.abort();
    beside.shutdown().await;
    world.quiet().await;
    let tally = tally::count(&world, took);
    world.stop().await;
    match fault {
        Some(fault) => Err(fault),
        None => Ok(tally),
    }
}

/// Waits until every order has come to its end, or none does any more.
async fn until_settled(world: &World) {
    let mut last = (0, Instant::now());
    loop {
        let settled = world.seen.settled.load(Ordering::Relaxed);
        if world.under_way() == 0 {
            return;
        }
        if settled != last.0 {
            last = (settled, Instant::now());
        } else if last.1.elapsed() > STALL {
            return;
        }
        sleep(BETWEEN_LOOKS).await;
    }
}
