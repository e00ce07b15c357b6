//! Functions of lists.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::{Cell, Outcome, Run, Scope, too_large};
use crate::fault::Stop;
use crate::program::Expression;

// === impl Run ===

impl Run<'_> {
    /// Works out a function of a list.
    pub(super) fn of_list<'r>(
        &self,
        expression: &'r Expression,
        scope: &Scope<'_, 'r>,
    ) -> Result<Outcome<'r>, Stop> {
        match expression {
            Expression::Count(list) => {
                let mut count = 0_u32;
                self.each(list, scope, |_| {
                    count += 1;
                    Ok(true)
                })?;
                Ok(Outcome { cell: Cell::Number(count.into()), from_record: count > 0 })
            }
            Expression::First(list, field) => {
                let mut first = Outcome::NOTHING;
                self.each(list, scope, |entry| {
                    first = self.value(field, entry)?;
                    Ok(!first.cell.is_there())
                })?;
                Ok(first)
            }
            Expression::Sum(list, field) => {
                let mut sum = Decimal::ZERO;
                let mut any = false;
                self.each(list, scope, |entry| {
                    if let Some(number) = self.value(field, entry)?.cell.number()? {
                        sum = sum.checked_add(number).ok_or_else(too_large)?;
                        any = true;
                    }
                    Ok(true)
                })?;
                Ok(Outcome { cell: Cell::Number(sum), from_record: any })
            }
            Expression::Join(list, field, between) => {
                let mut joined = String::new();
                self.each(list, scope, |entry| {
                    let Some(text) = self.value(field, entry)?.cell.into_text() else { return Ok(true) };
                    if !joined.is_empty() {
                        joined.push_str(between);
                    }
                    joined.push_str(&text);
                    Ok(true)
                })?;
                let cell = if joined.is_empty() { Cell::Nothing } else { Cell::Text(Cow::Owned(joined)) };
                Ok(Outcome::given(cell))
            }
            _ => Ok(Outcome::NOTHING),
        }
    }

    /// Runs over the entries of a list until told to stop.
    pub(crate) fn each<'r>(
        &self,
        list: &'r Expression,
        scope: &Scope<'_, 'r>,
        mut visit: impl FnMut(&Scope<'_, 'r>) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        self.walk(list, scope, &mut visit).map(|_| ())
    }

    /// As [`Self::each`]; whether the end was reached.
    fn walk<'r>(
        &self,
        list: &'r Expression,
        scope: &Scope<'_, 'r>,
        visit: &mut dyn FnMut(&Scope<'_, 'r>) -> Result<bool, Stop>,
    ) -> Result<bool, Stop> {
        match list {
            Expression::Where(inner, condition) => self.walk(inner, scope, &mut |entry| {
                if self.holds(condition, entry)? { visit(entry) } else { Ok(true) }
            }),
            Expression::List(path) => {
                for record in scope.entries(path) {
                    if !visit(&Scope { record, outer: Some(scope), exists: true, index: 0 })? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            // The checker lets nothing else stand where a list is needed.
            _ => Ok(true),
        }
    }
}
