//! Deadlines, callers who go away, and the end.

use gateway_model::{Reached, Repeat, codes};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::world::{Mood, World, codes_of, ms, params, takes, values};
use crate::{Class, Params};

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_cancels_nothing_others_wait_for() {
    let world = World::new(params(), takes(ms(200)));
    let first = world.browse([1]);
    sleep(ms(1)).await;
    let second = world.browse([1, 2]);
    let third = world.browse([2]);
    sleep(ms(1)).await;
    // The first one's line is under way, the second one's waits.
    first.abort();
    second.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert!(second.await.unwrap_err().is_cancelled());
    assert_eq!(third.await.unwrap(), values([2]));
    assert_eq!(world.sizes(), [1, 1]);
    assert_eq!(world.counts().lines_left, 0);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_everyone_left_is_not_sent_and_one_under_way_may_be_joined() {
    let world = World::new(params(), takes(ms(200)));
    let first = world.browse([1]);
    sleep(ms(1)).await;
    let second = world.browse([2, 3]);
    sleep(ms(1)).await;
    first.abort();
    second.abort();
    sleep(ms(100)).await;
    assert_eq!(world.sizes(), [1]);
    assert_eq!(world.get([1]).await, values([1]));
    assert_eq!(world.sizes(), [1]);
    assert_eq!(world.counts().lines_left, 2);
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_a_caller_gets_what_is_there() {
    let world = World::new(params(), takes(ms(200)));
    let first = world.browse([1]);
    sleep(ms(100)).await;
    let began = Instant::now();
    let late = world.caller([1, 2], Class::Browse, Some(began + ms(150)));
    let patient = world.browse([2]);
    let got = late.await.unwrap();
    assert_eq!(began.elapsed(), ms(150));
    assert_eq!(codes_of(&got), [None, Some(codes::DEADLINE)]);
    let fault = got[1].as_ref().unwrap_err();
    assert_eq!((fault.reached, fault.repeat), (Reached::Maybe, Repeat::Safe));
    // For others the line goes on.
    assert_eq!(patient.await.unwrap(), values([2]));
    assert_eq!(first.await.unwrap(), values([1]));
    assert_eq!(world.sizes(), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn with_the_deadline_passed_nothing_is_asked() {
    let world = World::new(params(), takes(ms(200)));
    let got = world.caller([1, 2], Class::Checkout, Some(Instant::now())).await.unwrap();
    assert_eq!(codes_of(&got), [Some(codes::DEADLINE); 2]);
    assert_eq!(got[0].as_ref().unwrap_err().reached, Reached::No);
    assert_eq!(world.sizes(), [0; 0]);
}

#[tokio::test(start_paused = true)]
async fn closing_answers_who_waits_drops_refreshes_and_lets_nobody_in() {
    let params = Params { concurrent_calls: 1, ..params() };
    let world = World::new(params, takes(ms(200)));
    let fetcher = world.fetcher.clone().unwrap();
    let callers = [world.browse([1]), world.caller([2], Class::Refresh, None)];
    sleep(ms(1)).await;
    let third = world.browse([3]);
    tokio::task::yield_now().await;
    fetcher.refresh(4);
    let began = Instant::now();
    let closing = tokio::spawn(async move { fetcher.close().await });
    tokio::task::yield_now().await;
    assert_eq!(codes_of(&world.get([5, 1]).await), [Some(codes::DRAINING); 2]);
    world.fetcher.as_ref().unwrap().refresh(6);
    closing.await.unwrap();
    assert_eq!(began.elapsed(), ms(399));
    for (key, caller) in (1..).zip(callers) {
        assert_eq!(caller.await.unwrap(), values([key]));
    }
    assert_eq!(third.await.unwrap(), values([3]));
    let keys: Vec<_> = world.calls().into_iter().map(|call| call.keys).collect();
    assert_eq!(keys, [vec![1], vec![3, 2]]);
    // Once closed it stays closed, and closing again waits for nothing.
    world.fetcher.as_ref().unwrap().close().await;
    assert_eq!(codes_of(&world.get([5]).await), [Some(codes::DRAINING)]);
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_parts_of_a_refused_call_that_nobody_waits_for() {
    let world = World::new(params(), Mood { bad: [1].into(), ..takes(ms(200)) });
    let gone = [world.browse([1]), world.browse([2])];
    sleep(ms(1)).await;
    gone.iter().for_each(JoinHandle::abort);
    let began = Instant::now();
    world.fetcher.as_ref().unwrap().close().await;
    assert_eq!((began.elapsed(), world.sizes()), (ms(199), vec![2]));
}

#[tokio::test(start_paused = true)]
async fn a_fetcher_that_is_dropped_lets_its_calls_end() {
    let mut world = World::new(params(), takes(ms(200)));
    let gone = world.browse([1]);
    sleep(ms(1)).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    world.fetcher.as_ref().unwrap().refresh(2);
    drop(world.fetcher.take());
    // The tasks are the runtime's only ones; they end with the call.
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    sleep(ms(100)).await;
    assert_eq!(tasks(), 2);
    sleep(ms(100)).await;
    assert_eq!(tasks(), 0);
    assert_eq!(world.sizes(), [1]);
}
