//! Which message a document is: by root element, action code, access profile, and what it has.

use gateway_wire::{NodeId, Tree};

use crate::dialect::Dialect;
use crate::message::{Message, Part};

/// Why no message was found for a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteFault {
    /// No message has this root element.
    #[error("no message has the root element `{found}`")]
    UnknownRoot {
        /// Its local name.
        found: String,
    },
    /// A message has a root element of this name, but in another namespace.
    #[error("the root element `{found}` is in another namespace, expected `{expected}`")]
    WrongNamespace {
        /// Its local name.
        found: String,
        /// The namespace it should be in; empty for none.
        expected: String,
    },
    /// The root element is known, but not with this action code, access profile or content.
    #[error("the root element is not known with {found}, expected {}", known.join(" or "))]
    UnknownAction {
        /// The action code or access profile found.
        found: String,
        /// Those that are known.
        known: Vec<String>,
    },
}

/// A path of local names below the root: `DataArea/*/ActionCriteria/ActionExpression/@actionCode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalPath {
    steps: Vec<String>,
    attribute: Option<String>,
}

// === impl RouteFault ===

impl RouteFault {
    /// Its number in the register.
    #[must_use]
    pub const fn code(&self) -> gateway_model::codes::Code {
        match self {
            Self::UnknownRoot { .. } => gateway_model::codes::UNKNOWN_ROOT,
            Self::WrongNamespace { .. } => gateway_model::codes::WRONG_NAMESPACE,
            Self::UnknownAction { .. } => gateway_model::codes::UNKNOWN_ACTION,
        }
    }
}

// === impl LocalPath ===

impl LocalPath {
    /// Parses a path; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut steps: Vec<String> = text.split('/').map(str::to_owned).collect();
        let attribute = steps.last().and_then(|last| last.strip_prefix('@')).map(str::to_owned);
        if attribute.is_some() {
            steps.pop();
        }
        let sound = |name: &String| name == "*" || gateway_wire::is_name(name);
        let found = !(steps.is_empty() && attribute.is_none());
        let attribute_sound = attribute.as_ref().is_none_or(|name| gateway_wire::is_name(name));
        (found && steps.iter().all(sound) && attribute_sound).then_some(Self { steps, attribute })
    }

    /// The first value there is along the path.
    fn value<'t>(&self, tree: &'t Tree<'_>, node: NodeId) -> Option<&'t str> {
        self.find(&self.steps, tree, node)
    }

    fn exists(&self, tree: &Tree<'_>, node: NodeId) -> bool {
        self.value(tree, node).is_some()
    }

    fn find<'t>(&self, steps: &[String], tree: &'t Tree<'_>, node: NodeId) -> Option<&'t str> {
        let Some((step, rest)) = steps.split_first() else {
            let Some(name) = &self.attribute else { return Some(tree.text(node)) };
            let mut attributes = tree.attributes(node).iter();
            return attributes
                .find(|attribute| tree.attribute_name(attribute).1 == name)
                .map(|attribute| attribute.value.as_ref());
        };
        let mut next = tree.first_child(node);
        while let Some(child) = next {
            if (step == "*" || tree.local_name(child) == step)
                && let Some(found) = self.find(rest, tree, child)
            {
                return Some(found);
            }
            next = tree.next_sibling(child);
        }
        None
    }
}

/// The access profile in the braces of an expression, `{_wcf.ap=PROFILE}…`.
fn profile(expression: &str) -> Option<&str> {
    let braces = expression.trim_ascii_start().strip_prefix('{')?;
    let (inner, _) = braces.split_once('}')?;
    inner
        .split(';')
        .find_map(|parameter| parameter.trim_ascii().strip_prefix("_wcf.ap="))
        .map(str::trim_ascii)
}

// === impl Dialect ===

