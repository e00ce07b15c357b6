//! What goes wrong, drawn from the dice of the world's seed: on the wire, at the DOM, at the store.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use gateway_simulator::serve::{Decider, Incident, Shows, Trouble};
use gateway_simulator::store::Store;

use crate::net::Sender;
use crate::plan::{Plan, Spoil};

/// The longest that a request is on its way while somebody waits for it.
const LATEST_MS: u64 = 12_000;
/// The longest that a store's call is on its way: what is left of its wait is more than a gateway takes.
const LATEST_CALL_MS: u64 = 5_000;

/// The dice of a world. They are thrown in the order in which things happen, which is the same for the same seed.
#[derive(Debug)]
pub(crate) struct Dice(Mutex<Rng>);

/// A stretch of wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stretch {
    StoreToGateway,
    DomToGateway,
    GatewayToDom,
    GatewayToStore,
}

/// What becomes of one exchange.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fate {
    pub(crate) there: Duration,
    pub(crate) back: Duration,
    pub(crate) end: End,
    /// It arrives once more, so much later.
    pub(crate) again: Option<Duration>,
    /// The caller waits only so long.
    pub(crate) left: Option<Duration>,
}

/// How an exchange ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Well,
    Refused,
    Lost {
        silent: bool,
    },
    Unanswered {
        silent: bool,
    },
    Cut,
    /// A proxy says 429.
    Throttled,
}

// === impl Dice ===

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Rng::with_seed(seed)))
    }

    pub(crate) fn throw<T>(&self, throw: impl FnOnce(&mut Rng) -> T) -> T {
        throw(&mut self.0.lock().unwrap())
    }

    pub(crate) fn percent(&self, percent: u8) -> bool {
        self.throw(|dice| dice.u8(..100) < percent)
    }

    pub(crate) fn millis(&self, range: std::ops::RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.throw(|dice| dice.u64(range)))
    }

    /// The fate of an exchange; without a plan all is well.
    pub(crate) fn fate(&self, plan: Option<&Plan>, (stretch, is_transfer): (Stretch, bool)) -> Fate {
        self.throw(|dice| {
            let mut millis = |most| Duration::from_millis(dice.u64(1..=most));
            let mut fate =
                Fate { there: millis(20), back: millis(20), end: End::Well, again: None, left: None };
            let Some(plan) = plan else { return fate };
            let wire = plan.wire;
            let mut happens = |of_thousand: u16| dice.u16(..1_000) < of_thousand;
            let ends = [
                (happens(wire.refused), End::Refused),
                (happens(wire.lost), End::Lost { silent: happens(300) }),
                (happens(wire.unanswered), End::Unanswered { silent: happens(300) }),
                (happens(wire.cut), End::Cut),
                (stretch == Stretch::GatewayToDom && happens(wire.refused / 2), End::Throttled),
            ];
            fate.end = ends.into_iter().find_map(|(is_so, end)| is_so.then_some(end)).unwrap_or(End::Well);
            let (is_late, is_twice, is_left) = (happens(wire.late), happens(wire.twice), happens(wire.left));
            if is_late {
                let most = if stretch == Stretch::StoreToGateway { LATEST_CALL_MS } else { LATEST_MS };
                fate.there = Duration::from_millis(dice.u64(100..=most));
            }
            // Of a reservation that is made once more after its shopper gave it back, nobody could ever know.
            if is_twice && stretch == Stretch::StoreToGateway && is_transfer {
                fate.again = Some(fate.there + Duration::from_millis(dice.u64(0..=3_000)));
            }
            if is_left && stretch == Stretch::StoreToGateway {
                fate.left = Some(Duration::from_millis(dice.u64(1..=3_000)));
            }
            fate
        })
    }
}

// === impl Stretch ===

impl Stretch {
    pub(crate) fn between(from: &Sender, to: &str) -> Self {
        match (from, to) {
            (Sender::Store, _) => Self::StoreToGateway,
            (Sender::Dom, _) => Self::DomToGateway,
            (Sender::Gateway { .. }, "dom") => Self::GatewayToDom,
            (Sender::Gateway { .. }, _) => Self::GatewayToStore,
        }
    }
}

