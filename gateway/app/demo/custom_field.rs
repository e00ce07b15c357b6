//! Fields an integrator added to the vocabulary: the demo's store fills them, so that they can be seen on their way.

use gateway_model::{FieldId, FieldKind, Record, ScalarType, Vocabulary};
use gateway_operation::views::{Shape, Views};

use crate::demo::step::Step;

/// A field of orders or of order lines that the gateway itself knows nothing of.
#[derive(Debug, Clone)]
pub(super) struct CustomField {
    /// Its name in the vocabulary.
    pub(super) name: String,
    /// What the store says in it.
    sample: String,
    field: FieldId,
    owner: Owner,
}

/// What it is a field of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Order,
    Line,
}

/// The custom fields of a vocabulary that hold a value; records and lists are left empty.
pub(super) fn find(vocabulary: &Vocabulary, views: &Views) -> Vec<CustomField> {
    let of = |shape: &Shape, owner| {
        let kind = vocabulary.record_type(shape.kind());
        let fields = shape.extensions().iter().filter_map(move |field| Some((*field, kind?.field(*field)?)));
        let custom = fields.filter_map(move |(id, field)| {
            let FieldKind::Scalar(scalar) = field.kind else { return None };
            let sample = sample(&field.name, scalar);
            Some(CustomField { name: field.name.clone(), sample, field: id, owner })
        });
        custom.collect::<Vec<_>>()
    };
    [of(&views.order.shape, Owner::Order), of(&views.order_line.shape, Owner::Line)].concat()
}

/// Fills the custom fields of an order and its lines.
pub(super) fn fill(order: &mut Record<'static>, fields: &[CustomField], views: &Views) {
    for custom in fields {
        match custom.owner {
            Owner::Order => order.set_text(custom.field, custom.sample.clone()),
            Owner::Line => {
                for line in order.list_mut(views.order.lines).into_iter().flatten() {
                    line.set_text(custom.field, custom.sample.clone());
                }
            }
        }
    }
}

/// Says of each custom field whether the DOM got it: whether a template of each end has it is the integrator's affair.
pub(super) fn tell(step: &mut Step, fields: &[CustomField]) {
    let Ok(facts) = &mut step.outcome else { return };
    for custom in fields {
        let mut to_dom = step.hops.iter().filter(|hop| hop.to == "DOM");
        let outcome = if to_dom.any(|hop| hop.document.contains(&custom.sample)) {
            "went along"
        } else {
            "did not go along"
        };
        facts.push_str(&format!(", `{}` {outcome}", custom.name));
    }
}

fn sample(name: &str, scalar: ScalarType) -> String {
    match scalar {
        ScalarType::Text => format!("sample of {name}"),
        ScalarType::Code => format!("SAMPLE-{}", name.to_uppercase()),
        ScalarType::Number => "42.4242".to_owned(),
        ScalarType::Flag => "true".to_owned(),
        ScalarType::Date => "2042-04-24".to_owned(),
        ScalarType::Datetime => "2042-04-24T04:24:00.000Z".to_owned(),
    }
}
