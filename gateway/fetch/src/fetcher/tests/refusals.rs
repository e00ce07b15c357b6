//! A call refused as a whole is asked again in parts: a bad line fails only those who asked for it.

use std::collections::BTreeSet;

use gateway_model::codes;
use tokio::time::sleep;

use super::world::{Mood, World, codes_of, ms, params, takes, values};
use crate::Class;

const REFUSED: Option<codes::Code> = Some(codes::DOM_REFUSED);

/// What a source refuses that refuses these.
fn refuses(bad: impl IntoIterator<Item = u32>) -> Mood {
    Mood { bad: bad.into_iter().collect(), ..takes(ms(20)) }
}

#[tokio::test(start_paused = true)]
async fn the_lines_of_one_caller_stand_and_fall_together() {
    let world = World::new(params(), refuses([2]));
    assert_eq!(codes_of(&world.get([1, 2, 3]).await), [REFUSED; 3]);
    assert_eq!(world.sizes(), [3]);
    assert_eq!(world.counts().asked_again, 0);
}

#[tokio::test(start_paused = true)]
async fn one_bad_line_among_a_hundred_callers_fails_one_caller_and_costs_14_calls() {
    let world = World::new(params(), refuses([42]));
    let callers: Vec<_> = (0..100).map(|key| (key, world.browse([key]))).collect();
    for (key, caller) in callers {
        let expected = if key == 42 { REFUSED } else { None };
        assert_eq!(codes_of(&caller.await.unwrap()), [expected], "{key}");
    }
    assert!(world.counts().asked_again <= 14, "{:?}", world.counts());
    assert_eq!(world.counts().failures, 0);
}

#[tokio::test(start_paused = true)]
async fn with_all_lines_bad_no_more_than_two_calls_are_made_for_each() {
    let world = World::new(params(), refuses(0..100));
    let callers: Vec<_> = (0..100).map(|key| world.browse([key])).collect();
    for caller in callers {
        assert_eq!(codes_of(&caller.await.unwrap()), [REFUSED]);
    }
    assert_eq!(world.calls().len(), 199);
    assert!(world.calls().iter().all(|call| call.beside <= 4));
}

#[tokio::test(start_paused = true)]
async fn a_line_that_several_want_does_not_fall_with_a_bad_one_of_one_of_them() {
    let world = World::new(params(), refuses([9]));
    let unlucky = world.browse([1, 9, 2]);
    let others = [world.browse([1]), world.browse([2, 3])];
    let got = codes_of(&unlucky.await.unwrap());
    assert_eq!(got, [None, REFUSED, None]);
    let [first, second] = others;
    assert_eq!(first.await.unwrap(), values([1]));
    assert_eq!(second.await.unwrap(), values([2, 3]));
}

#[tokio::test(start_paused = true)]
async fn who_joins_while_a_call_is_under_way_is_heeded_too() {
    let world = World::new(params(), refuses([9]));
    let unlucky = world.browse([1, 9]);
    sleep(ms(10)).await;
    assert_eq!(world.get([1]).await, values([1]));
    assert_eq!(codes_of(&unlucky.await.unwrap()), [None, REFUSED]);
    assert_eq!(world.sizes(), [2, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn parts_that_nobody_waits_for_any_more_are_not_asked_again() {
    let world = World::new(params(), refuses([9]));
    let (gone, other) = (world.browse([1, 9]), world.caller([2], Class::Checkout, None));
    sleep(ms(10)).await;
    gone.abort();
    assert_eq!(other.await.unwrap(), values([2]));
    let calls: Vec<_> = world.calls().into_iter().map(|call| (call.keys, call.class)).collect();
    assert_eq!(calls, [(vec![2, 1, 9], Class::Checkout), (vec![2], Class::Checkout)]);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_makes_the_source_panic_is_found_the_same_way() {
    let world = World::new(params(), Mood { deadly: BTreeSet::from([3]), ..takes(ms(20)) });
    let callers: Vec<_> = (0..8).map(|key| (key, world.browse([key]))).collect();
    for (key, caller) in callers {
        let expected = (key == 3).then_some(codes::INTERNAL);
        assert_eq!(codes_of(&caller.await.unwrap()), [expected], "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_dies_meanwhile_ends_the_asking_again() {
    let world = World::new(params(), refuses([42]));
    let callers: Vec<_> = (0..100).map(|key| world.browse([key])).collect();
    sleep(ms(30)).await;
    world.mood(Mood { dead: Some(super::world::unreachable()), ..takes(ms(20)) });
    for caller in callers {
        assert_ne!(codes_of(&caller.await.unwrap()), [Some(codes::DEADLINE)]);
    }
    assert!(world.calls().len() <= 7, "{:?}", world.sizes());
}
