//! What was refused for good: the DOM does not send it again by itself, so somebody has to hear of it.

use gateway_exchange::Operation;
use gateway_model::Fault;

use super::Surroundings;
use crate::respond;

/// Something of an event that was refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letter<'l> {
    /// The store it was for; none if that is not known.
    pub(super) store: Option<&'l str>,
    /// What it tells; none if that was not understood.
    pub(super) operation: Option<Operation>,
    /// What names the order; empty for an event of none.
    pub(super) order: &'l str,
}

// === impl Letter ===

impl Letter<'_> {
    /// Logs and counts it as a dead letter, if it was refused for good. Nothing of the document is said but the order's id,
    /// and nothing of the store's words but its message key.
    pub(super) fn refused(self, around: Surroundings<'_>, fault: &Fault) {
        if !respond::is_for_good(fault) {
            return;
        }
        let (dom, store) = (around.port.dom.name.value.as_str(), self.store.unwrap_or_default());
        around.ready.metrics.pushes().dead_letter(dom, store, fault.code);
        let (operation, order, code) = (super::name(self.operation), self.order, fault.code.to_string());
        let key = fault.reasons.first().map(String::as_str).unwrap_or_default();
        tracing::error!(dom, store, operation, order, code, key, "dead letter: refused for good");
    }
}
