//! The same random history for the cache and for a plain map with the rules as they are written in `DECISIONS.md`:
//! the same answers, always.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::cache::{Bounds, Cache, Decrement, Replacement};
use crate::decision::{Decision, OnFailure, after_failure, decide};
use crate::key::{Key, Location, PIECE, Scope};
use crate::record::Arrival;
use crate::rule::{Fallback, Flags, Rule, Rules};
use crate::stock::{Status, Stock};

const STORES: [&str; 2] = ["11651", "10101"];
const ITEMS: [&str; 2] = ["LAMP", "RUG"];
const LOCATIONS: [Location<&str>; 3] =
    [Location::Online, Location::Physical("MUC"), Location::Physical("ZRH")];

/// What happens next; numbers choose among the above, times are milliseconds before now.
#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    Push { key: usize, dom_before: Option<i64>, says: Option<i64> },
    Load { key: usize, dom_before: Option<i64>, says: Option<i64> },
    Answer { key: usize, asked_before: i64, dom_before: Option<i64>, says: Option<i64> },
    Order { key: usize, line: u8, made_before: i64, takes: i64 },
    GiveBack { key: usize, line: u8 },
    Purge(usize),
    Begin,
    End(usize),
    Ask { key: usize, requested: i64, dom_says: Option<i64> },
}

fn steps() -> impl Strategy<Value = Step> {
    let key = || 0..12_usize;
    let before = || prop::option::weighted(0.7, 0..40_i64);
    let says = || prop::option::weighted(0.9, 0..12_i64);
    prop_oneof![
        3 => prop_oneof![0..30_i64, 1_000..90_000_i64].prop_map(Step::Wait),
        4 => (key(), before(), says()).prop_map(|(key, dom_before, says)| Step::Push { key, dom_before, says }),
        1 => (key(), before(), says()).prop_map(|(key, dom_before, says)| Step::Load { key, dom_before, says }),
        3 => (key(), 0..40_i64, before(), says()).prop_map(|(key, asked_before, dom_before, says)| {
            Step::Answer { key, asked_before, dom_before, says }
        }),
        4 => (key(), 0..5_u8, 0..40_i64, 0..4_i64)
            .prop_map(|(key, line, made_before, takes)| Step::Order { key, line, made_before, takes }),
        1 => (key(), 0..5_u8).prop_map(|(key, line)| Step::GiveBack { key, line }),
        1 => (0..5_usize).prop_map(Step::Purge),
        1 => Just(Step::Begin),
        1 => (0..5_usize).prop_map(Step::End),
        8 => (key(), 0..6_i64, prop::option::of(0..12_i64))
            .prop_map(|(key, requested, dom_says)| Step::Ask { key, requested, dom_says }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_cache_answers_as_the_model_does(history in prop::collection::vec(steps(), 1..150)) {
        let rules = rules();
        let mut world = World::new(&rules);
        for step in &history {
            world.now_ms += if let Step::Wait(time) = step { *time } else { 0 };
            world.count += 1;
            let (real, expected) = world.both(step);
            prop_assert_eq!(real, expected, "{:?} at {}", step, world.now_ms);
        }
        for index in 0..12 {
            let key = key(index);
            let rule = rules.select(key.store, key.item, key.location);
            prop_assert_eq!(world.cache.get(&key, rule), world.model.get(&key, rule), "{:?}", key);
        }
    }
}

fn key(index: usize) -> Key<'static> {
    Key {
        store: STORES[index % 2],
        item: ITEMS[index / 2 % 2],
        location: LOCATIONS[index / 4 % 3],
        unit: PIECE,
    }
}

fn scope(index: usize) -> Scope {
    let any = Scope::default();
    match index {
        0 => any,
        1 => Scope { store: Some(STORES[0].into()), ..any },
        2 => Scope { item: Some(ITEMS[0].into()), ..any },
        3 => Scope { location: Some(LOCATIONS[1].to_owned()), ..any },
        _ => Scope {
            item: Some(ITEMS[1].into()),
            store: Some(STORES[1].into()),
            location: Some(Location::Online),
        },
    }
}

fn stock(says: Option<i64>, now_ms: i64, dom_time_ms: Option<i64>) -> Stock {
    Stock { dom_time_ms, ..Stock::new(Status::Available, says.map(Decimal::from), now_ms) }
}

fn rules() -> Rules {
    let standard = Rule {
        name: "standard".into(),
        flags: Flags { memory: true, ask: true, decrement: true, update: true },
        threshold: Some(Decimal::from(5)),
        fresh_above: Some(Duration::from_secs(60)),
        fresh_below: Some(Duration::from_secs(10)),
        serve_while_refreshing: Duration::from_secs(5),
        serve_on_error: Duration::from_secs(30),
        fallback: Some(Fallback { status: Status::Unavailable, available_at: None, offset: None }),
        ..Rule::ask_always()
    };
    let at = |item: Option<&str>, location: Option<Location<&str>>| Scope {
        item: item.map(Into::into),
        location: location.map(Location::to_owned),
        store: None,
    };
    Rules::try_new(vec![
        (at(None, None), standard.clone()),
        (
            at(Some(ITEMS[0]), None),
            Rule { fresh_below: Some(Duration::ZERO), fallback: None, ..standard.clone() },
        ),
        (
            at(None, Some(LOCATIONS[1])),
            Rule {
                fresh_above: None,
                threshold: None,
                status_at_zero: Status::Unavailable,
                ..standard.clone()
            },
        ),
        (
            at(Some(ITEMS[1]), Some(LOCATIONS[2])),
            Rule { flags: Flags { ask: false, ..standard.flags }, fallback_when_short: false, ..standard },
        ),
    ])
    .unwrap()
}

/// What a step leads to, in words that both sides can say.
#[derive(Debug, PartialEq)]
enum Seen {
    Nothing,
    Word(String),
    Answer(Option<Stock>),
}

struct World<'r> {
    rules: &'r Rules,
    cache: Cache,
    model: Model,
    replacement: Option<(Replacement, usize)>,
    now_ms: i64,
    /// How many steps there were.
    count: usize,
}

