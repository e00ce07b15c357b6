//! Who calls: shoppers who look at products, and shoppers who buy.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use gateway_simulator::serve::{Exchange, Outcome};
use gateway_simulator::store::CartLine;
use rust_decimal::Decimal;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::clock;
use crate::drill::overload::Phase;
use crate::drill::overload::configuration::{FALLBACK, FRESH_SECS};
use crate::drill::overload::count::{Browsed, Counts};
use crate::drill::overload::world::{World, item};

/// Browsing in a flood, in times of what the DOM can do.
const FLOOD: f64 = 10.0;
/// Browsing in calm, likewise.
const CALM: f64 = 0.3;
/// Calls of shoppers who buy, likewise; each makes two.
const CHECKOUT: f64 = 0.3;

/// Looks at products for ever.
pub(super) async fn browse(world: Arc<World>, counts: Arc<Counts>) {
    let mut pace = Pace::new(world.chance.dice("browse", "", 0));
    let mut shoppers = JoinSet::new();
    loop {
        let times = if counts.phase() == Phase::Calm { CALM } else { FLOOD };
        pace.wait(f64::from(world.plan.capacity) * times).await;
        while shoppers.try_join_next().is_some() {}
        let (item, place) = (item(pace.dice.u32(..)), pace.dice.usize(..3));
        let (world, counts) = (Arc::clone(&world), Arc::clone(&counts));
        shoppers.spawn(async move { look(&world, &counts, &item, place).await });
    }
}

/// Looks at one product: online, or in one of two physical stores.
async fn look(world: &World, counts: &Counts, item: &str, place: usize) {
    let phase = counts.phase();
    let physical = place.checked_sub(1).and_then(|place| world.profile.locations.get(place));
    let location = physical.map_or(&world.profile.name, |physical| &physical.name);
    let exchange = world.store.browse(&[item], &[location]).await;
    counts.browsed(phase, kind(&exchange));
}

/// What an answer came from.
fn kind(exchange: &Exchange) -> Browsed {
    let header = |name| exchange.headers.get(name).and_then(|value| value.to_str().ok());
    if !matches!(exchange.outcome, Outcome::Answered(_)) {
        return Browsed::Fault;
    }
    let age: Option<i64> = header("x-gateway-age").and_then(|age| age.parse().ok());
    match age {
        _ if header("x-gateway-code").is_some() => Browsed::Refused,
        _ if exchange.received.contains(FALLBACK) => Browsed::Fallback,
        Some(age) if age >= FRESH_SECS => Browsed::Stale,
        Some(_) => Browsed::Memory,
        None => Browsed::Dom,
    }
}

/// Buys for ever.
pub(super) async fn buy(world: Arc<World>, counts: Arc<Counts>) {
    let mut pace = Pace::new(world.chance.dice("buy", "", 0));
    let mut shoppers = JoinSet::new();
    loop {
        pace.wait(f64::from(world.plan.capacity) * CHECKOUT / 2.0).await;
        while shoppers.try_join_next().is_some() {}
        let (world, counts) = (Arc::clone(&world), Arc::clone(&counts));
        shoppers.spawn(async move { check_out(&world, &counts).await });
    }
}

/// Reserves one lamp and hands the order over.
async fn check_out(world: &World, counts: &Counts) {
    let cart = [CartLine::sent("LAMP-0042-BRS", Decimal::ONE)];
    let order = world.store.with(|store| store.open_order(&cart, clock::now()));
    let began = (counts.phase(), Instant::now());
    let reserved = world.store.reserve(&order).await;
    counts.checked_out(began, is_done(&reserved));
    if is_done(&reserved) {
        let began = (counts.phase(), Instant::now());
        let transferred = world.store.transfer(&order).await;
        counts.checked_out(began, is_done(&transferred));
    }
    world.store.with(|store| store.forget(&order));
    world.dom.with(|dom| dom.archive(&order));
}

fn is_done(exchange: &Exchange) -> bool {
    matches!(exchange.outcome, Outcome::Answered(_)) && exchange.refusal.is_none()
}

/// When the next call begins: by chance, so many a second.
struct Pace {
    dice: Rng,
    next: Instant,
}

// === impl Pace ===

impl Pace {
    fn new(dice: Rng) -> Self {
        Self { dice, next: Instant::now() }
    }

    async fn wait(&mut self, per_second: f64) {
        // Independent arrivals: the gaps between them are exponential.
        let gap = -(1.0 - self.dice.f64()).ln() / per_second;
        self.next += Duration::from_secs_f64(gap.min(1.0));
        sleep_until(self.next).await;
    }
}
