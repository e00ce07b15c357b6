//! Keys, callers and refreshes have bounds; beyond them one is told so at once.

use gateway_model::{Repeat, codes};
use tokio::time::sleep;

use super::world::{World, codes_of, ms, params, takes, values};
use crate::Params;

const OVERLOADED: Option<codes::Code> = Some(codes::OVERLOADED);

#[tokio::test(start_paused = true)]
async fn beyond_the_most_lines_new_keys_are_refused_and_known_ones_joined() {
    let world = World::new(Params { most_lines: 3, ..params() }, takes(ms(200)));
    let first = world.browse([1, 2]);
    sleep(ms(1)).await;
    let got = world.get([2, 3, 4, 1]).await;
    assert_eq!(codes_of(&got), [None, None, OVERLOADED, None]);
    assert_eq!(got[2].as_ref().unwrap_err().repeat, Repeat::Safe);
    assert_eq!(first.await.unwrap(), values([1, 2]));
    assert_eq!(world.counts().refused_by_bound, 1);
    // Room again.
    assert_eq!(world.get([4, 5, 6]).await, values([4, 5, 6]));
}

#[tokio::test(start_paused = true)]
async fn beyond_the_most_callers_one_is_refused() {
    let world = World::new(Params { most_callers: 2, ..params() }, takes(ms(200)));
    let callers = [world.browse([1]), world.browse([1])];
    sleep(ms(1)).await;
    assert_eq!(codes_of(&world.get([1, 2]).await), [OVERLOADED; 2]);
    assert_eq!(world.counts().refused_by_bound, 2);
    for caller in callers {
        assert_eq!(caller.await.unwrap(), values([1]));
    }
    assert_eq!(world.get([2]).await, values([2]));
}

#[tokio::test(start_paused = true)]
async fn who_went_away_takes_up_no_room() {
    let params = Params { most_callers: 2, most_lines: 2, concurrent_calls: 1, ..params() };
    let world = World::new(params, takes(ms(200)));
    let first = world.browse([1]);
    sleep(ms(1)).await;
    let gone = world.browse([2]);
    sleep(ms(1)).await;
    assert_eq!(codes_of(&world.get([3]).await), [OVERLOADED]);
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(world.get([3]).await, values([3]));
    first.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn beyond_the_most_refreshes_they_are_dropped() {
    let world = World::new(Params { most_refreshes: 20, ..params() }, takes(ms(200)));
    let fetcher = world.fetcher.clone().unwrap();
    (0..100).for_each(|key| fetcher.refresh(key));
    sleep(ms(300)).await;
    assert_eq!((world.sizes(), world.counts().refreshes_dropped), (vec![20], 80));
}
