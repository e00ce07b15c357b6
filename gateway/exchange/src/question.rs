//! Reading what a store asks: which operation, and what it means.

use std::collections::HashSet;

use gateway_mapping::{Dialect, MapFault, Message, Part, Reading, RouteFault, Unfinished, Unmapped};
use gateway_model::{Fault, Origin, Record, codes};
use gateway_operation::{frame, sameness};
use gateway_wire::{NodeId, Symbol, Tree};

use crate::{Interpreter, Operation};

/// A document understood: what it wants.
#[derive(Debug)]
pub struct Question<'t> {
    /// The operation.
    pub operation: Operation,
    /// The message it came as.
    pub message: String,
    /// Its meaning.
    pub record: Record<'t>,
    /// Elements nobody asked for.
    pub skipped: usize,
    /// Values that stand in no table, as `table: value`; never personal data.
    pub unmapped: Vec<String>,
    /// Where it was read from.
    pub(crate) document: (&'t Tree<'t>, NodeId),
}

/// A document that is not understood.
#[derive(Debug)]
pub struct Unread<'t> {
    /// Why.
    pub fault: Fault,
    /// The operation and what of its record was read, if it came that far: then a business error of that operation can
    /// be answered, with the area and the keys of the question.
    pub begun: Option<Box<(Operation, Record<'t>)>>,
}

// === impl Question ===

impl Question<'_> {
    /// The store the document names.
    #[must_use]
    pub fn store<'q>(&'q self, interpreter: &Interpreter) -> Option<&'q str> {
        frame::store(interpreter.views(), &self.record)
    }

    /// The id of the order it is about.
    #[must_use]
    pub fn order_id<'q>(&'q self, interpreter: &Interpreter) -> Option<&'q str> {
        sameness::order_id(interpreter.views(), &self.record)
    }

    /// A print of what it says: the same for a document that is sent again, also if it was written anew. To be taken before
    /// the question is planned, which fills it in.
    #[must_use]
    pub fn print(&self, interpreter: &Interpreter) -> u128 {
        sameness::print(interpreter.views(), &self.record)
    }
}

// === impl Interpreter ===

impl Interpreter {
    /// The identity a document gave itself (BODID), for logs.
    #[must_use]
    pub fn message_id<'q>(&self, record: &'q Record<'_>) -> Option<&'q str> {
        frame::identity(self.views(), record).0
    }

    /// Reads a document as a question or event of this dialect.
    ///
    /// # Errors
    /// [`Unread`]: no message of the dialect has this root, action or profile, or the document does not fit its
    /// message. `origin` is whose document it is.
    pub fn read_question<'t>(
        &self,
        dialect: &'t Dialect,
        (tree, payload): (&'t Tree<'t>, NodeId),
        origin: Origin,
    ) -> Result<Question<'t>, Unread<'t>> {
        let unread = |fault| Unread { fault, begun: None };
        let message = dialect
            .route(tree, payload, Some(Part::Request))
            .map_err(|fault| unread(route_fault(&fault, (tree, payload), origin)))?;
        let operation = operation_of(message).ok_or_else(|| unread(no_operation(message)))?;
        let reading = message.read_so_far(tree, payload, &self.context(None)).map_err(|unfinished| {
            let Unfinished { fault, record } = *unfinished;
            Unread { fault: map_fault(fault, origin), begun: Some(Box::new((operation, record))) }
        })?;
        if let (Origin::Store, Some(second)) = (origin, second_noun(tree, payload, &reading.skipped)) {
            let begun = Some(Box::new((operation, reading.record)));
            return Err(Unread { fault: too_many_nouns(tree, second), begun });
        }
        let (record, skipped, unmapped) = taken(reading);
        let name = message.name.clone();
        Ok(Question { operation, message: name, record, skipped, unmapped, document: (tree, payload) })
    }

    /// Reads a document as this message.
    pub(crate) fn read_message<'t>(
        &self,
        message: &'t Message,
        (tree, node): (&'t Tree<'t>, NodeId),
        organization: Option<&str>,
    ) -> Result<(Record<'t>, usize, Vec<String>), MapFault> {
        message.read(tree, node, &self.context(organization)).map(taken)
    }
}

/// The record, how many elements were passed over, and the values no table has.
fn taken(reading: Reading<'_>) -> (Record<'_>, usize, Vec<String>) {
    let unmapped = reading.unmapped.iter().map(unlisted).collect();
    (reading.record, reading.skipped.len(), unmapped)
}

/// Among the elements passed over, a noun beside one of its kind that was read: a data area may hold several (contract
/// store section 2), and acknowledging one would lose the others.
fn second_noun(tree: &Tree<'_>, payload: NodeId, skipped: &[NodeId]) -> Option<NodeId> {
    let area_of = |node: NodeId| tree.parent(node).filter(|area| tree.parent(*area) == Some(payload));
    let areas: HashSet<NodeId> = skipped.iter().copied().filter_map(area_of).collect();
    if areas.is_empty() {
        return None;
    }
    // Sets, because a hostile document passes as many elements over as it likes.
    let passed: HashSet<NodeId> = skipped.iter().copied().collect();
    let nouns = areas.iter().flat_map(|area| tree.children(*area).map(|noun| (*area, noun)));
    let read: HashSet<(NodeId, Symbol)> = nouns
        .filter(|(_, noun)| !passed.contains(noun))
        .map(|(area, noun)| (area, tree.symbol(noun)))
        .collect();
    skipped
        .iter()
        .copied()
        .find(|node| area_of(*node).is_some_and(|area| read.contains(&(area, tree.symbol(*node)))))
}

fn too_many_nouns(tree: &Tree<'_>, node: NodeId) -> Fault {
    let text = format!("a second `{}` in one document, expected one", tree.local_name(node));
    Fault::store(codes::BAD_REQUEST, text).at(place_of(tree, node))
}

/// Where an element stands, as a person finds it.
pub(crate) fn place_of(tree: &Tree<'_>, node: NodeId) -> String {
    let (line, column) = tree.position(node);
    format!("{}, line {line}, column {column}", tree.path(node))
}

/// A value that stands in no table, as a person reads it.
pub(crate) fn unlisted(found: &Unmapped) -> String {
    let value = if found.value.is_empty() { "a personal value" } else { &found.value };
    format!("`{value}` in the table `{}`", found.table)
}

/// The operation a message belongs to.
pub(crate) fn operation_of(message: &Message) -> Option<Operation> {
    message.operation.as_deref().and_then(Operation::named)
}

/// A mapping's run-time fault, with both places.
pub(crate) fn map_fault(fault: MapFault, origin: Origin) -> Fault {
    fault.into_fault(origin)
}

fn no_operation(message: &Message) -> Fault {
    let text = format!("`{}` belongs to no operation a store may ask for", message.name);
    Fault::gateway(codes::UNKNOWN_ROOT, text)
}

/// A routing fault, with the place of the root.
fn route_fault(fault: &RouteFault, (tree, payload): (&Tree<'_>, NodeId), origin: Origin) -> Fault {
    let (line, column) = tree.position(payload);
    let fault = match origin {
        Origin::Dom => Fault::dom(fault.code(), fault.to_string()),
        _ => Fault::store(fault.code(), fault.to_string()),
    };
    fault.at(format!("line {line}, column {column}"))
}
