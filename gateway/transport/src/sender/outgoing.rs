//! A request's body that notes when it begins to leave.
//!
//! hyper asks for the body only when a connection stands and the head is being written to it, and no side acts on a
//! request whose body it has not seen. So as long as nobody asked for the body, nothing was sent: the one fact no error
//! of reqwest tells in all cases.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::error::Progress;

const NOTHING_SENT: u8 = 0;
const PERHAPS_SENT: u8 = 1;
const ANSWERING: u8 = 2;

/// How far an exchange has come, seen from outside.
#[derive(Debug, Clone)]
pub(super) struct Sight(Arc<AtomicU8>);

/// The body.
#[derive(Debug)]
pub(super) struct Outgoing {
    bytes: Option<Bytes>,
    sight: Sight,
}

// === impl Sight ===

impl Sight {
    /// An empty body is never asked for, so nothing can be ruled out from the beginning.
    pub(super) fn new(empty: bool) -> Self {
        Self(Arc::new(AtomicU8::new(if empty { PERHAPS_SENT } else { NOTHING_SENT })))
    }

    /// A body is asked for.
    pub(super) fn sending(&self) {
        // The answer may be on its way already, and is the more telling fact.
        self.0.fetch_max(PERHAPS_SENT, Ordering::AcqRel);
    }

    /// The answer has begun.
    pub(super) fn answering(&self) {
        self.0.store(ANSWERING, Ordering::Release);
    }

    pub(super) fn progress(&self) -> Progress {
        match self.0.load(Ordering::Acquire) {
            NOTHING_SENT => Progress::NothingSent,
            PERHAPS_SENT => Progress::PerhapsSent,
            _ => Progress::Answering,
        }
    }
}

// === impl Outgoing ===

impl Outgoing {
    pub(super) fn new(bytes: Bytes, sight: Sight) -> Self {
        Self { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), sight }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sight.sending();
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
