//! What a record keeps of orders beyond the tables of `DECISIONS.md`.

use rust_decimal::Decimal;

use super::{Arrival, MOST_TAKINGS, News, Record, Taking};
use crate::stock::{Status, Stock};

fn record(quantity: i64) -> Record {
    let stock = Stock::new(Status::Available, Some(Decimal::from(quantity)), 100);
    Record::of(&News { stock: &stock, arrival: Arrival::push(100), generation: 0 }, None)
}

fn taking(line: u32, quantity: i64) -> Taking {
    let time = 200 + i64::from(line);
    Taking { ordered_ms: time, arrived_ms: time + 1, quantity: Decimal::from(quantity), line: Some(line) }
}

#[test]
fn many_orders_lower_by_their_sum_and_stay_bounded() {
    let mut record = record(1_000);
    for line in 0..100 {
        assert!(record.take(taking(line, 2)));
    }
    assert_eq!(record.takings.len(), MOST_TAKINGS);
    assert_eq!(record.lowered(Status::Available).quantity, Some(Decimal::from(800)));
}

#[test]
fn what_is_kept_together_can_be_given_back() {
    let mut record = record(1_000);
    for line in 0..20 {
        record.take(taking(line, 2));
    }
    assert!(record.give_back(&taking(3, 2)));
    assert_eq!(record.lowered(Status::Available).quantity, Some(Decimal::from(962)));
}

#[test]
fn what_is_kept_together_counts_until_news_contain_all_of_it() {
    let mut record = record(1_000);
    for line in 0..20 {
        record.take(taking(line, 2));
    }
    let news = |dom_time_ms| Stock {
        dom_time_ms: Some(dom_time_ms),
        ..Stock::new(Status::Available, Some(Decimal::from(990)), 300)
    };
    let told = |stock: &Stock, record: &Record| {
        Record::of(&News { stock, arrival: Arrival::push(300), generation: 0 }, Some(record.clone()))
            .lowered(Status::Available)
            .quantity
    };
    assert_eq!(told(&news(205), &record), Some(Decimal::from(950)), "rather too little than too much");
    assert_eq!(told(&news(213), &record), Some(Decimal::from(976)), "13 together are contained, 7 are not");
    assert_eq!(told(&news(220), &record), Some(Decimal::from(990)));
}

#[test]
fn orders_that_lower_to_zero_give_the_status_of_the_rule() {
    for (told, at_zero, expected) in [
        (Status::Available, Status::Available, Status::Available),
        (Status::Available, Status::Backorderable, Status::Backorderable),
        (Status::Available, Status::Unavailable, Status::Unavailable),
        (Status::Backorderable, Status::Unavailable, Status::Backorderable),
    ] {
        let mut record = record(2);
        record.stock.status = told;
        assert_eq!(record.lowered(at_zero).status, told);
        record.take(taking(1, 2));
        assert_eq!(record.lowered(at_zero).status, expected);
    }
}

#[test]
fn a_zero_the_dom_told_keeps_the_status_the_dom_told() {
    assert_eq!(record(0).lowered(Status::Unavailable).status, Status::Available);
}

#[test]
fn quantities_are_exact() {
    let mut record = record(1);
    for line in 0..3 {
        record.take(Taking { quantity: Decimal::new(1, 1), ..taking(line, 0) });
    }
    assert_eq!(record.lowered(Status::Available).quantity, Some(Decimal::new(7, 1)));
}
