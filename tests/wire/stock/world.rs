//! A gateway with a cache before a simulated DOM.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use dom_gateway::generation::load_mappings;
use gateway_mapping::Mappings;
use gateway_simulator::Habits;
use gateway_simulator::dom::Dom;
use gateway_simulator::serve::{DomParams, DomServer, Shows, Trouble};
use gateway_simulator::{Item, Scenario, Supply};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use roxmltree::{Document, Node};
use rust_decimal::Decimal;

use crate::caller::Answered;
use crate::documents::canonical_but_for_its_stamp;
use crate::gateway::{EVENTS, INVENTORY, Running, Settings};

/// The name of the only online store.
pub(crate) const SHOP: &str = "NordlichtShop";
/// A physical store that the online store does not sell from.
pub(crate) const ZURICH: &str = "ZRH-Bahnhofstrasse";
/// A physical store that the online store sells from.
pub(crate) const MUNICH: &str = "MUC-Marienplatz";
/// The warehouse of the online store.
const CENTRE: &str = "DC-Nord";

/// How many items `P-000` to `P-499` there are; of each, 100 and its number online and 1,000 and its number in Zurich.
pub(crate) const ITEMS: usize = 500;

/// A rule that keeps everything for ever.
pub(crate) const FOR_EVER: &str =
    "[[cache.rule]]\nname = \"for-ever\"\nthreshold_quantity = \"none\"\nfresh_above_secs = \"never\"\n";

/// A rule whose records are answered only when the DOM cannot be asked.
pub(crate) const ONLY_ON_ERROR: &str = "[[cache.rule]]\nname = \"only-on-error\"\nthreshold_quantity = \"none\"\n\
     fresh_above_secs = 0\nrefresh_secs = 0\non_error_secs = 3_600\n";

/// The DOM is left alone for so long that no test sees the end of it.
pub(crate) const LONG_PAUSE: &str = "[dom.batch]\nfirst_pause_ms = 600_000\nlongest_pause_ms = 600_000\n";

/// The DOM is tried again at once.
pub(crate) const SHORT_PAUSE: &str = "[dom.batch]\nfirst_pause_ms = 1\nlongest_pause_ms = 2\n";

/// How often a question is asked whose answer has to change.
const MOST_ROUNDS: usize = 100_000;

/// What the DOMs speak; loaded once, because there are many of them.
pub(crate) static MAPPINGS: LazyLock<Arc<Mappings>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    Arc::new(load_mappings(&folder).outcome.unwrap())
});

/// A gateway and the DOM behind it.
pub(crate) struct World {
    pub(crate) dom: DomServer,
    pub(crate) gateway: Running,
}

/// The part number of one of the many items.
pub(crate) fn item(number: usize) -> String {
    format!("P-{number:03}")
}

/// A DOM on this port, 0 for any.
pub(crate) async fn dom_at(address: SocketAddr) -> DomServer {
    dom_with(address, Habits::default()).await
}

async fn dom_with(address: SocketAddr, habits: Habits) -> DomServer {
    let mappings = Arc::clone(&MAPPINGS);
    let mut scenario = Scenario::demo(Timestamp::now().to_zoned(TimeZone::UTC).date());
    scenario.habits = habits;
    for number in 0..ITEMS {
        let supply = |node: &str, on_hand: usize| Supply {
            item: item(number),
            unit: "C62".to_owned(),
            node: node.to_owned(),
            on_hand: Decimal::from(on_hand),
            future: Vec::new(),
        };
        scenario.supplies.push(supply(CENTRE, 100 + number));
        scenario.supplies.push(supply(ZURICH, 1_000 + number));
        scenario.items.push(Item {
            number: item(number),
            id: format!("9{number:03}"),
            description: String::new(),
            unit: "C62".to_owned(),
            price: Decimal::ONE,
            parts: Vec::new(),
        });
    }
    let dom = Dom::new(mappings.vocabulary(), scenario).unwrap();
    let params = DomParams::new(address, "sterling");
    DomServer::start(mappings, dom, params, Arc::new(Timestamp::now)).await.unwrap()
}

/// A DOM on any free port.
pub(crate) async fn dom() -> DomServer {
    dom_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
}

/// Settings of a gateway before this DOM, with these rules.
pub(crate) fn before(dom: &DomServer, rules: &str) -> Settings {
    Settings { cache: rules.to_owned(), ..Settings::of(format!("http://{}", dom.address())) }
}

/// So long ago, as documents write it.
pub(crate) fn ago(seconds: i64) -> String {
    let then = Timestamp::now() - SignedDuration::from_secs(seconds);
    format!("{then:.3}")
}

// === impl World ===

impl World {
    /// A gateway with these rules.
    pub(crate) async fn with(rules: &str) -> Self {
        Self::of(rules, |settings| settings).await
    }

    /// A gateway with these rules and what else is not as usual.
    pub(crate) async fn of(rules: &str, change: impl FnOnce(Settings) -> Settings) -> Self {
        let dom = dom().await;
        let gateway = change(before(&dom, rules)).run().await;
        Self { dom, gateway }
    }

