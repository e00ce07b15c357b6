//! The records being filled.

use std::borrow::Cow;

use gateway_model::{Record, Value, scalar};

use super::Reader;
use crate::program::{Each, Leaf, Path, Setting};

// === impl Reader ===

impl<'t> Reader<'t, '_> {
    /// Adds the innermost record to its list. Lists are in the order of the document, whoever feeds them.
    pub(super) fn add_entry(&mut self, each: &Each) {
        let Some(entry) = self.stack.pop() else { return };
        let Some(slot) = self.slot(&each.list) else { return };
        match slot {
            Value::List(list) => {
                let behind = list.last().is_none_or(|last| last.position <= entry.position);
                let index = if behind {
                    list.len()
                } else {
                    list.partition_point(|other| other.position <= entry.position)
                };
                list.insert(index, entry);
            }
            _ => *slot = Value::List(vec![entry]),
        }
    }

    pub(super) fn settings(&mut self, settings: &'t [Setting]) {
        for setting in settings {
            if let Some(slot) = self.slot(&setting.path)
                && slot.is_absent()
            {
                *slot = Value::Text(Cow::Borrowed(&setting.value));
            }
        }
    }

    /// Puts a text into its field, if that has no value yet. Gives the text back if it does not have the field's form.
    pub(super) fn leaf(&mut self, leaf: &Leaf, text: Cow<'t, str>) -> Option<Cow<'t, str>> {
        let Cow::Borrowed(text) = text else { return Some(text) };
        match scalar::check(leaf.kind, Cow::Borrowed(text)) {
            Some(checked) => {
                if !checked.is_empty()
                    && let Some(slot) = self.slot(&leaf.path)
                    && slot.is_absent()
                {
                    *slot = Value::Text(checked);
                }
                None
            }
            None => Some(Cow::Borrowed(text)),
        }
    }

    /// Whether a field has a value.
    pub(super) fn has(&self, path: &Path) -> bool {
        let Some(mut record) =
            self.stack.len().checked_sub(usize::from(path.depth) + 1).and_then(|index| self.stack.get(index))
        else {
            return false;
        };
        for step in &path.steps {
            match record.get(step.field) {
                Value::Record(inner) => record = inner,
                _ => return false,
            }
        }
        !record.get(path.field).is_absent()
    }

    /// The place of a field's value; records on the way are made.
    pub(super) fn slot(&mut self, path: &Path) -> Option<&mut Value<'t>> {
        let index = self.stack.len().checked_sub(usize::from(path.depth) + 1)?;
        let mut record = self.stack.get_mut(index)?;
        for step in &path.steps {
            let slot = record.get_mut(step.field)?;
            if slot.is_absent() {
                *slot = Value::Record(Box::new(Record::with_width(step.kind, usize::from(step.width))));
            }
            match slot {
                Value::Record(inner) => record = inner,
                _ => return None,
            }
        }
        record.get_mut(path.field)
    }
}
