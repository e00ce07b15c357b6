//! How long a record may be answered from, and what is answered without it: the store's own cache configuration
//! (contract store section 14.2, table `INVCNF`) and what goes beyond it.

mod import;
mod select;

use std::time::Duration;

use rust_decimal::Decimal;

pub use import::{ImportFault, Imported, Note, import_csv};
pub use select::{RuleFault, Rules};

use crate::stock::{Status, Stock};

/// One cache configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What people call it (`IDENTIFIER`).
    pub name: Box<str>,
    /// What is done at all (`FLAGS`).
    pub flags: Flags,
    /// Cached minus requested quantity at or above it counts as plenty; `None`: everything does (`THRESHOLDQUANTITY`).
    pub threshold: Option<Decimal>,
    /// How long plenty stays fresh; `None`: for ever, zero: not at all (`CHEXPABOVETHRES`).
    pub fresh_above: Option<Duration>,
    /// How long little stays fresh; `None`: for ever, zero: not at all (`CHEXPBELOWTHRES`).
    pub fresh_below: Option<Duration>,
    /// What is answered when the DOM cannot be asked and nothing cached will do; `None`: the call fails.
    pub fallback: Option<Fallback>,
    /// Whether the fallback is answered too when what is cached and old is less than what is requested (the store's
    /// `IsRespectFallbackForInsuffQuant`).
    pub fallback_when_short: bool,
    /// The status of an available record that orders have lowered to zero (the store's
    /// `InventoryStatusForZeroQuantityInCache`).
    pub status_at_zero: Status,
    /// Among equally specific rules the highest wins (`PRECEDENCE`).
    pub precedence: Decimal,
    /// How long after its end a record is still answered at once while a fresh one is fetched behind.
    pub serve_while_refreshing: Duration,
    /// How long after its end a record is still answered when the DOM cannot be asked.
    pub serve_on_error: Duration,
    /// Whether the answer says in its `LastUpdateDateTime` how old it is.
    pub age_in_document: bool,
}

/// What is done at all (contract store section 14.2, `FLAGS`; its database flag, 2, has no meaning here).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// Keep records in memory (1).
    pub memory: bool,
    /// Ask the DOM when a record is missing or too old (4).
    pub ask: bool,
    /// Lower records when an order is submitted (8).
    pub decrement: bool,
    /// Take what the DOM tells (16).
    pub update: bool,
}

/// What is answered when the DOM cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// `FALLBACKINVSTAT`
    pub status: Status,
    /// `FALLBACKAVAILTIME`, as it was written.
    pub available_at: Option<Box<str>>,
    /// `FALLBACKINVOFFSET`, in seconds.
    pub offset: Option<i64>,
}

// === impl Rule ===

impl Rule {
    /// A rule that keeps nothing and asks the DOM every time: what holds where no rule was written.
    #[must_use]
    pub fn ask_always() -> Self {
        Self {
            name: "ask-always".into(),
            flags: Flags { memory: false, ask: true, decrement: false, update: false },
            threshold: None,
            fresh_above: Some(Duration::ZERO),
            fresh_below: Some(Duration::ZERO),
            fallback: None,
            fallback_when_short: true,
            status_at_zero: Status::Available,
            precedence: Decimal::ZERO,
            serve_while_refreshing: Duration::ZERO,
            serve_on_error: Duration::ZERO,
            age_in_document: false,
        }
    }
}

// === impl Fallback ===

impl Fallback {
    /// The fallback as an answer. Its quantity is zero unless it says Available, which it then says without limit.
    #[must_use]
    pub fn stock(&self, now_ms: i64) -> Stock {
        let quantity = (self.status != Status::Available).then_some(Decimal::ZERO);
        Stock {
            available_at: self.available_at.clone(),
            offset: self.offset,
            ..Stock::new(self.status, quantity, now_ms)
        }
    }
}
