//! What the journey goes through: a gateway process, a DOM and a store around it, all on free ports of this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_mapping::Mappings;
use gateway_operation::views::Views;
use gateway_simulator::dom::Dom;
use gateway_simulator::serve::{self, Clock, DomParams, DomServer, StoreParams, StoreServer};
use gateway_simulator::store::Store;
use gateway_simulator::{MissingWords, Scenario};
use gateway_transport::sender::{Address, BadAddress};
use jiff::tz::TimeZone;
use tempfile::TempDir;

use crate::clock;
use crate::demo::configuration::{self, DOM_DIALECT, Ends, PUSH_PATH, STORE_DIALECT, STORE_PATH};
use crate::demo::gateway_process::{Ended, GatewayProcess, ProcessFault};
use crate::demo::operator::{Operator, OperatorFault};

/// Why the demo cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SettingFault {
    /// The vocabulary lacks what the simulators work with.
    #[error(transparent)]
    Vocabulary(#[from] MissingWords),
    /// The vocabulary lacks what the gateway works with.
    #[error("the vocabulary does not fit the gateway: {0}")]
    Views(String),
    /// A field that orders are to have does not exist.
    #[error("{0}")]
    Field(String),
    /// The demo's world has no store.
    #[error("the demo's world has no store")]
    NoStore,
    /// The folder for the gateway's configuration cannot be made or written.
    #[error("the folder for the gateway's configuration cannot be written: {0}")]
    Folder(#[from] io::Error),
    /// A simulator cannot be started.
    #[error(transparent)]
    Simulator(#[from] serve::StartError),
    /// An address that was made here is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The gateway cannot be started.
    #[error(transparent)]
    Gateway(#[from] ProcessFault),
    /// Its admin listener cannot be asked.
    #[error(transparent)]
    Operator(#[from] OperatorFault),
}

/// The three, running.
#[derive(Debug)]
pub struct Setting {
    /// The DOM.
    pub(super) dom: DomServer,
    /// The store.
    pub(super) store: StoreServer,
    /// How records are looked at.
    pub(super) views: Views,
    pub(super) gateway: GatewayProcess,
    /// Who looks after the gateway.
    pub(super) operator: Operator,
    /// Removed with everything in it when this is dropped.
    folder: TempDir,
}

// === impl Setting ===

impl Setting {
    /// Starts all three. `program` is what is run as the gateway, `folder` where the mappings are, `fields` what every
    /// order says in fields of its own (`order.gift_message` and the text).
    ///
    /// # Errors
    /// What cannot be started; nothing of it is left then.
    pub async fn start(
        program: &Path,
        mappings: Mappings,
        folder: &Path,
        fields: &[(String, String)],
    ) -> Result<Self, SettingFault> {
        let mappings = Arc::new(mappings);
        let views = Views::bind(mappings.vocabulary()).map_err(|missing| {
            let missing = missing.iter().map(ToString::to_string).collect::<Vec<_>>();
            SettingFault::Views(missing.join("; "))
        })?;
        let folder = std::path::absolute(folder)?;
        let scenario = Scenario::demo(clock::now().to_zoned(TimeZone::UTC).date());
        let (dom, store) = start_ends(Arc::clone(&mappings), scenario).await?;
        for (path, text) in fields {
            store
                .with(|store| store.add_to_orders(mappings.vocabulary(), path, text))
                .map_err(SettingFault::Field)?;
        }
        let place = tempfile::Builder::new().prefix("dom-gateway-demo-").tempdir()?;
        let config = place.path().join("config.toml");
        std::fs::write(&config, configuration::text(&folder, &ends(&dom, &store)))?;
        let gateway = GatewayProcess::start(program, &config).await?;
        store.connect(address(gateway.address, STORE_PATH)?);
        dom.push_to(address(gateway.address, PUSH_PATH)?, None);
        let operator = Operator::new(gateway.admin)?;
        Ok(Self { dom, store, views, gateway, operator, folder: place })
    }

    /// Where stores and DOMs call the gateway, where operators look at it, where DOM and store are.
    #[must_use]
    pub fn addresses(&self) -> [(&'static str, SocketAddr); 4] {
        [
            ("gateway", self.gateway.address),
            ("admin", self.gateway.admin),
            ("DOM", self.dom.address()),
            ("store", self.store.address()),
        ]
    }

    /// The gateway's log since this was last asked.
    #[must_use]
    pub fn take_log(&self) -> Vec<String> {
        self.gateway.take_log()
    }

    /// From now on the DOM pushes by itself.
    pub fn let_the_dom_push(&mut self) {
        self.dom.push_at_once();
    }

    /// Writes a document into the demo's folder, to be used by hand; it is removed with the folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_document(&self, name: &str, document: &str) -> io::Result<PathBuf> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, document)?;
        Ok(path)
    }

    /// Ends all three, the gateway first, and says how it ended. The folder is removed.
    pub async fn stop(self) -> Ended {
        let ended = self.gateway.stop().await;
        self.store.stop().await;
        self.dom.stop().await;
        ended
    }
}

/// Starts DOM and store on free ports.
async fn start_ends(
    mappings: Arc<Mappings>,
    scenario: Scenario,
) -> Result<(DomServer, StoreServer), SettingFault> {
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let clock: Clock = Arc::new(clock::now);
    let profile = scenario.stores.first().cloned().ok_or(SettingFault::NoStore)?;
    let dom = Dom::new(mappings.vocabulary(), scenario.clone())?;
    let store = Store::new(mappings.vocabulary(), scenario, profile)?;
    let params = DomParams { control: true, ..DomParams::new(free, DOM_DIALECT) };
    let dom = DomServer::start(Arc::clone(&mappings), dom, params, Arc::clone(&clock)).await?;
    let params = StoreParams { control: true, ..StoreParams::new(free, STORE_DIALECT) };
    let store = StoreServer::start(mappings, store, params, clock).await?;
    Ok((dom, store))
}

fn ends(dom: &DomServer, store: &StoreServer) -> Ends {
    Ends {
        dom: dom.interop_url(),
        inventory: store.inventory_url(),
        order: store.order_url(),
        store_id: store.with(|store| store.profile().id.clone()),
    }
}

fn address(gateway: SocketAddr, path: &str) -> Result<Address, BadAddress> {
    format!("http://{gateway}{path}").parse()
}
