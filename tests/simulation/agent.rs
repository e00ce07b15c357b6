//! The DOM's agent: it moves every order on and tells each step until the gateway has it; now and then once more, or an
//! older step after a newer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use gateway_simulator::dom::{Dom, Event, EventKind, Stage};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use crate::ledger::Pushed;
use crate::plan::Spoil;
use crate::world::World;

/// Between two looks at what the DOM created.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// How often a push is sent, and the pause between.
const ATTEMPTS: u32 = 60;
const PAUSE: Duration = Duration::from_secs(20);

/// Sees to every order that is created, for ever.
pub(crate) async fn dispatch(world: Arc<World>, mut created: mpsc::UnboundedReceiver<Event>) {
    let mut looks = interval(BETWEEN_LOOKS);
    let mut lanes = JoinSet::new();
    let mut begun = BTreeSet::new();
    loop {
        tokio::select! {
            biased;
            Some(event) = created.recv() => {
                let order = id(&event.subject).to_owned();
                if world.plan.spoil == Some(Spoil::Lost) && world.is_spoilt(&order) {
                    world.dom().with(|dom| dom.lose(&event.subject));
                    world.ledger.with(&order, |entry| entry.pushed = Pushed::NotAll);
                } else if begun.insert(order) {
                    lanes.spawn(lane(Arc::clone(&world), event));
                }
            }
            Some(ended) = lanes.join_next() => ended.unwrap(),
            _ = looks.tick() => {
                at_the_dom(&world, |_| ());
            }
        }
    }
}

/// Changes the DOM and gives what it has to tell of one order; word of new orders goes to the agent.
fn at_the_dom(world: &World, change: impl FnOnce(&mut Dom)) -> Vec<Event> {
    let events = world.dom().with(|dom| {
        change(dom);
        dom.take_events()
    });
    let mut told = Vec::new();
    for event in events {
        match event.kind {
            EventKind::OrderCreated => world.created.send(event).unwrap(),
            _ => told.push(event),
        }
    }
    told
}

/// All events of one order.
async fn lane(world: Arc<World>, created: Event) {
    let number = created.subject.clone();
    let order = id(&number).to_owned();
    world.ledger.with(&order, |entry| entry.pushed = Pushed::UnderWay);
    // The DOM begins with some orders only after the store's job was there.
    let later = if world.dice.percent(20) { 60_000..=1_500_000 } else { 0..=5_000 };
    sleep(world.dice.millis(later)).await;
    let mut teller = Teller { world: &world, order: &order, before: None };
    let mut all = teller.tell(created).await;
    let goes_back = world.plan.spoil == Some(Spoil::Backwards) && world.is_spoilt(&order);
    let steps: &[Stage] = if goes_back {
        &[Stage::Released, Stage::Backordered, Stage::Shipped]
    } else {
        &[Stage::Released, Stage::Shipped]
    };
    for stage in steps {
        // The DOM's events have whole seconds.
        sleep(world.dice.millis(1_000..=30_000)).await;
        let events = at_the_dom(&world, |dom| {
            dom.move_to(&number, *stage, world.now()).unwrap();
        });
        for event in events {
            all &= teller.tell(event).await;
        }
    }
    world.ledger.with(&order, |entry| entry.pushed = if all { Pushed::All } else { Pushed::NotAll });
    world.journal.note(|| format!("{order} is told to its end: {all}"));
}

/// The store's id in an order number.
fn id(number: &str) -> &str {
    number.strip_prefix("WC_").unwrap_or(number)
}

/// Tells the events of one order.
struct Teller<'w> {
    world: &'w World,
    order: &'w str,
    /// The event before the last.
    before: Option<Event>,
}

// === impl Teller ===

impl Teller<'_> {
    /// Tells an event until it is taken, and whether it was.
    async fn tell(&mut self, event: Event) -> bool {
        if !self.until_taken(&event).await {
            return false;
        }
        let happens =
            || self.world.has_troubles() && self.world.dice.percent(self.world.plan.repeated_pushes);
        let again = [Some(&event).filter(|_| happens()), self.before.as_ref().filter(|_| happens())];
        for event in again.into_iter().flatten() {
            if !self.until_taken(event).await {
                self.world.ledger.with(self.order, |entry| entry.stuck = true);
            }
        }
        self.before = Some(event);
        true
    }

    async fn until_taken(&self, event: &Event) -> bool {
        for _ in 0..ATTEMPTS {
            if self.world.dom().tell(event).await.taken {
                return true;
            }
            sleep(PAUSE).await;
        }
        false
    }
}
