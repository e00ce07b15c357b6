//! A connection's bytes on their way into and out of hyper: requests are told apart, stalls are noted.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::course::Course;
use super::framing::Framing;

/// The bytes of one connection.
#[derive(Debug)]
pub(super) struct Watch<IO> {
    io: IO,
    course: Arc<Course>,
    /// For HTTP/1.1 only: HTTP/2 frames its requests without doubt.
    framing: Option<Framing>,
}

// === impl Watch ===

impl<IO> Watch<IO> {
    /// Watches an HTTP/1.1 connection.
    pub(super) const fn http1(io: IO, course: Arc<Course>) -> Self {
        Self { io, course, framing: Some(Framing::new()) }
    }

    /// Watches an HTTP/2 connection.
    pub(super) const fn http2(io: IO, course: Arc<Course>) -> Self {
        Self { io, course, framing: None }
    }

    fn note_read(&mut self, bytes: &[u8]) {
        let Some(framing) = &mut self.framing else { return };
        let (was_open, begun) = (framing.in_head(), framing.heads_begun());
        framing.feed(bytes);
        if let Some(number) = framing.doubtful_from() {
            self.course.doubt_from(number);
        }
        match (framing.in_head(), was_open && framing.heads_begun() == begun) {
            (true, false) => self.course.head_began(),
            (false, _) if was_open => self.course.head_ended(),
            _ => {}
        }
    }

    fn note_write<T>(&self, polled: Poll<T>) -> Poll<T> {
        if polled.is_pending() {
            self.course.stalls();
        } else {
            self.course.flows();
        }
        polled
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Watch<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.io).poll_read(context, buffer);
        if polled.is_ready() {
            this.note_read(buffer.filled().get(before..).unwrap_or_default());
        }
        polled
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Watch<IO> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write(context, bytes);
        this.note_write(polled)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write_vectored(context, slices);
        this.note_write(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_flush(context);
        this.note_write(polled)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_shutdown(context);
        this.note_write(polled)
    }
}
