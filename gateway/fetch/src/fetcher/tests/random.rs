//! Random histories: whatever happens, everyone gets right answers and the source's limits are kept.

use std::collections::BTreeSet;

use gateway_model::codes;
use proptest::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use super::world::{Got, Mood, World, codes_of, ms, params, takes, unreachable, value};
use crate::{Class, Params};

/// What happens next.
#[derive(Debug, Clone)]
enum Event {
    Ask { keys: Vec<u32>, class: Class, patience_ms: Option<u64>, leaves_after_ms: Option<u64> },
    Refresh(u32),
    Pass { time_ms: u64 },
    Mood { takes_ms: u64, dead: bool, bad: BTreeSet<u32>, unknown: BTreeSet<u32> },
}

fn event() -> impl Strategy<Value = Event> {
    let keys = || prop::collection::vec(0_u32..20, 0..6);
    let some_keys = || prop::collection::btree_set(0_u32..20, 0..3);
    let class = prop_oneof![Just(Class::Checkout), Just(Class::Browse), Just(Class::Refresh)];
    let millis = || prop::option::of(0_u64..300);
    prop_oneof![
        6 => (keys(), class, millis(), prop::option::weighted(0.2, 0_u64..100)).prop_map(
            |(keys, class, patience_ms, leaves_after_ms)| Event::Ask { keys, class, patience_ms, leaves_after_ms }
        ),
        2 => (0_u32..20).prop_map(Event::Refresh),
        4 => (0_u64..40).prop_map(|time_ms| Event::Pass { time_ms }),
        1 => (0_u64..100, prop::bool::weighted(0.3), some_keys(), some_keys()).prop_map(
            |(takes_ms, dead, bad, unknown)| Event::Mood { takes_ms, dead, bad, unknown }
        ),
    ]
}

/// Small limits, so that they are met often.
fn small() -> Params {
    Params {
        lines_per_call: 3,
        concurrent_calls: 2,
        most_lines: 12,
        most_callers: 8,
        most_refreshes: 4,
        first_pause: ms(20),
        longest_pause: ms(100),
        longest_call: ms(80),
        ..params()
    }
}

/// An answer is the key's value, or one of the faults there may be.
fn is_right(key: u32, got: &Got) -> bool {
    const MAY_BE: [codes::Code; 6] = [
        codes::DOM_REFUSED,
        codes::DOM_UNREACHABLE,
        codes::DOM_NOT_ASKED,
        codes::DOM_TIMEOUT,
        codes::OVERLOADED,
        codes::DEADLINE,
    ];
    match got {
        Ok(found) => *found == value(key),
        Err(fault) => MAY_BE.contains(&fault.code),
    }
}

/// Lets the events happen and everyone end; what callers got for which keys. Callers who left got nothing.
async fn live(world: &World, events: Vec<Event>) -> Vec<(Vec<u32>, Vec<Got>)> {
    let mut callers = Vec::new();
    for event in events {
        match event {
            Event::Ask { keys, class, patience_ms, leaves_after_ms } => {
                let deadline = patience_ms.map(|time| Instant::now() + ms(time));
                let caller = world.caller(keys.clone(), class, deadline);
                if let Some(time) = leaves_after_ms {
                    let leaver = caller.abort_handle();
                    tokio::spawn(async move {
                        sleep(ms(time)).await;
                        leaver.abort();
                    });
                }
                callers.push((keys, caller));
            }
            Event::Refresh(key) => world.fetcher.as_ref().unwrap().refresh(key),
            Event::Pass { time_ms } => sleep(ms(time_ms)).await,
            Event::Mood { takes_ms, dead, bad, unknown } => {
                let dead = dead.then(unreachable);
                world.mood(Mood { dead, bad, unknown, ..takes(ms(takes_ms)) });
            }
        }
    }
    let ended = timeout(ms(60_000), async {
        let mut got = Vec::new();
        for (keys, caller) in callers {
            match caller.await {
                Ok(answers) => got.push((keys, answers)),
                Err(gone) => assert!(gone.is_cancelled()),
            }
        }
        world.fetcher.as_ref().unwrap().close().await;
        got
    });
    ended.await.expect("somebody waits for ever")
}

/// Runs it on a clock that jumps.
fn on_a_paused_clock<F: Future>(future: F) -> F::Output {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_everyone_gets_right_answers_and_limits_are_kept(
        events in prop::collection::vec(event(), 0..80),
    ) {
        on_a_paused_clock(async {
            let world = World::new(small(), takes(ms(20)));
            for (keys, got) in live(&world, events).await {
                assert_eq!(got.len(), keys.len());
                let right = keys.iter().zip(&got).all(|(key, got)| is_right(*key, got));
                assert!(right, "{keys:?} {:?}", codes_of(&got));
            }
            let calls = world.calls();
            assert!(calls.iter().all(|call| call.keys.len() <= 3 && call.beside <= 2));
            let counts = world.counts();
            assert_eq!(counts.calls, calls.len() as u64);
            assert_eq!(counts.lines_asked, world.sizes().iter().sum::<usize>() as u64);
        });
    }

    #[test]
    fn whoever_is_refused_asked_for_a_bad_key(
        bad in prop::collection::btree_set(0_u32..20, 0..4),
        events in prop::collection::vec(event(), 0..60),
    ) {
        let lasting = events.into_iter().filter(|event| !matches!(event, Event::Mood { .. })).collect();
        on_a_paused_clock(async {
            let params = Params { lines_per_call: 10, most_lines: 100, ..small() };
            let world = World::new(params, Mood { bad: bad.clone(), ..takes(ms(20)) });
            for (keys, got) in live(&world, lasting).await {
                let guilty = keys.iter().any(|key| bad.contains(key));
                let refused = codes_of(&got).contains(&Some(codes::DOM_REFUSED));
                assert!(guilty || !refused, "{keys:?} {:?}", codes_of(&got));
                let bad_answered = keys.iter().zip(&got).any(|(key, got)| bad.contains(key) && got.is_ok());
                assert!(!bad_answered);
            }
        });
    }
}
