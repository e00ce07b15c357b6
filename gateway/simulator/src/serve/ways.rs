//! The gateways a simulated system calls: one, or several in turn as behind a balancer.

use gateway_transport::sender::Address;

/// Addresses, and whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    addresses: Vec<Address>,
    turn: usize,
}

// === impl Ways ===

impl Ways {
    pub(crate) fn set(&mut self, addresses: Vec<Address>) {
        self.addresses = addresses;
    }

    /// The next in turn, alive or not; `None` if there are none.
    pub(crate) fn next(&mut self) -> Option<Address> {
        self.turn = self.turn.wrapping_add(1);
        self.addresses.get(self.turn.checked_rem(self.addresses.len())?).cloned()
    }
}
