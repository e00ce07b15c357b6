//! The order: handed over, handed over again and found, looked at.

use gateway_model::scalar;
use rust_decimal::Decimal;

use crate::demo::journey::Journey;
use crate::demo::step::Step;

// === impl Journey ===

impl Journey<'_> {
    /// The order is handed over: the DOM has it, once, with the stock that was held for it.
    pub(super) async fn transfer(&mut self) -> Step {
        let exchange = self.setting.store.transfer(&self.bought).await;
        self.called("transfer", &exchange, |answer, verdict| {
            self.is_refused(answer, self.setting.views.transfer_answer.refusal, verdict);
            let keys = self.keys();
            verdict.expect("orders of this number in the DOM", 1, keys.len());
            verdict.expect("pieces still only reserved", Decimal::ZERO, self.held(&self.bought));
            verdict.expect_text("status at the store", "G", self.status().as_deref());
            let known = self.setting.store.with(|store| store.order(&self.bought)?.external_id.clone());
            let key = keys.first().map_or("-", String::as_str);
            verdict.expect_text("the DOM's key at the store", key, known.as_deref());
            verdict.fact(format!("order {} = DOM key {key}", self.bought));
        })
    }

    /// The store's job sends it once more, as if it had not heard the answer: the DOM refuses what it has already, the gateway
    /// asks it what it has, and the store is answered as the first time.
    pub(super) async fn transfer_again(&mut self) -> Step {
        let exchange = self.setting.store.transfer(&self.bought).await;
        self.called("transfer again", &exchange, |answer, verdict| {
            self.is_refused(answer, self.setting.views.transfer_answer.refusal, verdict);
            let keys = self.keys();
            verdict.expect("orders of this number in the DOM", 1, keys.len());
            verdict.expect_text("status at the store", "G", self.status().as_deref());
            let order = answer.record(self.setting.views.transfer_answer.order);
            let told = order.and_then(|order| order.text(self.setting.views.order.external_id));
            let key = keys.first().map_or("-", String::as_str);
            verdict.expect_text("the DOM's key in the answer", key, told);
            verdict.fact(format!("found at the DOM, answered as the first time: {key}; still one order"));
        })
    }

    /// The store lowers its cached stock by the order; nobody has to be asked.
    pub(super) async fn decrement(&mut self) -> Step {
        let exchange = self.setting.store.decrement(&self.bought).await;
        let asked = self.setting.dom.journal().take();
        self.called("decrement cache", &exchange, |answer, verdict| {
            self.is_refused(answer, self.setting.views.requirement_answer.refusal, verdict);
            verdict.expect("calls of the DOM", 0, asked.len());
            verdict.fact("acknowledged, the DOM was not asked");
        })
    }

    /// The buyer's orders.
    pub(super) async fn history(&mut self) -> Step {
        let exchange = self.setting.store.history(None).await;
        self.called("history", &exchange, |answer, verdict| {
            let views = &self.setting.views;
            self.is_refused(answer, views.orders_answer.refusal, verdict);
            let found: Vec<_> = answer
                .list(views.orders_answer.orders)
                .iter()
                .map(|order| {
                    let text = |field| order.text(field).unwrap_or_default().to_owned();
                    (text(views.order.id), text(views.order.external_id), text(views.order.status))
                })
                .collect();
            let key = self.keys().into_iter().next().unwrap_or_default();
            verdict.expect("orders", vec![(self.bought.clone(), key, "G".to_owned())], found);
            verdict.fact(format!("1 order: {}, status G", self.bought));
        })
    }

    /// The order in full.
    pub(super) async fn details(&mut self) -> Step {
        let exchange = self.setting.store.details(&self.bought).await;
        self.called("details", &exchange, |answer, verdict| {
            let views = &self.setting.views;
            self.is_refused(answer, views.orders_answer.refusal, verdict);
            let line = |line: &gateway_model::Record<'_>| {
                let quantity = line.text(views.order_line.quantity).and_then(scalar::parse_number);
                let item = line.text(views.order_line.item).unwrap_or_default().to_owned();
                (item, quantity.map(|quantity| quantity.normalize()))
            };
            let lines = |order: &gateway_model::Record<'_>| -> Vec<_> {
                order.list(views.order.lines).iter().map(line).collect()
            };
            let sold =
                self.setting.store.with(|store| store.order(&self.bought).map(|order| lines(&order.record)));
            let shown = answer.list(views.orders_answer.orders).first();
            verdict.expect("order items", sold.unwrap_or_default(), shown.map(lines).unwrap_or_default());
            let id = shown.and_then(|order| order.text(views.order.id));
            verdict.expect_text("order", &self.bought, id);
            let items: Vec<String> = shown
                .map(lines)
                .unwrap_or_default()
                .into_iter()
                .map(|(item, quantity)| format!("{} × {item}", quantity.unwrap_or_default()))
                .collect();
            verdict.fact(items.join(", "));
        })
    }
}
