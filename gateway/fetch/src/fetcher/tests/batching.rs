//! Lines travel together within a window, are split over the limit, and the checkout waits for nobody.

use std::time::Duration;

use tokio::time::sleep;

use super::world::{World, ms, params, takes, values};
use crate::{Class, Params};

#[tokio::test(start_paused = true)]
async fn ten_thousand_who_want_500_keys_in_one_window_make_at_most_6_calls_of_100_lines() {
    let world = World::new(params(), takes(ms(200)));
    // One is under way before, so that all others meet a window.
    let first = world.browse([0]);
    sleep(ms(1)).await;
    let callers: Vec<_> = (0..10_000).map(|n| (n % 500, world.browse([n % 500]))).collect();
    for (key, caller) in callers {
        assert_eq!(caller.await.unwrap(), values([key]));
    }
    assert_eq!(first.await.unwrap(), values([0]));
    let sizes = world.sizes();
    assert!(sizes.len() <= 6 && sizes.iter().all(|size| *size <= 100), "{sizes:?}");
    assert_eq!(sizes.iter().sum::<usize>(), 500);
}

#[tokio::test(start_paused = true)]
async fn with_nothing_under_way_a_line_is_sent_at_once() {
    let world = World::new(params(), takes(ms(200)));
    for _ in 0..3 {
        world.get([1]).await;
    }
    let at: Vec<Duration> = world.calls().iter().map(|call| call.at).collect();
    assert_eq!(at, [ms(0), ms(200), ms(400)]);
}

#[tokio::test(start_paused = true)]
async fn the_window_is_a_quarter_of_a_call_up_to_the_longest() {
    // (what calls take, how long after the first call the second one waits)
    for (time, window) in [(8, 2), (20, 5), (40, 10), (400, 10)] {
        let world = World::new(params(), takes(ms(time)));
        world.get([1]).await;
        let first = world.browse([1]);
        tokio::task::yield_now().await;
        world.get([2]).await;
        first.await.unwrap();
        let at: Vec<Duration> = world.calls().iter().map(|call| call.at).collect();
        assert_eq!(at, [ms(0), ms(time), ms(time + window)], "calls of {time} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn who_comes_within_the_window_travels_along() {
    let world = World::new(params(), takes(ms(200)));
    let mut callers = vec![world.browse([0])];
    // The second opens a window of 10 ms.
    for key in 1..9 {
        sleep(ms(3)).await;
        callers.push(world.browse([key]));
    }
    for caller in callers {
        caller.await.unwrap();
    }
    let keys: Vec<_> = world.calls().into_iter().map(|call| call.keys).collect();
    assert_eq!(keys, [vec![0], vec![1, 2, 3, 4], vec![5, 6, 7, 8]]);
    assert_eq!(world.counts().lines_batched, 8);
}

#[tokio::test(start_paused = true)]
async fn a_full_call_waits_for_no_window_and_the_rest_is_split_off() {
    let world = World::new(params(), takes(ms(200)));
    let first = world.browse([999]);
    sleep(ms(1)).await;
    assert_eq!(world.get(0..250).await, values(0..250));
    first.await.unwrap();
    let calls: Vec<_> = world.calls().iter().map(|call| (call.keys.len(), call.at)).collect();
    assert_eq!(calls, [(1, ms(0)), (100, ms(1)), (100, ms(1)), (50, ms(11))]);
    assert_eq!((world.counts().splits, world.counts().lines_batched), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_than_may_are_under_way_and_what_waits_gathers() {
    let params = Params { lines_per_call: 10, ..params() };
    let world = World::new(params, takes(ms(200)));
    let callers: Vec<_> = (0..100).map(|key| world.browse([key])).collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(world.sizes(), [10; 10]);
    assert_eq!(world.calls().iter().map(|call| call.beside).max(), Some(4));
}

#[tokio::test(start_paused = true)]
async fn a_line_of_the_checkout_ends_the_window_and_takes_the_others_along() {
    let world = World::new(params(), takes(ms(200)));
    let mut callers = vec![world.browse([0])];
    sleep(ms(1)).await;
    callers.push(world.browse([1]));
    sleep(ms(2)).await;
    callers.push(world.caller([2], Class::Checkout, None));
    for caller in callers {
        caller.await.unwrap();
    }
    let last = world.calls().pop().unwrap();
    assert_eq!((last.keys, last.class, last.at), (vec![2, 1], Class::Checkout, ms(3)));
}

#[tokio::test(start_paused = true)]
async fn a_waiting_line_that_the_checkout_wants_too_is_hurried() {
    let world = World::new(params(), takes(ms(200)));
    let mut callers = vec![world.browse([0])];
    sleep(ms(1)).await;
    callers.push(world.browse([1]));
    sleep(ms(2)).await;
    callers.push(world.caller([1], Class::Checkout, None));
    for caller in callers {
        caller.await.unwrap();
    }
    let last = world.calls().pop().unwrap();
    assert_eq!((last.keys, last.class, last.at), (vec![1], Class::Checkout, ms(3)));
}

#[tokio::test(start_paused = true)]
async fn with_all_calls_taken_the_checkout_goes_first() {
    let params = Params { concurrent_calls: 1, lines_per_call: 2, ..params() };
    let world = World::new(params, takes(ms(200)));
    let mut callers = vec![world.browse([0])];
    sleep(ms(1)).await;
    callers.push(world.browse([1, 2, 3]));
    sleep(ms(50)).await;
    callers.push(world.caller([8, 9], Class::Checkout, None));
    for caller in callers {
        caller.await.unwrap();
    }
    let keys: Vec<_> = world.calls().into_iter().map(|call| call.keys).collect();
    assert_eq!(keys, [vec![0], vec![8, 9], vec![1, 2], vec![3]]);
}
