//! The simulated store on a port: it takes what is pushed, and calls the gateway for its shopper.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use gateway_mapping::Mappings;
use gateway_transport::credentials::{self, Credentials};
use gateway_transport::sender::{Address, Params, Sender, Way};
use gateway_wire::soap::{self, Form, SoapFault, UsernameToken};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use jiff::tz::TimeZone;
use tokio::sync::Semaphore;

use super::journal::{Entry, Journal};
use super::mishap::Mishaps;
use super::relay::Cuts;
use super::script::{Called, Script, Shows, Trouble};
use super::site::{self, Reply, Site, StartError};
use super::speaker::{Heard, Speaker};
use super::ways::Ways;
use super::{Clock, store_control};
use crate::scenario::Login;
use crate::store::{Connector, ConnectorHabits, MessageType, Store};

/// Where the services that take pushes are (contract store section 1).
const INVENTORY: &str = "/webapp/wcs/component/inventory/services/InventoryServices";
const ORDER: &str = "/webapp/wcs/component/order/services/OrderServices";

/// What a simulated store is told at its start.
#[derive(Debug, Clone)]
pub struct StoreParams {
    /// Where to listen; port 0 takes any free one.
    pub address: SocketAddr,
    /// The dialect it speaks.
    pub dialect: String,
    /// How its outbound connector behaves.
    pub habits: ConnectorHabits,
    /// Who may push, by HTTP basic or WS-Security user name token; `None` for anybody.
    pub inbound: Option<Login>,
    /// With which credentials it calls the gateway.
    pub outbound: Outbound,
    /// How long it waits for an answer.
    pub timeout: Duration,
    /// How many calls of one message type it makes beside each other.
    pub parallel: usize,
    /// Whether it can be made to act by HTTP below `/control`.
    pub control: bool,
}

/// How a store shows who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outbound {
    /// Not at all.
    Nameless,
    /// By HTTP basic.
    Basic(Login),
    /// By a WS-Security user name token with the password as text.
    UsernameToken(Login),
}

/// A running store. Dropping it leaves the port to the runtime; [`StoreServer::stop`] closes it.
#[derive(Debug)]
pub struct StoreServer {
    pub(super) shared: Arc<StoreShared>,
    /// `None` without a port.
    site: Option<Site>,
}

/// What its calls share.
pub(super) struct StoreShared {
    pub(super) speaker: Speaker,
    pub(super) sender: Arc<dyn Way>,
    pub(super) gateways: Mutex<Ways>,
    pub(super) connector: Mutex<Connector>,
    /// So many calls at a time of each message type as its settings say.
    pub(super) turns: [(MessageType, Semaphore); 3],
    pub(super) clock: Clock,
    pub(super) params: StoreParams,
    store: Mutex<Store>,
    script: Script,
    pub(super) mishaps: Mutex<Option<Mishaps>>,
    journal: Journal,
    cuts: Cuts,
}

// === impl StoreParams ===

impl StoreParams {
    /// A store on this address that takes pushes from anybody and calls without credentials.
    #[must_use]
    pub fn new(address: SocketAddr, dialect: &str) -> Self {
        Self {
            address,
            dialect: dialect.to_owned(),
            habits: ConnectorHabits::default(),
            inbound: None,
            outbound: Outbound::Nameless,
            timeout: Duration::from_secs(10),
            parallel: 1,
            control: false,
        }
    }
}

// === impl StoreServer ===

impl StoreServer {
    /// Starts a store.
    ///
    /// # Errors
    /// The port is not to be had, or the mappings have no such dialect.
    pub async fn start(
        mappings: Arc<Mappings>,
        store: Store,
        params: StoreParams,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let sender = Sender::new(Params { attempt_timeout: params.timeout, ..Params::new("gateway") })?;
        let mut server = Self::without_port(mappings, store, params, (clock, Arc::new(sender)))?;
        let shared = &server.shared;
        let serving = Arc::clone(shared);
        let serve = move |request| Arc::clone(&serving).serve(request);
        server.site = Some(Site::start(shared.params.address, shared.cuts.clone(), serve).await?);
        Ok(server)
    }

