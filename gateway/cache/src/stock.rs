//! What is known of one item at one location.

use rust_decimal::Decimal;

/// A value for [`Stock::fetched_ms`] that never grows old by itself (contract store section 14.2: `LASTUPDATE` null).
pub const AGELESS: i64 = i64::MAX;

/// Whether it can be bought (contract store section 5; the store's tables say AVL, BA, UAVL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// In stock.
    Available,
    /// Not in stock, will be at a known date.
    Backorderable,
    /// Not in stock.
    Unavailable,
}

/// One record: what was told of one item at one location, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// Whether it can be bought.
    pub status: Status,
    /// How many; `None` with [`Status::Available`] is unlimited, with any other it is none.
    pub quantity: Option<Decimal>,
    /// When it will be available, as it was written.
    pub available_at: Option<Box<str>>,
    /// When more comes although some is there, as it was written; what an order wants beyond the quantity is
    /// backorderable until then.
    pub more_at: Option<Box<str>>,
    /// Seconds until it is available, the alternative to `available_at`.
    pub offset: Option<i64>,
    /// When the DOM last changed it, in milliseconds since the epoch; `None` if it did not say.
    pub dom_time_ms: Option<i64>,
    /// When it was fetched or pushed, in milliseconds since the epoch: the clocks of the rules count from here.
    pub fetched_ms: i64,
    /// Since when it is marked as old (purged, or not part of a full replacement), in milliseconds since the epoch.
    /// Read from a cache, never written to it.
    pub old_since_ms: Option<i64>,
}

// === impl Status ===

impl Status {
    /// The store's own code (`INVENTORYSTATUS`).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Available => "AVL",
            Self::Backorderable => "BA",
            Self::Unavailable => "UAVL",
        }
    }

    /// The status of a code or of the word a document uses.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "AVL" | "Available" => Some(Self::Available),
            "BA" | "Backorderable" => Some(Self::Backorderable),
            "UAVL" | "Unavailable" => Some(Self::Unavailable),
            _ => None,
        }
    }

    /// The word documents use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Available => "Available",
            Self::Backorderable => "Backorderable",
            Self::Unavailable => "Unavailable",
        }
    }
}

// === impl Stock ===

impl Stock {
    /// A record without quantity, dates or DOM time.
    #[must_use]
    pub const fn new(status: Status, quantity: Option<Decimal>, fetched_ms: i64) -> Self {
        Self {
            status,
            quantity,
            available_at: None,
            more_at: None,
            offset: None,
            dom_time_ms: None,
            fetched_ms,
            old_since_ms: None,
        }
    }

    /// Whether there is no end of it.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        self.status == Status::Available && self.quantity.is_none()
    }

    /// Whether one piece could be sold.
    #[must_use]
    pub fn is_in_stock(&self) -> bool {
        self.status == Status::Available && self.quantity.is_none_or(|quantity| quantity > Decimal::ZERO)
    }

    /// Whether so many could be sold.
    #[must_use]
    pub fn has(&self, wanted: Decimal) -> bool {
        self.status == Status::Available && self.quantity.is_none_or(|quantity| quantity >= wanted)
    }

    /// Milliseconds since it was fetched; 0 when the clocks disagree or it is [`AGELESS`].
    #[must_use]
    pub fn age_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(self.fetched_ms).max(0)
    }

    /// Whether it says the same about availability, times aside.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.status == other.status
            && self.quantity == other.quantity
            && self.available_at == other.available_at
            && self.more_at == other.more_at
            && self.offset == other.offset
    }
}
