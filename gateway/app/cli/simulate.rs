//! `simulate`: a DOM or a store to test against.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use gateway_mapping::Mappings;
use gateway_simulator::Scenario;
use gateway_simulator::dom::Dom;
use gateway_simulator::serve::{Clock, DomParams, DomServer, Pushes, StartError, StoreParams, StoreServer};
use gateway_simulator::store::Store;
use gateway_transport::sender::Address;
use jiff::tz::TimeZone;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::mappings;
use crate::cli::terminal::Terminal;
use crate::clock;
use crate::config::{Log, LogFormat};
use crate::log;
use crate::serve::told_to_stop;

/// Run a simulated DOM or store.
#[derive(Debug, Subcommand)]
pub(super) enum Simulate {
    Dom(SimulateDom),
    Store(SimulateStore),
}

/// Run a simulated DOM.
#[derive(Debug, Args)]
#[command(long_about = DOM_LONG, after_long_help = DOM_EXAMPLE)]
pub(super) struct SimulateDom {
    /// Where it listens; the default is the DOM that `config.toml` names.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9080")]
    address: SocketAddr,
    /// The URL it posts its events to.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/doms/sterling/events")]
    push: String,
    /// The folder of vocabulary and dialects.
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    mappings: PathBuf,
}

const DOM_LONG: &str = "Run a simulated DOM: a Sterling with stock, reservations and orders.

It speaks the sterling dialect by running its templates backwards, answers at the interop servlet's and the REST API's \
paths, and pushes created orders, order statuses, shipments and stock changes to the gateway. Orders and stock are moved by HTTP \
below `/control`; the lines for it are printed at the start. Everything is kept in memory and gone at the end.";

const DOM_EXAMPLE: &str = "Examples:
  dom-gateway simulate dom
  dom-gateway simulate dom --address 127.0.0.1:9080 --push http://127.0.0.1:8080/doms/sterling/events

Exit codes: 0 stopped as told; 2 the URL is none; 69 the address cannot be listened on; 78 the mappings have faults.";

/// Run a simulated store.
#[derive(Debug, Args)]
#[command(long_about = STORE_LONG, after_long_help = STORE_EXAMPLE)]
pub(super) struct SimulateStore {
    /// Where it listens; the default is the store that `config.toml` names.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8007")]
    address: SocketAddr,
    /// The URL of the gateway, up to the store's path.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/stores/nordlicht")]
    gateway: String,
    /// The folder of vocabulary and dialects.
    #[arg(long, value_name = "DIR", default_value = "mappings")]
    mappings: PathBuf,
}

const STORE_LONG: &str = "Run a simulated store: it behaves like the real outbound connector.

It sends the store's BODs one at a time per message type, tries again after a transport failure, holds off after a \
SOAP fault, and receives pushes at the paths of the real store's inbound services. What it sends is asked for by HTTP \
below `/control`; the lines for it are printed at the start. Everything is kept in memory and gone at the end.";

const STORE_EXAMPLE: &str = "Examples:
  dom-gateway simulate store
  dom-gateway simulate store --gateway http://127.0.0.1:8080/stores/nordlicht

Exit codes: 0 stopped as told; 2 the URL is none; 69 the address cannot be listened on; 78 the mappings have faults.";

/// The dialects of the two.
const DOM_DIALECT: &str = "sterling";
const STORE_DIALECT: &str = "hcl-commerce";

// === impl Simulate ===

impl Simulate {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        match self {
            Self::Dom(dom) => dom.run(terminal),
            Self::Store(store) => store.run(terminal),
        }
    }
}

// === impl SimulateDom ===

impl SimulateDom {
    fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let gateway = address("--push", &self.push)?;
        let mappings = prepare(&self.mappings, terminal)?;
        let dom = Dom::new(mappings.vocabulary(), scenario())
            .map_err(|missing| Failure::Configuration(missing.to_string()))?;
        let params =
            DomParams { pushes: Pushes::AtOnce, control: true, ..DomParams::new(self.address, DOM_DIALECT) };
        let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
        runtime.block_on(async {
            let server = DomServer::start(mappings, dom, params, clock()).await.map_err(failure)?;
            server.push_to(gateway, None);
            terminal.give(dom_lines(&server, &self.push).as_bytes())?;
            told_to_stop().await?;
            server.stop().await;
            Ok(Outcome::Fine)
        })
    }
}

