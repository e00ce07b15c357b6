//! The road the other way: what a DOM tells becomes what the store is told, and the store's word goes back.
//!
//! A DOM may push its own events, or documents that are the store's already; both are read into the same records.

use gateway_mapping::{Dialect, Part, Side};
use gateway_model::{Fault, Origin, Reached, Record, Repeat, codes};
use gateway_operation::frame::{self, Stamp};
use gateway_operation::order_sync::{Meaning, OrderNews, Telling};
use gateway_operation::{availability_sync, confirmation, order_sync, refusal};
use gateway_wire::{NodeId, Tree};

use crate::answer::charset;
use crate::find::{self, accepts, message};
use crate::question::map_fault;
use crate::{Interpreter, Operation, Question, Reply, Unread};

/// A push understood.
#[derive(Debug)]
pub struct Told<'t> {
    /// What it tells.
    pub question: Question<'t>,
    /// The dialect it is written in; its answer is written in the same.
    pub dialect: &'t Dialect,
}

/// A push the store did not take.
#[derive(Debug)]
pub struct Untaken {
    /// What went wrong.
    pub fault: Fault,
    /// What the store said itself. It is for the DOM alone: it may name a shopper.
    pub reason: Option<Box<Record<'static>>>,
}

// === impl Untaken ===

impl Untaken {
    /// Whether the store refused because it was told something later of the order already.
    #[must_use]
    pub fn says_older(&self) -> bool {
        self.means(Meaning::Older)
    }

    /// Whether the store refused because of the order's state.
    #[must_use]
    pub fn says_wrong_state(&self) -> bool {
        self.means(Meaning::WrongState)
    }

    /// Whether the store read the document and did not want it.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.fault.code, codes::STORE_REFUSED | codes::STORE_NOT_NOW)
    }

    fn means(&self, meaning: Meaning) -> bool {
        self.is_refusal() && self.fault.reasons.iter().any(|key| order_sync::meaning(key) == meaning)
    }
}

impl From<Fault> for Untaken {
    fn from(fault: Fault) -> Self {
        Self { fault, reason: None }
    }
}

// === impl Interpreter ===

