//! Expressions worked out over a record. Pure and total: a fault, a value or no value, never a loop without end.

mod lists;

use std::borrow::Cow;
use std::cell::RefCell;

use gateway_model::codes::{BAD_SCALAR, MISSING_VALUE, UNMAPPED_VALUE};
use gateway_model::{Record, ScalarType, Value, scalar};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::expression::Calculation;
use crate::fault::Stop;
use crate::function::{Change, number};
use crate::message::Unmapped;
use crate::program::{Expression, Ordering, Path, TableUse, Unlisted};

/// What names mean while a record is written: one record, and the ones around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'s, 'r> {
    pub(crate) record: &'r Record<'r>,
    pub(crate) outer: Option<&'s Scope<'s, 'r>>,
    /// Whether the record is really there, and not only stands in for one that is absent.
    pub(crate) exists: bool,
    /// The entry's number, from 1, where entries are repeated.
    pub(crate) index: u32,
}

/// What a run may look at besides the record.
#[derive(Debug)]
pub(crate) struct Run<'c> {
    pub(crate) organization: Option<&'c str>,
    pub(crate) zone: &'c TimeZone,
    pub(crate) unmapped: RefCell<Vec<Unmapped>>,
}

/// A scalar on its way out.
#[derive(Debug, Clone)]
pub(crate) enum Cell<'r> {
    Nothing,
    Text(Cow<'r, str>),
    Number(Decimal),
    Flag(bool),
}

/// A scalar, and whether it comes from the record and so may bring an element into being.
#[derive(Debug, Clone)]
pub(crate) struct Outcome<'r> {
    pub(crate) cell: Cell<'r>,
    pub(crate) from_record: bool,
}

// === impl Scope ===

impl<'r> Scope<'_, 'r> {
    /// The value at the end of a path.
    pub(crate) fn value(&self, path: &Path) -> &'r Value<'r> {
        let mut scope = self;
        for _ in 0..path.depth {
            match scope.outer {
                Some(outer) => scope = outer,
                None => return &Value::Absent,
            }
        }
        let mut record = scope.record;
        for step in &path.steps {
            match record.get(step.field) {
                Value::Record(inner) => record = inner,
                _ => return &Value::Absent,
            }
        }
        record.get(path.field)
    }

    /// The number of the entry so many scopes outwards.
    fn index(&self, depth: usize) -> u32 {
        let mut scope = self;
        for _ in 0..depth {
            match scope.outer {
                Some(outer) => scope = outer,
                None => return 0,
            }
        }
        scope.index
    }

    /// The text at the end of a path.
    pub(crate) fn text(&self, path: &Path) -> Option<&'r str> {
        match self.value(path) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries at the end of a path.
    pub(crate) fn entries(&self, path: &Path) -> &'r [Record<'r>] {
        match self.value(path) {
            Value::List(list) => list,
            _ => &[],
        }
    }
}

// === impl Cell ===

impl<'r> Cell<'r> {
    /// The value as text; computed numbers are written plain.
    pub(crate) fn into_text(self) -> Option<Cow<'r, str>> {
        match self {
            Self::Nothing => None,
            Self::Text(text) => Some(text),
            Self::Number(number) => Some(Cow::Owned(scalar::plain(number))),
            Self::Flag(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
        }
    }

    fn number(&self) -> Result<Option<Decimal>, Stop> {
        match self {
            Self::Nothing | Self::Flag(_) => Ok(None),
            Self::Number(number) => Ok(Some(*number)),
            Self::Text(text) => Ok(Some(number(text)?)),
        }
    }

    fn is_there(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Text(text) => !text.is_empty(),
            Self::Number(_) | Self::Flag(_) => true,
        }
    }
}

// === impl Outcome ===

impl<'r> Outcome<'r> {
    const NOTHING: Self = Self { cell: Cell::Nothing, from_record: false };

    fn given(cell: Cell<'r>) -> Self {
        Self { from_record: cell.is_there(), cell }
    }

    fn literal(cell: Cell<'r>) -> Self {
        Self { cell, from_record: false }
    }
}

// === impl Run ===

