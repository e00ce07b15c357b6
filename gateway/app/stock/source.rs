//! The DOM as a source of stock: many lines in one document, and every answer remembered before anybody hears of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use gateway_cache::{Arrival, Key, OwnedKey, Taken};
use gateway_exchange::{Finding, Interpreter, StockLine};
use gateway_fetch::{Class, Source};
use gateway_mapping::{Dialect, Side};
use gateway_model::{Fault, codes};
use gateway_policy::{Budgeted, Deadline};
use tower::{Service, ServiceExt};

use super::{Stocks, name, value};
use crate::clock::Clock;
use crate::config;
use crate::dom_link::DomCall;
use crate::metrics::Metrics;
use crate::stack::Upstream;
use crate::trace::TraceContext;

/// What the DOM said of one line.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it said.
    pub finding: Arc<Finding<'static>>,
    /// Requests it took.
    pub attempts: u32,
}

/// The stock of one store id at its DOM.
#[derive(Debug)]
pub struct DomStock {
    /// The store id.
    pub store: String,
    /// The name of the store it is one of.
    pub store_name: Arc<str>,
    /// The DOM's dialect.
    pub dialect: String,
    /// The form of the question that the configuration chose.
    pub variant: Option<String>,
    /// How long a question may take.
    pub limits: config::Deadline,
    /// The way to the DOM.
    pub upstream: Upstream,
    /// What can be said.
    pub interpreter: Arc<Interpreter>,
    /// Where answers are remembered.
    pub stocks: Arc<Stocks>,
    /// What operators count.
    pub metrics: Metrics,
    /// The time and new identities.
    pub clock: Arc<dyn Clock>,
    /// Requests that the last question took which failed.
    pub failed_attempts: Arc<AtomicU32>,
}

impl Source<OwnedKey, Found> for DomStock {
    async fn fetch(&self, keys: Vec<OwnedKey>, class: Class) -> Result<Vec<Result<Found, Fault>>, Fault> {
        let identity = self.clock.identity();
        let asked_ms = identity.now.as_millisecond();
        let keys: Vec<Key<'_>> = keys.iter().map(OwnedKey::key).collect();
        let lines: Vec<StockLine<'_>> = keys.iter().map(name::line).collect();
        let (asked, ends) = ((&*self.store, &*lines), (self.dom()?, self.variant.as_deref()));
        let (call, unmapped) = self.interpreter.ask_stock(asked, ends)?;
        self.metrics.document(0, unmapped);
        let attempts = Arc::new(AtomicU32::new(0));
        let deadline = Deadline::after(self.limits.call);
        let mut request = Budgeted::new(DomCall {
            call: Arc::new(call),
            trace: TraceContext::of_own(&identity.id),
            attempts: Arc::clone(&attempts),
            ends: deadline,
            class: urgency(class),
            store: Arc::clone(&self.store_name),
        });
        request.deadline = Some(deadline);
        self.stocks.cache.stats().lines_asked.add(keys.len() as u64);
        let replied = self.upstream.clone().ready().await?.call(request).await;
        let attempts = attempts.load(Ordering::Relaxed);
        if replied.is_err() {
            self.failed_attempts.store(attempts, Ordering::Relaxed);
        }
        let found =
            replied.and_then(|reply| self.interpreter.read_stock(asked, ends, &reply, identity.stamp()));
        self.log(&identity.id, (keys.len(), class, attempts), found.as_ref().err());
        let findings = found?;
        let arrival = Arrival::answer(asked_ms, self.clock.now().as_millisecond());
        let found = keys.iter().zip(findings).map(|(key, finding)| {
            Ok(Found { finding: Arc::new(self.kept(key, finding, arrival)), attempts })
        });
        Ok(found.collect())
    }
}

/// How urgent a question about stock is at the DOM, whose most urgent line is this: nobody waits for a refresh, which is on
/// behalf of those who look next.
const fn urgency(class: Class) -> gateway_model::Class {
    match class {
        Class::Checkout => gateway_model::Class::Checkout,
        Class::Browse | Class::Refresh => gateway_model::Class::Browse,
    }
}

impl DomStock {
    /// How many lines go in one call: as many as the dialect allows, or fewer.
    #[must_use]
    pub fn lines_per_call(&self, wanted: Option<usize>) -> usize {
        let dialect = self.dom().ok().and_then(Interpreter::lines_per_call);
        wanted.into_iter().chain(dialect).min().unwrap_or(gateway_fetch::Params::default().lines_per_call)
    }

    /// A line in the log for each call: who waits for it may be answered all the same, and then says nothing of a fault.
    fn log(&self, id: &str, (lines, class, attempts): (usize, Class, u32), fault: Option<&Fault>) {
        let store = self.store.as_str();
        match fault {
            None => {
                tracing::debug!(request.id = id, store, lines, ?class, attempts, "asked the DOM for stock")
            }
            Some(fault) => tracing::warn!(
                request.id = id, store, lines, ?class, attempts, code = %fault.code, origin = fault.origin.name(),
                "the DOM gave no stock: {}", fault.message
            ),
        }
    }

    fn dom(&self) -> Result<&Dialect, Fault> {
        self.interpreter.dialect(&self.dialect, Side::Dom).ok_or_else(|| {
            Fault::gateway(codes::INTERNAL, format!("the dialect `{}` is not loaded", self.dialect))
        })
    }

    /// Remembers an answer, and gives what is true now: a push that came meanwhile is newer than it, and what an order took
    /// meanwhile is not in it.
    fn kept(&self, key: &Key<'_>, mut finding: Finding<'static>, arrival: Arrival) -> Finding<'static> {
        let Some(rule) = name::rule(&self.stocks.rules, key) else { return finding };
        if rule.age_in_document {
            finding.updated_at = value::written(arrival.now_ms).map(Into::into);
        }
        if !rule.flags.memory {
            return finding;
        }
        let cache = &self.stocks.cache;
        let Ok(stock) = value::stock_of(&finding, arrival.now_ms) else {
            // What was known is not so any more, and what is so cannot be kept.
            cache.remove(key);
            return finding;
        };
        let is_late = cache.put(key, &stock, arrival) == Taken::Late;
        match cache.get(key, rule) {
            Some(true_now) if is_late || true_now.quantity != stock.quantity => {
                value::finding_of(true_now, key.location, rule.age_in_document)
            }
            _ => finding,
        }
    }
}
