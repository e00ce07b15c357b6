//! What became of events without their store having taken them as they came.

use gateway_model::codes::Code;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Events withheld, unsure and dead.
#[derive(Debug, Default)]
pub struct PushMetrics {
    withheld: Family<WithheldLabels, Counter>,
    unsure_lines: Family<UnsureLabels, Counter>,
    dead_letters: Family<DeadLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UnsureLabels {
    store: String,
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithheldLabels {
    store: String,
    operation: &'static str,
    reason: &'static str,
}

/// A pushed event that was refused for good; the store is empty if none was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeadLabels {
    dom: String,
    store: String,
    code: String,
}

/// Why a DOM was told that a store has an event which the store was not told, or did not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// It took the same.
    Repeated,
    /// It took something later.
    Older,
    /// It said itself that it took something later.
    RefusedAsOlder,
}

// === impl Withheld ===

impl Withheld {
    const fn name(self) -> &'static str {
        match self {
            Self::Repeated => "repeated",
            Self::Older => "older",
            Self::RefusedAsOlder => "refused-as-older",
        }
    }
}

// === impl PushMetrics ===

impl PushMetrics {
    /// Nothing counted yet.
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let pushes = Self::default();
        registry.register(
            "withheld_events",
            "Orders in pushed events that were confirmed to the DOM although the store was not told, or had later news",
            pushes.withheld.clone(),
        );
        registry.register(
            "unsure_lines",
            "Lines of pushed orders that were confirmed to the DOM as older, and nobody knows whether their store has them",
            pushes.unsure_lines.clone(),
        );
        registry.register(
            "dead_letters",
            "Orders in pushed events, and events of no order, that were refused for good: the DOM does not send them again",
            pushes.dead_letters.clone(),
        );
        pushes
    }

    /// Counts an order of an event that its store has already.
    pub fn withheld(&self, store: &str, operation: &'static str, why: Withheld) {
        let labels = WithheldLabels { store: store.to_owned(), operation, reason: why.name() };
        self.withheld.get_or_create(&labels).inc();
    }

    /// Counts lines of an order that are confirmed, and nobody knows whether the store was told of them.
    pub fn unsure(&self, store: &str, operation: &'static str, lines: usize) {
        let labels = UnsureLabels { store: store.to_owned(), operation };
        self.unsure_lines.get_or_create(&labels).inc_by(lines as u64);
    }

    /// Counts what was refused for good.
    pub fn dead_letter(&self, dom: &str, store: &str, code: Code) {
        let labels = DeadLabels { dom: dom.to_owned(), store: store.to_owned(), code: code.to_string() };
        self.dead_letters.get_or_create(&labels).inc();
    }
}
