//! What a drill goes through: gateways, a DOM and a store around them, and what is known of each order.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use gateway_mapping::Mappings;
use gateway_simulator::dom::{Dom, Event, EventKind};
use gateway_simulator::serve::{self, Clock, DomParams, DomServer, StoreParams, StoreServer};
use gateway_simulator::store::{ConnectorHabits, Store};
use gateway_simulator::{MissingWords, Scenario};
use gateway_transport::sender::{Address, BadAddress, SenderError};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::drill::chance::Chance;
use crate::drill::configuration::{
    self, DOM_DIALECT, Ends, PUSH_PATH, STORE_DIALECT, STORE_PATH, STORE_TIMEOUT_MS,
};
use crate::drill::faults::{self, Listed};
use crate::drill::fleet::{Fleet, FleetFault};
use crate::drill::ledger::{Ledger, Seen};
use crate::drill::plan::{Plan, Spoil};
use crate::drill::shopper;

/// Calls of one message type the store makes beside each other: its shoppers and its job.
const CALLS: usize = 256;
/// How long the store's connector holds a message type off after an exception; in a real store some minutes.
const HOLD_OFF: SignedDuration = SignedDuration::from_millis(2);
/// How long an order waits for its acknowledgement before the job sends it again; in a real store a day.
pub(super) const PENDING: SignedDuration = SignedDuration::from_millis(400);
/// Pieces of everything: no drill runs out of stock.
const PLENTY: i64 = 1_000_000_000;
/// Between two looks at whether what is still under way has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Why a drill cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum DrillFault {
    /// The vocabulary lacks what the simulators work with.
    #[error(transparent)]
    Vocabulary(#[from] MissingWords),
    /// The world has no store.
    #[error("the drill's world has no store")]
    NoStore,
    /// The folder for the gateways' configuration cannot be made or written.
    #[error("the folder for the gateways' configuration cannot be written: {0}")]
    Folder(#[from] io::Error),
    /// A simulator cannot be started.
    #[error(transparent)]
    Simulator(#[from] serve::StartError),
    /// An address that was made here is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The balancer cannot ask the gateways.
    #[error(transparent)]
    Sender(#[from] SenderError),
    /// A gateway cannot be started, or not again.
    #[error(transparent)]
    Fleet(#[from] FleetFault),
}

/// Everything, running.
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) chance: Chance,
    pub(super) store: StoreServer,
    pub(super) dom: DomServer,
    pub(super) fleet: Fleet,
    pub(super) ledger: Ledger,
    pub(super) seen: Arc<Seen>,
    /// The order that is spoilt on purpose.
    pub(super) spoilt: Option<String>,
    /// Cancelled when no more orders are to be begun.
    pub(super) stopping: CancellationToken,
    /// What went wrong by itself, if it is listed.
    pub(super) listed: Listed,
    /// The DOM's time.
    pub(super) dom_clock: Clock,
    /// Word of orders the DOM created, for its agent.
    created: mpsc::UnboundedSender<Event>,
    /// Calls of the store under way.
    calls: AtomicUsize,
    /// Removed with everything in it when this is dropped.
    _folder: TempDir,
}

/// A call of the store; while there is one, its order is not judged.
pub(super) struct Calling<'w>(&'w AtomicUsize);

// === impl World ===

impl World {
    /// Starts everything. What the DOM creates is told on the channel.
    pub(super) async fn start(
        plan: Plan,
        (program, folder): (&Path, &Path),
        mappings: Mappings,
        (seen, stopping): (Arc<Seen>, CancellationToken),
    ) -> Result<(Self, mpsc::UnboundedReceiver<Event>), DrillFault> {
        let dom_clock = ticking();
        let folder = std::path::absolute(folder)?;
        let (dom, store) = start_ends(Arc::new(mappings), &plan, Arc::clone(&dom_clock)).await?;
        let chance = Chance::new(plan.seed);
        let spoilt = plan.spoil.and_then(|spoil| shopper::to_be_spoilt(spoil, &plan, chance));
        let listed = Listed::new(&plan);
        dom.script().decide(Some(listed.listing(faults::at_the_dom(&plan, spoilt.clone()))));
        store.script().decide(Some(listed.listing(faults::at_the_store(&plan, spoilt.clone()))));
        store.set_mishaps(Some(faults::on_the_way(&plan, spoilt.clone(), nowhere().await?)));
        let place = tempfile::Builder::new().prefix("dom-gateway-drill-").tempdir()?;
        let config = place.path().join("config.toml");
        std::fs::write(&config, configuration::text(&folder, &ends(&plan, &dom, &store)))?;
        let fleet = Fleet::start(program.to_owned(), config, plan.gateways).await?;
        let (created, receiver) = mpsc::unbounded_channel();
        let ledger = Ledger::new(plan.orders);
        let calls = AtomicUsize::new(0);
        let world = Self {
            plan,
            chance,
            store,
            dom,
            fleet,
            ledger,
            seen,
            spoilt,
            stopping,
            listed,
            dom_clock,
            created,
            calls,
            _folder: place,
        };
        world.connect()?;
        Ok((world, receiver))
    }

    /// Tells both ends where the gateways are.
    pub(super) fn connect(&self) -> Result<(), BadAddress> {
        let at = |path: &str| -> Result<Vec<Address>, BadAddress> {
            self.fleet.in_turn().iter().map(|gateway| format!("http://{gateway}{path}").parse()).collect()
        };
        self.store.connect_all(at(STORE_PATH)?);
        self.dom.push_to_all(at(PUSH_PATH)?);
        Ok(())
    }

    /// Changes the DOM and gives what it has to tell of one order; word of new orders goes to the agent.
    pub(super) fn at_the_dom(&self, change: impl FnOnce(&mut Dom)) -> Vec<Event> {
        let events = self.dom.with(|dom| {
            change(dom);
            dom.take_events()
        });
        let (created, told) = events.into_iter().partition(|event| event.kind == EventKind::OrderCreated);
        let created: Vec<Event> = created;
        for event in created {
            // Nobody listens any more when the drill ends.
            let _ = self.created.send(event);
        }
        told
    }

    /// Whether the DOM holds stock for an order.
    pub(super) fn is_held(&self, order: &str) -> bool {
        let store = self.store.with(|store| store.profile().id.clone());
        !self.dom.with(|dom| dom.reserved(&store, order)).is_zero()
    }

    /// Notes that gateways gave no answer to a call about an order; of those that were killed none can be expected.
    pub(super) fn note_unanswered<'g>(&self, order: &str, gateways: impl IntoIterator<Item = &'g String>) {
        for gateway in gateways {
            let was_killed = self.fleet.was_killed(gateway);
            self.ledger.with(order, |entry| {
                entry.cut_off |= was_killed;
                entry.unanswered |= !was_killed;
            });
        }
    }

    /// Whether this is the order that is spoilt, and in this way.
    pub(super) fn is_spoilt(&self, spoil: Spoil, order: &str) -> bool {
        self.plan.spoil == Some(spoil) && self.spoilt.as_deref() == Some(order)
    }

    /// Says that the store calls.
    pub(super) fn calling(&self) -> Calling<'_> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Calling(&self.calls)
    }

    /// Orders that were begun and have not come to their end.
    pub(super) fn under_way(&self) -> u64 {
        let settled = self.seen.settled.load(Ordering::Relaxed);
        self.seen.begun.load(Ordering::Relaxed).saturating_sub(settled)
    }

    /// Waits until no call of the store is under way.
    pub(super) async fn quiet(&self) {
        while self.calls.load(Ordering::Relaxed) > 0 {
            sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Ends all gateways; the ends go with the world.
    pub(super) async fn stop(&self) {
        self.fleet.stop().await;
    }
}

// === impl Calling ===

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A clock on which a second passes whenever it is looked at: what happens to an order one after the other has different
/// times at a DOM that writes whole seconds, however fast the drill.
fn ticking() -> Clock {
    let seconds = AtomicI64::new(clock::now().as_second());
    Arc::new(move || {
        let now = seconds.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_second(now).unwrap_or(Timestamp::MAX)
    })
}

/// The demo's world with stock without end.
fn scenario(plan: &Plan) -> Scenario {
    let mut scenario = Scenario::demo(clock::now().to_zoned(TimeZone::UTC).date());
    scenario.habits.repeated_order = plan.repeated_order;
    for supply in &mut scenario.supplies {
        supply.on_hand = Decimal::from(PLENTY);
    }
    scenario
}

/// An address at which nobody listens.
async fn nowhere() -> Result<Address, DrillFault> {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?;
    Ok(format!("http://{closed}{STORE_PATH}").parse()?)
}

/// Starts DOM and store on free ports.
async fn start_ends(
    mappings: Arc<Mappings>,
    plan: &Plan,
    dom_clock: Clock,
) -> Result<(DomServer, StoreServer), DrillFault> {
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let scenario = scenario(plan);
    let profile = scenario.stores.first().cloned().ok_or(DrillFault::NoStore)?;
    let dom = Dom::new(mappings.vocabulary(), scenario.clone())?;
    let store = Store::new(mappings.vocabulary(), scenario, profile)?;
    let params = DomParams::new(free, DOM_DIALECT);
    let dom = DomServer::start(Arc::clone(&mappings), dom, params, dom_clock).await?;
    let habits =
        ConnectorHabits { hold_off: HOLD_OFF, pending_expiration: PENDING, ..ConnectorHabits::default() };
    let timeout = Duration::from_millis(STORE_TIMEOUT_MS);
    let params = StoreParams { habits, timeout, parallel: CALLS, ..StoreParams::new(free, STORE_DIALECT) };
    let store = StoreServer::start(mappings, store, params, Arc::new(clock::now)).await?;
    Ok((dom, store))
}

fn ends(plan: &Plan, dom: &DomServer, store: &StoreServer) -> Ends {
    Ends {
        repeated_order: plan.repeated_order,
        has_faults: plan.has_faults(),
        dom: dom.interop_url(),
        inventory: store.inventory_url(),
        order: store.order_url(),
        store_id: store.with(|store| store.profile().id.clone()),
    }
}
