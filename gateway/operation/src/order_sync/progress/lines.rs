//! What a store took of an order's lines, and which events it did not take: what is to be told of one that comes again after
//! a later one of its order was taken.
//!
//! The later event says nothing of the lines that only the earlier one names. Their own state is what counts: a line goes
//! forwards, also where its order has gone on.

use std::cmp::Ordering;

use super::{Moment, OrderNews};

/// Lines remembered of one order; a store's documents have fewer.
const LINES: usize = 1_000;
/// Events remembered of one order that were given back.
const GIVEN_BACK: usize = 8;

/// What an event says of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineNews {
    /// Its place among the lines of its order in the event.
    pub place: usize,
    /// What names it at the store: its id, else the DOM's.
    pub name: String,
    /// A number of its name.
    pub line: u64,
    /// A number of all that is said of it.
    pub content: u64,
}

/// Of an event that came after a later one of its order: the places of those of its lines of which the store is not known
/// to have heard anything as late.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overtaken {
    /// The event was given back before: the store did not take them.
    pub owed: Vec<usize>,
    /// Nobody here knows whether the store was told of them.
    pub unsure: Vec<usize>,
}

/// What is remembered of an order's lines and of its events that were given back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lines {
    told: Vec<ToldLine>,
    given_back: Vec<GivenBack>,
    /// The arrival of the last that came of the events taken whole.
    arrival: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ToldLine {
    line: u64,
    content: u64,
    moment: Moment,
    /// When the event came that said so.
    arrival: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct GivenBack {
    /// What the event says of the order.
    content: u64,
    /// When it came first.
    arrival: u64,
}

// === impl Lines ===

impl Lines {
    /// The store took the event.
    pub(super) fn took(&mut self, news: &OrderNews) {
        self.arrival = self.arrival.max(self.first_arrival(news));
        self.remember(news, |_| true);
        self.given_back.retain(|given_back| given_back.content != news.content);
    }

    /// The store took these lines of an event that was overtaken.
    pub(super) fn took_some(&mut self, news: &OrderNews, places: &[usize]) {
        self.remember(news, |line| places.contains(&line.place));
    }

    /// The store did not take the event, or nobody knows whether it did.
    pub(super) fn gave_back(&mut self, news: &OrderNews) {
        let known = self.given_back.iter_mut().find(|given_back| given_back.content == news.content);
        if let Some(known) = known {
            // A repetition may have been given back while the first was under way.
            known.arrival = known.arrival.min(news.arrival);
            return;
        }
        if self.given_back.len() >= GIVEN_BACK {
            self.given_back.remove(0);
        }
        self.given_back.push(GivenBack { content: news.content, arrival: news.arrival });
    }

    /// Whether the event was given back, and one that came after it was taken.
    pub(super) fn have_passed(&self, news: &OrderNews) -> bool {
        self.came_before(news, self.arrival)
    }

    /// Whether the event was given back, and came before what arrived then.
    pub(super) fn came_before(&self, news: &OrderNews, arrival: u64) -> bool {
        self.given_back(news).is_some_and(|given_back| given_back.arrival < arrival)
    }

    /// When the event came first, also if it was given back then.
    pub(super) fn first_arrival(&self, news: &OrderNews) -> u64 {
        self.given_back(news).map_or(news.arrival, |given_back| given_back.arrival.min(news.arrival))
    }

    pub(super) fn overtaken(&self, news: &OrderNews) -> Overtaken {
        let given_back = self.given_back(news);
        let mut overtaken = Overtaken::default();
        for line in &news.lines {
            let mut told = self.told.iter().filter(|told| told.line == line.line);
            if told.any(|told| told.is_as_late(line, news.moment, given_back)) {
                continue;
            }
            let of = if given_back.is_some() { &mut overtaken.owed } else { &mut overtaken.unsure };
            of.push(line.place);
        }
        overtaken
    }

    /// How many things are remembered.
    pub(super) const fn size(&self) -> usize {
        self.told.len() + self.given_back.len()
    }

    fn remember(&mut self, news: &OrderNews, keep: impl Fn(&LineNews) -> bool) {
        let arrival = self.first_arrival(news);
        for line in news.lines.iter().filter(|line| keep(line)) {
            self.told.retain(|told| told.line != line.line || told.stands_beside(line, news.moment));
            if self.told.len() >= LINES {
                self.told.remove(0);
            }
            let (line, content) = (line.line, line.content);
            self.told.push(ToldLine { line, content, moment: news.moment, arrival });
        }
    }

    fn given_back(&self, news: &OrderNews) -> Option<GivenBack> {
        self.given_back.iter().find(|given_back| given_back.content == news.content).copied()
    }
}

// === impl ToldLine ===

impl ToldLine {
    /// Whether something else is said of the line at the same moment: both are told, and neither replaces the other.
    fn stands_beside(&self, line: &LineNews, moment: Moment) -> bool {
        self.moment.order(&moment) == Some(Ordering::Equal) && self.content != line.content
    }

    /// Whether what was told of the line is as late as what is said of it now, or the very same.
    fn is_as_late(&self, line: &LineNews, moment: Moment, given_back: Option<GivenBack>) -> bool {
        match self.moment.order(&moment) {
            Some(Ordering::Greater) => true,
            // Within one tick of the DOM's clock, what came later is later.
            Some(Ordering::Equal) => {
                self.content == line.content || given_back.is_some_and(|event| event.arrival < self.arrival)
            }
            Some(Ordering::Less) => false,
            // So it is without a time; what came with the event is its own line, told before.
            None => given_back.is_none_or(|event| event.arrival <= self.arrival),
        }
    }
}
