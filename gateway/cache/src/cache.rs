//! The records in memory: found by key, changed only through the guard that decides which news are true.
//!
//! One entry of moka holds all locations of one item of one store, because moka's own cost is per entry. Nobody writes
//! to moka but [`Cache::change`], which lets one writer at a time read, decide and write: so a slow answer cannot
//! overwrite a push that came while it was under way. Readers wait for nobody.

mod marking;
mod orders;

use std::cell::OnceCell;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use foldhash::quality::RandomState;
use rust_decimal::Decimal;

pub use marking::Replacement;
pub use orders::{Decrement, GiveBack, Lowered};

use crate::block::{Block, Draft};
use crate::key::{Key, Location};
use crate::lines::Lines;
use crate::marks::Marks;
use crate::meter::{Meter, OfStore};
use crate::record::{Arrival, News, Record, Taken, Told, Verdict};
use crate::rule::Rule;
use crate::stats::Stats;
use crate::stock::{Status, Stock};

/// Bytes an entry takes beside its texts and records: measured, see the bench `memory`.
const ENTRY_BYTES: usize = 330;

/// How many writers can be at work at once.
const GUARDS: usize = 256;

/// What a cache may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of memory for records, with everything that belongs to them; beyond it the least useful items go.
    pub bytes: u64,
    /// Order lines remembered, so that each lowers its record once.
    pub order_lines: usize,
}

/// The records of all stores.
#[derive(Debug)]
pub struct Cache {
    items: moka::sync::Cache<Box<str>, Block>,
    guards: Box<[Mutex<()>]>,
    hasher: RandomState,
    marks: Marks,
    lines: Mutex<Lines>,
    meter: Meter,
    stats: Stats,
}

/// All records of one item as they stood at one moment: many locations for one look-up.
#[derive(Debug)]
pub struct Shelf<'c> {
    cache: &'c Cache,
    store: &'c str,
    item: &'c str,
    block: Block,
}

/// A record on a shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub location: Location<Box<str>>,
    /// In what unit.
    pub unit: Box<str>,
    /// How much.
    pub stock: Stock,
    /// What orders took of it that nobody told of yet; not in the stock any more.
    pub taken: Decimal,
}

/// News of one record of an item.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Where.
    pub location: Location<&'a str>,
    /// In what unit.
    pub unit: &'a str,
    /// What is told; `None`: there is no such record any more.
    pub stock: Option<&'a Stock>,
}

/// News of one item on their way into the cache.
struct Delivery<'a> {
    store: &'a str,
    item: &'a str,
    arrival: Arrival,
    /// The meter of the store, looked up once for all rows.
    meter: OnceCell<OfStore>,
}

// === impl Delivery ===

impl<'a> Delivery<'a> {
    const fn new(store: &'a str, item: &'a str, arrival: Arrival) -> Self {
        Self { store, item, arrival, meter: OnceCell::new() }
    }
}

// === impl Cache ===

impl Cache {
    /// An empty cache.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        #[expect(clippy::borrowed_box, reason = "moka passes keys so")]
        let weigh = |item: &Box<str>, block: &Block| {
            u32::try_from(item.len() + block.len() + ENTRY_BYTES).unwrap_or(u32::MAX)
        };
        Self {
            items: moka::sync::Cache::builder().max_capacity(bounds.bytes).weigher(weigh).build(),
            guards: (0..GUARDS).map(|_| Mutex::new(())).collect(),
            hasher: RandomState::default(),
            marks: Marks::default(),
            lines: Mutex::new(Lines::new(bounds.order_lines)),
            meter: Meter::default(),
            stats: Stats::default(),
        }
    }

    /// The record of a key, lowered by what orders took.
    #[must_use]
    pub fn get(&self, key: &Key<'_>, rule: &Rule) -> Option<Stock> {
        self.shelf(key.store, key.item)?.get(key.location, key.unit, rule)
    }

    /// All records of an item.
    #[must_use]
    pub fn shelf<'c>(&'c self, store: &'c str, item: &'c str) -> Option<Shelf<'c>> {
        let block = self.items.get(name(store, item)?.as_str())?;
        Some(Shelf { cache: self, store, item, block })
    }

    /// Takes news of one record, unless the record is newer.
    pub fn put(&self, key: &Key<'_>, stock: &Stock, arrival: Arrival) -> Taken {
        let Some(name) = name(key.store, key.item) else { return Taken::Refused };
        let row = Row { location: key.location, unit: key.unit, stock: Some(stock) };
        let delivery = Delivery::new(key.store, key.item, arrival);
        self.change(name, |draft| self.take(draft, &delivery, &row))
    }

    /// Takes news of several records of one item at once: `each` hears of every row in its turn. Much cheaper than one
    /// by one.
    pub fn put_rows(
        &self,
        (store, item): (&str, &str),
        rows: &[Row<'_>],
        arrival: Arrival,
        mut each: impl FnMut(Taken),
    ) {
        let Some(name) = name(store, item) else {
            return rows.iter().for_each(|_| each(Taken::Refused));
        };
        let delivery = Delivery::new(store, item, arrival);
        self.change(name, |draft| {
            for row in rows {
                each(self.take(draft, &delivery, row));
            }
        });
    }

    /// Removes a record, whatever it says; false if there was none.
    pub fn remove(&self, key: &Key<'_>) -> bool {
        let Some(name) = name(key.store, key.item) else { return false };
        self.change(name, |draft| draft.remove((key.location, key.unit)))
    }

    /// What was counted.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// What was found wrong.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Items and bytes held, nearly: what was written just now may be missing.
    #[must_use]
    pub fn held(&self) -> (u64, u64) {
        (self.items.entry_count(), self.items.weighted_size())
    }

    /// Does what moka puts off: evicts what is over the bound. Writes do it now and then by themselves.
    pub fn settle(&self) {
        self.items.run_pending_tasks();
    }
}

