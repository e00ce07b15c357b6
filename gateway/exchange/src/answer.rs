//! Answering a question: the DOM's replies become the document the store gets.

use std::borrow::Cow;

use gateway_mapping::{Dialect, Message, Part};
use gateway_model::{Fault, Origin, Reached, Record, Repeat, codes};
use gateway_operation::frame::{self, Stamp};
use gateway_operation::{availability, cancel, check, decrement, orders, reserve, transfer};
use gateway_wire::Tree;
use jiff::civil::Date;

use crate::find::{accepts, message};
use crate::interpreter::dom_refusal;
use crate::judge::ends_as_it_begins;
use crate::question::map_fault;
use crate::{Interpreter, Operation, Plan, Question, Reply, Seen};

/// The two ends of an exchange: whose words the question is in, whose words it is asked in.
#[derive(Debug, Clone, Copy)]
pub struct Ends<'d> {
    /// The store's dialect.
    pub store: &'d Dialect,
    /// The DOM's dialect.
    pub dom: &'d Dialect,
    /// The form configured for the operation, if the DOM's dialect has several.
    pub variant: Option<&'d str>,
}

/// What is known of the question when its answer is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'q, 'r> {
    pub(crate) operation: Operation,
    pub(crate) record: Option<&'q Record<'r>>,
    /// For a check: the availability question it became.
    pub(crate) availability: Option<&'q Record<'r>>,
}

/// A document for the store.
#[derive(Debug)]
pub struct Answer {
    /// The document, without an envelope.
    pub document: Vec<u8>,
    /// The DOM's business error, when the document carries one instead of a result.
    pub refused: Option<Fault>,
    /// For a reservation: of each order item of the question, whether the DOM now holds all of it.
    pub held: Vec<bool>,
    /// For a write: what the DOM said, of which the answer to another document with the same content can be made.
    pub basis: Basis,
}

/// What an answer was made of.
#[derive(Debug, Clone, Default)]
pub enum Basis {
    /// Of the question alone; or it is a read, which nobody shares.
    #[default]
    Question,
    /// Of the replies to the plan's calls, in their order.
    Replies(Vec<Reply>),
    /// Of the reply to a [look](Interpreter::look).
    Look(Reply),
}

// === impl Answer ===

impl Answer {
    /// A document that only says what it says.
    #[must_use]
    pub const fn new(document: Vec<u8>) -> Self {
        Self { document, refused: None, held: Vec::new(), basis: Basis::Question }
    }
}

// === impl Interpreter ===

impl Interpreter {
    /// Turns the DOM's replies, in the order of the plan's calls, into the store's answer.
    ///
    /// # Errors
    /// A fault of the DOM, when a reply is no answer to the question; of the gateway, when the answer cannot be written.
    /// A business error of the DOM is no fault: it is answered in the store's terms.
    pub fn answer(
        &self,
        (question, plan): (&Question<'_>, &Plan<'_>),
        ends: Ends<'_>,
        replies: &[Reply],
        stamp: Stamp<'_>,
    ) -> Result<Answer, Fault> {
        let only_reads = question.operation.only_reads();
        let texts = replies
            .iter()
            .map(|reply| self.reply_text_of(reply, only_reads))
            .collect::<Result<Vec<Cow<'_, str>>, Fault>>()?;
        let trees = texts
            .iter()
            .map(|text| self.reply_tree_of(text, only_reads))
            .collect::<Result<Vec<Tree<'_>>, Fault>>()?;
        let asked = Asked {
            operation: question.operation,
            record: Some(&question.record),
            availability: plan.asked.as_ref(),
        };
        let sent = !trees.is_empty();
        let answer = self.answer_trees(&asked, ends, &trees, stamp).map_err(|fault| match fault.reached {
            Reached::No if sent => acted(fault, only_reads),
            _ => fault,
        })?;
        let basis = if only_reads || !sent { Basis::Question } else { Basis::Replies(replies.to_vec()) };
        Ok(Answer { basis, ..answer })
    }

