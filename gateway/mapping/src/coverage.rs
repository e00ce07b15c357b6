//! How much of a template works in both directions.

use crate::program::{Content, Element, Item, Pattern, PatternPiece, StartPiece, Text};

/// The holes of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Every hole, in the order of the template.
    pub holes: Vec<HoleCoverage>,
}

/// One hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoleCoverage {
    /// The template's place.
    pub place: String,
    /// The expression as written.
    pub expression: String,
    /// What happens to it.
    pub direction: HoleDirection,
}

/// In which directions a hole is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoleDirection {
    /// Written from the record and read back into it.
    TwoWay,
    /// Written, and passed over when reading.
    WriteOnly,
    /// Read, and never written (`m:read`, `m:into`, `m:only="read"`).
    ReadOnly,
}

// === impl Coverage ===

impl Coverage {
    /// How many holes have this direction.
    #[must_use]
    pub fn count(&self, direction: HoleDirection) -> usize {
        self.holes.iter().filter(|hole| hole.direction == direction).count()
    }
}

pub(crate) fn of(root: &Element) -> Coverage {
    let mut coverage = Coverage::default();
    element(root, true, &mut coverage);
    coverage
}

fn element(element: &Element, written: bool, coverage: &mut Coverage) {
    use crate::program::Direction;
    let written = written && element.direction != Direction::Read;
    let read = element.direction != Direction::Write;
    for piece in &element.start {
        if let StartPiece::Attribute { pattern, .. } = piece {
            holes(pattern, written, read, coverage);
        }
    }
    match element.text.as_deref() {
        Some(Text::Pattern(pattern)) => holes(pattern, written, read, coverage),
        Some(Text::Expression(inner)) => self::element(inner, written, coverage),
        Some(Text::Constant(_)) | None => {}
    }
    for reread in &element.also_read {
        holes(&reread.pattern, false, true, coverage);
    }
    content(&element.content, written, coverage);
}

fn content(content: &Content, written: bool, coverage: &mut Coverage) {
    content.items.iter().for_each(|item| self::item(item, written, coverage));
}

fn item(item: &Item, written: bool, coverage: &mut Coverage) {
    match item {
        Item::Element(inner) => element(inner, written, coverage),
        Item::Group(group) => content(&group.content, written, coverage),
        Item::Choose(choose) => {
            choose.alternatives.iter().for_each(|inner| self::item(inner, written, coverage))
        }
    }
}

fn holes(pattern: &Pattern, written: bool, read: bool, coverage: &mut Coverage) {
    let mut reads = pattern.reads.iter();
    for piece in &pattern.pieces {
        let PatternPiece::Hole(hole) = piece else { continue };
        let two_way = reads.next().is_some_and(Option::is_some) && read;
        let direction = match (written, two_way) {
            (true, true) => HoleDirection::TwoWay,
            (true, false) => HoleDirection::WriteOnly,
            (false, _) => HoleDirection::ReadOnly,
        };
        coverage.holes.push(HoleCoverage {
            place: hole.spot.to_string(),
            expression: hole.written.to_string(),
            direction,
        });
    }
}
