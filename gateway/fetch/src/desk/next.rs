//! What is sent next, and when: the order is parts of refused calls, callers' lines, refreshes.

use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

use super::{Batch, Desk, Step, UnderWay};
use crate::source::Class;

impl<K: Clone + Eq + Hash, V> Desk<K, V> {
    /// What to do now. Calls that it hands out have to be [`settle`](Self::settle)d.
    pub(crate) fn next(&mut self, now: Instant) -> Step<K> {
        let keys = if self.has_room(now) { self.next_lines(now) } else { None };
        if let Some(keys) = keys {
            return Step::Call(self.begin(keys, now));
        }
        if self.closing && self.lines.is_empty() && self.calls.is_empty() {
            return Step::End;
        }
        if !self.has_room(now) {
            // A call that comes back makes room. While the way is closed nothing waits: it was told so, or not let in.
            return Step::Wait;
        }
        let earliest = self.wanted_due(now).into_iter().chain(self.refresh_due(now)).min();
        earliest.map_or(Step::Wait, Step::WaitUntil)
    }

    /// The lines that are to be sent now, if there are any: parts of refused calls first, refreshes last.
    fn next_lines(&mut self, now: Instant) -> Option<Vec<K>> {
        if let Some(keys) = self.next_again() {
            self.counts.asked_again += 1;
            return Some(keys);
        }
        let most = self.params.lines_per_call;
        if self.wanted_due(now).is_some_and(|due| due <= now) {
            let keys = self.queue.take_wanted(most);
            self.counts.splits += u64::from(self.queue.wanted() > 0);
            return Some(keys);
        }
        if self.refresh_due(now).is_some_and(|due| due <= now) {
            let keys = self.queue.take_refreshes(most);
            self.counts.splits += u64::from(self.queue.refreshes() > 0);
            return Some(keys);
        }
        None
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
    pub(super) fn calls_of_this_round(&self) -> usize {
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
