//! What a shopper causes: the store's calls to the gateway, sent the way its connector and the transport below it send them.

use std::sync::PoisonError;
use std::time::Duration;

use bytes::Bytes;
use gateway_model::Record;
use gateway_transport::sender::{Address, Answer, Call};
use gateway_wire::soap::{self, Credentials, Form};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout};

use super::mishap::Mishap;
use super::script::Incident;
use super::speaker::Reply;
use super::store::{Outbound, StoreServer, StoreShared};
use crate::store::{Attempt, HeldOff, MessageType, Next, message_type};

/// What the WSDL names for every operation; nobody dispatches by it (contract store section 1).
const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

/// One call of the store: what was sent, what came back, what it meant.
#[derive(Debug)]
pub struct Exchange {
    /// The operation.
    pub operation: &'static str,
    /// How often the connector sent it.
    pub attempts: u32,
    /// How often the transport below the connector sent it once more.
    pub sent_again: u32,
    /// The gateways it was sent to, by host and port, also those whose answer the store did not wait for.
    pub asked: Vec<String>,
    /// The gateways that gave no answer, by host and port; not those whose answer the store did not wait for.
    pub unanswered: Vec<String>,
    /// The document sent, envelope included; empty if nothing was.
    pub sent: String,
    /// The HTTP status of the last answer, if there was one.
    pub status: Option<u16>,
    /// The headers of the last answer.
    pub headers: HeaderMap,
    /// The last document that came back.
    pub received: String,
    /// What it meant.
    pub outcome: Outcome,
    /// The code or, without one, the text of the refusal in its answer.
    pub refusal: Option<String>,
    /// From sending to the whole answer, all attempts together.
    pub took: Duration,
}

/// What a call came to.
#[derive(Debug)]
pub enum Outcome {
    /// An answer; it may hold a refusal.
    Answered(Box<Record<'static>>),
    /// A SOAP fault.
    Fault {
        /// `Client` or `Server`.
        code: String,
        /// Its text.
        text: String,
    },
    /// Nothing was sent: the message type is held off after an exception.
    HeldOff(HeldOff),
    /// No attempt had an answer that could be read.
    NoAnswer(String),
    /// Nothing could be sent: the store is not connected, the order is unknown, the document cannot be written.
    NotSent(String),
}

/// The outcome of one attempt.
struct Tried {
    attempt: Attempt,
    outcome: Outcome,
}

// === impl Exchange ===

impl Exchange {
    /// The answer's record, if there is one.
    #[must_use]
    pub fn record(&self) -> Option<&Record<'static>> {
        match &self.outcome {
            Outcome::Answered(record) => Some(record),
            _ => None,
        }
    }

    fn new(operation: &'static str, outcome: Outcome) -> Self {
        Self {
            operation,
            attempts: 0,
            sent_again: 0,
            asked: Vec::new(),
            unanswered: Vec::new(),
            sent: String::new(),
            status: None,
            headers: HeaderMap::new(),
            received: String::new(),
            outcome,
            refusal: None,
            took: Duration::ZERO,
        }
    }
}

// === impl StoreServer ===

impl StoreServer {
    /// Looks at products: the availability of items at locations. The store's own name is its online store.
    pub async fn browse(&self, items: &[&str], locations: &[&str]) -> Exchange {
        self.shared.browse(items, locations).await
    }

    /// Checks whether an order can be delivered.
    pub async fn check(&self, order: &str) -> Exchange {
        self.shared.check(order).await
    }

    /// Reserves an order's stock; its items become what was reserved.
    pub async fn reserve(&self, order: &str) -> Exchange {
        self.shared.reserve(order).await
    }

    /// Gives an order's reservation back.
    pub async fn cancel(&self, order: &str) -> Exchange {
        self.shared.cancel(order).await
    }

    /// Lowers cached quantities by an order.
    pub async fn decrement(&self, order: &str) -> Exchange {
        self.shared.decrement(order).await
    }

    /// Hands a submitted order over. Without a refusal it is transferred (G), else it waits to be sent again (F).
    pub async fn transfer(&self, order: &str) -> Exchange {
        self.shared.transfer(order).await
    }

    /// Sends orders again that have waited too long for their acknowledgement, as the store's job does.
    pub async fn retransfer(&self) -> Vec<Exchange> {
        self.shared.retransfer().await
    }

