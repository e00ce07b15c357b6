//! An event on its way to a store: its turn, what of it is news, as many attempts as help, and what is remembered of it.
//!
//! The listener lets a call run to its end when its caller hangs up, so what the store took is remembered then too.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gateway_exchange::Operation;
use gateway_exchange::push::Untaken;
use gateway_mapping::{Dialect, Side};
use gateway_model::{Fault, Origin, Reached, Record, Repeat, codes};
use gateway_operation::order_sync::{OrderNews, Overtaken, Rest, Standing, Telling};
use gateway_policy::{Budgeted, Classify, Deadline, Verdict};
use gateway_wire::soap;
use tokio::time::{Instant, timeout_at};
use tower::{ServiceExt, service_fn};

use super::dead_letter::Letter;
use super::lanes::{Full, Place};
use super::{Surroundings, Ways};
use crate::metrics::Withheld;
use crate::ready::StorePort;
use crate::respond;
use crate::stack::telling as stack;
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

/// What the store is told of one order of the event.
#[derive(Debug, Clone)]
struct Part {
    /// The order's place in the event.
    order: usize,
    telling: Telling,
}

/// Tries again whatever may go better then. What the store may have taken already is among it: the DOM would send it again
/// as well.
#[derive(Debug, Clone, Copy)]
pub struct WorthRepeating;

// === impl WorthRepeating ===

impl Classify<(), Untaken> for WorthRepeating {
    fn judge(&self, outcome: Result<&(), &Untaken>) -> Verdict {
        match outcome {
            Ok(()) => Verdict::Final,
            Err(untaken) if untaken.fault.repeat == Repeat::Useless => Verdict::Final,
            // Neither an order's state nor credentials change at once.
            Err(untaken) if untaken.is_refusal() => Verdict::Final,
            Err(untaken) if untaken.fault.code == codes::STORE_NOT_ADMITTED => Verdict::Final,
            Err(_) => Verdict::Again,
        }
    }
}

// === impl Course ===

impl Course<'_> {
    /// Remembers whether the store has it.
    fn note(&self, part: &Part, is_taken: bool) {
        let Some(news) = self.news.get(part.order) else { return };
        match &part.telling {
            _ if !is_taken => self.place.gave_back(part.order, news),
            Telling::Whole => self.place.took(part.order, news),
            // All that such an event says is the order's number.
            Telling::Lines(_) if news.created => self.place.took(part.order, news),
            Telling::Lines(rest) => self.place.took_lines(part.order, news, &rest.lines),
        }
    }
}

// === impl Errand ===

