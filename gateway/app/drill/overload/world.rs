//! Gateways, a store, and a DOM that can do so much and no more.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway_mapping::Mappings;
use gateway_simulator::dom::Dom;
use gateway_simulator::serve::{Capacity, DomParams, DomServer, StoreParams, StoreServer};
use gateway_simulator::store::{ConnectorHabits, Store};
use gateway_simulator::{Item, Scenario, StoreProfile, Supply};
use gateway_transport::sender::{Address, BadAddress};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use tempfile::TempDir;

use crate::clock;
use crate::drill::chance::Chance;
use crate::drill::configuration::{DOM_DIALECT, STORE_DIALECT, STORE_PATH, STORE_TIMEOUT_MS};
use crate::drill::fleet::Fleet;
use crate::drill::overload::OverloadPlan;
use crate::drill::overload::configuration;
use crate::drill::world::DrillFault;

/// How long the DOM works on a call.
const SERVICE: Duration = Duration::from_millis(100);
/// Calls that may wait at the DOM.
const WAITING: usize = 50;
/// Items that are browsed.
const ITEMS: u32 = 100;
/// Pieces of everything: nothing is ever short.
const PLENTY: i64 = 1_000_000_000;
/// Calls of one message type the store makes beside each other: as many as come.
const CALLS: usize = 100_000;
/// What the store asks the DOM by way of the gateways.
const OPERATIONS: [&str; 6] =
    ["availability", "reserve", "cancel_reservation", "transfer", "details", "history"];

/// Everything, running.
pub(super) struct World {
    pub(super) plan: OverloadPlan,
    pub(super) chance: Chance,
    pub(super) store: StoreServer,
    pub(super) dom: DomServer,
    pub(super) fleet: Fleet,
    /// The store: its own name, and the names of two physical ones.
    pub(super) profile: StoreProfile,
    /// Removed with everything in it when this is dropped.
    _folder: TempDir,
}

/// The part number of an item that is browsed.
pub(super) fn item(number: u32) -> String {
    format!("P-{:03}", number % ITEMS)
}

// === impl World ===

impl World {
    pub(super) async fn start(
        plan: OverloadPlan,
        (program, folder): (&Path, &Path),
        mappings: Mappings,
    ) -> Result<Self, DrillFault> {
        let folder = std::path::absolute(folder)?;
        let (mappings, scenario) = (Arc::new(mappings), scenario());
        let profile = scenario.stores.first().cloned().ok_or(DrillFault::NoStore)?;
        let dom = start_dom(&mappings, scenario.clone(), &plan).await?;
        let store = start_store(&mappings, scenario, profile.clone()).await?;
        let place = tempfile::Builder::new().prefix("dom-gateway-overload-").tempdir()?;
        let config = place.path().join("config.toml");
        let text = configuration::text(&folder, &dom.interop_url(), &profile, &plan);
        std::fs::write(&config, text)?;
        let fleet = Fleet::start(program.to_owned(), config, plan.gateways).await?;
        let addresses =
            fleet.in_turn().into_iter().map(|gateway| format!("http://{gateway}{STORE_PATH}").parse());
        store.connect_all(addresses.collect::<Result<Vec<Address>, BadAddress>>()?);
        let chance = Chance::new(plan.seed);
        Ok(Self { plan, chance, store, dom, fleet, profile, _folder: place })
    }

    /// Looks at everything online once through each gateway, so that all of it is remembered.
    pub(super) async fn warm(&self) {
        let items: Vec<String> = (0..ITEMS).map(item).collect();
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        for _ in 0..self.plan.gateways {
            // The store's calls go to each gateway in turn. What is not answered is remembered a little later.
            let _ = self.store.browse(&items, &[&self.profile.name]).await;
        }
    }

    /// Calls of the store that arrived at the DOM so far, whatever they came to there.
    pub(super) fn calls_at_the_dom(&self) -> u64 {
        OPERATIONS.iter().map(|operation| self.dom.script().count(operation).calls).sum()
    }
}

async fn start_dom(
    mappings: &Arc<Mappings>,
    scenario: Scenario,
    plan: &OverloadPlan,
) -> Result<DomServer, DrillFault> {
    let dom = Dom::new(mappings.vocabulary(), scenario)?;
    let params = DomParams::new(free(), DOM_DIALECT);
    let dom = DomServer::start(Arc::clone(mappings), dom, params, Arc::new(clock::now)).await?;
    dom.set_capacity(Some(Capacity { at_once: at_once(plan), service: SERVICE, waiting: WAITING }));
    Ok(dom)
}

async fn start_store(
    mappings: &Arc<Mappings>,
    scenario: Scenario,
    profile: StoreProfile,
) -> Result<StoreServer, DrillFault> {
    let store = Store::new(mappings.vocabulary(), scenario, profile)?;
    // Every call is counted as what it came to: nothing is repeated, nothing is held off.
    let habits = ConnectorHabits { retries: 0, hold_off: SignedDuration::ZERO, ..ConnectorHabits::default() };
    let timeout = Duration::from_millis(STORE_TIMEOUT_MS);
    let params = StoreParams { habits, timeout, parallel: CALLS, ..StoreParams::new(free(), STORE_DIALECT) };
    Ok(StoreServer::start(Arc::clone(mappings), store, params, Arc::new(clock::now)).await?)
}

/// Calls the DOM works on at a time, so that it answers so many a second.
pub(super) fn at_once(plan: &OverloadPlan) -> usize {
    let millis = u128::from(plan.capacity) * SERVICE.as_millis();
    usize::try_from(millis / 1_000).unwrap_or(usize::MAX).max(1)
}

fn free() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// The demo's world with more items, and stock without end.
fn scenario() -> Scenario {
    let mut scenario = Scenario::demo(clock::now().to_zoned(TimeZone::UTC).date());
    let node = scenario.stores.first().and_then(|store| store.nodes.first()).cloned().unwrap_or_default();
    let more = (0..ITEMS).map(|number| Supply {
        item: item(number),
        unit: "C62".to_owned(),
        node: node.clone(),
        on_hand: Decimal::from(PLENTY),
        future: Vec::new(),
    });
    scenario.supplies.extend(more);
    for supply in &mut scenario.supplies {
        supply.on_hand = Decimal::from(PLENTY);
    }
    scenario.items.extend((0..ITEMS).map(|number| Item {
        number: item(number),
        id: format!("9{number:03}"),
        description: String::new(),
        unit: "C62".to_owned(),
        price: Decimal::ONE,
        parts: Vec::new(),
    }));
    scenario
}
