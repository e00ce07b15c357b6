//! Which reservations are worked on in this process, and what is still to be given back under their ids.
//!
//! One call at a time has its [`Turn`] at a reservation id, because a cancellation names an item and a quantity and not the
//! call that reserved it: given back while another call reserves, it might be that one's. What could not be given back
//! within its call is owed. A task goes on with it after the store was answered; a later call that has its turn at the same
//! id gives it back first, in order, and the task ends. So nothing that a later call of this process reserves is taken away.
//! Other processes are not seen; what is left open by that stands in `ARCHITECTURE.md`.

mod way;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gateway_exchange::Release;
use gateway_model::{Fault, codes};
use gateway_policy::Deadline;
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_util::task::TaskTracker;

use crate::metrics::Metrics;
pub use crate::reservations::way::Way;

/// How long something is owed before the gateway gives up.
const LONGEST: Duration = Duration::from_secs(60);
/// The wait before the task's first attempt: much less than `settle_ms`, for which another gateway waits between giving back
/// and reserving when the store turns to it. A release that came later would take that one's reservation.
const AT_ONCE: Duration = Duration::from_millis(20);
/// The wait before its second attempt; doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest wait between two of its attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long the task may take for one attempt at all that is owed under an id.
const ATTEMPT: Duration = Duration::from_secs(10);
/// Under how many ids something may be owed at once.
const MOST_OWED: usize = 1_000;

/// A reservation id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// The DOM that holds it.
    pub dom: String,
    /// The id of the store it is for.
    pub store: String,
    /// The order it is named after.
    pub order: String,
}

/// All reservations of the process. Cheap to clone: all clones are one.
#[derive(Debug, Clone)]
pub struct Reservations(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    entries: Mutex<HashMap<Name, Arc<tokio::sync::Mutex<Owed>>>>,
    /// One for each id under which something is owed.
    tasks: TaskTracker,
    metrics: Metrics,
}

/// What is known of an id while somebody works on it.
#[derive(Debug, Default)]
struct Owed {
    debts: Vec<Debt>,
    /// Whether a task works them off.
    has_task: bool,
    /// Until when a cancellation that was cut may still be at work at the DOM.
    quiet_from: Option<Instant>,
}

/// What may be held and has to be given back.
#[derive(Debug, Clone)]
struct Debt {
    release: Release,
    cause: Cause,
    /// When it began to be owed.
    since: Instant,
    /// From when on the reservation that was cut is no longer at work at the DOM.
    settled_at: Instant,
}

/// Why something may be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// This process sent a reservation.
    Sent,
    /// Another one may have: the document may be a repeat.
    Suspected,
}

/// Nobody else of this process works on the reservation meanwhile.
#[derive(Debug)]
pub struct Turn {
    reservations: Reservations,
    name: Name,
    /// There until dropped.
    owed: Option<OwnedMutexGuard<Owed>>,
}

// === impl Reservations ===

impl Reservations {
    /// Nothing is owed yet.
    #[must_use]
    pub fn new(metrics: Metrics) -> Self {
        let shared = Shared { entries: Mutex::default(), tasks: TaskTracker::new(), metrics };
        Self(Arc::new(shared))
    }

    /// Waits for a turn at a reservation.
    ///
    /// # Errors
    /// The call's time is over before the calls ahead of it are.
    pub async fn turn(&self, name: Name, deadline: Deadline) -> Result<Turn, Fault> {
        let entry = Arc::clone(self.entries().entry(name.clone()).or_default());
        // Before the wait, so that whoever gives up waiting leaves nothing behind.
        let mut turn = Turn { reservations: self.clone(), name, owed: None };
        match timeout_at(deadline.instant(), entry.lock_owned()).await {
            Ok(owed) => {
                turn.owed = Some(owed);
                Ok(turn)
            }
            Err(_) => {
                let text = "the call's time was over before earlier calls for the same reservation were";
                Err(Fault::network(codes::DEADLINE, text))
            }
        }
    }

    /// Whether somebody works on a reservation, or something is owed under it.
    #[must_use]
    pub fn is_known(&self, name: &Name) -> bool {
        self.entries().contains_key(name)
    }

