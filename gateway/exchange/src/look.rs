//! Asking before repeating: the call that looks for what a lost answer was about, and what its reply proves.
//!
//! After an ambiguous transfer the DOM is asked for the order by its number. [`Seen::Same`] is answered as if `createOrder`
//! had answered; [`Seen::Different`] is a conflict for a person, and nothing is sent over it; after [`Seen::NotThere`], and
//! the same once more when the DOM had time to settle, the order may be sent again; [`Seen::CannotTell`] leaves the outcome
//! [unknown](outcome_unknown), and nothing is sent. A reply that cannot be read is never taken for "not there".

use std::time::Duration;

use gateway_mapping::{Dialect, Message, Outcome, Part};
use gateway_model::{Fault, Origin, Reached, Record, Repeat, codes};
use gateway_operation::frame::Stamp;
use gateway_operation::verify::{self, Found};

use crate::answer::{Asked, Basis};
use crate::find::message;
use crate::question::map_fault;
use crate::{Answer, Call, Ends, Interpreter, Operation, Question, Reply};

/// When to come back with an order whose outcome is not known, unless the DOM wants more time: what it was at work on is
/// done by then, and a store that comes sooner would only add to its load.
const VERIFY_LATER: Duration = Duration::from_secs(5);

/// What a look at the DOM proves of an order.
#[derive(Debug)]
pub enum Seen {
    /// The DOM has it: the document that acknowledges it.
    Same(Answer),
    /// The DOM has another order under this number: the document that says so; `refused` is the conflict.
    Different(Answer),
    /// The DOM has no order of this number.
    NotThere,
    /// The reply proves nothing; why.
    CannotTell(Fault),
}

/// The calls that give back what is held under a reservation id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// All of it in one call, which is carried out as a whole or not at all.
    pub together: Call,
    /// Each item and kit part by itself, for when one that is not held keeps the others.
    pub singly: Vec<Call>,
}

/// What an attempt to give a reservation back proves.
#[derive(Debug, PartialEq, Eq)]
pub enum Released {
    /// What was held is given back.
    Free,
    /// Something that was to be given back is not held (any more), so nothing was given back at all.
    NotHeld,
    /// The reply proves nothing; why.
    CannotTell(Fault),
}

/// The fault a store is answered with while nobody knows whether its order was taken, because of `cause`.
///
/// It is trouble on the way, not a refusal: told as a SOAP fault (contract store section 17, writing rule 3), the store counts
/// it as an outage, which it tolerates (section 14.2, `IsSystemOutageTolerable`), keeps the order pending on transfer and
/// hands it over again, and that transfer begins with a look. An acknowledgement would make it transferred, and a business
/// error failed for good.
#[must_use]
pub fn outcome_unknown(cause: &Fault) -> Fault {
    let text = format!(
        "whether the order was taken is not known and is being verified ({}): transfer it again later",
        cause.code
    );
    let fault = match cause.origin {
        Origin::Network => Fault::network(codes::OUTCOME_UNKNOWN, text),
        _ => Fault::dom(codes::OUTCOME_UNKNOWN, text),
    };
    let pause = cause.retry_after.map_or(VERIFY_LATER, |pause| pause.length().max(VERIFY_LATER));
    let fault = fault.reached(Reached::Maybe).repeat(Repeat::Safe).retry_after(pause);
    Fault { dom_code: cause.dom_code.clone(), ..fault }
}

// === impl Seen ===

impl Seen {
    /// Notes what an answer was made of.
    fn made_of(self, reply: &Reply) -> Self {
        let with = |answer| Answer { basis: Basis::Look(reply.clone()), ..answer };
        match self {
            Self::Same(answer) => Self::Same(with(answer)),
            Self::Different(answer) => Self::Different(with(answer)),
            other => other,
        }
    }
}

// === impl Interpreter ===

