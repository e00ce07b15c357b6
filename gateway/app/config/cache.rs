//! The availability cache: how much it may hold, and the rules how long its records are answered from.

use gateway_cache::{Rule, Scope};
use serde::Serialize;

/// The availability cache. Without rules nothing is cached.
#[derive(Debug, Clone, Serialize)]
pub struct Cache {
    /// Bytes of memory its records may take.
    pub bytes: u64,
    /// Order lines remembered, so that each lowers its record once.
    pub order_lines: usize,
    /// The rules, with what each holds for; checked against each other.
    #[serde(skip)]
    pub rules: Vec<(Scope, Rule)>,
}

impl Default for Cache {
    fn default() -> Self {
        Self { bytes: 256 << 20, order_lines: 200_000, rules: Vec::new() }
    }
}
