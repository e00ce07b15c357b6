//! The promises of joining, on a paused clock, counted at a DOM that takes its time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gateway_model::{Fault, Origin, Pause, Reached, Repeat, codes};
use proptest::prelude::*;
use tokio::time::{sleep, timeout};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::{Counts, Entered, Identified, Identity, Joins, NotJoined, join};
use crate::deadline::deadline;
use crate::timed::Budgeted;

const SECOND: Duration = Duration::from_secs(1);

/// A transfer of an order with this id and content, or a question.
#[derive(Debug, Clone, Copy)]
enum Document {
    Order(u32, u128),
    Question,
}

use Document::{Order, Question};

impl Identified for Document {
    type Key = u32;

    fn identity(&self) -> Option<Identity<u32>> {
        match self {
            Order(key, content) => Some(Identity { key: *key, content: *content }),
            Question => None,
        }
    }
}

type Outcome = Result<u32, Fault>;

/// What a DOM did: calls that reached it, and those it answered.
#[derive(Debug, Clone, Default)]
struct Dom {
    asked: Arc<AtomicU32>,
    answered: Arc<AtomicU32>,
}

impl Dom {
    /// Answers each call after a second with its number; refuses every call for an order without content.
    fn service(
        &self,
    ) -> impl Service<Budgeted<Document>, Response = u32, Error = Fault, Future: Send> + Clone + Send + 'static
    {
        let dom = self.clone();
        service_fn(move |request: Budgeted<Document>| {
            let dom = dom.clone();
            async move {
                let number = dom.asked.fetch_add(1, Ordering::Relaxed) + 1;
                sleep(SECOND).await;
                dom.answered.fetch_add(1, Ordering::Relaxed);
                match request.request {
                    Order(_, 0) => Err(Fault::dom(codes::DOM_REFUSED, "test")),
                    _ => Ok(number),
                }
            }
        })
    }

    fn counts(&self) -> (u32, u32) {
        (self.asked.load(Ordering::Relaxed), self.answered.load(Ordering::Relaxed))
    }
}

fn send(joins: &Joins<u32, Outcome>, dom: &Dom, document: Document) -> tokio::task::JoinHandle<Outcome> {
    tokio::spawn(join(joins).layer(dom.service()).oneshot(Budgeted::new(document)))
}

