//! Order and bounds of the lanes, with nothing but their own steps.

use std::sync::Arc;

use futures_util::FutureExt;
use gateway_operation::order_sync::{LineNews, Moment, OrderNews, Progress, Standing};

use super::{Full, Lanes, PER_ORDER, Place};

/// What an event says of an order at a moment.
fn news(order: &str, changed: i64) -> OrderNews {
    let moment = Moment { sequence: None, changed: Some(changed) };
    OrderNews {
        order: order.to_owned(),
        created: false,
        moment,
        content: changed.unsigned_abs(),
        ..OrderNews::default()
    }
}

fn place(lanes: &Arc<Lanes>, orders: &[&str]) -> Place {
    let news: Vec<OrderNews> = orders.iter().map(|order| news(order, 1)).collect();
    lanes.stand("nordlicht", &news).unwrap()
}

/// Whether it could go at once.
fn is_first(place: &Place) -> bool {
    place.turn().now_or_never().is_some()
}

#[test]
fn events_of_one_order_go_one_after_the_other_as_they_came() {
    let lanes = Arc::new(Lanes::new(10, 10));
    let mut waiting: Vec<Place> = (0..3).map(|_| place(&lanes, &["a"])).collect();
    while !waiting.is_empty() {
        assert!(is_first(&waiting[0]));
        for later in &waiting[1..] {
            assert!(!is_first(later));
        }
        drop(waiting.remove(0));
    }
    assert_eq!(lanes.size(), (0, 0));
}

#[test]
fn an_order_waits_for_no_other_and_no_store_for_another() {
    let lanes = Arc::new(Lanes::new(10, 10));
    let _first = place(&lanes, &["a"]);
    assert!(is_first(&place(&lanes, &["b"])));
    assert!(is_first(&lanes.stand("suedlicht", &[news("a", 1)]).unwrap()));
    assert!(is_first(&place(&lanes, &[""])) && is_first(&place(&lanes, &[])));
}

#[test]
fn an_event_of_several_orders_goes_when_it_is_first_in_each() {
    let lanes = Arc::new(Lanes::new(10, 10));
    let (a, b) = (place(&lanes, &["a"]), place(&lanes, &["b"]));
    let both = place(&lanes, &["b", "a", "b"]);
    let (after_a, after_b) = (place(&lanes, &["a"]), place(&lanes, &["b"]));
    let crossed = place(&lanes, &["a", "b"]);
    drop(a);
    assert!(!is_first(&both) && !is_first(&after_a));
    drop(b);
    assert!(is_first(&both) && !is_first(&after_b));
    drop(both);
    assert!(is_first(&after_a) && is_first(&after_b) && !is_first(&crossed));
    drop((after_a, after_b));
    assert!(is_first(&crossed));
}

#[test]
fn who_gives_up_waiting_keeps_nobody() {
    let lanes = Arc::new(Lanes::new(10, 10));
    let first = place(&lanes, &["a"]);
    let given_up = place(&lanes, &["a"]);
    let last = place(&lanes, &["a"]);
    assert!(!is_first(&given_up));
    drop(given_up);
    assert!(!is_first(&last));
    drop(first);
    assert!(is_first(&last));
}

#[test]
fn more_events_than_may_be_are_refused_until_one_has_gone() {
    let lanes = Arc::new(Lanes::new(2, 10));
    let (first, _second) = (place(&lanes, &["a"]), place(&lanes, &[]));
    assert_eq!(lanes.stand("nordlicht", &[news("b", 1)]).err(), Some(Full));
    drop(first);
    assert!(lanes.stand("nordlicht", &[news("b", 1)]).is_ok());
}

