//! One document through the real road, without a network: what an integrator sees of a change at once.

use gateway_mapping::{Dialect, Message, Part, Side};
use gateway_model::{Fault, Origin, Record, codes};
use gateway_operation::frame::{self, Stamp};
use gateway_wire::{NodeId, Tree};

use crate::answer::Asked;
use crate::find::accepts;
use crate::question::{map_fault, operation_of};
use crate::{Ends, Interpreter, Question};

/// A document translated.
#[derive(Debug, Default)]
pub struct Translation {
    /// What comes out; several documents where the DOM is asked several times.
    pub documents: Vec<Vec<u8>>,
    /// What a person should know beside it.
    pub notes: Vec<String>,
}

// === impl Interpreter ===

impl Interpreter {
    /// Translates a document from one dialect to another, the way a call takes it.
    ///
    /// A store's request becomes what the DOM is asked; what a store says to a push, what the DOM is answered; a DOM's event what the store is told; a DOM's answer the store's,
    /// in the light of the store's request if that is given.
    ///
    /// # Errors
    /// The fault the call would end with.
    pub fn translate(
        &self,
        (from, to): (&Dialect, &Dialect),
        (tree, payload): (&Tree<'_>, NodeId),
        request: Option<(&Tree<'_>, NodeId)>,
        stamp: Stamp<'_>,
    ) -> Result<Translation, Fault> {
        match (from.side, to.side) {
            (Side::Store, Side::Dom) => self.translate_question(from, to, (tree, payload), stamp),
            (Side::Dom, Side::Store) => {
                let ends = Ends { store: to, dom: from, variant: None };
                match request {
                    Some(request) => self.translate_answer(ends, tree, request, stamp),
                    None => self.translate_alone(ends, (tree, payload), stamp),
                }
            }
            _ => self.rewrite(from, to, (tree, payload)),
        }
    }

    fn translate_question(
        &self,
        store: &Dialect,
        dom: &Dialect,
        document: (&Tree<'_>, NodeId),
        stamp: Stamp<'_>,
    ) -> Result<Translation, Fault> {
        let mut question = match self.read_question(store, document, Origin::Store) {
            Ok(question) => question,
            Err(unread) => return self.translate_outcome((store, dom), document, unread.fault, stamp),
        };
        let plan = self.plan(&mut question, dom, None)?;
        let mut notes = read_notes(&question);
        if plan.calls.is_empty() {
            notes.push(format!(
                "nothing is sent to the DOM for `{}`: this is what the store is answered",
                question.operation.name()
            ));
            let asked =
                Asked { operation: question.operation, record: Some(&question.record), availability: None };
            let ends = Ends { store, dom, variant: None };
            let answer = self.answer_trees(&asked, ends, &[], stamp)?;
            return Ok(Translation { documents: vec![answer.document], notes });
        }
        let apis: Vec<_> = plan.calls.iter().map(|call| format!("`{}`", call.api)).collect();
        notes.push(format!("sent to the API {}", apis.join(", ")));
        Ok(Translation { documents: plan.calls.into_iter().map(|call| call.document).collect(), notes })
    }

    /// What a store answered, as the DOM is told: that it took a push, or its refusal of anything. A document that says
    /// neither ends with `fault`.
    fn translate_outcome(
        &self,
        (store, dom): (&Dialect, &Dialect),
        (tree, payload): (&Tree<'_>, NodeId),
        fault: Fault,
        stamp: Stamp<'_>,
    ) -> Result<Translation, Fault> {
        let is_fault = gateway_wire::soap::read_fault(tree, payload).is_some();
        let fits = |message: &&Message| {
            message.part == Part::Answer && (is_fault || accepts(message, tree, payload))
        };
        let Some(message) = store.messages().find(fits) else { return Err(fault) };
        let pushed =
            store.messages().filter(fits).filter_map(operation_of).find(|operation| operation.is_push());
        let outcome = match pushed {
            Some(operation) => self.confirmed(operation, store, (tree, payload)),
            None => {
                let reading = self.read_message(message, (tree, payload), None);
                let (record, ..) = reading.map_err(|fault| map_fault(fault, Origin::Store))?;
                let Some(reason) = frame::refusal(self.views(), &record) else { return Err(fault) };
                Err(self.untaken(Some(reason)))
            }
        };
        let note = match &outcome {
            Ok(()) => "the store took what it was told".to_owned(),
            Err(untaken) => untaken.fault.to_string(),
        };
        let operation = pushed.or_else(|| operation_of(message)).ok_or(fault)?;
        let document = self.acknowledge((operation, None), dom, outcome.as_ref().copied(), stamp)?;
        Ok(Translation { documents: vec![document], notes: vec![note] })
    }

    fn translate_answer(
        &self,
        ends: Ends<'_>,
        answer: &Tree<'_>,
        request: (&Tree<'_>, NodeId),
        stamp: Stamp<'_>,
    ) -> Result<Translation, Fault> {
        let mut question =
            self.read_question(ends.store, request, Origin::Store).map_err(|unread| unread.fault)?;
        let plan = self.plan(&mut question, ends.dom, None)?;
        let asked = Asked {
            operation: question.operation,
            record: Some(&question.record),
            availability: plan.asked.as_ref(),
        };
        let answered = self.answer_trees(&asked, ends, std::slice::from_ref(answer), stamp)?;
        Ok(Translation { documents: vec![answered.document], notes: refusal_note(answered.refused.as_ref()) })
    }

    /// A document of the DOM by itself: an event, or an answer whose question is not known.
    fn translate_alone(
        &self,
        ends: Ends<'_>,
        (tree, payload): (&Tree<'_>, NodeId),
        stamp: Stamp<'_>,
    ) -> Result<Translation, Fault> {
        let event = match self.read_push(ends.dom, [ends.store], (tree, payload)) {
            Ok(told) => told,
            // A document of a known event that cannot be read is no answer either.
            Err(unread) if unread.fault.code != codes::UNKNOWN_ROOT => return Err(unread.fault),
            Err(unread) => {
                let answer = ends.dom.route(tree, payload, Some(Part::Answer)).ok().and_then(operation_of);
                let Some(operation) = answer else { return Err(unread.fault) };
                let asked = Asked { operation, record: None, availability: None };
                let answered = self.answer_trees(&asked, ends, std::slice::from_ref(tree), stamp)?;
                let mut notes = refusal_note(answered.refused.as_ref());
                notes.push(format!(
                    "read as an answer to `{}`; give its question with `--request` to have it answered exactly",
                    operation.name()
                ));
                return Ok(Translation { documents: vec![answered.document], notes });
            }
        };
        let mut notes = read_notes(&event.question);
        let documents: Vec<_> = self.deliver(&event, ends.store, stamp)?.into_iter().collect();
        if documents.is_empty() {
            notes.push("the event means nothing to a store: it is confirmed, and nothing is sent".to_owned());
        }
        Ok(Translation { documents, notes })
    }

    /// Between two dialects of one side: the same message in other words.
    fn rewrite(
        &self,
        from: &Dialect,
        to: &Dialect,
        (tree, payload): (&Tree<'_>, NodeId),
    ) -> Result<Translation, Fault> {
        let unknown = || {
            let text =
                format!("`{}` knows no message with the root `{}`", from.name, tree.local_name(payload));
            Fault::store(codes::UNKNOWN_ROOT, text)
        };
        let message = from.route(tree, payload, None).map_err(|_| unknown())?;
        let (record, ..) = self
            .read_message(message, (tree, payload), None)
            .map_err(|fault| map_fault(fault, Origin::Store))?;
        let target = message
            .operation
            .as_deref()
            .and_then(|operation| to.find(operation, message.part))
            .or_else(|| to.message(&message.name))
            .ok_or_else(unknown)?;
        Ok(Translation { documents: vec![self.write_plain(target, &record)?], notes: Vec::new() })
    }

    fn write_plain(&self, message: &gateway_mapping::Message, record: &Record<'_>) -> Result<Vec<u8>, Fault> {
        let mut document = Vec::new();
        message
            .write(record, &self.context(None), &mut document)
            .map_err(|fault| map_fault(fault, Origin::Gateway))?;
        Ok(document)
    }
}

fn read_notes(question: &Question<'_>) -> Vec<String> {
    let mut notes = vec![format!("read as `{}` ({})", question.message, question.operation.name())];
    if question.skipped > 0 {
        notes.push(format!("{} elements that no template asks for were passed over", question.skipped));
    }
    notes.extend(question.unmapped.iter().map(|value| format!("no row for {value}")));
    // One word about a value is enough, however many lines have it.
    notes.dedup();
    notes
}

fn refusal_note(refused: Option<&Fault>) -> Vec<String> {
    refused.map(|fault| format!("{fault}; answered in the store's terms")).into_iter().collect()
}
