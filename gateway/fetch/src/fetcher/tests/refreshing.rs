//! Refreshes: once per key, behind everyone, never waited for.

use tokio::time::sleep;

use super::world::{Mood, World, ms, params, takes, unreachable, values};
use crate::{Class, Params};

#[tokio::test(start_paused = true)]
async fn a_key_is_refreshed_once_however_often_it_is_wanted() {
    let world = World::new(params(), takes(ms(200)));
    let fetcher = world.fetcher.clone().unwrap();
    for _ in 0..1_000 {
        for key in 0..30 {
            fetcher.refresh(key);
        }
    }
    // While it waits, and while it is under way.
    sleep(ms(100)).await;
    fetcher.refresh(1);
    sleep(ms(200)).await;
    let calls: Vec<_> = world.calls().into_iter().map(|call| (call.keys, call.class)).collect();
    assert_eq!(calls, [((0..30).collect::<Vec<_>>(), Class::Refresh)]);
    fetcher.refresh(1);
    sleep(ms(100)).await;
    assert_eq!(world.sizes(), [30, 1]);
}

#[tokio::test(start_paused = true)]
async fn refreshes_gather_for_the_longest_window_or_until_a_call_is_full() {
    let world = World::new(params(), takes(ms(200)));
    let fetcher = world.fetcher.clone().unwrap();
    (0..130).for_each(|key| fetcher.refresh(key));
    sleep(ms(100)).await;
    let calls: Vec<_> = world.calls().iter().map(|call| (call.keys.len(), call.at)).collect();
    assert_eq!(calls, [(100, ms(0)), (30, ms(10))]);
}

#[tokio::test(start_paused = true)]
async fn refreshes_leave_half_of_the_calls_to_callers() {
    let world = World::new(Params { lines_per_call: 10, ..params() }, takes(ms(200)));
    let fetcher = world.fetcher.clone().unwrap();
    (0..100).for_each(|key| fetcher.refresh(key));
    sleep(ms(100)).await;
    assert_eq!(world.sizes(), [10, 10]);
    assert_eq!(world.get(200..220).await, values(200..220));
    let beside = world.calls().iter().map(|call| call.beside).max();
    assert_eq!(beside, Some(4));
    sleep(ms(2_000)).await;
    assert_eq!(world.calls().iter().filter(|call| call.class == Class::Refresh).count(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_wants_a_key_that_waits_to_be_refreshed_makes_it_urgent() {
    let world = World::new(params(), takes(ms(200)));
    let fetcher = world.fetcher.clone().unwrap();
    fetcher.refresh(1);
    fetcher.refresh(2);
    sleep(ms(5)).await;
    assert_eq!(world.get([1]).await, values([1]));
    let calls: Vec<_> = world.calls().into_iter().map(|call| (call.keys, call.class, call.at)).collect();
    assert_eq!(calls, [(vec![1], Class::Browse, ms(5)), (vec![2], Class::Refresh, ms(10))]);
}

#[tokio::test(start_paused = true)]
async fn a_line_to_be_refreshed_outlives_its_callers() {
    let world = World::new(params(), takes(ms(200)));
    let fetcher = world.fetcher.clone().unwrap();
    let first = world.browse([0]);
    sleep(ms(1)).await;
    let gone = world.browse([1]);
    tokio::task::yield_now().await;
    fetcher.refresh(1);
    gone.abort();
    sleep(ms(50)).await;
    let keys: Vec<_> = world.calls().into_iter().map(|call| call.keys).collect();
    assert_eq!(keys, [[0], [1]]);
    first.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn in_a_pause_nothing_is_refreshed_and_afterwards_a_refresh_may_try_the_way() {
    let world = World::new(params(), Mood { dead: Some(unreachable()), ..takes(ms(10)) });
    let fetcher = world.fetcher.clone().unwrap();
    fetcher.refresh(1);
    sleep(ms(100)).await;
    fetcher.refresh(2);
    sleep(ms(200)).await;
    assert_eq!((world.sizes(), world.counts().refreshes_dropped), (vec![1], 1));
    world.mood(takes(ms(10)));
    fetcher.refresh(3);
    sleep(ms(100)).await;
    assert_eq!(world.sizes(), [1, 1]);
    assert_eq!(world.get([4]).await, values([4]));
}
