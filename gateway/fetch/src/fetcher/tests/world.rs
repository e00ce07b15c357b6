//! A source that notes what it is asked and does what it is told, and callers.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway_model::{Fault, Reached, codes};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::{Class, Counts, Fetcher, Params, Source};

/// What callers get for one key.
pub(super) type Got = Result<u32, Fault>;

/// What the source does with a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Mood {
    /// How long it takes.
    pub(super) takes: Duration,
    /// What it fails with.
    pub(super) dead: Option<Fault>,
    /// The keys that have a whole call refused.
    pub(super) bad: BTreeSet<u32>,
    /// The keys that have a fault of their own.
    pub(super) unknown: BTreeSet<u32>,
    /// The keys that make it panic.
    pub(super) deadly: BTreeSet<u32>,
    /// Whether it leaves out the last answer.
    pub(super) short: bool,
}

/// One call as the source saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) keys: Vec<u32>,
    pub(super) class: Class,
    /// When, since the world began.
    pub(super) at: Duration,
    /// Calls under way with it, itself included.
    pub(super) beside: usize,
}

#[derive(Debug)]
struct Notes {
    began: Instant,
    mood: Mood,
    calls: Vec<Call>,
    under_way: Vec<Vec<u32>>,
}

#[derive(Debug, Clone)]
struct FakeSource(Arc<Mutex<Notes>>);

/// A call under way; over when it is dropped, however it ends.
struct UnderWay {
    notes: Arc<Mutex<Notes>>,
    keys: Vec<u32>,
}

/// A fetcher and its source.
#[derive(Debug)]
pub(super) struct World {
    pub(super) fetcher: Option<Arc<Fetcher<u32, u32>>>,
    notes: Arc<Mutex<Notes>>,
}

pub(super) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A window of 10 ms, 100 lines per call, 4 calls of up to 10 s, pauses from 250 ms to 30 s.
pub(super) fn params() -> Params {
    Params {
        longest_window: ms(10),
        concurrent_calls: 4,
        longest_call: Duration::from_secs(10),
        ..Params::default()
    }
}

/// A mood in which a call takes so long.
pub(super) fn takes(time: Duration) -> Mood {
    Mood { takes: time, ..Mood::default() }
}

/// What a DOM that cannot be reached gives.
pub(super) fn unreachable() -> Fault {
    Fault::network(codes::DOM_UNREACHABLE, "connection refused").reached(Reached::No)
}

/// What a DOM that has too much to do gives.
pub(super) fn refused() -> Fault {
    Fault::dom(codes::DOM_REFUSED, "no such item")
}

/// The value of a key.
pub(super) const fn value(key: u32) -> u32 {
    key * 10
}

/// The right answers.
pub(super) fn values(keys: impl IntoIterator<Item = u32>) -> Vec<Got> {
    keys.into_iter().map(|key| Ok(value(key))).collect()
}

/// The codes of faults, and `None` for answers.
pub(super) fn codes_of(got: &[Got]) -> Vec<Option<codes::Code>> {
    got.iter().map(|got| got.as_ref().err().map(|fault| fault.code)).collect()
}

// === impl FakeSource ===

impl Source<u32, u32> for FakeSource {
    async fn fetch(&self, keys: Vec<u32>, class: Class) -> Result<Vec<Got>, Fault> {
        let (mood, _under_way) = self.begin(&keys, class);
        sleep(mood.takes).await;
        assert!(!keys.iter().any(|key| mood.deadly.contains(key)), "a deadly key");
        if let Some(fault) = mood.dead {
            return Err(fault);
        }
        if keys.iter().any(|key| mood.bad.contains(key)) {
            return Err(refused());
        }
        let answer = |key: u32| if mood.unknown.contains(&key) { Err(refused()) } else { Ok(value(key)) };
        let count = keys.len() - usize::from(mood.short);
        Ok(keys.into_iter().take(count).map(answer).collect())
    }
}

impl FakeSource {
    fn begin(&self, keys: &[u32], class: Class) -> (Mood, UnderWay) {
        let mut notes = self.0.lock().unwrap();
        assert!(!keys.is_empty(), "a call for nothing");
        let asked: BTreeSet<u32> = keys.iter().copied().collect();
        assert_eq!(asked.len(), keys.len(), "a key twice in a call");
        let elsewhere = notes.under_way.iter().flatten().find(|key| asked.contains(key));
        assert_eq!(elsewhere, None, "a key in two calls");
        notes.under_way.push(keys.to_vec());
        let (at, beside) = (notes.began.elapsed(), notes.under_way.len());
        notes.calls.push(Call { keys: keys.to_vec(), class, at, beside });
        (notes.mood.clone(), UnderWay { notes: Arc::clone(&self.0), keys: keys.to_vec() })
    }
}

// === impl UnderWay ===

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.notes.lock().unwrap().under_way.retain(|call| *call != self.keys);
    }
}

// === impl World ===

impl World {
    pub(super) fn new(params: Params, mood: Mood) -> Self {
        let notes = Notes { began: Instant::now(), mood, calls: Vec::new(), under_way: Vec::new() };
        let notes = Arc::new(Mutex::new(notes));
        let fetcher = Fetcher::new(params, FakeSource(Arc::clone(&notes))).unwrap();
        Self { fetcher: Some(Arc::new(fetcher)), notes }
    }

    /// What the source does from now on.
    pub(super) fn mood(&self, mood: Mood) {
        self.notes.lock().unwrap().mood = mood;
    }

    /// The calls so far.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.notes.lock().unwrap().calls.clone()
    }

    /// How many lines each call so far had.
    pub(super) fn sizes(&self) -> Vec<usize> {
        self.calls().iter().map(|call| call.keys.len()).collect()
    }

    /// What the fetcher counted.
    pub(super) fn counts(&self) -> Counts {
        self.fetcher.as_ref().unwrap().counts()
    }

    /// A caller who shops.
    pub(super) async fn get(&self, keys: impl IntoIterator<Item = u32>) -> Vec<Got> {
        let keys = keys.into_iter().collect();
        self.fetcher.as_ref().unwrap().get(keys, Class::Browse, None).await
    }

    /// A caller in a task of its own.
    pub(super) fn caller(
        &self,
        keys: impl IntoIterator<Item = u32>,
        class: Class,
        deadline: Option<Instant>,
    ) -> JoinHandle<Vec<Got>> {
        let (fetcher, keys) = (Arc::clone(self.fetcher.as_ref().unwrap()), keys.into_iter().collect());
        tokio::spawn(async move { fetcher.get(keys, class, deadline).await })
    }

    /// A caller who shops, in a task of its own.
    pub(super) fn browse(&self, keys: impl IntoIterator<Item = u32>) -> JoinHandle<Vec<Got>> {
        self.caller(keys, Class::Browse, None)
    }
}
