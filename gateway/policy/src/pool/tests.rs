//! The promises of the pool, on a paused clock, counted at a DOM that takes its time.

mod overload;
mod random;

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway_model::{Fault, Origin, Reached, Repeat, codes};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tower::{Layer, ServiceExt, service_fn};

use super::{Counts, Params, Pool, Ranked, Rate, Share, Shed, pool};
use crate::class::{ByClass, Class};
use crate::deadline::Deadline;
use crate::timed::Budgeted;

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// What one store wants of one class, evenly over time.
#[derive(Debug, Clone, Copy)]
struct Demand {
    class: Class,
    store: &'static str,
    per_second: u32,
    lines: u32,
    /// How long the DOM takes for it.
    takes: Duration,
    from: Duration,
    to: Duration,
}

/// What became of a demand's calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Outcome {
    asked: u32,
    went: u32,
    /// The longest that one waited before it went.
    longest_wait: Duration,
    faults: Vec<Fault>,
}

#[derive(Debug, Clone)]
struct Call(Demand);

impl Ranked for Call {
    fn class(&self) -> Class {
        self.0.class
    }

    fn store(&self) -> &str {
        self.0.store
    }

    fn lines(&self) -> u32 {
        self.0.lines
    }
}

fn demand(class: Class, per_second: u32) -> Demand {
    Demand {
        class,
        store: "a",
        per_second,
        lines: 1,
        takes: 10 * MILLISECOND,
        from: Duration::ZERO,
        to: 20 * SECOND,
    }
}

fn rate(per_second: u32, at_once: u32) -> Option<Rate> {
    Some(Rate {
        per_second: NonZeroU32::new(per_second).unwrap(),
        at_once: NonZeroU32::new(at_once).unwrap(),
    })
}

/// A hundred requests and a thousand lines a second.
fn params() -> Params {
    Params { requests: rate(100, 10), lines: rate(1_000, 100), ..Params::default() }
}

/// What the DOM saw: its calls' lines, with their times.
type Seen = Arc<Mutex<Vec<(Instant, u32)>>>;

/// Runs the demands side by side; gives what became of each, and what the DOM saw.
async fn run(pool: &Pool, demands: &[Demand]) -> (Vec<Outcome>, Vec<(Instant, u32)>) {
    let seen = Seen::default();
    let mut all = Vec::new();
    for demand in demands.iter().copied() {
        all.push(tokio::spawn(run_one(pool.clone(), demand, Arc::clone(&seen))));
    }
    let mut outcomes = Vec::new();
    for demand in all {
        outcomes.push(demand.await.unwrap());
    }
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (outcomes, seen)
}

async fn run_one(pool: Pool, demand: Demand, seen: Seen) -> Outcome {
    let begun = Instant::now();
    let calls = u32::try_from((demand.to - demand.from).as_millis()).unwrap() * demand.per_second / 1_000;
    let mut under_way = JoinSet::new();
    let dom = service_fn(move |request: Budgeted<Call>| {
        let now = Instant::now();
        seen.lock().unwrap().push((now, request.request.0.lines));
        let takes = sleep(request.request.0.takes);
        async move {
            takes.await;
            Ok::<_, Fault>(now)
        }
    });
    for call in 0..calls {
        sleep_until(begun + demand.from + SECOND * call / demand.per_second).await;
        let asked = Instant::now();
        let answer = super::pool(&pool).layer(dom.clone()).oneshot(Budgeted::new(Call(demand)));
        under_way.spawn(async move { answer.await.map(|went| went - asked) });
    }
    let mut outcome = Outcome { asked: calls, ..Outcome::default() };
    for call in under_way.join_all().await {
        match call {
            Ok(waited) => {
                outcome.went += 1;
                outcome.longest_wait = outcome.longest_wait.max(waited);
            }
            Err(fault) => outcome.faults.push(fault),
        }
    }
    outcome
}

