//! What goes wrong, when: a queue of troubles for each API, and counts of what was called.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

/// One call that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    acts: Acts,
    shows: Shows,
    held: bool,
    delay: Duration,
}

/// How often a call is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acts {
    Not,
    Once,
    Twice,
    /// When [`Script::release`] lets it: whoever called may have given up by then.
    Late,
}

/// A call of which has to be decided whether it goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Incident<'c> {
    /// Its operation.
    pub operation: &'c str,
    /// The order it is about; empty if that cannot be told.
    pub subject: &'c str,
    /// How many calls of this operation there were about this order, this one included.
    pub attempt: u32,
}

/// Decides by what a call is about, not by when it comes: so the same calls go wrong however they are mixed.
pub type Decider = Arc<dyn Fn(&Incident<'_>) -> Option<Trouble> + Send + Sync>;

/// What the caller gets to see of a call that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    /// A refusal with this code and text, well-formed and with the status refusals have.
    Errors {
        /// The code.
        code: String,
        /// The text.
        description: String,
    },
    /// This HTTP status with a page of HTML.
    Status(u16),
    /// This HTTP status with a page of HTML, and a `Retry-After` of so many seconds.
    Later {
        /// The status.
        status: u16,
        /// The seconds.
        seconds: u32,
    },
    /// Status 500 with a SOAP fault.
    SoapFault,
    /// Status 200 with a page of HTML.
    Html,
    /// Status 200 without a body.
    Empty,
    /// A whole HTTP answer with the first half of its document.
    HalfDocument,
    /// An answer whose connection breaks in the middle of its document.
    BrokenOff,
    /// An answer that stops in the middle of its document, and whose connection stays.
    Stalled,
    /// Status 200 with bytes that are no text.
    Garbage,
    /// Nothing: the connection is closed without an answer.
    Dropped,
    /// Nothing: the connection is reset.
    Reset,
    /// Nothing, and the connection stays.
    Silent,
    /// The right answer.
    Answer,
    /// The right answer, so much later.
    Late(Duration),
    /// The right answer, when [`Script::release`] lets it go.
    Held,
}

/// How often something was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Calls, those that went wrong included.
    pub calls: u64,
    /// Lines of these calls: items asked, reserved, cancelled or ordered.
    pub lines: u64,
}

/// Troubles to come and calls that were. Cheap to clone: all clones are one.
///
/// A call is known by two names, that of its operation (`reserve`) and that of its API (`multiApi`, or an empty one
/// where there are none); a trouble set for either is met.
#[derive(Debug, Clone)]
pub struct Script {
    shared: Arc<Mutex<Shared>>,
    arrived: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

#[derive(Default)]
struct Shared {
    troubles: HashMap<String, VecDeque<Trouble>>,
    lasting: Option<Trouble>,
    decider: Option<Decider>,
    counts: HashMap<String, Count>,
    /// Calls about each order, by operation; kept while there is a decider.
    attempts: HashMap<String, Vec<(String, u32)>>,
}

/// A call as the script sees it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Called<'c> {
    pub(crate) operation: &'c str,
    /// Empty where there are none.
    pub(crate) api: &'c str,
    /// The order it is about, if it is about one.
    pub(crate) subject: &'c str,
    pub(crate) lines: u64,
}

// === impl Trouble ===

impl Trouble {
    const fn new(acts: Acts, shows: Shows) -> Self {
        Self { acts, shows, held: false, delay: Duration::ZERO }
    }

    /// The call is not carried out.
    #[must_use]
    pub const fn instead(shows: Shows) -> Self {
        Self::new(Acts::Not, shows)
    }

    /// The call is carried out, and then this is shown.
    #[must_use]
    pub const fn after_acting(shows: Shows) -> Self {
        Self::new(Acts::Once, shows)
    }

    /// The call is carried out twice, which no DOM should, and then this is shown.
    #[must_use]
    pub const fn after_acting_twice(shows: Shows) -> Self {
        Self::new(Acts::Twice, shows)
    }

