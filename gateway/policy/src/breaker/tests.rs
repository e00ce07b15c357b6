//! The promises of the breaker, on a paused clock, counted at a DOM that is told what to do.

mod probes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use gateway_model::{Fault, Reached, Repeat, codes};
use tokio::time::{Instant, advance, sleep};
use tower::{Layer, Service, ServiceExt};

use super::{BreakerLayer, Diagnose, FaultsOfTheWay, Params, Sign, Standing, Turn, breaker};
use crate::deadline::{Deadline, deadline};
use crate::retry::{self, WhatIsSafe, retry};
use crate::timed::Budgeted;

const SECOND: Duration = Duration::from_secs(1);

/// A DOM that is up or down, takes its time, and counts what reaches it.
#[derive(Debug, Clone, Default)]
struct Dom {
    down: Arc<AtomicBool>,
    asked: Arc<AtomicU32>,
    takes: Duration,
}

impl Dom {
    fn service(
        &self,
    ) -> impl Service<Budgeted<()>, Response = (), Error = Fault, Future: Send> + Clone + Send + 'static {
        let dom = self.clone();
        tower::service_fn(move |_| {
            let dom = dom.clone();
            async move {
                dom.asked.fetch_add(1, Ordering::Relaxed);
                sleep(dom.takes).await;
                if dom.down.load(Ordering::Relaxed) {
                    return Err(Fault::network(codes::DOM_BROKEN, "test"));
                }
                Ok(())
            }
        })
    }

    fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    fn asked(&self) -> u32 {
        self.asked.swap(0, Ordering::Relaxed)
    }
}

fn layer(params: &Params) -> BreakerLayer<FaultsOfTheWay> {
    breaker("getOrderList", params, FaultsOfTheWay).unwrap()
}

async fn ask(layer: &BreakerLayer<FaultsOfTheWay>, dom: &Dom) -> Result<(), Fault> {
    layer.layer(dom.service()).oneshot(Budgeted::new(())).await
}

