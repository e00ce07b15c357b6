//! Conditions that can be read: what `field = 'x'`, `field` and `not field` say about the record.

use gateway_model::ScalarType;

use crate::expression::Comparison;
use crate::program::{Expression, Ordering, Setting};

/// The fields a condition fixes when it is known to hold. Parts of other forms fix nothing.
pub(crate) fn settings(condition: &Expression) -> Vec<Setting> {
    match condition {
        Expression::And(left, right) => {
            let mut all = settings(left);
            all.extend(settings(right));
            all
        }
        Expression::Scalar(path, ScalarType::Flag) => {
            vec![Setting { path: path.clone(), value: "true".into() }]
        }
        Expression::Not(inner) => match inner.as_ref() {
            Expression::Scalar(path, ScalarType::Flag) => {
                vec![Setting { path: path.clone(), value: "false".into() }]
            }
            _ => Vec::new(),
        },
        Expression::Compare(Comparison::Equal, ordering, left, right) => {
            match (left.as_ref(), right.as_ref()) {
                (Expression::Scalar(path, _), value) | (value, Expression::Scalar(path, _)) => {
                    let value = literal(value, *ordering);
                    value.map(|value| Setting { path: path.clone(), value }).into_iter().collect()
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn literal(expression: &Expression, ordering: Ordering) -> Option<Box<str>> {
    match expression {
        Expression::Text(text) => Some(text.clone()),
        Expression::Number(number) => Some(number.to_string().into()),
        Expression::Flag(flag) if ordering == Ordering::Flag => Some(flag.to_string().into()),
        _ => None,
    }
}
