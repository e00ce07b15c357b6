//! The carts: checked, reserved, given back.

use gateway_model::Record;
use gateway_simulator::store::CartLine;
use rust_decimal::Decimal;

use crate::clock;
use crate::demo::journey::Journey;
use crate::demo::journey::stock::{LAMP, MUNICH};
use crate::demo::step::Step;
use crate::demo::verdict::Verdict;

const RUG: &str = "RUG-1187-GRN";
const KIT: &str = "KIT-DESK-09";
/// Where all but collected items come from.
const CENTRE: &str = "DC-Nord";
/// Lines of stock that the cart needs: the kit's two parts and the lamps online, a lamp in Munich.
const CART_LINES: u64 = 4;

// === impl Journey ===

impl Journey<'_> {
    /// A kit and two lamps to be sent, a lamp to be collected: can they be delivered? The lamps online are remembered; the
    /// DOM is asked for the kit's two parts, and anew for what is about to be collected.
    pub(super) async fn fill_cart(&mut self) -> Step {
        let cart = [
            CartLine::sent(KIT, Decimal::ONE),
            CartLine::sent(LAMP, Decimal::TWO),
            CartLine::collected(LAMP, Decimal::ONE, MUNICH),
        ];
        let store = &self.setting.store;
        self.bought = store.with(|store| store.open_order(&cart, clock::now()));
        let before = self.lines_asked();
        let exchange = store.check(&self.bought).await;
        self.wanted += CART_LINES;
        self.called("check the cart", &exchange, |answer, verdict| {
            let statuses = self.statuses(answer, verdict);
            let expected = [(KIT, "Available"), (LAMP, "Available"), (LAMP, "Available")];
            // An answer names order items by their id: the store knows which item that is.
            verdict.expect("order items", expected.len(), statuses.len());
            for ((item, expected), (_, status)) in expected.iter().zip(&statuses) {
                verdict.expect_text(item, expected, Some(status));
            }
            let asked = self.lines_asked() - before;
            verdict.expect("lines asked of the DOM", CART_LINES - 1, asked);
            verdict.fact(format!("order {}: all {} items Available", self.bought, statuses.len()));
            verdict.fact(format!("the DOM was asked for {asked} of {CART_LINES} lines"));
        })
    }

    /// Stock is held for it: the kit's parts in the warehouse, the collected lamp where it is collected.
    pub(super) async fn reserve(&mut self) -> Step {
        let before = (self.free(LAMP, CENTRE), self.free(LAMP, MUNICH));
        let exchange = self.setting.store.reserve(&self.bought).await;
        self.called("reserve", &exchange, |answer, verdict| {
            let statuses = self.statuses(answer, verdict);
            let expected = vec!["Allocated"; 3];
            let found: Vec<&str> = statuses.iter().map(|(_, status)| status.as_str()).collect();
            verdict.expect("order items", expected, found);
            // One desk top, four legs, three lamps.
            let held = self.held(&self.bought);
            verdict.expect("pieces held by the DOM", Decimal::from(8), held);
            verdict.expect("lamps left in the warehouse", before.0 - Decimal::TWO, self.free(LAMP, CENTRE));
            verdict.expect("lamps left in Munich", before.1 - Decimal::ONE, self.free(LAMP, MUNICH));
            verdict.fact(format!("3 items Allocated, the DOM holds {held} pieces under WC_{}", self.bought));
        })
    }

    /// Somebody else wants three rugs where one is there and more will come: the answer splits the item.
    pub(super) async fn reserve_another(&mut self) -> Step {
        let store = &self.setting.store;
        let cart = [CartLine::sent(RUG, Decimal::from(3))];
        self.left = store.with(|store| store.open_order(&cart, clock::now()));
        let exchange = store.reserve(&self.left).await;
        self.called("another cart", &exchange, |answer, verdict| {
            let statuses = self.statuses(answer, verdict);
            let one = |status: &str, quantity: i64| (Some(Decimal::from(quantity)), status.to_owned());
            verdict.expect("parts", vec![one("Allocated", 1), one("Backordered", 2)], statuses);
            verdict.expect("pieces held by the DOM", Decimal::from(3), self.held(&self.left));
            let items = self.setting.store.with(|store| {
                let lines = self.setting.views.order.lines;
                store.order(&self.left).map_or(0, |order| order.record.list(lines).len())
            });
            verdict.expect("items the store made of it", 2, items);
            verdict.fact(format!("order {}: 1 rug Allocated, 2 Backordered", self.left));
        })
    }

    /// That one is given back.
    pub(super) async fn cancel(&mut self) -> Step {
        let exchange = self.setting.store.cancel(&self.left).await;
        self.called("cancel that cart", &exchange, |answer, verdict| {
            self.is_refused(answer, self.setting.views.requirement_answer.refusal, verdict);
            verdict.expect("pieces held by the DOM", Decimal::ZERO, self.held(&self.left));
            verdict.expect("rugs in the warehouse", Decimal::ONE, self.free(RUG, CENTRE));
            verdict.expect("pieces held for the other order", Decimal::from(8), self.held(&self.bought));
            verdict.fact(format!("the DOM holds nothing more for order {}", self.left));
        })
    }

    /// Quantity and inventory status of the answer's order items, in order.
    fn statuses(&self, answer: &Record<'_>, verdict: &mut Verdict) -> Vec<(Option<Decimal>, String)> {
        let views = &self.setting.views;
        self.is_refused(answer, views.requirement_answer.refusal, verdict);
        let order = answer.record(views.requirement_answer.order);
        let lines = order.map(|order| order.list(views.order.lines)).unwrap_or_default();
        let status = |line: &Record<'_>| {
            let quantity = line.text(views.order_line.quantity).and_then(gateway_model::scalar::parse_number);
            let status = line.text(views.order_line.inventory_status).unwrap_or_default();
            (quantity.map(|quantity| quantity.normalize()), status.to_owned())
        };
        lines.iter().map(status).collect()
    }

    /// What the DOM can still promise of an item at a node.
    fn free(&self, item: &str, node: &str) -> Decimal {
        self.setting.dom.with(|dom| dom.promisable(item, node, clock::now()))
    }

    /// Pieces the DOM holds under an order's reservation.
    pub(super) fn held(&self, order: &str) -> Decimal {
        let store = self.setting.store.with(|store| store.profile().id.clone());
        self.setting.dom.with(|dom| dom.reserved(&store, order)).normalize()
    }
}
