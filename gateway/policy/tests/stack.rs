//! All layers on each other, on a paused clock: a DOM that dies and comes back, asked by stores that look and pay.

#![expect(clippy::unwrap_used, reason = "a helper of the test may end it")]

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use gateway_model::{Fault, Reached, Repeat, codes};
use gateway_policy::breaker::{FaultsOfTheWay, Standing};
use gateway_policy::join::Entered;
use gateway_policy::pool::Rate;
use gateway_policy::retry::WhatIsSafe;
use gateway_policy::{
    Budgeted, Class, Identity, Joins, Pool, Ranked, attempt, breaker, deadline, pool, retry,
};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt, service_fn};

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Clone)]
struct Call {
    class: Class,
    store: &'static str,
}

impl Ranked for Call {
    fn class(&self) -> Class {
        self.class
    }

    fn store(&self) -> &str {
        self.store
    }

    fn lines(&self) -> u32 {
        1
    }
}

/// What the DOM is like, and how often it was asked.
#[derive(Debug, Clone, Default)]
struct Dom {
    down: Arc<AtomicBool>,
    asked: Arc<AtomicU32>,
}

type Upstream = BoxCloneSyncService<Budgeted<Call>, (), Fault>;

/// One DOM API, of which all stores share what is soft state.
struct Api {
    dom: Dom,
    pool: Pool,
    budget: Arc<retry::Budget>,
    breaker: breaker::BreakerLayer<FaultsOfTheWay>,
    joins: Joins<u32, Result<(), Fault>>,
}

impl Api {
    /// A hundred calls a second.
    fn new() -> Self {
        let rate = |number| NonZeroU32::new(number).unwrap();
        let requests = Some(Rate { per_second: rate(100), at_once: rate(10) });
        Self {
            dom: Dom::default(),
            pool: Pool::new(pool::Params { requests, ..pool::Params::default() }).unwrap(),
            budget: Arc::new(retry::Budget::new(retry::Limits::default()).unwrap()),
            breaker: breaker("getOrderList", &breaker::Params::default(), FaultsOfTheWay).unwrap(),
            joins: Joins::new(1_000),
        }
    }

    fn upstream(&self, seed: u64) -> Upstream {
        let dom = self.dom.clone();
        let retries = retry(&retry::Params { seed, ..retry::Params::default() }, WhatIsSafe).unwrap();
        let stack = ServiceBuilder::new()
            .layer(deadline(5 * SECOND))
            .layer(retries.sharing(Arc::clone(&self.budget)))
            .layer(self.breaker.clone())
            .layer(pool(&self.pool))
            .layer(attempt(2 * SECOND))
            .service(service_fn(move |_: Budgeted<Call>| {
                let dom = dom.clone();
                async move {
                    dom.asked.fetch_add(1, Ordering::Relaxed);
                    sleep(20 * MILLISECOND).await;
                    let broken = Fault::network(codes::DOM_BROKEN, "test");
                    if dom.down.load(Ordering::Relaxed) { Err(broken) } else { Ok(()) }
                }
            }));
        BoxCloneSyncService::new(stack)
    }
}

fn send(upstream: &Upstream, call: Call) -> JoinHandle<Result<(), Fault>> {
    tokio::spawn(upstream.clone().oneshot(Budgeted::new(call)))
}

/// Browse at ten times what the DOM takes, by two stores, and checkout at a third of it, for so many seconds; gives the
/// outcomes of checkout.
async fn traffic(api: &Api, seconds: u32) -> Vec<Result<(), Fault>> {
    let stores = [("a", api.upstream(1)), ("b", api.upstream(2))];
    let mut checkout = Vec::new();
    for (millisecond, (store, upstream)) in (0..seconds * 1_000).zip(stores.iter().cycle()) {
        let call = |class| Call { class, store };
        drop(send(upstream, call(Class::Browse)));
        if millisecond % 33 == 0 {
            checkout.push(send(upstream, call(Class::Checkout)));
        }
        sleep(MILLISECOND).await;
    }
    let mut outcomes = Vec::new();
    for call in checkout {
        outcomes.push(call.await.unwrap());
    }
    outcomes
}

#[tokio::test(start_paused = true)]
async fn a_dead_dom_is_left_alone_and_is_back_for_those_who_pay_five_seconds_after_its_return() {
    let api = Api::new();
    assert!(traffic(&api, 10).await.iter().all(Result::is_ok));
    let in_health = api.dom.asked.swap(0, Ordering::Relaxed);
    assert!((950..=1_120).contains(&in_health), "{in_health}");

    api.dom.down.store(true, Ordering::Relaxed);
    let outcomes = traffic(&api, 30).await;
    assert!(outcomes.iter().all(Result::is_err));
    // It opens when half of the last ten seconds' calls have failed; from then on there are only probes.
    let dead = api.dom.asked.swap(0, Ordering::Relaxed);
    assert!(dead <= 1_000, "{dead}");
    let left_alone = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    let left_alone = left_alone.filter(|fault| fault.code == codes::DOM_NOT_ASKED);
    assert!(left_alone.clone().count() > 600);
    for fault in left_alone {
        assert_eq!((fault.reached, fault.repeat), (Reached::No, Repeat::Safe));
        assert!(fault.retry_after.is_some());
    }

    api.dom.down.store(false, Ordering::Relaxed);
    traffic(&api, 5).await;
    assert_eq!(api.breaker.standing(), Standing::Closed);
    assert!(traffic(&api, 20).await.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_comes_five_times_is_asked_for_once_and_never_waits_for_those_who_look() {
    let api = Api::new();
    let upstream = api.upstream(1);
    let browse = || Call { class: Class::Browse, store: "a" };
    let mut looking = Vec::new();
    for _ in 0..500 {
        looking.push(send(&upstream, browse()));
    }
    sleep(MILLISECOND).await;
    let transfer = async || match api.joins.enter(Identity { key: 1, content: 0 })? {
        Entered::First(lead) => {
            let answer = send(&upstream, Call { class: Class::Order, store: "a" }).await.unwrap();
            lead.tell(answer.clone());
            answer
        }
        Entered::Joined(follower) => follower.wait().await?,
    };
    let begun = tokio::time::Instant::now();
    let answers = tokio::join!(transfer(), transfer(), transfer(), transfer(), transfer());
    assert_eq!(answers, (Ok(()), Ok(()), Ok(()), Ok(()), Ok(())));
    // The next token comes within ten milliseconds, and the DOM takes twenty.
    assert!(begun.elapsed() <= 31 * MILLISECOND, "{:?}", begun.elapsed());
    assert_eq!(api.joins.counts().joined, 4);
    assert_eq!(api.pool.counts().order.passed, 1);
}