#[tokio::test(start_paused = true)]
async fn the_same_document_is_sent_once_and_everybody_gets_its_answer() {
    for (content, expected) in [(7, Ok(1)), (0, Err(Fault::dom(codes::DOM_REFUSED, "test")))] {
        let (joins, dom) = (Joins::new(10), Dom::default());
        let mut calls = Vec::new();
        for _ in 0..10 {
            calls.push(send(&joins, &dom, Order(1, content)));
            sleep(SECOND / 20).await;
        }
        for call in calls {
            assert_eq!(call.await.unwrap(), expected);
        }
        assert_eq!(dom.counts(), (1, 1));
        assert_eq!(joins.counts(), Counts { begun: 1, joined: 9, conflicts: 0 });
        assert_eq!(joins.under_way(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_remembered_of_what_is_over() {
    let (joins, dom) = (Joins::new(10), Dom::default());
    for number in 1..=3 {
        assert_eq!(send(&joins, &dom, Order(1, 7)).await.unwrap(), Ok(number));
    }
    assert_eq!(send(&joins, &dom, Order(1, 8)).await.unwrap(), Ok(4));
}

#[tokio::test(start_paused = true)]
async fn the_same_key_with_other_content_is_a_conflict_while_the_first_is_under_way() {
    let (joins, dom) = (Joins::new(10), Dom::default());
    let first = send(&joins, &dom, Order(1, 7));
    sleep(SECOND / 2).await;
    let fault = send(&joins, &dom, Order(1, 8)).await.unwrap().unwrap_err();
    assert_eq!((fault.code, fault.origin), (codes::CONFLICTING_REPEAT, Origin::Store));
    assert_eq!((fault.reached, fault.repeat), (Reached::No, Repeat::AfterCheck));
    // It did no harm to the first, nor to other orders.
    let other = send(&joins, &dom, Order(2, 8));
    assert_eq!(first.await.unwrap(), Ok(1));
    assert_eq!(other.await.unwrap(), Ok(2));
    assert_eq!(joins.counts(), Counts { begun: 2, joined: 0, conflicts: 1 });
}

#[tokio::test(start_paused = true)]
async fn who_leaves_stops_nothing() {
    let (joins, dom) = (Joins::new(10), Dom::default());
    let service = || deadline(SECOND / 2).layer(join(&joins).layer(dom.service()));
    let given_up = service().oneshot(Budgeted::new(Order(1, 7))).await;
    assert_eq!(given_up.unwrap_err().code, codes::DEADLINE);
    let waiting = timeout(SECOND / 10, join(&joins).layer(dom.service()).oneshot(Budgeted::new(Order(1, 7))));
    assert!(waiting.await.is_err());
    // The store sends it again, and gets the answer of the first.
    assert_eq!(send(&joins, &dom, Order(1, 7)).await.unwrap(), Ok(1));
    assert_eq!(dom.counts(), (1, 1));
    assert_eq!(joins.counts(), Counts { begun: 1, joined: 2, conflicts: 0 });
}

#[tokio::test(start_paused = true)]
async fn a_request_that_stands_for_itself_is_not_joined_and_ends_with_its_caller() {
    let (joins, dom) = (Joins::new(10), Dom::default());
    let calls = [send(&joins, &dom, Question), send(&joins, &dom, Question)];
    for (call, number) in calls.into_iter().zip(1..) {
        assert_eq!(call.await.unwrap(), Ok(number));
    }
    let left = timeout(SECOND / 2, join(&joins).layer(dom.service()).oneshot(Budgeted::new(Question))).await;
    assert!(left.is_err());
    sleep(10 * SECOND).await;
    assert_eq!(dom.counts(), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn as_many_documents_may_be_under_way_as_may() {
    let (joins, dom) = (Joins::new(2), Dom::default());
    let first = [1, 2].map(|order| send(&joins, &dom, Order(order, 7)));
    sleep(SECOND / 2).await;
    let fault = send(&joins, &dom, Order(3, 7)).await.unwrap().unwrap_err();
    assert_eq!((fault.code, fault.reached, fault.repeat), (codes::OVERLOADED, Reached::No, Repeat::Safe));
    assert_eq!(fault.retry_after, Pause::of(SECOND));
    // Who joins takes no place.
    assert_eq!(send(&joins, &dom, Order(2, 7)).await.unwrap(), Ok(2));
    for call in first {
        call.await.unwrap().unwrap();
    }
    assert_eq!(send(&joins, &dom, Order(3, 7)).await.unwrap(), Ok(3));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_lost_leaves_open_whether_it_was_carried_out() {
    let joins: Joins<u32, Outcome> = Joins::new(10);
    let identity = Identity { key: 1, content: 7 };
    let lost = async {
        sleep(SECOND).await;
        // A task that is stopped in the middle; as a panic would.
        std::panic::resume_unwind(Box::new("test"))
    };
    let waits = joins.run(identity, || std::future::ready(Ok(0)));
    let (first, second) = tokio::join!(joins.run(identity, || lost), waits);
    assert_eq!((&first, &second), (&Err(NotJoined::Lost), &Err(NotJoined::Lost)));
    let fault = Fault::from(NotJoined::Lost);
    assert_eq!(
        (fault.code, fault.reached, fault.repeat),
        (codes::INTERNAL, Reached::Maybe, Repeat::AfterCheck)
    );
    // The next one is not kept waiting for it.
    assert_eq!(joins.run(identity, || std::future::ready(Ok(2))).await, Ok(Ok(2)));
}

#[tokio::test(start_paused = true)]
async fn who_makes_the_call_in_its_own_place_tells_those_who_joined() {
    let joins: Joins<u32, u32> = Joins::new(10);
    let enter = |content| joins.enter(Identity { key: 1, content });
    let Ok(Entered::First(lead)) = enter(7) else { panic!("nobody was there") };
    let Ok(Entered::Joined(follower)) = enter(7) else { panic!("the first is under way") };
    assert_eq!(enter(8).err(), Some(NotJoined::Conflict));
    lead.tell(5);
    assert_eq!(follower.wait().await, Ok(5));
    // It is over; and one that is dropped is lost to those who wait.
    let Ok(Entered::First(lead)) = enter(8) else { panic!("the first is over") };
    let Ok(Entered::Joined(follower)) = enter(8) else { panic!("the second is under way") };
    drop(lead);
    assert_eq!(follower.wait().await, Err(NotJoined::Lost));
    assert_eq!((joins.under_way(), joins.counts()), (0, Counts { begun: 2, joined: 2, conflicts: 1 }));
}

#[tokio::test(start_paused = true)]
async fn whoever_shuts_down_can_wait_for_what_runs() {
    let (joins, dom) = (Joins::new(10), Dom::default());
    joins.idle().await;
    for order in 0..3 {
        drop(send(&joins, &dom, Order(order, 7)));
        sleep(SECOND / 10).await;
    }
    assert_eq!(dom.counts(), (3, 0));
    joins.idle().await;
    assert_eq!((dom.counts(), joins.under_way()), ((3, 3), 0));
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
                    let run = joins.run(Identity { key, content }, || call);
                    let answer = timeout(Duration::from_millis(patience_ms), run).await;
                    matches!(answer, Err(_) | Ok(Err(NotJoined::Conflict))) || answer == Ok(Ok((key, content)))
                }));
            }
            for caller in callers {
                prop_assert!(caller.await.unwrap());
            }
            joins.idle().await;
            prop_assert!(under_way.lock().unwrap().values().all(|calls| *calls == 0));
            Ok(())
        })?;
    }
}