impl Cache {
    /// The one place that writes: reads, changes and writes an item while no other writer can.
    fn change<T>(&self, name: String, change: impl FnOnce(&mut Draft) -> T) -> T {
        let place = usize::try_from(self.hasher.hash_one(&name)).unwrap_or_default() % GUARDS;
        let guard = self.guards.get(place).map(|guard| guard.lock().unwrap_or_else(PoisonError::into_inner));
        let mut draft = Draft::of(self.items.get(name.as_str()));
        let outcome = change(&mut draft);
        if draft.is_changed() {
            if draft.is_empty() {
                self.items.invalidate(name.as_str());
            } else {
                self.items.insert(name.into_boxed_str(), draft.block());
            }
        }
        drop(guard);
        outcome
    }

    fn take(&self, draft: &mut Draft, delivery: &Delivery<'_>, row: &Row<'_>) -> Taken {
        let &Delivery { store, item, arrival, .. } = delivery;
        let slot = (row.location, row.unit);
        let Some(stock) = row.stock else {
            return if draft.remove(slot) { Taken::Changed } else { Taken::Double };
        };
        let key = Key { store, item, location: row.location, unit: row.unit };
        let news = News { stock, arrival, generation: self.marks.current() };
        let held = draft.find(slot).map(|held| self.marked(held, &key));
        let verdict = held.as_ref().map_or(Verdict::Take, |held| held.judge(&news));
        if verdict == Verdict::Take {
            if let Some(held) = &held {
                let of_store = delivery.meter.get_or_init(|| self.meter.of(store));
                of_store.compare(&held.lowered(Status::Available), stock, arrival.now_ms);
            }
            draft.put(slot, &Record::of(&news, held));
        } else if let Some(held) = held.filter(|_| arrival.told == Told::Load) {
            // The record is part of the full set, though what the row says of it is not news.
            draft.put(slot, &Record { generation: news.generation, ..held });
        }
        self.count(&verdict, arrival.told)
    }

    /// The record with the marks that hold for it written into it.
    fn marked(&self, mut record: Record, key: &Key<'_>) -> Record {
        if let Some(since) = self.marks.since(key, record.generation) {
            record.stock.old_since_ms =
                Some(record.stock.old_since_ms.map_or(since, |before| before.min(since)));
        }
        record
    }

    fn count(&self, verdict: &Verdict, told: Told) -> Taken {
        let (counter, taken) = match (verdict, told) {
            (Verdict::Take, _) => (&self.stats.news_taken, Taken::Changed),
            (Verdict::Double, _) => (&self.stats.news_double, Taken::Double),
            (Verdict::Late, Told::Answer { .. }) => (&self.stats.answers_late, Taken::Late),
            (Verdict::Late, _) => (&self.stats.news_late, Taken::Late),
        };
        counter.add(1);
        taken
    }
}

// === impl Shelf ===

impl Shelf<'_> {
    /// The record at a location in a unit, lowered by what orders took.
    #[must_use]
    pub fn get(&self, location: Location<&str>, unit: &str, rule: &Rule) -> Option<Stock> {
        let key = Key { store: self.store, item: self.item, location, unit };
        let record = self.block.find((location, unit))?;
        Some(self.cache.marked(record, &key).lowered(rule.status_at_zero))
    }

    /// All records, the online store first, then by name; a record that orders lowered to zero says Available.
    #[must_use]
    pub fn all(&self) -> Vec<Found> {
        self.block
            .iter()
            .map(|((location, unit), record)| {
                let key = Key { store: self.store, item: self.item, location, unit };
                let taken = record.taken();
                let stock = self.cache.marked(record, &key).lowered(Status::Available);
                Found { location: location.to_owned(), unit: unit.into(), stock, taken }
            })
            .collect()
    }
}

/// Under which name moka has an item. The zero character keeps a store and an item apart that would be another store and
/// another item; `None` if the store has one.
fn name(store: &str, item: &str) -> Option<String> {
    (!store.contains(APART)).then(|| [store, item].join(APART_TEXT))
}

/// Store and item of a name.
fn parts(name: &str) -> (&str, &str) {
    name.split_once(APART).unwrap_or((name, ""))
}

const APART: char = '\0';
const APART_TEXT: &str = "\0";

#[cfg(test)]
mod tests;
