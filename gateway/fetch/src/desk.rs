//! Where keys are handed in and calls are handed out: what is asked for, by how many, and what is to be sent next.
//!
//! Plain state with the instant passed in: it spawns nothing, waits for nothing and sets no answer. A key is in `lines`
//! from the first who asks for it until its answer is settled; meanwhile it waits in the queue, is in one batch that
//! is to be asked again, or is in one call under way.

mod bounds;
mod settle;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

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

    /// What to do now. Calls that it hands out have to be [`settle`](Self::settle)d.
    pub(crate) fn next(&mut self, now: Instant) -> Step<K> {
        if self.closing && self.lines.is_empty() && self.calls.is_empty() {
            return Step::End;
        }
        if !self.has_room(now) {
            // A call that comes back makes room. While the way is closed nothing waits: it was told so, or not let in.
            return Step::Wait;
        }
        if let Some(keys) = self.next_again() {
            self.counts.asked_again += 1;
            return Step::Call(self.begin(keys, now));
        }
        let (wanted, refresh) = (self.wanted_due(now), self.refresh_due(now));
        if wanted.is_some_and(|due| due <= now) {
            let keys = self.queue.take_wanted(self.params.lines_per_call);
            self.counts.splits += u64::from(self.queue.wanted() > 0);
            return Step::Call(self.begin(keys, now));
        }
        if refresh.is_some_and(|due| due <= now) {
            let keys = self.queue.take_refreshes(self.params.lines_per_call);
            self.counts.splits += u64::from(self.queue.refreshes() > 0);
            return Step::Call(self.begin(keys, now));
        }
        let earliest = wanted.into_iter().chain(refresh).min();
        earliest.map_or(Step::Wait, Step::WaitUntil)
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

    /// The lines of a part of a refused call that somebody still waits for.
    fn next_again(&mut self) -> Option<Vec<K>> {
        while let Some(mut keys) = self.again.pop_front() {
            keys.retain(|key| !self.forget_if_left(key));
            if !keys.is_empty() {
                return Some(keys);
            }
        }
        None
    }

    /// Forgets a line if nobody wants it any more; whether there is none now.
    fn forget_if_left(&mut self, key: &K) -> bool {
        let Some(line) = self.lines.get(key) else { return true };
        let left = line.is_left();
        if left {
            self.lines.remove(key);
            self.counts.lines_left += 1;
        }
        left
    }

    /// When the callers' lines that wait are to be sent.
    fn wanted_due(&self, now: Instant) -> Option<Instant> {
        let (class, since) = self.queue.first_wanted()?;
        let full = self.queue.wanted() >= self.params.lines_per_call;
        if full || self.closing || class == Class::Checkout {
            return Some(now);
        }
        Some(since + self.pace.window(self.oldest_call(now)))
    }

    /// When the refreshes that wait are to be sent: nobody waits for them, so they gather for as long as any line may; and
    /// not while half of the calls are taken, so that there is room for callers.
    fn refresh_due(&self, now: Instant) -> Option<Instant> {
        let since = self.queue.first_refresh()?;
        if !self.calls.is_empty() && self.calls.len() >= self.way.width(now).div_ceil(2) {
            return None;
        }
        let full = self.queue.refreshes() >= self.params.lines_per_call;
        Some(if full { now } else { since + self.params.longest_window })
    }

    /// Whether one more call may be made.
    fn has_room(&self, now: Instant) -> bool {
        self.calls.len() < self.params.concurrent_calls && self.calls_of_this_round() < self.way.width(now)
    }

    /// The calls under way that were begun after the last failure.
    fn calls_of_this_round(&self) -> usize {
        self.calls.values().filter(|call| call.round == self.way.round()).count()
    }

    /// How long the oldest call under way has lasted.
    fn oldest_call(&self, now: Instant) -> Option<Duration> {
        self.calls.first_key_value().map(|(_, call)| now.saturating_duration_since(call.begun))
    }

    /// Makes a call of these lines.
    fn begin(&mut self, keys: Vec<K>, now: Instant) -> Batch<K> {
        let (mut class, mut callers) = (Class::Refresh, None);
        let mut batched = false;
        for key in &keys {
            if let Some(line) = self.lines.get_mut(key) {
                line.ticket = None;
                class = class.min(line.class);
                batched |= line.shared || *callers.get_or_insert(line.caller) != line.caller;
            }
        }
        let lines = u64::try_from(keys.len()).unwrap_or(u64::MAX);
        self.counts.calls += 1;
        self.counts.lines_asked += lines;
        self.counts.lines_batched += if batched && lines > 1 { lines } else { 0 };
        let number = self.next_call;
        self.next_call = self.next_call.saturating_add(1);
        self.calls.insert(number, UnderWay { begun: now, round: self.way.round() });
        Batch { number, keys, class }
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
