//! One cell's world: a simulated DOM, or for pushes a store, a gateway before it, and what the caller and the log get to
//! see.

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use gateway_simulator::dom::Dom;
use gateway_simulator::serve::{DomParams, DomServer, Script, Shows, StoreParams, StoreServer, Trouble};
use gateway_simulator::store::Store;
use gateway_simulator::{RepeatedOrder, Scenario};
use http::Method;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpSocket, TcpStream};

use super::expected::Lasting;
use super::fault::{Brought, Fault};
use super::log::Log;
use super::operation::{Kind, MADE, Operation, PLACED, Setting, State, TOLD_ORDER};
use super::pushed;
use crate::caller::{Answered, SOAP_11};
use crate::documents::replaced;
use crate::gateway::{Running, Settings, within};
use crate::stock::world::{MAPPINGS, ONLY_ON_ERROR};

/// Time for each attempt, in milliseconds, where the DOM lets it pass.
const ATTEMPT_MS: u32 = 1_000;
/// For all operations: the DOM is asked for others than the store asks for.
const SHORT: &[(&str, u32, u32)] = &[
    ("availability", 60_000, ATTEMPT_MS),
    ("check", 60_000, ATTEMPT_MS),
    ("reserve", 60_000, ATTEMPT_MS),
    ("cancel_reservation", 60_000, ATTEMPT_MS),
    ("decrement", 60_000, ATTEMPT_MS),
    ("transfer", 60_000, ATTEMPT_MS),
    ("history", 60_000, ATTEMPT_MS),
    ("details", 60_000, ATTEMPT_MS),
    ("order_sync", 60_000, ATTEMPT_MS),
    ("order_created", 60_000, ATTEMPT_MS),
    ("availability_sync", 60_000, ATTEMPT_MS),
];

/// What the DOM can be asked for, and the store be told.
const ASKED_FOR: &[&str] = &[
    "availability",
    "reserve",
    "cancel_reservation",
    "transfer",
    "history",
    "details",
    "order_sync",
    "order_created",
    "availability_sync",
];
/// The calls that send again what was sent before.
const REPEATS: [&str; 2] = ["again", "last"];
/// Milliseconds in which a DOM may still be at work on a call that was given up, where it is.
const SETTLING_MS: u32 = 400;
/// Milliseconds after which a document is no longer surely fresh: more than a call needs to get here, less than
/// [`REPEATS`] are old.
const FRESH_MS: u32 = 30_000;
/// More calls than are ever held.
const ENOUGH: usize = 100;
/// What of it changes something.
const WRITES: &[&str] = &["reserve", "cancel_reservation", "transfer"];

/// The simulated system at the other end.
enum Target {
    Dom(DomServer),
    Store(StoreServer),
}

/// Where a simulated store takes pushes of stock and of orders.
const SERVICES: [&str; 2] = [
    "/webapp/wcs/component/inventory/services/InventoryServices",
    "/webapp/wcs/component/order/services/OrderServices",
];

/// A port that refuses connections, and that nobody else can take, until it is opened: then it leads to another.
struct Door {
    address: SocketAddr,
    socket: Cell<Option<TcpSocket>>,
}

pub(crate) struct World<'w> {
    target: Target,
    door: Door,
    pub(crate) gateway: Running,
    pub(crate) operation: &'w Operation,
    pub(crate) fault: &'w Fault,
    pub(crate) log: &'w Log,
    name: String,
    /// When the order was placed.
    placed: Timestamp,
    asked_before: (u64, u64),
}

// === impl Target ===

impl Target {
    async fn dom(setting: Setting) -> Self {
        let mut scenario = scenario();
        if setting == Setting::TakesTwice {
            scenario.habits.repeated_order = RepeatedOrder::Accepted;
        }
        let dom = Dom::new(MAPPINGS.vocabulary(), scenario).unwrap();
        let params = DomParams::new(anywhere(), "sterling");
        let dom = DomServer::start(Arc::clone(&MAPPINGS), dom, params, Arc::new(Timestamp::now)).await;
        Self::Dom(dom.unwrap())
    }

    /// A store that knows the order it is told of.
    async fn store() -> Self {
        let scenario = scenario();
        let profile = scenario.stores.first().unwrap().clone();
        let mut store = Store::new(MAPPINGS.vocabulary(), scenario, profile).unwrap();
        store.know_order(TOLD_ORDER);
        let params = StoreParams::new(anywhere(), "hcl-commerce");
        let store = StoreServer::start(Arc::clone(&MAPPINGS), store, params, Arc::new(Timestamp::now)).await;
        Self::Store(store.unwrap())
    }

