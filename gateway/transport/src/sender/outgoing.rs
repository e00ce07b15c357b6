//! A request's body that notes when it begins to leave.
//!
//! hyper asks for the body only when a connection stands and the head is being written to it, and no side acts on a
//! request whose body it has not seen. So as long as nobody asked for the body, nothing was sent: the one fact no error
//! of reqwest tells in all cases. Its connection runs in a task of its own and may have taken the request when the time is
//! over: what was called unsent is then held back.

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
/// Nothing was sent, and somebody was told so.
const CALLED_UNSENT: u8 = 3;

/// How far an exchange has come, seen from outside.
#[derive(Debug, Clone)]
pub(super) struct Sight(Arc<AtomicU8>);

/// The body.
#[derive(Debug)]
pub(super) struct Outgoing {
    bytes: Option<Bytes>,
    sight: Sight,
}

/// The exchange is over, and its caller was told that nothing was sent.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the request was given up before it was sent")]
pub(super) struct GivenUp;

// === impl Sight ===

impl Sight {
    /// An empty body is never asked for, so nothing can be ruled out from the beginning.
    pub(super) fn new(empty: bool) -> Self {
        Self(Arc::new(AtomicU8::new(if empty { PERHAPS_SENT } else { NOTHING_SENT })))
    }

    /// A body is asked for.
    ///
    /// # Errors
    ///
    /// It must not leave any more.
    pub(super) fn sending(&self) -> Result<(), GivenUp> {
        // The answer may be on its way already, and is the more telling fact.
        match self.0.fetch_max(PERHAPS_SENT, Ordering::AcqRel) {
            CALLED_UNSENT => Err(GivenUp),
            _ => Ok(()),
        }
    }

    /// The answer has begun.
    pub(super) fn answering(&self) {
        self.0.fetch_max(ANSWERING, Ordering::AcqRel);
    }

    /// How far the exchange had come, now that it is over. What has not left by now does not leave any more.
    pub(super) fn at_the_end(&self) -> Progress {
        let unsent =
            self.0.compare_exchange(NOTHING_SENT, CALLED_UNSENT, Ordering::AcqRel, Ordering::Acquire);
        match unsent {
            Ok(_) | Err(CALLED_UNSENT) => Progress::NothingSent,
            Err(PERHAPS_SENT) => Progress::PerhapsSent,
            Err(_) => Progress::Answering,
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
    type Error = GivenUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, GivenUp>>> {
        let bytes = self.bytes.take();
        Poll::Ready(bytes.map(|bytes| self.sight.sending().map(|()| Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::BodyExt;

    use super::{Outgoing, Progress, Sight};

    #[tokio::test]
    async fn what_was_called_unsent_does_not_leave_afterwards() {
        let sight = Sight::new(false);
        let mut body = Outgoing::new(Bytes::from("<Order/>"), sight.clone());
        // The connection has the request already, and asks for its body only now.
        assert_eq!(sight.at_the_end(), Progress::NothingSent);
        assert!(body.frame().await.unwrap().is_err());
        sight.answering();
        assert_eq!(sight.at_the_end(), Progress::NothingSent);
    }

    #[tokio::test]
    async fn what_began_to_leave_may_have_arrived() {
        let sight = Sight::new(false);
        let mut body = Outgoing::new(Bytes::from("<Order/>"), sight.clone());
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "<Order/>");
        assert_eq!(sight.at_the_end(), Progress::PerhapsSent);
        sight.answering();
        assert_eq!(sight.at_the_end(), Progress::Answering);
        assert_eq!(Sight::new(true).at_the_end(), Progress::PerhapsSent);
    }
}
