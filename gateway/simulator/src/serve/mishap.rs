//! What befalls a document of the store below its connector, where the connector does not see it.

use std::sync::Arc;
use std::time::Duration;

use gateway_transport::sender::Address;

use super::script::Incident;

/// One sending that does not go as the connector thinks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mishap {
    /// The transport waits for an answer only so long; then it hangs up and sends the document once more, as WebSphere's
    /// does with `requestResendEnabled`.
    SentAgain {
        /// How long it waits.
        after: Duration,
        /// Whether the second one goes to the next gateway; else to the same.
        to_another: bool,
    },
    /// It goes where no gateway is.
    Astray(Address),
}

/// Decides what befalls a sending; its attempt is that of the connector.
pub type Mishaps = Arc<dyn Fn(&Incident<'_>) -> Option<Mishap> + Send + Sync>;
