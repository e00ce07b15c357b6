//! The store's side of an order: a shopper reserves, and hands it over or thinks better of it.
//!
//! The connector below repeats what fails on the way; a shopper repeats what failed before her eyes, and leaves after
//! some attempts. What may be reserved then, its gateways owe; if one of them was killed, the store's clean-up of carts that
//! were left gives it back. A store that was told "not now" to a cancellation knows that stock is still held: its clean-up
//! cancels again, as its job hands over again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gateway_simulator::serve::{Exchange, Outcome};
use gateway_simulator::store::CartLine;
use rust_decimal::Decimal;
use tokio::time::sleep;

use crate::clock;
use crate::drill::chance::Chance;
use crate::drill::ledger::{self, Believed, Pushed};
use crate::drill::plan::{Plan, Spoil};
use crate::drill::world::{PENDING, World};

/// Orders under way at a time: no more are begun while the pushes about those before are behind.
const UNDER_WAY: u64 = 4_000;
/// Of a hundred shoppers who reserved, so many cancel.
const CANCEL_PERCENT: u8 = 8;
/// How often a shopper tries to reserve.
const ATTEMPTS_TO_RESERVE: u32 = 3;
/// How often a shopper tries to give a reservation back; after that the store's clean-up does, as often as its job passes.
const ATTEMPTS_TO_CANCEL: u32 = 3;
/// Between two attempts of the clean-up: as long as an order waits for its acknowledgement.
const BETWEEN_CANCELLATIONS: Duration = PENDING.unsigned_abs();
/// Looks at what is held for a cart that was left, and the time between two: longer in all than a gateway owes it.
const LOOKS_AT_LEFT: u32 = 650;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(20);
/// Waits for the connector's hold-off that a shopper puts up with.
const WAITS: u32 = 200;
/// Between two of these.
const WAIT: Duration = Duration::from_millis(2);

/// A cart was left; with the gateways that were asked to reserve for it.
struct Left(Vec<String>);

/// Lives orders one after the other until there are none left.
pub(super) async fn run(world: Arc<World>) {
    while let Some(order) = open(&world) {
        live(&world, &order).await;
        while world.under_way() > UNDER_WAY {
            sleep(PAUSE).await;
        }
    }
}

/// The id of an order in the middle of the plan that can be spoilt like this: one whose shopper buys, unless it is about
/// what she cancels.
pub(super) fn to_be_spoilt(spoil: Spoil, plan: &Plan, chance: Chance) -> Option<String> {
    let is_cancelled = spoil == Spoil::Kept;
    (plan.orders / 2..plan.orders).map(ledger::id).find(|order| cancels(chance, order) == is_cancelled)
}

/// Opens the next order. Ids and carts follow from how many were opened, whoever opens them.
fn open(world: &World) -> Option<String> {
    world.store.with(|store| {
        let begun = world.seen.begun.load(Ordering::Relaxed);
        if begun >= u64::from(world.plan.orders) || world.stopping.is_cancelled() {
            return None;
        }
        world.seen.begun.store(begun + 1, Ordering::Relaxed);
        let expected = ledger::id(u32::try_from(begun).unwrap_or(u32::MAX));
        Some(store.open_order(&cart(world.chance, &expected), clock::now()))
    })
}

fn cart(chance: Chance, order: &str) -> Vec<CartLine> {
    let mut dice = chance.dice("cart", order, 0);
    let mut cart = vec![CartLine::sent("LAMP-0042-BRS", Decimal::from(dice.u8(1..=3)))];
    if dice.u8(..3) == 0 {
        cart.push(CartLine::sent("RUG-1187-GRN", Decimal::ONE));
    }
    if dice.u8(..10) == 0 {
        cart.push(CartLine::sent("KIT-DESK-09", Decimal::ONE));
    }
    cart
}

fn cancels(chance: Chance, order: &str) -> bool {
    chance.percent(CANCEL_PERCENT, ("cancels", order, 0))
}

async fn live(world: &World, order: &str) {
    if let Err(Left(gateways)) = reserve(world, order).await {
        // A gateway that answered with a fault sees to what may be reserved. One that was killed does not, neither then nor
        // while it still owes it: then the store's own clean-up of carts that were left does.
        if is_given_back(world, order, &gateways).await {
            end(world, order, Believed::Dropped);
        } else {
            cancel(world, order, 0).await;
        }
    } else if cancels(world.chance, order) {
        cancel(world, order, ATTEMPTS_TO_CANCEL).await;
    } else {
        transfer(world, order).await;
    }
}

/// Reserves stock.
///
/// # Errors
/// The shopper gave up.
async fn reserve(world: &World, order: &str) -> Result<(), Left> {
    let mut gateways = Vec::new();
    for _ in 0..ATTEMPTS_TO_RESERVE {
        let _calling = world.calling();
        let exchange = patiently(|| world.store.reserve(order)).await;
        if is_done(world, order, &exchange) {
            return Ok(());
        }
        gateways.extend(exchange.asked);
        sleep(PAUSE).await;
    }
    Err(Left(gateways))
}

