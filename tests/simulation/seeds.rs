//! Many worlds, and each of them right.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::judgement::Judgement;
use crate::plan::Plan;
use crate::world::live;

/// Worlds that are lived without being asked for more.
const SEEDS: u64 = 200;

#[expect(clippy::disallowed_methods, reason = "which seeds is for whoever looks for a failure to say")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn every_seed_comes_to_its_right_end() {
    let (first, seeds_in_all) = (number("FIRST").unwrap_or(0), number("SEEDS").unwrap_or(SEEDS));
    let (next, failed) = (AtomicU64::new(first), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                for seed in seeds.take_while(|seed| *seed < first + seeds_in_all) {
                    let judgement = live(Plan { is_silent: true, ..Plan::of(seed) }).judgement;
                    failed.lock().unwrap().extend(judgement.is_wrong().then_some((seed, judgement)));
                }
            });
        }
    });
    let mut failed: Vec<(u64, Judgement)> = failed.into_inner().unwrap();
    failed.sort_by_key(|(seed, _)| *seed);
    let one = failed.first().map(|(seed, _)| *seed).unwrap_or_default();
    let shown: Vec<_> =
        failed.iter().map(|(seed, judgement)| format!("seed {seed}: {:?}", judgement.0)).collect();
    assert!(
        failed.is_empty(),
        "{} of {seeds_in_all} worlds came to a wrong end:\n{}\n\nThis replays one of them with all its events:\n  \
         SEED={one} cargo test --test simulation one_seed -- --nocapture\n",
        failed.len(),
        shown.join("\n")
    );
}

/// The world of `SEED` (the first if none is named), with its journal.
#[test]
fn one_seed_is_replayed() {
    let named = number("SEED");
    let outcome = live(Plan::of(named.unwrap_or(0)));
    let wrong = outcome.judgement.names();
    if named.is_some() || !wrong.is_empty() {
        println!("{}\n\n{:?}", outcome.journal.join("\n"), outcome.judgement);
    }
    assert!(wrong.is_empty(), "{:?}", outcome.judgement);
}

#[test]
fn the_same_seed_has_the_same_journal() {
    for seed in [1, 2, 3, 4] {
        let (once, again) = (live(Plan::of(seed)).journal, live(Plan::of(seed)).journal);
        let differ = once.iter().zip(&again).find(|(once, again)| once != again);
        assert_eq!(differ, None, "seed {seed}");
        assert_eq!(once.len(), again.len(), "seed {seed}");
    }
    assert_ne!(live(Plan::of(1)).journal, live(Plan::of(2)).journal);
}
