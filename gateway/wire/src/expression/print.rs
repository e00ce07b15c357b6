//! A tree to expression text, in the spelling of contract store section 4.

use crate::tree::{NodeId, Tree};

/// Writes the expression that the tree's root `expression` holds.
///
/// Its attribute `profile` becomes `_wcf.ap` in the braces, its other attributes follow, separated by `;`. An element named
/// `or` joins its children by ` or ` in parentheses, other siblings are joined by ` and `; leaves of one name become one
/// list, `(N='a' or N='b')`. A chain of elements with one child each is written as a path.
pub fn print_expression(tree: &Tree<'_>, out: &mut String) {
    print_parameters(tree, out);
    for step in tree.children(tree.root()) {
        out.push('/');
        out.push_str(tree.local_name(step));
        if tree.first_child(step).is_some() {
            print_brackets(tree, step, out);
        }
    }
}

fn print_parameters(tree: &Tree<'_>, out: &mut String) {
    let mut separator = '{';
    for attribute in tree.attributes(tree.root()) {
        out.push(separator);
        out.push_str(match tree.attribute_name(attribute).1 {
            "profile" => "_wcf.ap",
            name => name,
        });
        out.push('=');
        out.push_str(&attribute.value);
        separator = ';';
    }
    if separator == ';' {
        out.push('}');
    }
}

fn print_brackets(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    out.push('[');
    let children: Vec<NodeId> = tree.children(node).collect();
    print_joined(tree, &children, " and ", out);
    out.push(']');
}

/// Writes siblings; leaves of one name stand together, at the place of the first.
fn print_joined(tree: &Tree<'_>, siblings: &[NodeId], joint: &str, out: &mut String) {
    let mut written: Vec<&str> = Vec::new();
    let mut first = true;
    for &node in siblings {
        let name = tree.local_name(node);
        let leaf = is_leaf(tree, node);
        if leaf && written.contains(&name) {
            continue;
        }
        if !first {
            out.push_str(joint);
        }
        first = false;
        if leaf {
            written.push(name);
            print_leaves(tree, siblings, name, out);
        } else if name == "or" {
            print_choice(tree, node, out);
        } else {
            print_branch(tree, node, out);
        }
    }
}

fn print_choice(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let children: Vec<NodeId> = tree.children(node).collect();
    let single = {
        let mut names = children.iter().map(|child| (tree.local_name(*child), is_leaf(tree, *child)));
        let first = names.next();
        names.all(|name| Some(name) == first && name.1)
    };
    if single {
        return print_joined(tree, &children, " or ", out);
    }
    out.push('(');
    print_joined(tree, &children, " or ", out);
    out.push(')');
}

/// An element with children: `a[..]`, or `a/b[..]` when its one child has children too.
fn print_branch(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    out.push_str(tree.local_name(node));
    let mut node = node;
    while let Some(only) = only_branch(tree, node) {
        out.push('/');
        out.push_str(tree.local_name(only));
        node = only;
    }
    print_brackets(tree, node, out);
}

fn only_branch(tree: &Tree<'_>, node: NodeId) -> Option<NodeId> {
    let child = tree.first_child(node)?;
    let alone = tree.next_sibling(child).is_none();
    (alone && !is_leaf(tree, child) && tree.local_name(child) != "or").then_some(child)
}

fn print_leaves(tree: &Tree<'_>, siblings: &[NodeId], name: &str, out: &mut String) {
    let mut opening = "(";
    for &leaf in siblings.iter().filter(|node| is_leaf(tree, **node) && tree.local_name(**node) == name) {
        out.push_str(opening);
        opening = " or ";
        out.push_str(name);
        out.push_str("='");
        for (count, piece) in tree.text(leaf).split('\'').enumerate() {
            out.push_str(if count > 0 { "''" } else { "" });
            out.push_str(piece);
        }
        out.push('\'');
    }
    out.push(')');
}

fn is_leaf(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.first_child(node).is_none()
}
