//! The gateway under test: the real one, in this process, on ports of its own.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dom_gateway::config::{self, Config};
use dom_gateway::generation;
use dom_gateway::metrics::Metrics;
use dom_gateway::outside::Outside;
use dom_gateway::ready::{Ready, limits};
use dom_gateway::serve::Gateway;
use dom_gateway::stock::Stocks;
use gateway_exchange::{Interpreter, OPERATIONS};
use gateway_transport::listener::Drained;
use gateway_transport::sender::{Params, Sender};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The path of the only store's services.
pub(crate) const INVENTORY: &str = "/stores/nordlicht/InventoryServices";
/// The path of the only store's services.
pub(crate) const ORDERS: &str = "/stores/nordlicht/OrderServices";
/// The path the only DOM pushes to.
pub(crate) const EVENTS: &str = "/doms/sterling/events";

/// Every environment variable a configuration here may name, and the secret in it.
pub(crate) const SECRETS: &[(&str, &str)] = &[
    ("STORE_PASSWORD", "s3cret-of-the-store"),
    ("PUSH_PASSWORD", "s3cret-of-the-push"),
    ("INBOUND_PASSWORD", "s3cret-of-the-inbound"),
    ("DOM_PASSWORD", "s3cret-of-the-dom"),
];

/// The repository's mappings, with the usual limits; loaded once, because there are many gateways.
static OWN: OnceLock<Arc<Interpreter>> = OnceLock::new();

/// A limit that no test meets; a test that does has failed.
const NEVER: Duration = Duration::from_secs(120);

/// What is not as usual in a configuration of one store and one DOM. Each is a piece of TOML.
#[derive(Debug, Default, Clone)]
pub(crate) struct Settings {
    /// Base URL of the DOM.
    pub(crate) dom: String,
    /// Base URL of the store, if it takes pushes.
    pub(crate) store: Option<String>,
    /// Lines of `[listen]`.
    pub(crate) listen: String,
    /// Lines of `[limits]`.
    pub(crate) limits: String,
    /// Operations whose calls and attempts are limited, in milliseconds; all others have as much time as they want.
    pub(crate) deadlines: &'static [(&'static str, u32, u32)],
    /// Tables of the store.
    pub(crate) of_store: String,
    /// Where below it stock and orders are pushed to; `/inventory` and `/order` if empty.
    pub(crate) services: [&'static str; 2],
    /// Lines of the store's `[store.inbound]`, its credentials among them.
    pub(crate) of_inbound: String,
    /// The kind of connection; `interop` if empty.
    pub(crate) connection: String,
    /// Tables of the DOM.
    pub(crate) of_dom: String,
    /// Lines of the DOM's `[dom.push]`, its credentials among them.
    pub(crate) of_push: String,
    /// `[cache]` and its rules; nothing is cached if empty.
    pub(crate) cache: String,
    /// Further stores and DOMs.
    pub(crate) further: String,
    /// Another folder of mappings than the repository's.
    pub(crate) mappings: Option<PathBuf>,
}

/// A gateway that serves.
pub(crate) struct Running {
    pub(crate) data: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) served: JoinHandle<Drained>,
    /// What it knows of stock.
    pub(crate) stocks: Arc<Stocks>,
    /// Calls it.
    pub(crate) caller: Sender,
    _folder: TempDir,
}

// === impl Settings ===

impl Settings {
    /// A store that takes no pushes and a DOM at this base URL.
    pub(crate) fn of(dom: impl Into<String>) -> Self {
        Self { dom: dom.into(), ..Self::default() }
    }

    fn text(&self) -> String {
        let Self {
            dom,
            listen,
            limits: documents,
            of_store,
            of_inbound,
            of_dom,
            of_push,
            cache,
            further,
            ..
        } = self;
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
        let mappings = self.mappings.as_ref().unwrap_or(&own).display();
        let inbound = self.store.as_ref().map_or_else(String::new, |store| {
            let [inventory, order] = match self.services {
                ["", ""] => ["/inventory", "/order"],
                services => services,
            };
            format!(
                "[store.inbound]\ninventory = \"{store}{inventory}\"\norder = \"{store}{order}\"\n{of_inbound}"
            )
        });
        let (connection, path) = match self.connection.as_str() {
            "rest" => ("rest", "/smcfs/restapi"),
            _ => ("interop", "/smcfs/interop/InteropHttpServlet"),
        };
        let deadlines = self.deadline_lines();
        // An order is looked for at once: what a simulated DOM was at work on is done. The documents of the fixtures are old,
        // and no test that is not about it is to ask first.
        let verify = "[dom.verify]\nsettle_ms = 0\nlook_first = \"never\"\nrelease_first = \"never\"\n";
        let verify = if of_dom.contains("[dom.verify]") { "" } else { verify };
        // No balancer has to notice, unless a test is about it.
        let delay = if listen.contains("drain_delay_ms") { "" } else { "drain_delay_ms = 0\n" };
        // Waits between attempts are as short as they can be, and no attempt is saved.
        let retry = "[store.retry]\nfirst_delay_ms = 1\nlongest_delay_ms = 1\n";
        let limits = self.limits_of_dom();
        format!(
            "[listen]\naddress = \"127.0.0.1:0\"\n{delay}{listen}\n[admin]\naddress = \"127.0.0.1:0\"\n\
             [limits]\n{documents}\n{cache}\n[mappings]\nfolder = '{mappings}'\n\
             [[store]]\nname = \"nordlicht\"\ndialect = \"hcl-commerce\"\npath = \"/stores/nordlicht\"\n\
             ids = [\"11651\"]\ndom = \"sterling\"\n{deadlines}{retry}{inbound}\n{of_store}\n\
             [[dom]]\nname = \"sterling\"\ndialect = \"sterling\"\nconnection = \"{connection}\"\n\
             url = \"{dom}{path}\"\n{of_dom}\n{limits}{verify}[dom.push]\npath = \"{EVENTS}\"\n{of_push}\n{further}\n"
        )
    }

