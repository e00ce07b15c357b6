//! The simulated DOM on a port: Sterling's interop servlet and REST, its events pushed to the gateway.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gateway_mapping::Mappings;
use gateway_model::{FieldId, Record};
use gateway_transport::credentials::{self, Credentials};
use gateway_transport::sender::{Address, Params, Sender, Way as Sending};
use http::{Method, Request, Response, StatusCode};
use jiff::tz::TimeZone;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use super::capacity::{Capacity, Overloaded, Places};
use super::delivery::{Delivery, Waiting};
use super::interop::{Call, SERVLET, Way};
use super::journal::{Entry, Journal};
use super::relay::Cuts;
use super::script::{Called, Script, Shows, Trouble};
use super::site::{self, Reply, Site, StartError};
use super::speaker::{Heard, Speaker};
use super::ways::Ways;
use super::{Clock, control};
use crate::dom::{Dom, Event, Refused};

/// What a simulated DOM is told at its start.
#[derive(Debug, Clone)]
pub struct DomParams {
    /// Where to listen; port 0 takes any free one.
    pub address: SocketAddr,
    /// The dialect it speaks.
    pub dialect: String,
    /// Who is let in.
    pub access: Access,
    /// When events are pushed.
    pub pushes: Pushes,
    /// Whether orders and stock can be moved by HTTP below `/control`.
    pub control: bool,
}

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// Who shows a valid token or password.
    Login,
}

/// When events are pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushes {
    /// By [`DomServer::deliver`] only.
    WhenAsked,
    /// As soon as there are any.
    AtOnce,
}

/// A running DOM. Dropping it leaves the port to the runtime; [`DomServer::stop`] closes it.
#[derive(Debug)]
pub struct DomServer {
    shared: Arc<Shared>,
    /// `None` without a port.
    site: Option<Site>,
    pushing: Option<JoinHandle<()>>,
}

/// What its calls share.
pub(crate) struct Shared {
    pub(crate) speaker: Speaker,
    pub(crate) sender: Arc<dyn Sending>,
    pub(crate) waiting: Mutex<Waiting>,
    pub(crate) gateways: Mutex<Ways>,
    pub(crate) credentials: Mutex<Option<Credentials>>,
    /// One delivery at a time: events of one order keep their order.
    pub(crate) delivering: Semaphore,
    pub(crate) clock: Clock,
    dom: Mutex<Dom>,
    script: Script,
    journal: Journal,
    cuts: Cuts,
    params: DomParams,
    places: Places,
    changed: Notify,
}

// === impl DomParams ===

impl DomParams {
    /// A DOM open to everybody, on this address, that pushes when asked.
    #[must_use]
    pub fn new(address: SocketAddr, dialect: &str) -> Self {
        Self {
            address,
            dialect: dialect.to_owned(),
            access: Access::Open,
            pushes: Pushes::WhenAsked,
            control: false,
        }
    }
}

// === impl DomServer ===

impl DomServer {
    /// Starts a DOM.
    ///
    /// # Errors
    /// The port is not to be had, or the mappings have no such dialect.
    pub async fn start(
        mappings: Arc<Mappings>,
        dom: Dom,
        params: DomParams,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let sender = Arc::new(Sender::new(Params::new("gateway"))?);
        let mut server = Self::without_port(mappings, dom, params, (clock, sender))?;
        let shared = &server.shared;
        let serving = Arc::clone(shared);
        let serve = move |request| Arc::clone(&serving).serve(request);
        server.site = Some(Site::start(shared.params.address, shared.cuts.clone(), serve).await?);
        if server.shared.params.pushes == Pushes::AtOnce {
            server.push_at_once();
        }
        Ok(server)
    }

