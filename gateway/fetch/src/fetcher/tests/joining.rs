//! One line per key; everyone gets their own answers in their own order.

use gateway_model::{Fault, Reached, codes};
use tokio::time::{Instant, sleep};

use super::world::{Mood, World, codes_of, ms, params, takes, unreachable, value, values};
use crate::{CannotStart, Class, Fetcher, Params, Source};

#[tokio::test(start_paused = true)]
async fn ten_thousand_who_want_one_key_at_once_make_one_line() {
    let world = World::new(params(), takes(ms(20)));
    let callers: Vec<_> = (0..10_000).map(|_| world.browse([7])).collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), values([7]));
    }
    assert_eq!(world.sizes(), [1]);
    let counts = world.counts();
    assert_eq!((counts.calls, counts.lines_asked, counts.lines_joined), (1, 1, 9_999));
}

#[tokio::test(start_paused = true)]
async fn who_comes_while_the_line_is_under_way_gets_its_answer() {
    let world = World::new(params(), takes(ms(20)));
    let first = world.browse([7]);
    sleep(ms(19)).await;
    assert_eq!(world.get([7]).await, values([7]));
    assert_eq!(first.await.unwrap(), values([7]));
    assert_eq!(world.sizes(), [1]);
    // What was handed out is forgotten.
    assert_eq!(world.get([7]).await, values([7]));
    assert_eq!(world.sizes(), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn answers_stand_in_the_order_of_the_keys_and_a_key_named_twice_is_asked_once() {
    let world = World::new(params(), takes(ms(20)));
    let other = world.browse([1]);
    sleep(ms(1)).await;
    assert_eq!(world.get([3, 1, 2, 3]).await, values([3, 1, 2, 3]));
    assert_eq!(other.await.unwrap(), values([1]));
    let keys: Vec<_> = world.calls().into_iter().map(|call| call.keys).collect();
    assert_eq!(keys, [vec![1], vec![3, 2]]);
    assert_eq!(world.get([]).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_one_line_is_of_its_own_callers_only() {
    let world = World::new(params(), Mood { unknown: [2].into(), ..takes(ms(20)) });
    let others = [world.browse([1, 3]), world.browse([2]), world.browse([3, 2])];
    let mut got = Vec::new();
    for caller in others {
        got.push(codes_of(&caller.await.unwrap()));
    }
    let bad = Some(codes::DOM_REFUSED);
    assert_eq!(got, [vec![None, None], vec![bad], vec![None, bad]]);
    // Neither asked again nor remembered.
    assert_eq!(world.sizes(), [3]);
    assert_eq!(world.counts().failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_panics_or_answers_too_few_leaves_nobody_waiting() {
    for mood in [Mood { deadly: [1].into(), ..Mood::default() }, Mood { short: true, ..Mood::default() }] {
        let world = World::new(params(), mood);
        assert_eq!(codes_of(&world.get([1]).await), [Some(codes::INTERNAL)]);
        world.mood(Mood::default());
        assert_eq!(world.get([1]).await, values([1]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_without_end_is_ended_and_counts_as_a_failure() {
    let world = World::new(params(), takes(ms(60_000)));
    let began = Instant::now();
    let got = world.get([1]).await;
    let fault = got[0].as_ref().unwrap_err();
    assert_eq!((fault.code, fault.reached), (codes::DOM_TIMEOUT, Reached::Maybe));
    assert_eq!((began.elapsed(), world.counts().failures), (params().longest_call, 1));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_is_told_before_anything_runs() {
    struct Nothing;
    impl Source<u32, u32> for Nothing {
        async fn fetch(&self, keys: Vec<u32>, _: Class) -> Result<Vec<Result<u32, Fault>>, Fault> {
            Ok(keys.into_iter().map(|key| Ok(value(key))).collect())
        }
    }
    let bad = Fetcher::<u32, u32>::new(Params { lines_per_call: 0, ..params() }, Nothing);
    assert!(matches!(bad, Err(CannotStart::Params(bad)) if bad.len() == 1));
    let outside = std::thread::spawn(|| Fetcher::<u32, u32>::new(params(), Nothing).map(|_| ()));
    assert_eq!(outside.join().unwrap(), Err(CannotStart::NoRuntime));
}

/// The same promises on several threads and a clock that runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_threads_get_right_answers_of_few_calls() {
    let world = World::new(params(), takes(ms(50)));
    let callers: Vec<_> = (0..10_000).map(|n| (n % 50, world.browse([n % 50]))).collect();
    for (key, caller) in callers {
        assert_eq!(caller.await.unwrap(), values([key]));
    }
    let counts = world.counts();
    assert_eq!(counts.lines_asked + counts.lines_joined, 10_000);
    world.mood(Mood { dead: Some(unreachable()), ..Mood::default() });
    assert_eq!(codes_of(&world.get([1]).await), [Some(codes::DOM_UNREACHABLE)]);
    world.fetcher.as_ref().unwrap().close().await;
}