    /// The answer to a write that says the same as another one, made of what that one's was made of: with its own identity,
    /// and naming its own document.
    ///
    /// # Errors
    /// As [`Interpreter::plan`] and [`Interpreter::answer`].
    pub fn answer_alike(
        &self,
        question: &mut Question<'_>,
        ends: Ends<'_>,
        basis: &Basis,
        stamp: Stamp<'_>,
    ) -> Result<Answer, Fault> {
        let plan = self.plan(question, ends.dom, ends.variant)?;
        match basis {
            // A cancellation of what was not held is answered as one of nothing.
            Basis::Question
                if plan.calls.is_empty() || question.operation == Operation::CancelReservation =>
            {
                self.answer((question, &plan), ends, &[], stamp)
            }
            Basis::Question => Err(no_answer().reached(Reached::Maybe).repeat(Repeat::AfterCheck)),
            Basis::Replies(replies) => self.answer((question, &plan), ends, replies, stamp),
            Basis::Look(reply) => match self.seen(question, ends, reply, stamp) {
                Seen::Same(answer) | Seen::Different(answer) => Ok(answer),
                Seen::NotThere => Err(no_answer()),
                Seen::CannotTell(fault) => Err(fault),
            },
        }
    }

    /// A reply's text.
    pub(crate) fn reply_text_of<'b>(
        &self,
        reply: &'b Reply,
        only_reads: bool,
    ) -> Result<Cow<'b, str>, Fault> {
        self.decode(&reply.body, charset(reply)).map_err(|no| weigh(dom_refusal(no), only_reads))
    }

    /// The tree of a reply's text.
    pub(crate) fn reply_tree_of<'t>(&self, text: &'t str, only_reads: bool) -> Result<Tree<'t>, Fault> {
        self.parse(text).map_err(|no| weigh(dom_truncation(dom_refusal(no)), only_reads))
    }

    /// Whether a reply came whole. Asked before the replies of a question are put together, so that a read whose answer
    /// broke off can be sent again.
    ///
    /// # Errors
    /// `DOM_TRUNCATED` with the place, for a document that ends before its root element does. Any other fault of the
    /// document is found when it is answered.
    pub fn expect_whole(&self, reply: &Reply, only_reads: bool) -> Result<(), Fault> {
        if ends_as_it_begins(&reply.body) {
            return Ok(());
        }
        let Ok(text) = self.decode(&reply.body, charset(reply)) else { return Ok(()) };
        let broken = self.parse(&text).err().map(|refusal| weigh(dom_refusal(refusal), only_reads));
        broken.filter(|fault| fault.code == codes::DOM_TRUNCATED).map_or(Ok(()), Err)
    }

    /// Turns the DOM's documents into the store's answer; without a question as far as they tell by themselves.
    pub(crate) fn answer_trees(
        &self,
        asked: &Asked<'_, '_>,
        ends: Ends<'_>,
        trees: &[Tree<'_>],
        stamp: Stamp<'_>,
    ) -> Result<Answer, Fault> {
        let only_reads = asked.operation.only_reads();
        // A refusal that cannot be read may be of any kind.
        let errors = self.dom_errors(ends.dom, trees).map_err(|unread| weigh(unread, only_reads))?;
        if let Some(errors) = errors {
            return self.refuse_with_errors(asked, ends.store, errors, stamp);
        }
        let record = self.answer_record(asked, ends, trees, stamp)?;
        let held = match asked.record.filter(|_| asked.operation == Operation::Reserve) {
            Some(request) => reserve::held(self.views(), request, &record),
            None => Vec::new(),
        };
        let message = message(ends.store, asked.operation, Part::Answer, None)?;
        Ok(Answer { held, ..Answer::new(self.write_stamped(message, record, stamp)?) })
    }

    /// What the store is told, as a record.
    fn answer_record<'r>(
        &self,
        asked: &Asked<'_, 'r>,
        ends: Ends<'r>,
        trees: &'r [Tree<'r>],
        stamp: Stamp<'_>,
    ) -> Result<Record<'r>, Fault> {
        let views = self.views();
        let today = self.today(stamp);
        let Asked { operation, record: question, availability } = *asked;
        if trees.is_empty() {
            return match operation {
                Operation::Decrement => Ok(decrement::answer(views, question.ok_or_else(no_question)?)?.0),
                _ => Ok(cancel::answer(views, question, cancel::nothing_sent(views))),
            };
        }
        let organization = question.and_then(|question| self.organization(ends.dom, question));
        let answers =
            self.read_answers(operation, (ends.dom, ends.variant), trees, organization.as_deref())?;
        let mut answers = answers.into_iter();
        let Some(first) = answers.next() else { return Err(no_answer()) };
        Ok(match operation {
            Operation::Availability => self.availability_answer(question, first, answers, today),
            Operation::Check => {
                let found = self.availability_answer(availability, first, answers, today);
                check::answer(views, question.ok_or_else(no_question)?, &found)?
            }
            Operation::Reserve => reserve::answer(views, question, first, today),
            Operation::CancelReservation => cancel::answer(views, question, first),
            Operation::Transfer => transfer::answer(views, question, first)?,
            Operation::History => orders::history_answer(views, question, first),
            Operation::Details => orders::details_answer(views, question, first, self.zone()),
            Operation::Decrement
            | Operation::OrderSync
            | Operation::OrderCreated
            | Operation::AvailabilitySync => return Err(no_answer()),
        })
    }

    /// The batches are put together, then paired with the whole question.
    fn availability_answer<'r>(
        &self,
        asked: Option<&Record<'r>>,
        first: Record<'r>,
        rest: impl Iterator<Item = Record<'r>>,
        today: Date,
    ) -> Record<'r> {
        let whole = availability::merge(self.views(), first, rest);
        availability::answer(self.views(), asked, whole, today)
    }

    pub(crate) fn read_answers<'r>(
        &self,
        operation: Operation,
        (dom, variant): (&'r Dialect, Option<&str>),
        trees: &'r [Tree<'r>],
        organization: Option<&str>,
    ) -> Result<Vec<Record<'r>>, Fault> {
        let message = message(dom, operation.asked_as(), Part::Answer, variant)?;
        trees
            .iter()
            .map(|tree| {
                expect_root(message, dom, tree).map_err(|fault| weigh(fault, operation.only_reads()))?;
                let reading = self.read_message(message, (tree, tree.root()), organization);
                reading.map(|(record, _, _)| record).map_err(|fault| {
                    weigh(map_fault(fault, Origin::Dom).reached(Reached::Yes), operation.only_reads())
                })
            })
            .collect()
    }

    /// Writes a record with its identity.
    pub(crate) fn write_stamped(
        &self,
        message: &Message,
        mut record: Record<'_>,
        stamp: Stamp<'_>,
    ) -> Result<Vec<u8>, Fault> {
        frame::stamp(self.views(), &mut record, stamp);
        let mut document = Vec::with_capacity(4096);
        message
            .write(&record, &self.context(None), &mut document)
            .map_err(|fault| map_fault(fault, Origin::Gateway))?;
        Ok(document)
    }

    pub(crate) fn today(&self, stamp: Stamp<'_>) -> Date {
        stamp.sent_at.to_zoned(self.zone().clone()).date()
    }
}

