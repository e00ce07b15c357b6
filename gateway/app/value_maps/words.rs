//! The words by which maps and entries are recognized: the document's element names are not public, so plausible
//! spellings are tried. Letters' case does not matter, and neither do namespaces of elements.

use gateway_wire::{NodeId, Tree};

/// Words that name the same thing, in order of preference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(&'static [&'static str]);

/// The name of a map, on the map.
pub(super) const NAME: Words = Words(&["name", "mapName", "map_name", "valueMapName", "id", "mapId"]);
/// The name of a map, on an entry.
pub(super) const MAP: Words = Words(&["map", "mapName", "map_name", "valueMap"]);
/// The organization that a map or entry is for.
pub(super) const ORGANIZATION: Words =
    Words(&["organizationCode", "organization", "organisation", "organizationId", "orgCode", "orgId", "org"]);
/// The key of an entry.
pub(super) const KEY: Words = Words(&["key", "from", "source", "in", "input", "name", "code"]);
/// The value of an entry.
pub(super) const VALUE: Words = Words(&["value", "to", "target", "out", "output", "val"]);

/// Names of elements that only hold things together and never name a map.
const CONTAINERS: &[&str] = &[
    "map",
    "maps",
    "valueMap",
    "valueMaps",
    "table",
    "tables",
    "mapping",
    "mappings",
    "entries",
    "values",
    "list",
];

/// Whether an element of this name can only be a container, never a map named by its element.
pub(super) fn is_container(local_name: &str) -> bool {
    CONTAINERS.iter().any(|container| container.eq_ignore_ascii_case(local_name))
}

// === impl Words ===

impl Words {
    /// The value of the element's attribute of one of these names.
    pub(super) fn attribute<'t>(self, tree: &'t Tree<'t>, node: NodeId) -> Option<&'t str> {
        self.0.iter().find_map(|word| {
            let mut attributes = tree.attributes(node).iter();
            let named = attributes.find(|attribute| {
                let (namespace, local_name) = tree.attribute_name(attribute);
                namespace.is_empty() && local_name.eq_ignore_ascii_case(word)
            });
            named.map(|attribute| attribute.value.as_ref())
        })
    }

    /// The text of the one plain child element of one of these names; nothing if there are several.
    pub(super) fn child<'t>(self, tree: &'t Tree<'t>, node: NodeId) -> Option<&'t str> {
        let plain = |child: NodeId| tree.first_child(child).is_none() && tree.attributes(child).is_empty();
        for word in self.0 {
            let mut named =
                tree.children(node).filter(|child| tree.local_name(*child).eq_ignore_ascii_case(word));
            match (named.next(), named.next()) {
                (Some(only), None) if plain(only) => return Some(tree.text(only)),
                (None, _) => {}
                _ => return None,
            }
        }
        None
    }
}
