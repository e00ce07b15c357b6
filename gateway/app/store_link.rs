//! The way to one store: where its inbound services are and who the gateway says it is.

use std::sync::Arc;

use bytes::Bytes;
use gateway_exchange::{Operation, Reply};
use gateway_model::{Fault, Reached, Repeat, codes};
use gateway_transport::credentials;
use gateway_transport::sender::{self, Address, Neighbour, SendError, Spent, Way};
use gateway_wire::soap::{self, Form};
use http::HeaderValue;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use secrecy::SecretString;
use tokio::time::Instant;

use crate::config::{CredentialsKind, Inbound};
use crate::trace::TraceContext;

/// One store, ready to be told.
#[derive(Debug)]
pub struct StoreLink {
    inventory: Address,
    order: Address,
    authorization: Option<HeaderValue>,
    token: Option<soap::Credentials>,
    way: Arc<dyn Way>,
}

// === impl StoreLink ===

impl StoreLink {
    /// A store as it is configured, by the way that leads to it. Nothing is sent yet.
    ///
    /// # Errors
    /// What cannot be used: an address, credentials that cannot be written.
    pub fn new(inbound: &Inbound, way: Arc<dyn Way>) -> anyhow::Result<Self> {
        let (inventory, order): (Address, Address) =
            (inbound.inventory.value.to_string().parse()?, inbound.order.value.to_string().parse()?);
        let credentials = &inbound.credentials;
        let shown = credentials.user.as_ref().zip(credentials.password.as_ref());
        let authorization = match shown {
            Some((user, password)) if credentials.kind == CredentialsKind::Basic => {
                Some(credentials::basic(user, password.expose())?)
            }
            _ => None,
        };
        let token = match shown {
            Some((user, password)) if credentials.kind == CredentialsKind::UsernameToken => {
                let password = SecretString::from(password.expose().to_owned());
                Some(soap::Credentials::try_new(user.clone(), password)?)
            }
            _ => None,
        };
        Ok(Self { inventory, order, authorization, token, way })
    }

    /// Tells the store, in a SOAP 1.1 envelope, and waits for its answer.
    ///
    /// # Errors
    /// A fault on the way. That of a store that may have taken the message says so.
    pub async fn tell(
        &self,
        operation: Operation,
        document: &[u8],
        (trace, deadline): (&TraceContext, Instant),
    ) -> Result<Reply, Fault> {
        let address = if operation == Operation::AvailabilitySync { &self.inventory } else { &self.order };
        let mut body = Vec::with_capacity(document.len() + 512);
        soap::wrap(Form::Soap11, self.token.as_ref(), |out| out.extend_from_slice(document), &mut body);
        let mut call = sender::Call::post(address.clone(), Bytes::from(body));
        call.deadline = Some(deadline);
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
        call.headers.insert("soapaction", HeaderValue::from_static("\"\""));
        if let Some(value) = &self.authorization {
            call.headers.insert(AUTHORIZATION, value.clone());
        }
        trace.write(&mut call.headers);
        let answer = self.way.send(call).await.map_err(failed)?;
        let reply = Reply {
            status: answer.status.as_u16(),
            content_type: answer.content_type().map(ToOwned::to_owned),
            body: answer.body.to_vec(),
            ..Reply::default()
        };
        expect_xml(&reply)?;
        Ok(reply)
    }
}

/// A failed exchange as a fault. There is one attempt: when its time is over, it is the store that did not answer.
fn failed(error: SendError) -> Fault {
    let error = match error {
        SendError::TimedOut { target, progress, .. } => {
            SendError::TimedOut { target, progress, spent: Spent::Attempt }
        }
        other => other,
    };
    let fault = error.into_fault(Neighbour::Store);
    // What it may have taken it may be told again: it takes what is the same, and refuses what is older.
    if fault.repeat == Repeat::AfterCheck { fault.repeat(Repeat::Safe) } else { fault }
}

/// A store answers with XML, also when it refuses; anything else is no word of its.
fn expect_xml(reply: &Reply) -> Result<(), Fault> {
    if reply.body.trim_ascii_start().starts_with(b"<") && !matches!(reply.status, 401 | 403 | 404) {
        return Ok(());
    }
    let (code, repeat, text) = match reply.status {
        401 | 403 => (codes::STORE_REFUSED, Repeat::Useless, "the store refused the gateway's credentials"),
        404 => (
            codes::STORE_UNEXPECTED,
            Repeat::Safe,
            "the store knows nothing at this address: check `inbound` of this store",
        ),
        _ => (codes::STORE_UNEXPECTED, Repeat::Safe, "the store's answer is no XML document"),
    };
    let reached = if matches!(reply.status, 401 | 403 | 404) { Reached::No } else { Reached::Maybe };
    Err(Fault::store(code, format!("{text} (HTTP {})", reply.status)).reached(reached).repeat(repeat))
}
