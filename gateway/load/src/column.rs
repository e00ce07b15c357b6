//! The columns of the store's batch file (contract store section 14.3).

use std::fmt;

/// A column, in the file's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// 1
    PartNumber,
    /// 2: one of 2 and 3
    OnlineStoreUniqueId,
    /// 3: the external identifier
    PhysicalStoreIdentifier,
    /// 4: AVL, BA, UAVL
    InventoryStatus,
    /// 5: empty with AVL is unlimited
    AvailableQuantity,
    /// 6
    AvailableQuantityUom,
    /// 7
    AvailabilityTime,
    /// 8: seconds
    AvailabilityOffset,
    /// 9
    LastUpdate,
    /// 10
    ContextStoreId,
    /// 11: custom, not looked at
    Field1,
    /// 12: custom, not looked at
    Field2,
    /// 13: custom, not looked at
    Field3,
    /// 14: 1 removes the record
    Delete,
}

// === impl Column ===

impl Column {
    /// How many there are.
    pub const COUNT: usize = 14;

    /// All columns, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::PartNumber,
        Self::OnlineStoreUniqueId,
        Self::PhysicalStoreIdentifier,
        Self::InventoryStatus,
        Self::AvailableQuantity,
        Self::AvailableQuantityUom,
        Self::AvailabilityTime,
        Self::AvailabilityOffset,
        Self::LastUpdate,
        Self::ContextStoreId,
        Self::Field1,
        Self::Field2,
        Self::Field3,
        Self::Delete,
    ];

    /// Its number in the file, from 1.
    #[must_use]
    pub const fn number(self) -> usize {
        self as usize + 1
    }

    /// Its name in the store's documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PartNumber => "PartNumber",
            Self::OnlineStoreUniqueId => "OnlineStoreUniqueID",
            Self::PhysicalStoreIdentifier => "PhysicalStoreIdentifier",
            Self::InventoryStatus => "InventoryStatus",
            Self::AvailableQuantity => "AvailableQuantity",
            Self::AvailableQuantityUom => "AvailableQuantityUOM",
            Self::AvailabilityTime => "AvailabilityTime",
            Self::AvailabilityOffset => "AvailabilityOffset",
            Self::LastUpdate => "LastUpdate",
            Self::ContextStoreId => "ContextStoreId",
            Self::Field1 => "Field1",
            Self::Field2 => "Field2",
            Self::Field3 => "Field3",
            Self::Delete => "Delete",
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "column {} `{}`", self.number(), self.name())
    }
}
