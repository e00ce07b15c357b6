//! Can this order be delivered: answered from availability, since no DOM has such a call (contract sterling section 2,
//! store section 7).

use std::borrow::Cow;
use std::collections::HashMap;

use gateway_model::{Fault, Record, Value};
use rust_decimal::Decimal;

use crate::availability::{AVAILABLE, BACKORDERABLE, PHYSICAL, UNAVAILABLE, line_id, real_date_of};
use crate::dates::{as_datetime, later};
use crate::demand::{Demand, Place, demands};
use crate::faults::bad_request;
use crate::frame;
use crate::values::number;
use crate::views::Views;

/// Makes the availability question of an order: every item, or every part of a kit, at the place it is taken from,
/// each asked once. It is planned already: it goes to `availability::batches`, not to `availability::plan`.
///
/// # Errors
///
/// `BAD_REQUEST` when the order has no items, or an item or kit part has no quantity or names no item.
pub fn plan<'a>(views: &Views, request: &mut Record<'a>) -> Result<Record<'a>, Fault> {
    frame::fill_store(views, request);
    let demands = demands(views, request)?;
    if demands.is_empty() {
        return Err(bad_request("the order has no items, expected at least one to check"));
    }
    let lines = order_lines(views, request);
    let mut asked: Vec<Record<'a>> = Vec::new();
    for (demand, pair) in demands.iter().zip(pairs(&demands)) {
        if pair == asked.len() {
            let mut line = asked_line(views, demand, pair + 1);
            if let Some(from) = lines.get(demand.index) {
                views.bridges.line_checked.carry(from, &mut line);
            }
            asked.push(line);
        }
    }
    let (from, view) = (&views.requirement_request, &views.availability_request);
    let mut question = view.shape.empty();
    question.set(view.area, request.get(from.area).clone());
    question.set(view.store, request.get(from.store).clone());
    question.set(view.lines, Value::List(asked));
    Ok(question)
}

/// How much is wanted of each line of the question that [`plan`] made, all items and parts together.
///
/// # Errors
///
/// As [`plan`].
pub fn wanted(views: &Views, request: &Record<'_>) -> Result<Vec<Decimal>, Fault> {
    let demands = demands(views, request)?;
    let mut wanted: Vec<Decimal> = Vec::new();
    for (demand, pair) in demands.iter().zip(pairs(&demands)) {
        match wanted.get_mut(pair) {
            Some(sum) => *sum = sum.saturating_add(demand.quantity),
            None => wanted.push(demand.quantity),
        }
    }
    Ok(wanted)
}

/// Answers with each item's status: Available if all of its quantity is, else Backorderable with the date when more
/// comes, else Unavailable. A kit is as available as its scarcest part; what one item takes is not there for the next.
///
/// `availability` is the answer to the question [`plan`] made of this request.
///
/// # Errors
///
/// As [`plan`].
pub fn answer<'a>(
    views: &Views,
    request: &Record<'a>,
    availability: &Record<'a>,
) -> Result<Record<'a>, Fault> {
    let demands = demands(views, request)?;
    let mut stock: Vec<Stock<'a>> = availability
        .list(views.availability_answer.lines)
        .iter()
        .map(|line| Stock::of(views, line))
        .collect();
    let mut asked = demands.iter().zip(pairs(&demands)).peekable();
    let mut lines = Vec::new();
    for (index, line) in order_lines(views, request).iter().enumerate() {
        let mut wanted: Vec<(usize, Decimal)> = Vec::new();
        while let Some((demand, pair)) = asked.next_if(|(demand, _)| demand.index == index) {
            add(&mut wanted, pair, demand.quantity);
        }
        lines.push(answered_line(views, line, take(&mut stock, &wanted)));
    }
    let view = &views.requirement_answer;
    let mut answer = view.shape.empty();
    frame::answers(views, &mut answer, request);
    let order = request.record(views.requirement_request.order);
    let mut answered = match order {
        Some(order) => views.order.shape.part(order, &[views.order.id, views.order.store]),
        None => views.order.shape.empty(),
    };
    answered.set(views.order.lines, Value::List(lines));
    answer.set(view.order, Value::Record(Box::new(answered)));
    Ok(answer)
}

/// What is known of one asked pair.
#[derive(Debug, Clone, Default)]
struct Stock<'a> {
    /// How much is left of a limited quantity.
    left: Decimal,
    unlimited: bool,
    later: Option<Cow<'a, str>>,
}

