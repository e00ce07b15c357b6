//! The DOM's agent: it moves every order on and tells each step, until the gateway has it.
//!
//! Events of one order are told one after the other, of different orders beside each other. Now and then the DOM does
//! not hear that a push was taken and sends it again, or sends an older one once more after a newer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gateway_simulator::dom::{Event, Stage};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use crate::drill::ledger::Pushed;
use crate::drill::plan::Spoil;
use crate::drill::shopper;
use crate::drill::world::World;

/// Between two looks at what the DOM created.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
/// Of a hundred orders, the DOM begins with so many only after a while; the store's job is there first.
const LATER_PERCENT: u8 = 50;
/// How long that is: more than the store's orders wait for their acknowledgement.
const LATER: Duration = Duration::from_millis(700);
/// Of a hundred pushes that were taken, so many are sent again because the answer did not reach the DOM.
const UNHEARD_PERCENT: u8 = 4;
/// Of a hundred pushes that were taken, so many are followed by the one before them.
const OLDER_PERCENT: u8 = 3;
/// How often a push is sent.
const ATTEMPTS: u32 = 100;
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// Sees to every order that is created, for ever.
pub(super) async fn dispatch(world: Arc<World>, mut created: mpsc::UnboundedReceiver<Event>) {
    let mut looks = interval(BETWEEN_LOOKS);
    let mut lanes = JoinSet::new();
    loop {
        tokio::select! {
            _ = looks.tick() => {
                // Of orders nothing but their creation is told before they move on.
                world.at_the_dom(|_| ());
            }
            Some(event) = created.recv() => begin(&world, event, &mut lanes),
            Some(_) = lanes.join_next() => {}
        }
    }
}

/// Begins with an order, once however often it was created.
fn begin(world: &Arc<World>, event: Event, lanes: &mut JoinSet<()>) {
    let order = id(&event.subject).to_owned();
    if world.is_spoilt(Spoil::Lost, &order) {
        world.dom.with(|dom| dom.lose(&event.subject));
        shopper::settle(world, &order);
        return;
    }
    let is_first = world.ledger.with(&order, |entry| {
        let is_first = entry.pushed == Pushed::Nothing;
        if is_first {
            entry.pushed = Pushed::UnderWay;
        }
        is_first
    });
    if is_first {
        let goes_back = world.is_spoilt(Spoil::Backwards, &order);
        lanes.spawn(lane(Arc::clone(world), event, goes_back));
    }
}

/// All events of one order.
async fn lane(world: Arc<World>, created: Event, goes_back: bool) {
    let number = created.subject.clone();
    let order = id(&number).to_owned();
    if world.plan.has_faults() && world.chance.percent(LATER_PERCENT, ("later", &order, 0)) {
        sleep(LATER).await;
    }
    let mut teller = Teller { world: &world, order: &order, told: 0, before: None };
    let mut all = teller.tell(created).await;
    let steps: &[Stage] = if goes_back {
        &[Stage::Released, Stage::Backordered, Stage::Shipped]
    } else {
        &[Stage::Released, Stage::Shipped]
    };
    for stage in steps {
        let events = world.at_the_dom(|dom| {
            let now = (world.dom_clock)();
            // It is there: it was created.
            let _ = dom.move_to(&number, *stage, now);
        });
        for event in events {
            all = all && teller.tell(event).await;
        }
    }
    world.ledger.with(&order, |entry| entry.pushed = if all { Pushed::All } else { Pushed::NotAll });
    shopper::settle(&world, &order);
}

/// The store's id in an order number.
fn id(number: &str) -> &str {
    number.strip_prefix("WC_").unwrap_or(number)
}

/// Tells the events of one order.
struct Teller<'w> {
    world: &'w World,
    order: &'w str,
    /// Events told.
    told: u32,
    /// The event before the last.
    before: Option<Event>,
}

// === impl Teller ===

impl Teller<'_> {
    /// Tells an event until it is taken, and whether it was.
    async fn tell(&mut self, event: Event) -> bool {
        self.told += 1;
        if !self.until_taken(&event).await {
            return false;
        }
        let has_faults = self.world.plan.has_faults();
        let happens =
            |percent, about| has_faults && self.world.chance.percent(percent, (about, self.order, self.told));
        let is_deaf = self.world.is_spoilt(Spoil::Unconfirmed, self.order);
        let is_unheard = happens(UNHEARD_PERCENT, "unheard") || (is_deaf && self.told == 1);
        let is_older = happens(OLDER_PERCENT, "older");
        let again = [Some(&event).filter(|_| is_unheard), self.before.as_ref().filter(|_| is_older)];
        for event in again.into_iter().flatten() {
            // The DOM goes on until this, too, is confirmed.
            let is_confirmed = self.until_taken(event).await && !is_deaf;
            if !is_confirmed {
                self.world.ledger.with(self.order, |entry| entry.stuck = true);
            }
        }
        self.before = Some(event);
        true
    }

    async fn until_taken(&self, event: &Event) -> bool {
        let seen = &self.world.seen;
        for attempt in 1..=ATTEMPTS {
            seen.pushes.fetch_add(1, Ordering::Relaxed);
            if attempt > 1 {
                seen.pushed_again.fetch_add(1, Ordering::Relaxed);
            }
            let delivery = self.world.dom.tell(event).await;
            self.world.note_unanswered(self.order, &delivery.unanswered);
            if delivery.taken {
                return true;
            }
            sleep(PAUSE).await;
        }
        false
    }
}
