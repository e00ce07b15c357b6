//! A call came back: its answers come apart, and what failed is told, asked again, or remembered.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use gateway_model::codes::{DOM_REFUSED, DRAINING, INTERNAL};
use gateway_model::{Fault, Origin};
use tokio::time::Instant;

use super::bounds::draining;
use super::{Answer, Batch, Desk};

/// What is now known, to be set by whoever holds no lock.
pub(crate) type Settled<V> = Vec<SettledLine<V>>;

/// Where the answer of a line stands, and what it is.
pub(crate) type SettledLine<V> = (Arc<Answer<V>>, Result<V, Fault>);

/// What a fault of a whole call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concern {
    /// Something that was asked or answered: asking less may work.
    Lines,
    /// The source or the way there: asking at all is in vain for now.
    Way,
    /// Neither: a limit before the source held the call back.
    Nobody,
}

impl<K: Clone + Eq + Hash, V> Desk<K, V> {
    /// A call came back, with one answer per line or a fault of all.
    pub(crate) fn settle(
        &mut self,
        batch: Batch<K>,
        outcome: Result<Vec<Result<V, Fault>>, Fault>,
        now: Instant,
    ) -> Settled<V> {
        let Some(call) = self.calls.remove(&batch.number) else { return Vec::new() };
        let outcome = outcome.and_then(|answers| one_each(batch.keys.len(), answers));
        match outcome {
            Ok(answers) => {
                self.way.answered(call.round);
                self.pace.took(now.saturating_duration_since(call.begun));
                let settled = batch.keys.iter().zip(answers);
                settled.filter_map(|(key, answer)| self.finish(key, answer)).collect()
            }
            // The source was not asked, so it did not fail: the next line is sent as if this one had not been.
            Err(fault) if concern(&fault) == Concern::Nobody => self.finish_all(&batch.keys, &fault),
            Err(fault) if concern(&fault) == Concern::Lines => {
                // Faults of the gateway's own making say nothing of the way.
                if fault.origin == Origin::Dom {
                    self.way.answered(call.round);
                }
                self.halve(batch.keys, &fault, now)
            }
            Err(fault) => {
                self.counts.failures += 1;
                let mut settled = self.finish_all(&batch.keys, &fault);
                if self.way.failed(call.round, now, &fault) {
                    settled.extend(self.give_up_waiting(now));
                }
                settled
            }
        }
    }

    /// Everything that is left gets a fault: nobody will make the calls any more.
    pub(crate) fn end(&mut self) -> Settled<V> {
        self.closing = true;
        self.calls.clear();
        let lines = std::mem::take(&mut self.lines);
        lines.into_values().map(|line| (line.answer, Err(draining()))).collect()
    }

    /// A refused call falls into halves, until what is refused stands or falls as one.
    ///
    /// One bad line among those of 100 callers costs 14 further calls this way, instead of 100 with one for each caller.
    fn halve(&mut self, keys: Vec<K>, fault: &Fault, now: Instant) -> Settled<V> {
        let parts = self.parts(keys);
        if parts.len() < 2 || self.way.closed_until(now).is_some() {
            let keys: Vec<K> = parts.into_iter().flatten().collect();
            return self.finish_all(&keys, fault);
        }
        let (former, latter) = parts.split_at(parts.len() / 2);
        self.again.push_back(former.concat());
        self.again.push_back(latter.concat());
        Vec::new()
    }

    /// The lines of one caller stand or fall together, as they would have if nobody else had asked; a line that several wait
    /// for stands alone. Those nobody waits for any more are still told apart, because the refusal may be due to them.
    fn parts(&self, keys: Vec<K>) -> Vec<Vec<K>> {
        let mut parts: Vec<Vec<K>> = Vec::new();
        let mut part_of: HashMap<u64, usize> = HashMap::new();
        for key in keys {
            let owner = self.lines.get(&key).filter(|line| !line.shared).map(|line| line.caller);
            let part = owner.and_then(|caller| part_of.get(&caller)).and_then(|part| parts.get_mut(*part));
            if let Some(part) = part {
                part.push(key);
                continue;
            }
            if let Some(caller) = owner {
                part_of.insert(caller, parts.len());
            }
            parts.push(vec![key]);
        }
        parts
    }

