//! A connection's bytes under watch: whoever lets the listener wait too long is cut.
//!
//! hyper times a request's head only, has one limit for "idle" and "slow", and none for a caller that does not take its
//! answer. This wrapper sits below hyper, knows from the bytes and from the calls in which phase the connection is, and
//! keeps one timer for that phase.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;

use super::framing::Framing;
use super::params::Params;

/// How long each phase may last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    head: Duration,
    idle: Duration,
    write: Duration,
}

/// What the calls of a connection tell its watch, and the other way round.
#[derive(Debug)]
pub(super) struct Course {
    /// Calls between the end of the head and the beginning of the answer.
    working: AtomicUsize,
    /// Answers that are not handed to hyper completely.
    answering: AtomicUsize,
    /// Calls that have begun.
    begun: AtomicU64,
    /// Answers that have ended.
    ended: AtomicU64,
    /// The first request whose framing is not vouched for; `u64::MAX` for none.
    doubtful_from: AtomicU64,
    /// Asks the connection to end after the calls under way.
    pub(super) retire: CancellationToken,
}

/// Counts a call, or its answer, as under way until it is dropped.
#[derive(Debug)]
pub(super) struct Underway {
    course: Arc<Course>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Working,
    Answering,
}

/// The bytes of one connection.
#[derive(Debug)]
pub(super) struct Watch<IO> {
    io: IO,
    course: Arc<Course>,
    limits: Limits,
    /// For HTTP/1.1 only: HTTP/2 frames its requests without doubt.
    framing: Option<Framing>,
    /// The caller takes no bytes at the moment.
    stalled: bool,
    /// Writes that took bytes.
    writes: u64,
    timer: Pin<Box<Sleep>>,
    armed: Option<Phase>,
}

/// What a connection waits for, with a number that changes whenever the wait starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    First,
    Head(u64),
    Idle(u64),
    Write(u64),
}

// === impl Limits ===

impl Limits {
    pub(super) const fn new(params: &Params) -> Self {
        Self { head: params.header_read_timeout, idle: params.idle_timeout, write: params.write_timeout }
    }
}

// === impl Course ===

impl Course {
    pub(super) fn new(retire: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            working: AtomicUsize::new(0),
            answering: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            doubtful_from: AtomicU64::new(u64::MAX),
            retire,
        })
    }

    /// Counts a call as under way, and says whether its framing is vouched for.
    pub(super) fn begin(self: &Arc<Self>) -> (Underway, bool) {
        self.working.fetch_add(1, Ordering::Relaxed);
        let number = self.begun.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let vouched = number < self.doubtful_from.load(Ordering::Relaxed);
        (Underway { course: Arc::clone(self), stage: Stage::Working }, vouched)
    }
}

// === impl Underway ===

impl Underway {
    /// The service has answered; from here on the caller is waited for.
    pub(super) fn answered(mut self) -> Self {
        self.course.answering.fetch_add(1, Ordering::Relaxed);
        self.course.working.fetch_sub(1, Ordering::Relaxed);
        self.stage = Stage::Answering;
        self
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let counter = match self.stage {
            Stage::Working => &self.course.working,
            Stage::Answering => &self.course.answering,
        };
        counter.fetch_sub(1, Ordering::Relaxed);
        self.course.ended.fetch_add(1, Ordering::Relaxed);
    }
}

// === impl Watch ===

impl<IO> Watch<IO> {
    /// Watches an HTTP/1.1 connection.
    pub(super) fn http1(io: IO, course: Arc<Course>, limits: Limits) -> Self {
        Self { framing: Some(Framing::new()), ..Self::http2(io, course, limits) }
    }

    /// Watches an HTTP/2 connection.
    pub(super) fn http2(io: IO, course: Arc<Course>, limits: Limits) -> Self {
        let timer = Box::pin(sleep(limits.head));
        Self { io, course, limits, framing: None, stalled: false, writes: 0, timer, armed: None }
    }

    fn phase(&self) -> Option<(Phase, Duration)> {
        let course = &self.course;
        if self.stalled {
            return Some((Phase::Write(self.writes), self.limits.write));
        }
        if course.working.load(Ordering::Relaxed) > 0 {
            return None;
        }
        if course.answering.load(Ordering::Relaxed) > 0 {
            return Some((Phase::Write(self.writes), self.limits.write));
        }
        if let Some(framing) = self.framing.as_ref().filter(|framing| framing.in_head()) {
            return Some((Phase::Head(framing.heads_begun()), self.limits.head));
        }
        if course.begun.load(Ordering::Relaxed) == 0 {
            return Some((Phase::First, self.limits.head));
        }
        Some((Phase::Idle(course.ended.load(Ordering::Relaxed)), self.limits.idle))
    }

    /// Ready when the phase has lasted too long. An idle connection is asked to retire first, so that an HTTP/2 peer is
    /// told which of its requests were seen.
    fn poll_overdue(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let Some((phase, limit)) = self.phase() else {
            self.armed = None;
            return Poll::Pending;
        };
        if self.armed != Some(phase) {
            self.armed = Some(phase);
            self.timer.as_mut().reset(Instant::now() + limit);
        }
        ready!(self.timer.as_mut().poll(context));
        if matches!(phase, Phase::Idle(_)) && !self.course.retire.is_cancelled() {
            self.course.retire.cancel();
            self.timer.as_mut().reset(Instant::now() + self.limits.head);
            ready!(self.timer.as_mut().poll(context));
        }
        Poll::Ready(io::Error::from(io::ErrorKind::TimedOut))
    }

    fn after_write(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match polled {
            Poll::Ready(outcome) => {
                self.stalled = false;
                self.writes = self.writes.wrapping_add(1);
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                self.stalled = true;
                self.poll_overdue(context).map(Err)
            }
        }
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
        match Pin::new(&mut this.io).poll_read(context, buffer) {
            Poll::Ready(outcome) => {
                if let Some(framing) = &mut this.framing {
                    framing.feed(buffer.filled().get(before..).unwrap_or_default());
                    if let Some(number) = framing.doubtful_from() {
                        this.course.doubtful_from.store(number, Ordering::Relaxed);
                    }
                }
                Poll::Ready(outcome)
            }
            Poll::Pending => this.poll_overdue(context).map(Err),
        }
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Watch<IO> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write(context, bytes);
        this.after_write(context, polled)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write_vectored(context, slices);
        this.after_write(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.io).poll_flush(context) {
            Poll::Ready(outcome) => {
                this.stalled = false;
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                this.stalled = true;
                this.poll_overdue(context).map(Err)
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.io).poll_shutdown(context) {
            Poll::Ready(outcome) => Poll::Ready(outcome),
            Poll::Pending => {
                this.stalled = true;
                this.poll_overdue(context).map(Err)
            }
        }
    }
}
