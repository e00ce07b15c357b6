//! Which events of an order a store has to hear: contract store section 11, "an older sequence number or last update time
//! is refused".

use gateway_operation::order_sync::{self, Meaning, Moment, OrderNews, Progress, Standing, Telling};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::support::World;

fn news_of(order: &Json) -> OrderNews {
    let world = World::shipped();
    let event = world.record("order_sync_request", &json!({"store": "1", "orders": [order]}));
    order_sync::news(&world.views, &event, false, &TimeZone::UTC).remove(0)
}

fn at(sequence: Option<i64>, changed: Option<i64>, content: u64) -> OrderNews {
    let moment = Moment { sequence: sequence.map(Into::into), changed };
    OrderNews { order: "id 7".to_owned(), created: false, moment, content, ..OrderNews::default() }
}

fn after(told: &[OrderNews]) -> Progress {
    let mut progress = Progress::default();
    told.iter().for_each(|news| progress.took(news));
    progress
}

#[test]
fn an_order_is_named_by_its_id_else_by_the_doms_key() {
    for (order, name) in [
        (json!({"id": "7", "external_id": "k"}), "id 7"),
        (json!({"external_id": "7"}), "key 7"),
        (json!({"status": "R"}), ""),
    ] {
        assert_eq!(news_of(&order).order, name);
    }
}

#[test]
fn its_moment_is_its_sequence_and_the_time_of_its_change() {
    for (order, sequence, changed) in [
        (json!({"id": "7", "sequence": "12", "updated_at": "1970-01-01T00:00:01Z"}), Some(12), Some(1_000)),
        (json!({"id": "7", "updated_at": "1970-01-01T02:00:00+02:00"}), None, Some(0)),
        (json!({"id": "7", "sequence": "12"}), Some(12), None),
        (json!({"id": "7"}), None, None),
    ] {
        let expected = Moment { sequence: sequence.map(Into::into), changed };
        assert_eq!(news_of(&order).moment, expected, "{order}");
    }
}

#[test]
fn orders_that_say_the_same_have_one_content() {
    let order = json!({"id": "7", "status": "R", "lines": [{"id": "1", "status": "D"}]});
    assert_eq!(news_of(&order), news_of(&order.clone()));
    for other in [
        json!({"id": "7", "status": "S", "lines": [{"id": "1", "status": "D"}]}),
        json!({"id": "7", "status": "R", "lines": [{"id": "2", "status": "D"}]}),
        json!({"id": "7", "status": "R", "lines": [{"id": "1", "status": "D"}, {"id": "1", "status": "D"}]}),
        json!({"id": "7", "status": "R"}),
        json!({"id": "7", "comments": "R", "lines": [{"id": "1", "status": "D"}]}),
    ] {
        assert_ne!(news_of(&order).content, news_of(&other).content, "{other}");
    }
}

#[test]
fn what_is_older_by_all_that_is_known_is_older() {
    let told = after(&[at(Some(5), Some(500), 1)]);
    for (sequence, changed, content, standing) in [
        (Some(4), Some(400), 2, Standing::Older),
        (Some(4), None, 2, Standing::Older),
        (None, Some(400), 2, Standing::Older),
        (Some(5), Some(400), 2, Standing::Older),
        (Some(5), Some(500), 1, Standing::Repeated),
        // Another event within one tick of the DOM's clock.
        (Some(5), Some(500), 2, Standing::News),
        (Some(6), Some(600), 1, Standing::News),
        // They contradict each other: the store may say which counts.
        (Some(4), Some(600), 2, Standing::News),
        (Some(6), Some(400), 2, Standing::News),
        (None, None, 1, Standing::News),
    ] {
        assert_eq!(told.standing(&at(sequence, changed, content)), standing, "{sequence:?} {changed:?}");
    }
    assert_eq!(Progress::default().standing(&at(Some(1), None, 1)), Standing::News);
}

#[test]
fn two_events_of_one_moment_are_each_told_once() {
    let (first, second) = (at(Some(5), None, 1), at(Some(5), None, 2));
    let told = after(&[first.clone(), second.clone()]);
    assert_eq!((told.standing(&first), told.standing(&second)), (Standing::Repeated, Standing::Repeated));
}

