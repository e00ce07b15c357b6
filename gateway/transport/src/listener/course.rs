//! What a connection waits for, since when, and how long it may.
//!
//! hyper times a request's head only, has one limit for "idle" and "slow", and none for a caller that does not take its
//! answer. Here the calls and the bytes of a connection note what happens, and a watchdog beside the conversation says
//! when a wait has lasted too long. Noting costs no timer: the watchdog looks at least as often as the shortest limit, so
//! it is never late.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::params::Params;

/// How long each wait may last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    head: Duration,
    idle: Duration,
    write: Duration,
}

/// What happened on a connection. Its instants are nanoseconds since the beginning; the first nanosecond counts as the
/// second, for zero stands for "not".
#[derive(Debug)]
pub(super) struct Course {
    origin: Instant,
    /// Calls between the end of the head and the beginning of the answer.
    working: AtomicUsize,
    /// Answers that are not handed to hyper completely.
    answering: AtomicUsize,
    /// Calls that have begun.
    begun: AtomicU64,
    /// When a call was last answered or ended.
    quiet_since: AtomicU64,
    /// When the head under way began.
    head_since: AtomicU64,
    /// Since when the caller takes no bytes.
    stalled_since: AtomicU64,
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

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// For the caller, with nothing under way.
    Idle,
    /// For the rest of something the caller has begun.
    Slow,
}

// === impl Limits ===

impl Limits {
    pub(super) const fn new(params: &Params) -> Self {
        Self { head: params.header_read_timeout, idle: params.idle_timeout, write: params.write_timeout }
    }

    /// How often to look.
    fn step(self) -> Duration {
        self.head.min(self.idle).min(self.write)
    }
}

// === impl Course ===

impl Course {
    pub(super) fn new(retire: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            origin: Instant::now(),
            working: AtomicUsize::new(0),
            answering: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            quiet_since: AtomicU64::new(1),
            head_since: AtomicU64::new(0),
            stalled_since: AtomicU64::new(0),
            doubtful_from: AtomicU64::new(u64::MAX),
            retire,
        })
    }

    /// A request is complete as far as its head: counts it as under way, and says whether its framing is vouched for.
    pub(super) fn begin(self: &Arc<Self>) -> (Underway, bool) {
        self.working.fetch_add(1, Ordering::Relaxed);
        let number = self.begun.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let vouched = number < self.doubtful_from.load(Ordering::Relaxed);
        (Underway { course: Arc::clone(self), stage: Stage::Working }, vouched)
    }

    /// From this request on, counted from 1, framing is not vouched for.
    pub(super) fn doubt_from(&self, number: u64) {
        self.doubtful_from.store(number, Ordering::Relaxed);
    }

    /// A head has begun and not ended.
    pub(super) fn head_began(&self) {
        self.head_since.store(self.now(), Ordering::Relaxed);
    }

    /// No head is under way.
    pub(super) fn head_ended(&self) {
        self.head_since.store(0, Ordering::Relaxed);
    }

    /// The caller takes no bytes at the moment.
    pub(super) fn stalls(&self) {
        if self.stalled_since.load(Ordering::Relaxed) == 0 {
            self.stalled_since.store(self.now(), Ordering::Relaxed);
        }
    }

    /// The caller has taken bytes.
    pub(super) fn flows(&self) {
        self.stalled_since.store(0, Ordering::Relaxed);
    }

    /// Ends when the connection has waited too long for its caller. One that is only idle is asked to retire first, so
    /// that an HTTP/2 caller is told which of its requests were seen.
    pub(super) async fn overdue(&self, limits: Limits) {
        loop {
            let now = Instant::now();
            let look_again = now + limits.step();
            let wake = match self.waits(limits) {
                None => look_again,
                Some((_, end)) if end > now => end.min(look_again),
                Some((Wait::Idle, _)) if !self.retire.is_cancelled() => {
                    self.retire.cancel();
                    look_again
                }
                Some(_) => return,
            };
            sleep_until(wake).await;
        }
    }

    /// What the caller is waited for, and until when; `None` while a call works.
    fn waits(&self, limits: Limits) -> Option<(Wait, Instant)> {
        let load = |since: &AtomicU64| since.load(Ordering::Relaxed);
        let (stalled, head, quiet) =
            (load(&self.stalled_since), load(&self.head_since), load(&self.quiet_since));
        if stalled > 0 {
            return Some((Wait::Slow, self.end(stalled, limits.write)));
        }
        if self.working.load(Ordering::Relaxed) > 0 {
            return None;
        }
        if self.answering.load(Ordering::Relaxed) > 0 {
            return Some((Wait::Slow, self.end(quiet, limits.write)));
        }
        if head > 0 {
            return Some((Wait::Slow, self.end(head, limits.head)));
        }
        if load(&self.begun) == 0 {
            return Some((Wait::Slow, self.end(quiet, limits.head)));
        }
        Some((Wait::Idle, self.end(quiet, limits.idle)))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }

    fn end(&self, since: u64, limit: Duration) -> Instant {
        self.origin + Duration::from_nanos(since) + limit
    }
}

