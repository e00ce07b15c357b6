//! Which rule holds for a key.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use rust_decimal::Decimal;

use super::Rule;
use crate::key::{Location, Scope};

/// All rules, checked, ready to choose from.
///
/// The most specific rule wins: one that names the item before one that does not, among those one that names the
/// location, among those one that names the store, among equals the one with the highest precedence.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<(Scope, Rule)>,
    /// For each combination of names a rule can have, the rules that have it, by the hash of those names.
    tables: Vec<Table>,
    hasher: RandomState,
    otherwise: Rule,
}

/// What is wrong with a set of rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// Nobody could say which rule is meant in a log.
    #[error("the {}. rule has no name, expected a text", .at + 1)]
    Nameless {
        /// Index of the rule, from 0.
        at: usize,
    },
    /// Two rules hold for the same keys, and neither goes before the other.
    #[error(
        "rules `{first}` and `{second}` hold for the same item, store and location with precedence {precedence}, \
         expected different precedences"
    )]
    Ambiguous {
        /// Index of the rule that stands first, from 0.
        first_at: usize,
        /// Its name.
        first: Box<str>,
        /// Index of the other one.
        at: usize,
        /// Its name.
        second: Box<str>,
        /// The precedence both have.
        precedence: Decimal,
    },
    /// An empty name means no key at all; any is said by leaving the name away.
    #[error("rule `{rule}` names an empty {name}, expected a text, or no {name} for any")]
    EmptyName {
        /// Index of the rule, from 0.
        at: usize,
        /// Its name.
        rule: Box<str>,
        /// `item`, `store` or `location`.
        name: &'static str,
    },
    /// A record cannot become available in the past.
    #[error("rule `{rule}` has a fallback offset of {offset} seconds, expected 0 or more")]
    NegativeOffset {
        /// Index of the rule, from 0.
        at: usize,
        /// Its name.
        rule: Box<str>,
        /// The offset.
        offset: i64,
    },
    /// The document has one place for it.
    #[error("rule `{rule}` has both a fallback time and a fallback offset, expected one of them")]
    TimeAndOffset {
        /// Index of the rule, from 0.
        at: usize,
        /// Its name.
        rule: Box<str>,
    },
}

/// The rules whose scope names the same things.
#[derive(Debug)]
struct Table {
    names: Names,
    rules: HashMap<u64, Vec<usize>, RandomState>,
}

/// What a scope names, in the order in which it makes a rule specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Names {
    item: bool,
    location: bool,
    store: bool,
}

/// The names of a scope or key that a table goes by.
type Sought<'a> = (Option<&'a str>, Option<Location<&'a str>>, Option<&'a str>);

// === impl RuleFault ===

impl RuleFault {
    /// Which of the given rules it is about, from 0; of two the second.
    #[must_use]
    pub const fn at(&self) -> usize {
        match self {
            Self::Nameless { at }
            | Self::Ambiguous { at, .. }
            | Self::EmptyName { at, .. }
            | Self::NegativeOffset { at, .. }
            | Self::TimeAndOffset { at, .. } => *at,
        }
    }

    /// The rule it contradicts, if it is about two.
    #[must_use]
    pub const fn first_at(&self) -> Option<usize> {
        match self {
            Self::Ambiguous { first_at, .. } => Some(*first_at),
            _ => None,
        }
    }
}

// === impl Rules ===

impl Rules {
    /// Checks the rules and prepares the choice.
    ///
    /// # Errors
    ///
    /// All faults of all rules.
    pub fn try_new(rules: Vec<(Scope, Rule)>) -> Result<Self, Vec<RuleFault>> {
        let mut faults: Vec<RuleFault> =
            rules.iter().enumerate().flat_map(|(at, (scope, rule))| faults_of(at, scope, rule)).collect();
        faults.extend(ambiguous(&rules));
        if !faults.is_empty() {
            return Err(faults);
        }
        let hasher = RandomState::default();
        let tables = tables(&rules, &hasher);
        Ok(Self { rules, tables, hasher, otherwise: Rule::ask_always() })
    }

    /// The rule for an item of a store at a location; [`Self::otherwise`] if none was written.
    #[must_use]
    pub fn select(&self, store: &str, item: &str, location: Location<&str>) -> &Rule {
        self.find(store, item, location).unwrap_or(&self.otherwise)
    }