    /// A store that is told by [`StoreServer::answer`] and calls by this way, which decides how long it waits.
    ///
    /// # Errors
    /// The mappings have no such dialect.
    pub fn without_port(
        mappings: Arc<Mappings>,
        store: Store,
        params: StoreParams,
        (clock, sender): (Clock, Arc<dyn Way>),
    ) -> Result<Self, StartError> {
        let types = [MessageType::Inventory, MessageType::Order, MessageType::GetOrder];
        let shared = Arc::new(StoreShared {
            speaker: Speaker::new(mappings, &params.dialect, TimeZone::UTC)?,
            sender,
            gateways: Mutex::default(),
            connector: Mutex::new(Connector::new(params.habits)),
            turns: types.map(|message_type| (message_type, Semaphore::new(params.parallel))),
            clock,
            params,
            store: Mutex::new(store),
            script: Script::default(),
            mishaps: Mutex::default(),
            journal: Journal::default(),
            cuts: Cuts::default(),
        });
        Ok(Self { shared, site: None })
    }

    /// Takes a push that came by no port. How an answer is cut short, if it is, stands in its extensions ([`Cut`]).
    ///
    /// [`Cut`]: super::Cut
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        Arc::clone(&self.shared).serve(request).await
    }

    /// The address its services for pushes are at; without a port, the one it was to have.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.site.as_ref().map_or(self.shared.params.address, Site::address)
    }

    /// The URL of the service that takes stock.
    #[must_use]
    pub fn inventory_url(&self) -> String {
        format!("http://{}{INVENTORY}", self.address())
    }

    /// The URL of the service that takes order states.
    #[must_use]
    pub fn order_url(&self) -> String {
        format!("http://{}{ORDER}", self.address())
    }

    /// Where its calls go from now on: the address below which the services `InventoryServices` and `OrderServices`
    /// are.
    pub fn connect(&self, gateway: Address) {
        self.connect_all(vec![gateway]);
    }

    /// Where its calls go from now on, to each in turn, as through a balancer: also what is sent again.
    pub fn connect_all(&self, gateways: Vec<Address>) {
        self.shared.gateways.lock().unwrap_or_else(PoisonError::into_inner).set(gateways);
    }

    /// How its connector behaves.
    #[must_use]
    pub fn habits(&self) -> ConnectorHabits {
        self.shared.params.habits
    }

    /// The next so many connections are reset before anything of them is read.
    pub fn reset_next(&self, connections: usize) {
        self.site.iter().for_each(|site| site.reset_next(connections, None));
    }

    /// The same, but each connection is held first, as a call is, until [`Script::release`] lets it go.
    pub fn reset_next_held(&self, connections: usize) {
        self.site.iter().for_each(|site| site.reset_next(connections, Some(self.script().clone())));
    }

    /// What goes wrong with pushes, by operation, and how many came.
    #[must_use]
    pub fn script(&self) -> &Script {
        &self.shared.script
    }

    /// From now on this decides what befalls the store's own calls below its connector; with none, nothing does.
    pub fn set_mishaps(&self, mishaps: Option<Mishaps>) {
        *self.shared.mishaps.lock().unwrap_or_else(PoisonError::into_inner) = mishaps;
    }

    /// What it was told and answered lately.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Looks at the state, or changes it.
    pub fn with<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        self.shared.with(change)
    }

    /// Closes the port and waits until all calls have ended.
    pub async fn stop(self) {
        if let Some(site) = self.site {
            site.stop().await;
        }
    }
}

// === impl StoreShared ===

impl std::fmt::Debug for StoreShared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StoreShared").field("params", &self.params).finish_non_exhaustive()
    }
}