impl Interpreter {
    /// The call that asks a DOM for the order of a planned transfer, by its number: one call in full, because a list of orders
    /// says nothing of their lines. A DOM that gives orders numbers of its own cannot be asked this way, and what it has
    /// would not be there.
    ///
    /// # Errors
    /// A fault of the gateway, when the DOM's dialect cannot ask for an order in full.
    pub fn look(&self, question: &Question<'_>, dom: &Dialect) -> Result<Call, Fault> {
        let request = verify::question(self.views(), &question.record);
        let (call, _) = self.call(message(dom, Operation::Details, Part::Request, None)?, dom, &request)?;
        Ok(Call { answered_by: Some(Outcome::NotFound), ..call })
    }

    /// What the reply to a [look](Self::look) proves of a planned transfer.
    #[must_use]
    pub fn seen(&self, question: &Question<'_>, ends: Ends<'_>, reply: &Reply, stamp: Stamp<'_>) -> Seen {
        let looked = Operation::Details.name();
        let judgement = self.judge_as((looked, true), ends.dom, reply);
        match (judgement.outcome, judgement.fault) {
            // A rule says so, and only a rule does: whatever the body is.
            (Outcome::NotFound, _) => Seen::NotThere,
            (Outcome::Done, None) => {
                let seen = self.compared(question, ends, reply, stamp);
                seen.map_or_else(Seen::CannotTell, |seen| seen.made_of(reply))
            }
            (_, Some(fault)) => Seen::CannotTell(fault),
            (_, None) => Seen::CannotTell(self.refusal_in_reply(ends.dom, reply, stamp)),
        }
    }

    /// Whether a dialect can give a reservation back.
    #[must_use]
    pub fn can_release(&self, dom: &Dialect) -> bool {
        message(dom, Operation::CancelReservation, Part::Request, None).is_ok()
    }

    /// The calls that give back what a planned reservation may hold, or those of a planned cancellation: there is no way to
    /// look a reservation up.
    ///
    /// # Errors
    /// A fault of the gateway, when the DOM's dialect cannot give a reservation back.
    pub fn release(&self, question: &Question<'_>, dom: &Dialect) -> Result<Release, Fault> {
        let message = message(dom, Operation::CancelReservation, Part::Request, None)?;
        let request = match question.operation {
            Operation::CancelReservation => question.record.clone(),
            _ => verify::release(self.views(), &question.record)?,
        };
        let call = |request: &Record<'_>| self.call(message, dom, request).map(|(call, _)| call);
        let together = call(&request)?;
        let singly = verify::singly(self.views(), request).iter().map(call).collect::<Result<_, _>>()?;
        Ok(Release { together, singly })
    }

    /// What the reply to one call of a [release](Self::release) proves.
    #[must_use]
    pub fn released(&self, dom: &Dialect, reply: &Reply, stamp: Stamp<'_>) -> Released {
        let cancelled = Operation::CancelReservation.name();
        let judgement = self.judge_as((cancelled, false), dom, reply);
        match (judgement.outcome, judgement.fault) {
            (Outcome::NotFound, _) => Released::NotHeld,
            (Outcome::Done, None) => {
                let read = self.read_reply((Operation::CancelReservation, dom), None, reply, |_| Ok(()));
                read.map_or_else(Released::CannotTell, |()| Released::Free)
            }
            (_, Some(fault)) => Released::CannotTell(fault),
            (_, None) => Released::CannotTell(self.refusal_in_reply(dom, reply, stamp)),
        }
    }

    /// Holds the order the DOM has against the one that was sent.
    fn compared(
        &self,
        question: &Question<'_>,
        ends: Ends<'_>,
        reply: &Reply,
        stamp: Stamp<'_>,
    ) -> Result<Seen, Fault> {
        let organization = self.organization(ends.dom, &question.record);
        self.read_reply((Operation::Details, ends.dom), organization.as_deref(), reply, |answer| {
            let request = message(ends.dom, Operation::Transfer, Part::Request, ends.variant)?;
            self.read_again(ends.dom, request, &question.record, |sent| {
                match verify::order(self.views(), (&question.record, sent), answer) {
                    Found::Same(order) => self.acknowledged(question, ends, order, stamp).map(Seen::Same),
                    Found::Different(what) => {
                        self.conflict(question, ends, &what, stamp).map(Seen::Different)
                    }
                    Found::NotThere => Ok(Seen::NotThere),
                    Found::Unclear(why) => {
                        let text = format!("it cannot be told whether this is the order: {why}");
                        Err(Fault::dom(codes::DOM_UNEXPECTED, text).repeat(Repeat::Safe))
                    }
                }
            })
        })
    }

