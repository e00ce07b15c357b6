//! The last pass over a compiled template, from the leaves up: what varies, what must be there, who takes what.

use std::collections::{BTreeSet, HashMap};

use gateway_model::FieldId;

use crate::program::{
    Content, Demand, Direction, Element, Frame, Group, Item, Matcher, Path, Pattern, PatternPiece, Select,
    StartPiece, Takers, Target, Text,
};

/// Settles an element and everything below it.
pub(super) fn finish(element: &mut Element) {
    finish_content(&mut element.content);
    if let Some(Text::Expression(inner)) = element.text.as_deref_mut() {
        finish(inner);
    }
    fold(element);
    element.reads_attributes = element
        .start
        .iter()
        .any(|piece| matches!(piece, StartPiece::Attribute { pattern, .. } if reads(pattern)));
    element.varies = element
        .start
        .iter()
        .any(|piece| matches!(piece, StartPiece::Attribute { pattern, .. } if varies(pattern)))
        || match element.text.as_deref() {
            Some(Text::Pattern(pattern)) => varies(pattern),
            Some(Text::Expression(inner)) => inner.varies,
            Some(Text::Constant(_)) | None => false,
        }
        || element.content.items.iter().any(item_varies);
    element.constant = constant(element);
    element.demand = demand(element).map(Box::new);
    element.demands = element.required.is_some() || requires(element);
}

fn finish_content(content: &mut Content) {
    for item in &mut content.items {
        finish_item(item);
    }
    content.matcher = Box::new(matcher(&content.items));
}

fn finish_item(item: &mut Item) {
    match item {
        Item::Element(element) => finish(element),
        Item::Group(group) => {
            finish_content(&mut group.content);
            group.demand = group_demand(group).map(Box::new);
        }
        Item::Choose(choose) => choose.alternatives.iter_mut().for_each(finish_item),
    }
}

/// Puts neighbouring constants of a start tag together.
fn fold(element: &mut Element) {
    let mut folded: Vec<StartPiece> = Vec::new();
    for piece in std::mem::take(&mut element.start) {
        match (folded.last_mut(), piece.bytes()) {
            (_, Some([])) => {}
            (Some(StartPiece::Bytes(last)), Some(bytes)) => *last = [last.as_ref(), bytes].concat().into(),
            _ => folded.push(piece),
        }
    }
    element.start = folded.into();
}

fn varies(pattern: &Pattern) -> bool {
    pattern.pieces.iter().any(|piece| matches!(piece, PatternPiece::Hole(hole) if !hole.literal))
}

fn reads(pattern: &Pattern) -> bool {
    pattern.reads.iter().any(Option::is_some)
}

fn item_varies(item: &Item) -> bool {
    match item {
        Item::Element(element) => {
            element.direction != Direction::Read && (element.varies || decides(&element.frame))
        }
        Item::Group(group) => {
            group.direction != Direction::Read
                && (decides(&group.frame) || group.content.items.iter().any(item_varies))
        }
        Item::Choose(_) => true,
    }
}

/// Whether the record decides if something is written at all.
fn decides(frame: &Frame) -> bool {
    frame.each.is_some() || frame.when.is_some()
}

fn is_plain(frame: &Frame) -> bool {
    !decides(frame) && frame.with.is_none()
}

/// All of an element as bytes, if it is always written the same way. One that is kept brings those around it into being,
/// which bytes cannot.
fn constant(element: &Element) -> Option<Box<[u8]>> {
    let same = !element.varies
        && !element.keep
        && is_plain(&element.frame)
        && element.direction != Direction::Read
        && element.required.is_none();
    if !same {
        return None;
    }
    let mut bytes = Vec::new();
    for piece in &element.start {
        bytes.extend_from_slice(piece.bytes()?);
    }
    let mut inner = Vec::new();
    match element.text.as_deref() {
        Some(Text::Constant(text)) => inner.extend_from_slice(text),
        Some(Text::Pattern(_) | Text::Expression(_)) => return None,
        None => {}
    }
    for item in &element.content.items {
        match item {
            Item::Element(child) if child.direction == Direction::Read => {}
            Item::Element(child) => inner.extend_from_slice(child.constant.as_deref()?),
            Item::Group(_) | Item::Choose(_) => return None,
        }
    }
    if inner.is_empty() {
        bytes.extend_from_slice(b"/>");
    } else {
        bytes.push(b'>');
        bytes.extend_from_slice(&inner);
        bytes.extend_from_slice(&element.end);
    }
    Some(bytes.into())
}