impl StoreShared {
    pub(super) fn with<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        change(&mut self.store.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn serve(self: Arc<Self>, request: Request<Bytes>) -> Response<Bytes> {
        if self.params.control
            && let Some(response) = store_control::serve(&self, &request).await
        {
            return response;
        }
        if request.method() == Method::GET {
            return site::plain(StatusCode::OK, "simulated store\n");
        }
        if !matches!(request.uri().path(), INVENTORY | ORDER) {
            return site::plain(StatusCode::NOT_FOUND, "no such service\n");
        }
        self.told(&request).await
    }

    /// Takes a push, as far as the script lets it.
    async fn told(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let heard = self.speaker.hear(request.body(), charset(request));
        let token = heard.as_ref().ok().and_then(|heard| heard.token.as_ref());
        if !self.params.inbound.as_ref().is_none_or(|login| may_push(login, request.headers(), token)) {
            return site::plain(StatusCode::UNAUTHORIZED, "not authorized\n");
        }
        let operation = heard.as_ref().map_or("", |heard| heard.operation.as_str());
        let subject = heard.as_ref().map(|heard| self.subject_of(heard)).unwrap_or_default();
        let trouble = self.script.next(Called { operation, api: "", subject: &subject, lines: 1 });
        let acts = trouble.as_ref().is_none_or(Trouble::acts);
        let fault = trouble.as_ref().and_then(|trouble| match trouble.shows() {
            Shows::Errors { code, description } => Some(format!("{code}: {description}")),
            _ => None,
        });
        let confirmed = match &heard {
            Ok(heard) if acts => self.confirm(heard),
            Ok(_) => Ok(Vec::new()),
            Err(misheard) => Err(misheard.to_string()),
        };
        let form = heard.as_ref().map_or(Form::Soap11, |heard| heard.form);
        let reply = match fault.map_or(confirmed, Err) {
            Ok(body) => Reply::xml(StatusCode::OK, body),
            Err(text) => Reply::xml(StatusCode::INTERNAL_SERVER_ERROR, fault_document(form, text)),
        };
        let response = reply.show(trouble.as_ref(), &self.script, &self.cuts, site::peer_of(request)).await;
        let status = response.status().as_u16();
        tracing::info!(%operation, status, "told");
        self.journal.add(Entry {
            name: operation.to_owned(),
            question: String::from_utf8_lossy(request.body()).into_owned(),
            status,
            answer: String::from_utf8_lossy(response.body()).into_owned(),
        });
        response
    }

    /// The order a push is about; empty if it is about none.
    fn subject_of(&self, heard: &Heard) -> String {
        self.with(|store| {
            let words = store.words();
            let orders = match heard.operation.as_str() {
                "order_sync" | "order_created" => heard.record.list(words.order_sync_request.orders),
                _ => &[],
            };
            orders.first().and_then(|order| order.text(words.order.id)).unwrap_or_default().to_owned()
        })
    }

    /// Takes a push and gives the document that confirms or refuses it.
    fn confirm(&self, heard: &Heard) -> Result<Vec<u8>, String> {
        let now = (self.clock)();
        let record = self.with(|store| store.take(&heard.operation, &heard.record, now));
        let document = self.speaker.answer(heard, &record).map_err(|misheard| misheard.to_string())?;
        let mut body = Vec::new();
        soap::wrap(heard.form, None, |out| out.extend_from_slice(&document), &mut body);
        Ok(body)
    }
}

/// Whether a push shows a login, by HTTP basic or by a user name token.
fn may_push(login: &Login, headers: &HeaderMap, token: Option<&UsernameToken>) -> bool {
    let expected = Credentials::new(&*login.user, &*login.password);
    let by_basic =
        credentials::read_basic(headers).is_some_and(|given| credentials::matches(&expected, &given));
    let by_token = token.is_some_and(|token| token.is_for(&login.user) && token.verify(&login.password));
    by_basic || by_token
}

fn fault_document(form: Form, text: String) -> Vec<u8> {
    let fault = SoapFault { side: soap::Side::Client, text, actor: None, details: Vec::new() };
    let mut body = Vec::new();
    soap::fault(form, &fault, &mut body);
    body
}

fn charset(request: &Request<Bytes>) -> Option<&str> {
    let content_type = request.headers().get(http::header::CONTENT_TYPE)?.to_str().ok()?;
    let (_, charset) = content_type.split_once("charset=")?;
    Some(charset.split(';').next().unwrap_or_default().trim().trim_matches('"'))
}
