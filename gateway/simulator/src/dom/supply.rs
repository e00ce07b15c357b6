//! What can be promised of an item from a set of nodes, day by day; a kit is as available as its scarcest part.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::stock::{Place, Source, Stock};
use crate::scenario::{Item, Part};

/// Quantities by the supply they come from, in order of preference; all positive.
pub(crate) type Timeline = Vec<(Source, Decimal)>;

/// What can be promised of an item from these nodes.
pub(crate) fn timeline(stock: &Stock, item: &Item, nodes: &[String]) -> Timeline {
    if item.parts.is_empty() {
        of_stock(stock, &item.number, &item.unit, nodes)
    } else {
        of_kit(stock, &item.parts, &item.unit, nodes)
    }
}

/// What there is today.
pub(crate) fn on_hand(timeline: &Timeline, today: Date) -> Decimal {
    timeline.iter().filter(|(source, _)| source.day(today) <= today).map(|(_, quantity)| *quantity).sum()
}

/// The first day on which more comes, and how much comes in all; `None` if nothing ever does.
pub(crate) fn future(timeline: &Timeline, today: Date) -> Option<(Date, Decimal)> {
    let coming = || timeline.iter().filter(|(source, _)| source.day(today) > today);
    let first = coming().map(|(source, _)| source.day(today)).min()?;
    Some((first, coming().map(|(_, quantity)| *quantity).sum()))
}

/// The sum of a timeline.
pub(crate) fn total(timeline: &Timeline) -> Decimal {
    timeline.iter().map(|(_, quantity)| *quantity).sum()
}

/// The first `quantity` of a timeline.
pub(crate) fn first(timeline: &Timeline, quantity: Decimal) -> Timeline {
    let mut missing = quantity;
    let mut taken = Timeline::new();
    for (source, free) in timeline {
        let part = (*free).min(missing);
        if part > Decimal::ZERO {
            missing -= part;
            taken.push((*source, part));
        }
    }
    taken
}

fn of_stock(stock: &Stock, item: &str, unit: &str, nodes: &[String]) -> Timeline {
    let mut timeline = Timeline::new();
    for node in nodes {
        let place = Place { item: item.to_owned(), unit: unit.to_owned(), node: node.clone() };
        for (source, quantity) in stock.free(&place) {
            match timeline.iter_mut().find(|(known, _)| *known == source) {
                Some((_, sum)) => *sum += quantity,
                None => timeline.push((source, quantity)),
            }
        }
    }
    timeline.sort_by_key(|(source, _)| *source);
    timeline
}

fn of_kit(stock: &Stock, parts: &[Part], unit: &str, nodes: &[String]) -> Timeline {
    let parts: Vec<(Decimal, Timeline)> =
        parts.iter().map(|part| (part.quantity, of_stock(stock, &part.item, unit, nodes))).collect();
    let sources: BTreeSet<Source> =
        parts.iter().flat_map(|(_, timeline)| timeline.iter().map(|(source, _)| *source)).collect();
    let mut made = Decimal::ZERO;
    let mut timeline = Timeline::new();
    for source in sources {
        let possible = parts.iter().map(|(per_kit, timeline)| kits(*per_kit, timeline, source)).min();
        let more = possible.unwrap_or_default() - made;
        if more > Decimal::ZERO {
            made += more;
            timeline.push((source, more));
        }
    }
    timeline
}

/// How many kits one part suffices for, with all that has come by `source`.
fn kits(per_kit: Decimal, timeline: &Timeline, source: Source) -> Decimal {
    let come: Decimal = timeline.iter().filter(|(known, _)| *known <= source).map(|(_, part)| *part).sum();
    come.checked_div(per_kit).unwrap_or_default().floor()
}