    /// A DOM that is called by [`DomServer::answer`] and pushes by this way, when asked.
    ///
    /// # Errors
    /// The mappings have no such dialect.
    pub fn without_port(
        mappings: Arc<Mappings>,
        dom: Dom,
        params: DomParams,
        (clock, sender): (Clock, Arc<dyn Sending>),
    ) -> Result<Self, StartError> {
        let zone: TimeZone = dom.scenario().zone.clone();
        let shared = Arc::new(Shared {
            speaker: Speaker::new(mappings, &params.dialect, zone)?,
            sender,
            waiting: Mutex::default(),
            gateways: Mutex::default(),
            credentials: Mutex::default(),
            delivering: Semaphore::new(1),
            clock,
            dom: Mutex::new(dom),
            script: Script::default(),
            journal: Journal::default(),
            cuts: Cuts::default(),
            params,
            places: Places::default(),
            changed: Notify::new(),
        });
        Ok(Self { shared, site: None, pushing: None })
    }

    /// Answers a call that came by no port. How an answer is cut short, if it is, stands in its extensions ([`Cut`]).
    ///
    /// [`Cut`]: super::Cut
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        Arc::clone(&self.shared).serve(request).await
    }

    /// The address callers use; without a port, the one it was to have.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.site.as_ref().map_or(self.shared.params.address, Site::address)
    }

    /// The URL of its interop servlet.
    #[must_use]
    pub fn interop_url(&self) -> String {
        format!("http://{}{SERVLET}", self.address())
    }

    /// From now on events are pushed as soon as there are any.
    pub fn push_at_once(&mut self) {
        let shared = Arc::clone(&self.shared);
        self.pushing.get_or_insert_with(|| tokio::spawn(async move { shared.push_forever().await }));
    }

    /// Where events are pushed from now on, and with which credentials (HTTP basic).
    pub fn push_to(&self, gateway: Address, credentials: Option<Credentials>) {
        *self.shared.credentials.lock().unwrap_or_else(PoisonError::into_inner) = credentials;
        self.push_to_all(vec![gateway]);
    }

    /// Where events are pushed from now on, to each in turn.
    pub fn push_to_all(&self, gateways: Vec<Address>) {
        self.shared.gateways.lock().unwrap_or_else(PoisonError::into_inner).set(gateways);
        self.shared.changed.notify_one();
    }

    /// Opens its port, or closes it: then connections are refused, and those there are end at once.
    pub fn set_open(&self, open: bool) {
        self.site.iter().for_each(|site| site.set_open(open));
    }

    /// The next so many connections are reset before anything of them is read.
    pub fn reset_next(&self, connections: usize) {
        self.site.iter().for_each(|site| site.reset_next(connections, None));
    }

    /// The same, but each connection is held first, as a call is, until [`Script::release`] lets it go.
    pub fn reset_next_held(&self, connections: usize) {
        self.site.iter().for_each(|site| site.reset_next(connections, Some(self.script().clone())));
    }

    /// From now on it can do so much; with none, anything.
    pub fn set_capacity(&self, capacity: Option<Capacity>) {
        self.shared.places.set(capacity);
    }

    /// Pushes one event, once, for whoever sees to order and repetition itself.
    pub async fn tell(&self, event: &Event) -> Delivery {
        self.shared.tell(event).await
    }

    /// What goes wrong, and how often what was called.
    #[must_use]
    pub fn script(&self) -> &Script {
        &self.shared.script
    }

    /// What it was asked and answered lately.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Looks at the state, or changes it.
    pub fn with<T>(&self, change: impl FnOnce(&mut Dom) -> T) -> T {
        let changed = self.shared.with(change);
        self.shared.changed.notify_one();
        changed
    }

    /// Pushes everything there is to tell, in order; what is not taken stays, and all later events of its subject with
    /// it.
    pub async fn deliver(&self) -> Vec<Delivery> {
        self.shared.deliver().await
    }

    /// Closes the port and waits until all calls have ended.
    pub async fn stop(self) {
        if let Some(pushing) = &self.pushing {
            pushing.abort();
        }
        if let Some(site) = self.site {
            site.stop().await;
        }
    }
}

