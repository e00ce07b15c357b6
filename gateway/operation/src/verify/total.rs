//! Comparing totals, where both sides say one.
//!
//! The two need not be the same amount for the same order: a promotion the DOM knows no category for is not sent, so its
//! total lacks it (contract sterling section 7.2), and a DOM adds charges of its own. So the DOM's total, with and without
//! what it added, has to be the store's or what the sent lines come to.

use gateway_model::Record;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Doubt, difference, lines};
use crate::values::number;
use crate::views::Views;

/// Usage of a charge that the DOM's answer counts as an addition.
const SURCHARGE: &str = "Surcharge";
/// Decimal places of money in an order's total.
const CENTS: u32 = 2;

pub(super) fn compare(
    views: &Views,
    (asked, sent): (&Record<'_>, &Record<'_>),
    found: &Record<'_>,
) -> Result<(), Doubt> {
    let total = views.order.grand_total;
    let (Some(said), Some(there)) = (number(asked, total), number(found, total)) else { return Ok(()) };
    // What is left of a total after a line was cancelled tells nothing of what was sent.
    if lines::any_cancelled(views, found) {
        return Ok(());
    }
    let expected = [Some(said), of_lines(views, sent)];
    let without_own = there.checked_sub(added(views, found));
    let is_one_of = |amount: Decimal| expected.iter().flatten().any(|one| cents(*one) == cents(amount));
    if is_one_of(there) || without_own.is_some_and(is_one_of) {
        return Ok(());
    }
    Err(difference("total", said.normalize(), there.normalize()))
}

/// What the lines come to as they were sent; `None` if one of them says too little.
fn of_lines(views: &Views, order: &Record<'_>) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    for line in order.list(views.order.lines) {
        let view = &views.order_line;
        let price = number(line, view.unit_price)?.checked_mul(number(line, view.quantity)?)?;
        let charges = [view.shipping_charge, view.sales_tax, view.shipping_tax];
        let charges = charges.iter().filter_map(|field| number(line, *field));
        for amount in charges.chain(amounts(views, line, None)).chain([cents(price)]) {
            total = total.checked_add(amount)?;
        }
    }
    Some(total)
}

/// What the DOM added: charges and discounts of the whole order, of which none is sent, and additions to its lines.
fn added(views: &Views, order: &Record<'_>) -> Decimal {
    let of_order = order.list(views.order.adjustments).iter();
    let of_order = of_order.filter_map(|adjustment| number(adjustment, views.adjustment.amount));
    let of_lines =
        order.list(views.order.lines).iter().flat_map(|line| amounts(views, line, Some(SURCHARGE)));
    of_order.chain(of_lines).fold(Decimal::ZERO, Decimal::saturating_add)
}

/// The amounts of a line's adjustments, all or those of one usage; discounts are negative.
fn amounts<'r>(
    views: &'r Views,
    line: &'r Record<'_>,
    usage: Option<&'r str>,
) -> impl Iterator<Item = Decimal> + 'r {
    let view = &views.adjustment;
    let adjustments = line.list(views.order_line.adjustments).iter();
    adjustments
        .filter(move |adjustment| usage.is_none() || adjustment.text(view.usage) == usage)
        .filter_map(|adjustment| number(adjustment, view.amount))
}

/// An amount in whole cents, as a total is written.
fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(CENTS, RoundingStrategy::MidpointAwayFromZero)
}
