//! Is it in stock: items at locations (contract sterling section 4, store sections 4.1 and 5).

mod finding;
mod supply;

use gateway_model::{Fault, Record, Value};
use jiff::civil::Date;

use crate::faults::{bad_request, too_much};
use crate::frame;
use crate::values::{owned, take_list};
use crate::views::Views;

pub use finding::Finding;
pub(crate) use finding::{AVAILABLE, BACKORDERABLE, UNAVAILABLE, is_up_to, on_hand, real_date_of};
use finding::{Rule, find};
use supply::Supplies;

/// How many pairs of item and location one question may ask.
pub const MOST_LINES: usize = 10_000;

/// The location kind of an online store.
pub const ONLINE: &str = "online";
/// The location kind of a physical store.
pub const PHYSICAL: &str = "physical";
/// The unit of a question that names none: pieces (UN/ECE rec 20).
pub const PIECE: &str = "C62";

/// Fills `lines` with every asked item at every asked location, items first, in the order of the question.
///
/// The unit is the item's own, else the n-th of `units` if there are as many as items, else the only one, else C62.
/// Items and locations that name nothing are passed over.
///
/// # Errors
///
/// `BAD_REQUEST` when no item or no location is named, `LIMIT_EXCEEDED` beyond [`MOST_LINES`] pairs.
pub fn plan(views: &Views, request: &mut Record<'_>) -> Result<(), Fault> {
    frame::fill_store(views, request);
    let view = &views.availability_request;
    let items = asked_items(views, request);
    let locations: Vec<_> =
        request.list(view.locations).iter().filter(|location| names_location(views, location)).collect();
    if items.is_empty() {
        return Err(bad_request("the question names no item, expected a part number or an item id"));
    }
    if locations.is_empty() {
        return Err(bad_request("the question names no location, expected an online or a physical store"));
    }
    let pairs = items.len().saturating_mul(locations.len());
    if pairs > MOST_LINES {
        let text = format!(
            "{} items at {} locations make {pairs} lines, expected at most {MOST_LINES}",
            items.len(),
            locations.len()
        );
        return Err(too_much(text));
    }
    let mut lines = Vec::with_capacity(pairs);
    for item in &items {
        for location in &locations {
            lines.push(asked_line(views, item, location, lines.len() + 1));
        }
    }
    request.set(view.lines, Value::List(lines));
    Ok(())
}

/// Cuts a planned question into questions of at most `limit` lines each (0: no limit), never none.
///
/// Each keeps the whole question's frame, its positions and identifiers; the answers go to [`merge`].
#[must_use]
pub fn batches<'a>(views: &Views, mut request: Record<'a>, limit: usize) -> Vec<Record<'a>> {
    let view = &views.availability_request;
    if limit == 0 || request.list(view.lines).len() <= limit {
        return vec![request];
    }
    let mut lines = take_list(&mut request, view.lines).into_iter().peekable();
    let mut batches = Vec::new();
    while lines.peek().is_some() {
        let mut batch = request.clone();
        batch.set(view.lines, Value::List(lines.by_ref().take(limit).collect()));
        batches.push(batch);
    }
    batches
}

/// Joins the answers of all batches, in their order, into the answer of the whole question.
///
/// A refusal of one is a refusal of the whole.
#[must_use]
pub fn merge<'a>(views: &Views, first: Record<'a>, rest: impl IntoIterator<Item = Record<'a>>) -> Record<'a> {
    let view = &views.availability_answer;
    let mut whole = first;
    let mut lines = take_list(&mut whole, view.lines);
    for mut answer in rest {
        lines.append(&mut take_list(&mut answer, view.lines));
        if whole.get(view.refusal).is_absent() {
            whole.set(view.refusal, answer.take(view.refusal));
        }
        view.shape.extend(&mut whole, &answer);
    }
    set_lines(views, &mut whole, lines);
    whole
}

/// Turns the DOM's supplies into one line per asked pair, in the asked order and identifiers.
///
/// `request` is the question as [`plan`] left it (or one of its batches); without it the lines are what the supplies
/// themselves name. Online lines take the n-th online supply; physical lines those of their line id, unless these name
/// another item or place, else of their item, location and unit. Where the online supplies name items, there is one for
/// every asked line in the same order, or a line takes those of its item and location. `today` is the date up to
/// which supply counts as available. A pair the DOM said nothing about is Unavailable.
#[must_use]
pub fn answer<'a>(
    views: &Views,
    request: Option<&Record<'a>>,
    mut answer: Record<'a>,
    today: Date,
) -> Record<'a> {
    let view = &views.availability_answer;
    let online = take_list(&mut answer, view.online_supplies);
    let physical = take_list(&mut answer, view.physical_supplies);
    let lines = match request {
        Some(request) => {
            frame::answers(views, &mut answer, request);
            let asked = request.list(views.availability_request.lines);
            answered_lines(views, asked, &Supplies::new(views, asked, (&online, &physical)), today)
        }
        None => {
            let online = online.iter().map(|supply| unasked_line(views, supply, Rule::Online, today));
            online
                .chain(physical.iter().map(|supply| unasked_line(views, supply, Rule::Physical, today)))
                .collect()
        }
    };
    set_lines(views, &mut answer, lines);
    answer
}

/// What the DOM's supplies come to, line by line in the order of `request`: [`answer`] without the document around it.
#[must_use]
pub fn findings<'a>(
    views: &Views,
    request: &Record<'a>,
    mut answer: Record<'a>,
    today: Date,
) -> Vec<Finding<'a>> {
    let view = &views.availability_answer;
    let online = take_list(&mut answer, view.online_supplies);
    let physical = take_list(&mut answer, view.physical_supplies);
    let asked = request.list(views.availability_request.lines);
    let supplies = Supplies::new(views, asked, (&online, &physical));
    judged(views, asked, &supplies).map(|(_, rule, found)| find(views, &found, rule, today)).collect()
}

