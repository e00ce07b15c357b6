//! Answers what is asked of one store's stock: line by line from memory, and by one question to the DOM for the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gateway_cache::{Clock, Decision, Location, OnFailure, Rule, Stock, after_failure, decide};
use gateway_exchange::{Finding, PlaceName, StockLine};
use gateway_fetch::{CannotStart, Class, Counts, Fetcher, Params};
use gateway_model::{Fault, Origin, Reached, Repeat, codes};
use tokio::time::Instant;

use super::name::Name;
use super::source::{DomStock, Found};
use super::{Stocks, value};
use crate::config;

/// Where the stock of one store id is asked for.
#[derive(Debug)]
pub struct Desk {
    store: String,
    stocks: Arc<Stocks>,
    fetcher: Fetcher<gateway_cache::OwnedKey, Found>,
    /// Requests that the last question took which failed.
    failed_attempts: Arc<AtomicU32>,
}

/// How urgent an inquiry is, and what it may be answered from.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How urgent.
    pub class: Class,
    /// Whether stock of physical stores is asked for whatever is remembered: an order is about to be collected there, and
    /// the store's own cache is passed by too (contract store section 14.2).
    pub physical_anew: bool,
    /// Until when there has to be an answer.
    pub deadline: Instant,
    /// Now, in milliseconds since the epoch.
    pub now_ms: i64,
}

/// What was found of every line, in their order.
#[derive(Debug)]
pub struct Answered {
    /// Line by line.
    pub findings: Vec<Finding<'static>>,
    /// The age of the oldest record that was answered from; `None` if none was.
    pub age_ms: Option<i64>,
    /// Requests to the DOM that the longest of the lines took.
    pub attempts: u32,
}

/// Why the lines are not answered here.
#[derive(Debug)]
pub enum Unanswered {
    /// The question has to be asked as a whole: no rule is written for it, or the DOM refuses it and the store has to hear
    /// that in the DOM's words.
    AskWhole,
    /// The DOM cannot be asked, and no rule says what to answer then; with it, the requests to the DOM it took.
    Fault(Fault, u32),
}

/// A line on its way to its finding.
enum Line<'r> {
    Found(Finding<'static>),
    Wanted(Wanted<'r>),
}

/// A line the DOM has to be asked for, or would have to.
struct Wanted<'r> {
    rule: &'r Rule,
    /// What is remembered.
    stock: Option<Stock>,
    /// Place among the keys asked for; `None` if the rule forbids asking.
    asked: Option<usize>,
}

/// What one inquiry has found so far.
struct Inquiry<'d> {
    desk: &'d Desk,
    terms: Terms,
    age_ms: Option<i64>,
    attempts: u32,
}

// === impl Desk ===

impl Desk {
    /// A desk over this source, whose calls are put together as a DOM's settings say.
    ///
    /// # Errors
    /// Settings that cannot be, or no runtime.
    pub fn new(source: DomStock, batch: &config::Batch) -> Result<Self, CannotStart> {
        let (store, stocks) = (source.store.clone(), Arc::clone(&source.stocks));
        let params = Params {
            lines_per_call: source.lines_per_call(batch.lines.as_ref().map(|lines| lines.value)),
            longest_window: batch.window,
            concurrent_calls: batch.calls,
            // The call's own deadline ends it; this is for a call that does not keep to it.
            longest_call: source.limits.call + Duration::from_secs(1),
            first_pause: batch.first_pause,
            longest_pause: batch.longest_pause,
            ..Params::default()
        };
        let failed_attempts = Arc::clone(&source.failed_attempts);
        Ok(Self { store, stocks, fetcher: Fetcher::new(params, source)?, failed_attempts })
    }

    /// The store id.
    #[must_use]
    pub fn store(&self) -> &str {
        &self.store
    }

