//! BOD expressions: written as elements first, then printed as text.

use gateway_model::codes::{INTERNAL, UNWRITABLE_TEXT};
use gateway_wire::{Limits, Tree, print_expression};

use super::text::Kind;
use super::{Alive, Writer};
use crate::evaluate::Scope;
use crate::fault::MapFault;
use crate::program::{Element, Group};
use crate::source::Spot;

// === impl Writer ===

impl<'r> Writer<'_, 'r> {
    /// The text of an element with `m:text="expression"`.
    pub(super) fn expression(
        &mut self,
        root: &'r Element,
        scope: &Scope<'_, 'r>,
        spot: &Spot,
    ) -> Result<Alive, Box<MapFault>> {
        let mut bytes = Vec::new();
        let mut inner =
            Writer { run: self.run, names: self.names, out: &mut bytes, begin: 0, empty: self.empty };
        let alive = inner.tag(root, scope, true)?;
        let fault = |code, message: &str| Box::new(MapFault::at(code, message, spot));
        let text =
            std::str::from_utf8(&bytes).map_err(|_| fault(UNWRITABLE_TEXT, "the expression is not text"))?;
        let tree = Tree::parse(text, self.names, &Limits::default())
            .map_err(|_| fault(INTERNAL, "the expression's elements are not well-formed"))?;
        let mut printed = String::new();
        print_expression(&tree, &mut printed);
        self.escaped(&printed, Kind::Text, spot)?;
        Ok(alive)
    }

    /// `m:or`: an element of the printed tree, not of the document.
    pub(super) fn or(&mut self, group: &'r Group, scope: &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>> {
        let begin = self.out.len();
        self.out.extend_from_slice(b"<or>");
        let alive = self.items(&group.content.items, scope)?;
        if alive {
            self.out.extend_from_slice(b"</or>");
        } else {
            self.out.truncate(begin);
        }
        Ok(alive)
    }
}