impl Interpreter {
    /// Reads a push, in the DOM's own dialect or in one of the stores'.
    ///
    /// # Errors
    /// The fault of the DOM's dialect when none of them knows the document.
    pub fn read_push<'t>(
        &self,
        dom: &'t Dialect,
        stores: impl IntoIterator<Item = &'t Dialect>,
        (tree, payload): (&'t Tree<'t>, NodeId),
    ) -> Result<Told<'t>, Unread<'t>> {
        let own = match self.read_question(dom, (tree, payload), Origin::Dom) {
            Ok(question) => return pushed(question, dom),
            Err(unread) => unread,
        };
        if own.fault.code != codes::UNKNOWN_ROOT {
            return Err(own);
        }
        for store in stores {
            match self.read_question(store, (tree, payload), Origin::Dom) {
                Ok(question) => return pushed(question, store),
                Err(unread) if unread.fault.code == codes::UNKNOWN_ROOT => {}
                Err(unread) => return Err(unread),
            }
        }
        Err(own)
    }

    /// The store a push is for, by the id its record names.
    #[must_use]
    pub fn store_told<'q>(&self, told: &'q Told<'_>) -> Option<&'q str> {
        frame::store(self.views(), &told.question.record)
    }

    /// The document for the store; `None` when the event means nothing to a store and is only confirmed.
    ///
    /// # Errors
    /// A fault of the DOM when its event leaves out what the store has to know.
    pub fn deliver(
        &self,
        told: &Told<'_>,
        store: &Dialect,
        stamp: Stamp<'_>,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let Some(record) = self.for_store(told) else { return Ok(None) };
        self.write_for_store((told.question.operation, record), store, stamp).map(Some)
    }

    /// What the store is to be told; `None` when the event means nothing to a store.
    #[must_use]
    pub fn for_store<'t>(&self, told: &Told<'t>) -> Option<Record<'t>> {
        let views = self.views();
        let event = told.question.record.clone();
        match told.question.operation {
            Operation::OrderSync => order_sync::tell(views, event, self.zone()),
            Operation::OrderCreated => order_sync::created(views, event),
            _ => availability_sync::tell(views, event),
        }
    }

    /// Where each order of what a store is to be told stands in time; none for what is not of orders.
    #[must_use]
    pub fn order_news(&self, operation: Operation, record: &Record<'_>) -> Vec<OrderNews> {
        match operation {
            Operation::OrderSync | Operation::OrderCreated => {
                let created = operation == Operation::OrderCreated;
                order_sync::news(self.views(), record, created, self.zone())
            }
            _ => Vec::new(),
        }
    }

    /// The document for the store, of those orders of which something is told, by their places.
    ///
    /// # Errors
    /// As [`Interpreter::deliver`].
    pub fn write_orders<'p>(
        &self,
        (operation, record): (Operation, &Record<'_>),
        telling: impl Fn(usize) -> Option<&'p Telling>,
        store: &Dialect,
        stamp: Stamp<'_>,
    ) -> Result<Vec<u8>, Fault> {
        let record = record.clone();
        let kept = match operation {
            Operation::OrderSync | Operation::OrderCreated => order_sync::only(self.views(), record, telling),
            _ => record,
        };
        self.write_for_store((operation, kept), store, stamp)
    }

    fn write_for_store(
        &self,
        (operation, mut record): (Operation, Record<'_>),
        store: &Dialect,
        stamp: Stamp<'_>,
    ) -> Result<Vec<u8>, Fault> {
        frame::stamp(self.views(), &mut record, stamp);
        let message = message(store, operation, Part::Request, None)?;
        let mut document = Vec::with_capacity(2048);
        message
            .write(&record, &self.context(None), &mut document)
            .map_err(|fault| map_fault(fault, Origin::Dom).reached(Reached::Yes))?;
        Ok(document)
    }

    /// What the store answered: taken, or how it refused. `payload` is the answer inside its envelope.
    ///
    /// # Errors
    /// A fault of the store: it refused, or its answer is none.
    pub fn confirmed(
        &self,
        operation: Operation,
        store: &Dialect,
        (tree, payload): (&Tree<'_>, NodeId),
    ) -> Result<(), Untaken> {
        if let Some(fault) = gateway_wire::soap::read_fault(tree, payload) {
            let text = format!("the store answered with a SOAP fault ({})", fault.code);
            return Err(unclear(Fault::store(codes::STORE_UNEXPECTED, text)).into());
        }
        let answer = store
            .messages()
            .filter(|message| {
                message.part == Part::Answer && message.operation.as_deref() == Some(operation.name())
            })
            .find(|message| accepts(message, tree, payload));
        let Some(answer) = answer else {
            let found = tree.local_name(payload);
            let text = format!("the store answered with `{found}`, expected a confirmation");
            return Err(unclear(Fault::store(codes::STORE_UNEXPECTED, text)).into());
        };
        let (record, _, _) = self
            .read_message(answer, (tree, payload), None)
            .map_err(|fault| Fault { code: codes::STORE_UNEXPECTED, ..map_fault(fault, Origin::Store) })
            .map_err(unclear)?;
        confirmation::outcome(self.views(), &record).map_err(|reason| self.untaken(reason))
    }

    /// The document that tells the DOM how its push went: a refusal in the store's own words, if it said any.
    ///
    /// # Errors
    /// A fault of the gateway when the dialect has no such message.
    pub fn acknowledge(
        &self,
        (operation, told): (Operation, Option<&Told<'_>>),
        dialect: &Dialect,
        outcome: Result<(), &Untaken>,
        stamp: Stamp<'_>,
    ) -> Result<Vec<u8>, Fault> {
        let views = self.views();
        let request = told.map(|told| &told.question.record);
        let reason = |untaken: &Untaken| match &untaken.reason {
            Some(said) => (**said).clone(),
            None => refusal::from_fault(views, &untaken.fault, request, stamp.sent_at),
        };
        match (outcome, find::refusal(dialect)) {
            (Err(untaken), Some(message)) if dialect.side == Side::Dom => {
                self.write_stamped(message, reason(untaken), stamp)
            }
            (Err(untaken), _) => {
                let record = confirmation::failure(views, request, reason(untaken));
                self.write_stamped(message(dialect, operation, Part::Answer, None)?, record, stamp)
            }
            (Ok(()), _) => {
                let record = confirmation::success(views, request);
                self.write_stamped(message(dialect, operation, Part::Answer, None)?, record, stamp)
            }
        }
    }

    /// The refusal of a push as a document, when not even its operation is known: the DOM's own error document.
    ///
    /// # Errors
    /// A fault of the gateway when the dialect has no such message.
    pub fn refuse_push(&self, dom: &Dialect, fault: &Fault, stamp: Stamp<'_>) -> Result<Vec<u8>, Fault> {
        let message = find::refusal(dom).ok_or_else(|| {
            Fault::gateway(
                codes::INTERNAL,
                format!("the dialect `{}` has no message for a refusal", dom.name),
            )
        })?;
        let reason = refusal::from_fault(self.views(), fault, None, stamp.sent_at);
        self.write_stamped(message, reason, stamp)
    }

    /// A reply's text, tree and payload are read by the caller; this is the text.
    ///
    /// # Errors
    /// A reply that is not text.
    pub fn reply_text<'b>(&self, reply: &'b Reply) -> Result<std::borrow::Cow<'b, str>, Fault> {
        self.decode(&reply.body, charset(reply))
            .map_err(|refusal| Fault { code: codes::STORE_UNEXPECTED, ..refusal.into_fault(Origin::Store) })
            .map_err(unclear)
    }

    /// A push refused, with what the store said, if it said anything.
    pub(crate) fn untaken(&self, reason: Option<&Record<'_>>) -> Untaken {
        let said = reason.map(|reason| Box::new(reason.clone().into_owned()));
        Untaken { fault: self.store_refused(reason), reason: said }
    }

    /// The store's refusal as a fault: its message key is for the DOM, its text may name a shopper and is left out.
    fn store_refused(&self, reason: Option<&Record<'_>>) -> Fault {
        let key = reason.and_then(|reason| reason.text(self.views().refusal.reason_code));
        let text = format!("the store refused with `{}`", key.unwrap_or("no reason"));
        let mut fault = match key.map(order_sync::meaning) {
            Some(Meaning::Older | Meaning::ForGood) => Fault::store(codes::STORE_REFUSED, text),
            _ => Fault::store(codes::STORE_NOT_NOW, text).repeat(Repeat::Safe),
        }
        .reached(Reached::Yes);
        fault.reasons = key.map(ToOwned::to_owned).into_iter().collect();
        fault
    }
}

/// The store may have taken it all the same. It may be told again: it takes what is the same, and refuses what is older.
fn unclear(fault: Fault) -> Fault {
    fault.reached(Reached::Maybe).repeat(Repeat::Safe)
}

fn pushed<'t>(question: Question<'t>, dialect: &'t Dialect) -> Result<Told<'t>, Unread<'t>> {
    if question.operation.is_push() {
        return Ok(Told { question, dialect });
    }
    let text = format!("`{}` is asked of a DOM, a DOM does not push it", question.operation.name());
    Err(Unread { fault: Fault::dom(codes::UNKNOWN_ROOT, text), begun: None })
}
