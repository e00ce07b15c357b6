//! Random histories: whatever happens, everyone gets right answers and the source's limits are kept.

use std::collections::BTreeSet;

use gateway_model::codes;
use proptest::prelude::*;
use tokio::time::{Instant, sleep};

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
    const MAY_BE: [codes::Code; 5] =
        [codes::DOM_REFUSED, codes::DOM_UNREACHABLE, codes::DOM_TIMEOUT, codes::OVERLOADED, codes::DEADLINE];
    match got {
        Ok(found) => *found == value(key),
        Err(fault) => MAY_BE.contains(&fault.code),
    }
}

async fn live(events: Vec<Event>) {
    let world = World::new(small(), takes(ms(20)));
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
    let ended = tokio::time::timeout(ms(60_000), async {
        for (keys, caller) in callers {
            match caller.await {
                Ok(got) => {
                    assert_eq!(got.len(), keys.len());
                    let right = keys.iter().zip(&got).all(|(key, got)| is_right(*key, got));
                    assert!(right, "{keys:?} {:?}", codes_of(&got));
                }
                Err(gone) => assert!(gone.is_cancelled()),
            }
        }
        world.fetcher.as_ref().unwrap().close().await;
    });
    assert!(ended.await.is_ok(), "somebody waits for ever");
    for call in world.calls() {
        assert!(call.keys.len() <= small().lines_per_call);
    }
    let counts = world.counts();
    assert_eq!(counts.calls, world.calls().len() as u64);
    assert_eq!(counts.lines_asked, world.sizes().iter().sum::<usize>() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_everyone_gets_right_answers_and_limits_are_kept(
        events in prop::collection::vec(event(), 0..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(live(events));
    }
}