#[test]
fn what_came_later_is_not_passed_by_what_came_before_it_and_was_taken_after_it_was_given_back() {
    for changed in [None, Some(5)] {
        let [first, second] = [1, 2].map(|place| OrderNews { arrival: place, ..at(None, changed, place) });
        let mut progress = Progress::default();
        // There was no place for it while the first was under way, nor for a repetition of the first.
        progress.gave_back(&second);
        progress.gave_back(&OrderNews { arrival: 3, ..first.clone() });
        progress.took(&first);
        assert_eq!(progress.standing(&second), Standing::News, "{changed:?}");
        progress.took(&second);
        assert_eq!(progress.standing(&second), Standing::Repeated, "{changed:?}");
    }
}

#[test]
fn without_a_time_only_the_very_last_event_is_known_again() {
    let (released, backordered) = (at(None, None, 1), at(None, None, 2));
    let told = after(std::slice::from_ref(&released));
    assert_eq!(told.standing(&released), Standing::Repeated);
    let told = after(&[released.clone(), backordered.clone()]);
    assert_eq!((told.standing(&released), told.standing(&backordered)), (Standing::News, Standing::Repeated));
}

#[test]
fn that_an_order_was_created_is_told_once_and_not_after_its_changes() {
    let created = OrderNews { created: true, ..at(None, None, 9) };
    assert_eq!(Progress::default().standing(&created), Standing::News);
    assert_eq!(after(std::slice::from_ref(&created)).standing(&created), Standing::Repeated);
    assert_eq!(after(&[at(Some(5), None, 1)]).standing(&created), Standing::Older);
    assert_eq!(after(&[at(None, None, 1)]).standing(&created), Standing::Older);
    assert_eq!(after(&[created]).standing(&at(None, None, 9)), Standing::News);
}

#[test]
fn the_stores_words_are_known_alone_and_beside_others() {
    for (key, meaning) in [
        ("_ERR_OS_SEQUENCE", Meaning::Older),
        ("2010._ERR_OS_SEQUENCE", Meaning::Older),
        ("_ERR_ORDER_NOT_FOUND+_ERR_OS_SEQUENCE", Meaning::Older),
        ("_ERR_OS_SEQUENCE_UNKNOWN", Meaning::ForGood),
        ("_ERR_OS_PARAMS", Meaning::ForGood),
        ("_ERR_OI_ANYTHING", Meaning::ForGood),
        ("2010._ERR_CMD_MISSING_PARAM", Meaning::ForGood),
        ("_ERR_ORDER_WRONG_STATUS+_ERR_ORDER_NOT_FOUND", Meaning::ForGood),
        ("_ERR_ORDER_WRONG_STATUS", Meaning::WrongState),
        ("_ERR_ORDER_ITEM_WRONG_STATUS+2010", Meaning::WrongState),
        ("_ERR_ORDER_NOT_FOUND_YET", Meaning::Unknown),
        ("_ERR_GENERIC", Meaning::Unknown),
        ("", Meaning::Unknown),
    ] {
        assert_eq!(order_sync::meaning(key), meaning, "{key}");
    }
}

#[test]
fn an_event_can_be_told_of_some_of_its_orders() {
    let world = World::shipped();
    let event =
        world.record("order_sync_request", &json!({"store": "1", "orders": [{"id": "7"}, {"id": "8"}]}));
    let one = order_sync::only(&world.views, event.clone(), |order| (order == 1).then_some(&Telling::Whole));
    assert_eq!(world.json(&one), json!({"store": "1", "orders": [{"id": "8"}]}));
    assert_eq!(order_sync::only(&world.views, event.clone(), |_| Some(&Telling::Whole)), event);
}

proptest! {
    /// Whatever comes, however often and in whatever order: the store hears its moments forwards, each thing once, and the
    /// latest of all in the end.
    #[test]
    fn a_store_hears_moments_forwards_and_nothing_twice(events in prop::collection::vec((0_i64..6, 0_u64..3), 1..40)) {
        let mut progress = Progress::default();
        let mut heard: Vec<(i64, u64)> = Vec::new();
        for (sequence, content) in &events {
            // The content holds the sequence, as it does in a document.
            let content = content + 10 * sequence.unsigned_abs();
            let news = at(Some(*sequence), Some(sequence * 1_000), content);
            if progress.standing(&news) == Standing::News {
                progress.took(&news);
                heard.push((*sequence, content));
            }
        }
        prop_assert!(heard.is_sorted_by_key(|(sequence, _)| *sequence), "{heard:?}");
        let mut once = heard.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), heard.len());
        let latest = events.iter().map(|(sequence, _)| sequence).max();
        prop_assert_eq!(heard.last().map(|(sequence, _)| sequence), latest);
    }
}