fn dom_lines(server: &DomServer, push: &str) -> String {
    let url = format!("http://{}", server.address());
    format!(
        "simulated DOM on {url}, pushing to {push}

the gateway's `url`: {}

# move an order one step on (scheduled, released, in shipment, shipped), or cancel it
curl -s -X POST {url}/control/advance/845017
curl -s -X POST {url}/control/cancel/845017
# set stock; tell all stores of all stock
curl -s -d item=LAMP-0042-BRS -d node=MUC-Marienplatz -d quantity=25 {url}/control/stock
curl -s -X POST {url}/control/tell
# answer nobody any more, or everybody again
curl -s -X POST {url}/control/off
curl -s -X POST {url}/control/on

Ctrl-C ends it.
",
        server.interop_url()
    )
}

// === impl SimulateStore ===

impl SimulateStore {
    fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let gateway = address("--gateway", &self.gateway)?;
        let mappings = prepare(&self.mappings, terminal)?;
        let scenario = scenario();
        let profile = scenario.stores.first().cloned();
        let profile = profile.ok_or_else(|| anyhow::anyhow!("the simulators' world has no store"))?;
        let store = Store::new(mappings.vocabulary(), scenario, profile)
            .map_err(|missing| Failure::Configuration(missing.to_string()))?;
        let params = StoreParams { control: true, ..StoreParams::new(self.address, STORE_DIALECT) };
        let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
        runtime.block_on(async {
            let server = StoreServer::start(mappings, store, params, clock()).await.map_err(failure)?;
            server.connect(gateway);
            terminal.give(store_lines(&server, &self.gateway).as_bytes())?;
            told_to_stop().await?;
            server.stop().await;
            Ok(Outcome::Fine)
        })
    }
}

fn store_lines(server: &StoreServer, gateway: &str) -> String {
    let url = format!("http://{}", server.address());
    format!(
        "simulated store on {url}, calling {gateway}

takes pushes at: {}
                 {}

# ask for stock
curl -s -d item=LAMP-0042-BRS -d item=RUG-1187-GRN -d at=NordlichtShop -d at=ZRH-Bahnhofstrasse {url}/control/browse
# fill a cart (the answer names the order), then send calls about it one by one
curl -s -d 'line=KIT-DESK-09*1' -d 'line=LAMP-0042-BRS*1@MUC-Marienplatz' {url}/control/cart
curl -s -X POST {url}/control/check/845017
curl -s -X POST {url}/control/reserve/845017
curl -s -X POST {url}/control/cancel/845017
curl -s -X POST {url}/control/transfer/845017
curl -s -X POST {url}/control/decrement/845017
curl -s -X POST {url}/control/details/845017
curl -s -X POST {url}/control/history
# fill, reserve, transfer and decrement in one go
curl -s -d 'line=LAMP-0042-BRS*2' {url}/control/checkout
# what the store knows of its orders, and was told of stock
curl -s {url}/control/orders
curl -s {url}/control/stock

Ctrl-C ends it.
",
        server.inventory_url(),
        server.order_url()
    )
}

/// Loads the mappings and begins the log: one line per call on standard error.
fn prepare(folder: &Path, terminal: &mut Terminal) -> Result<Arc<Mappings>, Failure> {
    let mappings = mappings::load(folder, terminal)?;
    log::begin(&Log { format: LogFormat::Text, level: "info" })?;
    Ok(Arc::new(mappings))
}

fn scenario() -> Scenario {
    Scenario::demo(clock::now().to_zoned(TimeZone::UTC).date())
}

fn clock() -> Clock {
    Arc::new(clock::now)
}

fn address(option: &str, url: &str) -> Result<Address, Failure> {
    url.parse().map_err(|bad| Failure::Usage(format!("`{option}` is no address: {bad}")))
}

fn failure(error: StartError) -> Failure {
    match error {
        StartError::UnknownDialect { .. } | StartError::Words(_) => Failure::Configuration(error.to_string()),
        StartError::Bind { .. } | StartError::Listen(_) | StartError::Sender(_) => {
            Failure::Unavailable(format!("{:#}", anyhow::Error::from(error)))
        }
    }
}