    /// What was asked of the DOM so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.fetcher.counts()
    }

    /// Finds every line.
    ///
    /// # Errors
    /// See [`Unanswered`]; an answer has all lines or there is none.
    pub async fn find(&self, lines: &[StockLine<'_>], terms: Terms) -> Result<Answered, Unanswered> {
        let names: Option<Vec<Name<'_>>> = lines.iter().map(|line| Name::of(&self.store, line)).collect();
        let names = names.filter(|_| !names_two_stores(lines)).ok_or(Unanswered::AskWhole)?;
        let rules: Vec<Option<&Rule>> = names.iter().map(|name| name.rule(&self.stocks.rules)).collect();
        if rules.iter().all(Option::is_none) {
            return Err(Unanswered::AskWhole);
        }
        let otherwise = self.stocks.rules.otherwise();
        let mut inquiry = Inquiry { desk: self, terms, age_ms: None, attempts: 0 };
        let mut keys = Vec::new();
        let mut found = Vec::with_capacity(lines.len());
        for ((line, name), rule) in lines.iter().zip(&names).zip(rules) {
            found.push(inquiry.remembered((line, name), rule.unwrap_or(otherwise), &mut keys));
        }
        self.count(&found);
        let answers = if keys.is_empty() {
            Vec::new()
        } else {
            self.fetcher.get(keys, terms.class, Some(terms.deadline)).await
        };
        let findings = lines
            .iter()
            .zip(&names)
            .zip(found)
            .map(|((line, name), found)| match found {
                Line::Found(finding) => Ok(finding),
                Line::Wanted(wanted) => inquiry.answered((line, name), wanted, &answers),
            })
            .collect::<Result<Vec<_>, Unanswered>>()?;
        Ok(Answered { findings, age_ms: inquiry.age_ms, attempts: inquiry.attempts })
    }

    /// Requests to the DOM behind a fault; none behind one that is only remembered.
    fn attempts_of(&self, fault: &Fault) -> u32 {
        if fault.reached == Reached::No { 0 } else { self.failed_attempts.load(Ordering::Relaxed).max(1) }
    }

    fn count(&self, lines: &[Line<'_>]) {
        let stats = self.stocks.cache.stats();
        let remembered = lines.iter().filter(|line| matches!(line, Line::Found(_))).count();
        let counter = match remembered {
            all if all == lines.len() => &stats.requests_hit,
            0 => &stats.requests_missed,
            _ => &stats.requests_partial,
        };
        counter.add(1);
        stats.lines.add(lines.len() as u64);
    }
}

// === impl Inquiry ===

impl<'d> Inquiry<'d> {
    /// A line from memory, or what is to be asked for.
    fn remembered(
        &mut self,
        (line, name): (&StockLine<'_>, &Name<'_>),
        rule: &'d Rule,
        keys: &mut Vec<gateway_cache::OwnedKey>,
    ) -> Line<'d> {
        let Desk { stocks, fetcher, .. } = self.desk;
        let key = name.key();
        let anew = self.terms.physical_anew && key.location != Location::Online;
        let stock = if anew { None } else { stocks.cache.get(&key, rule) };
        let stats = stocks.cache.stats();
        match decide(stock.as_ref(), rule, line.wanted, self.terms.now_ms) {
            Decision::Serve(clock) if let Some(stock) = stock => {
                match clock {
                    Clock::Fresh => stats.lines_fresh.add(1),
                    Clock::Refreshing => {
                        stats.lines_refreshing.add(1);
                        fetcher.refresh(key.to_owned());
                    }
                }
                Line::Found(self.served(stock, key.location, rule))
            }
            Decision::DoNotAsk => Line::Wanted(Wanted { rule, stock, asked: None }),
            Decision::Serve(_) | Decision::Ask => {
                keys.push(key.to_owned());
                Line::Wanted(Wanted { rule, stock, asked: Some(keys.len() - 1) })
            }
        }
    }

    /// What the DOM said of a line, or what the rule says when it could not be asked.
    fn answered(
        &mut self,
        (line, name): (&StockLine<'_>, &Name<'_>),
        wanted: Wanted<'_>,
        answers: &[Result<Found, Fault>],
    ) -> Result<Finding<'static>, Unanswered> {
        let asked = wanted.asked.and_then(|place| answers.get(place));
        let fault = match asked {
            Some(Ok(found)) => {
                self.attempts = self.attempts.max(found.attempts);
                return Ok((*found.finding).clone());
            }
            Some(Err(fault)) if !is_of_the_way(fault) => return Err(Unanswered::AskWhole),
            Some(Err(fault)) => {
                self.attempts = self.attempts.max(self.desk.attempts_of(fault));
                fault.clone()
            }
            None => must_not_ask(wanted.rule),
        };
        let stats = self.desk.stocks.cache.stats();
        let location = name.key().location;
        match after_failure(wanted.stock.as_ref(), wanted.rule, line.wanted, self.terms.now_ms) {
            OnFailure::Stale(stock) => {
                stats.lines_stale.add(1);
                Ok(self.served(stock, location, wanted.rule))
            }
            OnFailure::Fallback(stock) => {
                stats.lines_fallback.add(1);
                Ok(value::finding_of(stock, location, false))
            }
            OnFailure::Fail => Err(Unanswered::Fault(fault, self.attempts)),
        }
    }

    fn served(&mut self, stock: Stock, location: Location<&str>, rule: &Rule) -> Finding<'static> {
        self.age_ms = self.age_ms.max(Some(stock.age_ms(self.terms.now_ms)));
        value::finding_of(stock, location, rule.age_in_document)
    }
}

/// Whether online stores are told apart by their names alone: which of them is the context's, nobody here can tell.
fn names_two_stores(lines: &[StockLine<'_>]) -> bool {
    let mut names = lines.iter().filter_map(|line| match line.place {
        PlaceName::Online { id: None, name } => name,
        _ => None,
    });
    names.next().is_some_and(|first| names.any(|name| name != first))
}

/// Whether a fault says that the DOM could not be asked, rather than what it says of the question.
fn is_of_the_way(fault: &Fault) -> bool {
    if fault.was_held_back() {
        return true;
    }
    match fault.origin {
        Origin::Network => true,
        Origin::Dom => fault.code != codes::DOM_REFUSED,
        Origin::Gateway => fault.code == codes::DRAINING,
        Origin::Store => false,
    }
}

fn must_not_ask(rule: &Rule) -> Fault {
    let text = format!("nothing that may be answered is kept, and the rule `{}` forbids asking", rule.name);
    Fault::gateway(codes::NOTHING_KEPT, text).repeat(Repeat::Safe)
}
