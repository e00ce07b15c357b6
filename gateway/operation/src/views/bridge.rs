//! Extensions that two record types have in common, so that they pass from one into the other.

use gateway_model::{FieldId, Record, Vocabulary};

use super::Shape;

/// Pairs of extension fields of one name and one kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bridge {
    pairs: Vec<(FieldId, FieldId)>,
}

impl Bridge {
    pub(crate) fn bind(vocabulary: &Vocabulary, from: &Shape, to: &Shape) -> Self {
        let (Some(source), Some(target)) =
            (vocabulary.record_type(from.kind()), vocabulary.record_type(to.kind()))
        else {
            return Self { pairs: Vec::new() };
        };
        let pair = |id: &FieldId| {
            let field = source.field(*id)?;
            let other = target.field_named(&field.name).filter(|other| to.is_extension(*other))?;
            (target.field(other)?.kind == field.kind).then_some((*id, other))
        };
        Self { pairs: from.extensions().iter().filter_map(pair).collect() }
    }

    /// Copies what `from` says in the common fields.
    pub(crate) fn carry<'a>(&self, from: &Record<'a>, to: &mut Record<'a>) {
        for (source, target) in &self.pairs {
            if !from.get(*source).is_absent() {
                to.set(*target, from.get(*source).clone());
            }
        }
    }
}