impl Run<'_> {
    /// Works out an expression that gives one value.
    pub(crate) fn value<'r>(
        &self,
        expression: &'r Expression,
        scope: &Scope<'_, 'r>,
    ) -> Result<Outcome<'r>, Stop> {
        match expression {
            Expression::Scalar(path, _) => Ok(match scope.text(path) {
                Some(text) => Outcome::given(Cell::Text(Cow::Borrowed(text))),
                None => Outcome::NOTHING,
            }),
            Expression::Text(text) => Ok(Outcome::literal(Cell::Text(Cow::Borrowed(text)))),
            Expression::Default(inner, other) => {
                let value = self.value(inner, scope)?;
                if value.cell.is_there() { Ok(value) } else { self.value(other, scope) }
            }
            Expression::Table(inner, table) => self.looked_up(inner, table, scope),
            Expression::If { condition, then, otherwise } => {
                let branch = if self.holds(condition, scope)? { Some(then) } else { otherwise.as_ref() };
                let Some(branch) = branch else { return Ok(Outcome::NOTHING) };
                Ok(Outcome::given(self.value(branch, scope)?.cell))
            }
            Expression::Change(inner, change) => self.changed(inner, change, scope),
            other => self.rarer(other, scope),
        }
    }

    /// What is not met in every hole; apart from the rest to keep that small.
    #[inline(never)]
    fn rarer<'r>(&self, expression: &'r Expression, scope: &Scope<'_, 'r>) -> Result<Outcome<'r>, Stop> {
        match expression {
            Expression::Number(number) => Ok(Outcome::literal(Cell::Number(*number))),
            Expression::Flag(flag) => Ok(Outcome::literal(Cell::Flag(*flag))),
            Expression::Index(depth) => Ok(Outcome::literal(Cell::Number(scope.index(*depth).into()))),
            Expression::Required(inner, why) => {
                let value = self.value(inner, scope)?;
                if value.cell.is_there() || !scope.exists { Ok(value) } else { Err(missing(why.as_deref())) }
            }
            Expression::Calculate(calculation, left, right) => {
                self.calculated(*calculation, (left, right), scope)
            }
            Expression::First(..) | Expression::Count(_) | Expression::Sum(..) | Expression::Join(..) => {
                self.of_list(expression, scope)
            }
            Expression::Or(..) | Expression::And(..) | Expression::Not(_) | Expression::Compare(..) => {
                Ok(Outcome::given(Cell::Flag(self.holds(expression, scope)?)))
            }
            // The others were met before, or the checker lets them not stand where one value is needed.
            _ => Ok(Outcome::NOTHING),
        }
    }

    fn changed<'r>(
        &self,
        inner: &'r Expression,
        change: &Change,
        scope: &Scope<'_, 'r>,
    ) -> Result<Outcome<'r>, Stop> {
        let value = self.value(inner, scope)?;
        let changed = match value.cell {
            Cell::Nothing => return Ok(Outcome::NOTHING),
            // Calculated numbers may have more digits than the text of a number can.
            Cell::Number(number) if change.is_numeric() => change.apply_to_number(number).map(Cow::Owned),
            cell => cell.into_text().map(|text| change.apply(text, self.zone)).transpose()?.flatten(),
        };
        let cell = changed.filter(|text| !text.is_empty()).map_or(Cell::Nothing, Cell::Text);
        Ok(Outcome { from_record: value.from_record && cell.is_there(), cell })
    }

    /// Whether a condition holds: a flag when it is true, anything else when it is there.
    pub(crate) fn holds<'r>(&self, condition: &'r Expression, scope: &Scope<'_, 'r>) -> Result<bool, Stop> {
        match condition {
            Expression::And(left, right) => Ok(self.holds(left, scope)? && self.holds(right, scope)?),
            Expression::Or(left, right) => Ok(self.holds(left, scope)? || self.holds(right, scope)?),
            Expression::Not(inner) => Ok(!self.holds(inner, scope)?),
            Expression::Compare(comparison, Ordering::Text, left, right) if comparison.is_equality() => {
                let (left, right) = (self.text(left, scope)?, self.text(right, scope)?);
                let same = left.zip(right).map(|(left, right)| left.cmp(&right));
                Ok(same.is_some_and(|order| comparison.holds(order)))
            }
            Expression::Compare(comparison, ordering, left, right) => {
                let (left, right) = (self.value(left, scope)?.cell, self.value(right, scope)?.cell);
                let order = self.ordered(*ordering, left, right)?;
                Ok(order.is_some_and(|order| comparison.holds(order)))
            }
            Expression::Scalar(path, ScalarType::Flag) => Ok(scope.text(path) == Some("true")),
            Expression::Scalar(path, _) | Expression::Record(path) => Ok(!scope.value(path).is_absent()),
            Expression::List(_) | Expression::Where(..) => {
                let mut any = false;
                self.each(condition, scope, |_| {
                    any = true;
                    Ok(false)
                })?;
                Ok(any)
            }
            other => match self.value(other, scope)?.cell {
                Cell::Flag(flag) => Ok(flag),
                Cell::Text(text) if is_flag(other) => Ok(text == "true"),
                cell => Ok(cell.is_there()),
            },
        }
    }

    /// A value as text; the plain cases without detours.
    fn text<'r>(
        &self,
        expression: &'r Expression,
        scope: &Scope<'_, 'r>,
    ) -> Result<Option<Cow<'r, str>>, Stop> {
        match expression {
            Expression::Scalar(path, _) => Ok(scope.text(path).map(Cow::Borrowed)),
            Expression::Text(text) => Ok(Some(Cow::Borrowed(text))),
            other => Ok(self.value(other, scope)?.cell.into_text()),
        }
    }

    /// Looks a document's word up for the record.
    pub(crate) fn to_record<'t>(
        &self,
        table: &'t TableUse,
        word: Cow<'t, str>,
    ) -> Result<Option<Cow<'t, str>>, Stop> {
        let found = table.table.to_record(word.trim_ascii(), self.organization);
        self.found(table, word, found)
    }

    fn looked_up<'r>(
        &self,
        inner: &'r Expression,
        table: &'r TableUse,
        scope: &Scope<'_, 'r>,
    ) -> Result<Outcome<'r>, Stop> {
        let value = self.value(inner, scope)?;
        let Some(word) = value.cell.into_text() else { return Ok(Outcome::NOTHING) };
        let found = table.table.to_document(&word, self.organization);
        let cell = self.found(table, word, found)?.map_or(Cell::Nothing, Cell::Text);
        Ok(Outcome { from_record: value.from_record && cell.is_there(), cell })
    }

    fn found<'t>(
        &self,
        table: &'t TableUse,
        word: Cow<'t, str>,
        found: Option<&'t str>,
    ) -> Result<Option<Cow<'t, str>>, Stop> {
        if let Some(found) = found {
            return Ok(Some(Cow::Borrowed(found)));
        }
        let name = table.table.name();
        if word.trim_ascii().is_empty() {
            return Ok(None);
        }
        let shown = if table.personal { "" } else { word.trim_ascii() };
        self.unmapped.borrow_mut().push(Unmapped { table: name.to_owned(), value: shown.to_owned() });
        match &table.otherwise {
            Unlisted::Fail => {
                let word = if table.personal { "the value".to_owned() } else { format!("`{shown}`") };
                Err(Stop::new(UNMAPPED_VALUE, format!("the table `{name}` has no row for {word}")))
            }
            Unlisted::Pass => Ok(Some(word)),
            Unlisted::Absent => Ok(None),
            Unlisted::Text(text) => Ok(Some(Cow::Borrowed(text))),
        }
    }

    fn calculated<'r>(
        &self,
        calculation: Calculation,
        (left, right): (&'r Expression, &'r Expression),
        scope: &Scope<'_, 'r>,
    ) -> Result<Outcome<'r>, Stop> {
        let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
        let (Some(one), Some(other)) = (left.cell.number()?, right.cell.number()?) else {
            return Ok(Outcome::NOTHING);
        };
        let result = match calculation {
            Calculation::Add => one.checked_add(other),
            Calculation::Subtract => one.checked_sub(other),
            Calculation::Multiply => one.checked_mul(other),
            Calculation::Divide if other.is_zero() => return Ok(Outcome::NOTHING),
            Calculation::Divide => one.checked_div(other),
        };
        let number = result.ok_or_else(too_large)?;
        Ok(Outcome { cell: Cell::Number(number), from_record: left.from_record || right.from_record })
    }

    fn ordered(
        &self,
        ordering: Ordering,
        left: Cell<'_>,
        right: Cell<'_>,
    ) -> Result<Option<std::cmp::Ordering>, Stop> {
        match ordering {
            Ordering::Number => {
                let (left, right) = (left.number()?, right.number()?);
                Ok(left.zip(right).map(|(left, right)| left.cmp(&right)))
            }
            Ordering::Text | Ordering::Flag => {
                let (left, right) = (left.into_text(), right.into_text());
                Ok(left.zip(right).map(|(left, right)| left.cmp(&right)))
            }
            Ordering::Time => {
                let instant =
                    |cell: Cell<'_>| cell.into_text().and_then(|text| scalar::epoch_millis(&text, self.zone));
                Ok(instant(left).zip(instant(right)).map(|(left, right)| left.cmp(&right)))
            }
        }
    }
}

/// Whether a text of this expression means true or false.
fn is_flag(expression: &Expression) -> bool {
    match expression {
        Expression::Scalar(_, kind) => *kind == gateway_model::ScalarType::Flag,
        Expression::Default(inner, _) | Expression::Required(inner, _) => is_flag(inner),
        Expression::If { then, .. } => is_flag(then),
        _ => false,
    }
}

pub(crate) fn missing(why: Option<&str>) -> Stop {
    match why.filter(|why| !why.is_empty()) {
        Some(why) => Stop::new(MISSING_VALUE, format!("a required value is missing: {why}")),
        None => Stop::new(MISSING_VALUE, "a required value is missing"),
    }
}

fn too_large() -> Stop {
    Stop::new(BAD_SCALAR, "a calculation gives more digits than can be kept exactly")
}
