//! The budget that stores share, and the pauses that faults carry: counted on a paused clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gateway_model::{Fault, Reached, Repeat, codes};
use proptest::prelude::*;
use tokio::time::{Instant, advance, sleep};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::super::{Budget, Limits, Params, WhatIsSafe, retry};
use crate::timed::Budgeted;

type Request = Budgeted<&'static str>;

const SECOND: Duration = Duration::from_secs(1);

/// The other side: counts the attempts that reach it, and answers as it is told.
fn counting(
    seen: &Arc<AtomicU32>,
    answer: impl Fn(u32) -> Result<(), Fault> + Clone + Send + 'static,
) -> impl Service<Request, Response = (), Error = Fault, Future: Send> + Clone + Send + 'static {
    let seen = Arc::clone(seen);
    service_fn(move |_: Request| {
        let answer = answer(seen.fetch_add(1, Ordering::Relaxed));
        async move { answer }
    })
}

fn broken() -> Fault {
    Fault::network(codes::DOM_BROKEN, "test")
}

/// Sends so many calls, one after each pause, by the layers in turn; gives what came of them when all are over.
async fn send(
    stores: &[super::super::RetryLayer<WhatIsSafe>],
    calls: u32,
    pause: Duration,
    dom: impl Service<Request, Response = (), Error = Fault, Future: Send> + Clone + Send + 'static,
) -> usize {
    let mut under_way = Vec::new();
    for (_, store) in (0..calls).zip(stores.iter().cycle()) {
        under_way.push(tokio::spawn(store.layer(dom.clone()).oneshot(Budgeted::new("q"))));
        sleep(pause).await;
    }
    let mut answered = 0;
    for call in under_way {
        answered += usize::from(call.await.unwrap().is_ok());
    }
    answered
}

fn stores(number: u64) -> Vec<super::super::RetryLayer<WhatIsSafe>> {
    let budget = Arc::new(Budget::new(Limits::default()).unwrap());
    let params = |seed| Params { seed, ..Params::default() };
    let layer = |seed| retry(&params(seed), WhatIsSafe).unwrap().sharing(Arc::clone(&budget));
    (0..number).map(layer).collect()
}

#[tokio::test(start_paused = true)]
async fn a_dead_dom_is_asked_at_most_a_tenth_more_whichever_stores_ask() {
    for (number_of_stores, pause_ms) in [(1, 100), (1, 5), (5, 5), (20, 2)] {
        let seen = Arc::new(AtomicU32::new(0));
        let calls = 60_000 / pause_ms;
        let dom = counting(&seen, |_| Err(broken()));
        let pause = Duration::from_millis(pause_ms.into());
        assert_eq!(send(&stores(number_of_stores), calls, pause, dom).await, 0);
        let asked = seen.load(Ordering::Relaxed);
        assert!(asked <= calls + calls / 10, "{asked} for {calls}, {number_of_stores} stores");
        // Nor are there none.
        assert!(asked >= calls + calls / 11, "{asked} for {calls}, {number_of_stores} stores");
    }
}

#[tokio::test(start_paused = true)]
async fn one_failure_in_ten_attempts_is_mended_by_repeating_it() {
    let seen = Arc::new(AtomicU32::new(0));
    let dom = counting(&seen, |number| if number % 10 == 0 { Err(broken()) } else { Ok(()) });
    // One call in a thousand fails three times.
    assert!(send(&stores(3), 3_000, Duration::from_millis(10), dom).await >= 2_990);
}

#[tokio::test(start_paused = true)]
async fn few_calls_have_all_their_attempts_also_after_an_hour_of_silence() {
    let seen = Arc::new(AtomicU32::new(0));
    let dom = counting(&seen, |_| Err(broken()));
    let stores = stores(2);
    assert_eq!(send(&stores, 10, 60 * SECOND, dom.clone()).await, 0);
    assert_eq!(seen.swap(0, Ordering::Relaxed), 30);
    advance(3_600 * SECOND).await;
    assert_eq!(send(&stores, 1, SECOND, dom.clone()).await, 0);
    assert_eq!(seen.swap(0, Ordering::Relaxed), 3);
    // Nor was anything saved up meanwhile.
    assert_eq!(send(&stores, 10_000, Duration::ZERO, dom).await, 0);
    assert!(seen.load(Ordering::Relaxed) <= 11_000);
}

