//! A request's body that is made as it is sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::outgoing::Sight;

/// A body to come. Its sender waits while the other side takes nothing; dropping it ends the body.
#[derive(Debug)]
pub struct Upload {
    /// Its bytes; an error breaks the exchange off.
    pub pieces: mpsc::Receiver<io::Result<Bytes>>,
    /// How many bytes there will be; without it they are sent in chunks.
    pub length: Option<u64>,
}

/// An upload on its way.
#[derive(Debug)]
pub(super) struct Uploading {
    upload: Upload,
    sight: Sight,
}

// === impl Uploading ===

impl Uploading {
    pub(super) const fn new(upload: Upload, sight: Sight) -> Self {
        Self { upload, sight }
    }
}

impl Body for Uploading {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.sight.sending().map_err(io::Error::other)?;
        let this = &mut *self;
        let polled = this.upload.pieces.poll_recv(context);
        if let (Poll::Ready(Some(Ok(bytes))), Some(left)) = (&polled, &mut this.upload.length) {
            *left = left.saturating_sub(bytes.len() as u64);
        }
        polled.map(|piece| piece.map(|bytes| bytes.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.upload.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
