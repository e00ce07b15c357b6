//! Who runs the gateway: looks at what it counted of stock, and marks what it remembers as old.

use std::net::SocketAddr;

use bytes::Bytes;
use gateway_transport::sender::{Address, Answer, BadAddress, Call, Params, Sender, SenderError};
use http::Method;
use serde_json::Value;

/// An operator of one gateway.
#[derive(Debug)]
pub(super) struct Operator {
    sender: Sender,
    admin: Address,
}

/// What the gateway counted of questions about stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Questions answered from memory alone.
    pub alone: u64,
    /// Questions answered from memory in part.
    pub in_part: u64,
    /// Questions for which the DOM was asked of every line.
    pub not_at_all: u64,
    /// Lines that the store asked for.
    pub wanted: u64,
    /// Lines that the DOM was asked for because of them.
    pub asked: u64,
    /// Lines answered though too old, because the DOM could not be asked.
    pub stale: u64,
}

/// Why there is no operator.
#[derive(Debug, thiserror::Error)]
pub enum OperatorFault {
    /// The sender cannot be made.
    #[error(transparent)]
    Sender(#[from] SenderError),
    /// The admin listener's address is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
}

// === impl Operator ===

impl Operator {
    pub(super) fn new(admin: SocketAddr) -> Result<Self, OperatorFault> {
        let sender = Sender::new(Params::new("admin"))?;
        Ok(Self { sender, admin: format!("http://{admin}").parse()? })
    }

    /// Marks everything remembered as old.
    pub(super) async fn mark_all_as_old(&self) -> Result<(), String> {
        let purge = self.admin.with_path(["cache", "purge"]).with_query([("all", "true")]);
        self.send(Call::post(purge, Bytes::new())).await.map(|_| ())
    }

    /// What was counted so far.
    pub(super) async fn counted(&self) -> Result<Counted, String> {
        let stats = Call::post(self.admin.with_path(["cache", "stats"]), Bytes::new());
        let answer = self.send(Call { method: Method::GET, ..stats }).await?;
        let shown: Value = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
        let counter = |name: &str| {
            let found = shown.get("counters").and_then(|counters| counters.get(name)?.as_u64());
            found.ok_or_else(|| format!("the gateway counts no `{name}`"))
        };
        Ok(Counted {
            alone: counter("requests_hit")?,
            in_part: counter("requests_partial")?,
            not_at_all: counter("requests_missed")?,
            wanted: counter("lines")?,
            asked: counter("lines_asked")?,
            stale: counter("lines_stale")?,
        })
    }

    async fn send(&self, call: Call) -> Result<Answer, String> {
        let answer = self.sender.send(call).await.map_err(|error| format!("the admin listener: {error}"))?;
        let status = answer.status;
        if status.is_success() { Ok(answer) } else { Err(format!("the admin listener: status {status}")) }
    }
}
