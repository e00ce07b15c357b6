//! The promises of joining, on a paused clock, counted at a DOM that takes its time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gateway_model::{Fault, Origin, Pause, Reached, Repeat, codes};
use proptest::prelude::*;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{Counts, Entered, Identity, Joins, NotJoined};

const SECOND: Duration = Duration::from_secs(1);

type Outcome = Result<u32, Fault>;

/// What a DOM did: how many calls reached it.
#[derive(Debug, Clone, Default)]
struct Dom(Arc<AtomicU32>);

impl Dom {
    /// Answers each call after a second with its number; refuses every call for an order without content.
    async fn call(self, content: u128) -> Outcome {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        sleep(SECOND).await;
        if content == 0 { Err(Fault::dom(codes::DOM_REFUSED, "test")) } else { Ok(number) }
    }

    fn asked(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Comes in with a document; makes the call if nobody else does, and waits for its answer if somebody does.
async fn bring<A: Clone>(
    joins: Joins<u32, A>,
    (key, content): (u32, u128),
    call: impl Future<Output = A>,
) -> Result<A, NotJoined> {
    match joins.enter(Identity { key, content })? {
        Entered::First(lead) => {
            let answer = call.await;
            lead.tell(answer.clone());
            Ok(answer)
        }
        Entered::Joined(follower) => follower.wait().await,
    }
}

/// Sends an order with this id and content, in a task of its own.
fn send(joins: &Joins<u32, Outcome>, dom: &Dom, order: (u32, u128)) -> JoinHandle<Outcome> {
    let (joins, call) = (joins.clone(), dom.clone().call(order.1));
    tokio::spawn(async move { bring(joins, order, call).await? })
}

#[tokio::test(start_paused = true)]
async fn the_same_document_is_sent_once_and_everybody_gets_its_answer() {
    for (content, expected) in [(7, Ok(1)), (0, Err(Fault::dom(codes::DOM_REFUSED, "test")))] {
        let (joins, dom) = (Joins::new(10), Dom::default());
        let mut calls = Vec::new();
        for _ in 0..10 {
            calls.push(send(&joins, &dom, (1, content)));
            sleep(SECOND / 20).await;
        }
        for call in calls {
            assert_eq!(call.await.unwrap(), expected);
        }
        assert_eq!(dom.asked(), 1);
        assert_eq!(joins.counts(), Counts { begun: 1, joined: 9, conflicts: 0 });
        assert_eq!(joins.under_way(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_remembered_of_what_is_over() {
    let (joins, dom) = (Joins::new(10), Dom::default());
    for number in 1..=3 {
        assert_eq!(send(&joins, &dom, (1, 7)).await.unwrap(), Ok(number));
    }
    assert_eq!(send(&joins, &dom, (1, 8)).await.unwrap(), Ok(4));
}

#[tokio::test(start_paused = true)]
async fn the_same_key_with_other_content_is_a_conflict_while_the_first_is_under_way() {
    let (joins, dom) = (Joins::new(10), Dom::default());
    let first = send(&joins, &dom, (1, 7));
    sleep(SECOND / 2).await;
    let fault = send(&joins, &dom, (1, 8)).await.unwrap().unwrap_err();
    assert_eq!((fault.code, fault.origin), (codes::CONFLICTING_REPEAT, Origin::Store));
    assert_eq!((fault.reached, fault.repeat), (Reached::No, Repeat::AfterCheck));
    // It did no harm to the first, nor to other orders.
    let other = send(&joins, &dom, (2, 8));
    assert_eq!(first.await.unwrap(), Ok(1));
    assert_eq!(other.await.unwrap(), Ok(2));
    assert_eq!(joins.counts(), Counts { begun: 2, joined: 0, conflicts: 1 });
}

#[tokio::test(start_paused = true)]
async fn who_leaves_does_no_harm_to_those_who_wait() {
    let (joins, dom) = (Joins::new(10), Dom::default());
    let first = send(&joins, &dom, (1, 7));
    sleep(SECOND / 2).await;
    let call = bring(joins.clone(), (1, 7), dom.clone().call(7));
    assert!(timeout(SECOND / 10, call).await.is_err());
    // The store sends it again, and gets the answer of the first.
    assert_eq!(send(&joins, &dom, (1, 7)).await.unwrap(), Ok(1));
    assert_eq!((first.await.unwrap(), dom.asked()), (Ok(1), 1));
    assert_eq!(joins.counts(), Counts { begun: 1, joined: 2, conflicts: 0 });
}

#[tokio::test(start_paused = true)]
async fn as_many_documents_may_be_under_way_as_may() {
    let (joins, dom) = (Joins::new(2), Dom::default());
    let first = [1, 2].map(|order| send(&joins, &dom, (order, 7)));
    sleep(SECOND / 2).await;
    let fault = send(&joins, &dom, (3, 7)).await.unwrap().unwrap_err();
    assert_eq!((fault.code, fault.reached, fault.repeat), (codes::OVERLOADED, Reached::No, Repeat::Safe));
    assert_eq!(fault.retry_after, Pause::of(SECOND));
    // Who joins takes no place.
    assert_eq!(send(&joins, &dom, (2, 7)).await.unwrap(), Ok(2));
    for call in first {
        call.await.unwrap().unwrap();
    }
    assert_eq!(send(&joins, &dom, (3, 7)).await.unwrap(), Ok(3));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_lost_leaves_open_whether_it_was_carried_out() {
    let (joins, dom) = (Joins::new(10), Dom::default());
    let [first, second] = [(); 2].map(|()| send(&joins, &dom, (1, 7)));
    sleep(SECOND / 2).await;
    // A task that is stopped in the middle; as a panic would.
    first.abort();
    let fault = second.await.unwrap().unwrap_err();
    assert_eq!(fault, Fault::from(NotJoined::Lost));
    assert_eq!(
        (fault.code, fault.reached, fault.repeat),
        (codes::INTERNAL, Reached::Maybe, Repeat::AfterCheck)
    );
    // The next one is not kept waiting for it.
    assert_eq!(send(&joins, &dom, (1, 8)).await.unwrap(), Ok(2));
}

#[tokio::test(start_paused = true)]
async fn who_makes_the_call_knows_whether_anybody_waits_for_its_answer() {
    let joins: Joins<u32, u32> = Joins::new(10);
    let enter = |content| joins.enter(Identity { key: 1, content });
    let Ok(Entered::First(lead)) = enter(7) else { panic!("nobody was there") };
    assert!(lead.is_alone());
    let Ok(Entered::Joined(follower)) = enter(7) else { panic!("the first is under way") };
    assert!(!lead.is_alone());
    drop(follower);
    assert!(lead.is_alone());
    let Ok(Entered::Joined(follower)) = enter(7) else { panic!("the first is under way") };
    lead.tell(5);
    assert_eq!(follower.wait().await, Ok(5));
    // It is over; and one that is dropped is lost to those who wait.
    let Ok(Entered::First(lead)) = enter(8) else { panic!("the first is over") };
    let Ok(Entered::Joined(follower)) = enter(8) else { panic!("the second is under way") };
    drop(lead);
    assert_eq!(follower.wait().await, Err(NotJoined::Lost));
    assert_eq!((joins.under_way(), joins.counts()), (0, Counts { begun: 2, joined: 3, conflicts: 0 }));
}

proptest! {
    /// However documents come and callers leave: never two calls for one key at a time, and every answer is that of a call
    /// for the same key and content.
    #[test]
    fn no_key_is_under_way_twice(
        documents in prop::collection::vec((0_u32..4, 0_u128..2, 0_u64..600, 0_u64..3_000), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let joins: Joins<u32, (u32, u128)> = Joins::new(100);
            let under_way: Arc<std::sync::Mutex<HashMap<u32, u32>>> = Arc::default();
            let mut callers = Vec::new();
            for (key, content, pause_ms, patience_ms) in documents {
                sleep(Duration::from_millis(pause_ms)).await;
                let (joins, under_way) = (joins.clone(), Arc::clone(&under_way));
                let call = async move {
                    *under_way.lock().unwrap().entry(key).or_default() += 1;
                    sleep(SECOND).await;
                    let most = under_way.lock().unwrap().insert(key, 0);
                    assert_eq!(most, Some(1));
                    (key, content)
                };
                callers.push(tokio::spawn(async move {
                    // Whoever leaves, the call of the first runs to its end.
                    let brought = tokio::spawn(bring(joins, (key, content), call));
                    let answer = timeout(Duration::from_millis(patience_ms), brought).await;
                    let answer = answer.map(Result::unwrap);
                    matches!(answer, Err(_) | Ok(Err(NotJoined::Conflict))) || answer == Ok(Ok((key, content)))
                }));
            }
            for caller in callers {
                prop_assert!(caller.await.unwrap());
            }
            sleep(2 * SECOND).await;
            prop_assert_eq!(joins.under_way(), 0);
            prop_assert!(under_way.lock().unwrap().values().all(|calls| *calls == 0));
            Ok(())
        })?;
    }
}
