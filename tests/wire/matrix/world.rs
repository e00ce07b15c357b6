//! One cell's world: a simulated DOM, a gateway before it, and what the store and the log get to see.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use gateway_simulator::Scenario;
use gateway_simulator::dom::Dom;
use gateway_simulator::serve::{DomParams, DomServer};
use http::Method;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::expected::Lasting;
use super::fault::{Brought, Fault};
use super::log::Log;
use super::operation::{Kind, Operation, State};
use crate::caller::{Answered, SOAP_11};
use crate::documents::replaced;
use crate::gateway::{Running, Settings};
use crate::stock::world::MAPPINGS;

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
];

/// What the DOM can be asked for.
const AT_THE_DOM: &[&str] =
    &["availability", "reserve", "cancel_reservation", "transfer", "history", "details"];
/// What of it changes something.
const WRITES: &[&str] = &["reserve", "cancel_reservation", "transfer"];

pub(crate) struct World<'w> {
    pub(crate) dom: DomServer,
    pub(crate) gateway: Running,
    pub(crate) operation: &'w Operation,
    pub(crate) fault: &'w Fault,
    pub(crate) log: &'w Log,
    name: String,
    asked_before: (u64, u64),
}

// === impl World ===

impl<'w> World<'w> {
    /// A world in which all is well; `name` makes its calls' ids.
    pub(crate) async fn start(
        name: String,
        (operation, fault): (&'w Operation, &'w Fault),
        log: &'w Log,
    ) -> Self {
        let scenario = Scenario::demo(Timestamp::now().to_zoned(TimeZone::UTC).date());
        let dom = Dom::new(MAPPINGS.vocabulary(), scenario).unwrap();
        let params = DomParams::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), "sterling");
        let dom = DomServer::start(Arc::clone(&MAPPINGS), dom, params, Arc::new(Timestamp::now)).await;
        let dom = dom.unwrap();
        let deadlines = if fault.takes_its_time() { SHORT } else { &[] };
        let settings = Settings { deadlines, ..Settings::of(format!("http://{}", dom.address())) };
        let gateway = settings.run().await;
        let mut world = Self { dom, gateway, operation, fault, log, name, asked_before: (0, 0) };
        if let Some((api, document)) = &operation.before {
            world.ask_the_dom(api, document).await;
        }
        world.asked_before = world.counts();
        world
    }

    /// Asks the DOM for something that the gateway knows nothing of.
    async fn ask_the_dom(&self, api: &str, document: &str) {
        let url = format!("http://{}/smcfs/restapi/invoke/{api}", self.dom.address());
        let call = gateway_transport::sender::Call::post(url.parse().unwrap(), document.to_owned().into());
        let answer = self.gateway.caller.send(call).await.unwrap();
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    /// Lets the fault happen from now on.
    pub(crate) async fn bring(&self, lasting: Lasting) {
        let once = lasting == Lasting::Once;
        match &self.fault.brought {
            Brought::Closed => self.set_open(false).await,
            Brought::Unread => self.dom.reset_next(if once { 1 } else { usize::MAX }),
            Brought::Scripted(trouble) if once => {
                self.dom.script().add(self.operation.at_dom, trouble.clone());
            }
            Brought::Scripted(trouble) => self.dom.script().set_lasting(Some(trouble.clone())),
        }
    }

    /// Lets the fault happen to the next request, which is held before anything is seen of it; `false` where nothing can be
    /// held.
    pub(crate) fn bring_held(&self) -> bool {
        match &self.fault.brought {
            _ if self.operation.kind == Kind::Local => return false,
            Brought::Closed => return false,
            Brought::Unread => self.dom.reset_next_held(1),
            Brought::Scripted(trouble) => {
                self.dom.script().add(self.operation.at_dom, trouble.clone().held());
            }
        }
        true
    }

    /// Lets all be well again.
    pub(crate) async fn mend(&self) {
        match &self.fault.brought {
            Brought::Closed => self.set_open(true).await,
            Brought::Unread => self.dom.reset_next(0),
            Brought::Scripted(_) => self.dom.script().set_lasting(None),
        }
    }

    async fn set_open(&self, open: bool) {
        self.dom.set_open(open);
        while TcpStream::connect(self.dom.address()).await.is_ok() != open {
            tokio::task::yield_now().await;
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

    /// The document of this call: it names itself by the call's id.
    fn document(&self, call: &str) -> String {
        let own = crate::caller::first(&self.operation.document, "BODID");
        replaced(&self.operation.document, &own, &self.id(call))
    }

    /// Requests the DOM read, and those among them that change something.
    fn counts(&self) -> (u64, u64) {
        let count = |names: &[&str]| names.iter().map(|name| self.dom.script().count(name).calls).sum();
        (count(AT_THE_DOM), count(WRITES))
    }

    /// As [`World::counts`], since this world began.
    pub(crate) fn asked(&self) -> (u64, u64) {
        let ((all, writes), before) = (self.counts(), self.asked_before);
        (all - before.0, writes - before.1)
    }

    /// What the DOM has.
    pub(crate) fn state(&self) -> State {
        self.dom.with(|dom| State::of(dom))
    }
}
