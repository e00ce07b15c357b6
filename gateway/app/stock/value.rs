//! Between what a document says of stock and what a record says.

use std::borrow::Cow;

use gateway_cache::{AGELESS, Location, Status, Stock};
use gateway_exchange::Finding;
use gateway_model::scalar::parse_number;
use gateway_operation::dates;
use jiff::Timestamp;
use rust_decimal::Decimal;

/// Why something said of stock cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unkeepable {
    /// A status beyond the three, or none.
    #[error("the inventory status is `{0}`, expected `Available`, `Backorderable` or `Unavailable`")]
    Status(String),
    /// Not a number.
    #[error("the quantity is `{0}`, expected a number")]
    Quantity(String),
    /// Less than nothing.
    #[error("the quantity is `{0}`, expected zero or more")]
    Negative(String),
    /// Not a whole number of seconds.
    #[error("the offset is `{0}`, expected whole seconds")]
    Offset(String),
}

/// What a finding says as a record, fetched at this time.
///
/// # Errors
/// If it says what a record cannot.
pub fn stock_of(finding: &Finding<'_>, fetched_ms: i64) -> Result<Stock, Unkeepable> {
    let status =
        Status::parse(&finding.status).ok_or_else(|| Unkeepable::Status(finding.status.to_string()))?;
    let quantity = finding.quantity.as_deref().map(quantity).transpose()?;
    let offset = finding
        .offset
        .as_deref()
        .map(|text| text.trim().parse().map_err(|_| Unkeepable::Offset(text.to_owned())));
    let text = |text: &Option<Cow<'_, str>>| text.as_deref().map(Into::into);
    Ok(Stock {
        available_at: text(&finding.available_at),
        more_at: text(&finding.future_date),
        offset: offset.transpose()?,
        ..Stock::new(status, quantity, fetched_ms)
    })
}

/// What a record says, as a line of an answer. With `aged` it says as of when.
#[must_use]
pub fn finding_of(stock: Stock, location: Location<&str>, aged: bool) -> Finding<'static> {
    let text = |text: Option<Box<str>>| text.map(|text| Cow::Owned(text.into_string()));
    let nothing = stock.status == Status::Unavailable && stock.quantity == Some(Decimal::ZERO);
    Finding {
        status: Cow::Borrowed(stock.status.word()),
        quantity: stock.quantity.map(|quantity| Cow::Owned(quantity.to_string())),
        // An online store says that it has nothing in pieces (contract store section 5).
        pieces: nothing && location == Location::Online,
        updated_at: aged.then(|| as_of(&stock)).flatten().map(Cow::Owned),
        available_at: text(stock.available_at),
        offset: stock.offset.map(|offset| Cow::Owned(offset.to_string())),
        future_date: text(stock.more_at),
    }
}

/// As of when a record is true, as documents write it.
fn as_of(stock: &Stock) -> Option<String> {
    let millis = stock.dom_time_ms.unwrap_or(stock.fetched_ms);
    written(millis).filter(|_| millis != AGELESS)
}

/// An instant as documents write it.
#[must_use]
pub fn written(millis: i64) -> Option<String> {
    Timestamp::from_millisecond(millis).ok().map(dates::written)
}

fn quantity(text: &str) -> Result<Decimal, Unkeepable> {
    let number = parse_number(text).ok_or_else(|| Unkeepable::Quantity(text.to_owned()))?;
    if number < Decimal::ZERO { Err(Unkeepable::Negative(text.to_owned())) } else { Ok(number) }
}

#[cfg(test)]
mod tests {
    use gateway_cache::{AGELESS, Location, Status, Stock};
    use gateway_exchange::Finding;
    use rust_decimal::Decimal;

    use super::{Unkeepable, finding_of, stock_of};

    fn finding(status: &'static str, quantity: Option<&'static str>) -> Finding<'static> {
        Finding { status: status.into(), quantity: quantity.map(Into::into), ..Finding::default() }
    }

    #[test]
    fn what_is_kept_is_answered_as_it_was_said() {
        let said = [
            finding("Available", Some("148.0")),
            finding("Available", None),
            Finding { future_date: Some("2026-12-01".into()), ..finding("Available", Some("3")) },
            Finding {
                available_at: Some("2026-12-01T00:00:00.000".into()),
                ..finding("Backorderable", None)
            },
            Finding { offset: Some("86400".into()), ..finding("Backorderable", None) },
            finding("Unavailable", None),
            Finding { pieces: true, ..finding("Unavailable", Some("0")) },
        ];
        for said in said {
            let stock = stock_of(&said, 1_795_000_000_000).unwrap();
            assert_eq!(finding_of(stock, Location::Online, false), said);
        }
    }

    #[test]
    fn what_a_record_cannot_say_is_not_kept() {
        for (said, why) in [
            (finding("", Some("1")), Unkeepable::Status(String::new())),
            (finding("xDiscontinued", None), Unkeepable::Status("xDiscontinued".to_owned())),
            (finding("Available", Some("many")), Unkeepable::Quantity("many".to_owned())),
            (finding("Available", Some("-1")), Unkeepable::Negative("-1".to_owned())),
            (
                Finding { offset: Some("soon".into()), ..finding("Backorderable", None) },
                Unkeepable::Offset("soon".to_owned()),
            ),
        ] {
            assert_eq!(stock_of(&said, 0), Err(why));
        }
    }

    #[test]
    fn the_age_is_said_by_the_doms_own_time_where_it_is_known() {
        let stock = Stock::new(Status::Available, Some(Decimal::ONE), 1_795_000_000_000);
        let said = |stock: Stock| finding_of(stock, Location::Online, true).updated_at;
        assert_eq!(said(stock.clone()).as_deref(), Some("2026-11-18T11:06:40.000Z"));
        let told = Stock { dom_time_ms: Some(1_794_999_999_500), ..stock.clone() };
        assert_eq!(said(told).as_deref(), Some("2026-11-18T11:06:39.500Z"));
        assert_eq!(said(Stock { fetched_ms: AGELESS, ..stock }), None);
    }
}