impl Dialect {
    /// The message a document is. Messages are tried in the order of `dialect.toml`.
    ///
    /// # Errors
    /// No message has its root element, or none with its action code, access profile and content.
    pub fn route(
        &self,
        tree: &Tree<'_>,
        payload: NodeId,
        part: Option<Part>,
    ) -> Result<&Message, RouteFault> {
        let symbol = tree.symbol(payload);
        let known: Vec<&Message> = self
            .messages
            .iter()
            .filter(|message| message.has_root(symbol) && part.is_none_or(|part| message.part == part))
            .collect();
        if known.is_empty() {
            return Err(self.unknown_root(tree, payload, part));
        }
        let action =
            self.action_path.as_ref().and_then(|path| path.value(tree, payload)).map(str::trim_ascii);
        let profile = self.profile_path.as_ref().and_then(|path| path.value(tree, payload)).and_then(profile);
        let fits = |message: &&&Message| {
            let routing = &message.routing;
            let further = message.also.contains(&symbol);
            let named = |names: &[String], found: Option<&str>| {
                names.is_empty() || found.is_some_and(|found| names.iter().any(|name| name == found))
            };
            self.is_chosen(message)
                && named(&routing.actions, action)
                && (further || named(&routing.profiles, profile))
                && routing.having.iter().all(|path| path.exists(tree, payload))
        };
        match (known.iter().find(fits), known.as_slice()) {
            (Some(message), _) => Ok(message),
            // A verb may be missing (contract store section 17): where the root means one message, it is that one.
            (None, [only]) if action.is_none() && self.is_chosen(only) => Ok(only),
            (None, _) => Err(unknown_action(&known, action, profile)),
        }
    }

    fn unknown_root(&self, tree: &Tree<'_>, payload: NodeId, part: Option<Part>) -> RouteFault {
        let found = tree.local_name(payload).to_owned();
        let mut roots = self
            .messages
            .iter()
            .filter(|message| part.is_none_or(|part| message.part == part))
            .filter_map(|message| message.names.expand(message.root.symbol));
        let expected =
            roots.find(|(namespace, local)| *local == found && *namespace != tree.namespace(payload));
        match expected {
            Some((expected, _)) => RouteFault::WrongNamespace { found, expected: expected.to_owned() },
            None => RouteFault::UnknownRoot { found },
        }
    }
}

fn unknown_action(known: &[&Message], action: Option<&str>, profile: Option<&str>) -> RouteFault {
    let described =
        |kind: &str, name: &str| format!("the {kind} `{}`", name.chars().take(80).collect::<String>());
    let actions =
        known.iter().flat_map(|message| message.routing.actions.iter().map(|name| described("action", name)));
    let profiles = known
        .iter()
        .flat_map(|message| message.routing.profiles.iter().map(|name| described("access profile", name)));
    let mut expected: Vec<String> = Vec::new();
    for name in actions.chain(profiles) {
        if !expected.contains(&name) {
            expected.push(name);
        }
    }
    let asks_action = known.iter().any(|message| !message.routing.actions.is_empty());
    let asks_profile = known.iter().any(|message| !message.routing.profiles.is_empty());
    let found = match (asks_action, asks_profile) {
        (true, _) => action.map_or_else(|| "no action".to_owned(), |name| described("action", name)),
        (false, true) => {
            profile.map_or_else(|| "no access profile".to_owned(), |name| described("access profile", name))
        }
        (false, false) => "what it holds".to_owned(),
    };
    RouteFault::UnknownAction { found, known: expected }
}

#[cfg(test)]
mod tests {
    use super::{LocalPath, profile};

    #[test]
    fn the_profile_stands_in_the_braces() {
        for (text, expected) in [
            ("{_wcf.ap=IBM_Store_Details}/X[a='1']", Some("IBM_Store_Details")),
            (" { x=1; _wcf.ap=A }/X", Some("A")),
            ("/X[a='{_wcf.ap=B}']", None),
            ("{_wcf.ap=A", None),
            ("", None),
        ] {
            assert_eq!(profile(text), expected, "{text}");
        }
    }

    #[test]
    fn a_path_is_names_and_stars_and_one_attribute_at_its_end() {
        for text in ["", "/a", "a/", "a/@", "@b/c", "a b"] {
            assert_eq!(LocalPath::parse(text), None, "{text}");
        }
        for text in ["a", "@a", "a/*/b/@c"] {
            assert!(LocalPath::parse(text).is_some(), "{text}");
        }
    }
}