/// Lets it fail until it is open.
async fn opened(params: &Params) -> (BreakerLayer<FaultsOfTheWay>, Dom) {
    let (layer, dom) = (layer(params), Dom::default());
    dom.set_down(true);
    for _ in 0..params.least_calls {
        assert_eq!(layer.standing(), Standing::Closed);
        ask(&layer, &dom).await.unwrap_err();
    }
    assert_eq!((dom.asked(), layer.openings()), (params.least_calls, 1));
    (layer, dom)
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_answers_at_once_and_says_when_to_come_back() {
    let (layer, dom) = opened(&Params::default()).await;
    let begun = Instant::now();
    let fault = ask(&layer, &dom).await.unwrap_err();
    assert_eq!((begun.elapsed(), dom.asked()), (Duration::ZERO, 0));
    assert_eq!((fault.code, fault.reached, fault.repeat), (codes::DOM_NOT_ASKED, Reached::No, Repeat::Safe));
    let pause = fault.retry_after.unwrap().length();
    assert!(pause >= SECOND / 2 && pause <= SECOND, "{pause:?}");
    // What is told is whole milliseconds.
    let Standing::Open(left) = layer.standing() else { panic!("not open") };
    assert!(pause >= left && pause - left < Duration::from_millis(1), "{pause:?} for {left:?}");
    assert!(fault.message.starts_with("`getOrderList` was not asked: "), "{}", fault.message);
    // Who comes back then is not sent away again.
    advance(pause).await;
    assert_eq!(layer.standing(), Standing::HalfOpen);
    dom.set_down(false);
    assert_eq!(ask(&layer, &dom).await, Ok(()));
    assert_eq!((layer.standing(), dom.asked()), (Standing::Closed, 1));
}

#[tokio::test(start_paused = true)]
async fn it_opens_by_share_and_not_before_there_are_enough_calls() {
    // Of these numbers of calls so many fail, the last ones; whether it is open then.
    for (calls, failures, open) in
        [(19, 19, false), (20, 20, true), (20, 10, true), (20, 9, false), (100, 49, false)]
    {
        let (layer, dom) = (layer(&Params::default()), Dom::default());
        for number in 0..calls {
            dom.set_down(number >= calls - failures);
            let _ = ask(&layer, &dom).await;
        }
        assert_eq!(layer.standing() != Standing::Closed, open, "{failures} of {calls}");
    }
}

#[tokio::test(start_paused = true)]
async fn failures_are_forgotten_when_the_window_has_passed() {
    let (layer, dom) = (layer(&Params::default()), Dom::default());
    dom.set_down(true);
    for _ in 0..3 {
        for _ in 0..19 {
            ask(&layer, &dom).await.unwrap_err();
        }
        advance(10 * SECOND).await;
    }
    assert_eq!(layer.standing(), Standing::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_because_its_time_is_over_counts_as_a_failure() {
    let (layer, dom) = (layer(&Params::default()), Dom { takes: 60 * SECOND, ..Dom::default() });
    for _ in 0..20 {
        let service = deadline(SECOND / 10).layer(layer.layer(dom.service()));
        service.oneshot(Budgeted::new(())).await.unwrap_err();
    }
    assert_ne!(layer.standing(), Standing::Closed);
    // The deadline of those who only left had not passed.
    let layer = self::layer(&Params::default());
    for _ in 0..40 {
        let late = Deadline::after(SECOND);
        let request = Budgeted { deadline: Some(late), ..Budgeted::new(()) };
        let left = tokio::time::timeout(SECOND / 10, layer.layer(dom.service()).oneshot(request)).await;
        assert!(left.is_err());
    }
    assert_eq!(layer.standing(), Standing::Closed);
}

#[tokio::test(start_paused = true)]
async fn open_times_grow_to_the_longest_and_begin_anew_when_it_was_closed() {
    let (layer, dom) = opened(&Params::default()).await;
    for bound in [1, 2, 4, 4, 4] {
        let Standing::Open(pause) = layer.standing() else { panic!("not open") };
        assert!(pause >= SECOND * bound / 2 && pause <= SECOND * bound, "{pause:?} of {bound} s");
        advance(pause).await;
        ask(&layer, &dom).await.unwrap_err();
    }
    dom.set_down(false);
    advance(4 * SECOND).await;
    ask(&layer, &dom).await.unwrap();
    dom.set_down(true);
    for _ in 0..20 {
        assert_eq!(layer.standing(), Standing::Closed);
        ask(&layer, &dom).await.unwrap_err();
    }
    let Standing::Open(pause) = layer.standing() else { panic!("not open") };
    assert!(pause <= SECOND);
}

#[tokio::test(start_paused = true)]
async fn every_turn_is_told_once() {
    let layer = layer(&Params::default());
    let turns: Arc<std::sync::Mutex<Vec<&str>>> = Arc::default();
    let told = Arc::clone(&turns);
    layer.tell(move |_, turn| {
        let word = match turn {
            Turn::Opened(_) => "opened",
            Turn::StaysOpen(_) => "stays open",
            Turn::Closed => "closed",
        };
        told.lock().unwrap().push(word);
    });
    let dom = Dom::default();
    dom.set_down(true);
    for _ in 0..25 {
        let _ = ask(&layer, &dom).await;
    }
    advance(SECOND).await;
    ask(&layer, &dom).await.unwrap_err();
    dom.set_down(false);
    advance(2 * SECOND).await;
    for _ in 0..5 {
        ask(&layer, &dom).await.unwrap();
    }
    assert_eq!(*turns.lock().unwrap(), ["opened", "stays open", "closed"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_dom_is_hardly_asked_and_its_return_is_noticed_within_five_seconds() {
    let (layer, dom) = (layer(&Params::default()), Dom { takes: SECOND / 20, ..Dom::default() });
    let budget = Arc::new(retry::Budget::new(retry::Limits::default()).unwrap());
    let retries = retry(&retry::Params::default(), WhatIsSafe).unwrap().sharing(budget);
    let call = || tokio::spawn(retries.layer(layer.layer(dom.service())).oneshot(Budgeted::new(())));
    dom.set_down(true);
    for _ in 0..60 * 200 {
        call();
        sleep(SECOND / 200).await;
    }
    // Twenty calls and what was under way when the twentieth came back; then one probe in one to four seconds.
    let asked = dom.asked();
    assert!(asked <= 20 + 20 + 30, "{asked}");
    dom.set_down(false);
    let back = Instant::now();
    while layer.standing() != Standing::Closed {
        call();
        sleep(SECOND / 200).await;
    }
    assert!(back.elapsed() <= 5 * SECOND, "{:?}", back.elapsed());
    for _ in 0..1_000 {
        assert_eq!(call().await.unwrap(), Ok(()));
    }
    assert_eq!(layer.standing(), Standing::Closed);
}

#[test]
fn only_faults_of_the_way_and_overload_are_ill() {
    let dom_status = |status| Fault::dom(codes::DOM_STATUS, "").dom_status(status);
    let cases = [
        (Fault::network(codes::DOM_UNREACHABLE, ""), Sign::Ill),
        (Fault::network(codes::DOM_TIMEOUT, ""), Sign::Ill),
        (Fault::network(codes::DOM_BROKEN, ""), Sign::Ill),
        (Fault::network(codes::DEADLINE, ""), Sign::Ill),
        (Fault::network(codes::DOM_TRUNCATED, ""), Sign::Ill),
        (Fault::dom(codes::DOM_OVERLOADED, ""), Sign::Ill),
        (Fault::dom(codes::DOM_EMPTY, ""), Sign::Ill),
        (Fault::dom(codes::DOM_NOT_XML, ""), Sign::Ill),
        (dom_status(500), Sign::Ill),
        (dom_status(502), Sign::Ill),
        (dom_status(400), Sign::Well),
        (Fault::dom(codes::DOM_STATUS, ""), Sign::Ill),
        (Fault::dom(codes::DOM_STATUS, "").reached(Reached::No), Sign::Well),
        (Fault::dom(codes::DOM_REFUSED, ""), Sign::Well),
        (Fault::dom(codes::DOM_UNAUTHORIZED, ""), Sign::Well),
        (Fault::dom(codes::DOM_UNEXPECTED, ""), Sign::Well),
        (Fault::dom(codes::BAD_SCALAR, ""), Sign::Well),
        (Fault::network(codes::DOM_NOT_ASKED, ""), Sign::Neither),
        (Fault::gateway(codes::OVERLOADED, ""), Sign::Neither),
        (Fault::gateway(codes::INTERNAL, ""), Sign::Neither),
        (Fault::store(codes::BAD_REQUEST, ""), Sign::Neither),
    ];
    for (fault, expected) in cases {
        assert_eq!(FaultsOfTheWay.sign(Err::<&(), _>(&fault)), expected, "{fault:?}");
    }
    assert_eq!(FaultsOfTheWay.sign(Ok(&())), Sign::Well);
}

#[test]
fn parameters_that_cannot_be_are_named() {
    let sound = Params::default;
    let cases = [
        (Params { window: Duration::ZERO, ..sound() }, "`window`: expected 1 ms to 1 h, found 0ns"),
        (Params { least_calls: 0, ..sound() }, "`least_calls`: expected at least 1, found 0"),
        (Params { share: 0.0, ..sound() }, "`share`: expected more than 0, at most 1, found 0"),
        (Params { share: f32::NAN, ..sound() }, "`share`: expected more than 0, at most 1, found NaN"),
        (Params { first_open: Duration::ZERO, ..sound() }, "`first_open`: expected 1 ms to 1 h, found 0ns"),
        (
            Params { longest_open: Duration::from_millis(1), ..sound() },
            "`longest_open`: expected `first_open` to 1 h, found 1ms",
        ),
    ];
    for (params, text) in cases {
        assert_eq!(breaker("x", &params, FaultsOfTheWay).unwrap_err().to_string(), text);
    }
}
