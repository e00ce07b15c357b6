//! The checked form of a template: what reading and writing run over. Names are symbols, fields are numbers, constants
//! are finished bytes; nothing is looked up by name any more.

mod matching;

pub(crate) use matching::{AttributeRead, Leaf, Matcher, Takers};

use std::sync::Arc;

use gateway_model::{FieldId, Personal, RecordTypeId, ScalarType};
use gateway_wire::Symbol;
use rust_decimal::Decimal;

use crate::expression::{Calculation, Comparison};
use crate::function::Change;
use crate::source::Spot;
use crate::table::Table;

/// A record on the way to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) field: FieldId,
    pub(crate) kind: RecordTypeId,
    pub(crate) width: u16,
}

/// A field as seen from a place of a template: so many scopes outwards, through these records, this field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) depth: u16,
    pub(crate) steps: Box<[Step]>,
    pub(crate) field: FieldId,
}

/// An expression whose names and types are settled.
#[derive(Debug, Clone)]
pub(crate) enum Expression {
    Text(Box<str>),
    Number(Decimal),
    Flag(bool),
    /// The number of the entry so many scopes outwards.
    Index(usize),
    Scalar(Path, ScalarType),
    Record(Path),
    List(Path),
    Where(Box<Expression>, Box<Expression>),
    Default(Box<Expression>, Box<Expression>),
    Required(Box<Expression>, Option<Box<str>>),
    Table(Box<Expression>, TableUse),
    Change(Box<Expression>, Change),
    First(Box<Expression>, Box<Expression>),
    Count(Box<Expression>),
    Sum(Box<Expression>, Box<Expression>),
    Join(Box<Expression>, Box<Expression>, Box<str>),
    If {
        condition: Box<Expression>,
        then: Box<Expression>,
        otherwise: Option<Box<Expression>>,
    },
    Or(Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Compare(Comparison, Ordering, Box<Expression>, Box<Expression>),
    Calculate(Calculation, Box<Expression>, Box<Expression>),
}

/// In what sense two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ordering {
    Text,
    Number,
    Flag,
    /// By instant; dates without a zone are in the configured one.
    Time,
}

/// A value table and what is done with a value it does not have.
#[derive(Debug, Clone)]
pub(crate) struct TableUse {
    pub(crate) table: Arc<Table>,
    pub(crate) otherwise: Unlisted,
    /// The values looked up are personal, and are not shown in faults.
    pub(crate) personal: bool,
}

/// What is done with a value its table does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unlisted {
    Fail,
    Pass,
    Absent,
    Text(Box<str>),
}

/// Text with holes.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) pieces: Box<[PatternPiece]>,
    pub(crate) spot: Box<Spot>,
    /// Where the values of the holes go when reading, in order of the holes; `None` for a write-only one.
    pub(crate) reads: Box<[Option<Target>]>,
    /// Whether text other than white space stands between all holes, so that their values can be told apart.
    pub(crate) separable: bool,
    /// The commonest form, a path with literal text around it.
    pub(crate) simple: Option<Box<Simple>>,
}

/// A hole that is a bare path, with literal text around it.
#[derive(Debug, Clone)]
pub(crate) struct Simple {
    pub(crate) before: Box<str>,
    pub(crate) path: Path,
    pub(crate) after: Box<str>,
}

/// A piece of text with holes.
#[derive(Debug, Clone)]
pub(crate) enum PatternPiece {
    Literal(Box<str>),
    Hole(Hole),
}

/// A hole.
#[derive(Debug, Clone)]
pub(crate) struct Hole {
    pub(crate) expression: Expression,
    pub(crate) spot: Spot,
    /// The expression as written.
    pub(crate) written: Box<str>,
    /// Its value does not depend on the record.
    pub(crate) literal: bool,
}

/// A field that is read, and how the document's text leads back to it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) path: Path,
    pub(crate) kind: ScalarType,
    /// Undone in this order.
    pub(crate) back: Box<[Back]>,
    pub(crate) notes: Box<TargetNotes>,
}

/// What is only needed when a value is missing or does not fit.
#[derive(Debug, Clone)]
pub(crate) struct TargetNotes {
    pub(crate) personal: Personal,
    /// The field's name.
    pub(crate) name: Box<str>,
    pub(crate) spot: Spot,
    /// No value is a fault.
    pub(crate) required: Option<Box<str>>,
}

/// A function undone.
#[derive(Debug, Clone)]
pub(crate) enum Back {
    Table(TableUse),
    Change(Change),
}

/// A part of a template's content.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Element(Box<Element>),
    Group(Box<Group>),
    Choose(Box<Choose>),
}

/// What surrounds an element or a group: repetition, scope and condition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    pub(crate) each: Option<Each>,
    /// Records that have to exist, the outermost first. Their fields are reached along paths.
    pub(crate) with: Vec<With>,
    pub(crate) when: Option<Expression>,
    /// Fields that the element's being there says something about.
    pub(crate) settings: Box<[Setting]>,
}

// === impl Element ===

impl Element {
    /// The pattern of its text, if it is one.
    pub(crate) fn text_pattern(&self) -> Option<&Pattern> {
        match self.text.as_deref() {
            Some(Text::Pattern(pattern)) => Some(pattern),
            Some(Text::Constant(_) | Text::Expression(_)) | None => None,
        }
    }

