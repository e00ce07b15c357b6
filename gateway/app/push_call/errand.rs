//! An event on its way to a store: its turn, what of it is news, as many attempts as help, and what is remembered of it.
//!
//! The listener lets a call run to its end when its caller hangs up, so what the store took is remembered then too.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gateway_exchange::Operation;
use gateway_exchange::push::Untaken;
use gateway_mapping::{Dialect, Side};
use gateway_model::{Fault, Origin, Record, Repeat, codes};
use gateway_operation::order_sync::{OrderNews, Standing};
use gateway_policy::{Budgeted, Classify, Deadline, Verdict};
use gateway_wire::soap;
use tokio::time::{Instant, timeout_at};
use tower::{ServiceExt, service_fn};

use super::lanes::{Full, Place};
use super::{Surroundings, Ways};
use crate::metrics::Withheld;
use crate::ready::StorePort;
use crate::stack::telling;
use crate::store_link::StoreLink;

/// What a store is to be told, and all that takes.
#[derive(Debug)]
pub(super) struct Errand<'e> {
    pub(super) operation: Operation,
    /// What the store is to be told.
    pub(super) record: Record<'e>,
    pub(super) store: &'e StorePort,
    /// The way to it.
    pub(super) link: &'e StoreLink,
    /// What this DOM's pushes share.
    pub(super) ways: &'e Ways,
    pub(super) around: Surroundings<'e>,
}

/// What came of an errand.
#[derive(Debug)]
pub(super) struct Returned {
    /// Requests sent to the store.
    pub(super) attempts: u32,
    /// Whether the store has it.
    pub(super) outcome: Result<(), Untaken>,
}

/// An errand on its way.
#[derive(Debug)]
struct Course<'a> {
    place: Place,
    news: Vec<OrderNews>,
    /// When the DOM has to hear of it.
    deadline: Deadline,
    /// How long one attempt may take.
    attempt: Duration,
    attempts: &'a AtomicU32,
}

/// Tries again whatever may go better then. What the store may have taken already is among it: it refuses what it has, and
/// the DOM would send it again as well.
#[derive(Debug, Clone, Copy)]
pub struct WorthRepeating;

// === impl WorthRepeating ===

impl Classify<(), Untaken> for WorthRepeating {
    fn judge(&self, outcome: Result<&(), &Untaken>) -> Verdict {
        match outcome {
            Err(untaken) if untaken.fault.repeat != Repeat::Useless => Verdict::Again,
            _ => Verdict::Final,
        }
    }
}

// === impl Errand ===

