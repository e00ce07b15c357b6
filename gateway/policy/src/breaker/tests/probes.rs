//! Who may try whether the other side is back, how often, and what of it counts.

use std::collections::VecDeque;
use std::time::Duration;

use gateway_model::codes;
use proptest::prelude::*;
use tokio::time::{Instant, advance, sleep};
use tower::{Layer, ServiceExt};

use super::super::course::Course;
use super::super::{BreakerLayer, FaultsOfTheWay, Params, Sign, Standing, Turn};
use super::{Dom, SECOND, ask, opened};
use crate::timed::Budgeted;

#[tokio::test(start_paused = true)]
async fn of_many_calls_at_once_one_passes_as_a_probe() {
    let (layer, mut dom) = opened(&Params::default()).await;
    advance(SECOND).await;
    dom.takes = SECOND;
    let call = || tokio::spawn(layer.layer(dom.service()).oneshot(Budgeted::new(())));
    let calls: Vec<_> = (0..50).map(|_| call()).collect();
    let mut not_asked = 0;
    for call in calls {
        let fault = call.await.unwrap().unwrap_err();
        not_asked += u32::from(fault.code == codes::DOM_NOT_ASKED);
    }
    assert_eq!((dom.asked(), not_asked, layer.openings()), (1, 49, 2));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_nobody_waits_for_makes_room_for_the_next_one() {
    let (layer, mut dom) = opened(&Params::default()).await;
    advance(SECOND).await;
    dom.takes = SECOND;
    let given_up = tokio::time::timeout(SECOND / 10, ask(&layer, &dom)).await;
    assert!(given_up.is_err());
    assert_eq!((layer.standing(), layer.openings()), (Standing::HalfOpen, 1));
    dom.set_down(false);
    assert_eq!(ask(&layer, &dom).await, Ok(()));
    assert_eq!((layer.standing(), dom.asked()), (Standing::Closed, 2));
}

/// Sends a call every 10 ms to a DOM that says nothing, until so many more were let through.
async fn ask_in_vain(layer: &BreakerLayer<FaultsOfTheWay>, silent: &Dom, probes: u32) {
    let mut passed = 0;
    while passed < probes {
        tokio::spawn(layer.layer(silent.service()).oneshot(Budgeted::new(())));
        sleep(SECOND / 100).await;
        passed += silent.asked();
    }
}

#[tokio::test(start_paused = true)]
async fn the_return_of_a_dom_that_said_nothing_is_noticed_within_the_longest_open_time() {
    let params = Params::default();
    for probes in 1..8 {
        let (layer, mut silent) = opened(&params).await;
        silent.takes = 8 * SECOND;
        ask_in_vain(&layer, &silent, probes).await;
        // It returns one moment after a probe began that uses up its whole time.
        sleep(params.longest_open).await;
        let back = Dom { takes: SECOND / 20, ..Dom::default() };
        assert_eq!(ask(&layer, &back).await, Ok(()), "after {probes} probes");
        // What the unanswered ones come to says nothing of the time since.
        for _ in 0..100 {
            assert_eq!(layer.standing(), Standing::Closed);
            assert_eq!(ask(&layer, &back).await, Ok(()));
            sleep(SECOND / 10).await;
        }
        assert_eq!(layer.standing(), Standing::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dom_that_says_nothing_gets_one_probe_in_each_open_time() {
    let (layer, mut silent) = opened(&Params::default()).await;
    silent.takes = 8 * SECOND;
    for _ in 0..60 * 100 {
        tokio::spawn(layer.layer(silent.service()).oneshot(Budgeted::new(())));
        sleep(SECOND / 100).await;
    }
    // The first after 0.5 to 1 s, the second after 1 to 2 s, and then one in 2 to 4 s.
    let asked = silent.asked();
    assert!((2 + 57 / 4..=2 + 59 / 2).contains(&asked), "{asked}");
}

/// When probes begin that all fail so long after they began, with a call every 10 ms, in the first minute.
fn probes_begin(seed: u64, takes: Duration) -> Vec<Duration> {
    let params = Params { least_calls: 1, seed, ..Params::default() };
    let (mut course, begun) = (Course::new(params), Instant::now());
    let first = course.admit(begun).unwrap();
    course.settle(first, Sign::Ill, begun);
    let mut under_way = VecDeque::new();
    let mut begins = Vec::new();
    for step in 1..6_000 {
        let past = step * SECOND / 100;
        while let Some((pass, begin)) = under_way.pop_front() {
            if begin + takes > past {
                under_way.push_front((pass, begin));
                break;
            }
            course.settle(pass, Sign::Ill, begun + past);
        }
        if let Ok(pass) = course.admit(begun + past) {
            begins.push(past);
            under_way.push_back((pass, past));
        }
    }
    begins
}

#[tokio::test(start_paused = true)]
async fn when_a_probe_fails_makes_no_difference_to_when_the_next_one_begins() {
    for seed in 0..20 {
        let at_once = probes_begin(seed, Duration::ZERO);
        assert!(at_once.len() >= 15, "{at_once:?}");
        for millis in [10, 300, 1_700, 3_900, 8_000, 100_000] {
            assert_eq!(
                probes_begin(seed, Duration::from_millis(millis)),
                at_once,
                "{millis} ms, seed {seed}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_probe_of_an_outage_closes_it_and_none_of_an_earlier_one_does() {
    let params = Params { least_calls: 1, ..Params::default() };
    let (mut course, mut now) = (Course::new(params), Instant::now());
    let first = course.admit(now).unwrap();
    course.settle(first, Sign::Ill, now);
    let [older, old, failed, late] = [(); 4].map(|()| {
        now += 4 * SECOND;
        course.admit(now).unwrap()
    });
    assert!(matches!(course.settle(failed, Sign::Ill, now), Some(Turn::StaysOpen(_))));
    assert_eq!(course.settle(older, Sign::Well, now), Some(Turn::Closed));
    assert_eq!((course.settle(old, Sign::Ill, now), course.standing(now)), (None, Standing::Closed));
    let next = course.admit(now).unwrap();
    assert!(matches!(course.settle(next, Sign::Ill, now), Some(Turn::Opened(_))));
    assert_eq!(course.settle(late, Sign::Well, now), None);
    assert!(matches!(course.standing(now), Standing::Open(pause) if pause <= SECOND));
}

#[tokio::test(start_paused = true)]
async fn only_the_latest_probe_makes_room_when_nobody_waits_for_it() {
    let params = Params { least_calls: 1, ..Params::default() };
    let (mut course, mut now) = (Course::new(params), Instant::now());
    let first = course.admit(now).unwrap();
    course.settle(first, Sign::Ill, now);
    let [older, latest] = [(); 2].map(|()| {
        now += 4 * SECOND;
        course.admit(now).unwrap()
    });
    course.settle(older, Sign::Neither, now);
    assert!(course.admit(now).is_err());
    course.settle(latest, Sign::Neither, now);
    assert!(course.admit(now).is_ok());
    assert!(course.admit(now).is_err());
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_before_it_opened_tells_nothing_of_the_time_since() {
    let now = Instant::now();
    let mut course = Course::new(Params::default());
    let passes: Vec<_> = (0..40).map(|_| course.admit(now).unwrap()).collect();
    for pass in &passes[..20] {
        course.settle(*pass, Sign::Ill, now);
    }
    assert_eq!(course.openings(), 1);
    let probe = course.admit(now + SECOND).unwrap();
    for (pass, sign) in passes[20..].iter().zip([Sign::Well, Sign::Ill].into_iter().cycle()) {
        course.settle(*pass, sign, now + SECOND);
        assert_eq!((course.standing(now + SECOND), course.openings()), (Standing::HalfOpen, 1));
    }
    course.settle(probe, Sign::Well, now + SECOND);
    assert_eq!(course.standing(now + SECOND), Standing::Closed);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Ask,
    Settle(usize, Sign),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let sign = prop_oneof![3 => Just(Sign::Ill), 2 => Just(Sign::Well), 1 => Just(Sign::Neither)];
    prop_oneof![
        4 => Just(Step::Ask),
        4 => (any::<usize>(), sign).prop_map(|(which, sign)| Step::Settle(which, sign)),
        1 => (0_u64..3_000).prop_map(Step::Pass),
    ]
}

proptest! {
    /// Whatever happens: while it is not closed, a probe passes when the longest open time has gone by since the last one began
    /// at the latest, and none before half of the first one has, but in the place of one that came to nothing. A refusal says
    /// when to come back. Only a probe of this outage closes it.
    #[test]
    fn probes_pass_in_time_and_not_more_often(steps in prop::collection::vec(step(), 0..500), seed: u64) {
        let params = Params { least_calls: 5, seed, ..Params::default() };
        let (mut course, mut now) = (Course::new(params.clone()), Instant::now());
        // Passes under way, each with the outage it is a probe of and its number; and the same of the latest probe.
        let mut under_way: Vec<(_, Option<(u32, u32)>)> = Vec::new();
        let (mut latest, mut begun, mut has_room) = ((0, 0), now, false);
        for step in steps {
            match step {
                Step::Pass(millis) => now += Duration::from_millis(millis),
                Step::Settle(which, sign) if !under_way.is_empty() => {
                    let (pass, probe) = under_way.swap_remove(which % under_way.len());
                    let is_open = course.standing(now) != Standing::Closed;
                    let is_of_this_outage = is_open && probe.is_some_and(|(outage, _)| outage == latest.0);
                    let turn = course.settle(pass, sign, now);
                    prop_assert_eq!(turn == Some(Turn::Closed), is_of_this_outage && sign == Sign::Well);
                    if matches!(turn, Some(Turn::Opened(_))) {
                        prop_assert!(!is_open && probe.is_none());
                        (latest, begun, has_room) = ((latest.0 + 1, 0), now, false);
                    }
                    has_room |= is_of_this_outage && probe == Some(latest) && sign == Sign::Neither;
                }
                Step::Settle(..) => {}
                Step::Ask => match (course.standing(now), course.admit(now)) {
                    (Standing::Closed, Ok(pass)) => under_way.push((pass, None)),
                    (_, Ok(pass)) => {
                        prop_assert!(has_room || now - begun >= params.first_open / 2);
                        (latest.1, begun, has_room) = (latest.1 + 1, now, false);
                        under_way.push((pass, Some(latest)));
                    }
                    (standing, Err(pause)) => {
                        prop_assert!(standing != Standing::Closed && !has_room);
                        prop_assert!(now - begun < params.longest_open);
                        prop_assert!(pause > Duration::ZERO && now + pause <= begun + params.longest_open);
                    }
                },
            }
        }
        now += params.longest_open;
        let probe = course.admit(now).unwrap();
        course.settle(probe, Sign::Well, now);
        prop_assert_eq!(course.standing(now), Standing::Closed);
    }
}
