//! Finds named maps with key/value entries in a document, whatever its elements are called.
//!
//! An element that has a key and a value (attributes, or plain child elements, or the value as its text) is an entry.
//! The nearest element around it that has a name is its map; if none has, the element's own name is. An
//! organization, on the entry, its map or anything around, scopes it.

use gateway_wire::{Limits, NamesBuilder, NodeId, Refusal, Tree, decode};

use crate::value_maps::words::{KEY, MAP, NAME, ORGANIZATION, VALUE, is_container};

/// A named map, for one organization or for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueMap {
    /// Its name.
    pub name: String,
    /// The organization it is for; `None` for all others.
    pub organization: Option<String>,
    /// Its entries, in the order of the document.
    pub entries: Vec<Entry>,
}

/// An entry of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is looked up.
    pub key: String,
    /// What is found.
    pub value: String,
}

/// Something that was not taken as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The document's line; 0 if it is not about one.
    pub line: u32,
    /// What, lower case and without a full stop.
    pub text: String,
}

/// What a document holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The maps, in the order of the document; those of one name and organization are one.
    pub maps: Vec<ValueMap>,
    /// What was passed over.
    pub remarks: Vec<Remark>,
}

/// Reads a document of value maps.
///
/// # Errors
///
/// It is no well-formed XML, or is beyond the limits of any document.
pub fn read(bytes: &[u8]) -> Result<Found, Refusal> {
    let limits = Limits::default();
    let text = decode(bytes, None, &limits)?;
    let names = NamesBuilder::new().build();
    let tree = Tree::parse(&text, &names, &limits)?;
    let mut reader = Reader { tree: &tree, found: Found::default() };
    reader.walk(tree.root(), Scope::default());
    Ok(reader.found)
}

/// What the elements around say.
#[derive(Debug, Clone, Copy, Default)]
struct Scope<'t> {
    map: Option<&'t str>,
    organization: Option<&'t str>,
}

struct Reader<'t> {
    tree: &'t Tree<'t>,
    found: Found,
}

// === impl Reader ===

impl<'t> Reader<'t> {
    /// Takes the element and everything below it. The tree's depth is bounded, so this is too.
    fn walk(&mut self, node: NodeId, around: Scope<'t>) {
        let tree = self.tree;
        let scope = self.scope(node, around);
        for child in tree.children(node) {
            match self.entry(child) {
                Some((key, Some(value))) => self.take(child, scope, (key, value)),
                Some((key, None)) if tree.first_child(child).is_none() => {
                    self.remark(child, format!("the entry `{key}` has no value and is left out"));
                }
                _ => self.walk(child, scope),
            }
        }
    }

    fn scope(&self, node: NodeId, around: Scope<'t>) -> Scope<'t> {
        let tree = self.tree;
        let own = NAME.attribute(tree, node).or_else(|| NAME.child(tree, node));
        let by_element = || {
            let local_name = tree.local_name(node);
            let has_entries =
                tree.children(node).any(|child| matches!(self.entry(child), Some((_, Some(_)))));
            (has_entries && !is_container(local_name)).then_some(local_name)
        };
        let organization = ORGANIZATION.attribute(tree, node).or_else(|| ORGANIZATION.child(tree, node));
        Scope {
            map: own.filter(|name| !name.trim().is_empty()).or(around.map).or_else(by_element),
            organization: organization.or(around.organization),
        }
    }

    /// Key and value of an entry; the value may be missing. `None` for an element that has no key.
    fn entry(&self, node: NodeId) -> Option<(&'t str, Option<&'t str>)> {
        let tree = self.tree;
        let key_attribute = KEY.attribute(tree, node);
        let key = key_attribute.or_else(|| KEY.child(tree, node))?;
        let own_text = || {
            let leaf = key_attribute.is_some() && tree.first_child(node).is_none();
            leaf.then(|| tree.text(node))
        };
        let value = VALUE.attribute(tree, node).or_else(|| VALUE.child(tree, node)).or_else(own_text);
        Some((key, value.map(str::trim).filter(|value| !value.is_empty())))
    }

    fn take(&mut self, node: NodeId, scope: Scope<'t>, (key, value): (&'t str, &'t str)) {
        let tree = self.tree;
        let Some(map) = MAP.attribute(tree, node).or(scope.map) else {
            self.remark(node, format!("the entry `{}` is in no named map and is left out", key.trim()));
            return;
        };
        let organization = ORGANIZATION.attribute(tree, node).or(scope.organization);
        let organization = organization.map(str::trim).filter(|code| !code.is_empty() && *code != "DEFAULT");
        let entry = Entry { key: key.trim().to_owned(), value: value.to_owned() };
        let place = self.place(map.trim(), organization);
        match place.entries.iter().find(|earlier| earlier.key == entry.key) {
            None => place.entries.push(entry),
            Some(earlier) if *earlier == entry => {}
            Some(earlier) => {
                let text = format!(
                    "the key `{}` is `{}` already; `{}` is left out",
                    entry.key, earlier.value, entry.value
                );
                self.remark(node, text);
            }
        }
    }

    /// The map of this name and organization, made if it is new.
    fn place(&mut self, name: &str, organization: Option<&str>) -> &mut ValueMap {
        let maps = &mut self.found.maps;
        let known =
            maps.iter().position(|map| map.name == name && map.organization.as_deref() == organization);
        let index = known.unwrap_or_else(|| {
            maps.push(ValueMap {
                name: name.to_owned(),
                organization: organization.map(str::to_owned),
                entries: Vec::new(),
            });
            maps.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just above")]
        &mut maps[index]
    }

    fn remark(&mut self, node: NodeId, text: String) {
        let (line, _) = self.tree.position(node);
        self.found.remarks.push(Remark { line, text });
    }
}