    fn address(&self) -> SocketAddr {
        match self {
            Self::Dom(dom) => dom.address(),
            Self::Store(store) => store.address(),
        }
    }

    fn reset_next(&self, connections: usize) {
        match self {
            Self::Dom(dom) => dom.reset_next(connections),
            Self::Store(store) => store.reset_next(connections),
        }
    }

    fn reset_next_held(&self, connections: usize) {
        match self {
            Self::Dom(dom) => dom.reset_next_held(connections),
            Self::Store(store) => store.reset_next_held(connections),
        }
    }
}

fn scenario() -> Scenario {
    Scenario::demo(Timestamp::now().to_zoned(TimeZone::UTC).date())
}

fn anywhere() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

// === impl Door ===

impl Door {
    fn closed() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(anywhere()).unwrap();
        Self { address: socket.local_addr().unwrap(), socket: Cell::new(Some(socket)) }
    }

    fn open(&self, leads_to: SocketAddr) {
        let listener = self.socket.take().unwrap().listen(64).unwrap();
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut behind = TcpStream::connect(leads_to).await.unwrap();
                    let _ = copy_bidirectional(&mut caller, &mut behind).await;
                });
            }
        });
    }
}

// === impl World ===

impl<'w> World<'w> {
    /// A world in which all is well; `name` makes its calls' ids.
    pub(crate) async fn start(
        name: String,
        (operation, fault): (&'w Operation, &'w Fault),
        log: &'w Log,
    ) -> Self {
        let target = match operation.kind {
            Kind::Push => Target::store().await,
            _ => Target::dom(operation.setting).await,
        };
        let deadlines = if fault.takes_its_time() { SHORT } else { &[] };
        let door = Door::closed();
        let is_closed = matches!(fault.brought, Brought::Closed);
        let url = format!("http://{}", if is_closed { door.address } else { target.address() });
        let settings = match operation.kind {
            Kind::Push => {
                let attempts = pushed::ATTEMPTS;
                let waits = "first_delay_ms = 1\nlongest_delay_ms = 1\n";
                let of_push = format!("[dom.push.retry]\nattempts = {attempts}\n{waits}");
                let (store, services) = (Some(url), SERVICES);
                Settings { store, services, of_push, deadlines, ..Settings::of("http://127.0.0.1:9") }
            }
            _ => {
                let settling = if fault.acts_late() { SETTLING_MS } else { 0 };
                let mut of_dom = format!("[dom.verify]\nsettle_ms = {settling}\nfresh_ms = {FRESH_MS}\n");
                if operation.setting == Setting::TakesTwice {
                    of_dom.push_str("look_first = \"always\"\n");
                }
                let remembers = operation.setting == Setting::Remembered;
                let cache = if remembers { ONLY_ON_ERROR } else { "" }.to_owned();
                Settings { deadlines, of_dom, cache, ..Settings::of(url) }
            }
        };
        let gateway = settings.run().await;
        let (placed, asked_before) = (Timestamp::now(), (0, 0));
        let mut world = Self { target, door, gateway, operation, fault, log, name, placed, asked_before };
        if let Some((api, document)) = &operation.before {
            world.ask_the_dom(api, document).await;
        }
        if operation.setting == Setting::Remembered {
            world.ask("warm").await;
        }
        world.asked_before = world.counts();
        world
    }

