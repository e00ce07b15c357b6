//! Functions: which there are, what they take, what they give.

use std::sync::Arc;

use gateway_model::codes::{BAD_ARGUMENTS, UNKNOWN_FUNCTION, UNKNOWN_TABLE};
use gateway_model::{FieldKind, RecordTypeId, ScalarType};
use rust_decimal::prelude::ToPrimitive;

use super::paths::words;
use super::{Checker, Scopes, Site, Typed, name};
use crate::expression::{Node, NodeKind, Otherwise, Word};
use crate::function::{Change, FUNCTIONS, Format};
use crate::program::{Expression, TableUse, Unlisted};

/// A call taken apart.
struct Call<'n> {
    input: &'n Node,
    function: &'n Word,
    arguments: &'n [Node],
    otherwise: Option<&'n Otherwise>,
    usage: &'static str,
}

// === impl Checker ===

impl Checker<'_> {
    pub(super) fn call(&mut self, node: &Node, scopes: &Scopes, site: Site<'_>) -> Option<Typed> {
        let NodeKind::Call { input, function, arguments, otherwise } = &node.kind else { return None };
        let Some(known) = FUNCTIONS.iter().find(|known| known.name == function.text) else {
            let _ = self.expression(input, scopes, site);
            let message = format!("there is no function `{}`", function.text);
            let diagnostic = self
                .error(UNKNOWN_FUNCTION, function.span.clone(), site, message)
                .did_you_mean(&function.text, FUNCTIONS.iter().map(|known| known.name));
            self.report.add(diagnostic);
            return None;
        };
        let call = Call { input, function, arguments, otherwise: otherwise.as_ref(), usage: known.usage };
        if let (Some(otherwise), true) = (call.otherwise, known.name != "table") {
            let (Otherwise::Word(word) | Otherwise::Text(word)) = otherwise;
            let message = format!("`{}` takes no `else`", known.name);
            self.arguments(word.span.clone(), site, message, known.usage);
        }
        match known.name {
            "first" | "count" | "sum" | "join" => self.list_call(&call, scopes, site),
            _ => self.scalar_call(&call, scopes, site),
        }
    }

    fn scalar_call(&mut self, call: &Call<'_>, scopes: &Scopes, site: Site<'_>) -> Option<Typed> {
        let input = self.value(call.input, scopes, site);
        match call.function.text.as_str() {
            "default" => self.default_call(call, input, scopes, site),
            "required" => {
                let why = self.optional_text(call, site)?;
                let (input, kind) = input?;
                let expression = Expression::Required(Box::new(input.expression), why);
                Some(Typed { expression, kind: FieldKind::Scalar(kind), literal: input.literal })
            }
            "table" => self.table_call(call, input, scopes, site),
            _ => self.change_call(call, input, site),
        }
    }

    fn default_call(
        &mut self,
        call: &Call<'_>,
        input: Option<(Typed, ScalarType)>,
        scopes: &Scopes,
        site: Site<'_>,
    ) -> Option<Typed> {
        let [argument] = call.arguments else { return self.wrong_count(call, site) };
        let other = self.value(argument, scopes, site);
        let ((input, kind), (other, other_kind)) = (input?, other?);
        // Empty text is no value of any type; as a default it writes an attribute that is there but empty.
        if !other.is_empty_text() && !other.fits(kind) && !input.fits(other_kind) {
            let message = format!("a {} stands in for a {}", name(other_kind), name(kind));
            let expected = format!("a {}", name(kind));
            self.mismatch(argument, site, message, (&format!("this is a {}", name(other_kind)), &expected));
            return None;
        }
        let expression = Expression::Default(Box::new(input.expression), Box::new(other.expression));
        Some(Typed::scalar(expression, kind))
    }

    fn table_call(
        &mut self,
        call: &Call<'_>,
        input: Option<(Typed, ScalarType)>,
        scopes: &Scopes,
        site: Site<'_>,
    ) -> Option<Typed> {
        let [argument] = call.arguments else { return self.wrong_count(call, site) };
        let table_name = match (&argument.kind, words(argument)) {
            (NodeKind::Text(text), _) => text.clone(),
            (_, Some([word])) => word.text.clone(),
            _ => return self.wrong_argument(call, argument, "the name of a table", site),
        };
        let otherwise = self.unlisted(call, site)?;
        let Some(table) = self.tables.get(&table_name).map(Arc::clone) else {
            let mut known: Vec<_> = self.tables.keys().map(String::as_str).collect();
            known.sort_unstable();
            let diagnostic = self
                .error(
                    UNKNOWN_TABLE,
                    argument.span.clone(),
                    site,
                    format!("there is no table `{table_name}`"),
                )
                .did_you_mean(&table_name, known)
                .helped(format!("tables stand in the dialect's folder: tables/{table_name}.toml or .csv"));
            self.report.add(diagnostic);
            return None;
        };
        let (input, _) = input?;
        let personal = self.is_personal(&input.expression, scopes);
        let expression =
            Expression::Table(Box::new(input.expression), TableUse { table, otherwise, personal });
        Some(Typed::scalar(expression, ScalarType::Code))
    }

    fn unlisted(&mut self, call: &Call<'_>, site: Site<'_>) -> Option<Unlisted> {
        match call.otherwise {
            None => Some(Unlisted::Absent),
            Some(Otherwise::Text(text)) => Some(Unlisted::Text(text.text.as_str().into())),
            Some(Otherwise::Word(word)) => match word.text.as_str() {
                "fail" => Some(Unlisted::Fail),
                "pass" => Some(Unlisted::Pass),
                "none" => Some(Unlisted::Absent),
                other => {
                    let message = format!("`else {other}` has no meaning");
                    self.arguments(word.span.clone(), site, message, call.usage);
                    None
                }
            },
        }
    }

    fn change_call(
        &mut self,
        call: &Call<'_>,
        input: Option<(Typed, ScalarType)>,
        site: Site<'_>,
    ) -> Option<Typed> {
        let change = self.change(call, site);
        let (input, kind) = input?;
        let change = change?;
        let (needed, gives) = match &change {
            Change::Decimals(_) | Change::Format(_) => (Some(ScalarType::Number), ScalarType::Text),
            Change::Plain | Change::Negate => (Some(ScalarType::Number), ScalarType::Number),
            Change::Flag(..) => (Some(ScalarType::Flag), ScalarType::Text),
            Change::Date => (Some(ScalarType::Datetime), ScalarType::Date),
            Change::Datetime | Change::Zoned => (Some(ScalarType::Datetime), ScalarType::Datetime),
            _ => (None, ScalarType::Text),
        };
        let time = needed == Some(ScalarType::Datetime) && kind == ScalarType::Date;
        if let Some(needed) = needed.filter(|needed| !time && !input.fits(*needed)) {
            let message = format!("`{}` is used on a {}", call.function.text, name(kind));
            let label = format!("this is a {}", name(kind));
            self.mismatch(call.input, site, message, (&label, &format!("a {}", name(needed))));
            return None;
        }
        Some(Typed::scalar(Expression::Change(Box::new(input.expression), change), gives))
    }

    fn change(&mut self, call: &Call<'_>, site: Site<'_>) -> Option<Change> {
        let function = call.function.text.as_str();
        let plain = match function {
            "date" => Some(Change::Date),
            "datetime" => Some(Change::Datetime),
            "lower" => Some(Change::Lower),
            "negate" => Some(Change::Negate),
            "plain" => Some(Change::Plain),
            "trim" => Some(Change::Trim),
            "upper" => Some(Change::Upper),
            "zoned" => Some(Change::Zoned),
            _ => None,
        };
        if let Some(change) = plain {
            return if call.arguments.is_empty() { Some(change) } else { self.wrong_count(call, site) };
        }
        if function == "flag" {
            let [yes, no] = call.arguments else { return self.wrong_count(call, site) };
            let (yes, no) = (self.text_argument(call, yes, site), self.text_argument(call, no, site));
            return Some(Change::Flag(yes?, no?));
        }
        let [argument] = call.arguments else { return self.wrong_count(call, site) };
        match function {
            "decimals" => self.count_argument(call, argument, site).map(Change::Decimals),
            "last_characters" => {
                let count = self.count_argument(call, argument, site)?;
                usize::try_from(count).ok().map(Change::LastCharacters)
            }
            "format" => {
                let pattern = self.text_argument(call, argument, site)?;
                match Format::parse(&pattern) {
                    Some(format) => Some(Change::Format(format)),
                    None => self.wrong_argument(
                        call,
                        argument,
                        "a pattern of `#` and `0` with at most one point",
                        site,
                    ),
                }
            }
            "after" => self.text_argument(call, argument, site).map(Change::After),
            "before" => self.text_argument(call, argument, site).map(Change::Before),
            "prefix" => self.text_argument(call, argument, site).map(Change::Prefix),
            _ => self.text_argument(call, argument, site).map(Change::Suffix),
        }
    }

    fn list_call(&mut self, call: &Call<'_>, scopes: &Scopes, site: Site<'_>) -> Option<Typed> {
        let list = self.expression(call.input, scopes, site)?;
        let record = self.expect_list(&list, call.input, site)?;
        let list = Box::new(list.expression);
        match (call.function.text.as_str(), call.arguments) {
            ("count", []) => Some(Typed::scalar(Expression::Count(list), ScalarType::Number)),
            ("first", [field]) => {
                let (field, kind) = self.entry_value(field, record, scopes, site)?;
                Some(Typed::scalar(Expression::First(list, Box::new(field.expression)), kind))
            }
            ("sum", [field]) => {
                let inner = scopes.entry(record, None, None);
                let field = self.number(field, &inner, site)?;
                Some(Typed::scalar(Expression::Sum(list, Box::new(field)), ScalarType::Number))
            }
            ("join", [field, between]) => {
                let field = self.entry_value(field, record, scopes, site);
                let between = self.text_argument(call, between, site)?;
                let (field, _) = field?;
                let expression = Expression::Join(list, Box::new(field.expression), between);
                Some(Typed::scalar(expression, ScalarType::Text))
            }
            _ => self.wrong_count(call, site),
        }
    }

    fn entry_value(
        &mut self,
        field: &Node,
        record: RecordTypeId,
        scopes: &Scopes,
        site: Site<'_>,
    ) -> Option<(Typed, ScalarType)> {
        let inner = scopes.entry(record, None, None);
        self.value(field, &inner, site)
    }

    fn optional_text(&mut self, call: &Call<'_>, site: Site<'_>) -> Option<Option<Box<str>>> {
        match call.arguments {
            [] => Some(None),
            [argument] => self.text_argument(call, argument, site).map(Some),
            _ => self.wrong_count(call, site),
        }
    }

    fn text_argument(&mut self, call: &Call<'_>, argument: &Node, site: Site<'_>) -> Option<Box<str>> {
        match &argument.kind {
            NodeKind::Text(text) => Some(text.as_str().into()),
            _ => self.wrong_argument(call, argument, "a 'text'", site),
        }
    }

    fn count_argument(&mut self, call: &Call<'_>, argument: &Node, site: Site<'_>) -> Option<u32> {
        let count = match &argument.kind {
            NodeKind::Number(number) if number.is_integer() => number.to_u32().filter(|count| *count <= 28),
            _ => None,
        };
        if count.is_none() {
            let _: Option<()> = self.wrong_argument(call, argument, "a whole number from 0 to 28", site);
        }
        count
    }

    fn wrong_argument<T>(
        &mut self,
        call: &Call<'_>,
        argument: &Node,
        expected: &str,
        site: Site<'_>,
    ) -> Option<T> {
        let message = format!("`{}` is given the wrong kind of argument", call.function.text);
        let diagnostic = self
            .error(BAD_ARGUMENTS, argument.span.clone(), site, message)
            .expecting(expected)
            .helped(format!("it is called `{}`", call.usage));
        self.report.add(diagnostic);
        None
    }

    fn wrong_count<T>(&mut self, call: &Call<'_>, site: Site<'_>) -> Option<T> {
        let last = call.arguments.last().map_or(call.function.span.end, |argument| argument.span.end);
        let message = format!("`{}` is given the wrong number of arguments", call.function.text);
        self.arguments(call.function.span.start..last, site, message, call.usage);
        None
    }
}