    /// Waits until nothing is owed, but no longer than this; what is left then is named in the log, also what a call owes
    /// that was cut.
    pub async fn finish(&self, deadline: Deadline) {
        self.0.tasks.close();
        let _ = timeout_at(deadline.instant(), self.0.tasks.wait()).await;
        for (name, entry) in self.entries().iter() {
            // Who has a turn at this time is giving back.
            if entry.try_lock().is_ok_and(|owed| owed.debts.is_empty()) {
                continue;
            }
            tracing::error!(
                dom = name.dom,
                store = name.store,
                order = name.order,
                "the process ends before what may be reserved for an order could be given back"
            );
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Name, Arc<tokio::sync::Mutex<Owed>>>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets an id that nobody works on and under which nothing is owed.
    fn forget(&self, name: &Name) {
        let mut entries = self.entries();
        let is_idle = entries.get(name).is_some_and(|entry| {
            Arc::strong_count(entry) == 1 && entry.try_lock().is_ok_and(|owed| owed.is_nothing())
        });
        if is_idle {
            entries.remove(name);
        }
    }

    /// Works off what is owed, until there is nothing, or its time is over.
    async fn work_off(self, name: Name, way: Way) {
        let mut pause = AT_ONCE;
        loop {
            sleep(pause).await;
            pause = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            // Whoever has a turn before this one is bounded by the time of its call.
            let Ok(mut turn) = self.turn(name.clone(), Deadline::after(LONGEST)).await else { continue };
            if turn.is_clear() {
                return turn.end_task("taken-over");
            }
            match turn.pay(&way, Deadline::after(ATTEMPT)).await {
                Ok(()) => return turn.end_task("given-back"),
                Err(fault) if turn.is_hopeless() => {
                    let Name { dom, store, order } = &turn.name;
                    tracing::error!(
                        dom, store, order, code = %fault.code,
                        "what may be reserved for an order could not be given back: {}", fault.message
                    );
                    turn.write_off();
                    return turn.end_task("given-up");
                }
                Err(fault) => {
                    tracing::debug!(code = %fault.code, "a reservation is still owed: {}", fault.message);
                }
            }
        }
    }
}

// === impl Owed ===

impl Owed {
    fn is_nothing(&self) -> bool {
        self.debts.is_empty() && !self.has_task && self.is_quiet()
    }

    fn is_quiet(&self) -> bool {
        self.quiet_from.is_none_or(|then| then <= Instant::now())
    }
}

// === impl Turn ===

impl Turn {
    /// Notes that what these calls give back may be held, by a reservation that may still be at work at the DOM for so long.
    pub fn owe(&mut self, release: &Release, at_work: Duration) {
        self.add(release, at_work, Cause::Sent);
    }

    /// The same of a reservation that another process may have sent. However often that is suspected, it is owed once: else
    /// a store that comes again and again while nothing can be given back would make it more each time.
    pub fn suspect(&mut self, release: &Release, at_work: Duration) {
        if let Some(owed) = &mut self.owed {
            owed.debts.retain(|debt| debt.cause != Cause::Suspected || debt.release != *release);
        }
        self.add(release, at_work, Cause::Suspected);
    }

    fn add(&mut self, release: &Release, at_work: Duration, cause: Cause) {
        let since = Instant::now();
        let debt = Debt { release: release.clone(), cause, since, settled_at: since + at_work };
        if let Some(owed) = &mut self.owed {
            owed.debts.push(debt);
        }
    }

    /// Gives back everything that is owed, and once more when the DOM had time for what it was still at work on.
    ///
    /// # Errors
    /// Why it is not known to be given back: it stays owed.
    pub async fn pay(&mut self, way: &Way, deadline: Deadline) -> Result<(), Fault> {
        let Some(settled_at) = self.debts().iter().map(|debt| debt.settled_at).max() else { return Ok(()) };
        let began = Instant::now();
        self.give_all_back(way, deadline).await?;
        if began < settled_at {
            if deadline.instant() <= settled_at {
                let text = "the call's time is over before the DOM is surely done with the reservation";
                return Err(Fault::network(codes::DEADLINE, text));
            }
            sleep_until(settled_at).await;
            self.give_all_back(way, deadline).await?;
        }
        if let Some(owed) = &mut self.owed {
            owed.debts.clear();
        }
        Ok(())
    }

    /// Waits until no cancellation that was cut can be at work any more, so that what is reserved next stays; `false` if
    /// the call has not so much time.
    pub async fn quiet(&self, deadline: Deadline) -> bool {
        match self.owed.as_ref().and_then(|owed| owed.quiet_from) {
            Some(then) if deadline.instant() <= then => false,
            Some(then) => {
                sleep_until(then).await;
                true
            }
            None => true,
        }
    }

    /// Sends cancellations, noting whether one of them was cut.
    ///
    /// # Errors
    /// Why they are not known to be carried out.
    pub async fn give_back(&mut self, release: &Release, way: &Way, deadline: Deadline) -> Result<(), Fault> {
        let (given, was_cut) = way.give_back(release, deadline).await;
        self.note(was_cut, way);
        given
    }

    /// Waits for the outcome of cancellations sent by this way, noting whether one of them was cut.
    ///
    /// # Errors
    /// Theirs.
    pub async fn noting_cuts<T>(
        &mut self,
        way: &Way,
        cancellations: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let before = way.requests();
        let outcome = cancellations.await;
        self.note(outcome.is_err() || way.requests().saturating_sub(before) > 1, way);
        outcome
    }

    fn note(&mut self, was_cut: bool, way: &Way) {
        if was_cut && let Some(owed) = &mut self.owed {
            owed.quiet_from = Some(Instant::now() + way.settle);
        }
    }

    /// Leaves what is owed to a task, for as long as it takes.
    pub fn leave_to_task(mut self, way: Way) {
        let Some(owed) = self.owed.as_mut().filter(|owed| !owed.debts.is_empty() && !owed.has_task) else {
            return;
        };
        let Reservations(shared) = &self.reservations;
        let Name { dom, store, order } = &self.name;
        if shared.tasks.len() >= MOST_OWED {
            tracing::error!(dom, store, order, "too much is owed: what may be reserved for an order stays");
            shared.metrics.reservation_owed(dom, "given-up");
            owed.debts.clear();
            return;
        }
        tracing::warn!(dom, store, order, "what may be reserved for an order is still to be given back");
        owed.has_task = true;
        shared.metrics.reservation_owed(dom, "owed");
        shared.metrics.reservations_owed().inc();
        shared.tasks.spawn(self.reservations.clone().work_off(self.name.clone(), way));
    }

    async fn give_all_back(&mut self, way: &Way, deadline: Deadline) -> Result<(), Fault> {
        let releases: Vec<Release> = self.debts().iter().map(|debt| debt.release.clone()).collect();
        for release in &releases {
            self.give_back(release, way, deadline).await?;
        }
        Ok(())
    }

    fn debts(&self) -> &[Debt] {
        self.owed.as_ref().map(|owed| owed.debts.as_slice()).unwrap_or_default()
    }

    /// Whether nothing is owed.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.debts().is_empty()
    }

    /// Whether even the youngest debt is too old.
    fn is_hopeless(&self) -> bool {
        self.debts().iter().all(|debt| debt.since.elapsed() >= LONGEST)
    }

    /// Owes nothing any more.
    pub fn write_off(&mut self) {
        if let Some(owed) = &mut self.owed {
            owed.debts.clear();
        }
    }

    fn end_task(mut self, how: &'static str) {
        if let Some(owed) = &mut self.owed {
            owed.has_task = false;
        }
        let metrics = &self.reservations.0.metrics;
        metrics.reservation_owed(&self.name.dom, how);
        metrics.reservations_owed().dec();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let quiet_from = self.owed.take().and_then(|owed| owed.quiet_from);
        match quiet_from.filter(|then| *then > Instant::now()) {
            // Whoever reserves before then has to know of it.
            Some(then) => {
                let (reservations, name) = (self.reservations.clone(), self.name.clone());
                // Ends by itself; nobody has to wait for it, and it takes no room from what is owed.
                drop(tokio::spawn(async move {
                    sleep_until(then).await;
                    reservations.forget(&name);
                }));
            }
            None => self.reservations.forget(&self.name),
        }
    }
}

#[cfg(test)]
mod tests;
