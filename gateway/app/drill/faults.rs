//! Which call goes wrong, and how: by the seed, the order and the attempt.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use gateway_simulator::RepeatedOrder;
use gateway_simulator::serve::{Decider, Incident, Mishap, Mishaps, Shows, Trouble};
use gateway_transport::sender::Address;

use crate::drill::chance::Chance;
use crate::drill::plan::{Plan, Spoil};

/// Of a hundred writes that are not ambiguous, so many meet a DOM with too much to do.
const OVERLOADED_PERCENT: u8 = 3;
/// Of a hundred reads, so many fail: looking whether an order is there fails as well.
const READ_PERCENT: u8 = 5;
/// Of a hundred pushes, so many go wrong at the store.
const PUSH_PERCENT: u8 = 5;
/// Of so many ambiguous answers that the DOM acted on, one comes late: it takes that long for everybody.
const LATE_OF: u8 = 20;
/// Longer than the gateway waits for one answer.
pub(super) const LATE: Duration = Duration::from_millis(900);

/// Of a hundred orders, the DOM takes its time for so many, and the store's transport has less patience.
const IMPATIENT_PERCENT: u8 = 3;
/// How long the DOM takes then: less than the gateway waits for one answer.
pub(super) const SLOW: Duration = Duration::from_millis(300);
/// How long the store's transport waits then, before it sends the call once more.
const PATIENCE: Duration = Duration::from_millis(80);

/// Cancellations that a gateway sends before it reserves (`release_first = "always"`).
const BEFORE_RESERVING: u32 = 2;

/// What was decided to go wrong, in the order it was met; nothing is kept unless it was asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Listed(Option<Arc<Mutex<Vec<String>>>>);

/// What befalls the store's calls on their way. `nowhere` is an address without a gateway.
pub(super) fn on_the_way(plan: &Plan, spoilt: Option<String>, nowhere: Address) -> Mishaps {
    let (plan, chance) = (plan.clone(), Chance::new(plan.seed));
    Arc::new(move |incident| {
        if incident.attempt > 1 {
            return None;
        }
        if plan.spoil.is_some() && spoilt.as_deref() == Some(incident.subject) {
            let is_astray = plan.spoil == Some(Spoil::Unanswered) && incident.operation == "transfer";
            return is_astray.then(|| Mishap::Astray(nowhere.clone()));
        }
        // Two gateways at work for one order at the same time: only the DOM can settle that. This one adds a second
        // reservation to the first, so what a gateway owes of its own dies with it unseen by the other.
        let is_settled = plan.repeated_order == RepeatedOrder::Refused && incident.operation == "transfer";
        let to_another = is_settled && chance.dice("another", incident.subject, key(incident)).bool();
        is_impatient(&plan, chance, incident).then_some(Mishap::SentAgain { after: PATIENCE, to_another })
    })
}

/// Whether the store's transport has less patience than the DOM needs for the first call of an operation about an order.
fn is_impatient(plan: &Plan, chance: Chance, incident: &Incident<'_>) -> bool {
    let first = Incident { attempt: 1, ..*incident };
    ["reserve", "transfer"].contains(&incident.operation)
        && plan.has_faults()
        && chance.percent(IMPATIENT_PERCENT, decided("impatient", &first))
}

/// What goes wrong at the DOM.
pub(super) fn at_the_dom(plan: &Plan, spoilt: Option<String>) -> Decider {
    let (plan, chance) = (plan.clone(), Chance::new(plan.seed));
    Arc::new(move |incident| {
        if let Some(spoil) = plan.spoil
            && spoilt.as_deref() == Some(incident.subject)
        {
            return spoilt_at_the_dom(spoil, incident);
        }
        match incident.operation {
            "transfer" | "reserve" | "cancel_reservation" => written(&plan, chance, incident),
            _ => read(&plan, chance, incident),
        }
    })
}

