//! What is in stock, as the gateway remembers it: the records of all stores, the rules how long they are answered from,
//! and what keeps them true.
//!
//! It outlives calls and, as soft state, may be lost at any moment: that costs questions to the DOM and nothing else.
//! A [`desk::Desk`] answers a store's inquiries from it and asks the DOM for the rest; [`news`] brings in what the DOM and
//! orders tell; [`name`] and [`value`] stand between documents and records.

pub mod desk;
mod handed_over;
pub mod name;
pub mod news;
pub mod source;
pub mod value;

use gateway_cache::{Bounds, Cache, RuleFault, Rules};
use handed_over::HandedOver;

use crate::config;

/// The availability cache with its rules.
#[derive(Debug)]
pub struct Stocks {
    /// The records.
    pub cache: Cache,
    /// How long each is answered from.
    pub rules: Rules,
    /// The ids of all stores: stock of any other is nobody's.
    ids: Vec<String>,
    /// Order lines that the DOM has, or may have.
    handed_over: HandedOver,
}

// === impl Stocks ===

impl Stocks {
    /// An empty cache of the configured size, for the stores of these ids.
    ///
    /// # Errors
    /// All faults of the rules; a checked configuration has none.
    pub fn new(
        settings: &config::Cache,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<Self, Vec<RuleFault>> {
        let bounds = Bounds { bytes: settings.bytes, order_lines: settings.order_lines };
        let rules = Rules::try_new(settings.rules.clone())?;
        let handed_over = HandedOver::new(settings.order_lines);
        Ok(Self { cache: Cache::new(bounds), rules, ids: ids.into_iter().collect(), handed_over })
    }

    /// Whether a store has this id.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.ids.iter().any(|known| known == id)
    }

    /// The ids of all stores.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.ids
    }
}
