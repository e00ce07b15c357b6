//! Time is paused: it passes when everybody waits for it.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use gateway_exchange::{Call, Interpreter, Release, Reply};
use gateway_model::{Class, Fault, Reached, Repeat, codes};
use gateway_policy::{Budgeted, Deadline};
use gateway_wire::Limits;
use jiff::tz::TimeZone;
use tokio::time::{Instant, sleep};
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use super::{LONGEST, LONGEST_PAUSE, MOST_OWED, Name, Reservations, Way};
use crate::clock::MachineClock;
use crate::dom_link::DomCall;
use crate::generation::load_mappings;
use crate::metrics::Metrics;
use crate::trace::TraceContext;

const SETTLE: Duration = Duration::from_millis(500);
const REFUSED: &str = "<Errors><Error ErrorCode='YFS10001' ErrorDescription='no'/></Errors>";
const GIVEN_BACK: &str = "<MultiApi><API Name='cancelReservation'><Output><CancelReservation ReservationID='WC_1'/></Output></API></MultiApi>";

static INTERPRETER: LazyLock<Arc<Interpreter>> = LazyLock::new(|| {
    let mappings = load_mappings(&Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings")).outcome.unwrap();
    Arc::new(Interpreter::new(mappings, TimeZone::UTC, Limits::default()).unwrap())
});

/// A way to a DOM that answers nothing to so many calls first, and how many it got.
fn way(silent: u32) -> (Way, Arc<AtomicU32>) {
    way_to(move |call| if call < silent { Err(no_answer()) } else { Ok(GIVEN_BACK) })
}

fn no_answer() -> Fault {
    Fault::network(codes::DOM_TIMEOUT, "no answer").reached(Reached::Maybe).repeat(Repeat::Safe)
}

/// A way to a DOM that says this to each call, counted from 0, and how many it got.
fn way_to(
    says: impl Fn(u32) -> Result<&'static str, Fault> + Clone + Send + Sync + 'static,
) -> (Way, Arc<AtomicU32>) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let upstream = service_fn(move |_: Budgeted<DomCall>| {
        let said = says(counted.fetch_add(1, Ordering::Relaxed));
        async move { said.map(|body| Reply { status: 200, body: body.into(), ..Reply::default() }) }
    });
    let way = Way {
        upstream: BoxCloneSyncService::new(upstream),
        interpreter: Arc::clone(&INTERPRETER),
        clock: Arc::new(MachineClock),
        store: "nordlicht".into(),
        class: Class::Checkout,
        dialect: "sterling".to_owned(),
        settle: SETTLE,
        trace: TraceContext::default(),
        attempts: Arc::default(),
    };
    (way, calls)
}

fn release() -> Release {
    let call = Call {
        operation: "cancel_reservation".to_owned(),
        api: "multiApi".to_owned(),
        document: Vec::new(),
        output_template: None,
        only_reads: false,
        lines: 0,
        answered_by: None,
    };
    Release { together: call.clone(), singly: vec![call] }
}

fn name() -> Name {
    Name { dom: "sterling".to_owned(), store: "11651".to_owned(), order: "1".to_owned() }
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(5))
}

