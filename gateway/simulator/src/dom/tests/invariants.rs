//! What holds whatever is called in whatever order: no stock is promised twice, lost or made up.

use proptest::prelude::{Just, Strategy, prop, prop_oneof, proptest};
use rust_decimal::Decimal;

use super::World;
use crate::dom::Stage;
use crate::testing::now;

/// One thing that may happen; numbers choose orders and items.
#[derive(Debug, Clone)]
enum Step {
    Reserve { order: usize, item: usize, quantity: u32, partial: bool },
    Cancel { order: usize, item: usize, quantity: u32 },
    Transfer { order: usize, item: usize, quantity: u32 },
    Advance { order: usize },
    CancelOrder { order: usize },
}

const ORDERS: [&str; 3] = ["1", "2", "3"];
const ITEMS: [&str; 4] = ["LAMP-0042-BRS", "RUG-1187-GRN", "KIT-DESK-09", "DESK-LEG-09"];
/// Everything stocked of these items and of the kit's parts, with all that will come.
const STOCK: [(&str, u32); 4] =
    [("LAMP-0042-BRS", 144), ("RUG-1187-GRN", 53), ("DESK-TOP-09", 32), ("DESK-LEG-09", 119)];

fn step() -> impl Strategy<Value = Step> {
    let order = 0..ORDERS.len();
    let item = 0..ITEMS.len();
    let quantity = 1..60_u32;
    let line = (order.clone(), item, quantity);
    let flag = prop_oneof![Just(true), Just(false)];
    prop_oneof![
        (line.clone(), flag).prop_map(|((order, item, quantity), partial)| Step::Reserve {
            order,
            item,
            quantity,
            partial
        }),
        line.clone().prop_map(|(order, item, quantity)| Step::Cancel { order, item, quantity }),
        line.prop_map(|(order, item, quantity)| Step::Transfer { order, item, quantity }),
        order.clone().prop_map(|order| Step::Advance { order }),
        order.prop_map(|order| Step::CancelOrder { order }),
    ]
}

/// Carries a step out; a refusal is as good as an answer here.
fn take(world: &mut World, step: &Step) {
    match *step {
        Step::Reserve { order, item, quantity, partial } => {
            let line = ["1", ITEMS[item], &quantity.to_string(), ""];
            let partial = if partial { "Y" } else { "N" };
            let _ = world.reserve(ORDERS[order], partial, &[line]);
        }
        Step::Cancel { order, item, quantity } => {
            let _ = world.cancel(ORDERS[order], &[[ITEMS[item], &quantity.to_string(), "", ""]]);
        }
        Step::Transfer { order, item, quantity } => {
            let order = world.order(ORDERS[order], &[["1", ITEMS[item], &quantity.to_string(), "1.00"]]);
            let _ = world.transfer(order);
        }
        Step::Advance { order } => {
            let _ = world.dom.advance(ORDERS[order], now());
        }
        Step::CancelOrder { order } => {
            let _ = world.dom.move_to(ORDERS[order], Stage::Cancelled, now());
        }
    }
}

proptest! {
    #[test]
    fn every_piece_is_free_held_or_shipped(steps in prop::collection::vec(step(), 0..25)) {
        let mut world = World::new();
        let mut shipped_before = [Decimal::ZERO; STOCK.len()];
        for step in &steps {
            take(&mut world, step);
            for (place, (item, all)) in STOCK.into_iter().enumerate() {
                let (free, held) = world.dom.stock.balance(item);
                let shipped = Decimal::from(all) - free - held;
                assert!(free >= Decimal::ZERO && held >= Decimal::ZERO, "{item} after {step:?}");
                // What has left never comes back, and never more leaves than there was.
                assert!(shipped >= shipped_before[place], "{item} after {step:?}");
                assert!(shipped <= Decimal::from(all), "{item} after {step:?}");
                shipped_before[place] = shipped;
            }
        }
    }
}