/// The answer that says of each line of `request` what was found of it, wherever it was found.
#[must_use]
pub fn answer_with<'a>(
    views: &Views,
    request: &Record<'a>,
    findings: impl IntoIterator<Item = Finding<'a>>,
) -> Record<'a> {
    let mut answer = views.availability_answer.shape.empty();
    frame::answers(views, &mut answer, request);
    let asked = request.list(views.availability_request.lines);
    let lines = asked.iter().zip(findings).map(|(line, finding)| {
        let mut answered = line.clone();
        answered.take(views.availability.line);
        finding.write(views, &mut answered);
        answered
    });
    set_lines(views, &mut answer, lines.collect());
    answer
}

fn set_lines<'a>(views: &Views, answer: &mut Record<'a>, lines: Vec<Record<'a>>) {
    let view = &views.availability_answer;
    answer.set(view.record_set, frame::whole_record_set(views, lines.len()));
    answer.set(view.lines, Value::List(lines));
}

// === plan ===

/// The items that name something, each with its unit.
fn asked_items<'r, 'a>(views: &Views, request: &'r Record<'a>) -> Vec<(&'r Record<'a>, Value<'a>)> {
    let view = &views.availability_request;
    let items = request.list(view.items);
    let units = request.list(view.units);
    let unit_of = |index: usize, item: &Record<'a>| {
        let common = match units {
            [only] => Some(only),
            units if units.len() == items.len() => units.get(index),
            _ => None,
        };
        owned(item, views.asked_item.unit)
            .or_else(|| owned(common?, views.asked_unit.unit))
            .map_or_else(|| Value::text(PIECE), Value::Text)
    };
    items
        .iter()
        .enumerate()
        .map(|(index, item)| (item, unit_of(index, item)))
        .filter(|(item, _)| {
            [views.asked_item.item, views.asked_item.id].iter().any(|field| item.text(*field).is_some())
        })
        .collect()
}

fn names_location(views: &Views, location: &Record<'_>) -> bool {
    let view = &views.asked_location;
    [view.name, view.id].iter().any(|field| location.text(*field).is_some())
}

fn asked_line<'a>(
    views: &Views,
    (item, unit): &(&Record<'a>, Value<'a>),
    location: &Record<'a>,
    position: usize,
) -> Record<'a> {
    let view = &views.availability;
    let mut line = view.shape.empty();
    line.set_text(view.position, position.to_string());
    line.set(view.item_id, item.get(views.asked_item.id).clone());
    line.set(view.item, item.get(views.asked_item.item).clone());
    line.set(view.location_id, location.get(views.asked_location.id).clone());
    line.set(view.location, location.get(views.asked_location.name).clone());
    line.set(view.unit, unit.clone());
    if location.text(views.asked_location.kind) == Some(PHYSICAL) {
        line.set_text(view.location_kind, PHYSICAL);
        line.set_text(view.line, line_id(position));
    } else {
        line.set_text(view.location_kind, ONLINE);
    }
    views.bridges.item_asked.carry(item, &mut line);
    views.bridges.location_asked.carry(location, &mut line);
    line
}

/// The id a physical line has in the DOM's documents (contract sterling section 4.1).
#[must_use]
pub fn line_id(position: usize) -> String {
    format!("physical_{position}")
}

// === answer ===

fn answered_lines<'a>(
    views: &Views,
    asked: &[Record<'a>],
    supplies: &Supplies<'_, 'a>,
    today: Date,
) -> Vec<Record<'a>> {
    let answered = |(line, rule, found): (&Record<'a>, Rule, Vec<&Record<'a>>)| {
        let mut answered = line.clone();
        answered.take(views.availability.line);
        for supply in &found {
            views.availability.shape.extend(&mut answered, supply);
        }
        find(views, &found, rule, today).write(views, &mut answered);
        answered
    };
    judged(views, asked, supplies).map(answered).collect()
}

/// Every asked line with its supplies and the rule they are judged by.
fn judged<'s, 'a>(
    views: &'s Views,
    asked: &'s [Record<'a>],
    supplies: &'s Supplies<'s, 'a>,
) -> impl Iterator<Item = (&'s Record<'a>, Rule, Vec<&'s Record<'a>>)> {
    let mut online = 0;
    asked.iter().enumerate().map(move |(place, line)| {
        if line.text(views.availability.location_kind) == Some(PHYSICAL) {
            return (line, Rule::Physical, supplies.physical_line(views, line, place));
        }
        online += 1;
        (line, Rule::Online, supplies.online_line(views, line, (online - 1, place)))
    })
}

/// A supply as a line of its own, for an answer whose question is not known.
fn unasked_line<'a>(views: &Views, supply: &Record<'a>, rule: Rule, today: Date) -> Record<'a> {
    let view = &views.availability;
    let keep = [view.item_id, view.item, view.location_id, view.location, view.unit];
    let mut line = view.shape.part(supply, &keep);
    if line.get(view.location).is_absent() {
        line.set(view.location, supply.get(view.node).clone());
    }
    if line.get(view.unit).is_absent() {
        line.set_text(view.unit, PIECE);
    }
    line.set_text(view.location_kind, if rule == Rule::Online { ONLINE } else { PHYSICAL });
    find(views, &[supply], rule, today).write(views, &mut line);
    line
}
