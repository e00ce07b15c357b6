//! A dead source is left alone, and comes back without a burst.

use std::time::Duration;

use gateway_model::{Fault, Pause, Reached, codes};
use tokio::time::{Instant, sleep};

use super::world::{Mood, World, codes_of, ms, params, takes, unreachable, values};
use crate::Params;

/// Failing after so long.
fn dead(after: Duration) -> Mood {
    Mood { dead: Some(unreachable()), ..takes(after) }
}

/// 100 callers a second for so many seconds, each with a key of its own; how many still wait at the end.
async fn storm(world: &World, seconds: u32, first_key: u32) -> usize {
    let mut callers = Vec::new();
    for key in first_key..first_key + seconds * 100 {
        callers.push(world.browse([key]));
        sleep(ms(10)).await;
    }
    callers.iter().filter(|caller| !caller.is_finished()).count()
}

#[tokio::test(start_paused = true)]
async fn a_dead_source_is_asked_a_bounded_number_of_times_in_a_minute() {
    // (how long a call takes to fail, the most calls in the minute: those that failed together, then one after each pause
    // of 250 ms, 500 ms, 1, 2, 4, 8, 16, 30 s that fits in; no call takes more than 10 s)
    for (after, most) in [(ms(0), 1 + 8), (ms(50), 4 + 8), (ms(5_000), 4 + 6), (ms(60_000), 4 + 5)] {
        let world = World::new(params(), dead(after));
        storm(&world, 60, 0).await;
        let calls = world.calls();
        assert!(calls.len() <= most, "{} calls that take {after:?}", calls.len());
        let counts = world.counts();
        let told = counts.refused_by_pause + counts.lines_asked;
        assert!(told > 5_000, "{counts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn in_a_pause_callers_are_told_at_once_that_nothing_was_sent() {
    let world = World::new(params(), dead(ms(50)));
    world.get([1]).await;
    let began = Instant::now();
    let got = world.get([1, 2]).await;
    assert_eq!((began.elapsed(), world.sizes()), (ms(0), vec![1]));
    for answer in got {
        let fault = answer.unwrap_err();
        assert_eq!((fault.code, fault.reached), (codes::DOM_NOT_ASKED, Reached::No));
        assert_eq!(fault.retry_after, Pause::of(ms(250)));
    }
    assert_eq!(world.counts().refused_by_pause, 2);
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_one_call_tries_and_who_comes_beside_it_is_told_at_once() {
    let world = World::new(params(), dead(ms(50)));
    world.get([1]).await;
    sleep(ms(250)).await;
    let tries = world.browse([2]);
    sleep(ms(10)).await;
    let began = Instant::now();
    assert_eq!(codes_of(&world.get([3]).await), [Some(codes::DOM_NOT_ASKED)]);
    assert_eq!((began.elapsed(), world.sizes()), (ms(0), vec![1, 1]));
    assert_eq!(codes_of(&tries.await.unwrap()), [Some(codes::DOM_UNREACHABLE)]);
    // The next pause is twice as long.
    sleep(ms(499)).await;
    world.get([4]).await;
    assert_eq!(world.sizes(), [1, 1]);
    sleep(ms(1)).await;
    world.get([5]).await;
    assert_eq!(world.sizes(), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn who_waits_when_the_way_fails_is_told_at_once() {
    let params = Params { concurrent_calls: 1, ..params() };
    let world = World::new(params, dead(ms(50)));
    let first = world.browse([1]);
    sleep(ms(1)).await;
    let began = Instant::now();
    assert_eq!(codes_of(&world.get([2, 3]).await), [Some(codes::DOM_NOT_ASKED); 2]);
    assert_eq!((began.elapsed(), world.sizes()), (ms(49), vec![1]));
    assert_eq!(codes_of(&first.await.unwrap()), [Some(codes::DOM_UNREACHABLE)]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_fail_together_are_one_failure() {
    let world = World::new(Params { lines_per_call: 10, ..params() }, dead(ms(50)));
    world.get(0..40).await;
    assert_eq!((world.sizes().len(), world.counts().failures), (4, 4));
    // The pause is the first one still.
    sleep(ms(250)).await;
    world.get([50]).await;
    assert_eq!(world.sizes().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_returns_is_asked_again_without_a_burst() {
    let world = World::new(Params { lines_per_call: 10, ..params() }, dead(ms(50)));
    storm(&world, 20, 0).await;
    let before = world.calls().len();
    world.mood(takes(ms(50)));
    // A pause of 16 s began before; then everything is as it was.
    storm(&world, 20, 10_000).await;
    let calls = world.calls().split_off(before);
    let beside: Vec<usize> = calls.iter().map(|call| call.beside).collect();
    assert_eq!(beside[0], 1);
    assert!(beside.iter().all(|beside| *beside <= 4));
    // Nothing had piled up: no call carries more than came in the time of a call.
    assert!(calls.iter().all(|call| call.keys.len() <= 6), "{:?}", world.sizes());
    assert_eq!(world.get([1, 2]).await, values([1, 2]));
}

#[tokio::test(start_paused = true)]
async fn after_the_try_each_success_lets_one_more_call_in() {
    let world = World::new(Params { lines_per_call: 10, ..params() }, dead(ms(50)));
    world.get([1]).await;
    world.mood(takes(ms(50)));
    sleep(ms(250)).await;
    world.get([1]).await;
    let before = world.calls().len();
    assert_eq!(world.get(0..120).await, values(0..120));
    let beside: Vec<usize> = world.calls().split_off(before).iter().map(|call| call.beside).collect();
    // Two at first, which end together; then four.
    assert_eq!(beside, [1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn one_failure_among_successes_is_soon_forgotten() {
    let world = World::new(params(), takes(ms(100)));
    let slow = world.browse([1]);
    sleep(ms(20)).await;
    world.mood(dead(ms(10)));
    assert_eq!(codes_of(&world.get([2]).await), [Some(codes::DOM_UNREACHABLE)]);
    world.mood(takes(ms(10)));
    assert_eq!(codes_of(&world.get([3]).await), [Some(codes::DOM_NOT_ASKED)]);
    // The call from before is answered: the source lives, and the pause ends.
    assert_eq!(slow.await.unwrap(), values([1]));
    assert_eq!(world.get([4]).await, values([4]));
}

#[tokio::test(start_paused = true)]
async fn overload_pauses_and_a_refusal_does_not() {
    let cases = [
        (Fault::dom(codes::DOM_OVERLOADED, "busy"), 1),
        (Fault::gateway(codes::OVERLOADED, "no share left"), 2),
        (Fault::network(codes::DOM_NOT_ASKED, "left alone"), 2),
        (Fault::dom(codes::DOM_REFUSED, "no such item"), 2),
        (Fault::gateway(codes::UNMAPPED_VALUE, "no such unit"), 2),
    ];
    for (fault, calls) in cases {
        let world = World::new(params(), Mood { dead: Some(fault.clone()), ..Mood::default() });
        world.get([1]).await;
        world.get([2]).await;
        assert_eq!(world.sizes().len(), calls, "{fault}");
    }
}