impl<'r> World<'r> {
    fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            cache: Cache::new(Bounds { bytes: 1 << 24, order_lines: 1_000 }),
            model: Model::default(),
            replacement: None,
            now_ms: 1_795_000_000_000,
            count: 0,
        }
    }

    /// Does a step on both sides.
    fn both(&mut self, step: &Step) -> (Seen, Seen) {
        let now = self.now_ms;
        let dom = |before: Option<i64>| before.map(|before| now - before);
        match *step {
            Step::Wait(_) => (Seen::Nothing, Seen::Nothing),
            Step::Push { key: index, dom_before, says } => {
                self.news(index, &stock(says, now, dom(dom_before)), Arrival::push(now))
            }
            Step::Load { key: index, dom_before, says } => {
                self.news(index, &stock(says, now, dom(dom_before)), Arrival::load(now))
            }
            Step::Answer { key: index, asked_before, dom_before, says } => {
                self.news(index, &stock(says, now, dom(dom_before)), Arrival::answer(now - asked_before, now))
            }
            Step::Order { key: index, line, made_before, takes } => {
                let name = line.to_string();
                let quantity = Decimal::from(takes);
                let ordered_ms = now - made_before;
                let order = Decrement { key: key(index), line: &name, quantity, ordered_ms };
                let real = format!("{:?}", self.cache.decrement(&order, now));
                let took = Took { line, ordered_ms, arrived_ms: now, quantity };
                (Seen::Word(real), Seen::Word(self.model.order(key(index), took).to_owned()))
            }
            Step::GiveBack { key: index, line } => {
                let real = format!("{:?}", self.cache.give_back(&key(index), &line.to_string()));
                (Seen::Word(real), Seen::Word(self.model.give_back(key(index), line).to_owned()))
            }
            Step::Purge(index) => {
                self.cache.purge(scope(index), now);
                self.model.mark(&scope(index), now, usize::MAX);
                (Seen::Nothing, Seen::Nothing)
            }
            Step::Begin => {
                self.replacement = Some((self.cache.begin_replacement(), self.count));
                (Seen::Nothing, Seen::Nothing)
            }
            Step::End(index) => {
                if let Some((replacement, began)) = self.replacement.take() {
                    self.cache.finish_replacement(replacement, scope(index), now);
                    self.model.mark(&scope(index), now, began);
                }
                (Seen::Nothing, Seen::Nothing)
            }
            Step::Ask { key: index, requested, dom_says } => {
                self.ask(index, Decimal::from(requested), dom_says)
            }
        }
    }

    fn news(&mut self, index: usize, stock: &Stock, arrival: Arrival) -> (Seen, Seen) {
        let real = format!("{:?}", self.cache.put(&key(index), stock, arrival));
        (Seen::Word(real), Seen::Word(self.model.news(key(index), stock, arrival, self.count).to_owned()))
    }

    /// A question as the gateway answers it; the DOM says something, or cannot be asked.
    fn ask(&mut self, index: usize, requested: Decimal, dom_says: Option<i64>) -> (Seen, Seen) {
        let (key, now) = (key(index), self.now_ms);
        let rule = self.rules.select(key.store, key.item, key.location);
        let held = self.cache.get(&key, rule);
        let expected = self.model.answer(&key, rule, requested, now);
        let real = match decide(held.as_ref(), rule, requested, now) {
            Decision::Serve(_) => Some(held),
            Decision::Ask if dom_says.is_some() => None,
            Decision::Ask | Decision::DoNotAsk => {
                Some(match after_failure(held.as_ref(), rule, requested, now) {
                    OnFailure::Stale(stock) | OnFailure::Fallback(stock) => Some(stock),
                    OnFailure::Fail => None,
                })
            }
        };
        let expected = match expected {
            Plain::Served => Some(self.model.get(&key, rule)),
            Plain::Asks(_) if dom_says.is_some() => None,
            Plain::Asks(failed) | Plain::Unasked(failed) => Some(failed),
        };
        let (Some(real), Some(expected)) = (real.clone(), expected.clone()) else {
            let says = stock(dom_says, now, None);
            let asked = (real.is_none(), expected.is_none());
            assert_eq!(asked, (true, true), "both ask the DOM or none does: {key:?} {requested}");
            return self.news(index, &says, Arrival::answer(now, now));
        };
        (Seen::Answer(real), Seen::Answer(expected))
    }
}

