//! The store's side of an order: a shopper looks around, reserves, and hands it over or thinks better of it; the job sends
//! again what waits too long.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gateway_simulator::serve::{Exchange, Outcome};
use gateway_simulator::store::CartLine;
use rust_decimal::Decimal;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::ledger::Wanted;
use crate::world::World;

/// How often the job sends an order again.
pub(crate) const MOST_PASSES: u32 = 30;
/// How often a shopper tries to reserve, and the store to give a reservation back.
const ATTEMPTS: u32 = 6;
/// Waits for the connector's hold-off that a shopper puts up with.
const WAITS: u32 = 20;
const WAIT: Duration = Duration::from_secs(15);
/// Between two passes of the job.
const BETWEEN_PASSES: Duration = Duration::from_secs(120);

/// Lives orders one after the other until there are none left.
pub(crate) async fn run(world: Arc<World>) {
    while world.opened.fetch_add(1, Ordering::Relaxed) < world.plan.orders {
        sleep(world.dice.millis(1..=4_000)).await;
        let cart = cart(&world);
        let order = world.store().with(|store| store.open_order(&cart, world.now()));
        world.ledger.with(&order, |_| ());
        world.journal.note(|| {
            let cart: Vec<_> = cart.iter().map(|line| format!("{} {}", line.quantity, line.item)).collect();
            format!("{order} is opened: {}", cart.join(", "))
        });
        live(&world, &order).await;
    }
}

/// Passes over all orders that wait for their acknowledgement, for ever.
pub(crate) async fn job(world: Arc<World>) {
    loop {
        sleep(BETWEEN_PASSES).await;
        let (store, habits) = (world.store(), world.store().habits());
        let overdue = store.with(|store| store.overdue(habits, world.now()));
        let mut sending = JoinSet::new();
        for order in overdue {
            let is_due = world.ledger.with(&order, |entry| {
                let is_due = entry.calls == 0 && entry.passes <= MOST_PASSES;
                entry.passes += u32::from(is_due);
                is_due && entry.passes <= MOST_PASSES
            });
            if is_due {
                let world = Arc::clone(&world);
                sending.spawn(async move { transfer(&world, &order).await });
            }
        }
        while let Some(sent) = sending.join_next().await {
            sent.unwrap();
        }
    }
}

fn cart(world: &World) -> Vec<CartLine> {
    world.dice.throw(|dice| {
        let mut cart = vec![CartLine::sent("LAMP-0042-BRS", Decimal::from(dice.u8(1..=3)))];
        if dice.u8(..3) == 0 {
            cart.push(CartLine::sent("RUG-1187-GRN", Decimal::ONE));
        }
        if dice.u8(..10) == 0 {
            cart.push(CartLine::sent("KIT-DESK-09", Decimal::ONE));
        }
        cart
    })
}

async fn live(world: &World, order: &str) {
    if world.dice.percent(30) {
        world.store().browse(&["LAMP-0042-BRS", "RUG-1187-GRN"], &["NordlichtShop"]).await;
    }
    if world.dice.percent(20) {
        world.store().check(order).await;
    }
    let buys = world.is_spoilt(order) || !world.dice.percent(world.plan.cancels);
    let is_reserved = reserve(world, order).await;
    if !is_reserved || !buys {
        if is_reserved {
            cancel(world, order).await;
        }
        world.ledger.with(order, |entry| entry.wanted = Wanted::No);
        world.journal.note(|| format!("{order} is dropped"));
        return;
    }
    world.ledger.with(order, |entry| entry.wanted = Wanted::Yes);
    transfer(world, order).await;
    if world.dice.percent(20) {
        world.store().details(order).await;
    }
}

/// Whether stock was reserved, as far as the store knows.
async fn reserve(world: &World, order: &str) -> bool {
    for _ in 0..ATTEMPTS {
        if is_done(&patiently(|| world.store().reserve(order)).await) {
            return true;
        }
        sleep(world.dice.millis(200..=5_000)).await;
    }
    false
}

async fn cancel(world: &World, order: &str) {
    for _ in 0..ATTEMPTS {
        if is_done(&patiently(|| world.store().cancel(order)).await) {
            return;
        }
        sleep(world.dice.millis(200..=5_000)).await;
    }
    world.journal.note(|| format!("{order} could not be given back"));
}

/// Hands an order over; what comes of it, the store knows.
async fn transfer(world: &World, order: &str) {
    world.ledger.with(order, |entry| entry.calls += 1);
    let exchange = world.store().transfer(order).await;
    world.journal.note(|| format!("{order} transferred: {}", shown(&exchange)));
    world.ledger.with(order, |entry| entry.calls -= 1);
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
fn is_done(exchange: &Exchange) -> bool {
    matches!(exchange.outcome, Outcome::Answered(_)) && exchange.refusal.is_none()
}

fn shown(exchange: &Exchange) -> String {
    let outcome = match &exchange.outcome {
        Outcome::Answered(_) => "answered".to_owned(),
        Outcome::Fault { text, .. } => format!("fault: {text}"),
        Outcome::HeldOff(_) => "held off".to_owned(),
        Outcome::NoAnswer(why) => format!("no answer: {why}"),
        Outcome::NotSent(why) => format!("not sent: {why}"),
    };
    format!("{outcome}, refusal {:?}, attempts {}", exchange.refusal, exchange.attempts)
}
