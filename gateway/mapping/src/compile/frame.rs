//! Repetition, scope and condition of an element or a group.

use super::{Compiler, Here};
use crate::check::{Site, settings};
use crate::expression::{parse, parse_path, parse_repeat};
use crate::markup::{MarkupAttribute, MarkupElement};
use crate::program::{Direction, Each, Frame, With};

// === impl Compiler ===

impl<'c> Compiler<'c> {
    /// Reads `m:each`, `m:with` and `m:when`, in that order: each sees the names the one before brought in. Gives
    /// `None` if a scope could not be settled; what stands below cannot be checked then.
    pub(super) fn frame(&mut self, element: &MarkupElement, here: &Here<'c>) -> Option<(Frame, Here<'c>)> {
        let mut frame = Frame::default();
        let mut here = here.clone();
        if let Some(attribute) = element.instruction("each") {
            let index = element.instruction("index");
            let (each, inner) = self.each(attribute, index, &here)?;
            frame.each = Some(each);
            here = inner;
        }
        if let Some(attribute) = element.instruction("with") {
            let site = Site { characters: &attribute.value, start: 0 };
            let mut checker = self.checker(here.file);
            let node = match parse_path(attribute.value.as_str()) {
                Ok(node) => node,
                Err(fault) => {
                    checker.syntax(&fault, site);
                    return None;
                }
            };
            let (path, kind) = checker.record(&node, &here.scopes, site)?;
            let width = checker.width(kind);
            here.scopes = here.scopes.record(kind, &path, width);
            frame.with = vec![With { path, of_group: false }];
        }
        if let Some(attribute) = element.instruction("when") {
            let site = Site { characters: &attribute.value, start: 0 };
            let mut checker = self.checker(here.file);
            match parse(attribute.value.as_str()) {
                Ok(node) => frame.when = checker.condition(&node, &here.scopes, site),
                Err(fault) => checker.syntax(&fault, site),
            }
            frame.settings = frame.when.as_ref().map(settings).unwrap_or_default().into();
        }
        Some((frame, here))
    }

    fn each(
        &mut self,
        attribute: &MarkupAttribute,
        index: Option<&MarkupAttribute>,
        here: &Here<'c>,
    ) -> Option<(Each, Here<'c>)> {
        let site = Site { characters: &attribute.value, start: 0 };
        let mut checker = self.checker(here.file);
        let repeat = match parse_repeat(attribute.value.as_str()) {
            Ok(repeat) => repeat,
            Err(fault) => {
                checker.syntax(&fault, site);
                return None;
            }
        };
        let (list, kind) = checker.list(&repeat.list, &here.scopes, site)?;
        let name = repeat.name.map(|word| word.text);
        let index = index.map(|index| index.value.as_str().to_owned());
        let scopes = here.scopes.entry(kind, name, index);
        let condition = repeat.condition.and_then(|node| checker.condition(&node, &scopes, site));
        let settings = condition.as_ref().map(settings).unwrap_or_default().into();
        let width = checker.width(kind);
        Some((Each { list, kind, width, condition, settings }, Here { scopes, ..here.clone() }))
    }

    /// `m:only`.
    pub(super) fn direction(&mut self, element: &MarkupElement, here: &Here<'_>) -> Direction {
        let Some(attribute) = element.instruction("only") else { return Direction::Both };
        match attribute.value.as_str() {
            "read" => Direction::Read,
            "write" => Direction::Write,
            _ => {
                self.bad_value(here.file, attribute, "`read` or `write`");
                Direction::Both
            }
        }
    }

    /// `m:keep`.
    pub(super) fn keep(&mut self, element: &MarkupElement, here: &Here<'_>) -> bool {
        let Some(attribute) = element.instruction("keep") else { return false };
        match attribute.value.as_str() {
            "true" => true,
            "false" => false,
            _ => {
                self.bad_value(here.file, attribute, "`true`");
                false
            }
        }
    }
}
