//! Which element of the template takes which element of the document.

use gateway_wire::NodeId;

use super::document::Document;
use crate::program::{Content, Element, Item, Select, Takers};

/// The item that takes a child: of those of its name the most particular one that its constants select and that is
/// still free. `hint` remembers where the last one was found: documents mostly have the template's order.
pub(super) fn taker<'t, D: Document<'t>>(
    document: D,
    content: &Content,
    child: NodeId,
    hint: &mut usize,
    taken: &[bool],
) -> Option<usize> {
    let symbol = document.tree().symbol(child);
    if !symbol.is_known() {
        return None;
    }
    let symbols = &content.matcher.symbols;
    let place = match symbols.get(*hint..).unwrap_or_default().iter().position(|known| *known == symbol) {
        Some(ahead) => *hint + ahead,
        None => symbols.iter().position(|known| *known == symbol)?,
    };
    *hint = place;
    let able = |index: &usize| match content.items.get(*index) {
        Some(Item::Element(element)) => {
            let free = !taken.get(*index).copied().unwrap_or_default() || element.frame.each.is_some();
            free && (element.select.is_empty() || selects(document, element, child))
        }
        _ => false,
    };
    match content.matcher.takers.get(place)? {
        Takers::One(only) => Some(*only).filter(able),
        Takers::Several(several) => several.iter().copied().find(able),
        Takers::Keyed { attribute, keys, others } => {
            let value = document.tree().attribute(child, *attribute);
            let known = value.and_then(|value| keys.binary_search_by(|(key, _)| (**key).cmp(value)).ok());
            let candidates =
                known.and_then(|known| keys.get(known)).map_or(others, |(_, candidates)| candidates);
            candidates.iter().copied().find(able)
        }
    }
}

/// Whether the constants of a template's element select an element of the document. Names are not compared here.
pub(super) fn selects<'t, D: Document<'t>>(document: D, element: &Element, node: NodeId) -> bool {
    element.select.iter().all(|select| {
        let tree = document.tree();
        match select {
            Select::Attribute(symbol, value) => tree.attribute(node, *symbol) == Some(value),
            Select::Name(symbol, meant) => tree
                .attributes(node)
                .iter()
                .any(|attribute| attribute.symbol == *symbol && attribute.qname == *meant),
            Select::Text(text) => tree.text(node).trim_ascii() == &**text,
            Select::Around(before, after) => {
                let text = tree.text(node).trim_ascii();
                text.is_empty() || text.strip_prefix(&**before).is_some_and(|rest| rest.ends_with(&**after))
            }
        }
    })
}

/// Whether an element of the document has the name of a template's element, and its constants select it.
pub(super) fn names<'t, D: Document<'t>>(document: D, element: &Element, node: NodeId) -> bool {
    let symbol = document.tree().symbol(node);
    (element.symbol == symbol || element.also.contains(&symbol)) && selects(document, element, node)
}