    /// The rule for an item of a store at a location, if one was written.
    #[must_use]
    pub fn find(&self, store: &str, item: &str, location: Location<&str>) -> Option<&Rule> {
        self.tables.iter().find_map(|table| self.chosen(table, (Some(item), Some(location), Some(store))))
    }

    /// What holds where no rule was written: [`Rule::ask_always`].
    #[must_use]
    pub const fn otherwise(&self) -> &Rule {
        &self.otherwise
    }

    /// All rules with what they hold for, as they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&Scope, &Rule)> {
        self.rules.iter().map(|(scope, rule)| (scope, rule))
    }

    fn chosen(&self, table: &Table, key: Sought<'_>) -> Option<&Rule> {
        let sought = table.names.of(key);
        let candidates = table.rules.get(&self.hasher.hash_one(sought))?;
        candidates
            .iter()
            .filter_map(|index| self.rules.get(*index))
            .find(|(scope, _)| names(scope) == sought)
            .map(|(_, rule)| rule)
    }
}

/// No rules: every key is asked for every time.
impl Default for Rules {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            tables: Vec::new(),
            hasher: RandomState::default(),
            otherwise: Rule::ask_always(),
        }
    }
}

// === impl Names ===

impl Names {
    fn of_scope(scope: &Scope) -> Self {
        Self { item: scope.item.is_some(), location: scope.location.is_some(), store: scope.store.is_some() }
    }

    fn of<'a>(self, (item, location, store): Sought<'a>) -> Sought<'a> {
        (item.filter(|_| self.item), location.filter(|_| self.location), store.filter(|_| self.store))
    }
}

fn names(scope: &Scope) -> Sought<'_> {
    (scope.item.as_deref(), scope.location.as_ref().map(Location::as_deref), scope.store.as_deref())
}

/// The tables, most specific first, in each the candidates of one hash by falling precedence.
fn tables(rules: &[(Scope, Rule)], hasher: &RandomState) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut order: Vec<(usize, &Scope, &Rule)> =
        rules.iter().enumerate().map(|(index, (scope, rule))| (index, scope, rule)).collect();
    order.sort_by_key(|(_, scope, rule)| std::cmp::Reverse((Names::of_scope(scope), rule.precedence)));
    for (index, scope, _) in order {
        let names_of_scope = Names::of_scope(scope);
        if tables.last().is_none_or(|table| table.names != names_of_scope) {
            tables.push(Table { names: names_of_scope, rules: HashMap::default() });
        }
        if let Some(table) = tables.last_mut() {
            table.rules.entry(hasher.hash_one(names(scope))).or_default().push(index);
        }
    }
    tables
}

fn faults_of(at: usize, scope: &Scope, rule: &Rule) -> Vec<RuleFault> {
    let mut faults = Vec::new();
    if rule.name.trim().is_empty() {
        faults.push(RuleFault::Nameless { at });
    }
    let location = match &scope.location {
        Some(Location::Physical(name)) => Some(name),
        Some(Location::Online) | None => None,
    };
    for (name, value) in
        [("item", scope.item.as_ref()), ("store", scope.store.as_ref()), ("location", location)]
    {
        if value.is_some_and(|value| value.is_empty()) {
            faults.push(RuleFault::EmptyName { at, rule: rule.name.clone(), name });
        }
    }
    let Some(fallback) = &rule.fallback else { return faults };
    if let Some(offset) = fallback.offset.filter(|offset| *offset < 0) {
        faults.push(RuleFault::NegativeOffset { at, rule: rule.name.clone(), offset });
    }
    if fallback.offset.is_some() && fallback.available_at.is_some() {
        faults.push(RuleFault::TimeAndOffset { at, rule: rule.name.clone() });
    }
    faults
}

fn ambiguous(rules: &[(Scope, Rule)]) -> Vec<RuleFault> {
    let mut seen: HashMap<(&Scope, Decimal), (usize, &Rule)> = HashMap::new();
    let mut faults = Vec::new();
    for (at, (scope, rule)) in rules.iter().enumerate() {
        if let Some((first_at, first)) = seen.get(&(scope, rule.precedence)) {
            faults.push(RuleFault::Ambiguous {
                first_at: *first_at,
                first: first.name.clone(),
                at,
                second: rule.name.clone(),
                precedence: rule.precedence,
            });
        } else {
            seen.insert((scope, rule.precedence), (at, rule));
        }
    }
    faults
}

#[cfg(test)]
mod tests;
