//! Checks of orders are answered from the same records, with the quantities they want.

use gateway_simulator::serve::Shows;

use super::documents::{OrderItem, check, online, physical, sent};
use super::world::{FOR_EVER, SHOP, World, ZURICH, statuses};

const BELOW_ASKS: &str = "[[cache.rule]]\nname = \"below-asks\"\nthreshold_quantity = 10\n\
     fresh_above_secs = \"never\"\nfresh_below_secs = 0\n";

fn collected<'a>(id: &'a str, item: &'a str, quantity: &'a str) -> OrderItem<'a> {
    OrderItem { collected: Some(ZURICH), ..sent(id, item, quantity) }
}

#[tokio::test]
async fn a_check_is_answered_from_what_a_page_asked_and_a_page_from_what_a_check_asked() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["P-001", "P-002"])).await;
    let answer = world.ask(&check(&[sent("1", "P-001", "101"), sent("2", "P-002", "103.0")])).await;
    assert_eq!(answer.root(), "AcknowledgeInventoryRequirement");
    assert_eq!(statuses(&answer), ["Available", "Unavailable"]);
    assert_eq!(world.asked(), (1, 2));
    let answer = world.ask(&check(&[sent("1", "P-003", "1"), sent("2", "P-001", "1")])).await;
    assert_eq!(statuses(&answer), ["Available", "Available"]);
    assert_eq!(world.asked(), (2, 3));
    assert_eq!(world.lines(&online(&["P-003"])).await, [format!("P-003 {SHOP} Available 103")]);
    assert_eq!(world.asked(), (2, 3));
}

#[tokio::test]
async fn what_one_item_of_an_order_takes_is_not_there_for_the_next() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["P-001"])).await;
    let answer = world.ask(&check(&[sent("1", "P-001", "60"), sent("2", "P-001", "60")])).await;
    assert_eq!(statuses(&answer), ["Available", "Unavailable"]);
    assert_eq!(world.asked(), (1, 1));
}

#[tokio::test]
async fn what_is_known_less_what_is_wanted_decides_by_the_threshold() {
    let world = World::with(BELOW_ASKS).await;
    world.ask(&online(&["P-001"])).await;
    for (items, asks) in [
        (vec![sent("1", "P-001", "91")], false),
        (vec![sent("1", "P-001", "91.5")], true),
        (vec![sent("1", "P-001", "92")], true),
        // Both together want 92.
        (vec![sent("1", "P-001", "46"), sent("2", "P-001", "46")], true),
        (vec![sent("1", "P-001", "45"), sent("2", "P-001", "46")], false),
    ] {
        let before = world.asked();
        let answer = world.ask(&check(&items)).await;
        assert!(statuses(&answer).iter().all(|status| status == "Available"), "{items:?}");
        let after = world.asked();
        assert_eq!((after.0 - before.0, after.1 - before.1), (u64::from(asks), u64::from(asks)), "{items:?}");
    }
    // A page wants nothing.
    let before = world.asked();
    world.ask(&online(&["P-001"])).await;
    assert_eq!(world.asked(), before);
}

#[tokio::test]
async fn what_is_collected_is_asked_for_anew_and_the_rest_is_not() {
    let world = World::with(FOR_EVER).await;
    world.ask(&online(&["P-001", "P-002"])).await;
    world.ask(&physical(&["P-001"], &[ZURICH])).await;
    assert_eq!(world.asked(), (2, 3));
    world.stock("P-001", ZURICH, 2);
    let order = check(&[collected("1", "P-001", "3"), sent("2", "P-001", "3"), sent("3", "P-002", "1")]);
    assert_eq!(statuses(&world.ask(&order).await), ["Unavailable", "Available", "Available"]);
    assert_eq!(world.asked(), (3, 4));
    assert_eq!(statuses(&world.ask(&order).await), ["Unavailable", "Available", "Available"]);
    assert_eq!(world.asked(), (4, 5));
    // What it learnt there is remembered for pages.
    let question = physical(&["P-001"], &[ZURICH]);
    assert_eq!(world.lines(&question).await, [format!("P-001 {ZURICH} Available 2")]);
    assert_eq!(world.asked(), (4, 5));
}

#[tokio::test]
async fn what_is_collected_is_not_promised_from_memory_while_the_dom_cannot_be_asked() {
    let fallback = "[cache.rule.fallback]\nstatus = \"Unavailable\"\n";
    let world = World::with(&format!("{FOR_EVER}{fallback}")).await;
    world.ask(&physical(&["P-001"], &[ZURICH])).await;
    world.trouble("availability", &Shows::Status(503), 2);
    let order = check(&[collected("1", "P-001", "1")]);
    assert_eq!(statuses(&world.ask(&order).await), ["Unavailable"]);
    assert_eq!(
        world.lines(&physical(&["P-001"], &[ZURICH])).await,
        [format!("P-001 {ZURICH} Available 1001")]
    );
}

#[tokio::test]
async fn a_kit_is_as_available_as_what_is_known_of_its_parts() {
    let world = World::with(FOR_EVER).await;
    let parts: &[_] = &[("DESK-TOP-09", "1"), ("DESK-LEG-09", "4")];
    let kits = |quantity| check(&[OrderItem { parts, ..sent("1", "KIT-DESK-09", quantity) }]);
    world.ask(&online(&["DESK-TOP-09", "DESK-LEG-09"])).await;
    // 12 tops and 39 legs are there; more come.
    for (quantity, expected) in [("9", "Available"), ("10", "Backorderable")] {
        assert_eq!(statuses(&world.ask(&kits(quantity)).await), [expected], "{quantity}");
    }
    assert_eq!(world.asked(), (1, 2));
}