#[test]
fn what_was_told_is_remembered_by_store_and_order() {
    let lanes = Arc::new(Lanes::new(10, 10));
    let event = [news("a", 2), news("b", 2)];
    lanes.stand("nordlicht", &event).unwrap().took(1, &event[1]);
    let standing = |store: &str, event: &[OrderNews]| lanes.stand(store, event).unwrap().standing(event);
    assert_eq!(standing("nordlicht", &event), [Standing::News, Standing::Repeated]);
    assert_eq!(standing("nordlicht", &[news("b", 1), news("b", 3)]), [Standing::Older, Standing::News]);
    assert_eq!(standing("suedlicht", &event), [Standing::News, Standing::News]);
}

#[test]
fn of_more_orders_than_the_bound_those_told_first_are_forgotten() {
    let lanes = Arc::new(Lanes::new(10, 4));
    let told = |order: &str| {
        let event = [news(order, 1)];
        let place = lanes.stand("nordlicht", &event).unwrap();
        let standing = place.standing(&event);
        place.took(0, &event[0]);
        standing == [Standing::Repeated]
    };
    for order in ["a", "b", "c", "d"] {
        assert!(!told(order));
    }
    // Whoever is told again counts as told last.
    assert!(told("b"));
    for order in ["e", "f", "g", "h", "i", "j", "k"] {
        assert!(!told(order));
        assert!(lanes.size().1 <= 4);
    }
    assert!(told("k") && told("j") && !told("a"));
}

#[test]
fn an_order_that_was_told_before_is_still_known_when_it_fills_the_memory() {
    let lanes = Arc::new(Lanes::new(10, 4));
    let took = |order: &str, changed: i64| {
        let event = [news(order, changed)];
        lanes.stand("nordlicht", &event).unwrap().took(0, &event[0]);
    };
    took("a", 5);
    took("b", 5);
    // From here on "a" is among those told first.
    took("c", 5);
    took("d", 5);
    let older = [news("a", 4)];
    lanes.stand("nordlicht", &older).unwrap().gave_back(0, &older[0]);
    assert_eq!(lanes.stand("nordlicht", &older).unwrap().standing(&older), [Standing::Older]);
}

#[test]
fn what_is_remembered_of_orders_of_many_lines_is_bounded_too() {
    const MOST: usize = 100;
    let lanes = Arc::new(Lanes::new(10, MOST));
    let line = |line: u64| LineNews { place: 0, name: line.to_string(), line, content: line };
    for number in 0..1_000_u64 {
        // Some orders have many lines, some many events that were given back, some were heard of before.
        let order = (number % 400).to_string();
        let lines = (0..number % 90).map(line).collect();
        let event = [OrderNews { lines, ..news(&order, number as i64) }];
        let place = lanes.stand("nordlicht", &event).unwrap();
        if number % 3 == 0 {
            place.gave_back(0, &event[0])
        } else {
            place.took(0, &event[0])
        }
        drop(place);
        let state = lanes.state();
        let known = || state.told.younger.values().chain(state.told.older.values());
        let things: usize = known().map(Progress::size).sum();
        // Each half may be too full by the order that filled it.
        assert!(things <= (MOST + 2 * 90) * PER_ORDER, "{things}");
        assert!(known().count() <= MOST && state.lanes.is_empty() && state.standing == 0);
    }
    assert!(lanes.size().1 > 0);
}

#[tokio::test]
async fn many_threads_neither_block_nor_overtake_each_other() {
    let lanes = Arc::new(Lanes::new(10_000, 10));
    let inside = Arc::new(std::sync::Mutex::new(std::collections::HashSet::new()));
    let orders = ["a", "b", "c", "d"];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..2_000_usize {
        let named = [orders[number % 4], orders[number / 4 % 4]];
        let place = place(&lanes, &named);
        let inside = Arc::clone(&inside);
        tasks.spawn(async move {
            place.turn().await;
            for order in &named[..1] {
                assert!(inside.lock().unwrap().insert(*order));
            }
            tokio::task::yield_now().await;
            inside.lock().unwrap().remove(named[0]);
            drop(place);
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    assert_eq!(lanes.size().0, 0);
}
