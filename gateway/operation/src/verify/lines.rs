//! Comparing order lines: by the store's own ids if the DOM gives them back, else by what they are of.

use std::collections::BTreeMap;

use gateway_model::Record;
use rust_decimal::Decimal;

use super::{Doubt, differ, difference};
use crate::values::number;
use crate::views::Views;

/// Status letter of a line the DOM cancelled.
const CANCELLED: &str = "X";

/// A line as far as it is compared.
#[derive(Debug, Clone, Copy)]
struct Line<'r> {
    id: Option<&'r str>,
    sub: Option<&'r str>,
    item: Option<&'r str>,
    unit: Option<&'r str>,
    quantity: Option<Decimal>,
    /// Cancelled since: what is left of its quantity tells nothing of what was sent.
    is_cancelled: bool,
}

/// Whether the DOM has the lines that were sent, in any order.
///
/// A line of the DOM that the store never numbered is its own addition, unless the DOM numbers none of them: then the lines
/// are compared by item and unit. A line split by the DOM counts as one.
pub(super) fn compare(views: &Views, sent: &Record<'_>, found: &Record<'_>) -> Result<(), Doubt> {
    let (sent, found) = (lines(views, sent), lines(views, found));
    if found.is_empty() && !sent.is_empty() {
        return Err(Doubt::Unclear("the answer says nothing of the order's lines".to_owned()));
    }
    if let Some(line) = found.iter().find(|line| line.item.is_none() || line.quantity.is_none()) {
        let text = format!("the answer leaves out item or quantity of {}", name(line));
        return Err(Doubt::Unclear(text));
    }
    let all_have_ids = sent.iter().all(|line| line.id.is_some());
    if all_have_ids && found.iter().any(|line| line.id.is_some()) {
        by_id(&sent, &found)
    } else {
        by_content(&sent, &found)
    }
}

fn by_id(sent: &[Line<'_>], found: &[Line<'_>]) -> Result<(), Doubt> {
    let is_twin = |line: &Line<'_>, twin: &Line<'_>| twin.id == line.id && !differ(line.sub, twin.sub);
    for line in sent {
        let twins = || found.iter().filter(|twin| is_twin(line, twin));
        if twins().next().is_none() {
            return Err(Doubt::Different(format!("{} was sent and is not there", name(line))));
        }
        for twin in twins() {
            for (what, sent, found) in [("item", line.item, twin.item), ("unit", line.unit, twin.unit)] {
                if let (Some(sent), Some(found)) = (sent, found)
                    && sent != found
                {
                    return Err(difference(format_args!("{what} of {}", name(line)), sent, found));
                }
            }
        }
        let there = twins().filter_map(|twin| twin.quantity).fold(Decimal::ZERO, Decimal::saturating_add);
        let quantity = line.quantity.unwrap_or_default();
        if quantity != there && !twins().any(|twin| twin.is_cancelled) {
            return Err(difference(format_args!("quantity of {}", name(line)), quantity, there));
        }
    }
    let is_ours = |twin: &Line<'_>| twin.id.is_none() || sent.iter().any(|line| is_twin(line, twin));
    match found.iter().find(|twin| !is_ours(twin)) {
        Some(line) => Err(Doubt::Different(format!("{} is there and was not sent", name(line)))),
        None => Ok(()),
    }
}

/// How much of each item, in each unit.
fn by_content(sent: &[Line<'_>], found: &[Line<'_>]) -> Result<(), Doubt> {
    let (sent, there) = (sums(sent), sums(found));
    for ((item, unit), quantity) in &sent {
        let there = there.get(&(*item, *unit)).copied().unwrap_or_default();
        let is_cancelled = found.iter().any(|line| line.is_cancelled && line.item == *item);
        if *quantity != there && !is_cancelled {
            let item = item.unwrap_or_default();
            return Err(difference(format_args!("quantity of item `{item}`"), quantity, there));
        }
    }
    match there.keys().find(|key| !sent.contains_key(key)) {
        Some((item, _)) => {
            let item = item.unwrap_or_default();
            Err(Doubt::Different(format!("item `{item}` is there and was not sent")))
        }
        None => Ok(()),
    }
}

fn sums<'r>(lines: &[Line<'r>]) -> BTreeMap<(Option<&'r str>, Option<&'r str>), Decimal> {
    let mut sums = BTreeMap::new();
    for line in lines {
        let sum: &mut Decimal = sums.entry((line.item, line.unit)).or_default();
        *sum = sum.saturating_add(line.quantity.unwrap_or_default());
    }
    sums
}

/// The lines of an order, without the parts of kits.
fn lines<'r>(views: &Views, order: &'r Record<'_>) -> Vec<Line<'r>> {
    let view = &views.order_line;
    let lines = order.list(views.order.lines).iter();
    lines
        .filter(|line| line.text(view.bundle_parent).is_none())
        .map(|line| Line {
            id: line.text(view.id),
            sub: line.text(view.sub_line),
            item: line.text(view.item).or_else(|| line.text(view.item_id)),
            unit: line.text(view.unit),
            quantity: number(line, view.quantity),
            is_cancelled: line.text(view.status) == Some(CANCELLED),
        })
        .collect()
}

/// Whether the DOM has cancelled any of an order's lines.
pub(super) fn any_cancelled(views: &Views, order: &Record<'_>) -> bool {
    lines(views, order).iter().any(|line| line.is_cancelled)
}

fn name(line: &Line<'_>) -> String {
    match (line.id, line.item) {
        (Some(id), _) => format!("order item `{id}`"),
        (None, Some(item)) => format!("item `{item}`"),
        (None, None) => "an order item".to_owned(),
    }
}
