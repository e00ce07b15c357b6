//! The journey: what shopper, store and DOM do, one step after the other, each checked at both ends.
//!
//! A step is right when the store got what it has to get *and* the DOM's own state is as it has to be; an HTTP status
//! alone proves nothing.

mod cart;
mod memory;
mod order;
mod pushes;
mod stock;

use gateway_model::{FieldId, Record};
use gateway_simulator::serve::{Delivery, Exchange, Outcome};
use tokio::time::Instant;

use crate::clock;
use crate::demo::hop;
use crate::demo::journey::stock::Said;
use crate::demo::operator::Counted;
use crate::demo::setting::Setting;
use crate::demo::step::Step;
use crate::demo::verdict::Verdict;

/// The shopper's way through the shop.
#[derive(Debug)]
pub struct Journey<'s> {
    setting: &'s Setting,
    /// The order that is bought; empty until its cart is filled.
    bought: String,
    /// The order somebody else thinks better of.
    left: String,
    /// What was said on the first page.
    seen: Vec<Said>,
    /// Lines of stock that the store asked for.
    wanted: u64,
    /// Lines that were asked again because the DOM did not answer.
    lost: u64,
    /// Lines answered while the DOM was away.
    stale: u64,
    counted: Option<Counted>,
    began: Instant,
    taken: usize,
}

// === impl Journey ===

impl<'s> Journey<'s> {
    /// A journey that has not begun.
    #[must_use]
    pub fn new(setting: &'s Setting) -> Self {
        Self {
            setting,
            bought: String::new(),
            left: String::new(),
            seen: Vec::new(),
            wanted: 0,
            lost: 0,
            stale: 0,
            counted: None,
            began: Instant::now(),
            taken: 0,
        }
    }

    /// What the gateway counted of questions about stock, once the journey came so far.
    #[must_use]
    pub const fn counted(&self) -> Option<Counted> {
        self.counted
    }

    /// Takes the next step; `None` when there is none left.
    pub async fn next(&mut self) -> Option<Step> {
        let step = match self.taken {
            0 => self.browse().await,
            1 => self.look_again().await,
            2 => self.one_item_more().await,
            3 => self.fill_cart().await,
            4 => self.reserve().await,
            5 => self.reserve_another().await,
            6 => self.cancel().await,
            7 => self.transfer().await,
            8 => self.transfer_again().await,
            9 => self.created().await,
            10 => self.decrement().await,
            11 => self.look_after_order().await,
            12 => self.history().await,
            13 => self.details().await,
            14 => self.released().await,
            15 => self.shipped().await,
            16 => self.stock_changed().await,
            17 => self.browse_again().await,
            18 => self.dom_away().await,
            19 => self.dom_back().await,
            20 => self.count_stock().await,
            _ => return None,
        };
        self.taken += 1;
        Some(step)
    }

    /// A step that the store began. `check` looks at the answer and at the DOM.
    fn called(
        &self,
        name: &'static str,
        exchange: &Exchange,
        check: impl FnOnce(&Record<'static>, &mut Verdict),
    ) -> Step {
        let asked = self.setting.dom.journal().take();
        let mut verdict = Verdict::default();
        match &exchange.outcome {
            Outcome::Answered(record) => check(record, &mut verdict),
            Outcome::Fault { code, text } => {
                verdict.fault(format!("the store got a SOAP fault, {code}: {text}"))
            }
            Outcome::HeldOff(held_off) => verdict.fault(format!("the store sent nothing: {held_off}")),
            Outcome::NoAnswer(reason) => {
                verdict.fault(format!("the store got no answer it can read: {reason}"))
            }
            Outcome::NotSent(reason) => verdict.fault(format!("the store sent nothing: {reason}")),
        }
        Step {
            name,
            route: hop::route_of_call(exchange, &asked),
            outcome: verdict.outcome(),
            took: exchange.took,
            hops: hop::of_call(exchange, &asked),
        }
    }

    /// A step that the DOM began: it pushes what it has to tell. `check` looks at the store.
    async fn pushed(&self, name: &'static str, events: usize, check: impl FnOnce(&mut Verdict)) -> Step {
        let deliveries = self.setting.dom.deliver().await;
        let told = self.setting.store.journal().take();
        let mut verdict = Verdict::default();
        verdict.expect("events pushed", events, deliveries.len());
        for delivery in deliveries.iter().filter(|delivery| !delivery.taken) {
            verdict.fault(not_taken(delivery));
        }
        check(&mut verdict);
        Step {
            name,
            route: hop::route_of_pushes(&deliveries, &told),
            outcome: verdict.outcome(),
            took: deliveries.iter().map(|delivery| delivery.took).sum(),
            hops: hop::of_pushes(&deliveries, &told),
        }
    }

    /// Changes the DOM's state as its own people would.
    fn move_dom<T, E: std::fmt::Display>(
        &self,
        change: impl FnOnce(&mut gateway_simulator::dom::Dom, jiff::Timestamp) -> Result<T, E>,
    ) -> Result<(), String> {
        let now = clock::now();
        self.setting.dom.with(|dom| change(dom, now)).map(|_| ()).map_err(|error| format!("the DOM: {error}"))
    }

    /// The store's status letter of the bought order.
    fn status(&self) -> Option<String> {
        self.setting.store.with(|store| store.order(&self.bought).map(|order| order.status.clone()))
    }

    /// The DOM's keys of the bought order: one if it exists once.
    fn keys(&self) -> Vec<String> {
        self.setting.dom.with(|dom| dom.keys(&self.bought))
    }

    /// Whether an answer refuses; then that is a fault of the step, unless it was meant to.
    fn is_refused(&self, answer: &Record<'_>, field: FieldId, verdict: &mut Verdict) -> bool {
        let Some(refusal) = answer.record(field) else { return false };
        let view = &self.setting.views.refusal;
        let text = |field| refusal.text(field).unwrap_or("-");
        verdict.fault(format!("refused with {}: {}", text(view.reason_code), text(view.description)));
        true
    }
}

fn not_taken(delivery: &Delivery) -> String {
    let status = delivery.status.map_or("no answer".to_owned(), |status| format!("status {status}"));
    format!("the event about {} was not taken: {status} {}", delivery.subject, delivery.answer)
}