    /// Asks a page of the buyer's orders, after the last key of the page before.
    pub async fn history(&self, after: Option<&str>) -> Exchange {
        self.shared.history(after).await
    }

    /// Asks one order in full.
    pub async fn details(&self, order: &str) -> Exchange {
        self.shared.details(order).await
    }
}

// === impl StoreShared ===

impl StoreShared {
    pub(super) async fn browse(&self, items: &[&str], locations: &[&str]) -> Exchange {
        let request = self.with(|store| store.availability_request(items, locations, (self.clock)()));
        self.send(("availability", ""), request).await
    }

    pub(super) async fn check(&self, order: &str) -> Exchange {
        self.requirement("check", order).await
    }

    pub(super) async fn reserve(&self, order: &str) -> Exchange {
        let exchange = self.requirement("reserve", order).await;
        if let Some(answer) = exchange.record() {
            self.with(|store| store.reserved(order, answer));
        }
        exchange
    }

    pub(super) async fn cancel(&self, order: &str) -> Exchange {
        let exchange = self.requirement("cancel_reservation", order).await;
        if let Some(answer) = exchange.record() {
            self.with(|store| {
                if answer.record(store.words().requirement_answer.refusal).is_none() {
                    store.unreserved(order);
                }
            });
        }
        exchange
    }

    pub(super) async fn decrement(&self, order: &str) -> Exchange {
        self.requirement("decrement", order).await
    }

    pub(super) async fn transfer(&self, order: &str) -> Exchange {
        let now = (self.clock)();
        let Some(request) = self.with(|store| store.transfer_request(order, now)) else {
            return Exchange::new("transfer", unknown(order));
        };
        let exchange = self.send(("transfer", order), request).await;
        if let Some(answer) = exchange.record() {
            self.with(|store| store.transferred(order, answer));
        }
        exchange
    }

    pub(super) async fn retransfer(&self) -> Vec<Exchange> {
        let now = (self.clock)();
        let overdue = self.with(|store| store.overdue(self.params.habits, now));
        let mut exchanges = Vec::new();
        for order in overdue {
            exchanges.push(self.transfer(&order).await);
        }
        exchanges
    }

    pub(super) async fn history(&self, after: Option<&str>) -> Exchange {
        let request = self.with(|store| store.history_request(after, (self.clock)()));
        self.send(("history", ""), request).await
    }

    pub(super) async fn details(&self, order: &str) -> Exchange {
        let request = self.with(|store| store.details_request(order, (self.clock)()));
        self.send(("details", order), request).await
    }

    async fn requirement(&self, operation: &'static str, order: &str) -> Exchange {
        let now = (self.clock)();
        match self.with(|store| store.requirement_request(operation, order, now)) {
            Some(request) => self.send((operation, order), request).await,
            None => Exchange::new(operation, unknown(order)),
        }
    }
}

fn unknown(order: &str) -> Outcome {
    Outcome::NotSent(format!("the store has no order `{order}`"))
}

