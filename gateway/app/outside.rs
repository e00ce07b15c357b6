//! What the gateway takes from outside itself beside its calls: the time, new identities, and the ways to its
//! neighbours. The process has the machine's clock and sockets; whatever stands in their place decides everything a
//! gateway can meet.

use std::fmt;
use std::sync::Arc;

use gateway_transport::sender::{Address, Sender, Way};

use crate::clock::{Clock, MachineClock};
use crate::config::{Dom, Inbound, Store};
use crate::dom_link::authorities;
use crate::ready::sender_params;

/// Where the ways to the neighbours come from.
pub trait Neighbourhood: fmt::Debug + Send + Sync {
    /// The way to a DOM. Nothing is sent yet; an answer may have so many bytes.
    ///
    /// # Errors
    /// What cannot be used: an address, a certificate file.
    fn dom(&self, dom: &Dom, answer_bytes: usize) -> anyhow::Result<Arc<dyn Way>>;

    /// The way to a store that is told something. Nothing is sent yet; an answer may have so many bytes.
    ///
    /// # Errors
    /// What cannot be used: an address, a certificate file.
    fn store(&self, store: &Store, inbound: &Inbound, answer_bytes: usize) -> anyhow::Result<Arc<dyn Way>>;
}

/// All of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outside {
    /// The time and new identities.
    pub clock: Arc<dyn Clock>,
    /// The ways to the neighbours.
    pub neighbours: Arc<dyn Neighbourhood>,
}

/// The neighbours as they are configured, over HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Sockets;

// === impl Outside ===

impl Outside {
    /// The machine's clock, and HTTP.
    #[must_use]
    pub fn of_this_machine() -> Self {
        Self { clock: Arc::new(MachineClock), neighbours: Arc::new(Sockets) }
    }
}

// === impl Sockets ===

impl Neighbourhood for Sockets {
    fn dom(&self, dom: &Dom, answer_bytes: usize) -> anyhow::Result<Arc<dyn Way>> {
        let mut params = sender_params(&dom.name.value, answer_bytes);
        params.connect_timeout = dom.connect_timeout;
        params.idle_timeout = dom.idle_timeout;
        params.max_idle = dom.idle_connections;
        let address: Address = dom.url.value.to_string().parse()?;
        params.tls.authorities = authorities(dom.ca_file.as_deref(), &address);
        params.tls.identity.clone_from(&dom.identity_file);
        Ok(Arc::new(Sender::new(params)?))
    }

    fn store(&self, store: &Store, inbound: &Inbound, answer_bytes: usize) -> anyhow::Result<Arc<dyn Way>> {
        let mut params = sender_params(&store.name.value, answer_bytes);
        params.connect_timeout = inbound.connect_timeout;
        params.max_idle = inbound.idle_connections;
        let (inventory, order): (Address, Address) =
            (inbound.inventory.value.to_string().parse()?, inbound.order.value.to_string().parse()?);
        let tls = if inventory.is_tls() { &inventory } else { &order };
        params.tls.authorities = authorities(inbound.ca_file.as_deref(), tls);
        Ok(Arc::new(Sender::new(params)?))
    }
}
