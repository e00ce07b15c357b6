//! The rows of a load become records of the cache.
//!
//! Neighbouring rows of one item are gathered and written at once, because the cache pays once per item; a file sorted by
//! item therefore loads several times faster than a shuffled one, and both load the same.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::Range;

use gateway_cache::{AGELESS, Arrival, Location, PIECE, Replacement, Row, Scope, Status, Stock, Taken};
use gateway_load::{Change, Column, ColumnFault, LoadRow, Mode, Reason, Settled, Sink, Verdict};
use gateway_model::closest;

use crate::stock::Stocks;
use crate::stock::news::AHEAD_MS;

/// Rows of one item that are gathered before they are written.
const GATHERED_ROWS: usize = 1_024;

/// Writes a load into the cache.
///
/// A row is of the store that its online location names, else of its context store; both have to be known. Rows whose key
/// no rule keeps in memory and updates are dropped and counted. The clocks of the rules count from a row's last update,
/// and a row without one does not grow old (contract store sections 5 and 14.2).
#[expect(missing_debug_implementations, reason = "it borrows a clock")]
pub struct CacheSink<'g> {
    stocks: &'g Stocks,
    now: &'g dyn Fn() -> i64,
    /// Now, as of the last write: often enough for what counts in seconds.
    now_ms: i64,
    checks_only: bool,
    /// Whether a row without a time is as of now, and not for ever.
    untimed_ages: bool,
    replacement: Option<Replacement>,
    gathered: Gathered,
    settled: Settled,
}

/// Rows of one item of one store, not written yet.
#[derive(Default)]
struct Gathered {
    store: String,
    item: String,
    rows: Vec<Waiting>,
    /// The names of their locations and units, side by side.
    names: String,
}

/// A row not written yet.
struct Waiting {
    location: Location<Range<usize>>,
    unit: Range<usize>,
    stock: Stock,
}

// === impl CacheSink ===

impl<'g> CacheSink<'g> {
    /// A sink into these stocks; `now` gives the time in milliseconds since 1970.
    pub fn new(stocks: &'g Stocks, now: &'g dyn Fn() -> i64) -> Self {
        Self {
            stocks,
            now,
            now_ms: now(),
            checks_only: false,
            untimed_ages: false,
            replacement: None,
            gathered: Gathered::default(),
            settled: Settled::default(),
        }
    }

    /// The same, but nothing is written.
    #[must_use]
    pub fn only_checking(mut self) -> Self {
        self.checks_only = true;
        self
    }

    /// The same, but a row without a time of update is as of now, as a push is.
    #[must_use]
    pub fn as_pushed(mut self) -> Self {
        self.untimed_ages = true;
        self
    }

    /// Why a row's stores will not do.
    fn stranger(&self, row: &LoadRow<'_>) -> Option<ColumnFault> {
        // Rows of one item follow each other.
        let known = |store: &str| store == self.gathered.store || self.stocks.knows(store);
        if !known(row.store) {
            return Some(self.unknown(Column::ContextStoreId, row.store));
        }
        match row.location {
            gateway_load::Location::Online { store } if !known(store) => {
                Some(self.unknown(Column::OnlineStoreUniqueId, store))
            }
            _ => None,
        }
    }

    fn unknown(&self, column: Column, store: &str) -> ColumnFault {
        let meant = closest(store, self.stocks.ids().iter().map(String::as_str));
        let meant = meant.map(|id| format!(" (did you mean `{id}`?)")).unwrap_or_default();
        ColumnFault::new(
            column,
            Reason::Refused(format!("expected the id of a configured store{meant}").into()),
            store,
        )
    }

    /// Removes what a row that names no unit, or a time, means.
    fn remove(&mut self, row: &LoadRow<'_>, (store, location): (&str, Location<&str>)) -> Verdict {
        self.write();
        let held = self.stocks.cache.shelf(store, row.item).map(|shelf| shelf.all()).unwrap_or_default();
        let meant = held.iter().filter(|found| {
            found.location.as_deref() == location && row.unit.is_none_or(|unit| unit == &*found.unit)
        });
        let (newer, older): (Vec<_>, Vec<_>) = meant.partition(|found| {
            found.stock.dom_time_ms.zip(row.updated_ms).is_some_and(|(told, row)| told > row)
        });
        if older.is_empty() {
            return if newer.is_empty() { Verdict::Unchanged } else { Verdict::Late };
        }
        let rows: Vec<Row<'_>> =
            older.iter().map(|found| Row { location, unit: &found.unit, stock: None }).collect();
        self.stocks.cache.put_rows((store, row.item), &rows, Arrival::load((self.now)()), |_| {});
        Verdict::Taken
    }

