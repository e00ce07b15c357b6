//! A world: both ends, the gateways and the network between them, from its first order to its last.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use gateway_simulator::Scenario;
use gateway_simulator::dom::{Dom, Event};
use gateway_simulator::serve::{DomParams, DomServer, StoreParams, StoreServer};
use gateway_simulator::store::{ConnectorHabits, Store};
use gateway_transport::sender::Address;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep};

use crate::fleet::{self, Fleet, Node};
use crate::journal::Journal;
use crate::judgement::{Judgement, judge};
use crate::ledger::{Ledger, Pushed, Wanted};
use crate::net::{Sender, Wire};
use crate::plan::Plan;
use crate::setting::{DOM_DIALECT, PUSH_PATH, SETTING, STORE_DIALECT, STORE_PATH};
use crate::troubles::{self, Dice};
use crate::{agent, shopper};

/// How long the store's connector holds a message type off after an exception.
const HOLD_OFF: SignedDuration = SignedDuration::from_secs(60);
/// How long an order waits for its acknowledgement before the store's job sends it again.
const PENDING: SignedDuration = SignedDuration::from_secs(600);
/// Pieces of everything: no world runs out of stock.
const PLENTY: i64 = 1_000_000;
/// After the last shopper nothing goes wrong any more; so long everything may take to come to its end.
const LONGEST_END: Duration = Duration::from_secs(12 * 3_600);
/// What was under way when all is settled has so long to end.
const LAST: Duration = Duration::from_secs(300);

/// Everything there is.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) begun: Instant,
    pub(crate) journal: Journal,
    pub(crate) dice: Arc<Dice>,
    pub(crate) ledger: Ledger,
    /// The order that is spoilt on purpose.
    pub(crate) spoilt: Option<String>,
    pub(crate) opened: AtomicU32,
    pub(crate) panics: AtomicU32,
    pub(crate) created: mpsc::UnboundedSender<Event>,
    fleet: Fleet,
    ends: OnceLock<Ends>,
    /// Whether anything goes wrong at present.
    troubled: Arc<AtomicBool>,
    dom: Mutex<Standing>,
    /// What came to the DOM's wire, and what of stores to the gateways'.
    pub(crate) asked: AtomicU64,
    pub(crate) asking: AtomicU64,
    threads: Option<Semaphore>,
}

/// How the DOM is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It answers.
    Up,
    /// It refuses connections.
    Refusing,
    /// It takes connections and says nothing.
    Silent,
}

/// Both ends.
pub(crate) struct Ends {
    pub(crate) dom: DomServer,
    pub(crate) store: StoreServer,
}

/// What came of a world.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) judgement: Judgement,
    pub(crate) journal: Vec<String>,
}

/// Runs a future in simulated time, on this thread alone.
pub(crate) fn in_simulated_time<T>(seed: u64, work: impl Future<Output = T>) -> T {
    // Read before the dice are set: what reads it throws some of its own.
    LazyLock::force(&SETTING);
    // Jitter and probes of the gateways are seeded from the thread's own generator.
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(work)
}

/// Lives a plan from its first order to its last.
pub(crate) fn live(plan: Plan) -> Outcome {
    in_simulated_time(plan.seed, async {
        let (world, created) = World::begin(plan);
        let mut beside = JoinSet::new();
        beside.spawn(agent::dispatch(Arc::clone(&world), created));
        beside.spawn(shopper::job(Arc::clone(&world)));
        beside.spawn(sabotage(Arc::clone(&world)));
        let mut shoppers = JoinSet::new();
        for _ in 0..world.plan.shoppers {
            shoppers.spawn(shopper::run(Arc::clone(&world)));
        }
        while let Some(ended) = shoppers.join_next().await {
            ended.unwrap();
        }
        world.journal.note(|| "the last shopper has left".to_owned());
        world.troubled.store(false, Ordering::Relaxed);
        until_settled(&world).await;
        sleep(LAST).await;
        beside.shutdown().await;
        Outcome { judgement: judge(&world), journal: world.journal.take() }
    })
}