// === the model ===

#[derive(Debug, Default)]
struct Model {
    records: BTreeMap<Key<'static>, Plainly>,
    /// Order lines by store, line and item; where they took, and whether they were given back since.
    lines: BTreeMap<(&'static str, u8, &'static str), (Took, Key<'static>, bool)>,
}

/// A record of the model.
#[derive(Debug, Clone)]
struct Plainly {
    stock: Stock,
    newest_dom: Option<i64>,
    told_by_answer: bool,
    told: i64,
    old_since: Option<i64>,
    confirmed_in_step: usize,
    took: Vec<Took>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Took {
    line: u8,
    ordered_ms: i64,
    arrived_ms: i64,
    quantity: Decimal,
}

/// What the rules say about a question; what is answered if the DOM fails.
#[derive(Debug, Clone, PartialEq)]
enum Plain {
    Served,
    Asks(Option<Stock>),
    Unasked(Option<Stock>),
}

impl Model {
    fn news(&mut self, key: Key<'static>, stock: &Stock, arrival: Arrival, step: usize) -> &'static str {
        use crate::record::Told;
        let asked = if let Told::Answer { asked_ms } = arrival.told { Some(asked_ms) } else { None };
        let old = self.records.get_mut(&key);
        let word = old.as_ref().map_or("Changed", |old| match (stock.dom_time_ms, old.newest_dom) {
            (Some(dom), Some(newest)) if dom < newest => "Late",
            (Some(dom), Some(newest)) if dom == newest && old.stock.dom_time_ms.is_none() => "Late",
            (Some(dom), Some(newest)) if dom == newest && old.stock.quantity == stock.quantity => {
                if asked.is_some() { "Changed" } else { "Double" }
            }
            (Some(_), Some(_)) => "Changed",
            _ if asked.is_some_and(|asked| asked < old.told) => "Late",
            _ if asked == Some(old.told) && !old.told_by_answer => "Late",
            _ => "Changed",
        });
        if word != "Changed" {
            if let Some(old) = old.filter(|_| arrival.told == Told::Load) {
                old.confirmed_in_step = step;
            }
            return word;
        }
        let mut took = old.as_ref().map(|old| old.took.clone()).unwrap_or_default();
        match (stock.dom_time_ms, asked) {
            (Some(dom), _) => took.retain(|took| took.ordered_ms >= dom),
            (None, Some(asked)) => took.retain(|took| took.arrived_ms >= asked),
            (None, None) => took.clear(),
        }
        let newest_dom = stock.dom_time_ms.or(old.and_then(|old| old.newest_dom));
        let told = asked.unwrap_or(arrival.now_ms);
        let record = Plainly {
            stock: stock.clone(),
            newest_dom,
            told_by_answer: asked.is_some(),
            told,
            old_since: None,
            confirmed_in_step: step,
            took,
        };
        self.records.insert(key, record);
        word
    }

    fn order(&mut self, key: Key<'static>, took: Took) -> &'static str {
        if took.quantity <= Decimal::ZERO {
            return "Nothing";
        }
        let line = (key.store, took.line, key.item);
        if self.lines.get(&line).is_some_and(|(_, _, is_back)| !is_back) {
            return "Repeated";
        }
        self.lines.insert(line, (took, key, false));
        let Some(record) = self.records.get_mut(&key) else { return "Missing" };
        if record.stock.dom_time_ms.is_some_and(|dom| took.ordered_ms < dom) {
            return "Contained";
        }
        record.took.push(took);
        "Lowered"
    }

    fn give_back(&mut self, key: Key<'static>, line: u8) -> &'static str {
        let Some((took, place, is_back)) = self.lines.get_mut(&(key.store, line, key.item)) else {
            return "Unknown";
        };
        if std::mem::replace(is_back, true) {
            return "Unknown";
        }
        let Some(record) = self.records.get_mut(place) else { return "Contained" };
        let before = record.took.len();
        record.took.retain(|other| other != took);
        if record.took.len() < before { "GivenBack" } else { "Contained" }
    }

    fn mark(&mut self, scope: &Scope, now: i64, began: usize) {
        for (key, record) in &mut self.records {
            if scope.holds(key) && record.confirmed_in_step < began {
                record.old_since = Some(record.old_since.map_or(now, |since| since.min(now)));
            }
        }
    }

    fn get(&self, key: &Key<'_>, rule: &Rule) -> Option<Stock> {
        let record = self.records.get(key)?;
        let mut stock = Stock { old_since_ms: record.old_since, ..record.stock.clone() };
        let taken: Decimal = record.took.iter().map(|took| took.quantity).sum();
        if let (Some(quantity), false) = (stock.quantity, record.took.is_empty()) {
            stock.quantity = Some((quantity - taken).max(Decimal::ZERO));
            if quantity <= taken {
                stock.status = rule.status_at_zero;
            }
        }
        Some(stock)
    }

    fn answer(&self, key: &Key<'_>, rule: &Rule, requested: Decimal, now: i64) -> Plain {
        let stock = self.get(key, rule);
        let fallback =
            rule.fallback.as_ref().map(|fallback| Stock::new(fallback.status, Some(Decimal::ZERO), now));
        let Some(stock) = stock else {
            return if rule.flags.ask { Plain::Asks(fallback) } else { Plain::Unasked(fallback) };
        };
        let left = stock.quantity.map(|quantity| quantity - requested);
        let is_plenty = match (left, rule.threshold) {
            (Some(left), Some(threshold)) => left >= threshold,
            _ => true,
        };
        let secs = |duration: Duration| i64::try_from(duration.as_secs()).unwrap() * 1_000;
        let life = if is_plenty { rule.fresh_above } else { rule.fresh_below }.map(secs);
        let age = now - stock.fetched_ms;
        let over_by_age = life.filter(|life| age > *life || *life == 0).map(|life| age - life);
        let over_by_mark = stock.old_since_ms.map(|since| now - since);
        let over = match (over_by_age, over_by_mark) {
            (None, None) => return Plain::Served,
            (by_age, by_mark) => by_age.unwrap_or(0).max(by_mark.unwrap_or(0)),
        };
        if rule.flags.ask
            && over_by_mark.is_none()
            && life != Some(0)
            && over <= secs(rule.serve_while_refreshing)
        {
            return Plain::Served;
        }
        let is_too_short = left.is_some_and(|left| left < Decimal::ZERO) && rule.fallback_when_short;
        let may_be_stale = over <= secs(rule.serve_on_error) && !(is_too_short && fallback.is_some());
        let failed = if may_be_stale { Some(stock) } else { fallback };
        if rule.flags.ask { Plain::Asks(failed) } else { Plain::Unasked(failed) }
    }
}