    /// The call is carried out when [`Script::release`] lets it be, whether its caller still waits or not; until the caller
    /// leaves there is no answer.
    #[must_use]
    pub const fn acting_late() -> Self {
        Self::new(Acts::Late, Shows::Silent)
    }

    /// The same, but what the caller gets to see waits until [`Script::release`] lets it go.
    #[must_use]
    pub const fn held(mut self) -> Self {
        self.held = true;
        self
    }

    /// The same, but so much later: until then nothing is carried out.
    #[must_use]
    pub const fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Whether the call is carried out before anything is shown. What shows the right answer has to.
    #[must_use]
    pub const fn acts(&self) -> bool {
        matches!(self.acts, Acts::Once | Acts::Twice)
            || matches!(
                self.shows,
                Shows::Late(_)
                    | Shows::Held
                    | Shows::HalfDocument
                    | Shows::BrokenOff
                    | Shows::Stalled
                    | Shows::Answer
            )
    }

    pub(crate) const fn acts_twice(&self) -> bool {
        matches!(self.acts, Acts::Twice)
    }

    /// Whether the call is carried out later than anything is shown.
    #[must_use]
    pub const fn acts_late(&self) -> bool {
        matches!(self.acts, Acts::Late)
    }

    pub(crate) const fn delay(&self) -> Duration {
        self.delay
    }

    pub(crate) const fn is_held(&self) -> bool {
        self.held
    }

    /// What the caller gets to see.
    #[must_use]
    pub const fn shows(&self) -> &Shows {
        &self.shows
    }
}

// === impl Script ===

impl Default for Script {
    fn default() -> Self {
        Self {
            shared: Arc::default(),
            arrived: Arc::new(Semaphore::new(0)),
            released: Arc::new(Semaphore::new(0)),
        }
    }
}

impl Script {
    /// Adds a trouble for the next call of an operation or API that has none yet.
    pub fn add(&self, name: &str, trouble: Trouble) {
        self.with(|shared| shared.troubles.entry(name.to_owned()).or_default().push_back(trouble));
    }

    /// From now on every call that has no trouble of its own has this one; with none all is well again.
    pub fn set_lasting(&self, trouble: Option<Trouble>) {
        self.with(|shared| shared.lasting = trouble);
    }

    /// From now on this decides which calls go wrong that have no trouble of their own; with none, none do.
    pub fn decide(&self, decider: Option<Decider>) {
        self.with(|shared| shared.decider = decider);
    }

    /// Forgets how often was called about an order: its next call is its first again.
    pub fn forget(&self, subject: &str) {
        self.with(|shared| shared.attempts.remove(subject));
    }

    /// How often an operation or API was called.
    #[must_use]
    pub fn count(&self, name: &str) -> Count {
        self.with(|shared| shared.counts.get(name).copied().unwrap_or_default())
    }

    /// Lets so many held calls go.
    pub fn release(&self, calls: usize) {
        self.released.add_permits(calls);
    }

    /// Waits until one more call is held.
    pub async fn wait_for_held(&self) {
        if let Ok(permit) = self.arrived.acquire().await {
            permit.forget();
        }
    }

    /// Counts a call and gives its trouble, if it has one.
    pub(crate) fn next(&self, called: Called<'_>) -> Option<Trouble> {
        let Called { operation, api, subject, lines } = called;
        self.with(|shared| {
            let names = [operation, api];
            let names = names.iter().filter(|name| !name.is_empty());
            for name in names.clone().take(if operation == api { 1 } else { 2 }) {
                let count = shared.counts.entry((*name).to_owned()).or_default();
                count.calls += 1;
                count.lines += lines;
            }
            let own = names.into_iter().find_map(|name| shared.troubles.get_mut(*name)?.pop_front());
            own.or_else(|| shared.lasting.clone()).or_else(|| shared.decided(operation, subject))
        })
    }