    /// The acknowledgement of an order that was found, made as that of a `createOrder` whose answer says of the order what
    /// was found: the same road, so the same document.
    fn acknowledged(
        &self,
        question: &Question<'_>,
        ends: Ends<'_>,
        order: &Record<'_>,
        stamp: Stamp<'_>,
    ) -> Result<Answer, Fault> {
        let message = message(ends.dom, Operation::Transfer, Part::Answer, ends.variant)?;
        let answer = verify::as_answer(self.views(), order);
        let document = self.written(ends.dom, message, &answer)?;
        let reply = Reply { status: 200, body: document, ..Reply::default() };
        let text = self.reply_text_of(&reply, true)?;
        let trees = [self.reply_tree_of(&text, true)?];
        let asked =
            Asked { operation: question.operation, record: Some(&question.record), availability: None };
        self.answer_trees(&asked, ends, &trees, stamp)
    }

    /// The business error for an order that is another one than the DOM has under its number.
    fn conflict(
        &self,
        question: &Question<'_>,
        ends: Ends<'_>,
        what: &str,
        stamp: Stamp<'_>,
    ) -> Result<Answer, Fault> {
        let text = format!("the DOM has another order under this number; {what}");
        let fault = Fault::dom(codes::ORDER_CONFLICT, text);
        let document = self.refuse((question.operation, &question.record), ends.store, &fault, stamp)?;
        Ok(Answer { refused: Some(fault), ..Answer::new(document) })
    }

    /// Does something with what a reply says.
    fn read_reply<T>(
        &self,
        (operation, dom): (Operation, &Dialect),
        organization: Option<&str>,
        reply: &Reply,
        then: impl FnOnce(&Record<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let text = self.reply_text_of(reply, true)?;
        let trees = [self.reply_tree_of(&text, true)?];
        let answers = self.read_answers(operation, (dom, None), &trees, organization)?;
        let no_answer = || Fault::dom(codes::DOM_UNEXPECTED, "the DOM's answer says nothing");
        then(answers.first().ok_or_else(no_answer)?)
    }

    /// Does something with a record as the DOM reads it: written as this message, and read again.
    fn read_again<T>(
        &self,
        dom: &Dialect,
        message: &Message,
        record: &Record<'_>,
        then: impl FnOnce(&Record<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let document = self.written(dom, message, record)?;
        let refused = |refusal: gateway_wire::Refusal| refusal.into_fault(Origin::Gateway);
        let text = self.decode(&document, None).map_err(refused)?;
        let tree = self.parse(&text).map_err(refused)?;
        let organization = self.organization(dom, record);
        let reading = self.read_message(message, (&tree, tree.root()), organization.as_deref());
        let (read, ..) = reading.map_err(|fault| map_fault(fault, Origin::Gateway))?;
        then(&read)
    }

    fn written(&self, dom: &Dialect, message: &Message, record: &Record<'_>) -> Result<Vec<u8>, Fault> {
        let organization = self.organization(dom, record);
        let mut document = Vec::with_capacity(4096);
        message
            .write(record, &self.context(organization.as_deref()), &mut document)
            .map_err(|fault| map_fault(fault, Origin::Gateway))?;
        Ok(document)
    }

    /// The refusal a reply holds, as a fault.
    fn refusal_in_reply(&self, dom: &Dialect, reply: &Reply, stamp: Stamp<'_>) -> Fault {
        let read = || {
            let text = self.reply_text_of(reply, true)?;
            let trees = [self.reply_tree_of(&text, true)?];
            let errors = self.dom_errors(dom, &trees)?;
            Ok(errors.map(|errors| self.refused_by_dom(errors, stamp)))
        };
        let unread = || Fault::dom(codes::DOM_UNEXPECTED, "the DOM's answer says nothing");
        read().unwrap_or_else(Some).unwrap_or_else(unread)
    }
}
