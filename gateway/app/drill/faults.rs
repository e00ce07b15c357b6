//! Which call goes wrong, and how: by the seed, the order and the attempt.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use gateway_simulator::serve::{Decider, Incident, Shows, Trouble};

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
        _ => None,
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

    use super::{at_the_dom, at_the_store};
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
        let overloaded = Trouble::instead(Shows::Status(503));
        let ambiguous: Vec<_> = all.into_iter().flatten().filter(|trouble| *trouble != overloaded).collect();
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
