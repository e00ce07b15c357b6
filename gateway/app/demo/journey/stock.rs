//! Looking at stock: what is asked, what is said of it, and what the DOM could promise.

use gateway_model::{Record, scalar};
use gateway_simulator::dom::Dom;
use gateway_simulator::serve::Exchange;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::clock;
use crate::demo::journey::Journey;
use crate::demo::step::Step;
use crate::demo::verdict::Verdict;

pub(super) const LAMP: &str = "LAMP-0042-BRS";
pub(super) const MUNICH: &str = "MUC-Marienplatz";

/// The header with the age of the oldest record that an answer is from, in seconds.
const AGE: &str = "x-gateway-age";

/// A page of the shop: items, and physical stores beside the online one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    items: &'static [&'static str],
    physical: &'static [&'static str],
}

/// Two items at three places.
pub(super) const TWO_ITEMS: Page =
    Page { items: &[LAMP, "RUG-1187-GRN"], physical: &[MUNICH, "ZRH-Bahnhofstrasse"] };
/// The same two online, and one that is on no other page.
pub(super) const ONE_MORE: Page = Page { items: &[LAMP, "RUG-1187-GRN", "VASE-0007-RED"], physical: &[] };

/// A look at a page.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) page: Page,
    pub(super) exchange: Exchange,
    /// Lines that the DOM was asked for meanwhile, as it counted them.
    pub(super) asked: u64,
}

/// What is said of an item at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    item: String,
    place: String,
    pub(super) status: String,
    pub(super) quantity: Option<Decimal>,
    on: Option<Date>,
}

// === impl Page ===

impl Page {
    /// How many lines it asks for.
    pub(super) fn lines(&self) -> u64 {
        let lines = self.items.len() * (self.physical.len() + 1);
        u64::try_from(lines).unwrap_or(u64::MAX)
    }

    /// Where it asks, the online store first.
    fn places<'p>(&self, online: &'p str) -> Vec<&'p str> {
        std::iter::once(online).chain(self.physical.iter().copied()).collect()
    }
}

// === impl Looked ===

impl Looked {
    /// How old the answer says to be, in seconds; `None` if none of it is from memory.
    pub(super) fn age(&self) -> Option<u64> {
        self.exchange.headers.get(AGE)?.to_str().ok()?.parse().ok()
    }
}

// === impl Journey ===

impl Journey<'_> {
    /// Two items in the online store and in two physical ones, all three kinds of answers among them.
    pub(super) async fn browse(&mut self) -> Step {
        let looked = self.look(TWO_ITEMS).await;
        let mut seen = Vec::new();
        let step = self.called("browse", &looked.exchange, |answer, verdict| {
            seen = self.check_stock(answer, TWO_ITEMS, verdict);
            for status in ["Available", "Backorderable", "Unavailable"] {
                if !seen.iter().any(|said| said.status == status) {
                    verdict.fault(format!("nothing is {status}"));
                }
            }
            self.tell(&seen, TWO_ITEMS, verdict);
            verdict.expect("lines asked of the DOM", TWO_ITEMS.lines(), looked.asked);
            verdict.expect("the age of what nobody could remember", None, looked.age());
        });
        self.seen = seen;
        step
    }

    pub(super) async fn look(&mut self, page: Page) -> Looked {
        let store = &self.setting.store;
        let before = self.lines_asked();
        let online = store.with(|store| store.profile().name.clone());
        let exchange = store.browse(page.items, &page.places(&online)).await;
        // After a fault the store sends nothing for a while.
        if !exchange.sent.is_empty() {
            self.wanted += page.lines();
        }
        Looked { page, exchange, asked: self.lines_asked() - before }
    }

    /// Compares the answer with what the DOM can promise, pair by pair in the asked order.
    pub(super) fn check_stock(
        &self,
        answer: &Record<'static>,
        page: Page,
        verdict: &mut Verdict,
    ) -> Vec<Said> {
        let online = self.online();
        let places = page.places(&online);
        let now = clock::now();
        let promised: Vec<Said> = self.setting.dom.with(|dom| {
            let pairs = page.items.iter().flat_map(|item| places.iter().map(move |place| (item, place)));
            pairs.map(|(item, place)| promised(dom, (item, place), now)).collect()
        });
        self.check_said(answer, &promised, verdict)
    }

    /// Compares the answer with what it has to be. In the asked order: an answer in another's place is wrong.
    pub(super) fn check_said(
        &self,
        answer: &Record<'static>,
        expected: &[Said],
        verdict: &mut Verdict,
    ) -> Vec<Said> {
        let views = &self.setting.views;
        if self.is_refused(answer, views.availability_answer.refusal, verdict) {
            return Vec::new();
        }
        let said: Vec<Said> =
            answer.list(views.availability_answer.lines).iter().map(|line| self.said(line)).collect();
        let online = self.online();
        verdict.expect("answers", expected.len(), said.len());
        for (expected, said) in expected.iter().zip(&said) {
            let whose = |said: &Said| format!("{} {}", said.item, said.told(&online));
            verdict.expect_text("an answer", &whose(expected), Some(&whose(said)));
        }
        said
    }

    /// Says what was said, item by item.
    pub(super) fn tell(&self, said: &[Said], page: Page, verdict: &mut Verdict) {
        let online = self.online();
        for item in page.items {
            let said = said.iter().filter(|said| said.item == *item);
            let told: Vec<String> = said.map(|said| said.told(&online)).collect();
            verdict.fact(format!("{item}: {}", told.join(", ")));
        }
    }

    /// The name of the online store.
    pub(super) fn online(&self) -> String {
        self.setting.store.with(|store| store.profile().name.clone())
    }

    /// Lines of questions about stock that the DOM counted so far; one that was asked again counts again.
    pub(super) fn lines_asked(&self) -> u64 {
        self.setting.dom.script().count("availability").lines
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
    /// Whether it is about this item at this place.
    pub(super) fn is_of(&self, item: &str, place: &str) -> bool {
        self.item == item && self.place == place
    }

    /// The same with so much taken.
    pub(super) fn less(&self, taken: Decimal) -> Self {
        Self { quantity: self.quantity.map(|quantity| quantity - taken), ..self.clone() }
    }

    /// The place and what is said of it, in short.
    pub(super) fn told(&self, online: &str) -> String {
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