    /// Holds a call until it is released.
    pub(crate) async fn hold(&self) {
        self.arrived.add_permits(1);
        if let Ok(permit) = self.released.acquire().await {
            permit.forget();
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Shared) -> T) -> T {
        change(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

// === impl Shared ===

impl Shared {
    /// The trouble that was decided on for the next call of an operation about an order.
    fn decided(&mut self, operation: &str, subject: &str) -> Option<Trouble> {
        let decider = Arc::clone(self.decider.as_ref()?);
        let attempts = self.attempts.entry(subject.to_owned()).or_default();
        let known = attempts.iter().position(|(known, _)| known == operation);
        let attempt = match known.and_then(|place| attempts.get_mut(place)) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                attempts.push((operation.to_owned(), 1));
                1
            }
        };
        decider(&Incident { operation, subject, attempt })
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").field("troubles", &self.troubles).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Called, Count, Script, Shows, Trouble};

    #[test]
    fn troubles_come_in_turn_under_either_name() {
        let script = Script::default();
        script.add("reserve", Trouble::instead(Shows::Html));
        script.add("multiApi", Trouble::instead(Shows::Empty));
        script.add("reserve", Trouble::after_acting(Shows::Dropped));
        let next = |operation, api| script.next(Called { operation, api, lines: 2, ..Called::default() });
        let shown = |operation, api| next(operation, api).map(|trouble| trouble.shows().clone());
        assert_eq!(shown("reserve", "reserveAvailableInventory"), Some(Shows::Html));
        assert_eq!(shown("availability", "multiApi"), Some(Shows::Empty));
        assert_eq!(shown("reserve", "reserveAvailableInventory"), Some(Shows::Dropped));
        assert_eq!(shown("reserve", "reserveAvailableInventory"), None);
        assert_eq!(script.count("reserve"), Count { calls: 3, lines: 6 });
        assert_eq!(script.count("multiApi"), Count { calls: 1, lines: 2 });
        assert_eq!(script.count("transfer"), Count::default());
    }

    #[test]
    fn a_lasting_trouble_stays_until_it_is_ended_and_is_met_after_a_calls_own() {
        let script = Script::default();
        script.set_lasting(Some(Trouble::instead(Shows::Dropped)));
        script.add("reserve", Trouble::instead(Shows::Html));
        let next =
            |operation| script.next(Called { operation, api: "multiApi", lines: 1, ..Called::default() });
        let shown = |operation| next(operation).map(|trouble| trouble.shows().clone());
        assert_eq!(shown("reserve"), Some(Shows::Html));
        assert_eq!(shown("reserve"), Some(Shows::Dropped));
        assert_eq!(shown("transfer"), Some(Shows::Dropped));
        script.set_lasting(None);
        assert_eq!(shown("reserve"), None);
        assert_eq!(script.count("reserve"), Count { calls: 3, lines: 3 });
    }

    #[test]
    fn what_is_decided_depends_on_the_order_and_its_attempts_alone() {
        let script = Script::default();
        script.decide(Some(Arc::new(|incident| {
            (incident.subject == "7" && incident.attempt == 2).then(|| Trouble::instead(Shows::Dropped))
        })));
        let fails = |operation, subject| {
            script.next(Called { operation, subject, lines: 1, ..Called::default() }).is_some()
        };
        let calls =
            [("transfer", "7"), ("transfer", "8"), ("reserve", "7"), ("transfer", "8"), ("transfer", "7")];
        let failed = calls.map(|(operation, subject)| fails(operation, subject));
        assert_eq!(failed, [false, false, false, false, true]);
        assert!(!fails("transfer", "7") && fails("reserve", "7"));
        script.forget("7");
        assert!(!fails("transfer", "7") && fails("transfer", "7"));
    }

    #[test]
    fn what_shows_the_right_answer_is_carried_out() {
        assert!(Trouble::instead(Shows::HalfDocument).acts() && Trouble::instead(Shows::Held).acts());
        assert!(!Trouble::instead(Shows::Dropped).acts() && Trouble::after_acting(Shows::Dropped).acts());
    }
}