    /// What its attributes, its text and what is read once more are read into.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        let attributes = self.start.iter().filter_map(|piece| match piece {
            StartPiece::Attribute { pattern, .. } => Some(pattern),
            StartPiece::Bytes(_) => None,
        });
        let again = self.also_read.iter().map(|reread| &reread.pattern);
        attributes.chain(self.text_pattern()).chain(again).flat_map(|pattern| pattern.reads.iter().flatten())
    }
}

// === impl Frame ===

impl Frame {
    /// Whether it says anything that reading has to know.
    pub(crate) fn is_something(&self) -> bool {
        self.each.is_some() || !self.settings.is_empty()
    }
}

/// A repetition.
#[derive(Debug, Clone)]
pub(crate) struct Each {
    pub(crate) list: Path,
    pub(crate) kind: RecordTypeId,
    pub(crate) width: u16,
    pub(crate) condition: Option<Expression>,
    /// Set on each entry read.
    pub(crate) settings: Box<[Setting]>,
}

/// A record whose fields are meant first.
#[derive(Debug, Clone)]
pub(crate) struct With {
    pub(crate) path: Path,
    /// It was said of a group: then constants are not written where it is absent.
    pub(crate) of_group: bool,
}

/// A field and the value a condition says it has.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) path: Path,
    pub(crate) value: Box<str>,
}

/// An element of the document. What is rarely looked at is boxed, so that elements are small and lie close together.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) symbol: Symbol,
    pub(crate) direction: Direction,
    /// The frame is not empty.
    pub(crate) framed: bool,
    pub(crate) keep: bool,
    /// Some hole in it or below it depends on the record.
    pub(crate) varies: bool,
    /// A value of its own is required.
    pub(crate) demands: bool,
    pub(crate) select: Box<[Select]>,
    pub(crate) text: Option<Box<Text>>,
    pub(crate) content: Content,
    pub(crate) frame: Box<Frame>,
    /// The start tag without its end, `<a b="1"` and then holes and further constants.
    pub(crate) start: Box<[StartPiece]>,
    pub(crate) end: Box<[u8]>,
    /// The attributes that are read, in the template's order.
    pub(crate) attributes: Box<[AttributeRead]>,
    /// The whole start tag, if the element is nothing but a text from the record.
    pub(crate) leaf: Option<Box<[u8]>>,
    /// Where the record of its `m:with` is absent, nothing in it can come from elsewhere.
    pub(crate) falls_silent: bool,
    /// All of it as bytes, if nothing in it varies or is asked.
    pub(crate) constant: Option<Box<[u8]>>,
    /// Attributes and text that are read once more.
    pub(crate) also_read: Box<[Reread]>,
    /// A value below it that must be there whenever the surrounding element is.
    pub(crate) demand: Option<Box<Demand>>,
    pub(crate) spot: Box<Spot>,
    /// The name as written, for faults.
    pub(crate) name: Box<str>,
    pub(crate) also: Box<[Symbol]>,
    pub(crate) required: Option<Box<str>>,
}

/// The items below an element, and what reading needs to find them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    pub(crate) items: Box<[Item]>,
    pub(crate) matcher: Box<Matcher>,
}

/// A value that must be there.
#[derive(Debug, Clone)]
pub(crate) struct Demand {
    pub(crate) spot: Spot,
    pub(crate) why: Box<str>,
    /// The field it is read into; found elsewhere it satisfies the demand as well.
    pub(crate) path: Option<Path>,
}

/// Which directions an element takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Direction {
    #[default]
    Both,
    Read,
    Write,
}

/// A constant that selects an element.
#[derive(Debug, Clone)]
pub(crate) enum Select {
    Attribute(Symbol, Box<str>),
    /// A name in an attribute's value (`xsi:type`), compared by what it means.
    Name(Symbol, Symbol),
    Text(Box<str>),
    /// The literal text around the text's holes.
    Around(Box<str>, Box<str>),
}

/// A piece of a start tag.
#[derive(Debug, Clone)]
pub(crate) enum StartPiece {
    Bytes(Box<[u8]>),
    /// ` name="`, the value, and whose attribute it is when reading.
    Attribute {
        lead: Box<[u8]>,
        symbol: Symbol,
        pattern: Pattern,
    },
}

/// An element's text.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    /// Escaped already.
    Constant(Box<[u8]>),
    Pattern(Pattern),
    /// A BOD expression, given as elements below the root of its tree.
    Expression(Box<Element>),
}

/// An attribute, or the text, of an element read once more.
#[derive(Debug, Clone)]
pub(crate) struct Reread {
    /// How many elements outwards.
    pub(crate) outwards: usize,
    pub(crate) from: Option<Symbol>,
    pub(crate) pattern: Pattern,
}

/// Several items that are repeated or conditioned together.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) spot: Spot,
    pub(crate) frame: Frame,
    pub(crate) content: Content,
    pub(crate) direction: Direction,
    pub(crate) required: Option<Box<str>>,
    /// An `m:or` of an expression: written as an element `or`, read as if it were not there.
    pub(crate) or: bool,
    pub(crate) demand: Option<Box<Demand>>,
}

/// Alternatives.
#[derive(Debug, Clone)]
pub(crate) struct Choose {
    pub(crate) alternatives: Box<[Item]>,
}