/// What can be said of one order item.
#[derive(Debug, PartialEq, Eq)]
enum Outcome<'a> {
    Available,
    Backorderable(Cow<'a, str>),
    Unavailable,
}

// === impl Stock ===

impl<'a> Stock<'a> {
    fn of(views: &Views, line: &Record<'a>) -> Self {
        let view = &views.availability;
        let available = line.text(view.status) == Some(AVAILABLE);
        let quantity = number(line, view.quantity);
        let later = real_date_of(line, view.available_at).or_else(|| real_date_of(line, view.future_date));
        Self {
            left: quantity.filter(|_| available).unwrap_or_default(),
            // A status Available without a quantity means unlimited (contract store section 5).
            unlimited: available && quantity.is_none(),
            later: later.map(as_datetime),
        }
    }

    fn has(&self, quantity: Decimal) -> bool {
        self.unlimited || self.left >= quantity
    }
}

/// Adds to what one item wants of a pair: a kit may have a part twice.
fn add(wanted: &mut Vec<(usize, Decimal)>, pair: usize, quantity: Decimal) {
    match wanted.iter_mut().find(|(known, _)| *known == pair) {
        Some((_, sum)) => *sum = sum.saturating_add(quantity),
        None => wanted.push((pair, quantity)),
    }
}

/// Takes an item's parts from stock if all are there; else says when they will be.
fn take<'a>(stock: &mut [Stock<'a>], wanted: &[(usize, Decimal)]) -> Outcome<'a> {
    let nothing = Stock::default();
    let mut date: Option<Cow<'a, str>> = None;
    for (pair, quantity) in wanted {
        let part = stock.get(*pair).unwrap_or(&nothing);
        if part.has(*quantity) {
            continue;
        }
        let Some(comes) = part.later.clone() else { return Outcome::Unavailable };
        date = Some(match date {
            Some(known) => later(known, comes),
            None => comes,
        });
    }
    if let Some(date) = date {
        return Outcome::Backorderable(date);
    }
    for (pair, quantity) in wanted {
        if let Some(part) = stock.get_mut(*pair) {
            part.left = part.left.saturating_sub(*quantity);
        }
    }
    Outcome::Available
}

fn answered_line<'a>(views: &Views, line: &Record<'a>, outcome: Outcome<'a>) -> Record<'a> {
    let view = &views.order_line;
    let mut answered = view.shape.part(line, &[view.id, view.quantity, view.unit]);
    let status = match outcome {
        Outcome::Available => AVAILABLE,
        Outcome::Unavailable => UNAVAILABLE,
        Outcome::Backorderable(date) => {
            answered.set_text(view.available_date, date.clone());
            answered.set_text(view.expected_ship_date, date);
            BACKORDERABLE
        }
    };
    answered.set_text(view.inventory_status, status);
    answered
}

/// For each demand the number of its pair of item and place: demands of one pair share it.
fn pairs(demands: &[Demand<'_>]) -> Vec<usize> {
    type Key<'k> = (Option<&'k str>, Option<&'k str>, &'k Place<'k>, &'k str);
    let mut known: HashMap<Key<'_>, usize> = HashMap::with_capacity(demands.len());
    demands
        .iter()
        .map(|demand| {
            let next = known.len();
            let key = (demand.item.as_deref(), demand.item_id.as_deref(), &demand.place, &*demand.unit);
            *known.entry(key).or_insert(next)
        })
        .collect()
}

fn asked_line<'a>(views: &Views, demand: &Demand<'a>, position: usize) -> Record<'a> {
    let view = &views.availability;
    let mut line = view.shape.empty();
    let value = |text: &Option<Cow<'a, str>>| text.clone().map_or(Value::Absent, Value::text);
    line.set_text(view.position, position.to_string());
    if demand.place.kind == PHYSICAL {
        line.set_text(view.line, line_id(position));
    }
    line.set(view.item_id, value(&demand.item_id));
    line.set(view.item, value(&demand.item));
    line.set_text(view.location_kind, demand.place.kind);
    line.set(view.location_id, value(&demand.place.id));
    line.set(view.location, value(&demand.place.name));
    line.set_text(view.unit, demand.unit.clone());
    line
}

fn order_lines<'r, 'a>(views: &Views, request: &'r Record<'a>) -> &'r [Record<'a>] {
    let order = request.record(views.requirement_request.order);
    order.map(|order| order.list(views.order.lines)).unwrap_or_default()
}
