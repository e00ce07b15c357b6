//! What a sender is to those above it, so that something else than sockets can stand there.

use std::fmt;
use std::pin::Pin;

use super::{Answer, Call, SendError, Sender};

/// An exchange under way.
pub type Exchange<'w> = Pin<Box<dyn Future<Output = Result<Answer, SendError>> + Send + 'w>>;

/// The way to one other system: one exchange for each call, within the call's deadline, and the truth about what became
/// of it.
pub trait Way: fmt::Debug + Send + Sync {
    /// Sends once and waits for the whole answer. Its errors are those of [`Sender::send`].
    fn send(&self, call: Call) -> Exchange<'_>;
}

impl Way for Sender {
    fn send(&self, call: Call) -> Exchange<'_> {
        Box::pin(Sender::send(self, call))
    }
}