/// Whether a hole of the element's own asks for a value.
fn requires(element: &Element) -> bool {
    let attributes = element.start.iter().filter_map(|piece| match piece {
        StartPiece::Attribute { pattern, .. } => Some(pattern),
        StartPiece::Bytes(_) => None,
    });
    let text = match element.text.as_deref() {
        Some(Text::Pattern(pattern)) => Some(pattern),
        _ => None,
    };
    let mut targets = attributes.chain(text).flat_map(|pattern| pattern.reads.iter().flatten());
    targets.any(|target| target.notes.required.is_some())
}

/// The first value that must be there whenever the surrounding element is.
fn demand(element: &Element) -> Option<Demand> {
    if element.direction == Direction::Write {
        return None;
    }
    let own = element.required.as_ref().map(|why| {
        let path = match element.text.as_deref() {
            Some(Text::Pattern(pattern)) if element.frame.with.is_none() && element.frame.each.is_none() => {
                pattern.reads.iter().flatten().next().map(|target| target.path.clone())
            }
            _ => None,
        };
        Demand { spot: (*element.spot).clone(), why: why.clone(), path }
    });
    if own.is_some() || !is_plain(&element.frame) {
        return own;
    }
    let attributes = element.start.iter().filter_map(|piece| match piece {
        StartPiece::Attribute { pattern, .. } => Some(pattern),
        StartPiece::Bytes(_) => None,
    });
    let text = match element.text.as_deref() {
        Some(Text::Pattern(pattern)) => Some(pattern),
        _ => None,
    };
    let holes = attributes.chain(text).flat_map(|pattern| pattern.reads.iter().flatten()).find_map(of_target);
    let below = match element.text.as_deref() {
        Some(Text::Expression(inner)) => inner.demand.as_deref().cloned(),
        _ => None,
    };
    holes.or(below).or_else(|| first_demand(&element.content))
}

fn of_target(target: &Target) -> Option<Demand> {
    let why = target.notes.required.clone()?;
    Some(Demand { spot: target.notes.spot.clone(), why, path: Some(target.path.clone()) })
}

fn group_demand(group: &Group) -> Option<Demand> {
    if group.direction == Direction::Write {
        return None;
    }
    match &group.required {
        Some(why) => Some(Demand { spot: group.spot.clone(), why: why.clone(), path: None }),
        None if is_plain(&group.frame) => first_demand(&group.content),
        None => None,
    }
}

fn first_demand(content: &Content) -> Option<Demand> {
    content.items.iter().find_map(|item| match item {
        Item::Element(element) => element.demand.as_deref().cloned(),
        Item::Group(group) => group.demand.as_deref().cloned(),
        Item::Choose(_) => None,
    })
}

fn matcher(items: &[Item]) -> Matcher {
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
        in_order: overlaps(items),
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

/// Whether two items may read the same field.
fn overlaps(items: &[Item]) -> bool {
    let mut owners: HashMap<Field, usize> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        let mut fields = Vec::new();
        item_fields(item, &mut fields);
        for field in fields {
            if *owners.entry(field).or_insert(index) != index {
                return true;
            }
        }
    }
    false
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
    if let Some(with) = &frame.with {
        let (depth, steps) = field(&with.path);
        for (outwards, rest) in &mut inner {
            match outwards.checked_sub(1) {
                Some(less) => *outwards = less,
                None => {
                    *outwards = depth;
                    rest.splice(0..0, steps.iter().copied());
                }
            }
        }
    }
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
        return Takers::One(*only);
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