/// What goes wrong at the store when it is told.
pub(super) fn at_the_store(plan: &Plan, spoilt: Option<String>) -> Decider {
    let (plan, chance) = (plan.clone(), Chance::new(plan.seed));
    Arc::new(move |incident| {
        if plan.spoil.is_some() && spoilt.as_deref() == Some(incident.subject) {
            let never = plan.spoil == Some(Spoil::Undelivered);
            return never.then(|| Trouble::instead(Shows::Status(500)));
        }
        let what = decided("push", incident);
        if !plan.has_faults() || !chance.percent(PUSH_PERCENT, what) {
            return None;
        }
        let mut dice = dice(chance, "push trouble", incident);
        Some(match dice.u8(..5) {
            0 => Trouble::after_acting(Shows::Dropped),
            1 => Trouble::after_acting(Shows::HalfDocument),
            2 => Trouble::instead(Shows::Status(500)),
            3 => Trouble::instead(Shows::Status(503)),
            _ => Trouble::instead(Shows::Dropped),
        })
    })
}

/// A write: now and then nobody can tell from the answer whether it was carried out, and in half of these cases it was.
fn written(plan: &Plan, chance: Chance, incident: &Incident<'_>) -> Option<Trouble> {
    if incident.attempt == 1 && is_impatient(plan, chance, incident) {
        // A second call that overtakes the first makes a second order, unless the DOM refuses it: nothing between two
        // gateways and such a DOM could help.
        let may_be_overtaken =
            plan.repeated_order == RepeatedOrder::Refused && incident.operation == "transfer";
        let acts_late = may_be_overtaken && dice(chance, "acts late", incident).bool();
        return Some(if acts_late {
            Trouble::after_acting(Shows::Answer).delayed(SLOW)
        } else {
            Trouble::after_acting(Shows::Late(SLOW))
        });
    }
    if chance.percent(plan.ambiguous_percent, decided("write", incident)) {
        let mut dice = dice(chance, "trouble", incident);
        return Some(if dice.bool() { acted(&mut dice) } else { not_acted(&mut dice) });
    }
    let overloaded = plan.has_faults() && chance.percent(OVERLOADED_PERCENT, decided("load", incident));
    overloaded.then(|| Trouble::instead(Shows::Status(503)))
}

fn read(plan: &Plan, chance: Chance, incident: &Incident<'_>) -> Option<Trouble> {
    if !plan.has_faults() || !chance.percent(READ_PERCENT, decided("read", incident)) {
        return None;
    }
    let mut dice = dice(chance, "trouble", incident);
    Some(if dice.bool() { Trouble::after_acting(Shows::HalfDocument) } else { not_acted(&mut dice) })
}

fn acted(dice: &mut Rng) -> Trouble {
    if dice.u8(..LATE_OF) == 0 {
        return Trouble::after_acting(Shows::Late(LATE));
    }
    Trouble::after_acting(match dice.u8(..7) {
        0 => Shows::HalfDocument,
        1 => Shows::BrokenOff,
        2 => Shows::Html,
        3 => Shows::Empty,
        4 => Shows::Garbage,
        5 => Shows::Status(500),
        _ => Shows::Dropped,
    })
}

fn not_acted(dice: &mut Rng) -> Trouble {
    Trouble::instead(match dice.u8(..5) {
        0 => Shows::Html,
        1 => Shows::Empty,
        2 => Shows::Garbage,
        3 => Shows::Status(500),
        _ => Shows::Dropped,
    })
}

/// The order that is spoilt has no other troubles, so that it alone decides what is found.
fn spoilt_at_the_dom(spoil: Spoil, incident: &Incident<'_>) -> Option<Trouble> {
    let twice = || Trouble::after_acting_twice(Shows::Answer);
    match (spoil, incident.operation) {
        (Spoil::Doubled, "transfer") | (Spoil::Orphan, "reserve") => (incident.attempt == 1).then(twice),
        (Spoil::Unresolved, "transfer") => Some(Trouble::instead(Shows::Status(503))),
        (Spoil::Kept, "cancel_reservation") if incident.attempt > BEFORE_RESERVING => {
            Some(Trouble::instead(Shows::Status(503)))
        }
        _ => None,
    }
}

// === impl Listed ===

impl Listed {
    pub(super) fn new(plan: &Plan) -> Self {
        Self(plan.list_faults.then(Arc::default))
    }

