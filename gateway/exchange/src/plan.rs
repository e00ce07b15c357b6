//! Planning a question: what the DOM has to be asked, as documents ready to send.

use gateway_mapping::{Dialect, Message, Outcome, Part};
use gateway_model::{Fault, Origin, Record, codes};
use gateway_operation::{availability, cancel, check, orders, reserve, transfer};

use crate::find::{lines_per_call, message};
use crate::question::{map_fault, place_of, unlisted};
use crate::{Interpreter, Operation, Question};

/// Orders of one page when the store does not say how many it wants.
const PAGE_SIZE: u32 = 10;

/// One call to a DOM, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The operation whose message it is, by its name in the vocabulary.
    pub operation: String,
    /// The API to call.
    pub api: String,
    /// Its input document.
    pub document: Vec<u8>,
    /// The document that tells the API what to answer, if it takes one.
    pub output_template: Option<String>,
    /// Whether it changes nothing at the DOM.
    pub only_reads: bool,
    /// How many lines of stock it asks for; 0 if it asks for something else.
    pub lines: u32,
    /// The outcome that answers it by itself, whatever the reply's body is: what is looked for or given back is not there, or
    /// what was handed over is there already.
    pub answered_by: Option<Outcome>,
}

/// A call, and the values met while writing it that stand in no table.
pub(crate) type Written = (Call, Vec<String>);

/// What a question takes.
#[derive(Debug)]
pub struct Plan<'t> {
    /// The calls, in order; none when the gateway answers by itself.
    pub calls: Vec<Call>,
    /// For a check: the availability question it became.
    pub(crate) asked: Option<Record<'t>>,
}

// === impl Call ===

impl Call {
    /// Whether it may be sent again although nobody knows whether the DOM acted on it.
    #[must_use]
    pub fn is_safe_to_repeat(&self) -> bool {
        self.only_reads || is_safe_to_repeat(&self.operation)
    }
}

/// Whether calls of the operation of this name may be sent again although nobody knows whether the DOM acted on them.
pub(crate) fn is_safe_to_repeat(operation: &str) -> bool {
    Operation::named(operation).is_some_and(Operation::is_safe_to_repeat)
}

// === impl Interpreter ===

impl Interpreter {
    /// Plans a question for a DOM; `variant` is the form configured for the operation, if it has several.
    ///
    /// # Errors
    /// A fault of the store, when its question contradicts itself or leaves something out that the DOM has to know; of
    /// the gateway, when the DOM's dialect has no message for the operation. Nothing was sent then.
    pub fn plan<'t>(
        &self,
        question: &mut Question<'t>,
        dom: &Dialect,
        variant: Option<&str>,
    ) -> Result<Plan<'t>, Fault> {
        let views = self.views();
        let record = &mut question.record;
        match question.operation {
            Operation::Availability => availability::plan(views, record)?,
            Operation::Check => {
                let asked = check::plan(views, record)?;
                let written = self.availability_calls(dom, variant, &asked)?;
                return Ok(Plan { calls: noted(question, written), asked: Some(asked) });
            }
            Operation::Reserve => reserve::plan(views, record)?,
            Operation::CancelReservation => {
                if cancel::plan(views, record)? == cancel::Step::AnswerAtOnce {
                    return Ok(Plan { calls: Vec::new(), asked: None });
                }
            }
            Operation::Decrement => return Ok(Plan { calls: Vec::new(), asked: None }),
            Operation::Transfer => {
                let refused = transfer::plan(views, record).err();
                if let Some(fault) = refused {
                    return Err(self.at_its_item(question, fault));
                }
            }
            Operation::History => orders::plan_history(views, record, PAGE_SIZE),
            Operation::Details => orders::plan_details(views, record)?,
            push @ (Operation::OrderSync | Operation::OrderCreated | Operation::AvailabilitySync) => {
                let text = format!("`{}` is told to a store, it is not asked of a DOM", push.name());
                return Err(Fault::store(codes::UNKNOWN_ROOT, text));
            }
        }
        let written = match question.operation {
            Operation::Availability => self.availability_calls(dom, variant, &question.record)?,
            operation => {
                vec![self.call(message(dom, operation, Part::Request, variant)?, dom, &question.record)?]
            }
        };
        Ok(Plan { calls: noted(question, written), asked: None })
    }

    /// Adds to the refusal of a transfer where the order item it is about stands, else where the document begins.
    fn at_its_item(&self, question: &Question<'_>, fault: Fault) -> Fault {
        let (tree, payload) = question.document;
        let item =
            transfer::refused_at(self.views(), &question.record).and_then(|number| tree.element(number));
        fault.at(place_of(tree, item.unwrap_or(payload)))
    }

    /// One call for so many lines as the DOM takes at once.
    fn availability_calls(
        &self,
        dom: &Dialect,
        variant: Option<&str>,
        request: &Record<'_>,
    ) -> Result<Vec<Written>, Fault> {
        let message = message(dom, Operation::Availability, Part::Request, variant)?;
        let limit = lines_per_call(dom);
        if limit == 0 || request.list(self.views().availability_request.lines).len() <= limit {
            return Ok(vec![self.call(message, dom, request)?]);
        }
        availability::batches(self.views(), request.clone(), limit)
            .iter()
            .map(|batch| self.call(message, dom, batch))
            .collect()
    }

    pub(crate) fn call(
        &self,
        message: &Message,
        dom: &Dialect,
        record: &Record<'_>,
    ) -> Result<Written, Fault> {
        let organization = self.organization(dom, record);
        let mut document = Vec::with_capacity(4096);
        let unmapped = message
            .write_noting(record, &self.context(organization.as_deref()), &mut document)
            .map_err(|fault| map_fault(fault, Origin::Store))?;
        let operation = message.operation.as_deref().and_then(Operation::named);
        let call = Call {
            operation: message.operation.clone().unwrap_or_default(),
            api: message.api.clone().unwrap_or_default(),
            document,
            output_template: message.output_template.clone(),
            only_reads: operation.is_some_and(Operation::only_reads),
            lines: self.lines_of(record),
            answered_by: match operation {
                Some(Operation::CancelReservation) => Some(Outcome::NotFound),
                Some(Operation::Transfer) => Some(Outcome::Duplicate),
                _ => None,
            },
        };
        Ok((call, unmapped.iter().map(unlisted).collect()))
    }
}

impl Interpreter {
    fn lines_of(&self, record: &Record<'_>) -> u32 {
        let asked = &self.views().availability_request;
        let lines = if record.kind == asked.shape.kind() { record.list(asked.lines).len() } else { 0 };
        u32::try_from(lines).unwrap_or(u32::MAX)
    }
}

/// Notes the values that stand in no table on the question; what is left are the calls.
fn noted(question: &mut Question<'_>, written: Vec<Written>) -> Vec<Call> {
    let note = |(call, unmapped): Written| {
        question.unmapped.extend(unmapped);
        call
    };
    written.into_iter().map(note).collect()
}