impl Errand<'_> {
    /// Takes the event's place among those of its orders and carries it out.
    pub(super) async fn sent(&self) -> Returned {
        let mut news = self.around.ready.interpreter.order_news(self.operation, &self.record);
        self.ways.lanes.arrive(&mut news);
        let limits = self.store.deadline(self.operation);
        let deadline = Deadline::at(self.around.caller.since() + limits.call.min(self.ways.budget));
        let place = match self.ways.lanes.stand(&self.store.store.name.value, &news) {
            Ok(place) => place,
            Err(Full) => {
                self.ways.lanes.gave_back(&self.store.store.name.value, &news);
                return Returned { attempts: 0, outcome: Err(crowded().into()) };
            }
        };
        let attempts = AtomicU32::new(0);
        let course = Course { place, news, deadline, attempt: limits.attempt, attempts: &attempts };
        let outcome = self.carried_out(&course).await;
        drop(course);
        Returned { attempts: attempts.into_inner(), outcome }
    }

    async fn carried_out(&self, course: &Course<'_>) -> Result<(), Untaken> {
        if timeout_at(course.deadline.instant(), course.place.turn()).await.is_err() {
            course.news.iter().enumerate().for_each(|(order, news)| course.place.gave_back(order, news));
            return Err(kept_waiting().into());
        }
        let parts = self.parts(course);
        match parts.as_slice() {
            // It is of no order: all of it is told.
            [] if course.news.is_empty() => {
                let outcome = self.told(course, &[]).await;
                outcome.inspect_err(|untaken| self.letter("").refused(self.around, &untaken.fault))
            }
            [] => Ok(()),
            [_] => self.one_by_one(course, &parts).await,
            // Documents of two kinds.
            parts
                if self.operation == Operation::OrderCreated
                    && self.operation_of(parts) != self.operation =>
            {
                self.one_by_one(course, parts).await
            }
            parts => match self.told(course, parts).await {
                Err(untaken) if untaken.is_refusal() || respond::is_for_good(&untaken.fault) => {
                    self.one_by_one(course, parts).await
                }
                outcome => {
                    parts.iter().for_each(|part| course.note(part, outcome.is_ok()));
                    outcome
                }
            },
        }
    }

    /// What of the event the store has to hear.
    fn parts(&self, course: &Course<'_>) -> Vec<Part> {
        let mut parts = Vec::with_capacity(course.news.len());
        let standing = course.place.standing(&course.news).into_iter().zip(&course.news);
        for (order, (standing, news)) in standing.enumerate() {
            match standing {
                Standing::News => parts.push(Part { order, telling: Telling::Whole }),
                Standing::Repeated => self.count(Withheld::Repeated),
                Standing::Older if news.created => {
                    let telling = Telling::Lines(course.place.rest(order, Vec::new()));
                    parts.push(Part { order, telling });
                }
                Standing::Older => {
                    let Overtaken { owed, unsure } = course.place.overtaken(order, news);
                    self.unsure(news, &unsure);
                    if owed.is_empty() {
                        self.count(Withheld::Older);
                    } else {
                        let telling = Telling::Lines(course.place.rest(order, owed));
                        parts.push(Part { order, telling });
                    }
                }
            }
        }
        parts
    }

    /// A store refuses a document as a whole. None of its orders is to miss its news because of another: the DOM sends the
    /// event again for the sake of a single order, and hears of those that are refused for good when all others are told.
    async fn one_by_one(&self, course: &Course<'_>, parts: &[Part]) -> Result<(), Untaken> {
        let (mut again, mut refused) = (None, Vec::new());
        for part in parts {
            let created = course.news.get(part.order).is_some_and(|news| news.created);
            let one = if created { self.created(course, part).await } else { self.one(course, part).await };
            match one {
                Ok(()) => {}
                Err(untaken) if respond::is_for_good(&untaken.fault) => refused.push((part.order, untaken)),
                Err(untaken) => again = again.or(Some(untaken)),
            }
        }
        if let Some(untaken) = again {
            return Err(untaken);
        }
        for (order, untaken) in &refused {
            let order = course.news.get(*order).map(|news| news.order.as_str()).unwrap_or_default();
            self.letter(order).refused(self.around, &untaken.fault);
        }
        refused.into_iter().next().map_or(Ok(()), |(_, untaken)| Err(untaken))
    }

    fn letter<'l>(&'l self, order: &'l str) -> Letter<'l> {
        Letter { store: Some(&self.store.store.name.value), operation: Some(self.operation), order }
    }

    /// Tells of one order. What the store took something later of, it has; but not the lines that only this event names.
    async fn one(&self, course: &Course<'_>, part: &Part) -> Result<(), Untaken> {
        let Some(news) = course.news.get(part.order) else { return Ok(()) };
        let mut part = part.clone();
        let mut unsure = Vec::new();
        let mut is_older = false;
        loop {
            let outcome = self.told(course, std::slice::from_ref(&part)).await;
            let refused_as_older = matches!(&outcome, Err(untaken) if untaken.says_older());
            if !refused_as_older {
                course.note(&part, outcome.is_ok());
                outcome?;
                break;
            }
            is_older = true;
            let owed = match part.telling {
                Telling::Whole => {
                    let overtaken = course.place.overtaken(part.order, news);
                    unsure = overtaken.unsure;
                    overtaken.owed
                }
                // Another gateway told something later still.
                Telling::Lines(rest) if rest.is_timed() => rest.lines,
                // The store takes them in no form.
                Telling::Lines(rest) => {
                    unsure = rest.lines;
                    Vec::new()
                }
            };
            if owed.is_empty() {
                break;
            }
            part.telling = Telling::Lines(Rest::without_time(owed));
        }
        if is_older {
            self.count(Withheld::RefusedAsOlder);
            course.place.refused_as_older(part.order, news);
        }
        self.unsure(news, &unsure);
        Ok(())
    }

    /// Tells that an order was created. A store that knows the order further on refuses that, for it would take it back; then
    /// it is told the DOM's number of it as news of its state: of the latest, or of none (contract store section 11).
    async fn created(&self, course: &Course<'_>, part: &Part) -> Result<(), Untaken> {
        let mut part = part.clone();
        loop {
            let outcome = self.told(course, std::slice::from_ref(&part)).await;
            let is_further = outcome.as_ref().err().is_some_and(|untaken| match &part.telling {
                // An order is pending before its transfer is sent, so this cannot have come too early.
                Telling::Whole => untaken.says_wrong_state() || untaken.says_older(),
                // Another gateway told something later still.
                Telling::Lines(rest) => rest.is_timed() && untaken.says_older(),
            });
            if !is_further {
                course.note(&part, outcome.is_ok());
                return outcome;
            }
            part.telling = Telling::Lines(Rest::without_time(Vec::new()));
        }
    }

    /// Tells the store of these orders, as often as it is worth and the time allows.
    async fn told(&self, course: &Course<'_>, parts: &[Part]) -> Result<(), Untaken> {
        let interpreter = &self.around.ready.interpreter;
        let store = super::dialect(interpreter, &self.store.store.dialect.value, Side::Store)?;
        let stamp = self.around.identity.stamp();
        let telling = |order: usize| Some(&parts.iter().find(|part| part.order == order)?.telling);
        let operation = self.operation_of(parts);
        let document = interpreter.write_orders((operation, &self.record), telling, store, stamp)?;
        let told = (operation, document.as_slice());
        let attempt = service_fn(move |_: Budgeted<()>| self.attempted(course, told, store));
        let mut request = Budgeted::new(());
        request.deadline = Some(course.deadline);
        stack(&self.ways.retry, attempt).oneshot(request).await
    }

    /// Some of an order is told as news of its state, whatever event it is from.
    fn operation_of(&self, parts: &[Part]) -> Operation {
        let is_state = parts.iter().any(|part| matches!(part.telling, Telling::Lines(_)));
        if is_state { Operation::OrderSync } else { self.operation }
    }

    async fn attempted(
        &self,
        course: &Course<'_>,
        (operation, document): (Operation, &[u8]),
        store: &Dialect,
    ) -> Result<(), Untaken> {
        course.attempts.fetch_add(1, Ordering::Relaxed);
        let interpreter = &self.around.ready.interpreter;
        let deadline = course.deadline.instant().min(Instant::now() + course.attempt);
        let reply = self.link.tell(operation, document, (self.around.trace, deadline)).await?;
        let unexpected = |refusal: gateway_wire::Refusal| {
            let fault = refusal.into_fault(Origin::Store);
            Fault { code: codes::STORE_UNEXPECTED, reached: Reached::Maybe, repeat: Repeat::Safe, ..fault }
        };
        let text = interpreter.reply_text(&reply)?;
        let tree = interpreter.parse(&text).map_err(unexpected)?;
        let payload = soap::open(&tree).map_err(unexpected)?.payload;
        interpreter.confirmed(operation, store, (&tree, payload))
    }

    fn count(&self, why: Withheld) {
        let store = &self.store.store.name.value;
        self.around.ready.metrics.pushes().withheld(store, self.operation.name(), why);
    }

    /// Says of lines that the DOM hears are told that nobody knows whether they were.
    fn unsure(&self, news: &OrderNews, lines: &[usize]) {
        if lines.is_empty() {
            return;
        }
        let (store, operation) = (self.store.store.name.value.as_str(), self.operation.name());
        self.around.ready.metrics.pushes().unsure(store, operation, lines.len());
        let (order, lines) = (news.order.as_str(), news.names(lines));
        tracing::error!(
            store,
            operation,
            order,
            ?lines,
            "confirmed as older, but nobody here knows whether the store was told of these lines: compare them there"
        );
    }
}

fn crowded() -> Fault {
    Fault::gateway(codes::OVERLOADED, "as many events are on their way to stores as may be")
        .repeat(Repeat::Safe)
}

fn kept_waiting() -> Fault {
    let text = "earlier events of the same order took all the time the DOM gives this one";
    Fault::gateway(codes::DEADLINE, text).repeat(Repeat::Safe)
}
