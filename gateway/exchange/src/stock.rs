//! Stock line by line, for whoever remembers it: what a question asks, what the DOM says of some lines, what an event
//! tells, what an order takes; and the answer put together from lines that were found in several places.
//!
//! The road without a memory is [`Interpreter::plan`] and [`Interpreter::answer`]; this one asks the DOM in documents
//! of its own and comes to the same answer.

mod line;
mod told;

use gateway_mapping::{Dialect, Part};
use gateway_model::{Fault, Record, codes};
use gateway_operation::availability::{self, Finding};
use gateway_operation::check;
use gateway_operation::frame::Stamp;
use rust_decimal::Decimal;

pub use line::{Named, PlaceName, StockLine};
pub use told::{Taken, ToldStock};

use crate::answer::Answer;
use crate::find::{lines_per_call, message};
use crate::{Call, Interpreter, Operation, Question, Reply};

/// What an availability question or a check asks of stock.
#[derive(Debug)]
pub struct Inquiry<'t> {
    /// For a check: the availability question it became.
    asked: Option<Record<'t>>,
    /// How much is wanted of each line; of an availability question, nothing.
    wanted: Vec<Decimal>,
}

// === impl Inquiry ===

impl<'t> Inquiry<'t> {
    fn record<'q>(&'q self, question: &'q Question<'t>) -> &'q Record<'t> {
        self.asked.as_ref().unwrap_or(&question.record)
    }
}

// === impl Interpreter ===

impl Interpreter {
    /// What a question asks of stock; `None` if it asks nothing of it. It can still be planned as a whole afterwards.
    ///
    /// # Errors
    /// As [`Interpreter::plan`].
    pub fn inquire<'t>(&self, question: &mut Question<'t>) -> Result<Option<Inquiry<'t>>, Fault> {
        let views = self.views();
        match question.operation {
            Operation::Availability => {
                availability::plan(views, &mut question.record)?;
                Ok(Some(Inquiry { asked: None, wanted: Vec::new() }))
            }
            Operation::Check => {
                let asked = check::plan(views, &mut question.record)?;
                let wanted = check::wanted(views, &question.record)?;
                Ok(Some(Inquiry { asked: Some(asked), wanted }))
            }
            _ => Ok(None),
        }
    }

    /// The lines of an inquiry, in their order; `None` if one of them says more than stock is known by: a field that an
    /// integrator added may matter to the DOM.
    #[must_use]
    pub fn inquired<'q>(
        &self,
        inquiry: &'q Inquiry<'_>,
        question: &'q Question<'_>,
    ) -> Option<Vec<StockLine<'q>>> {
        let views = self.views();
        let lines = inquiry.record(question).list(views.availability_request.lines);
        let wanted = inquiry.wanted.iter().copied().chain(std::iter::repeat(Decimal::ZERO));
        lines
            .iter()
            .zip(wanted)
            .map(|(line, wanted)| {
                (!views.availability.shape.has_extensions(line))
                    .then(|| StockLine::asked(views, line, wanted))?
            })
            .collect()
    }

    /// Asks the DOM about these lines of a store, in one document; with it, how many values stood in no table.
    ///
    /// # Errors
    /// A fault of the gateway when the DOM's dialect cannot write it, such as a store without an organization.
    pub fn ask_stock(
        &self,
        (store, lines): (&str, &[StockLine<'_>]),
        (dom, variant): (&Dialect, Option<&str>),
    ) -> Result<(Call, usize), Fault> {
        let request = self.stock_request(store, lines);
        let message = message(dom, Operation::Availability, Part::Request, variant)?;
        self.call(message, dom, &request).map(|(call, unmapped)| (call, unmapped.len()))
    }

    /// What the DOM replied about these lines, one finding for each in their order.
    ///
    /// # Errors
    /// As [`Interpreter::answer`]; and `DOM_REFUSED` for a business error, which here has no document to stand in.
    pub fn read_stock(
        &self,
        (store, lines): (&str, &[StockLine<'_>]),
        (dom, variant): (&Dialect, Option<&str>),
        reply: &Reply,
        stamp: Stamp<'_>,
    ) -> Result<Vec<Finding<'static>>, Fault> {
        let request = self.stock_request(store, lines);
        let text = self.reply_text_of(reply, true)?;
        let trees = [self.reply_tree_of(&text, true)?];
        if let Some(errors) = self.dom_errors(dom, &trees)? {
            return Err(self.refused_by_dom(errors, stamp));
        }
        let organization = self.organization(dom, &request);
        let ends = (dom, variant);
        let answers = self.read_answers(Operation::Availability, ends, &trees, organization.as_deref())?;
        let Some(answer) = answers.into_iter().next() else {
            return Err(Fault::gateway(codes::INTERNAL, "a document was read without an answer"));
        };
        let findings = availability::findings(self.views(), &request, answer, self.today(stamp));
        Ok(findings.into_iter().map(Finding::into_owned).collect())
    }

    /// The answer to an inquiry, from one finding for each of its lines in their order.
    ///
    /// # Errors
    /// A fault of the gateway, when the answer cannot be written.
    pub fn answer_inquiry<'t>(
        &self,
        (question, inquiry): (&Question<'t>, &Inquiry<'t>),
        findings: impl IntoIterator<Item = Finding<'t>>,
        store: &Dialect,
        stamp: Stamp<'_>,
    ) -> Result<Answer, Fault> {
        let views = self.views();
        let found = availability::answer_with(views, inquiry.record(question), findings);
        let record = match &inquiry.asked {
            Some(_) => check::answer(views, &question.record, &found)?,
            None => found,
        };
        let message = message(store, question.operation, Part::Answer, None)?;
        Ok(Answer::new(self.write_stamped(message, record, stamp)?))
    }

    /// How many lines a DOM takes in one document; `None` if it sets no limit.
    #[must_use]
    pub fn lines_per_call(dom: &Dialect) -> Option<usize> {
        Some(lines_per_call(dom)).filter(|lines| *lines > 0)
    }

    fn stock_request<'l>(&self, store: &'l str, lines: &[StockLine<'l>]) -> Record<'l> {
        let views = self.views();
        let view = &views.availability_request;
        let mut request = view.shape.empty();
        request.set_text(view.store, store);
        let lines = lines.iter().zip(1..).map(|(line, position)| line.record(views, store, position));
        request.set(view.lines, gateway_model::Value::List(lines.collect()));
        request
    }
}