impl Errand<'_> {
    /// Takes the event's place among those of its orders and carries it out.
    pub(super) async fn sent(&self) -> Returned {
        let news = self.around.ready.interpreter.order_news(self.operation, &self.record);
        let limits = self.store.deadline(self.operation);
        let deadline = Deadline::at(self.around.caller.since() + limits.call.min(self.ways.budget));
        let place = match self.ways.lanes.stand(&self.store.store.name.value, &news) {
            Ok(place) => place,
            Err(Full) => return Returned { attempts: 0, outcome: Err(crowded().into()) },
        };
        let attempts = AtomicU32::new(0);
        let course = Course { place, news, deadline, attempt: limits.attempt, attempts: &attempts };
        let outcome = self.carried_out(&course).await;
        drop(course);
        Returned { attempts: attempts.into_inner(), outcome }
    }

    async fn carried_out(&self, course: &Course<'_>) -> Result<(), Untaken> {
        if timeout_at(course.deadline.instant(), course.place.turn()).await.is_err() {
            return Err(kept_waiting().into());
        }
        let fresh = self.fresh(course);
        if fresh.is_empty() && !course.news.is_empty() {
            return Ok(());
        }
        match self.told(course, &fresh).await {
            Err(untaken) if fresh.len() > 1 && is_refusal(&untaken) => self.one_by_one(course, &fresh).await,
            outcome => self.noted(course, &fresh, outcome),
        }
    }

    /// The places of the event's orders that are news to the store.
    fn fresh(&self, course: &Course<'_>) -> Vec<usize> {
        let mut fresh = Vec::with_capacity(course.news.len());
        for (order, standing) in course.place.standing(&course.news).into_iter().enumerate() {
            match standing {
                Standing::News => fresh.push(order),
                Standing::Repeated => self.count(Withheld::Repeated),
                Standing::Older => self.count(Withheld::Older),
            }
        }
        fresh
    }

    /// A store refuses a document as a whole. None of its orders is to miss its news because of another.
    async fn one_by_one(&self, course: &Course<'_>, fresh: &[usize]) -> Result<(), Untaken> {
        let mut outcome = Ok(());
        for order in fresh {
            let order = std::slice::from_ref(order);
            let told = self.told(course, order).await;
            outcome = outcome.and(self.noted(course, order, told));
        }
        outcome
    }

    /// Remembers what the store has. What it took something later of, it has.
    fn noted(
        &self,
        course: &Course<'_>,
        orders: &[usize],
        outcome: Result<(), Untaken>,
    ) -> Result<(), Untaken> {
        let outcome = match outcome {
            Err(untaken) if untaken.says_older() && !orders.is_empty() => {
                self.count(Withheld::RefusedAsOlder);
                Ok(())
            }
            outcome => outcome,
        };
        if outcome.is_ok() {
            let named = orders.iter().filter_map(|order| Some((*order, course.news.get(*order)?)));
            named.for_each(|(order, news)| course.place.took(order, news));
        }
        outcome
    }

    /// Tells the store of these orders, as often as it is worth and the time allows.
    async fn told(&self, course: &Course<'_>, orders: &[usize]) -> Result<(), Untaken> {
        let interpreter = &self.around.ready.interpreter;
        let store = super::dialect(interpreter, &self.store.store.dialect.value, Side::Store)?;
        let stamp = self.around.identity.stamp();
        let keep = |order: usize| orders.contains(&order);
        let document = interpreter.write_orders((self.operation, &self.record), keep, store, stamp)?;
        let document = document.as_slice();
        let attempt = service_fn(move |_: Budgeted<()>| self.attempted(course, document, store));
        let mut request = Budgeted::new(());
        request.deadline = Some(course.deadline);
        telling(&self.ways.retry, attempt).oneshot(request).await
    }

    async fn attempted(&self, course: &Course<'_>, document: &[u8], store: &Dialect) -> Result<(), Untaken> {
        course.attempts.fetch_add(1, Ordering::Relaxed);
        let interpreter = &self.around.ready.interpreter;
        let deadline = course.deadline.instant().min(Instant::now() + course.attempt);
        let reply = self.link.tell(self.operation, document, (self.around.trace, deadline)).await?;
        let unexpected = |refusal: gateway_wire::Refusal| {
            let fault = refusal.into_fault(Origin::Store);
            Fault { code: codes::STORE_UNEXPECTED, repeat: Repeat::Safe, ..fault }
        };
        let text = interpreter.reply_text(&reply)?;
        let tree = interpreter.parse(&text).map_err(unexpected)?;
        let payload = soap::open(&tree).map_err(unexpected)?.payload;
        interpreter.confirmed(self.operation, store, (&tree, payload))
    }

    fn count(&self, why: Withheld) {
        let store = &self.store.store.name.value;
        self.around.ready.metrics.withheld(store, self.operation.name(), why);
    }
}

/// Whether the store read the document and did not want it.
fn is_refusal(untaken: &Untaken) -> bool {
    untaken.fault.code == codes::STORE_REFUSED && untaken.fault.repeat == Repeat::Useless
}

fn crowded() -> Fault {
    Fault::gateway(codes::OVERLOADED, "as many events are on their way to stores as may be")
        .repeat(Repeat::Safe)
}

fn kept_waiting() -> Fault {
    let text = "earlier events of the same order took all the time the DOM gives this one";
    Fault::gateway(codes::DEADLINE, text).repeat(Repeat::Safe)
}
