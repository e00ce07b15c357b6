//! Two gateways before one DOM, one with a cache and one without, are asked the same and answer the same.

use fastrand::Rng;

use super::documents::{Asked, OrderItem, check};
use super::streams::Streams;
use super::world::{FOR_EVER, MUNICH, SHOP, World, ZURICH, before, comparable};
use crate::gateway::{INVENTORY, Running, Settings};

/// Questions asked, each twice.
const QUESTIONS: usize = 300;

const NUMBERS: &[&str] = &[
    "LAMP-0042-BRS",
    "RUG-1187-GRN",
    "DESK-TOP-09",
    "DESK-LEG-09",
    "VASE-0007-RED",
    "P-001",
    "P-002",
    "P-003",
    "P-004",
];
const IDS: &[&str] = &["#31207", "#31544", "#9001", "#9002", "#33107"];
const KIT: &[(&str, &str)] = &[("DESK-TOP-09", "1"), ("DESK-LEG-09", "4")];
const UNKNOWN: &str = "UNKNOWN-1";

fn one<'a>(random: &mut Rng, of: &[&'a str]) -> &'a str {
    random.choice(of).unwrap()
}

fn some<'a>(random: &mut Rng, of: &[&'a str], most: usize) -> Vec<&'a str> {
    let count = random.usize(1..=most);
    (0..count).map(|_| one(random, of)).collect()
}

/// A question about some items at some places; things named twice, by name and by id, and now and then what nobody knows.
fn question(random: &mut Rng) -> String {
    let by_id = random.u8(..4) == 0;
    let mut items = some(random, if by_id { IDS } else { NUMBERS }, 6);
    if !by_id && random.u8(..10) == 0 {
        items.push(UNKNOWN);
    }
    let mut asked = Asked { items, ..Asked::default() };
    let places = random.u8(1..4);
    if places & 1 != 0 {
        asked.online = vec![if random.bool() { SHOP } else { "#11651" }];
    }
    if places & 2 != 0 {
        let by_id = random.u8(..3) == 0;
        asked.physical = some(random, if by_id { &["#12001", "#12002"] } else { &[MUNICH, ZURICH] }, 3);
    }
    if random.u8(..8) == 0 {
        asked.units = vec!["C62"];
    } else if random.u8(..8) == 0 {
        asked.items = vec!["CLOTH-0550-BLU"];
        asked.units = vec!["MTR"];
    }
    asked.document()
}

/// A check of some items, some of them collected.
fn checked(random: &mut Rng) -> String {
    let quantities = ["1", "2.0", "3.5", "101", "102", "145", "1000"];
    let ids: Vec<String> = (1..=5).map(|id| id.to_string()).collect();
    let count = random.usize(1..=ids.len());
    let items: Vec<OrderItem<'_>> = ids
        .iter()
        .take(count)
        .map(|id| OrderItem {
            id,
            item: one(random, NUMBERS),
            quantity: one(random, &quantities),
            collected: (random.u8(..3) == 0).then_some(if random.bool() { MUNICH } else { ZURICH }),
            parts: if random.u8(..5) == 0 { KIT } else { &[] },
        })
        .collect();
    check(&items)
}

/// A question about stock or a check.
fn any(random: &mut Rng) -> String {
    if random.u8(..4) == 0 { checked(random) } else { question(random) }
}

/// A gateway with these rules and one without, before one DOM that is asked in this form.
async fn both(rules: &str, variant: &str) -> (World, Running) {
    let of_dom = format!("[dom.variants]\navailability = \"{variant}\"\n");
    let listen = "streams = 1_000\n".to_owned();
    let with = World::of(rules, |settings| Settings { of_dom: of_dom.clone(), listen, ..settings }).await;
    let without = Settings { of_dom, ..before(&with.dom, "") }.run().await;
    (with, without)
}

#[tokio::test]
async fn every_question_has_the_answer_it_has_without_a_cache_cold_and_warm() {
    for variant in ["monitor", "alerts"] {
        let (with, without) = both(FOR_EVER, variant).await;
        let mut random = Rng::with_seed(20_261_121);
        for number in 0..QUESTIONS {
            let document = any(&mut random);
            let expected = without.ask(INVENTORY, &document).await;
            for warm in [false, true] {
                let answer = with.gateway.ask(INVENTORY, &document).await;
                let name = format!("{variant}, question {number}, warm: {warm}\n{document}");
                assert_eq!((answer.status, answer.fate()), (expected.status, expected.fate()), "{name}");
                assert_eq!(comparable(&answer.body), comparable(&expected.body), "{name}");
            }
        }
        // It was the cache that answered.
        let hits = with.counter("requests_hit");
        assert!(hits > QUESTIONS as u64 / 2, "{hits}");
    }
}

#[tokio::test]
async fn questions_that_travel_together_have_the_answers_they_have_alone() {
    let anew = "[[cache.rule]]\nname = \"anew\"\nfresh_above_secs = 0\nfresh_below_secs = 0\n";
    for variant in ["monitor", "alerts"] {
        let (with, without) = both(anew, variant).await;
        let mut random = Rng::with_seed(20_261_122);
        let documents: Vec<String> = (0..QUESTIONS).map(|_| any(&mut random)).collect();
        let mut expected = Vec::new();
        for document in &documents {
            expected.push(comparable(&without.ask(INVENTORY, document).await.body));
        }
        let (before, _) = with.asked();
        let streams = Streams::open(&with.gateway, documents.len()).await;
        let answers = streams.ask_all(&documents).await;
        for ((document, expected), (status, answer)) in documents.iter().zip(expected).zip(answers) {
            assert_eq!((status, comparable(&answer)), (200, expected), "{variant}\n{document}");
        }
        let (after, _) = with.asked();
        assert!(after - before < QUESTIONS as u64, "{}", after - before);
    }
}
