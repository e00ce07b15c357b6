//! A value of the configuration together with where it stands.

use std::ops::Range;

use serde::{Serialize, Serializer};

/// A value and the bytes of the file it was read from, for faults found after reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file; empty for a default.
    pub span: Range<usize>,
}

impl<T: Serialize> Serialize for Located<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}
