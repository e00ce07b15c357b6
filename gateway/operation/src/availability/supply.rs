//! Which of the DOM's supplies belong to which asked line.

use std::collections::HashMap;

use gateway_model::Record;

use crate::values::is_true;
use crate::views::Views;

/// The supplies of one answer, found by place in the answer, by line id, or by item.
#[derive(Debug)]
pub(super) struct Supplies<'s, 'a> {
    online: &'s [Record<'a>],
    /// Online supplies say which item they are of, so that their order does not matter.
    named: bool,
    by_line: HashMap<&'s str, Vec<&'s Record<'a>>>,
    by_item: HashMap<&'s str, Vec<&'s Record<'a>>>,
}

impl<'s, 'a> Supplies<'s, 'a> {
    pub(super) fn new(views: &Views, online: &'s [Record<'a>], physical: &'s [Record<'a>]) -> Self {
        let view = &views.availability;
        let named = online.iter().any(|supply| {
            [view.item, view.item_id, view.location].iter().any(|field| supply.text(*field).is_some())
        });
        let mut found = Self { online, named, by_line: HashMap::new(), by_item: HashMap::new() };
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

    /// The supplies of the n-th online line, counted from 0.
    pub(super) fn online_line(&self, views: &Views, line: &Record<'a>, index: usize) -> Vec<&'s Record<'a>> {
        if self.named {
            return self.by_identity(views, line, is_online_supply);
        }
        self.online.get(index).into_iter().collect()
    }

    /// The supplies of a physical line.
    pub(super) fn physical_line(&self, views: &Views, line: &Record<'a>) -> Vec<&'s Record<'a>> {
        let own = line.text(views.availability.line).and_then(|id| self.by_line.get(id));
        match own {
            Some(supplies) => supplies.clone(),
            None => self.by_identity(views, line, |_, _| false),
        }
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