async fn until_settled(world: &World) {
    let end = Instant::now() + LONGEST_END;
    while Instant::now() < end {
        let is_settled = world.ledger.entries().iter().all(|(order, entry)| match entry.wanted {
            Wanted::Perhaps => false,
            Wanted::No => true,
            Wanted::Yes => {
                let told = matches!(entry.pushed, Pushed::All | Pushed::NotAll);
                entry.calls == 0
                    && (entry.passes > shopper::MOST_PASSES || (!world.is_pending(order) && told))
            }
        });
        if is_settled {
            return;
        }
        sleep(Duration::from_secs(10)).await;
    }
    world.journal.note(|| "not everything came to its end".to_owned());
}

/// Kills gateways and takes the DOM away for a while.
async fn sabotage(world: Arc<World>) {
    let Plan { mut kills, mut outages, gateways, .. } = world.plan.clone();
    while kills + outages > 0 {
        let (between, pause) = world.plan.lives;
        sleep(world.dice.millis(1_000..=between)).await;
        let pause = world.dice.millis(0..=pause);
        if kills > 0 && (outages == 0 || world.dice.throw(fastrand::Rng::bool)) {
            kills -= 1;
            let place = world.dice.throw(|dice| dice.usize(..gateways));
            world.journal.note(|| format!("gateway-{place} is killed"));
            world.fleet.kill(place);
            sleep(pause).await;
            world.fleet.start_again(&world, place);
            world.journal.note(|| format!("gateway-{place} starts"));
        } else {
            outages -= 1;
            world.journal.note(|| "the DOM is away".to_owned());
            world.set_dom(Standing::Refusing);
            sleep(pause).await;
            world.set_dom(Standing::Up);
            world.journal.note(|| "the DOM is back".to_owned());
        }
    }
}

// === impl World ===

impl World {
    pub(crate) fn begin(plan: Plan) -> (Arc<Self>, mpsc::UnboundedReceiver<Event>) {
        let (created, receiver) = mpsc::unbounded_channel();
        let spoilt = plan.spoil.map(|_| (Store::FIRST_ORDER + u64::from(plan.orders / 2)).to_string());
        let world = Arc::new(Self {
            begun: Instant::now(),
            journal: Journal::begin(plan.is_silent),
            dice: Arc::new(Dice::new(plan.seed)),
            ledger: Ledger::default(),
            opened: AtomicU32::new(0),
            panics: AtomicU32::new(0),
            fleet: Fleet::default(),
            ends: OnceLock::new(),
            troubled: Arc::new(AtomicBool::new(true)),
            dom: Mutex::new(Standing::Up),
            asked: AtomicU64::new(0),
            asking: AtomicU64::new(0),
            threads: plan.capacity.map(|capacity| Semaphore::new(capacity.threads)),
            created,
            spoilt,
            plan,
        });
        world.journal.note(|| format!("{:?}", world.plan));
        let Ok(()) = world.ends.set(Ends::start(&world)) else { unreachable!("set once") };
        world.fleet.start(&world);
        (world, receiver)
    }

    pub(crate) fn ends(&self) -> &Ends {
        self.ends.get().unwrap()
    }

    pub(crate) fn store(&self) -> &StoreServer {
        &self.ends().store
    }

    pub(crate) fn dom(&self) -> &DomServer {
        &self.ends().dom
    }

    pub(crate) fn now(&self) -> Timestamp {
        fleet::instant(self.begun)
    }

    /// The plan by which things go wrong at present, if any do.
    pub(crate) fn troubles(&self) -> Option<&Plan> {
        Some(&self.plan).filter(|_| self.has_troubles())
    }

    pub(crate) fn has_troubles(&self) -> bool {
        self.troubled.load(Ordering::Relaxed)
    }

    /// The gateway of this name, if it is a gateway's.
    pub(crate) fn node(&self, name: &str) -> Option<Option<Node>> {
        self.fleet.named(name)
    }

