//! An event on its way to a store. It goes to its end also when the DOM that sent it has hung up: half of it may be with the
//! store already, and what came of it is remembered for the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use gateway_exchange::push::Untaken;
use gateway_exchange::{Interpreter, Operation};
use gateway_mapping::{Dialect, Side};
use gateway_model::{Fault, Origin, Record, Repeat, codes};
use gateway_operation::order_sync::{OrderNews, Standing};
use gateway_policy::{Budgeted, Classify, Deadline, RetryLayer, Verdict};
use gateway_wire::soap;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tower::{Layer, ServiceExt, service_fn};

use super::lanes::{Full, Lanes, Place};
use crate::clock::Identity;
use crate::config;
use crate::metrics::{Metrics, Withheld};
use crate::store_link::StoreLink;
use crate::trace::TraceContext;

/// What a store is to be told, and all that takes; it borrows nothing.
#[derive(Debug)]
pub(super) struct Errand {
    pub(super) operation: Operation,
    /// What the store is to be told.
    pub(super) record: Record<'static>,
    pub(super) store: Target,
    pub(super) interpreter: Arc<Interpreter>,
    pub(super) lanes: Arc<Lanes>,
    pub(super) retry: RetryLayer<WorthRepeating>,
    /// When the DOM has to hear of it.
    pub(super) deadline: Deadline,
    pub(super) identity: Identity,
    pub(super) trace: TraceContext,
    pub(super) metrics: Metrics,
}

/// The store that is told.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) dialect: String,
    pub(super) link: Arc<StoreLink>,
    pub(super) limits: config::Deadline,
}

/// What came of an errand.
#[derive(Debug)]
pub(super) struct Returned {
    /// Requests sent to the store.
    pub(super) attempts: u32,
    /// Whether the store has it.
    pub(super) outcome: Result<(), Untaken>,
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

impl Errand {
    /// Takes the event's place among those of its orders and carries it out; waits for what comes of it.
    pub(super) async fn sent(self) -> Returned {
        let news = self.interpreter.order_news(self.operation, &self.record);
        let place = match self.lanes.stand(&self.store.name, &news) {
            Ok(place) => place,
            Err(Full) => return Returned { attempts: 0, outcome: Err(crowded().into()) },
        };
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            let attempts = AtomicU32::new(0);
            let outcome = self.carried_out(&place, &news, &attempts).await;
            drop(place);
            let returned = Returned { attempts: attempts.into_inner(), outcome };
            if let Err(returned) = tell.send(returned) {
                self.log_unheard(&returned);
            }
        });
        let lost = || Fault::gateway(codes::INTERNAL, "the event was lost on its way to the store");
        told.await
            .unwrap_or_else(|_| Returned { attempts: 0, outcome: Err(lost().repeat(Repeat::Safe).into()) })
    }

    async fn carried_out(
        &self,
        place: &Place,
        news: &[OrderNews],
        attempts: &AtomicU32,
    ) -> Result<(), Untaken> {
        if timeout_at(self.deadline.instant(), place.turn()).await.is_err() {
            return Err(kept_waiting().into());
        }
        let fresh = self.fresh(place, news);
        if fresh.is_empty() && !news.is_empty() {
            return Ok(());
        }
        match self.told(&fresh, attempts).await {
            Err(untaken) if fresh.len() > 1 && is_refusal(&untaken) => {
                self.one_by_one(place, (news, &fresh), attempts).await
            }
            outcome => self.noted(place, (news, &fresh), outcome),
        }
    }

    /// The places of the event's orders that are news to the store.
    fn fresh(&self, place: &Place, news: &[OrderNews]) -> Vec<usize> {
        let mut fresh = Vec::with_capacity(news.len());
        for (order, standing) in place.standing(news).into_iter().enumerate() {
            match standing {
                Standing::News => fresh.push(order),
                Standing::Repeated => self.count(Withheld::Repeated),
                Standing::Older => self.count(Withheld::Older),
            }
        }
        fresh
    }

    /// A store refuses a document as a whole. None of its orders is to miss its news because of another.
    async fn one_by_one(
        &self,
        place: &Place,
        (news, fresh): (&[OrderNews], &[usize]),
        attempts: &AtomicU32,
    ) -> Result<(), Untaken> {
        let mut outcome = Ok(());
        for order in fresh {
            let order = std::slice::from_ref(order);
            let told = self.told(order, attempts).await;
            outcome = outcome.and(self.noted(place, (news, order), told));
        }
        outcome
    }

    /// Remembers what the store has. What it took something later of, it has.
    fn noted(
        &self,
        place: &Place,
        (news, orders): (&[OrderNews], &[usize]),
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
            let named = orders.iter().filter_map(|order| Some((*order, news.get(*order)?)));
            named.for_each(|(order, news)| place.took(order, news));
        }
        outcome
    }

    /// Tells the store of these orders, as often as it is worth and the time allows.
    async fn told(&self, orders: &[usize], attempts: &AtomicU32) -> Result<(), Untaken> {
        let store = self.dialect()?;
        let stamp = self.identity.stamp();
        let keep = |order: usize| orders.contains(&order);
        let document = self.interpreter.write_orders((self.operation, &self.record), keep, store, stamp)?;
        let document = document.as_slice();
        let attempt = service_fn(move |_: Budgeted<()>| {
            attempts.fetch_add(1, Ordering::Relaxed);
            self.attempted(document, store)
        });
        let mut request = Budgeted::new(());
        request.deadline = Some(self.deadline);
        self.retry.layer(attempt).oneshot(request).await
    }

    async fn attempted(&self, document: &[u8], store: &Dialect) -> Result<(), Untaken> {
        let deadline = self.deadline.instant().min(Instant::now() + self.store.limits.attempt);
        let reply = self.store.link.tell(self.operation, document, (&self.trace, deadline)).await?;
        let unexpected = |refusal: gateway_wire::Refusal| {
            let fault = refusal.into_fault(Origin::Store);
            Fault { code: codes::STORE_UNEXPECTED, repeat: Repeat::Safe, ..fault }
        };
        let text = self.interpreter.reply_text(&reply)?;
        let tree = self.interpreter.parse(&text).map_err(unexpected)?;
        let payload = soap::open(&tree).map_err(unexpected)?.payload;
        self.interpreter.confirmed(self.operation, store, (&tree, payload))
    }

    fn dialect(&self) -> Result<&Dialect, Fault> {
        super::dialect(&self.interpreter, &self.store.dialect, Side::Store)
    }

    fn count(&self, why: Withheld) {
        self.metrics.withheld(&self.store.name, self.operation.name(), why);
    }

    /// The call's own line cannot say it any more.
    fn log_unheard(&self, returned: &Returned) {
        let (operation, attempts) = (self.operation.name(), returned.attempts);
        let (store, trace_id) = (self.store.name.as_str(), self.trace.id());
        match &returned.outcome {
            Ok(()) => tracing::info!(
                request.id = %self.identity.id, store, operation, trace.id = trace_id, attempts,
                "taken by the store after the DOM hung up"
            ),
            Err(Untaken { fault, .. }) => tracing::warn!(
                request.id = %self.identity.id, store, operation, trace.id = trace_id, attempts,
                code = %fault.code, origin = fault.origin.name(), repeat = fault.repeat.name(),
                "not taken by the store after the DOM hung up: {}", fault.message
            ),
        }
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
