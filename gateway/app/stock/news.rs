//! What keeps the records true between questions: events of the DOM, and what orders take.

use gateway_cache::{Arrival, Decrement, Key, Rule, Taken as News};
use gateway_exchange::{StockLine, Taken, ToldStock};
use gateway_model::{Fault, codes};

use super::name::Name;
use super::value::{Unkeepable, stock_of};
use super::{Stocks, name};

/// How far ahead of now a DOM's time may be before it is not believed: beyond it every later message would be late.
pub(crate) const AHEAD_MS: i64 = 24 * 60 * 60 * 1_000;

/// What became of the changes of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// Records changed or made.
    pub changed: usize,
    /// Changes that were older than the record, or said what it says.
    pub late_or_double: usize,
    /// Changes of what no rule keeps, or of another store's stock.
    pub passed_by: usize,
}

// === impl Stocks ===

impl Stocks {
    /// Takes what an event says in the context of a store. Of an online store that nobody knows nothing is kept.
    ///
    /// # Errors
    /// The first change that is to be kept and says what stock cannot be, such as a negative quantity; then nothing is
    /// taken.
    pub fn hear(&self, store: &str, told: &[ToldStock<'_>], now_ms: i64) -> Result<Heard, Fault> {
        let names: Vec<Option<Name<'_>>> = told.iter().map(|told| self.kept_name(store, told)).collect();
        let kept = || told.iter().zip(&names).zip(1..).filter(|((_, name), _)| name.is_some());
        if let Some((place, why)) = kept().find_map(|((told, _), place)| {
            let why = stock_of(&told.finding, now_ms).err()?;
            (!matches!(why, Unkeepable::Status(_))).then_some((place, why))
        }) {
            return Err(Fault::dom(codes::BAD_REQUEST, format!("change {place} of the event: {why}")));
        }
        let mut heard = Heard::default();
        for (told, name) in told.iter().zip(&names) {
            match name.as_ref().map(|name| self.hear_one(name, told, now_ms)) {
                Some(News::Changed) => heard.changed += 1,
                Some(News::Double | News::Late) => heard.late_or_double += 1,
                Some(News::Refused) | None => heard.passed_by += 1,
            }
        }
        Ok(heard)
    }

    /// By what name a change is kept; `None` if nobody keeps it.
    fn kept_name<'t>(&self, store: &'t str, told: &ToldStock<'t>) -> Option<Name<'t>> {
        let store = told.line.online_store().unwrap_or(store);
        let name = Name::of(store, &told.line).filter(|_| self.knows(store))?;
        name.rule(&self.rules).filter(|rule| rule.flags.memory && rule.flags.update)?;
        Some(name)
    }

    fn hear_one(&self, name: &Name<'_>, told: &ToldStock<'_>, now_ms: i64) -> News {
        let key = name.key();
        let changed_ms = told.changed_ms.filter(|changed| *changed <= now_ms.saturating_add(AHEAD_MS));
        // Its age counts from when it became so, as at the store (contract store section 5).
        let Ok(mut stock) = stock_of(&told.finding, changed_ms.map_or(now_ms, |changed| changed.min(now_ms)))
        else {
            if let Some(other) = name.other_key() {
                self.cache.remove(&other);
            }
            let removed = self.cache.remove(&key);
            return if removed { News::Changed } else { News::Double };
        };
        stock.dom_time_ms = changed_ms;
        let arrival = Arrival::push(now_ms);
        if let Some(other) = name.other_key().filter(|other| self.keeps(other)) {
            self.cache.put(&other, &stock, arrival);
        }
        self.cache.put(&key, &stock, arrival)
    }

    /// Lowers what the lines of an order take, each line once however often it comes.
    pub fn take(&self, store: &str, taken: &[Taken<'_>], (ordered_ms, now_ms): (i64, i64)) {
        for taken in taken {
            self.with_names(store, &taken.line, |key| {
                let decrement = Decrement { key, line: &taken.id, quantity: taken.line.wanted, ordered_ms };
                self.cache.decrement(&decrement, now_ms);
            });
        }
    }

    /// Remembers that the DOM has this order, or may have it: a later refusal is of the repetition, and gives nothing back.
    pub fn handed_over(&self, store: &str, taken: &[Taken<'_>]) {
        self.handed_over.note(store, taken.iter().map(|taken| &*taken.id));
    }

    /// Gives back what the lines of a refused order took, unless the DOM may have the order all the same.
    pub fn give_back(&self, store: &str, taken: &[Taken<'_>]) {
        for taken in taken.iter().filter(|taken| !self.handed_over.knows(store, &taken.id)) {
            self.with_names(store, &taken.line, |key| {
                self.cache.give_back(&key, &taken.id);
            });
        }
    }

    /// Takes what a reservation reveals: whether the DOM holds all that was wanted of a line. A record that says otherwise is
    /// wrong, so it is old from now on; how much there is instead, the reservation does not say.
    pub fn learn(&self, store: &str, line: &StockLine<'_>, held: bool, now_ms: i64) {
        let Some(name) = Name::of(store, line) else { return };
        let Some(rule) = name.rule(&self.rules).filter(|rule| rule.flags.memory) else { return };
        for key in [Some(name.key()), name.other_key()].into_iter().flatten() {
            let Some(stock) = self.cache.get(&key, rule) else { continue };
            if stock.has(line.wanted) != held && self.cache.doubt(&key, now_ms) {
                self.cache.stats().records_doubted.add(1);
            }
        }
    }

    /// Does something for every name a line is kept by, if its rule lowers records.
    fn with_names(&self, store: &str, line: &StockLine<'_>, mut each: impl FnMut(Key<'_>)) {
        let Some(name) = Name::of(store, line) else { return };
        let lowers = |rule: &&Rule| rule.flags.memory && rule.flags.decrement;
        if name.rule(&self.rules).filter(lowers).is_none() {
            return;
        }
        each(name.key());
        if let Some(other) = name.other_key().filter(|other| self.keeps(other)) {
            each(other);
        }
    }

    /// Whether there is a record, so that a second name does not make one.
    fn keeps(&self, key: &Key<'_>) -> bool {
        name::rule(&self.rules, key).is_some_and(|rule| self.cache.get(key, rule).is_some())
    }
}

#[cfg(test)]
mod tests;