#[tokio::test(start_paused = true)]
async fn the_pause_that_a_fault_asks_for_is_kept() {
    let pause = 7 * SECOND;
    let seen = Arc::new(AtomicU32::new(0));
    let dom = counting(&seen, move |number| {
        let busy = Fault::dom(codes::DOM_OVERLOADED, "test").repeat(Repeat::Safe).retry_after(pause);
        if number == 0 { Err(busy) } else { Ok(()) }
    });
    let params = Params { first_wait: SECOND, longest_wait: SECOND, ..Params::default() };
    let begun = Instant::now();
    assert_eq!(retry(&params, WhatIsSafe).unwrap().layer(dom).oneshot(Budgeted::new("q")).await, Ok(()));
    assert!(begun.elapsed() > pause && begun.elapsed() <= pause + SECOND, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_was_held_back_is_not_tried_again_and_counts_for_nothing() {
    let held_back = [
        Fault::network(codes::DOM_NOT_ASKED, "test").retry_after(SECOND),
        Fault::gateway(codes::OVERLOADED, "test")
            .reached(Reached::No)
            .repeat(Repeat::Safe)
            .retry_after(SECOND),
    ];
    for fault in held_back {
        let seen = Arc::new(AtomicU32::new(0));
        let told = fault.clone();
        let dom = counting(&seen, move |number| Err(if number < 1_000 { told.clone() } else { broken() }));
        let stores = stores(1);
        assert_eq!(send(&stores, 1_000, Duration::from_micros(10), dom.clone()).await, 0);
        assert_eq!(seen.load(Ordering::Relaxed), 1_000);
        // A thousand calls would allow a hundred retries; ten are free.
        assert_eq!(send(&stores, 50, Duration::from_micros(10), dom).await, 0);
        assert_eq!(seen.load(Ordering::Relaxed), 1_060);
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Called,
    Answered,
    Take,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Called),
        2 => Just(Step::Answered),
        6 => Just(Step::Take),
        2 => (0_u64..4_000).prop_map(Step::Pass),
    ]
}

proptest! {
    #[test]
    fn no_window_has_more_retries_than_the_largest_limit_allows(
        steps in prop::collection::vec(step(), 0..400),
        share in 0.0_f32..2.0,
        share_in_outage in 0.0_f32..1.0,
        free_per_second in 0_u32..3,
    ) {
        let limits = Limits { window: 10 * SECOND, share, share_in_outage, free_per_second };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let budget = Budget::new(limits).unwrap();
            let begun = Instant::now();
            // The time of every call, answer and retry, in seconds since the beginning: the pieces are of one second.
            let mut happened: [Vec<u64>; 3] = Default::default();
            for step in steps {
                let now = begun.elapsed().as_secs();
                let within = |times: &Vec<u64>| {
                    f64::from(u32::try_from(times.iter().filter(|time| **time + 10 > now).count()).unwrap())
                };
                match step {
                    Step::Called => { budget.called(); happened[0].push(now) }
                    Step::Answered => { budget.answered(); happened[1].push(now) }
                    Step::Pass(millis) => advance(Duration::from_millis(millis)).await,
                    Step::Take => {
                        let [calls, answered, retries] = &happened;
                        let most = (within(answered) * f64::from(share))
                            .max(within(calls) * f64::from(share_in_outage.min(share)))
                            .max(10.0 * f64::from(free_per_second));
                        let expected = within(retries) + 1.0 <= most;
                        prop_assert_eq!(budget.take(), expected);
                        if expected { happened[2].push(now) }
                    }
                }
            }
            Ok(())
        })?;
    }
}

#[test]
fn limits_that_cannot_be_are_named() {
    let cases = [
        (
            Limits { window: Duration::ZERO, ..Limits::default() },
            "`window`: expected 1 s to 600 s, found 0ns",
        ),
        (
            Limits { share: -1.0, ..Limits::default() },
            "`budget`: expected 0 to 1000 retries per call, found -1",
        ),
        (
            Limits { share_in_outage: f32::INFINITY, ..Limits::default() },
            "`share_in_outage`: expected 0 to 1000 retries per call, found inf",
        ),
    ];
    for (limits, text) in cases {
        assert_eq!(limits.check().unwrap_err().to_string(), text);
    }
}
