//! A message: one compiled template, ready to be read and written.

use std::sync::Arc;

use gateway_model::{Record, RecordTypeId};
use gateway_wire::{Names, NodeId, Symbol, Tree};
use jiff::tz::TimeZone;

use crate::coverage::{self, Coverage};
use crate::fault::MapFault;
use crate::program::Element;
use crate::{read, write};

/// Which document of an operation a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// What is asked or told.
    Request,
    /// What is said to it.
    Answer,
    /// That it was refused.
    Refusal,
}

/// One message of a dialect.
#[derive(Debug)]
pub struct Message {
    /// Its name: the file name without `.xml`.
    pub name: String,
    /// Its file, relative to the mappings folder.
    pub file: String,
    /// The operation it belongs to; `None` for a refusal of any operation.
    pub operation: Option<String>,
    /// Which document of the operation it is.
    pub part: Part,
    /// The record type it is read into and written from.
    pub record: RecordTypeId,
    /// The API of the DOM it is sent to.
    pub api: Option<String>,
    /// The text of the file sent along as the DOM's output template.
    pub output_template: Option<String>,
    /// The variant of the operation it belongs to; `None` if it belongs to all.
    pub variant: Option<String>,
    pub(crate) root: Element,
    pub(crate) also: Box<[Symbol]>,
    pub(crate) width: usize,
    pub(crate) names: Arc<Names>,
    pub(crate) routing: Routing,
}

/// What a document needs to have to be taken for this message, besides its root element.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routing {
    pub(crate) actions: Vec<String>,
    pub(crate) profiles: Vec<String>,
    pub(crate) having: Vec<crate::route::LocalPath>,
}

/// What reading and writing may look at besides the document or the record.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// The organization whose table rows come first.
    pub organization: Option<&'c str>,
    /// The zone of times that have none.
    pub zone: &'c TimeZone,
}

/// What was read.
#[derive(Debug)]
pub struct Reading<'t> {
    /// The message's meaning.
    pub record: Record<'t>,
    /// Elements nobody took; what stands below them is not listed.
    pub skipped: Vec<NodeId>,
    /// Values their tables did not have.
    pub unmapped: Vec<Unmapped>,
}

/// What was read before a fault ended the reading.
#[derive(Debug)]
pub struct Unfinished<'t> {
    /// The fault.
    pub fault: MapFault,
    /// The message's meaning as far as it is known.
    pub record: Record<'t>,
}

/// A value its table did not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    /// The table.
    pub table: String,
    /// The value, from a document or a record; empty if it came from or went to a field marked as personal.
    pub value: String,
}

// === impl Part ===

impl Part {
    /// The part of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Request, Self::Answer, Self::Refusal].into_iter().find(|part| part.name() == name)
    }

    /// Its name in `m:part`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
            Self::Refusal => "refusal",
        }
    }
}

// === impl Message ===

impl Message {
    /// Reads the element and everything below it. The record borrows from the tree and from this message's tables.
    ///
    /// # Errors
    /// The element is not this message, a required value is missing, a value does not have the form of its field, or its
    /// table has no row for it and says so.
    pub fn read<'t>(
        &'t self,
        tree: &'t Tree<'t>,
        node: NodeId,
        context: &Context<'_>,
    ) -> Result<Reading<'t>, MapFault> {
        self.read_so_far(tree, node, context).map_err(|unfinished| unfinished.fault)
    }

    /// As [`Self::read`]; after a fault with what was read before it, so that a refusal can say whom it answers.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_so_far<'t>(
        &'t self,
        tree: &'t Tree<'t>,
        node: NodeId,
        context: &Context<'_>,
    ) -> Result<Reading<'t>, Box<Unfinished<'t>>> {
        read::message(self, tree, node, context)
    }

    /// Writes the record behind what `out` holds, without an XML declaration. After a fault `out` is as it was.
    ///
    /// # Errors
    /// A required value is missing, a value has characters XML cannot hold, its table has no row for it and says so,
    /// or the document would be larger than 64 MiB.
    pub fn write(
        &self,
        record: &Record<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), MapFault> {
        self.write_noting(record, context, out).map(|_| ())
    }

    /// As [`Self::write`]; gives the values their tables did not have.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_noting(
        &self,
        record: &Record<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Vec<Unmapped>, MapFault> {
        write::message(self, record, context, out)
    }

    /// Which holes work in both directions.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        coverage::of(&self.root)
    }

    /// The local names its root may have.
    pub fn root_names(&self) -> impl Iterator<Item = &str> {
        let symbols = std::iter::once(&self.root.symbol).chain(&self.also);
        symbols.filter_map(|symbol| self.names.expand(*symbol)).map(|(_, local)| local)
    }

    /// Whether an element of this name is the message's root. The further names of `m:also` count too.
    #[must_use]
    pub fn has_root(&self, symbol: Symbol) -> bool {
        symbol.is_known() && (self.root.symbol == symbol || self.also.contains(&symbol))
    }
}