    /// Asks the DOM for something that the gateway knows nothing of.
    async fn ask_the_dom(&self, api: &str, document: &str) {
        let url = format!("http://{}/smcfs/restapi/invoke/{api}", self.target.address());
        let call = gateway_transport::sender::Call::post(url.parse().unwrap(), document.to_owned().into());
        let answer = self.gateway.caller.send(call).await.unwrap();
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    /// Lets the fault happen from now on.
    pub(crate) fn bring(&self, lasting: Lasting) {
        let once = lasting == Lasting::Once;
        match &self.fault.brought {
            // So it is from the beginning.
            Brought::Closed => {}
            Brought::Unread => self.target.reset_next(if once { 1 } else { usize::MAX }),
            Brought::Scripted(trouble) if once => {
                self.script().add(self.operation.asked_for, trouble.clone());
                if let (true, Some(first)) = (trouble.acts_late(), self.operation.kind.asked_first()) {
                    if self.operation.setting == Setting::TakesTwice {
                        // Those of before it was sent.
                        self.script().add(first, Trouble::after_acting(Shows::Answer));
                        self.script().add(first, Trouble::after_acting(Shows::Answer));
                    }
                    // The answer of before it acted comes after it acted.
                    self.script().add(first, Trouble::after_acting(Shows::Answer).held());
                }
            }
            Brought::Scripted(trouble) => self.script().set_lasting(Some(trouble.clone())),
        }
    }

    /// Lets the fault happen to the next request, which is held before anything is seen of it; `false` where nothing can be
    /// held.
    pub(crate) fn bring_held(&self) -> bool {
        match &self.fault.brought {
            _ if self.operation.kind == Kind::Local => return false,
            Brought::Closed => return false,
            Brought::Unread => self.target.reset_next_held(1),
            // That is held anyway.
            Brought::Scripted(trouble) if trouble.acts_late() => {
                self.script().add(self.operation.asked_for, trouble.clone());
            }
            Brought::Scripted(trouble) => {
                self.script().add(self.operation.asked_for, trouble.clone().held());
            }
        }
        true
    }

    /// Lets what comes late come, when it is to.
    pub(crate) async fn let_the_late_act(&self, lasting: Lasting) {
        if !self.fault.acts_late() {
            return;
        }
        within(self.script().wait_for_held()).await;
        if lasting == Lasting::Once {
            within(self.script().wait_for_held()).await;
            self.script().release(2);
        }
    }

    /// Lets all be well again.
    pub(crate) fn mend(&self) {
        match &self.fault.brought {
            Brought::Closed => self.door.open(self.target.address()),
            Brought::Unread => self.target.reset_next(0),
            Brought::Scripted(trouble) => {
                self.script().set_lasting(None);
                if trouble.acts_late() {
                    self.script().release(ENOUGH);
                }
            }
        }
    }

    /// The id of a call.
    pub(crate) fn id(&self, call: &str) -> String {
        format!("{}.{call}", self.name)
    }

    /// Sends what the store sends, as this call.
    pub(crate) async fn ask(&self, call: &str) -> Answered {
        let id = self.id(call);
        let headers = [("content-type", SOAP_11), ("x-request-id", &id)];
        self.gateway.call(Method::POST, self.operation.path, &headers, self.document(call)).await
    }

    /// Sends it, and hands out the connection the answer would come by.
    pub(crate) async fn begin(&self, call: &str) -> TcpStream {
        let (document, id) = (self.document(call), self.id(call));
        let (path, length) = (self.operation.path, document.len());
        let mut stream = TcpStream::connect(self.gateway.data).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {SOAP_11}\r\nX-Request-Id: {id}\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        stream.write_all((head + &document).as_bytes()).await.unwrap();
        stream
    }

    /// The document of this call: if it has an identity, it is the call's id. The first is made now; what is sent once more
    /// when the store was answered, or has given up, was made minutes ago.
    fn document(&self, call: &str) -> String {
        let document = &self.operation.document;
        let minutes = i64::from(REPEATS.contains(&call));
        let made = Timestamp::now() - SignedDuration::from_mins(minutes);
        let placed = self.placed - SignedDuration::from_mins(minutes);
        let document = document.replace(MADE, &format!("{made:.3}")).replace(PLACED, &format!("{placed:.3}"));
        match crate::caller::first(&document, "BODID") {
            own if own.is_empty() => document,
            own => replaced(&document, &own, &self.id(call)),
        }
    }

    /// Requests the DOM read, and those among them that change something.
    fn counts(&self) -> (u64, u64) {
        let count = |names: &[&str]| names.iter().map(|name| self.script().count(name).calls).sum();
        (count(ASKED_FOR), count(WRITES))
    }

    /// As [`World::counts`], since this world began.
    pub(crate) fn asked(&self) -> (u64, u64) {
        let ((all, writes), before) = (self.counts(), self.asked_before);
        (all - before.0, writes - before.1)
    }

    /// What the other end has.
    pub(crate) fn state(&self) -> State {
        match &self.target {
            Target::Dom(dom) => dom.with(|dom| State::of(dom)),
            Target::Store(store) => store.with(|store| State::told(store, self.operation.name)),
        }
    }

    /// What goes wrong, and what was asked.
    pub(crate) fn script(&self) -> &Script {
        match &self.target {
            Target::Dom(dom) => dom.script(),
            Target::Store(store) => store.script(),
        }
    }
}