impl StoreShared {
    /// Sends a request the way the connector does: in its turn, again after transport failures, not at all for a while
    /// after an exception.
    async fn send(&self, (operation, subject): (&'static str, &str), request: Record<'static>) -> Exchange {
        let message_type = message_type(operation);
        let turn =
            self.turns.iter().find(|(known, _)| *known == message_type).map(|(_, turn)| turn.acquire());
        let _turn = match turn {
            Some(turn) => turn.await.ok(),
            None => None,
        };
        if let Err(held_off) = self.connector(|connector| connector.may_send(message_type, (self.clock)())) {
            return Exchange::new(operation, Outcome::HeldOff(held_off));
        }
        let document = match self.prepare(operation, &request) {
            Ok(prepared) => prepared,
            Err(reason) => return Exchange::new(operation, Outcome::NotSent(reason)),
        };
        let mut exchange = Exchange::new(operation, Outcome::NoAnswer(String::new()));
        exchange.sent = String::from_utf8_lossy(&document).into_owned();
        loop {
            exchange.attempts += 1;
            let mishap = self.mishap(&Incident { operation, subject, attempt: exchange.attempts });
            let Some(tried) = self.carry(message_type, &document, mishap, &mut exchange).await else {
                exchange.outcome = Outcome::NotSent("the store is not connected to a gateway".to_owned());
                return exchange;
            };
            exchange.outcome = tried.outcome;
            let now = (self.clock)();
            let next = self
                .connector(|connector| connector.after(message_type, exchange.attempts, tried.attempt, now));
            if next != Next::SendAgain {
                exchange.refusal = self.with(|store| store.refusal(operation, exchange.record()?));
                return exchange;
            }
        }
    }

    /// Sends a document once, as far as the connector knows; `None` without a gateway.
    async fn carry(
        &self,
        message_type: MessageType,
        document: &Bytes,
        mishap: Option<Mishap>,
        exchange: &mut Exchange,
    ) -> Option<Tried> {
        let next = || self.gateways.lock().unwrap_or_else(PoisonError::into_inner).next();
        let mut gateway = next()?;
        match mishap {
            Some(Mishap::SentAgain { after, to_another }) => {
                let address = gateway.with_path([message_type.service()]);
                if let Ok(tried) = timeout(after, self.attempt(&address, document, exchange)).await {
                    return Some(tried);
                }
                exchange.sent_again += 1;
                if to_another {
                    gateway = next()?;
                }
            }
            Some(Mishap::Astray(nowhere)) => gateway = nowhere,
            None => {}
        }
        let address = gateway.with_path([message_type.service()]);
        Some(self.attempt(&address, document, exchange).await)
    }

    /// What befalls the document on its way.
    fn mishap(&self, incident: &Incident<'_>) -> Option<Mishap> {
        let mishaps = self.mishaps.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        mishaps(incident)
    }

    /// The document of a request.
    fn prepare(&self, operation: &str, request: &Record<'_>) -> Result<Bytes, String> {
        let payload =
            self.speaker.ask(operation, request, |_| true).map_err(|misheard| misheard.to_string())?;
        let token = match &self.params.outbound {
            Outbound::UsernameToken(login) => {
                let token = Credentials::try_new(login.user.clone(), login.password.clone().into());
                Some(token.map_err(|unwritable| unwritable.to_string())?)
            }
            Outbound::Nameless | Outbound::Basic(_) => None,
        };
        let mut document = Vec::new();
        soap::wrap(Form::Soap11, token.as_ref(), |out| out.extend_from_slice(&payload), &mut document);
        Ok(Bytes::from(document))
    }

    async fn attempt(&self, address: &Address, document: &Bytes, exchange: &mut Exchange) -> Tried {
        let mut call = Call::post(address.clone(), document.clone());
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=UTF-8"));
        call.headers.insert(SOAP_ACTION, HeaderValue::from_static("\"\""));
        if let Outbound::Basic(login) = &self.params.outbound
            && let Ok(basic) = gateway_transport::credentials::basic(&login.user, &login.password)
        {
            call.headers.insert(AUTHORIZATION, basic);
        }
        exchange.asked.push(address.authority().to_owned());
        let sent_at = Instant::now();
        let answered = self.sender.send(call).await;
        exchange.took += sent_at.elapsed();
        match answered {
            Ok(answer) => {
                exchange.status = Some(answer.status.as_u16());
                exchange.headers.clone_from(&answer.headers);
                exchange.received = String::from_utf8_lossy(&answer.body).into_owned();
                self.read(exchange.operation, &answer)
            }
            Err(error) => {
                exchange.unanswered.push(address.authority().to_owned());
                Tried { attempt: Attempt::TransportFailure, outcome: Outcome::NoAnswer(error.to_string()) }
            }
        }
    }

    /// What an answer is to the connector: a document, a fault, or nothing it can use.
    fn read(&self, operation: &str, answer: &Answer) -> Tried {
        let failed =
            |reason: String| Tried { attempt: Attempt::TransportFailure, outcome: Outcome::NoAnswer(reason) };
        match self.speaker.understand(operation, &answer.body, answer.charset()) {
            Ok(Reply::Fault { code, text }) => {
                Tried { attempt: Attempt::Fault, outcome: Outcome::Fault { code, text } }
            }
            Ok(Reply::Answer(record)) if answer.status.is_success() => {
                Tried { attempt: Attempt::Answered, outcome: Outcome::Answered(Box::new(record)) }
            }
            Ok(_) => failed(format!("status {}", answer.status)),
            Err(misheard) => failed(format!("status {}: {misheard}", answer.status)),
        }
    }

    fn connector<T>(&self, change: impl FnOnce(&mut crate::store::Connector) -> T) -> T {
        change(&mut self.connector.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