// === impl Shared ===

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").field("params", &self.params).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut Dom) -> T) -> T {
        change(&mut self.dom.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    /// Something may have to be pushed.
    pub(crate) fn changed(&self) {
        self.changed.notify_one();
    }

    /// Waits until something may have to be pushed.
    pub(crate) async fn wait_for_change(&self) {
        self.changed.notified().await;
    }

    async fn serve(self: Arc<Self>, request: Request<Bytes>) -> Response<Bytes> {
        if self.params.control
            && let Some(response) = control::serve(&self, &request)
        {
            return response;
        }
        if request.method() == Method::GET {
            return site::plain(StatusCode::OK, "simulated DOM\n");
        }
        let Some(call) = Call::of(&request) else {
            return site::plain(StatusCode::NOT_FOUND, "no such servlet\n");
        };
        let heard = self.speaker.hear(&call.input, call.charset.as_deref());
        let operation = heard.as_ref().map_or("", |heard| heard.operation.as_str());
        let lines = heard.as_ref().map_or(0, |heard| self.lines_of(heard));
        let subject = heard.as_ref().map(|heard| self.subject_of(heard)).unwrap_or_default();
        let trouble = self.script.next(Called { operation, api: &call.api, subject: &subject, lines });
        // What goes wrong anyway takes no place from others. The place is given back with the answer.
        let place = match &trouble {
            None => Some(self.places.take().await),
            Some(_) => None,
        };
        let is_overloaded = matches!(place, Some(Err(Overloaded)));
        let trouble = trouble.or_else(|| is_overloaded.then(|| Trouble::instead(Shows::Status(503))));
        if let Some(delay) = trouble.as_ref().map(Trouble::delay).filter(|delay| !delay.is_zero()) {
            tokio::time::sleep(delay).await;
        }
        if let (true, Ok(heard)) = (trouble.as_ref().is_some_and(Trouble::acts_twice), &heard) {
            // Nobody hears of the first time.
            let _ = self.act(&call, heard);
        }
        if let (true, Ok(heard)) = (trouble.as_ref().is_some_and(Trouble::acts_late), &heard) {
            tokio::spawn(Arc::clone(&self).act_late(call.clone(), heard.clone()));
        }
        let outcome = match (&trouble, &heard) {
            (Some(trouble), _) if !trouble.acts() => Err(scripted(trouble)),
            (_, Ok(heard)) => self.act(&call, heard),
            (_, Err(misheard)) if misheard.is_unmapped_value() => Err(Refused::UnknownOrganization),
            (_, Err(misheard)) => {
                tracing::debug!(api = %call.api, %misheard, "input not understood");
                Err(Refused::BadInput)
            }
        };
        let outcome = match &trouble {
            Some(trouble) if matches!(trouble.shows(), Shows::Errors { .. }) => Err(scripted(trouble)),
            _ => outcome,
        };
        self.changed.notify_one();
        let refused = outcome.as_ref().err().map(Refused::code).map(ToOwned::to_owned);
        let reply = self.reply(call.way, heard.as_ref().ok(), outcome);
        let response = reply.show(trouble.as_ref(), &self.script, &self.cuts, site::peer_of(&request)).await;
        let is_dropped = trouble.is_some_and(|trouble| *trouble.shows() == Shows::Dropped);
        self.note(call, Some(&response).filter(|_| !is_dropped), refused.as_deref());
        response
    }

    /// Carries a call out when the script lets it.
    async fn act_late(self: Arc<Self>, call: Call, heard: Heard) {
        self.script.hold().await;
        // Nobody waits for the answer any more.
        let _ = self.act(&call, &heard);
        self.changed.notify_one();
    }

    /// Keeps a call for whoever wants to look at it, and logs it. Without a response nothing was to go back.
    fn note(&self, call: Call, response: Option<&Response<Bytes>>, refused: Option<&str>) {
        let status = response.map_or(0, |response| response.status().as_u16());
        match refused {
            _ if response.is_none() => tracing::info!(api = %call.api, "not answered"),
            None => tracing::info!(api = %call.api, status, "answered"),
            Some(code) => tracing::info!(api = %call.api, status, code, "refused"),
        }
        self.journal.add(Entry {
            name: call.api,
            question: String::from_utf8_lossy(&call.input).into_owned(),
            status,
            answer: response
                .map(|response| String::from_utf8_lossy(response.body()).into_owned())
                .unwrap_or_default(),
        });
    }

    fn act(&self, call: &Call, heard: &Heard) -> Result<Record<'static>, Refused> {
        if heard.api.as_deref().is_some_and(|api| api != call.api) {
            return Err(Refused::UnknownApi);
        }
        let now = (self.clock)();
        self.with(|dom| {
            if heard.operation != "login" && self.params.access == Access::Login && !is_let_in(dom, call) {
                return Err(Refused::NotAuthenticated);
            }
            dom.answer(&heard.operation, &heard.record, now)
        })
    }

    fn reply(&self, way: Way, heard: Option<&Heard>, outcome: Result<Record<'static>, Refused>) -> Reply {
        let answered = match (outcome, heard) {
            (Ok(record), Some(heard)) => {
                let written = self.speaker.answer(heard, &record);
                written.map(|document| (StatusCode::OK, document)).map_err(|misheard| {
                    tracing::warn!(operation = %heard.operation, %misheard, "answer not written");
                    Refused::BadInput
                })
            }
            (Err(refused), _) => Err(refused),
            (Ok(_), None) => Err(Refused::BadInput),
        };
        let (status, document) = answered.unwrap_or_else(|refused| {
            let status = match refused {
                Refused::NotAuthenticated => way.unauthenticated(),
                _ => way.refused(),
            };
            let record = self.with(|dom| dom.refusal(&refused));
            (status, self.speaker.refuse(&record).unwrap_or_default())
        });
        let mut body = br#"<?xml version="1.0" encoding="UTF-8"?>"#.to_vec();
        body.push(b'\n');
        body.extend_from_slice(&document);
        Reply::xml(status, body)
    }

    /// The store's id of the order a request is about; empty if it is about none.
    fn subject_of(&self, heard: &Heard) -> String {
        self.with(|dom| {
            let words = dom.words();
            let record = &heard.record;
            let order = match heard.operation.as_str() {
                "reserve" | "cancel_reservation" => record.record(words.requirement_request.order),
                "transfer" => record.record(words.transfer_request.order),
                _ => None,
            };
            let id = order.and_then(|order| order.text(words.order.number).or(order.text(words.order.id)));
            let id = id.or_else(|| match heard.operation.as_str() {
                "details" => {
                    record.text(words.orders_request.order_id).or(record.text(words.orders_request.key))
                }
                _ => None,
            });
            id.map(|id| id.strip_prefix("WC_").unwrap_or(id).to_owned()).unwrap_or_default()
        })
    }

    /// Lines of a request: what it asks, reserves, gives back or orders.
    fn lines_of(&self, heard: &Heard) -> u64 {
        self.with(|dom| {
            let words = dom.words();
            let lists: &[FieldId] = match heard.operation.as_str() {
                "availability" => &[words.availability_request.lines],
                "reserve" => &[words.requirement_request.promises],
                "cancel_reservation" => &[words.requirement_request.cancellations],
                _ => &[],
            };
            let order = heard.record.record(words.transfer_request.order);
            let ordered = match heard.operation.as_str() {
                "transfer" => order.map_or(0, |order| order.list(words.order.lines).len()),
                _ => 0,
            };
            let listed: usize = lists.iter().map(|field| heard.record.list(*field).len()).sum();
            u64::try_from(listed + ordered).unwrap_or(u64::MAX)
        })
    }
}

/// Whether a call shows a token, a password or basic credentials the DOM knows.
fn is_let_in(dom: &Dom, call: &Call) -> bool {
    let user = call.user.as_deref().unwrap_or_default();
    let by_token = call.token.as_deref().is_some_and(|token| dom.admits(user, token));
    let by_password = call.password.as_deref().is_some_and(|password| dom.knows(user, password));
    let by_basic = call.basic.as_ref().is_some_and(|given| {
        let mut logins = dom.scenario().logins.iter();
        logins.any(|login| credentials::matches(&Credentials::new(&*login.user, &*login.password), given))
    });
    by_token || by_password || by_basic
}

/// The refusal a trouble asks for.
fn scripted(trouble: &Trouble) -> Refused {
    match trouble.shows() {
        Shows::Errors { code, description } => {
            Refused::Scripted { code: code.clone(), description: description.clone() }
        }
        // Never seen: the script shows something else in its place.
        _ => Refused::BadInput,
    }
}
