//! The gateways: the real front and its stack, over the simulated network and clock. A killed one is cut off for ever.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use bytes::Bytes;
use dom_gateway::clock::{Clock, Identity};
use dom_gateway::config::{Dom, First, Inbound, Store};
use dom_gateway::front::Front;
use dom_gateway::metrics::Metrics;
use dom_gateway::outside::{Neighbourhood, Outside};
use dom_gateway::ready::Ready;
use dom_gateway::stack::{self, inbound};
use gateway_simulator::{RepeatedOrder, RepeatedReservation};
use gateway_transport::listener::Caller;
use gateway_transport::sender::Way;
use http::{Request, Response};
use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::net::{Sender, Wire};
use crate::plan::Plan;
use crate::setting::SETTING;
use crate::world::World;

/// When every world begins.
pub(crate) const BEGIN: &str = "2026-03-02T08:00:00Z";

/// All gateways by their place; `None` while one is down.
#[derive(Debug, Default)]
pub(crate) struct Fleet(Mutex<Vec<Option<Node>>>);

/// A gateway that lives.
#[derive(Clone)]
pub(crate) struct Node {
    service: stack::Inbound,
    life: CancellationToken,
    world: Weak<World>,
}

/// The clock of one gateway.
#[derive(Debug)]
struct SimulatedClock {
    begun: Instant,
    skew: SignedDuration,
    name: String,
    ids: AtomicU64,
}

/// The network as a gateway has it.
#[derive(Debug)]
struct Neighbours(Wire);

// === impl Fleet ===

impl Fleet {
    /// Starts all gateways of a plan.
    pub(crate) fn start(&self, world: &Arc<World>) {
        for place in 0..world.plan.gateways {
            self.0.lock().unwrap().push(None);
            self.start_again(world, place);
        }
    }

    /// Starts one that is down.
    pub(crate) fn start_again(&self, world: &Arc<World>, place: usize) {
        let life = world.journal.next_call();
        let node = Node::start(world, &format!("gateway-{place}"), life);
        self.0.lock().unwrap()[place] = Some(node);
    }

    /// Kills one: whoever waits for it has a reset, and what it was at changes nothing any more.
    pub(crate) fn kill(&self, place: usize) {
        if let Some(node) = self.0.lock().unwrap()[place].take() {
            node.life.cancel();
        }
    }

    /// Whether this is the name of a gateway, and the gateway if it lives.
    pub(crate) fn named(&self, name: &str) -> Option<Option<Node>> {
        let place: usize = name.strip_prefix("gateway-")?.parse().ok()?;
        self.0.lock().unwrap().get(place).cloned()
    }
}

// === impl Node ===

impl Node {
    fn start(world: &Arc<World>, name: &str, life_number: u64) -> Self {
        let life = CancellationToken::new();
        let wire = Wire {
            world: Arc::downgrade(world),
            from: Sender::Gateway { name: name.to_owned(), life: life.clone() },
        };
        let clock = SimulatedClock::new(world, format!("{name}-{life_number}"));
        let outside = Outside { clock: Arc::new(clock), neighbours: Arc::new(Neighbours(wire)) };
        let mut config = SETTING.config.clone();
        world.plan.configure(&mut config);
        let ready =
            Ready::within(outside, config, Arc::clone(&SETTING.interpreter), Metrics::default()).unwrap();
        let front = Arc::new(Front::new(ready).unwrap());
        Self { service: inbound(front), life, world: Arc::downgrade(world) }
    }

    /// Answers a request; `None` if it is killed before.
    pub(crate) async fn served(self, mut request: Request<Bytes>, caller: Caller) -> Option<Response<Bytes>> {
        // The call's clock starts when its request has arrived.
        request.extensions_mut().insert(caller);
        let serving = tokio::spawn(self.service.oneshot(request));
        let stop = serving.abort_handle();
        tokio::select! {
            biased;
            () = self.life.cancelled() => {
                stop.abort();
                None
            }
            served = serving => match served {
                Ok(Ok(response)) => Some(response),
                Ok(Err(never)) => match never {},
                Err(panic) => {
                    if let Some(world) = self.world.upgrade() {
                        world.panicked(&panic);
                    }
                    None
                }
            },
        }
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Node(..)")
    }
}

// === impl SimulatedClock ===

impl SimulatedClock {
    fn new(world: &World, name: String) -> Self {
        let skew = SignedDuration::from_millis(world.plan.skew_ms);
        Self { begun: world.begun, skew, name, ids: AtomicU64::new(0) }
    }
}

impl Clock for SimulatedClock {
    fn identity(&self) -> Identity {
        let id = format!("{}-{}", self.name, self.ids.fetch_add(1, Ordering::Relaxed));
        Identity { now: self.now(), id }
    }

    fn now(&self) -> Timestamp {
        instant(self.begun).checked_add(self.skew).unwrap()
    }
}

/// The time of the world.
pub(crate) fn instant(begun: Instant) -> Timestamp {
    let elapsed = SignedDuration::try_from(begun.elapsed()).unwrap();
    BEGIN.parse::<Timestamp>().unwrap().checked_add(elapsed).unwrap()
}

// === impl Neighbours ===

impl Neighbourhood for Neighbours {
    fn dom(&self, _: &Dom, _: usize) -> anyhow::Result<Arc<dyn Way>> {
        Ok(Arc::new(self.0.clone()))
    }

    fn store(&self, _: &Store, _: &Inbound, _: usize) -> anyhow::Result<Arc<dyn Way>> {
        Ok(Arc::new(self.0.clone()))
    }
}

// === impl Plan ===

impl Plan {
    /// What of the configuration is this world's own.
    fn configure(&self, config: &mut dom_gateway::config::Config) {
        for (dom, capacity) in config.doms.iter_mut().zip(self.capacity) {
            let second = Duration::from_secs(1).as_millis() / capacity.each.as_millis();
            let per_second = u32::try_from(capacity.threads * usize::try_from(second).unwrap()).unwrap();
            // What an operator knows of his DOM.
            dom.pool.requests_per_second = NonZeroU32::new(per_second);
            dom.pool.requests_at_once = NonZeroU32::new(per_second.div_ceil(10));
            dom.pool.concurrent = u32::try_from(capacity.threads).unwrap();
            dom.pool.never_lent = 1;
        }
        for dom in &mut config.doms {
            dom.breaker.enabled = self.has_breaker;
            // Stores send again at once. A DOM that takes the same order twice has to be asked first, one that adds to a
            // reservation, or may be at work still on one that was cut, has to give back first.
            if self.repeated_order == RepeatedOrder::Accepted {
                dom.verify.look_first = First::Always;
            }
            if self.repeated_reservation == RepeatedReservation::Added || self.at_work {
                dom.verify.release_first = First::Always;
            }
        }
        if self.spoil == Some(crate::plan::Spoil::Unverified) {
            for dom in &mut config.doms {
                dom.verify.enabled = false;
            }
        }
    }
}