#[tokio::test(start_paused = true)]
async fn what_is_owed_is_tried_for_a_minute_with_growing_pauses_and_then_given_up() {
    let reservations = Reservations::new(Metrics::default());
    let (way, calls) = way(u32::MAX);
    let began = Instant::now();
    let mut turn = reservations.turn(name(), soon()).await.unwrap();
    turn.owe(&release(), SETTLE);
    turn.leave_to_task(way);
    assert!(reservations.is_known(&name()));
    reservations.finish(Deadline::after(LONGEST * 2)).await;
    assert!((LONGEST..LONGEST + LONGEST_PAUSE * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
    // At once, 0.25 s, 0.5 s, 1 s, 2 s, 4 s, and then every 5 s.
    assert!((16..=19).contains(&calls.load(Ordering::Relaxed)), "{calls:?}");
    // The last cancellation was cut.
    sleep(SETTLE * 2).await;
    assert!(!reservations.is_known(&name()));
}

#[tokio::test(start_paused = true)]
async fn what_is_owed_is_given_back_as_soon_as_the_dom_answers() {
    let reservations = Reservations::new(Metrics::default());
    let (way, calls) = way(3);
    let mut turn = reservations.turn(name(), soon()).await.unwrap();
    turn.owe(&release(), SETTLE);
    turn.leave_to_task(way);
    reservations.finish(Deadline::after(LONGEST)).await;
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    assert!(!reservations.is_known(&name()));
}

#[tokio::test(start_paused = true)]
async fn it_is_given_back_before_another_gateway_has_waited_and_reserves() {
    let reservations = Reservations::new(Metrics::default());
    let (way, calls) = way(1);
    let mut turn = reservations.turn(name(), soon()).await.unwrap();
    turn.owe(&release(), Duration::ZERO);
    turn.pay(&way, soon()).await.unwrap_err();
    let told = Instant::now();
    turn.leave_to_task(way);
    reservations.finish(soon()).await;
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert!(told.elapsed() < SETTLE / 10, "{:?}", told.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_may_still_be_at_work_is_given_back_once_more_when_it_is_done() {
    let reservations = Reservations::new(Metrics::default());
    let (way, calls) = way(0);
    let began = Instant::now();
    let mut turn = reservations.turn(name(), soon()).await.unwrap();
    turn.owe(&release(), SETTLE);
    turn.pay(&way, soon()).await.unwrap();
    assert_eq!((calls.load(Ordering::Relaxed), began.elapsed()), (2, SETTLE));
    // Nothing is owed any more, and no cancellation was cut.
    turn.pay(&way, soon()).await.unwrap();
    assert!(turn.quiet(soon()).await);
    assert_eq!((calls.load(Ordering::Relaxed), began.elapsed()), (2, SETTLE));
}

#[tokio::test(start_paused = true)]
async fn a_call_without_the_time_to_wait_leaves_it_owed() {
    let reservations = Reservations::new(Metrics::default());
    let (way, _) = way(0);
    let mut turn = reservations.turn(name(), soon()).await.unwrap();
    turn.owe(&release(), SETTLE);
    let fault = turn.pay(&way, Deadline::after(SETTLE / 2)).await.unwrap_err();
    assert_eq!(fault.code, codes::DEADLINE);
    drop(turn);
    assert!(reservations.is_known(&name()));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_reserved_while_a_cancellation_that_was_cut_may_be_at_work() {
    let reservations = Reservations::new(Metrics::default());
    let (way, _) = way(1);
    let mut turn = reservations.turn(name(), soon()).await.unwrap();
    turn.give_back(&release(), &way, soon()).await.unwrap_err();
    drop(turn);
    let began = Instant::now();
    let turn = reservations.turn(name(), soon()).await.unwrap();
    assert!(!turn.quiet(Deadline::after(SETTLE / 2)).await);
    assert!(turn.quiet(soon()).await);
    assert_eq!(began.elapsed(), SETTLE);
    drop(turn);
    reservations.finish(soon()).await;
    assert!(!reservations.is_known(&name()));
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_was_cut_beside_one_that_was_held_back_may_be_at_work() {
    let reservations = Reservations::new(Metrics::default());
    let held_back = || Fault::gateway(codes::OVERLOADED, "no room");
    for (first, second) in [(held_back(), no_answer()), (no_answer(), held_back())] {
        let (way, calls) = way_to(move |call| match call {
            0 => Ok(REFUSED),
            1 => Err(first.clone()),
            _ => Err(second.clone()),
        });
        let both = Release { singly: vec![release().together, release().together], ..release() };
        let mut turn = reservations.turn(name(), soon()).await.unwrap();
        let fault = turn.give_back(&both, &way, soon()).await.unwrap_err();
        assert_eq!((fault.reached, calls.load(Ordering::Relaxed)), (Reached::Maybe, 3));
        let began = Instant::now();
        assert!(turn.quiet(soon()).await);
        assert_eq!(began.elapsed(), SETTLE);
    }
}

#[tokio::test(start_paused = true)]
async fn ids_that_are_only_waited_for_leave_room_for_what_is_owed() {
    let reservations = Reservations::new(Metrics::default());
    let (way, calls) = way(u32::try_from(MOST_OWED).unwrap());
    for order in 0..MOST_OWED {
        let name = Name { order: order.to_string(), ..name() };
        let mut turn = reservations.turn(name, soon()).await.unwrap();
        turn.give_back(&release(), &way, soon()).await.unwrap_err();
    }
    let before = calls.load(Ordering::Relaxed);
    let mut turn = reservations.turn(name(), soon()).await.unwrap();
    turn.owe(&release(), SETTLE);
    turn.leave_to_task(way);
    reservations.finish(soon()).await;
    assert!(calls.load(Ordering::Relaxed) > before);
}

#[tokio::test(start_paused = true)]
async fn one_call_at_a_time_has_its_turn_and_who_waits_too_long_leaves_nothing_behind() {
    let reservations = Reservations::new(Metrics::default());
    let first = reservations.turn(name(), soon()).await.unwrap();
    let fault = reservations.turn(name(), Deadline::after(SETTLE)).await.unwrap_err();
    assert_eq!((fault.code, fault.reached), (codes::DEADLINE, Reached::No));
    let other = Name { order: "2".to_owned(), ..name() };
    let other = reservations.turn(other, soon()).await.unwrap();
    drop((first, other));
    assert!(!reservations.is_known(&name()));
}
