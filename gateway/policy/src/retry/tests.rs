//! The promises of the retry layer, on a paused clock.

mod outage;

use std::time::Duration;

use gateway_model::{Fault, Pause, Reached, Repeat, codes};
use proptest::prelude::*;
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt};
use tower_test::mock::{self, Handle};

use super::{Classify, LONGEST_PAUSE, Params, Verdict, WhatIsSafe, retry};
use crate::deadline::{Deadline, deadline};
use crate::timed::{Attempt, Budgeted};

type Request = Budgeted<&'static str>;

/// What the other side does with one attempt.
#[derive(Debug, Clone, Copy)]
enum Reply {
    Answer(&'static str),
    Fails(Repeat),
}

use Reply::{Answer, Fails};

fn generous() -> Params {
    Params { budget: 1_000.0, ..Params::default() }
}

fn fault(repeat: Repeat) -> Fault {
    Fault::network(codes::DOM_TIMEOUT, "test").repeat(repeat)
}

/// Sends one call and lets the other side reply as listed; gives the outcome and the attempts' numbers.
async fn run<C>(
    params: &Params,
    classify: C,
    request: Request,
    replies: &[Reply],
) -> (Result<&'static str, Fault>, Vec<Attempt>)
where
    C: Classify<&'static str, Fault> + Clone + Send + 'static,
{
    let (service, handle) = mock::pair::<Request, Result<&'static str, Fault>>();
    let replies = replies.to_vec();
    let other = tokio::spawn(reply_all(handle, replies));
    let inner = service.map_err(|_| fault(Repeat::Useless)).and_then(std::future::ready);
    let mut service = retry(params, classify).unwrap().layer(inner);
    let outcome = service.ready().await.unwrap().call(request).await;
    drop(service);
    (outcome, other.await.unwrap())
}

async fn reply_all(
    mut handle: Handle<Request, Result<&'static str, Fault>>,
    replies: Vec<Reply>,
) -> Vec<Attempt> {
    let mut seen = Vec::new();
    let mut replies = replies.into_iter();
    while let Some((request, send)) = handle.next_request().await {
        seen.push(request.attempt);
        match replies.next().expect("an attempt more than there are replies") {
            Answer(text) => send.send_response(Ok(text)),
            Fails(repeat) => send.send_response(Err(fault(repeat))),
        }
    }
    assert!(replies.next().is_none(), "an attempt less than there are replies");
    seen
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_and_bounded() {
    use Repeat::{AfterCheck, Safe, Useless};
    let cases: &[(&[Reply], bool)] = &[
        (&[Answer("a")], true),
        (&[Fails(Safe), Answer("a")], true),
        (&[Fails(Safe), Fails(Safe), Answer("a")], true),
        (&[Fails(Safe), Fails(Safe), Fails(Safe)], false),
        (&[Fails(Useless)], false),
        // It may have arrived.
        (&[Fails(AfterCheck)], false),
        (&[Fails(Safe), Fails(AfterCheck)], false),
        (&[Fails(Safe), Fails(Useless)], false),
    ];
    for (replies, answered) in cases {
        let (outcome, attempts) = run(&generous(), WhatIsSafe, Budgeted::new("q"), replies).await;
        assert_eq!(outcome.is_ok(), *answered, "{replies:?}");
        let numbers: Vec<_> = (1..=u32::try_from(replies.len()).unwrap()).map(Attempt).collect();
        assert_eq!(attempts, numbers, "{replies:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_what_changes_something_no_later_attempt_closes_what_an_earlier_one_leaves_open() {
    let cut = |reached| fault(Repeat::Safe).reached(reached);
    let pause = Duration::from_secs(9);
    let held_back = || Fault::gateway(codes::OVERLOADED, "test").repeat(Repeat::Safe).retry_after(pause);
    let unreachable = || Fault::network(codes::DOM_UNREACHABLE, "test");
    let kept = |fault: Fault| Fault { retry_after: Pause::of(pause), ..fault };
    let (maybe, yes) = (cut(Reached::Maybe), cut(Reached::Yes));
    for (faults, expected) in [
        (vec![maybe.clone(), held_back()], kept(maybe.clone())),
        (vec![maybe.clone(), unreachable(), held_back()], kept(maybe.clone())),
        (vec![yes.clone(), unreachable(), unreachable()], yes.clone()),
        (vec![unreachable(), held_back()], held_back()),
        (vec![unreachable(), maybe.clone(), yes.clone()], yes),
    ] {
        let last = faults.last().unwrap().clone();
        let inner = tower::service_fn(move |request: Request| {
            let fault = faults[request.attempt.0 as usize - 1].clone();
            async move { Err::<&'static str, Fault>(fault) }
        });
        let retries = retry(&generous(), WhatIsSafe).unwrap();
        let of_reads = retries.clone().layer(inner.clone()).oneshot(Budgeted::new("q")).await;
        assert_eq!(of_reads, Err(last));
        let of_writes = retries.of_writes().layer(inner).oneshot(Budgeted::new("q")).await;
        assert_eq!(of_writes, Err(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn one_attempt_means_no_retry() {
    let params = Params { attempts: 1, ..generous() };
    assert!(run(&params, WhatIsSafe, Budgeted::new("q"), &[Fails(Repeat::Safe)]).await.0.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_wait_asked_for_is_waited() {
    let classify = |outcome: Result<&&str, &Fault>| match outcome {
        Ok(&"busy") => Verdict::AgainAfter(Duration::from_secs(7)),
        _ => Verdict::Final,
    };
    let begun = Instant::now();
    let (outcome, _) = run(&generous(), classify, Budgeted::new("q"), &[Answer("busy"), Answer("a")]).await;
    assert_eq!(outcome, Ok("a"));
    assert!(begun.elapsed() >= Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_pause_longer_than_the_longest_is_not_waited() {
    for pause in [LONGEST_PAUSE + Duration::from_nanos(1), Duration::MAX] {
        let classify = move |_: Result<&&str, &Fault>| Verdict::AgainAfter(pause);
        let (outcome, _) = run(&generous(), classify, Budgeted::new("q"), &[Answer("busy")]).await;
        assert_eq!(outcome, Ok("busy"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_the_deadline_is_not_begun() {
    let classify = |_: Result<&&str, &Fault>| Verdict::AgainAfter(Duration::from_secs(7));
    let request = Budgeted { deadline: Some(Deadline::after(Duration::from_secs(5))), ..Budgeted::new("q") };
    let begun = Instant::now();
    let (outcome, _) = run(&generous(), classify, request, &[Answer("busy")]).await;
    // The answer itself comes back, at once, and not a fault about time.
    assert_eq!(outcome, Ok("busy"));
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn retries_share_the_calls_deadline() {
    let (inner, mut handle) = mock::pair::<Request, &'static str>();
    let inner = inner.map_err(|_| fault(Repeat::Safe));
    let retries = retry(&generous(), WhatIsSafe).unwrap();
    let mut service = deadline(Duration::from_secs(5)).layer(retries.layer(inner));
    let end = Deadline::after(Duration::from_secs(5));
    let call = tokio::spawn(service.ready().await.unwrap().call(Budgeted::new("q")));
    for number in 1..=2 {
        let (request, send) = handle.next_request().await.unwrap();
        assert_eq!((request.deadline, request.attempt), (Some(end), Attempt(number)));
        if number == 1 {
            send.send_error("broken");
        } else {
            send.send_response("a");
        }
    }
    assert_eq!(call.await.unwrap(), Ok("a"));
}

#[tokio::test(start_paused = true)]
async fn a_used_up_budget_ends_the_retries_of_all_calls() {
    // Ten retries are free in 10 s; with no share on top, the eleventh is refused.
    let params = Params { attempts: 2, budget: 0.0, ..Params::default() };
    let layer = retry(&params, WhatIsSafe).unwrap();
    let (service, mut handle) = mock::pair::<Request, &'static str>();
    let service = service.map_err(|_| fault(Repeat::Safe));
    let other = tokio::spawn(async move {
        let mut seen = 0_u32;
        while let Some((_, send)) = handle.next_request().await {
            seen += 1;
            send.send_error("broken");
        }
        seen
    });
    for _ in 0..30 {
        // A layer applied twice still has one budget.
        assert!(layer.layer(service.clone()).oneshot(Budgeted::new("q")).await.is_err());
    }
    drop(service);
    assert_eq!(other.await.unwrap(), 30 + 10);
}

#[test]
fn parameters_that_cannot_be_are_named() {
    let cases = [
        (Params { attempts: 0, ..Params::default() }, "`attempts`: expected at least 1, found 0"),
        (
            Params { longest_wait: Duration::from_millis(1), ..Params::default() },
            "`longest_wait`: expected at least `first_wait`, found 1ms",
        ),
        (
            Params { budget: -1.0, ..Params::default() },
            "`budget`: expected 0 to 1000 retries per call, found -1",
        ),
        (
            Params { budget: f32::NAN, ..Params::default() },
            "`budget`: expected 0 to 1000 retries per call, found NaN",
        ),
    ];
    for (params, text) in cases {
        assert_eq!(retry(&params, WhatIsSafe).unwrap_err().to_string(), text);
    }
    assert_eq!(Params::default().check(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_waits_the_same() {
    let replies = [Fails(Repeat::Safe), Fails(Repeat::Safe), Answer("a")];
    let mut waits = Vec::new();
    for seed in [1, 1, 2] {
        let params = Params {
            seed,
            first_wait: Duration::from_secs(10),
            longest_wait: Duration::from_secs(60),
            ..generous()
        };
        let begun = Instant::now();
        run(&params, WhatIsSafe, Budgeted::new("q"), &replies).await.0.unwrap();
        waits.push(begun.elapsed());
    }
    assert_eq!(waits[0], waits[1]);
    assert_ne!(waits[0], waits[2]);
}

proptest! {
    #[test]
    fn no_call_outlives_its_deadline_or_its_attempts(attempts in 1_u32..6, seed: u64, millis in 1_u64..3_000) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let params = Params { attempts, seed, ..generous() };
            let tries = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
            let counted = std::sync::Arc::clone(&tries);
            let inner = tower::service_fn(move |_: Request| {
                counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                async { Err::<(), _>(fault(Repeat::Safe)) }
            });
            let limit = Duration::from_millis(millis);
            let begun = Instant::now();
            let service = deadline(limit).layer(retry(&params, WhatIsSafe).unwrap().layer(inner));
            prop_assert!(service.oneshot(Budgeted::new("q")).await.is_err());
            prop_assert!(begun.elapsed() <= limit);
            prop_assert!(tries.load(std::sync::atomic::Ordering::Relaxed) <= attempts);
            Ok(())
        })?;
    }
}