// === impl Underway ===

impl Underway {
    /// The service has answered; from here on the caller is waited for.
    pub(super) fn answered(mut self) -> Self {
        self.course.quiet_since.store(self.course.now(), Ordering::Relaxed);
        self.course.answering.fetch_add(1, Ordering::Relaxed);
        self.course.working.fetch_sub(1, Ordering::Relaxed);
        self.stage = Stage::Answering;
        self
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.course.quiet_since.store(self.course.now(), Ordering::Relaxed);
        let counter = match self.stage {
            Stage::Working => &self.course.working,
            Stage::Answering => &self.course.answering,
        };
        counter.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::{Instant, advance, timeout};

    use super::{CancellationToken, Course, Limits, Params};

    const HEAD: Duration = Duration::from_secs(10);
    const WRITE: Duration = Duration::from_secs(30);
    const IDLE: Duration = Duration::from_secs(75);

    fn limits() -> Limits {
        let params = Params::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        Limits::new(&Params { header_read_timeout: HEAD, write_timeout: WRITE, idle_timeout: IDLE, ..params })
    }

    /// What happens on a connection, one after the other.
    type Event = fn(&Arc<Course>, &mut Vec<super::Underway>);

    /// How long after these events the connection is cut; `None` if it is not within a day.
    async fn cut_after(events: &[Event]) -> Option<Duration> {
        let course = Course::new(CancellationToken::new());
        let mut calls = Vec::new();
        for event in events {
            advance(Duration::from_millis(3_700)).await;
            event(&course, &mut calls);
        }
        let begun = Instant::now();
        let cut = timeout(Duration::from_secs(86_400), course.overdue(limits())).await;
        cut.ok().map(|()| begun.elapsed())
    }

    const BEGIN: Event = |course, calls| calls.push(course.begin().0);
    const ANSWER: Event = |_, calls| {
        let answered = calls.pop().unwrap().answered();
        calls.push(answered);
    };
    const END: Event = |_, calls| drop(calls.pop());
    const HEAD_BEGINS: Event = |course, _| course.head_began();
    const HEAD_ENDS: Event = |course, _| course.head_ended();
    const STALL: Event = |course, _| course.stalls();
    const FLOW: Event = |course, _| course.flows();

    #[tokio::test(start_paused = true)]
    async fn each_wait_has_its_own_limit() {
        let cases: &[(&str, &[Event], Option<Duration>)] = &[
            ("nothing was ever said", &[], Some(HEAD)),
            ("a first head has begun", &[HEAD_BEGINS], Some(HEAD)),
            ("a call works", &[HEAD_BEGINS, HEAD_ENDS, BEGIN], None),
            ("an answer is not taken", &[BEGIN, ANSWER], Some(WRITE)),
            ("an answer's bytes stall", &[BEGIN, ANSWER, END, STALL], Some(WRITE)),
            ("one answer waits, one call works", &[BEGIN, ANSWER, BEGIN], None),
            ("a later head has begun", &[BEGIN, ANSWER, END, HEAD_BEGINS], Some(HEAD)),
            // Idle: asked to retire first, then cut.
            ("a call has ended", &[BEGIN, ANSWER, END], Some(IDLE + HEAD)),
            ("a stall is over", &[BEGIN, ANSWER, END, STALL, FLOW], Some(IDLE + HEAD)),
        ];
        for (what, events, expected) in cases {
            let Some(expected) = expected else {
                assert_eq!(cut_after(events).await, None, "{what}");
                continue;
            };
            // A stall and its end do not touch since when it is quiet; timers are whole milliseconds.
            let found = cut_after(events).await.unwrap();
            let slack = Duration::from_millis(2 * 3_700 + 2);
            assert!(
                found <= *expected + Duration::from_millis(2) && found + slack >= *expected,
                "{what}: {found:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_asked_to_retire_before_it_is_cut() {
        let course = Course::new(CancellationToken::new());
        drop(course.begin().0.answered());
        tokio::select! {
            biased;
            () = course.overdue(limits()) => panic!("cut without being asked"),
            () = course.retire.cancelled() => {}
        }
    }
}
