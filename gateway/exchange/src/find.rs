//! Finding a dialect's messages: by operation, part and variant, and by what a document's root is.

use gateway_mapping::{Dialect, Message, Part};
use gateway_model::{Fault, codes};
use gateway_wire::{NodeId, Tree};

use crate::Operation;

/// The message of a dialect for a part of an operation, in the form configured for it if there is one.
pub(crate) fn message<'d>(
    dialect: &'d Dialect,
    operation: Operation,
    part: Part,
    variant: Option<&str>,
) -> Result<&'d Message, Fault> {
    let of_variant = |variant: &str| {
        dialect.messages().find(|message| {
            message.part == part
                && message.operation.as_deref() == Some(operation.name())
                && message.variant.as_deref() == Some(variant)
        })
    };
    variant.and_then(of_variant).or_else(|| dialect.find(operation.name(), part)).ok_or_else(|| {
        let (part, operation) = (part.name(), operation.name());
        let text = format!("the dialect `{}` has no message for the {part} of `{operation}`", dialect.name);
        Fault::gateway(codes::INTERNAL, text)
    })
}

/// The message by which a dialect refuses anything.
pub(crate) fn refusal(dialect: &Dialect) -> Option<&Message> {
    dialect.messages().find(|message| message.part == Part::Refusal)
}

/// Whether an element is a message's root.
pub(crate) fn accepts(message: &Message, tree: &Tree<'_>, node: NodeId) -> bool {
    message.has_root(tree.symbol(node))
}

/// How many lines a DOM takes in one call; 0 if it sets no limit.
pub(crate) fn lines_per_call(dialect: &Dialect) -> usize {
    dialect.limits.get("lines_per_call").and_then(|limit| usize::try_from(*limit).ok()).unwrap_or(0)
}
