//! Refusing in the store's own terms: the normal answer document, its verb carrying the reason (contract store
//! section 13.1).

use gateway_mapping::{Dialect, Message, Part};
use gateway_model::{Fault, Origin, Record, codes};
use gateway_operation::frame::Stamp;
use gateway_operation::{Views, refusal};
use gateway_wire::{NodeId, Tree};

use crate::answer::{Answer, Asked};
use crate::find::{self, message};
use crate::question::map_fault;
use crate::{Interpreter, Operation};

/// How deep an error document may stand in the answer to several calls: `MultiApi/API/Output/Errors`.
const WRAPPERS: u8 = 3;

// === impl Interpreter ===

impl Interpreter {
    /// The business error that answers a question, made of a fault. `asked` is as much of the question as is known.
    ///
    /// # Errors
    /// A fault of the gateway, when the store's dialect cannot write it.
    pub fn refuse(
        &self,
        (operation, asked): (Operation, &Record<'_>),
        store: &Dialect,
        fault: &Fault,
        stamp: Stamp<'_>,
    ) -> Result<Vec<u8>, Fault> {
        let reason = refusal::from_fault(self.views(), fault, Some(asked), stamp.sent_at);
        let message = message(store, operation, Part::Answer, None)?;
        let record = refusal::answer(self.views(), message.record, Some(asked), reason);
        self.write_stamped(message, record, stamp)
    }

    /// The DOM's errors, if one of its replies is an `Errors` document or wraps one: what stands in the place of one
    /// call's output refuses all of them (contract Sterling sections 12 and 13.4).
    pub(crate) fn dom_errors<'r>(
        &self,
        dom: &'r Dialect,
        trees: &'r [Tree<'r>],
    ) -> Result<Option<Record<'r>>, Fault> {
        let Some(errors) = find::refusal(dom) else { return Ok(None) };
        for tree in trees {
            if let Some(node) = refusal_of(errors, tree) {
                let reading = self.read_message(errors, (tree, node), None);
                return reading
                    .map(|(record, _, _)| Some(record))
                    .map_err(|fault| map_fault(fault, Origin::Dom));
            }
        }
        Ok(None)
    }

    /// The business error that answers a question the DOM refused.
    pub(crate) fn refuse_with_errors(
        &self,
        asked: &Asked<'_, '_>,
        store: &Dialect,
        errors: Record<'_>,
        stamp: Stamp<'_>,
    ) -> Result<Answer, Fault> {
        let views = self.views();
        let said = refusal::dom_codes(views, &errors).join("`, `");
        let reason = refusal::from_dom(views, errors, asked.record, stamp.sent_at);
        let refused = refused(views, &reason, &said);
        let message = message(store, asked.operation, Part::Answer, None)?;
        let record = refusal::answer(views, message.record, asked.record, reason);
        let document = self.write_stamped(message, record, stamp)?;
        Ok(Answer { refused: Some(refused), ..Answer::new(document) })
    }
}

impl Interpreter {
    /// The DOM's errors as a fault.
    pub(crate) fn refused_by_dom(&self, errors: Record<'_>, stamp: Stamp<'_>) -> Fault {
        let views = self.views();
        let said = refusal::dom_codes(views, &errors).join("`, `");
        refused(views, &refusal::from_dom(views, errors, None, stamp.sent_at), &said)
    }
}

/// The element that begins the DOM's refusal in one of its replies.
pub(crate) fn refusal_of(errors: &Message, tree: &Tree<'_>) -> Option<NodeId> {
    refusal_in(errors, tree, tree.root(), WRAPPERS)
}

/// The element that begins a refusal: this one, or the first inside it, through at most so many wrappers.
fn refusal_in(errors: &Message, tree: &Tree<'_>, node: NodeId, wrappers: u8) -> Option<NodeId> {
    if find::accepts(errors, tree, node) {
        return Some(node);
    }
    let inside = wrappers.checked_sub(1)?;
    tree.children(node).find_map(|child| refusal_in(errors, tree, child, inside))
}

/// A refusal of the DOM as a fault, for logs and metrics: its codes, and none of its text.
fn refused(views: &Views, reason: &Record<'_>, said: &str) -> Fault {
    let said = if said.is_empty() { "no code" } else { said };
    Fault {
        dom_code: reason.text(views.refusal.reason_code).map(ToOwned::to_owned),
        ..Fault::dom(codes::DOM_REFUSED, format!("the DOM refused with `{said}`"))
    }
}