    /// The same decisions, each listed when it is met.
    pub(super) fn listing(&self, decider: Decider) -> Decider {
        let Some(list) = self.0.clone() else { return decider };
        Arc::new(move |incident| {
            let trouble = decider(incident);
            if let Some(trouble) = &trouble {
                let Incident { operation, subject, attempt } = incident;
                let line = format!("{subject} {operation} {attempt} {trouble:?}");
                list.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
            trouble
        })
    }

    /// What was met, sorted by order, operation and attempt.
    pub(super) fn take(&self) -> Vec<String> {
        let list = self.0.as_ref().map(|list| list.lock().unwrap_or_else(PoisonError::into_inner));
        let mut lines = list.map(|mut list| std::mem::take(&mut *list)).unwrap_or_default();
        lines.sort_unstable();
        lines
    }
}

fn decided<'i>(about: &'i str, incident: &Incident<'i>) -> (&'i str, &'i str, u32) {
    (about, incident.subject, key(incident))
}

fn dice(chance: Chance, about: &str, incident: &Incident<'_>) -> Rng {
    chance.dice(about, incident.subject, key(incident))
}

/// One number for operation and attempt, so that what befalls one operation says nothing of another.
fn key(incident: &Incident<'_>) -> u32 {
    let operation = match incident.operation {
        "reserve" => 1,
        "cancel_reservation" => 2,
        "transfer" => 3,
        "details" => 4,
        "history" => 5,
        "order_created" => 6,
        "order_sync" => 7,
        _ => 0,
    };
    incident.attempt.saturating_mul(8).saturating_add(operation)
}

#[cfg(test)]
mod tests {
    use gateway_simulator::serve::{Incident, Shows, Trouble};

    use super::{SLOW, at_the_dom, at_the_store};
    use crate::drill::plan::{Plan, Spoil};

    fn decided(plan: &Plan) -> Vec<Option<Trouble>> {
        let decider = at_the_dom(plan, None);
        let orders = (0..5_000).map(|order: u32| order.to_string());
        orders
            .map(|order| decider(&Incident { operation: "transfer", subject: &order, attempt: 1 }))
            .collect()
    }

    #[test]
    fn one_write_in_ten_is_ambiguous_and_half_of_these_were_carried_out() {
        let all = decided(&Plan::new(5_000, 3));
        // Of these the answer is clear: the DOM has too much to do, or only takes its time.
        let clear = [Trouble::instead(Shows::Status(503)), Trouble::after_acting(Shows::Late(SLOW))];
        let ambiguous: Vec<_> =
            all.into_iter().flatten().filter(|trouble| !clear.contains(trouble)).collect();
        let acted = ambiguous.iter().filter(|trouble| trouble.acts()).count();
        assert!((400..600).contains(&ambiguous.len()), "{}", ambiguous.len());
        assert!((200..300).contains(&acted), "{acted}");
    }

    #[test]
    fn the_same_seed_has_the_same_troubles() {
        assert_eq!(decided(&Plan::new(5_000, 3)), decided(&Plan::new(9, 3)));
        assert_ne!(decided(&Plan::new(5_000, 3)), decided(&Plan::new(5_000, 4)));
    }

    #[test]
    fn without_troubles_there_are_none() {
        assert!(decided(&Plan::new(5_000, 3).without_troubles()).iter().all(Option::is_none));
    }

    #[test]
    fn the_spoilt_order_has_the_one_trouble_that_spoils_it() {
        let plan = |spoil| Plan { spoil: Some(spoil), ..Plan::new(9, 3) };
        let spoilt = || Some("7".to_owned());
        let first = |operation| Incident { operation, subject: "7", attempt: 1 };
        let doubled = at_the_dom(&plan(Spoil::Doubled), spoilt());
        assert_eq!(doubled(&first("transfer")), Some(Trouble::after_acting_twice(Shows::Answer)));
        assert_eq!(doubled(&Incident { attempt: 2, ..first("transfer") }), None);
        assert_eq!(doubled(&first("reserve")), None);
        let undelivered = at_the_store(&plan(Spoil::Undelivered), spoilt());
        assert_eq!(undelivered(&first("order_sync")), Some(Trouble::instead(Shows::Status(500))));
    }
}
