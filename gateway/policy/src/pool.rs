//! What a DOM API takes at a time, shared by classes and stores: nothing is sent that it has no room for.
//!
//! Requests and lines per second and calls under way have bounds. Each class is sure of a part of each, lends what it does
//! not use, and has it back with the next call; within a class stores take turns by weight. What cannot go waits, for so
//! long and so many; then it is refused, the least urgent class first, with the time to come back. See `ledger` for who
//! goes next and why nobody starves.

mod credit;
mod ledger;
mod meter;
mod params;
mod queue;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use gateway_model::codes::OVERLOADED;
use gateway_model::{Fault, Reached, Repeat};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout_at};
use tower::{Layer, Service};

use self::ledger::{Entry, Ledger, Step, Wish};
pub use self::params::{Params, Rate, Share};
use crate::class::{ByClass, Class};
use crate::deadline::Deadline;
use crate::retry::BadParams;
use crate::timed::{Budgeted, Timed};

/// Who is refused should stay away for so long at least.
pub const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// Who is refused need not stay away for longer.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A request of which a pool can tell what it is worth and what it takes.
pub trait Ranked {
    /// How urgent it is.
    fn class(&self) -> Class;

    /// Whose it is.
    fn store(&self) -> &str;

    /// How many lines it asks for; 0 if it asks for none.
    fn lines(&self) -> u32;
}

/// What became of a class's calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that went.
    pub passed: u64,
    /// Of those, how many took more than the class is sure of.
    pub borrowed: u64,
    /// Calls refused because too many waited.
    pub refused_full: u64,
    /// Calls refused because they waited too long.
    pub refused_late: u64,
    /// Calls waiting now.
    pub waiting: u32,
    /// Calls under way now.
    pub under_way: u32,
}

/// The call was refused: the DOM has no room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Shed {
    /// As many wait as may.
    #[error("the DOM takes no more at a time: too many `{}` calls wait already", .class.name())]
    Full {
        /// Its class.
        class: Class,
        /// When to come back.
        pause: Duration,
    },
    /// It waited as long as it may.
    #[error("the DOM takes no more at a time: this `{}` call waited {waited:?} in vain", .class.name())]
    Late {
        /// Its class.
        class: Class,
        /// For how long.
        waited: Duration,
        /// When to come back.
        pause: Duration,
    },
}

/// The pool of one DOM API. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

/// Sends what is below it through a pool: a call waits for room for half of its time at most. Made by [`pool`].
#[derive(Debug, Clone)]
pub struct PoolLayer {
    pool: Pool,
}

/// The service of [`PoolLayer`].
#[derive(Debug, Clone)]
pub struct PoolService<S> {
    inner: S,
    pool: Pool,
}

/// Room for one call, until it is dropped.
#[derive(Debug)]
pub struct Permit {
    pool: Pool,
    class: Class,
}

struct Shared {
    classes: ByClass<Share>,
    state: Mutex<State>,
}

struct State {
    ledger: Ledger<Given>,
    /// When somebody will look at the ledger again.
    alarm: Option<Instant>,
}

/// Where a waiting call hears what became of it.
type Given = oneshot::Sender<Message>;

/// What it hears.
type Message = Result<Permit, Refused>;

#[derive(Debug, Clone, Copy)]
enum Refused {
    Full,
    Late,
}

/// A call's place in the queue; it is given up when the caller leaves.
struct Place<'a> {
    pool: &'a Pool,
    class: Class,
    number: u64,
    too_late: bool,
}

/// Sends what is below the layer through a pool.
#[must_use]
pub fn pool(pool: &Pool) -> PoolLayer {
    PoolLayer { pool: pool.clone() }
}

// === impl Pool ===

impl Pool {
    /// A pool of which nothing is used.
    ///
    /// # Errors
    ///
    /// If a parameter cannot be.
    pub fn new(params: Params) -> Result<Self, BadParams> {
        params.check()?;
        let classes = params.classes;
        let state = State { ledger: Ledger::new(params, Instant::now()), alarm: None };
        Ok(Self(Arc::new(Shared { classes, state: Mutex::new(state) })))
    }