    fn gather(&mut self, row: &LoadRow<'_>, (store, location): (&str, Location<&str>), stock: Stock) {
        let same = self.gathered.item == row.item && self.gathered.store == store;
        if !same || self.gathered.rows.len() == GATHERED_ROWS {
            self.write();
            self.gathered.begin(store, row.item);
        }
        self.gathered.add(location, row.unit.unwrap_or(PIECE), stock);
    }

    /// The DOM's time of a row, and the one its age counts from.
    fn times(&self, updated_ms: Option<i64>) -> (Option<i64>, i64) {
        match updated_ms {
            None if self.untimed_ages => (None, self.now_ms),
            None => (None, AGELESS),
            Some(updated) if updated > self.now_ms.saturating_add(AHEAD_MS) => (None, self.now_ms),
            Some(updated) => (Some(updated), updated.min(self.now_ms)),
        }
    }

    /// Writes what was gathered.
    fn write(&mut self) {
        let Gathered { store, item, rows, names } = &self.gathered;
        if rows.is_empty() {
            return;
        }
        let name = |range: &Range<usize>| names.get(range.clone()).unwrap_or_default();
        let news: Vec<Row<'_>> = rows
            .iter()
            .map(|row| Row {
                location: match &row.location {
                    Location::Online => Location::Online,
                    Location::Physical(range) => Location::Physical(name(range)),
                },
                unit: name(&row.unit),
                stock: Some(&row.stock),
            })
            .collect();
        self.now_ms = (self.now)();
        let settled = &mut self.settled;
        self.stocks.cache.put_rows((store, item), &news, Arrival::load(self.now_ms), |taken| match taken {
            Taken::Changed => settled.taken += 1,
            Taken::Late => settled.late += 1,
            // No store of the configuration has a name that cannot be kept.
            Taken::Double | Taken::Refused => settled.unchanged += 1,
        });
        self.gathered.clear();
    }
}

impl Sink for CacheSink<'_> {
    type Error = Infallible;

    fn begin(&mut self, mode: Mode) -> Result<(), Infallible> {
        if mode == Mode::Full && !self.checks_only {
            self.replacement = Some(self.stocks.cache.begin_replacement());
        }
        Ok(())
    }

    fn put(&mut self, row: &LoadRow<'_>) -> Result<Verdict, Infallible> {
        if let Some(fault) = self.stranger(row) {
            return Ok(Verdict::Refused(fault));
        }
        let (store, location) = match row.location {
            gateway_load::Location::Online { store } => (store, Location::Online),
            gateway_load::Location::Physical { name } => (row.store, Location::Physical(name)),
        };
        let flags = self.stocks.rules.select(store, row.item, location).flags;
        if !(flags.memory && flags.update) {
            return Ok(Verdict::NotKept);
        }
        if self.checks_only {
            return Ok(Verdict::Taken);
        }
        Ok(match row.change {
            Change::Remove => self.remove(row, (store, location)),
            Change::Put(stock) => {
                let (dom_time_ms, fetched_ms) = self.times(row.updated_ms);
                let stock = Stock {
                    available_at: stock.available_at.map(Into::into),
                    offset: stock.offset_secs,
                    dom_time_ms,
                    ..Stock::new(status(stock.status), stock.quantity, fetched_ms)
                };
                self.gather(row, (store, location), stock);
                Verdict::Later
            }
        })
    }

    fn settle(&mut self) -> Result<Settled, Infallible> {
        self.write();
        Ok(std::mem::take(&mut self.settled))
    }

    fn complete(&mut self, stores: &BTreeSet<String>) -> Result<(), Infallible> {
        if let Some(replacement) = self.replacement.take() {
            for store in stores {
                let scope = Scope { store: Some(store.as_str().into()), ..Scope::default() };
                self.stocks.cache.finish_replacement(replacement, scope, (self.now)());
            }
        }
        Ok(())
    }

    fn broken_off(&mut self) {
        self.replacement = None;
    }
}

const fn status(status: gateway_load::Status) -> Status {
    match status {
        gateway_load::Status::Available => Status::Available,
        gateway_load::Status::Backorderable => Status::Backorderable,
        gateway_load::Status::Unavailable => Status::Unavailable,
    }
}

// === impl Gathered ===

impl Gathered {
    fn begin(&mut self, store: &str, item: &str) {
        self.store.clear();
        self.store.push_str(store);
        self.item.clear();
        self.item.push_str(item);
    }

    fn add(&mut self, location: Location<&str>, unit: &str, stock: Stock) {
        let location = match location {
            Location::Online => Location::Online,
            Location::Physical(name) => Location::Physical(self.name(name)),
        };
        let unit = self.name(unit);
        self.rows.push(Waiting { location, unit, stock });
    }

    fn name(&mut self, name: &str) -> Range<usize> {
        let begin = self.names.len();
        self.names.push_str(name);
        begin..self.names.len()
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.names.clear();
    }
}