/// What goes wrong at the DOM itself. `troubles` says whether anything does at present.
pub(crate) fn at_the_dom(
    (plan, spoilt): (&Plan, Option<String>),
    dice: &Arc<Dice>,
    troubles: impl Fn() -> bool + Send + Sync + 'static,
) -> Decider {
    let (plan, dice) = (plan.clone(), Arc::clone(dice));
    Arc::new(move |incident| {
        if let Some(spoil) = plan.spoil
            && spoilt.as_deref() == Some(incident.subject)
        {
            return spoilt_at_the_dom(spoil, incident);
        }
        if !troubles() {
            return None;
        }
        let writes = matches!(incident.operation, "transfer" | "reserve" | "cancel_reservation");
        if !dice.percent(if writes { plan.bad_writes } else { plan.bad_reads }) {
            return None;
        }
        Some(dice.throw(|dice| if dice.bool() { acted(dice) } else { not_acted(dice) }))
    })
}

/// What goes wrong at the store when it is told.
pub(crate) fn at_the_store(
    (plan, spoilt): (&Plan, Option<String>),
    dice: &Arc<Dice>,
    troubles: impl Fn() -> bool + Send + Sync + 'static,
) -> Decider {
    let (plan, dice) = (plan.clone(), Arc::clone(dice));
    Arc::new(move |incident| {
        if plan.spoil == Some(Spoil::Undelivered) && spoilt.as_deref() == Some(incident.subject) {
            return Some(Trouble::instead(Shows::Status(500)));
        }
        if !troubles() || !dice.percent(plan.bad_pushes) {
            return None;
        }
        Some(dice.throw(|dice| if dice.bool() { acted(dice) } else { not_acted(dice) }))
    })
}

fn acted(dice: &mut Rng) -> Trouble {
    Trouble::after_acting(match dice.u8(..9) {
        0 => Shows::HalfDocument,
        1 => Shows::BrokenOff,
        2 => Shows::Html,
        3 => Shows::Empty,
        4 => Shows::Garbage,
        5 => Shows::Status(500),
        6 => Shows::Late(Duration::from_millis(dice.u64(500..=14_000))),
        _ => Shows::Dropped,
    })
}

fn not_acted(dice: &mut Rng) -> Trouble {
    Trouble::instead(match dice.u8(..7) {
        0 => Shows::Html,
        1 => Shows::Empty,
        2 => Shows::Garbage,
        3 => Shows::Status(500),
        4 => Shows::Status(503),
        5 => Shows::Status(429),
        _ => Shows::Dropped,
    })
}

fn spoilt_at_the_dom(spoil: Spoil, incident: &Incident<'_>) -> Option<Trouble> {
    match (spoil, incident.operation) {
        (Spoil::Doubled, "transfer") | (Spoil::Orphan, "reserve") => {
            (incident.attempt == 1).then(|| Trouble::after_acting_twice(Shows::Answer))
        }
        (Spoil::Unresolved, "transfer") => Some(Trouble::instead(Shows::Status(503))),
        _ => None,
    }
}

/// Whether a document of a store hands an order over.
pub(crate) fn is_transfer(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| text.contains("Transfer"))
}

/// What a document is about, for the journal: an operation and an order.
pub(crate) fn label(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let api = form_urlencoded::parse(body).find(|(name, _)| name == "InteropApiName");
    let operation = match api {
        Some((_, api)) => api.into_owned(),
        None => {
            let marks = [
                "ReserveInventory",
                "CancelInventoryReservation",
                "CheckInventory",
                "DecrementCache",
                "TransferOrder",
                "Transfer",
                "SyncOrder",
                "GetInventoryAvailability",
                "GetOrder",
            ];
            let found = marks.into_iter().find(|mark| text.contains(mark));
            let root = || text.split(['<', ' ', '>', '\n']).find(|word| word.starts_with(char::is_uppercase));
            found.or_else(root).unwrap_or("?").to_owned()
        }
    };
    match order_in(&text) {
        Some(order) => format!("{operation} {order}"),
        None => operation,
    }
}

/// The first number in a text that may be an order of the store.
fn order_in(text: &str) -> Option<u64> {
    let numbers =
        text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    numbers.into_iter().find(|number| (Store::FIRST_ORDER..Store::FIRST_ORDER + 100_000).contains(number))
}
