//! All records of one item of one store, as few bytes: one allocation, sorted by location and unit.
//!
//! A record with an ordinary quantity and a physical store of ten letters takes about 25 bytes; as a struct it would take
//! 150 and three allocations.

mod codec;

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use self::codec::{Reader, write};
use crate::key::{Location, PIECE};
use crate::record::Record;

/// The records of an item; cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct Block(Arc<[u8]>);

/// A block being changed; copied only when something does change.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    base: Option<Block>,
    changed: Option<Vec<u8>>,
    /// Room to write a record in.
    written: Vec<u8>,
}

/// Bytes a changed block may grow by without being moved: a few new records.
const ROOM_BYTES: usize = 128;

/// The name of a record inside its block.
pub(crate) type Slot<'a> = (Location<&'a str>, &'a str);

// === impl Block ===

impl Block {
    /// Bytes it takes, without the allocation's own.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn find(&self, slot: Slot<'_>) -> Option<Record> {
        find(&self.0, slot)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Slot<'_>, Record)> {
        pieces(&self.0).filter_map(|piece| Some((piece.slot, piece.body.record()?)))
    }
}

// === impl Draft ===

impl Draft {
    pub(crate) fn of(base: Option<Block>) -> Self {
        Self { base, changed: None, written: Vec::new() }
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.changed.is_some()
    }

    /// Whether no record is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// The block as it is now.
    pub(crate) fn block(&self) -> Block {
        Block(self.bytes().into())
    }

    pub(crate) fn find(&self, slot: Slot<'_>) -> Option<Record> {
        find(self.bytes(), slot)
    }

    /// Writes a record in its place, over the one that was there.
    pub(crate) fn put(&mut self, slot: Slot<'_>, record: &Record) {
        let mut written = std::mem::take(&mut self.written);
        written.clear();
        write(&mut written, slot, record);
        self.replace(place(self.bytes(), slot), &written);
        self.written = written;
    }

    /// Removes a record; false if there was none.
    pub(crate) fn remove(&mut self, slot: Slot<'_>) -> bool {
        let place = place(self.bytes(), slot);
        let is_there = !place.is_empty();
        if is_there {
            self.replace(place, &[]);
        }
        is_there
    }

    fn replace(&mut self, place: Range<usize>, with: &[u8]) {
        let base = self.base.as_ref();
        let bytes = self.changed.get_or_insert_with(|| {
            let base = base.map(|block| &*block.0).unwrap_or_default();
            let mut bytes = Vec::with_capacity(base.len() + ROOM_BYTES);
            bytes.extend_from_slice(base);
            bytes
        });
        match bytes.get_mut(place.clone()) {
            Some(old) if old.len() == with.len() => old.copy_from_slice(with),
            _ => drop(bytes.splice(place, with.iter().copied())),
        }
    }

    fn bytes(&self) -> &[u8] {
        match (&self.changed, &self.base) {
            (Some(bytes), _) => bytes,
            (None, Some(block)) => &block.0,
            (None, None) => &[],
        }
    }
}

/// A record where it stands.
struct Piece<'b> {
    slot: Slot<'b>,
    body: Reader<'b>,
    start: usize,
    end: usize,
}

/// The records of a block, undecoded but for their names.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = Reader::new(bytes);
    std::iter::from_fn(move || {
        let start = bytes.len() - rest.left();
        let mut body = rest.piece()?;
        let end = bytes.len() - rest.left();
        let slot = body.slot()?;
        Some(Piece { slot, body, start, end })
    })
}

fn find(bytes: &[u8], slot: Slot<'_>) -> Option<Record> {
    let found = pieces(bytes).find(|piece| piece.slot.cmp(&slot) != Ordering::Less)?;
    (found.slot == slot).then(|| found.body.record())?
}

/// Where the record stands, or would stand.
fn place(bytes: &[u8], slot: Slot<'_>) -> Range<usize> {
    match pieces(bytes).find(|piece| piece.slot.cmp(&slot) != Ordering::Less) {
        Some(found) if found.slot == slot => found.start..found.end,
        Some(found) => found.start..found.start,
        None => bytes.len()..bytes.len(),
    }
}

/// Whether a unit is the one that takes no bytes.
fn is_piece(unit: &str) -> bool {
    unit == PIECE
}

#[cfg(test)]
mod tests;
