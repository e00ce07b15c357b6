//! What all ways to one DOM share: its pool, and for each of its APIs a breaker and a budget of retries.
//!
//! An API is here what one operation asks of the DOM (a check asks as availability does). The API's name would not do: one
//! name may stand for several (Sterling's `multiApi`), and failing questions about stock must not keep a reservation from
//! being given back. The pool is one for all, because they use the same threads and tables of the DOM.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use gateway_exchange::{OPERATIONS, Operation};
use gateway_policy::breaker::{self, BreakerLayer, FaultsOfTheWay, Turn, breaker};
use gateway_policy::pool::{self, Pool};
use gateway_policy::retry::{self, Budget};
use gateway_policy::{ByClass, retry::BadParams};

use crate::config::{Dom, RetryBudget, Store};

/// The limits of one DOM. Cheap to clone: all clones are one.
#[derive(Debug, Clone)]
pub struct DomLimits {
    /// The DOM's name.
    pub dom: Arc<str>,
    /// What it takes at a time.
    pub pool: Pool,
    apis: Arc<[Api]>,
}

/// What the ways to one API of a DOM share.
#[derive(Debug)]
pub struct Api {
    /// The operation that asks it.
    pub operation: Operation,
    /// Leaves it alone while it fails; nothing if it never is. Any call may be the one that tries whether it is back: what asks
    /// an API that reads only reads, and when a write's answer is lost, the DOM is asked what became of it before anything is
    /// repeated.
    pub breaker: Option<BreakerLayer<FaultsOfTheWay>>,
    /// How many reads are repeated.
    pub budget: Arc<Budget>,
}

// === impl DomLimits ===

impl DomLimits {
    /// The limits of a DOM as it is configured, for the stores it answers.
    ///
    /// # Errors
    /// A setting that cannot be; a checked configuration has none.
    pub fn new(dom: &Dom, stores: &[Store]) -> Result<Self, BadParams> {
        let asked = OPERATIONS.into_iter().filter(|operation| {
            operation.asked_as() == *operation && !operation.is_push() && *operation != Operation::Decrement
        });
        let apis = asked.map(|operation| Api::new(dom, operation)).collect::<Result<_, _>>()?;
        Ok(Self { dom: dom.name.value.as_str().into(), pool: Pool::new(pool_params(dom, stores))?, apis })
    }

    /// What the ways to the API of an operation share; `None` for one that asks no DOM.
    #[must_use]
    pub fn api(&self, operation: Operation) -> Option<&Api> {
        self.apis.iter().find(|api| api.operation == operation.asked_as())
    }

    /// Every API.
    #[must_use]
    pub fn apis(&self) -> &[Api] {
        &self.apis
    }
}

// === impl Api ===

impl Api {
    fn new(dom: &Dom, operation: Operation) -> Result<Self, BadParams> {
        let budget = Arc::new(Budget::new(limits(&dom.retry_budget))?);
        let name = format!("{} at {}", operation.name(), dom.name.value);
        let settings = &dom.breaker;
        let params = breaker::Params {
            window: settings.window,
            least_calls: settings.least_calls,
            share: settings.share_percent as f32 / 100.0,
            first_open: settings.first_open,
            longest_open: settings.longest_open,
            seed: fastrand::u64(..),
        };
        let breaker = settings.enabled.then(|| breaker(&name, &params, FaultsOfTheWay)).transpose()?;
        if let Some(breaker) = &breaker {
            let dom = dom.name.value.clone();
            breaker.tell(move |_, turn| note(&dom, operation.name(), turn));
        }
        Ok(Self { operation, breaker, budget })
    }
}

/// A line in the log for each turn of a breaker.
fn note(dom: &str, operation: &str, turn: Turn) {
    let millis = |pause: Duration| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
    match turn {
        Turn::Opened(pause) => tracing::warn!(
            dom,
            operation,
            pause_ms = millis(pause),
            "left alone: too many of its last answers failed"
        ),
        Turn::StaysOpen(pause) => {
            tracing::warn!(dom, operation, pause_ms = millis(pause), "still left alone: it failed again");
        }
        Turn::Closed => tracing::info!(dom, operation, "asked as before: it answers again"),
    }
}

fn pool_params(dom: &Dom, stores: &[Store]) -> pool::Params {
    let settings = &dom.pool;
    let of_dom = stores.iter().filter(|store| store.dom.value == dom.name.value);
    let weight = |store: &Store| Some((store.name.value.clone(), NonZeroU32::new(store.pool_weight)?));
    pool::Params {
        requests: settings.requests(),
        lines: settings.lines(),
        concurrent: settings.concurrent,
        never_lent: settings.never_lent,
        most_waiting: settings.most_waiting,
        classes: ByClass::from_fn(|class| {
            let share = settings.classes.of(class);
            pool::Share { percent: share.percent, longest_wait: share.longest_wait }
        }),
        stores: of_dom.filter_map(weight).collect(),
    }
}

fn limits(settings: &RetryBudget) -> retry::Limits {
    retry::Limits {
        share: settings.percent as f32 / 100.0,
        share_in_outage: settings.percent_in_outage as f32 / 100.0,
        free_per_second: settings.free_per_second,
        ..retry::Limits::default()
    }
}
