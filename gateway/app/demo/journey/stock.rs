//! Looking at stock: before the order, and after the DOM told of new stock.

use gateway_model::{Record, scalar};
use gateway_simulator::dom::Dom;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::clock;
use crate::demo::journey::Journey;
use crate::demo::step::Step;
use crate::demo::verdict::Verdict;

/// What the shopper looks at, and where; the store's own name is put before the places.
const ITEMS: [&str; 2] = ["LAMP-0042-BRS", "RUG-1187-GRN"];
const PLACES: [&str; 2] = ["MUC-Marienplatz", "ZRH-Bahnhofstrasse"];

/// What is said of an item at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    item: String,
    place: String,
    pub(super) status: String,
    quantity: Option<Decimal>,
    on: Option<Date>,
}

// === impl Journey ===

impl Journey<'_> {
    /// Two items in the online store and in two physical ones, all three kinds of answers among them.
    pub(super) async fn browse(&mut self) -> Step {
        let exchange = self.look().await;
        self.called("browse", &exchange, |answer, verdict| {
            let said = self.check_stock(answer, verdict);
            for status in ["Available", "Backorderable", "Unavailable"] {
                if !said.iter().any(|said| said.status == status) {
                    verdict.fault(format!("nothing is {status}"));
                }
            }
        })
    }

    /// The same once more: orders and the stock told meanwhile show.
    pub(super) async fn browse_again(&mut self) -> Step {
        let exchange = self.look().await;
        self.called("browse again", &exchange, |answer, verdict| {
            self.check_stock(answer, verdict);
        })
    }

    async fn look(&self) -> gateway_simulator::serve::Exchange {
        let store = &self.setting.store;
        let online = store.with(|store| store.profile().name.clone());
        let [first, second] = PLACES;
        store.browse(&ITEMS, &[&online, first, second]).await
    }

    /// Compares the answer with what the DOM can promise, pair by pair in the asked order.
    fn check_stock(&self, answer: &Record<'static>, verdict: &mut Verdict) -> Vec<Said> {
        let views = &self.setting.views;
        if self.is_refused(answer, views.availability_answer.refusal, verdict) {
            return Vec::new();
        }
        let said: Vec<Said> =
            answer.list(views.availability_answer.lines).iter().map(|line| self.said(line)).collect();
        let online = self.setting.store.with(|store| store.profile().name.clone());
        let places = [online.as_str(), PLACES[0], PLACES[1]];
        let now = clock::now();
        let promised: Vec<Said> = self.setting.dom.with(|dom| {
            let pairs = ITEMS.iter().flat_map(|item| places.iter().map(move |place| (item, place)));
            pairs.map(|(item, place)| promised(dom, (item, place), now)).collect()
        });
        verdict.expect("answers", promised.len(), said.len());
        for (promised, said) in promised.iter().zip(&said) {
            // In the asked order: an answer in another's place is wrong.
            let whose = |said: &Said| format!("{} {}", said.item, said.told(&online));
            verdict.expect_text("an answer", &whose(promised), Some(&whose(said)));
        }
        for item in ITEMS {
            let said = said.iter().filter(|said| said.item == item);
            let told: Vec<String> = said.map(|said| said.told(&online)).collect();
            verdict.fact(format!("{item}: {}", told.join(", ")));
        }
        said
    }

    fn said(&self, line: &Record<'_>) -> Said {
        let view = &self.setting.views.availability;
        let text = |field| line.text(field).unwrap_or_default().to_owned();
        let status = text(view.status);
        // The quantity of an item that is not there is nothing to compare.
        let quantity =
            line.text(view.quantity).filter(|_| status == "Available").and_then(scalar::parse_number);
        let moment = line.text(view.available_at).and_then(scalar::parse_moment);
        Said {
            item: text(view.item),
            place: text(view.location),
            status,
            quantity,
            on: moment.map(|moment| moment.local.date()),
        }
    }
}

// === impl Said ===

impl Said {
    fn told(&self, online: &str) -> String {
        let place =
            if self.place == online { "online" } else { self.place.split('-').next().unwrap_or_default() };
        match (self.quantity, self.on) {
            (Some(quantity), _) => format!("{place} {} {}", self.status, quantity.normalize()),
            (None, Some(date)) => format!("{place} {} {date}", self.status),
            (None, None) => format!("{place} {}", self.status),
        }
    }
}

/// What the DOM can promise of an item at a place: the nodes of the online store, or the physical store alone.
fn promised(dom: &Dom, (item, place): (&str, &str), now: Timestamp) -> Said {
    let scenario = dom.scenario();
    let nodes = scenario.stores.iter().find(|store| store.name == place).map(|store| store.nodes.clone());
    let nodes = nodes.unwrap_or_else(|| vec![place.to_owned()]);
    let quantity: Decimal = nodes.iter().map(|node| dom.promisable(item, node, now)).sum();
    let supplies =
        scenario.supplies.iter().filter(|supply| supply.item == item && nodes.contains(&supply.node));
    let future = supplies.flat_map(|supply| &supply.future).map(|(date, _)| *date).min();
    let (status, quantity, on) = match future {
        _ if quantity > Decimal::ZERO => ("Available", Some(quantity), None),
        Some(date) => ("Backorderable", None, Some(date)),
        None => ("Unavailable", None, None),
    };
    Said { item: item.to_owned(), place: place.to_owned(), status: status.to_owned(), quantity, on }
}