    /// The way was closed: what waits is told so at once, because its callers may have something older to answer with.
    fn give_up_waiting(&mut self, now: Instant) -> Settled<V> {
        let Some(fault) = self.way.refusal(now, || 0) else { return Vec::new() };
        let mut keys: Vec<K> = std::mem::take(&mut self.again).into_iter().flatten().collect();
        keys.extend(self.queue.take_wanted(usize::MAX));
        self.counts.refused_by_pause += u64::try_from(keys.len()).unwrap_or(u64::MAX);
        let refreshes = self.queue.take_refreshes(usize::MAX);
        self.counts.refreshes_dropped += u64::try_from(refreshes.len()).unwrap_or(u64::MAX);
        keys.extend(refreshes);
        self.finish_all(&keys, &fault)
    }

    fn finish_all(&mut self, keys: &[K], fault: &Fault) -> Settled<V> {
        keys.iter().filter_map(|key| self.finish(key, Err(fault.clone()))).collect()
    }

    /// Nothing more is to be asked for this key.
    fn finish(&mut self, key: &K, answer: Result<V, Fault>) -> Option<SettledLine<V>> {
        self.lines.remove(key).map(|line| (line.answer, answer))
    }
}

/// Which answer belongs to which line can be told only if there is one for each.
fn one_each<V>(lines: usize, answers: Vec<Result<V, Fault>>) -> Result<Vec<Result<V, Fault>>, Fault> {
    if answers.len() == lines {
        return Ok(answers);
    }
    let text = format!("a call for {lines} lines was given {} answers", answers.len());
    Err(Fault::gateway(INTERNAL, text))
}

/// A business refusal, a request that could not be made and an answer that could not be read (`GW-3xxx`) may be due to one
/// line; all else is due to the source or the way there.
fn concern(fault: &Fault) -> Concern {
    let untranslatable = (3_000..4_000).contains(&fault.code.0);
    match fault.origin {
        _ if fault.was_held_back() => Concern::Nobody,
        _ if fault.code == DRAINING => Concern::Way,
        Origin::Store | Origin::Gateway => Concern::Lines,
        Origin::Dom if fault.code == DOM_REFUSED || untranslatable => Concern::Lines,
        Origin::Dom | Origin::Network => Concern::Way,
    }
}

#[cfg(test)]
mod tests {
    use gateway_model::{Fault, codes};

    use super::{Concern, concern};

    #[test]
    fn only_what_may_be_due_to_a_line_is_asked_again() {
        let cases = [
            (Fault::dom(codes::DOM_REFUSED, ""), Concern::Lines),
            (Fault::dom(codes::BAD_SCALAR, ""), Concern::Lines),
            (Fault::store(codes::BAD_REQUEST, ""), Concern::Lines),
            (Fault::gateway(codes::UNMAPPED_VALUE, ""), Concern::Lines),
            (Fault::gateway(codes::INTERNAL, ""), Concern::Lines),
            (Fault::gateway(codes::OVERLOADED, ""), Concern::Nobody),
            (Fault::network(codes::DOM_NOT_ASKED, ""), Concern::Nobody),
            (Fault::gateway(codes::DRAINING, ""), Concern::Way),
            (Fault::dom(codes::DOM_OVERLOADED, ""), Concern::Way),
            (Fault::dom(codes::DOM_STATUS, ""), Concern::Way),
            (Fault::dom(codes::DOM_NOT_XML, ""), Concern::Way),
            (Fault::dom(codes::DOM_UNAUTHORIZED, ""), Concern::Way),
            (Fault::network(codes::DOM_UNREACHABLE, ""), Concern::Way),
            (Fault::network(codes::DOM_TIMEOUT, ""), Concern::Way),
            (Fault::network(codes::DEADLINE, ""), Concern::Way),
        ];
        for (fault, expected) in cases {
            assert_eq!(concern(&fault), expected, "{:?} {}", fault.origin, fault.code);
        }
    }
}