    /// Waits for room for a call: as long as its class may, and never past the deadline.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub async fn admit(
        &self,
        class: Class,
        store: &str,
        lines: u32,
        deadline: Option<Deadline>,
    ) -> Result<Permit, Shed> {
        let begun = Instant::now();
        if deadline.is_some_and(Deadline::has_passed) {
            self.state().ledger.never_entered(class);
            return Err(self.late(class, begun));
        }
        let longest = begun + self.0.classes.of(class).longest_wait;
        let until = deadline.map_or(longest, |deadline| deadline.instant().min(longest));
        let (given, mut hears) = oneshot::channel();
        let entry = self.state().ledger.enter(Wish { class, store, lines, until, given });
        let number = match entry {
            Entry::Waits(number) => number,
            Entry::InsteadOf(number, other) => {
                // Who does not listen any more needs not be told.
                drop(other.send(Err(Refused::Full)));
                number
            }
            Entry::Full(_) => return Err(self.full(class)),
        };
        let mut place = Place { pool: self, class, number, too_late: false };
        self.dispatch();
        match timeout_at(until, &mut hears).await {
            Ok(Ok(Ok(permit))) => Ok(permit),
            Ok(Ok(Err(Refused::Full)) | Err(_)) => Err(self.full(class)),
            Ok(Ok(Err(Refused::Late))) => Err(self.late(class, begun)),
            Err(_) => {
                place.too_late = true;
                drop(place);
                Err(self.late(class, begun))
            }
        }
    }

    /// What became of the calls so far.
    #[must_use]
    pub fn counts(&self) -> ByClass<Counts> {
        self.state().ledger.counts()
    }

    fn full(&self, class: Class) -> Shed {
        Shed::Full { class, pause: self.state().ledger.pause(class) }
    }

    fn late(&self, class: Class, begun: Instant) -> Shed {
        Shed::Late { class, waited: begun.elapsed(), pause: self.state().ledger.pause(class) }
    }

    /// Lets go whoever may. Messages are sent when the lock is free again: a permit that nobody takes comes back here.
    fn dispatch(&self) {
        let (told, alarm) = self.settle(Instant::now());
        for (given, message) in told {
            drop(given.send(message));
        }
        if let (Some(at), Ok(runtime)) = (alarm, tokio::runtime::Handle::try_current()) {
            // Ends by itself, within the time that the meters ask for; without a pool it does nothing.
            drop(runtime.spawn(look_again(Arc::downgrade(&self.0), at)));
        }
    }

    fn settle(&self, now: Instant) -> (Vec<(Given, Message)>, Option<Instant>) {
        let mut told = Vec::new();
        let mut state = self.state();
        let wait = loop {
            match state.ledger.next(now) {
                Step::Go(class, given) => told.push((given, Ok(Permit { pool: self.clone(), class }))),
                Step::TooLate(given) => told.push((given, Err(Refused::Late))),
                Step::Wait(at) => break Some(at),
                Step::Rest => break None,
            }
        };
        let sooner = wait.filter(|at| state.alarm.is_none_or(|alarm| *at < alarm));
        if sooner.is_some() {
            state.alarm = sooner;
        }
        (told, sooner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pool").field("classes", &self.0.classes).finish_non_exhaustive()
    }
}

async fn look_again(pool: Weak<Shared>, at: Instant) {
    sleep_until(at).await;
    let Some(shared) = pool.upgrade() else { return };
    let pool = Pool(shared);
    let mut state = pool.state();
    if state.alarm == Some(at) {
        state.alarm = None;
    }
    drop(state);
    pool.dispatch();
}

// === impl PoolLayer ===

impl<S> Layer<S> for PoolLayer {
    type Service = PoolService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PoolService { inner, pool: self.pool.clone() }
    }
}

// === impl PoolService ===

impl<S, Request> Service<Request> for PoolService<S>
where
    S: Service<Request> + Clone + Send + 'static,
    S::Future: Send,
    S::Response: Send,
    S::Error: From<Shed> + Send,
    Request: Timed + Ranked + Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that was made ready goes along; its clone is made ready for the next call.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        let pool = self.pool.clone();
        Box::pin(async move {
            let (class, lines) = (request.class(), request.lines());
            let store = request.store().to_owned();
            // What goes has as much time left for the DOM as it waited: a queue of calls that are all let go when their
            // time is nearly over would keep the DOM busy with what nobody waits for any more.
            let patience = request.deadline().map(|deadline| Deadline::after(deadline.left() / 2));
            let permit = pool.admit(class, &store, lines, patience).await?;
            let answer = inner.call(request).await;
            drop(permit);
            answer
        })
    }
}

// === impl Permit ===

impl Drop for Permit {
    fn drop(&mut self) {
        self.pool.state().ledger.ended(self.class);
        self.pool.dispatch();
    }
}

// === impl Place ===

impl Drop for Place<'_> {
    /// Without it another call may be next, and may go at once.
    fn drop(&mut self) {
        let was_there = self.pool.state().ledger.leave(self.class, self.number, self.too_late);
        if was_there {
            self.pool.dispatch();
        }
    }
}

// === impl Shed ===

impl Shed {
    /// When to come back.
    #[must_use]
    pub const fn pause(self) -> Duration {
        match self {
            Self::Full { pause, .. } | Self::Late { pause, .. } => pause,
        }
    }
}

impl From<Shed> for Fault {
    /// Nothing was sent.
    fn from(shed: Shed) -> Self {
        Self::gateway(OVERLOADED, shed.to_string())
            .reached(Reached::No)
            .repeat(Repeat::Safe)
            .retry_after(shed.pause())
    }
}

// === impl Ranked ===

impl<T: Ranked> Ranked for Budgeted<T> {
    fn class(&self) -> Class {
        self.request.class()
    }

    fn store(&self) -> &str {
        self.request.store()
    }

    fn lines(&self) -> u32 {
        self.request.lines()
    }
}

#[cfg(test)]
mod tests;