    /// A gateway with these lines of `[dom.verify]` before a DOM of these habits.
    pub(crate) async fn before(habits: Habits, verify: &str) -> Self {
        let dom = dom_with(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), habits).await;
        let of_dom = format!("[dom.verify]\n{verify}");
        let gateway = Settings { of_dom, ..before(&dom, "") }.run().await;
        Self { dom, gateway }
    }

    /// Posts a document about stock that has to be answered.
    pub(crate) async fn ask(&self, document: &str) -> Answered {
        let answer = self.gateway.ask(INVENTORY, document).await;
        assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
        answer
    }

    /// The lines of the answer to a question.
    pub(crate) async fn lines(&self, question: &str) -> Vec<String> {
        lines(&self.ask(question).await)
    }

    /// Asks until the answer has this one line.
    pub(crate) async fn until(&self, question: &str, line: &str) {
        for _ in 0..MOST_ROUNDS {
            if self.lines(question).await == [line] {
                return;
            }
        }
        unreachable!("never answered: {line}");
    }

    /// Pushes what has to be taken.
    pub(crate) async fn push(&self, event: &str) {
        let answer = self.gateway.ask(EVENTS, event).await;
        assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
        let_the_millisecond_pass();
    }

    /// How many questions of how many lines the DOM was asked so far.
    pub(crate) fn asked(&self) -> (u64, u64) {
        let count = self.dom.script().count("availability");
        (count.calls, count.lines)
    }

    /// The next so many requests of an operation go wrong in this way.
    pub(crate) fn trouble(&self, operation: &str, shows: &Shows, requests: usize) {
        for _ in 0..requests {
            self.dom.script().add(operation, Trouble::instead(shows.clone()));
        }
    }

    /// Sets what is there at the DOM, which tells nobody.
    pub(crate) fn stock(&self, item: &str, node: &str, quantity: u32) {
        self.dom.with(|dom| {
            dom.set_stock(item, node, Decimal::from(quantity), Timestamp::now()).unwrap();
            dom.take_events();
        });
    }

    /// Sets what is there of an item in the online store's warehouse.
    pub(crate) fn online(&self, item: &str, quantity: u32) {
        self.stock(item, CENTRE, quantity);
    }

    /// A counter of the cache.
    pub(crate) fn counter(&self, name: &str) -> u64 {
        let all = self.gateway.stocks.cache.stats().all();
        all.into_iter().find(|(known, _)| *known == name).map(|(_, count)| count).unwrap()
    }
}

/// An answer without what makes it this one: its identity, the times of its making, the DOM's number of a refusal.
pub(crate) fn comparable(document: &str) -> String {
    let mut text = canonical_but_for_its_stamp(document);
    for (from, to) in [("EffectiveDateTime >", "</>"), ("Reason >10.0.0.", "</>")] {
        while let Some((before, after)) = text.split_once(from) {
            text = format!("{before}{}", after.split_once(to).unwrap().1);
        }
    }
    text
}

/// Returns when this millisecond is over: what is asked within the millisecond in which something was told counts as asked
/// before it.
pub(crate) fn let_the_millisecond_pass() {
    let now = || Timestamp::now().as_millisecond();
    let then = now();
    while now() == then {
        std::hint::spin_loop();
    }
}

/// The lines of an availability answer, each in a row: item, place, status, quantity, day. Internal ids begin with `#`.
pub(crate) fn lines(answer: &Answered) -> Vec<String> {
    let document = Document::parse(&answer.body).unwrap();
    let nouns = document.descendants().filter(|node| is(*node, "InventoryAvailability"));
    nouns.map(line).collect()
}

/// The statuses of a check's or reservation's order items, in order.
pub(crate) fn statuses(answer: &Answered) -> Vec<String> {
    let document = Document::parse(&answer.body).unwrap();
    let found = document.descendants().filter(|node| is(*node, "InventoryStatus"));
    found.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}

fn line(noun: Node<'_, '_>) -> String {
    let item = within(noun, "CatalogEntryIdentifier").unwrap();
    let (kind, name) = match within(noun, "OnlineStoreIdentifier") {
        Some(online) => (online, "NameIdentifier"),
        None => (within(noun, "PhysicalStoreIdentifier").unwrap(), "ExternalIdentifier"),
    };
    let mut parts = vec![name_of(item, "PartNumber"), name_of(kind, name), text(noun, "InventoryStatus")];
    if let Some(quantity) = within(noun, "AvailableQuantity") {
        let number: Decimal = quantity.text().unwrap().parse().unwrap();
        parts.push(number.normalize().to_string());
        parts.extend(quantity.attribute("uom").filter(|unit| *unit != "C62").map(ToOwned::to_owned));
    }
    let day: String = text(noun, "AvailabilityDateTime").chars().take(10).collect();
    parts.push(day);
    parts.push(text(noun, "AvailabilityOffset"));
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// The external name of something, or `#` and its internal id.
fn name_of(node: Node<'_, '_>, external: &str) -> String {
    let name = text(node, external);
    if name.is_empty() { format!("#{}", text(node, "UniqueID")) } else { name }
}

fn text(node: Node<'_, '_>, name: &str) -> String {
    within(node, name).and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
}

fn within<'d, 'i>(node: Node<'d, 'i>, name: &str) -> Option<Node<'d, 'i>> {
    node.descendants().find(|node| is(*node, name))
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}
