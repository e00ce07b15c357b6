//! Which of the DOM's supplies belong to which asked line.

use std::collections::HashMap;

use gateway_model::Record;

use super::PHYSICAL;
use crate::values::is_true;
use crate::views::Views;

/// The supplies of one answer, found by place in the answer, by line id, or by item.
#[derive(Debug)]
pub(super) struct Supplies<'s, 'a> {
    online: &'s [Record<'a>],
    /// Online supplies say which item they are of, so that their order need not matter.
    named: bool,
    /// They are the answers of one call for every asked line, in the order of the lines.
    by_call: bool,
    by_line: HashMap<&'s str, Vec<&'s Record<'a>>>,
    by_item: HashMap<&'s str, Vec<&'s Record<'a>>>,
}

impl<'s, 'a> Supplies<'s, 'a> {
    pub(super) fn new(
        views: &Views,
        asked: &[Record<'a>],
        (online, physical): (&'s [Record<'a>], &'s [Record<'a>]),
    ) -> Self {
        let view = &views.availability;
        let named = online.iter().any(|supply| {
            [view.item, view.item_id, view.location].iter().any(|field| supply.text(*field).is_some())
        });
        let of_its_line = |(supply, line): (&Record<'a>, &Record<'a>)| {
            may_be_item_of(views, supply, line)
                && (line.text(view.location_kind) != Some(PHYSICAL) || may_be_place_of(views, supply, line))
        };
        let by_call = named && online.len() == asked.len() && online.iter().zip(asked).all(of_its_line);
        let mut found = Self { online, named, by_call, by_line: HashMap::new(), by_item: HashMap::new() };
        for supply in physical {
            if let Some(line) = supply.text(view.line) {
                found.by_line.entry(line).or_default().push(supply);
            }
        }
        for supply in physical.iter().chain(if named { online } else { &[] }) {
            for item in [supply.text(view.item), supply.text(view.item_id)].into_iter().flatten() {
                found.by_item.entry(item).or_default().push(supply);
            }
        }
        found
    }

    /// The supplies of an online line, the n-th of them and the m-th of all lines, both counted from 0.
    pub(super) fn online_line(
        &self,
        views: &Views,
        line: &Record<'a>,
        (online, place): (usize, usize),
    ) -> Vec<&'s Record<'a>> {
        match (self.named, self.by_call) {
            (false, _) => self.online.get(online).into_iter().collect(),
            (true, true) => self.online.get(place).into_iter().collect(),
            (true, false) => self.by_identity(views, line, is_online_supply),
        }
    }

    /// The supplies of a physical line, the m-th of all lines, counted from 0.
    ///
    /// A supply that names another item or place is not the line's, whatever its line id.
    pub(super) fn physical_line(
        &self,
        views: &Views,
        line: &Record<'a>,
        place: usize,
    ) -> Vec<&'s Record<'a>> {
        if self.by_call {
            return self.online.get(place).into_iter().collect();
        }
        let fits = |supply: &&Record<'a>| {
            may_be_item_of(views, supply, line) && may_be_place_of(views, supply, line)
        };
        let own = line.text(views.availability.line).and_then(|id| self.by_line.get(id));
        let own: Vec<_> = own.into_iter().flatten().copied().filter(fits).collect();
        if own.is_empty() { self.by_identity(views, line, |_, _| false) } else { own }
    }

    /// The supplies of the line's item and unit that are at its location, or that `stands_in` accepts for it.
    fn by_identity(
        &self,
        views: &Views,
        line: &Record<'a>,
        stands_in: impl Fn(&Views, &Record<'a>) -> bool,
    ) -> Vec<&'s Record<'a>> {
        let view = &views.availability;
        let item = line.text(view.item).or_else(|| line.text(view.item_id));
        let candidates = item.and_then(|item| self.by_item.get(item)).map(Vec::as_slice).unwrap_or_default();
        let fits = |supply: &&Record<'a>| {
            is_unit_of(views, supply, line) && (is_place_of(views, supply, line) || stands_in(views, supply))
        };
        candidates.iter().copied().filter(|supply| fits(supply)).collect()
    }
}

/// Whether a supply may be of the line's item: it names no other.
fn may_be_item_of(views: &Views, supply: &Record<'_>, line: &Record<'_>) -> bool {
    let view = &views.availability;
    are_not_others(supply.text(view.item), line.text(view.item))
}

/// Whether a supply may be of the line's place: it names no other.
fn may_be_place_of(views: &Views, supply: &Record<'_>, line: &Record<'_>) -> bool {
    let view = &views.availability;
    are_not_others(supply.text(view.location), line.text(view.location))
}

fn are_not_others(one: Option<&str>, other: Option<&str>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// A supply without unit is taken to be in the unit that was asked.
fn is_unit_of(views: &Views, supply: &Record<'_>, line: &Record<'_>) -> bool {
    let unit = supply.text(views.availability.unit);
    unit.is_none() || unit == line.text(views.availability.unit)
}

fn is_place_of(views: &Views, supply: &Record<'_>, line: &Record<'_>) -> bool {
    let view = &views.availability;
    let place = supply.text(view.location).or_else(|| supply.text(view.node));
    place.is_some() && [view.location, view.location_id].iter().any(|field| line.text(*field) == place)
}

/// The figure of the default distribution group, or of no place in particular, is that of the online store.
fn is_online_supply(views: &Views, supply: &Record<'_>) -> bool {
    let view = &views.availability;
    let nowhere = [view.location, view.node].iter().all(|field| supply.text(*field).is_none());
    nowhere || is_true(supply, view.default_group)
}