/// Waits until nothing is held for a cart that was left, as long as its gateways may owe it; `false` if that cannot come,
/// because one of them was killed.
async fn is_given_back(world: &World, order: &str, gateways: &[String]) -> bool {
    for _ in 0..LOOKS_AT_LEFT {
        let is_dead = gateways.iter().any(|gateway| world.fleet.was_killed(gateway));
        if is_dead || world.ledger.with(order, |entry| entry.cut_off) {
            return false;
        }
        if !world.is_held(order) {
            return true;
        }
        sleep(BETWEEN_LOOKS).await;
    }
    // It is an orphan, and found as one.
    true
}

/// Gives a reservation back, until the store was told that it is: only then it is done with the order. The shopper tries so
/// often, then the clean-up.
async fn cancel(world: &World, order: &str, by_shopper: u32) {
    for attempt in 0..by_shopper + u32::from(world.plan.passes) {
        if attempt == by_shopper {
            world.seen.cleaned.fetch_add(1, Ordering::Relaxed);
        }
        let calling = world.calling();
        if is_done(world, order, &patiently(|| world.store.cancel(order)).await) {
            return end(world, order, Believed::Dropped);
        }
        drop(calling);
        sleep(if attempt < by_shopper { PAUSE } else { BETWEEN_CANCELLATIONS }).await;
    }
    end(world, order, Believed::Open);
}

/// Hands an order over. Whatever comes of it, the order is judged when nothing about it is under way any more.
pub(super) async fn transfer(world: &World, order: &str) {
    let _calling = world.calling();
    world.ledger.with(order, |entry| entry.calls += 1);
    let exchange = world.store.transfer(order).await;
    // What did not go out at all is the job's to send, like everything that waits for its acknowledgement.
    is_done(world, order, &exchange);
    world.ledger.with(order, |entry| entry.calls -= 1);
    settle(world, order);
}

/// Waits as long as the connector holds calls off.
async fn patiently<C: Future<Output = Exchange>>(call: impl Fn() -> C) -> Exchange {
    let mut exchange = call().await;
    for _ in 0..WAITS {
        if !matches!(exchange.outcome, Outcome::HeldOff(_)) {
            break;
        }
        sleep(WAIT).await;
        exchange = call().await;
    }
    exchange
}

/// Whether a call came back with an answer that refuses nothing.
fn is_done(world: &World, order: &str, exchange: &Exchange) -> bool {
    let seen = &world.seen;
    seen.calls.fetch_add(1, Ordering::Relaxed);
    seen.resent.fetch_add(u64::from(exchange.attempts.saturating_sub(1)), Ordering::Relaxed);
    seen.sent_twice.fetch_add(u64::from(exchange.sent_again), Ordering::Relaxed);
    world.note_unanswered(order, &exchange.unanswered);
    let is_done = matches!(exchange.outcome, Outcome::Answered(_)) && exchange.refusal.is_none();
    if !is_done {
        seen.faults.fetch_add(1, Ordering::Relaxed);
    }
    is_done
}

/// What the store thinks in the end of an order that was not handed over.
fn end(world: &World, order: &str, believed: Believed) {
    world.ledger.with(order, |entry| {
        entry.believed = believed;
        entry.settled = true;
    });
    world.store.with(|store| store.forget(order));
    forget(world, order);
    world.seen.settled.fetch_add(1, Ordering::Relaxed);
}

/// Judges an order when nothing about it is under way any more, and forgets all but the judgement.
pub(super) fn settle(world: &World, order: &str) {
    let is_pending = world
        .store
        .with(|store| store.order(order).is_some_and(gateway_simulator::store::StoreOrder::is_pending));
    let is_over = world.ledger.with(order, |entry| {
        let told = matches!(entry.pushed, Pushed::All | Pushed::NotAll);
        let given_up = is_pending && entry.passes > world.plan.passes;
        // An order the DOM lost on purpose is never told of.
        let untold = world.is_spoilt(Spoil::Lost, order);
        let is_over = !entry.settled && entry.calls == 0 && (given_up || (!is_pending && (told || untold)));
        if is_over {
            entry.settled = true;
            entry.believed = if is_pending { Believed::Open } else { Believed::Done };
        }
        is_over
    });
    if !is_over {
        return;
    }
    if !is_pending {
        judge(world, order);
        world.dom.with(|dom| dom.archive(order));
    }
    forget(world, order);
    world.seen.settled.fetch_add(1, Ordering::Relaxed);
}

/// What the store has of an order that was told to its end.
fn judge(world: &World, order: &str) {
    let Some(kept) = world.store.with(|store| store.forget(order)) else { return };
    let again: u32 = kept.deposits.values().map(|times| times.saturating_sub(1)).sum();
    world.seen.deposits.fetch_add(u64::from(again), Ordering::Relaxed);
    world.ledger.with(order, |entry| {
        entry.went_back = kept.went_back > 0;
        if entry.pushed == Pushed::All && (kept.status != "S" || kept.deposits.is_empty()) {
            entry.pushed = Pushed::NotAll;
        }
    });
}

fn forget(world: &World, order: &str) {
    world.dom.script().forget(order);
    world.store.script().forget(order);
}
