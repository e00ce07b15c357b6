//! What a drill is to be: how many orders, how bad the world, and what is spoilt on purpose.

use gateway_simulator::RepeatedOrder;

/// A drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Orders.
    pub orders: u32,
    /// What everything that goes wrong is decided by.
    pub seed: u64,
    /// Gateway processes.
    pub gateways: usize,
    /// Of a hundred writes, so many are answered in a way that leaves open whether the DOM acted. It acted in half.
    pub ambiguous_percent: u8,
    /// How often a gateway is killed.
    pub kills: u32,
    /// How often all gateways are drained and replaced, one after the other.
    pub rolling: u32,
    /// How often the DOM refuses all connections for a moment.
    pub outages: u32,
    /// What the DOM does with a second order of one number.
    pub repeated_order: RepeatedOrder,
    /// How often the store's job sends a pending order again, and its clean-up a cancellation, before it is called
    /// unresolved.
    pub passes: u8,
    /// What is spoilt on purpose, so that the drill has to find it.
    pub spoil: Option<Spoil>,
    /// Whether what goes wrong by itself is listed.
    pub list_faults: bool,
}

/// Something spoilt on purpose with one order: a drill that cannot see it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoil {
    /// The DOM loses it after it acknowledged it.
    Lost,
    /// The DOM creates it twice at one call.
    Doubled,
    /// The DOM never takes it.
    Unresolved,
    /// The DOM never gives back what it reserved for it.
    Kept,
    /// The DOM reserves twice at one call.
    Orphan,
    /// The DOM takes its status back.
    Backwards,
    /// The store takes no push about it.
    Undelivered,
    /// The DOM repeats a push about it and never hears that it was taken.
    Unconfirmed,
    /// The store's call about it goes where there is no gateway.
    Unanswered,
}

// === impl Plan ===

impl Plan {
    /// So many orders with the usual troubles: two gateways of which one is killed for every thousand orders, a DOM that
    /// is away for a moment for every five thousand, 10 % of its answers ambiguous, second orders accepted.
    #[must_use]
    pub const fn new(orders: u32, seed: u64) -> Self {
        Self {
            orders,
            seed,
            gateways: 2,
            ambiguous_percent: 10,
            kills: if orders < 1_000 { 1 } else { orders / 1_000 },
            rolling: 0,
            outages: if orders < 5_000 { 1 } else { orders / 5_000 },
            repeated_order: RepeatedOrder::Accepted,
            passes: 20,
            spoil: None,
            list_faults: false,
        }
    }

    /// The same without anything that goes wrong.
    #[must_use]
    pub fn without_troubles(self) -> Self {
        Self { ambiguous_percent: 0, kills: 0, rolling: 0, outages: 0, ..self }
    }

    /// Whether anything goes wrong by itself.
    #[must_use]
    pub const fn has_faults(&self) -> bool {
        self.ambiguous_percent > 0
    }
}
