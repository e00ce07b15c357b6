//! Who takes what: from a name to the items that may take an element.

use std::collections::{BTreeSet, HashMap};

use gateway_model::FieldId;

use super::shortcuts::element_leaf;
use crate::program::{
    Direction, Element, Frame, Item, Matcher, Path, Pattern, Select, StartPiece, Takers, Text,
};

pub(super) fn matcher(items: &[Item]) -> Matcher {
    let mut claims: Vec<usize> = (0..items.len()).collect();
    claims.sort_by_key(|index| std::cmp::Reverse(items.get(*index).map_or(0, particular)));
    let mut order: Vec<(gateway_wire::Symbol, Vec<usize>)> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Item::Element(element) = item else { continue };
        if element.direction == Direction::Write {
            continue;
        }
        for symbol in std::iter::once(element.symbol).chain(element.also.iter().copied()) {
            match order.iter_mut().find(|(known, _)| *known == symbol) {
                Some((_, takers)) => takers.push(index),
                None => order.push((symbol, vec![index])),
            }
        }
    }
    for (_, takers) in &mut order {
        takers.sort_by_key(|index| claims.iter().position(|claim| claim == index));
        takers.dedup();
    }
    Matcher {
        symbols: order.iter().map(|(symbol, _)| *symbol).collect(),
        takers: order.into_iter().map(|(_, takers)| self::takers(items, &takers)).collect(),
        plain: items.iter().all(|item| matches!(item, Item::Element(_))),
        contested: contested(items),
        demands: items.iter().any(|item| match item {
            Item::Element(element) => element.demand.is_some(),
            Item::Group(group) => group.demand.is_some(),
            Item::Choose(_) => false,
        }),
        claims: claims.into(),
    }
}

/// How many constants select an item's elements.
fn particular(item: &Item) -> usize {
    match item {
        Item::Element(element) => element.select.len(),
        Item::Group(group) => group.content.items.iter().map(particular).max().unwrap_or_default(),
        Item::Choose(choose) => choose.alternatives.iter().map(particular).max().unwrap_or_default(),
    }
}

// A field as seen from around an item: so many scopes outwards, along these fields.
type Field = (u16, Vec<FieldId>);

/// Which items may read the same field as another.
fn contested(items: &[Item]) -> Box<[bool]> {
    let mut owners: HashMap<Field, BTreeSet<usize>> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        let mut fields = Vec::new();
        item_fields(item, &mut fields);
        for field in fields {
            owners.entry(field).or_default().insert(index);
        }
    }
    let shared: BTreeSet<usize> = owners.into_values().filter(|owners| owners.len() > 1).flatten().collect();
    (0..items.len()).map(|index| shared.contains(&index)).collect()
}

fn item_fields(item: &Item, fields: &mut Vec<Field>) {
    match item {
        Item::Element(element) if element.direction == Direction::Write => {}
        Item::Element(element) => {
            framed_fields(&element.frame, fields, |inner| element_fields(element, inner))
        }
        Item::Group(group) if group.direction == Direction::Write => {}
        Item::Group(group) => framed_fields(&group.frame, fields, |inner| {
            group.content.items.iter().for_each(|item| item_fields(item, inner));
        }),
        Item::Choose(choose) => choose.alternatives.iter().for_each(|item| item_fields(item, fields)),
    }
}

fn element_fields(element: &Element, fields: &mut Vec<Field>) {
    let mut pattern = |pattern: &Pattern| {
        fields.extend(pattern.reads.iter().flatten().map(|target| field(&target.path)));
    };
    for piece in &element.start {
        if let StartPiece::Attribute { pattern: found, .. } = piece {
            pattern(found);
        }
    }
    if let Some(Text::Pattern(found)) = element.text.as_deref() {
        pattern(found);
    }
    element.also_read.iter().for_each(|reread| pattern(&reread.pattern));
    if let Some(Text::Expression(inner)) = element.text.as_deref() {
        framed_fields(&inner.frame, fields, |fields| element_fields(inner, fields));
    }
    element.content.items.iter().for_each(|item| item_fields(item, fields));
}

fn framed_fields(frame: &Frame, fields: &mut Vec<Field>, inside: impl FnOnce(&mut Vec<Field>)) {
    let mut inner = Vec::new();
    inside(&mut inner);
    inner.extend(frame.settings.iter().map(|setting| field(&setting.path)));
    if frame.each.is_some() {
        inner.retain(|(outwards, _)| *outwards > 0);
        inner.iter_mut().for_each(|(outwards, _)| *outwards -= 1);
    }
    fields.extend(inner);
}

fn field(path: &Path) -> Field {
    let fields = path.steps.iter().map(|step| step.field).chain(std::iter::once(path.field)).collect();
    (path.depth, fields)
}

/// Many elements of one name are mostly told apart by one attribute (`UserDataField[@name]`): then its value leads to
/// those that may take an element, without trying all.
fn takers(items: &[Item], takers: &[usize]) -> Takers {
    if let [only] = takers {
        let leaf = match items.get(*only) {
            Some(Item::Element(element)) => element_leaf(element),
            _ => None,
        };
        return leaf.map_or(Takers::One(*only), |leaf| Takers::Leaf(*only, leaf));
    }
    let key = |index: usize| match items.get(index) {
        Some(Item::Element(element)) => element.select.iter().find_map(|select| match select {
            Select::Attribute(symbol, value) => Some((*symbol, value.clone())),
            _ => None,
        }),
        _ => None,
    };
    let Some((attribute, _)) = takers.iter().find_map(|index| key(*index)) else {
        return Takers::Several(takers.into());
    };
    let value = |index: usize| key(index).filter(|(symbol, _)| *symbol == attribute).map(|(_, value)| value);
    let values: BTreeSet<Box<str>> = takers.iter().filter_map(|index| value(*index)).collect();
    let able = |wanted: Option<&str>| -> Box<[usize]> {
        let fits = |index: &&usize| value(**index).is_none_or(|value| Some(&*value) == wanted);
        takers.iter().filter(fits).copied().collect()
    };
    let keys = values.into_iter().map(|value| (value.clone(), able(Some(&value)))).collect();
    Takers::Keyed { attribute, keys, others: able(None) }
}
