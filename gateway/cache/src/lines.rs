//! Which order lines have lowered a record already: each counts once, however often its document comes.
//!
//! Memory is bounded: of more lines than the bound the oldest are forgotten, and a repetition of one of those would
//! lower its record again. With the default bound of 200,000 (about 20 MB) that takes a document repeated after 200,000
//! later order lines.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::key::{Key, Location};
use crate::record::Taking;

/// The order lines seen last.
#[derive(Debug)]
pub(crate) struct Lines {
    states: HashMap<u64, State, RandomState>,
    /// In the order in which they came first.
    order: VecDeque<u64>,
    most: usize,
}

#[derive(Debug)]
struct State {
    taking: Taking,
    /// Where it took: it gives back there, whatever a later document says.
    location: Location<Box<str>>,
    given_back: bool,
}

// === impl Lines ===

impl Lines {
    pub(crate) fn new(most: usize) -> Self {
        Self { states: HashMap::default(), order: VecDeque::new(), most: most.max(1) }
    }

    /// The number of a line of an order. The item counts in, so that the parts of a kit count each; the location does
    /// not, so that a line is counted once even if two documents disagree about it.
    pub(crate) fn number(&self, key: &Key<'_>, line: &str) -> u64 {
        self.states.hasher().hash_one((key.store, line, key.item, key.unit))
    }

    /// Notes that a line takes stock; false if it already does. One that was given back may take again.
    pub(crate) fn take(&mut self, number: u64, taking: Taking, location: Location<&str>) -> bool {
        let new = State { taking, location: location.to_owned(), given_back: false };
        if let Some(state) = self.states.get_mut(&number) {
            let may_take = state.given_back;
            if may_take {
                *state = new;
            }
            return may_take;
        }
        if self.order.len() >= self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.states.remove(&oldest);
        }
        self.order.push_back(number);
        self.states.insert(number, new);
        true
    }

    /// Notes that a line takes nothing after all; what it took and where, unless it took nothing or gave it back
    /// already.
    pub(crate) fn give_back(&mut self, number: u64) -> Option<(Taking, Location<&str>)> {
        let state = self.states.get_mut(&number).filter(|state| !state.given_back)?;
        state.given_back = true;
        Some((state.taking, state.location.as_deref()))
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }
}