#[tokio::test(start_paused = true)]
async fn who_is_alone_gets_all_that_others_are_sure_of() {
    for class in Class::ALL {
        let pool = Pool::new(params()).unwrap();
        let (outcomes, seen) = run(&pool, &[demand(class, 1_000)]).await;
        // 100 a second, what was there at the beginning, and what went while the last ones waited.
        let waits = u32::try_from(params().classes.of(class).longest_wait.as_secs()).unwrap();
        assert!(
            (20 * 100..=(20 + waits) * 100 + 10).contains(&outcomes[0].went),
            "{class:?} {}",
            outcomes[0].went
        );
        assert_eq!(seen.len(), usize::try_from(outcomes[0].went).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn a_class_has_its_share_back_with_its_first_call() {
    let pool = Pool::new(params()).unwrap();
    let late = Demand { from: 10 * SECOND, ..demand(Class::Checkout, 30) };
    let (outcomes, _) = run(&pool, &[demand(Class::Browse, 1_000), late]).await;
    let [browse, checkout] = &outcomes[..] else { panic!("two demands") };
    assert_eq!((checkout.went, checkout.asked), (300, 300));
    // The next token comes within 10 ms; hundreds wait before it by their age.
    assert!(checkout.longest_wait <= 11 * MILLISECOND, "{:?}", checkout.longest_wait);
    // Browse has all that is left, to the end.
    assert!(browse.went >= 10 * 100 + 10 * 70, "{}", browse.went);
}

#[tokio::test(start_paused = true)]
async fn a_class_that_comes_back_finds_room_among_slow_calls_at_once() {
    let pool = Pool::new(Params::default()).unwrap();
    let slow = Demand { takes: 60 * SECOND, ..demand(Class::Browse, 100) };
    let late = Demand { from: 10 * SECOND, takes: SECOND / 2, ..demand(Class::Order, 2) };
    let (outcomes, _) = run(&pool, &[slow, late]).await;
    assert_eq!(outcomes[0].went, 18);
    assert_eq!((outcomes[1].went, outcomes[1].longest_wait), (20, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn no_class_starves_whoever_floods() {
    for flooding in Class::ALL {
        let pool = Pool::new(params()).unwrap();
        let demands = Class::ALL.map(|class| demand(class, if class == flooding { 1_000 } else { 200 }));
        let (outcomes, _) = run(&pool, &demands).await;
        for (demand, outcome) in demands.iter().zip(&outcomes) {
            let sure = 20 * params().classes.of(demand.class).percent;
            assert!(outcome.went + 5 >= sure, "{:?} {} of {sure}", demand.class, outcome.went);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_borrowed_owes_nothing() {
    let pool = Pool::new(params()).unwrap();
    let demands = [Class::Browse, Class::Order].map(|class| demand(class, 1_000));
    let flood = Demand { from: 10 * SECOND, ..demands[1] };
    let alone = Demand { to: 10 * SECOND, ..demands[0] };
    let beside = Demand { from: 11 * SECOND, ..demands[0] };
    let (outcomes, _) = run(&pool, &[alone, flood, beside]).await;
    assert!(outcomes[0].went >= 1_000);
    assert!(outcomes[2].went >= 9 * 15, "{}", outcomes[2].went);
}

#[tokio::test(start_paused = true)]
async fn no_class_starves_where_only_calls_under_way_are_bounded() {
    let pool = Pool::new(Params::default()).unwrap();
    let demands = Class::ALL.map(|class| Demand { takes: SECOND, ..demand(class, 100) });
    let (outcomes, _) = run(&pool, &demands).await;
    for (class, outcome) in Class::ALL.into_iter().zip(&outcomes) {
        let sure = 20 * Params::default().sure_of(20, class);
        assert!(outcome.went >= sure, "{class:?} {} of {sure}", outcome.went);
    }
}

#[tokio::test(start_paused = true)]
async fn no_store_gets_more_than_its_weight_while_others_wait() {
    let store = |store, per_second| Demand { store, ..demand(Class::Browse, per_second) };
    let weights = [("b".to_owned(), NonZeroU32::new(3).unwrap())];
    // What stores ask for per second, and what they get.
    let cases: [(&[_], bool, &[u32]); 4] = [
        (&[store("a", 1_000), store("b", 100)], false, &[1_050, 1_050]),
        (&[store("a", 1_000), store("b", 100)], true, &[525, 1_575]),
        (&[store("a", 1_000), store("b", 20)], false, &[1_700, 400]),
        (&[store("a", 1_000), store("b", 500), store("c", 200)], false, &[700, 700, 700]),
    ];
    for (demands, weighted, expected) in cases {
        let stores = if weighted { weights.clone().into() } else { [].into() };
        let pool = Pool::new(Params { stores, ..params() }).unwrap();
        let (outcomes, _) = run(&pool, demands).await;
        for (outcome, expected) in outcomes.iter().zip(expected) {
            assert!(
                outcome.went.abs_diff(*expected) <= expected / 20 + 60,
                "{} for {expected}",
                outcome.went
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lines_are_as_dear_as_the_dom_makes_them() {
    let pool = Pool::new(params()).unwrap();
    // A store that asks for a hundred lines at a time gets as many lines as one that asks for ten, not as many calls.
    let store = |store, lines| Demand { store, lines, ..demand(Class::Browse, 100) };
    let (outcomes, seen) = run(&pool, &[store("a", 100), store("b", 10)]).await;
    let [hundreds, tens] = &outcomes[..] else { panic!("two demands") };
    assert!((90..=115).contains(&hundreds.went), "{}", hundreds.went);
    assert!((900..=1_150).contains(&tens.went), "{}", tens.went);
    let lines: u32 = seen.iter().map(|(_, lines)| lines).sum();
    assert!((20_000..=21_100).contains(&lines), "{lines}");
}

#[tokio::test(start_paused = true)]
async fn a_call_of_more_lines_than_come_at_once_waits_for_them() {
    let pool = Pool::new(params()).unwrap();
    let big = Demand { lines: 1_100, to: SECOND, ..demand(Class::Checkout, 1) };
    let (outcomes, _) = run(&pool, &[big]).await;
    assert_eq!((outcomes[0].went, outcomes[0].longest_wait), (1, SECOND));
    // What has no lines needs none.
    let none = Demand { lines: 0, to: SECOND, ..demand(Class::Order, 10) };
    let (outcomes, _) = run(&pool, &[Demand { lines: 2_000, ..big }, none]).await;
    assert_eq!((outcomes[1].went, outcomes[1].longest_wait), (10, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_learns_that_nothing_was_sent_and_when_to_come_back() {
    let pool = Pool::new(Params { most_waiting: 5, ..Params::default() }).unwrap();
    let slow = Demand { takes: 60 * SECOND, to: SECOND, ..demand(Class::Browse, 100) };
    let (outcomes, _) = run(&pool, &[slow]).await;
    let [Outcome { went: 18, faults, .. }] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!(faults.len(), 82);
    for fault in faults {
        assert_eq!((fault.code, fault.origin), (codes::OVERLOADED, Origin::Gateway));
        assert_eq!((fault.reached, fault.repeat), (Reached::No, Repeat::Safe));
        assert!(fault.retry_after.unwrap().length() >= SECOND);
    }
    let texts: Vec<_> = faults.iter().map(|fault| fault.message.as_str()).collect();
    let count = |text: &str| texts.iter().filter(|message| message.contains(text)).count();
    assert_eq!((count("`browse` calls wait already"), count("waited 1s in vain")), (77, 5));
    assert_eq!(
        *pool.counts().of(Class::Browse),
        Counts { passed: 18, borrowed: 15, refused_full: 77, refused_late: 5, waiting: 0, under_way: 0 }
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_past_the_deadline() {
    let pool = Pool::new(Params::default()).unwrap();
    let mut permits = Vec::new();
    for _ in 0..18 {
        permits.push(pool.admit(Class::Browse, "a", 1, None).await.unwrap());
    }
    let begun = Instant::now();
    let deadline = Some(Deadline::after(SECOND / 4));
    let refused = pool.admit(Class::Browse, "a", 1, deadline).await.unwrap_err();
    assert!(matches!(refused, Shed::Late { waited, .. } if waited == SECOND / 4), "{refused:?}");
    let refused = pool.admit(Class::Order, "a", 1, deadline).await.unwrap_err();
    assert!(matches!(refused, Shed::Late { waited, .. } if waited.is_zero()), "{refused:?}");
    assert_eq!(begun.elapsed(), SECOND / 4);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_goes_has_half_of_its_time_left_at_least() {
    let call = Call(Demand {
        class: Class::Browse,
        store: "a",
        per_second: 0,
        lines: 1,
        takes: SECOND,
        from: Duration::ZERO,
        to: Duration::ZERO,
    });
    let classes = ByClass::from_fn(|_| Share { percent: 20, longest_wait: 60 * SECOND });
    let limits = Pool::new(Params { concurrent: 5, never_lent: 0, classes, ..Params::default() }).unwrap();
    let left = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&left);
    let layered = pool(&limits).layer(service_fn(move |request: Budgeted<Call>| {
        seen.lock().unwrap().push(request.deadline.unwrap().left());
        async {
            sleep(SECOND).await;
            Ok::<_, Fault>(())
        }
    }));
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let request =
                Budgeted { deadline: Some(Deadline::after(4 * SECOND)), ..Budgeted::new(call.clone()) };
            tokio::spawn(layered.clone().oneshot(request))
        })
        .collect();
    let mut refused = 0;
    for call in calls {
        refused += u32::from(call.await.unwrap().is_err());
    }
    // Five a second, and after two seconds nobody waits any more.
    let left = left.lock().unwrap();
    assert!(left.iter().all(|left| *left >= 2 * SECOND), "{left:?}");
    assert!(left.len() >= 10 && left.len() + refused as usize == 40, "{} {refused}", left.len());
}

#[tokio::test(start_paused = true)]
async fn who_leaves_makes_room_waiting_or_under_way() {
    let pool = Pool::new(Params { most_waiting: 5, ..Params::default() }).unwrap();
    let mut permits = Vec::new();
    for _ in 0..18 {
        permits.push(pool.admit(Class::Browse, "a", 1, None).await.unwrap());
    }
    for _ in 0..20 {
        assert!(timeout(10 * MILLISECOND, pool.admit(Class::Browse, "a", 1, None)).await.is_err());
        assert_eq!(pool.counts().browse.waiting, 0);
    }
    permits.pop();
    permits.push(timeout(MILLISECOND, pool.admit(Class::Browse, "a", 1, None)).await.unwrap().unwrap());
    assert_eq!(pool.counts().browse.under_way, 18);
    drop(permits);
    assert_eq!(pool.counts().browse, Counts { passed: 19, borrowed: 16, ..Counts::default() });
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fills_the_queue_gives_way_to_another() {
    let pool = Pool::new(Params { most_waiting: 20, ..params() }).unwrap();
    let store = |store, per_second| Demand { store, ..demand(Class::Browse, per_second) };
    let (outcomes, _) = run(&pool, &[store("a", 2_000), store("b", 20)]).await;
    assert_eq!((outcomes[1].went, outcomes[1].asked), (400, 400));
}

#[tokio::test(start_paused = true)]
async fn the_least_urgent_class_gives_way_first_but_keeps_the_room_it_is_sure_of() {
    let pool = Pool::new(Params { most_waiting: 105, ..params() }).unwrap();
    let demands = [Class::Browse, Class::Account].map(|class| demand(class, 300));
    let urgent = Demand { from: 10 * SECOND, to: 10 * SECOND + SECOND / 2, ..demand(Class::Order, 100) };
    let (outcomes, _) = run(&pool, &[demands[0], demands[1], urgent]).await;
    assert_eq!(outcomes[2].went, outcomes[2].asked);
    assert!(outcomes[0].went >= 20 * 15, "{}", outcomes[0].went);
}

#[test]
fn parameters_that_cannot_be_are_named() {
    let classes = |percent| {
        let mut classes = Params::default().classes;
        classes.browse.percent = percent;
        classes
    };
    let patient = |seconds| {
        let mut classes = Params::default().classes;
        classes.push.longest_wait = Duration::from_secs(seconds);
        classes
    };
    let cases = [
        (
            Params { concurrent: 4, ..Params::default() },
            "`concurrent`: expected at least 5, one for each class, found 4",
        ),
        (
            Params { never_lent: 20, ..Params::default() },
            "`never_lent`: expected less than `concurrent`, found 20",
        ),
        (
            Params { most_waiting: 0, ..Params::default() },
            "`most_waiting`: expected at least 5, one for each class, found 0",
        ),
        (
            Params { classes: classes(16), ..Params::default() },
            "`classes`: expected at least 1 percent each and at most 100 in all, found [20, 40, 15, 10, 16]",
        ),
        (
            Params { classes: classes(0), ..Params::default() },
            "`classes`: expected at least 1 percent each and at most 100 in all, found [20, 40, 15, 10, 0]",
        ),
        (
            Params { classes: patient(3_601), ..Params::default() },
            "`longest_wait`: expected at most 1 h, found 3601s",
        ),
    ];
    for (params, text) in cases {
        assert_eq!(Pool::new(params).unwrap_err().to_string(), text);
    }
}

#[test]
fn what_classes_are_sure_of_never_comes_to_more_than_there_is() {
    for whole in 5..200 {
        let sure = ByClass::from_fn(|class| Params::default().sure_of(whole, class));
        assert!(sure.iter().map(|(_, sure)| sure).sum::<u32>() <= whole, "{whole}: {sure:?}");
    }
}
