//! One row of a batch load: what it says of one item at one location.

use rust_decimal::Decimal;

/// The unit meant where a row names none: piece, UN/ECE recommendation 20 (contract store section 5).
pub const DEFAULT_UNIT: &str = "C62";

/// One good row, borrowed from its source until the next one is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadRow<'r> {
    /// The line of the file the row begins on, from 1; for other sources its number.
    pub line: u64,
    /// The store id the row stands in (`ContextStoreId`).
    pub store: &'r str,
    /// The part number.
    pub item: &'r str,
    /// Where the item is stocked.
    pub location: Location<'r>,
    /// The unit of measure, UN/ECE recommendation 20; `None` if the row names none. A record then has the
    /// [`DEFAULT_UNIT`]; a removal means the item at the location whatever its unit, for the store's table has no
    /// unit in its key.
    pub unit: Option<&'r str>,
    /// What becomes of the record.
    pub change: Change<'r>,
    /// When the figures were true, in milliseconds since 1970; `None` if the row does not say, and then the order
    /// of arrival counts.
    pub updated_ms: Option<i64>,
}

/// Where an item is stocked: exactly one of the two (contract store section 14.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location<'r> {
    /// An online store, by its id; mostly the store the row stands in.
    Online {
        /// `OnlineStoreUniqueID`.
        store: &'r str,
    },
    /// A physical store, by its external identifier.
    Physical {
        /// `PhysicalStoreIdentifier`.
        name: &'r str,
    },
}

/// What becomes of the record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change<'r> {
    /// It is written.
    Put(Stock<'r>),
    /// It is taken away (`Delete` is 1); the row's other figures are not looked at.
    Remove,
}

/// The figures of a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stock<'r> {
    /// The inventory status.
    pub status: Status,
    /// How much there is, never below zero; none with [`Status::Available`] is unlimited.
    pub quantity: Option<Decimal>,
    /// When it becomes available, as written, but with XML's `T` between date and time.
    pub available_at: Option<&'r str>,
    /// Seconds until it becomes available, alternative to the date.
    pub offset_secs: Option<i64>,
}

/// The inventory status of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// `AVL`
    Available,
    /// `BA`
    Backorderable,
    /// `UAVL`
    Unavailable,
}

// === impl LoadRow ===

impl LoadRow<'_> {
    /// The unit of the record the row writes.
    #[must_use]
    pub fn unit_or_default(&self) -> &str {
        self.unit.unwrap_or(DEFAULT_UNIT)
    }
}

// === impl Status ===

impl Status {
    /// The status a code of the batch file stands for.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "AVL" => Some(Self::Available),
            "BA" => Some(Self::Backorderable),
            "UAVL" => Some(Self::Unavailable),
            _ => None,
        }
    }
}
