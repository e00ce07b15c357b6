//! What the DOM tells by itself: the order exists, it is released, it is shipped; there is new stock.

use gateway_model::scalar;
use gateway_simulator::dom::Stage;
use gateway_simulator::store::Place;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::clock;
use crate::demo::journey::Journey;
use crate::demo::journey::stock::{LAMP, MUNICH};
use crate::demo::step::Step;
use crate::demo::verdict::Verdict;

/// Lamps in Munich after a delivery.
const DELIVERED: Decimal = Decimal::from_parts(25, 0, 0, false, 0);

// === impl Journey ===

impl Journey<'_> {
    /// The order was created: the store stops waiting.
    pub(super) async fn created(&mut self) -> Step {
        let before = self.status();
        self.pushed("order created", 1, |verdict| self.expect_status(verdict, before.as_deref(), "G")).await
    }

    /// The DOM releases the order to its warehouse.
    pub(super) async fn released(&mut self) -> Step {
        let before = self.status();
        let moved = self.move_dom(|dom, now| dom.move_to(&self.bought, Stage::Released, now));
        self.pushed("released", 1, |verdict| {
            moved.unwrap_or_else(|fault| verdict.fault(fault));
            self.expect_status(verdict, before.as_deref(), "R");
        })
        .await
    }

    /// Everything ships: the order's status is one event, the shipment of each of the two nodes another.
    pub(super) async fn shipped(&mut self) -> Step {
        let before = self.status();
        let moved = self.move_dom(|dom, now| dom.move_to(&self.bought, Stage::Shipped, now));
        self.pushed("shipped", 3, |verdict| {
            moved.unwrap_or_else(|fault| verdict.fault(fault));
            self.expect_status(verdict, before.as_deref(), "S");
            let (items, deposits) = self.setting.store.with(|store| {
                let order = store.order(&self.bought);
                let items: Vec<String> =
                    order.map(|order| order.items.values().cloned().collect()).unwrap_or_default();
                let deposits: Vec<u32> =
                    order.map(|order| order.deposits.values().copied().collect()).unwrap_or_default();
                (items, deposits)
            });
            verdict.expect("status of the items", vec!["D".to_owned(); 3], items);
            verdict.expect("deposits of each item", vec![1; 3], deposits);
            verdict.fact("3 items at D");
        })
        .await
    }

    /// Lamps arrive in Munich: online and in Munich there are more.
    pub(super) async fn stock_changed(&mut self) -> Step {
        // The DOM's times have no fractions. Whether what it tells in an order's own second contains that order, nobody
        // knows, so the gateway takes it off again; this delivery comes later.
        let later = |now: Timestamp| now.checked_add(SignedDuration::from_secs(1)).unwrap_or(now);
        let moved = self.move_dom(|dom, now| dom.set_stock(LAMP, MUNICH, DELIVERED, later(now)));
        self.pushed("new stock", 1, |verdict| {
            moved.unwrap_or_else(|fault| verdict.fault(fault));
            let nodes =
                self.setting.dom.with(|dom| dom.scenario().stores.first().map(|store| store.nodes.clone()));
            let nodes = nodes.unwrap_or_default();
            let places =
                [(Place::Online, nodes), (Place::Physical(MUNICH.to_owned()), vec![MUNICH.to_owned()])];
            for (place, nodes) in places {
                let promised: Decimal = self
                    .setting
                    .dom
                    .with(|dom| nodes.iter().map(|node| dom.promisable(LAMP, node, clock::now())).sum());
                let told =
                    self.setting.store.with(|store| store.stock(LAMP, &place).cloned()).unwrap_or_default();
                let quantity = told.quantity.as_deref().and_then(scalar::parse_number);
                verdict.expect(&format!("{LAMP} {place}"), Some(promised), quantity);
                verdict.expect_text(&format!("{LAMP} {place}"), "Available", Some(&told.status));
                verdict.fact(format!("{LAMP} {place} {} {}", told.status, promised.normalize()));
            }
        })
        .await
    }

    fn expect_status(&self, verdict: &mut Verdict, before: Option<&str>, expected: &str) {
        let now = self.status();
        verdict.expect_text("status at the store", expected, now.as_deref());
        let refused =
            self.setting.store.with(|store| store.order(&self.bought).map_or(0, |order| order.refused));
        verdict.expect("messages the store refused", 0, refused);
        verdict.fact(format!("order {}: status {} → {expected}", self.bought, before.unwrap_or("-")));
    }
}
