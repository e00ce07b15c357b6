//! The store's job: orders that wait too long for their acknowledgement are sent again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use crate::clock;
use crate::drill::ledger::Entry;
use crate::drill::shopper;
use crate::drill::world::World;

/// Between two passes.
const BETWEEN_PASSES: Duration = Duration::from_millis(100);
/// Orders sent beside each other.
const BESIDE: usize = 16;

/// Passes over all pending orders for ever.
pub(super) async fn run(world: Arc<World>) {
    loop {
        tokio::time::sleep(BETWEEN_PASSES).await;
        pass(&world).await;
    }
}

async fn pass(world: &World) {
    let habits = world.store.habits();
    let overdue = world.store.with(|store| store.overdue(habits, clock::now()));
    let due = overdue.into_iter().filter(|order| is_due(world, order));
    stream::iter(due)
        .for_each_concurrent(BESIDE, |order| async move {
            world.seen.passes.fetch_add(1, Ordering::Relaxed);
            shopper::transfer(world, &order).await;
        })
        .await;
}

/// Whether an order is sent once more; one that was sent often enough is given up, and stays pending.
fn is_due(world: &World, order: &str) -> bool {
    let (is_due, given_up) = world.ledger.with(order, |entry: &mut Entry| {
        if entry.settled || entry.calls > 0 {
            return (false, false);
        }
        entry.passes = entry.passes.saturating_add(1);
        (entry.passes <= world.plan.passes, entry.passes > world.plan.passes)
    });
    if given_up {
        shopper::settle(world, order);
    }
    is_due
}