    /// Whether connections to this end are taken.
    pub(crate) fn accepts(&self, to: &str) -> bool {
        match self.node(to) {
            Some(node) => node.is_some(),
            None => to != "dom" || self.standing() != Standing::Refusing,
        }
    }

    pub(crate) fn set_dom(&self, standing: Standing) {
        *self.dom.lock().unwrap() = standing;
    }

    pub(crate) fn standing(&self) -> Standing {
        *self.dom.lock().unwrap()
    }

    /// Answers a request that arrived at an end.
    pub(crate) async fn served(&self, to: &str, request: Request<Bytes>) -> Response<Bytes> {
        if to != "dom" {
            return self.store().answer(request).await;
        }
        let _thread = match (&self.threads, self.plan.capacity) {
            (Some(threads), Some(capacity)) => {
                let thread = threads.acquire().await.unwrap();
                sleep(capacity.each).await;
                Some(thread)
            }
            _ => None,
        };
        self.dom().answer(request).await
    }

    pub(crate) fn is_spoilt(&self, order: &str) -> bool {
        self.spoilt.as_deref() == Some(order)
    }

    /// Whether the store waits for the acknowledgement of an order.
    pub(crate) fn is_pending(&self, order: &str) -> bool {
        self.store()
            .with(|store| store.order(order).is_some_and(gateway_simulator::store::StoreOrder::is_pending))
    }

    pub(crate) fn panicked(&self, panic: &JoinError) {
        self.panics.fetch_add(1, Ordering::Relaxed);
        self.journal.note(|| format!("PANIC: {panic}"));
    }
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("World(..)")
    }
}

// === impl Ends ===

impl Ends {
    fn start(world: &Arc<World>) -> Self {
        let plan = &world.plan;
        let nowhere = std::net::SocketAddr::from(([0, 0, 0, 0], 0));
        let begun = world.begun;
        let clock = move || fleet::instant(begun);
        let wire = |from| Arc::new(Wire { world: Arc::downgrade(world), from });
        let mut scenario = Scenario::demo("2026-03-02".parse().unwrap());
        scenario.habits.repeated_order = plan.repeated_order;
        scenario.habits.repeated_reservation = plan.repeated_reservation;
        for supply in &mut scenario.supplies {
            supply.on_hand = Decimal::from(PLENTY);
        }
        let mappings = &SETTING.mappings;
        let profile = scenario.stores[0].clone();
        let dom = Dom::new(mappings.vocabulary(), scenario.clone()).unwrap();
        let store = Store::new(mappings.vocabulary(), scenario, profile).unwrap();
        let params = DomParams::new(nowhere, DOM_DIALECT);
        let ways = (Arc::new(clock) as _, wire(Sender::Dom) as _);
        let dom = DomServer::without_port(Arc::clone(mappings), dom, params, ways).unwrap();
        let habits =
            ConnectorHabits { hold_off: HOLD_OFF, pending_expiration: PENDING, ..ConnectorHabits::default() };
        let params = StoreParams { habits, parallel: 64, ..StoreParams::new(nowhere, STORE_DIALECT) };
        let ways = (Arc::new(clock) as _, wire(Sender::Store) as _);
        let store = StoreServer::without_port(Arc::clone(mappings), store, params, ways).unwrap();
        let gateways = |path: &str| -> Vec<Address> {
            (0..plan.gateways)
                .map(|place| format!("http://gateway-{place}.test{path}").parse().unwrap())
                .collect()
        };
        store.connect_all(gateways(STORE_PATH));
        dom.push_to_all(gateways(PUSH_PATH));
        let spoilt = || (plan, world.spoilt.clone());
        let troubled = || {
            let troubled = Arc::clone(&world.troubled);
            move || troubled.load(Ordering::Relaxed)
        };
        dom.script().decide(Some(troubles::at_the_dom(spoilt(), &world.dice, troubled())));
        store.script().decide(Some(troubles::at_the_store(spoilt(), &world.dice, troubled())));
        Self { dom, store }
    }
}
