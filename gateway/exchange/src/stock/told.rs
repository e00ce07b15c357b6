//! What is told of stock without being asked: by an event of the DOM, by an order that takes some.

use gateway_model::{Record, scalar};
use gateway_operation::availability::Finding;
use gateway_operation::{Demand, availability_sync, demands, frame};
use rust_decimal::Decimal;

use super::StockLine;
use crate::push::Told;
use crate::{Interpreter, Operation, Question};

/// What an event says of one item at one location.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldStock<'t> {
    /// Of what.
    pub line: StockLine<'t>,
    /// What there is; its status is empty if the event states none.
    pub finding: Finding<'t>,
    /// When that became so at the DOM, in milliseconds since the epoch; `None` if it does not say, or cannot be read.
    pub changed_ms: Option<i64>,
}

/// What one line of an order takes from stock.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken<'t> {
    /// Of what, and how much (`wanted`).
    pub line: StockLine<'t>,
    /// By which it is known however often it comes: the order item, and in a kit its component.
    pub id: String,
    /// Place of the order item among the order's, from 0.
    pub index: usize,
    /// Whether it is a part of a kit.
    pub is_part: bool,
}

// === impl Interpreter ===

impl Interpreter {
    /// An availability event as the store is told it, one change for each item and location; `None` for other events,
    /// and for one that names no item.
    #[must_use]
    pub fn stock_event<'t>(&self, told: &Told<'t>) -> Option<Record<'t>> {
        let is_of_stock = told.question.operation == Operation::AvailabilitySync;
        is_of_stock.then(|| availability_sync::tell(self.views(), told.question.record.clone()))?
    }

    /// What an event says, change by change. Changes that name no place are left out.
    #[must_use]
    pub fn stock_told<'r>(&self, event: &'r Record<'_>) -> Vec<ToldStock<'r>> {
        let views = self.views();
        let view = &views.availability;
        event
            .list(views.availability_sync_request.changes)
            .iter()
            .filter_map(|change| {
                let line = StockLine::asked(views, change, Decimal::ZERO)?;
                let changed_ms =
                    change.text(view.updated_at).and_then(|text| scalar::epoch_millis(text, self.zone()));
                Some(ToldStock { line, finding: Finding::stated(views, change), changed_ms })
            })
            .collect()
    }

    /// What the order of a document takes from stock; nothing if the document has no order, or one that cannot be counted.
    #[must_use]
    pub fn stock_wanted<'t>(&self, question: &Question<'t>) -> Vec<Demand<'t>> {
        demands(self.views(), &question.record).unwrap_or_default()
    }

    /// These demands, each by the name it is known by however often it comes. Those whose order item has no id are left
    /// out: nobody could tell that they came before.
    #[must_use]
    pub fn stock_taken<'d>(demands: &'d [Demand<'_>]) -> Vec<Taken<'d>> {
        let taken = demands.iter().filter_map(|demand| {
            let item = demand.order_line.as_deref()?;
            let line = StockLine::taken(demand)?;
            let id = match demand.component.as_deref() {
                Some(component) => format!("{item}/{component}"),
                None => item.to_owned(),
            };
            Some(Taken { line, id, index: demand.index, is_part: demand.component.is_some() })
        });
        taken.collect()
    }

    /// When a document was made, as it says itself, in milliseconds since the epoch.
    #[must_use]
    pub fn made_ms(&self, record: &Record<'_>) -> Option<i64> {
        let (_, sent_at) = frame::identity(self.views(), record);
        sent_at.and_then(|text| scalar::epoch_millis(text, self.zone()))
    }

    /// When the order of a request was placed, as it says itself, in milliseconds since the epoch.
    #[must_use]
    pub fn placed_ms(&self, record: &Record<'_>) -> Option<i64> {
        let placed_at = frame::placed_at(self.views(), record);
        placed_at.and_then(|text| scalar::epoch_millis(text, self.zone()))
    }
}
