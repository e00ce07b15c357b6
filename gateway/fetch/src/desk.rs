//! Where keys are handed in and calls are handed out: what is asked for, by how many, and what is to be sent next.
//!
//! Plain state with the instant passed in: it spawns nothing, waits for nothing and sets no answer. A key is in `lines`
//! from the first who asks for it until its answer is settled; meanwhile it waits in the queue, is in one batch that
//! is to be asked again, or is in one call under way.

mod bounds;
mod next;
mod settle;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use gateway_model::Fault;
use tokio::sync::SetOnce;
use tokio::time::Instant;

use crate::counts::Counts;
use crate::pace::Pace;
use crate::params::Params;
use crate::queue::{Queue, Ticket};
use crate::source::Class;
use crate::way::Way;

/// Where a line's answer will stand, for everyone who waits for it.
pub(crate) type Answer<V> = SetOnce<Result<V, Fault>>;

/// What a caller gets for one key: where the answer will stand, or why there will be none.
pub(crate) type Asked<V> = Result<Arc<Answer<V>>, Fault>;

/// All that is known of what is wanted of one source.
#[derive(Debug)]
pub(crate) struct Desk<K, V> {
    params: Params,
    lines: HashMap<K, Line<V>>,
    queue: Queue<K>,
    /// Parts of refused calls, to be asked again before anything else.
    again: VecDeque<Vec<K>>,
    /// The calls under way by number, which is their order.
    calls: BTreeMap<u64, UnderWay>,
    pace: Pace,
    way: Way,
    counts: Counts,
    callers: usize,
    next_call: u64,
    next_caller: u64,
    closing: bool,
}

/// One call: what the task that makes it has to know.
#[derive(Debug)]
pub(crate) struct Batch<K> {
    pub(crate) number: u64,
    pub(crate) keys: Vec<K>,
    /// That of its most urgent line.
    pub(crate) class: Class,
}

/// What to do next.
#[derive(Debug)]
pub(crate) enum Step<K> {
    /// Make this call.
    Call(Batch<K>),
    /// Nothing until then, or until something changes.
    WaitUntil(Instant),
    /// Nothing until something changes.
    Wait,
    /// Nothing any more.
    End,
}

#[derive(Debug)]
struct Line<V> {
    answer: Arc<Answer<V>>,
    /// Its place while it waits in the queue.
    ticket: Option<Ticket>,
    class: Class,
    /// Who asked first.
    caller: u64,
    /// Whether others asked too.
    shared: bool,
    /// Those who wait for it now.
    waiters: usize,
    /// Whether it is asked even if nobody waits.
    behind: bool,
}

#[derive(Debug)]
struct UnderWay {
    begun: Instant,
    round: u64,
}

// === impl Desk ===

impl<K: Clone + Eq + Hash, V> Desk<K, V> {
    pub(crate) fn new(params: Params) -> Self {
        Self {
            lines: HashMap::new(),
            queue: Queue::new(),
            again: VecDeque::new(),
            calls: BTreeMap::new(),
            pace: Pace::new(params.longest_window),
            way: Way::new(params.first_pause, params.longest_pause, params.concurrent_calls),
            counts: Counts::default(),
            callers: 0,
            next_call: 0,
            next_caller: 0,
            closing: false,
            params,
        }
    }

    pub(crate) const fn counts(&self) -> Counts {
        self.counts
    }

    /// A caller wants these keys; one entry for each, in their order. Who got lines has to [`leave`](Self::leave).
    ///
    /// # Errors
    ///
    /// If none of the keys can be asked for; then there is nothing to leave.
    pub(crate) fn ask(&mut self, keys: &[K], class: Class, now: Instant) -> Result<Vec<Asked<V>>, Fault> {
        self.admit_caller(keys.len(), now)?;
        self.callers = self.callers.saturating_add(1);
        let caller = self.number_caller();
        Ok(keys.iter().map(|key| self.line(key, class, caller, now)).collect())
    }

    /// A caller waits no longer, with or without answers. Lines nobody waits for any more are not sent.
    pub(crate) fn leave(&mut self, keys: &[K], asked: &[Asked<V>]) {
        self.callers = self.callers.saturating_sub(1);
        let waited = keys.iter().zip(asked).filter_map(|(key, asked)| Some((key, asked.as_ref().ok()?)));
        for (key, answer) in waited.filter(|(_, answer)| !answer.initialized()) {
            // The key may have been settled meanwhile, and be asked for again by others.
            let own = |line: &&mut Line<V>| Arc::ptr_eq(&line.answer, answer);
            let Some(line) = self.lines.get_mut(key).filter(own) else { continue };
            line.waiters = line.waiters.saturating_sub(1);
            if line.is_left()
                && let Some(ticket) = line.ticket
            {
                self.queue.leave(ticket);
                self.lines.remove(key);
                self.counts.lines_left += 1;
            }
        }
    }

    /// This key is to be asked for when there is room, unless it is on its way already.
    pub(crate) fn refresh(&mut self, key: K, now: Instant) {
        if let Some(line) = self.lines.get_mut(&key) {
            line.behind = true;
        } else if self.refuses_refreshes(now) {
            self.counts.refreshes_dropped += 1;
        } else {
            let caller = self.number_caller();
            let ticket = self.queue.enter(key.clone(), Class::Refresh, now);
            self.lines.insert(key, Line { behind: true, ..Line::new(ticket, Class::Refresh, caller) });
        }
    }

    /// What waits is sent without further windows; refreshes are dropped, and nobody new is let in.
    pub(crate) fn close(&mut self, now: Instant) {
        self.closing = true;
        for key in self.queue.take_refreshes(usize::MAX) {
            if let Entry::Occupied(mut line) = self.lines.entry(key) {
                if line.get().waiters == 0 {
                    line.remove();
                } else {
                    // Somebody chose to wait as long as a refresh does.
                    let ticket = self.queue.enter(line.key().clone(), Class::Browse, now);
                    line.get_mut().ticket = Some(ticket);
                }
            }
        }
    }

    /// The line of a wanted key: the one there is, or a new one.
    fn line(&mut self, key: &K, class: Class, caller: u64, now: Instant) -> Asked<V> {
        if let Some(line) = self.lines.get_mut(key) {
            self.counts.lines_joined += 1;
            line.waiters = line.waiters.saturating_add(1);
            line.shared |= line.caller != caller;
            line.class = line.class.min(class);
            line.ticket = line.ticket.map(|ticket| self.queue.hurry(ticket, class));
            return Ok(Arc::clone(&line.answer));
        }
        self.admit_line(class)?;
        let ticket = self.queue.enter(key.clone(), class, now);
        let line = Line { waiters: 1, ..Line::new(ticket, class, caller) };
        let answer = Arc::clone(&line.answer);
        self.lines.insert(key.clone(), line);
        Ok(answer)
    }

    fn number_caller(&mut self) -> u64 {
        self.next_caller = self.next_caller.saturating_add(1);
        self.next_caller
    }
}

// === impl Line ===

impl<V> Line<V> {
    /// A line in the queue that nobody waits for yet.
    fn new(ticket: Ticket, class: Class, caller: u64) -> Self {
        let answer = Arc::new(Answer::new());
        Self { answer, ticket: Some(ticket), class, caller, shared: false, waiters: 0, behind: false }
    }

    /// Whether nobody wants it any more.
    const fn is_left(&self) -> bool {
        self.waiters == 0 && !self.behind
    }
}

#[cfg(test)]
mod tests;