    /// Limits of what the DOM is asked, which no test meets that is not about them: a DOM that fails is asked all the same.
    fn limits_of_dom(&self) -> String {
        let usual = [
            ("[dom.breaker]", "enabled = false"),
            ("[dom.retry_budget]", "percent = 100\npercent_in_outage = 100\nfree_per_second = 1_000_000"),
            ("[dom.pool]", "concurrent = 100_000\nmost_waiting = 1_000_000"),
        ];
        let usual = usual.into_iter().filter(|(table, _)| !self.of_dom.contains(table));
        usual.map(|(table, lines)| format!("{table}\n{lines}\n")).collect()
    }

    /// `[store.deadlines]`: a slow machine must not fail a test that is not about time.
    fn deadline_lines(&self) -> String {
        let mut lines = "[store.deadlines]\n".to_owned();
        for operation in OPERATIONS {
            let name = operation.name();
            let limited = self.deadlines.iter().find(|(limited, ..)| *limited == name);
            let (_, call, attempt) = limited.copied().unwrap_or((name, 60_000, 60_000));
            writeln!(lines, "{name} = {{ call_ms = {call}, attempt_ms = {attempt} }}").unwrap();
        }
        lines
    }

    /// A gateway with these settings, ready to be served.
    pub(crate) fn ready(&self) -> Ready {
        let folder = tempfile::tempdir().unwrap();
        self.ready_in(&folder)
    }

    fn ready_in(&self, folder: &TempDir) -> Ready {
        let file = folder.path().join("config.toml");
        std::fs::write(&file, self.text()).unwrap();
        let environment = |name: &str| {
            SECRETS.iter().find(|(known, _)| *known == name).map(|(_, secret)| (*secret).to_owned())
        };
        if self.mappings.is_none() && self.limits.is_empty() {
            let loaded = config::load(&file, &environment);
            let shown = gateway_mapping::render(&loaded.diagnostics, &loaded.files, false);
            assert!(loaded.config.is_some(), "{shown}\n{}", self.text());
            let config = loaded.config.unwrap();
            let own = OWN.get_or_init(|| own_mappings(&config));
            let unfit = config.check_dialects("config.toml", own.mappings());
            assert!(unfit.is_empty(), "{}", gateway_mapping::render(&unfit, &[], false));
            let outside = Outside::of_this_machine();
            return Ready::within(outside, config, Arc::clone(own), Metrics::default()).unwrap();
        }
        let loaded = generation::load(&file, &environment);
        let shown = gateway_mapping::render(&loaded.diagnostics, &loaded.files, false);
        assert!(loaded.outcome.is_some(), "{shown}\n{}", self.text());
        Ready::new(loaded.outcome.unwrap(), Metrics::default()).unwrap()
    }

    /// Loads and serves a gateway with these settings.
    pub(crate) async fn run(&self) -> Running {
        let folder = tempfile::tempdir().unwrap();
        let ready = self.ready_in(&folder);
        let stocks = Arc::clone(&ready.stocks);
        let gateway = Gateway::open(ready).await.unwrap();
        let (data, admin) = gateway.addresses();
        let stop = CancellationToken::new();
        let served = tokio::spawn(gateway.serve(stop.clone()));
        let patient = Params { attempt_timeout: NEVER, ..Params::new("the gateway") };
        let caller = Sender::new(patient).unwrap();
        Running { data, admin, stop, served, stocks, caller, _folder: folder }
    }
}

fn own_mappings(config: &Config) -> Arc<Interpreter> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let mappings = generation::load_mappings(&folder).outcome.unwrap();
    Arc::new(Interpreter::new(mappings, config.zone.clone(), limits(&config.limits)).unwrap())
}

/// Fails the test if it takes for ever.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(NEVER, future).await.unwrap()
}