/// The charset of a reply's `Content-Type`.
pub(crate) fn charset(reply: &Reply) -> Option<&str> {
    charset_of(reply.content_type.as_deref()?)
}

/// The charset a `Content-Type` names.
#[must_use]
pub fn charset_of(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1);
    let value = parameters
        .filter_map(|parameter| parameter.trim().split_once('='))
        .find_map(|(name, value)| name.trim().eq_ignore_ascii_case("charset").then_some(value.trim()))?;
    Some(value.trim_matches('"'))
}

/// A reply of another root than the answer's is XML, yet no answer.
fn expect_root(message: &Message, dom: &Dialect, tree: &Tree<'_>) -> Result<(), Fault> {
    if accepts(message, tree, tree.root()) {
        return Ok(());
    }
    let found = tree.local_name(tree.root());
    let text =
        format!("the DOM answered with `{found}`, expected the answer `{}` of `{}`", message.name, dom.name);
    Err(Fault::dom(codes::DOM_UNEXPECTED, text))
}

/// What a reply that cannot be read means for repeating: a read may be asked again, a write only after a look.
fn weigh(fault: Fault, only_reads: bool) -> Fault {
    if only_reads {
        fault.repeat(Repeat::Safe)
    } else {
        fault.reached(Reached::Maybe).repeat(Repeat::AfterCheck)
    }
}

/// An answer that cannot be told to the store was given all the same: what was to be done is done.
fn acted(fault: Fault, only_reads: bool) -> Fault {
    let fault = fault.reached(Reached::Yes);
    if only_reads { fault } else { fault.repeat(Repeat::AfterCheck) }
}

/// The reader's codes speak of documents in general; a DOM's answer has codes of its own.
fn dom_truncation(fault: Fault) -> Fault {
    let code = match fault.code {
        codes::TRUNCATED_XML => codes::DOM_TRUNCATED,
        codes::EMPTY_BODY => codes::DOM_EMPTY,
        codes::MALFORMED_XML => codes::DOM_NOT_XML,
        other => other,
    };
    Fault { code, ..fault }
}

fn no_question() -> Fault {
    Fault::store(codes::BAD_REQUEST, "this answer can be translated only in the light of its question")
}

fn no_answer() -> Fault {
    Fault::gateway(codes::INTERNAL, "no answer of the DOM was read for a question that was sent")
}
