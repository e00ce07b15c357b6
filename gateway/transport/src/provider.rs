//! The one place that chooses who does the cryptography.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};

/// The provider for a rustls configuration of our own.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Makes the provider the process's own, which reqwest needs: without one, building a client panics.
/// Doing it again changes nothing.
pub(crate) fn install() {
    // An error says that one is installed already, and any is as good for us.
    let _ = ring::default_provider().install_default();
}
