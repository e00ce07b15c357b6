//! A tree to expression text, in the spelling of contract store section 4.

use crate::tree::{NodeId, Tree};

/// Writes the expression that the tree's root `expression` holds.
///
/// Its attribute `profile` becomes `_wcf.ap` in the braces, its other attributes follow, separated by `;`. An element named
/// `or` joins its children by ` or ` in parentheses, other siblings are joined by ` and `; leaves of one name become one
/// list, `(N='a' or N='b')`. A chain of elements with one child each is written as a path. An element `comparison` is
/// written with its operator; functions, which no message of the contract has, are not written back.
pub fn print_expression(tree: &Tree<'_>, out: &mut String) {
    print_parameters(tree, out);
    for step in tree.children(tree.root()) {
        out.push('/');
        out.push_str(tree.local_name(step));
        print_brackets(tree, step, out);
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
    let children = children(tree, node);
    if children.is_empty() {
        return;
    }
    out.push('[');
    print_joined(tree, &children, " and ", out);
    out.push(']');
}

/// The children that are written: a choice among nothing is not.
fn children(tree: &Tree<'_>, node: NodeId) -> Vec<NodeId> {
    tree.children(node).filter(|child| !(tree.local_name(*child) == "or" && is_leaf(tree, *child))).collect()
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
        } else if name == "comparison" {
            print_comparison(tree, node, out);
        } else {
            print_branch(tree, node, out);
        }
    }
}

fn print_choice(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let children = children(tree, node);
    let mut names = children.iter().map(|child| (tree.local_name(*child), is_leaf(tree, *child)));
    let first = names.next();
    // One child, or leaves that become one list, which has parentheses of its own.
    if names.all(|name| Some(name) == first && name.1) {
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
        out.push('=');
        print_value(tree.text(leaf), out);
    }
    out.push(')');
}

/// `a/b >= 'value'`, from an element that has the operator as its attribute and the path inside.
fn print_comparison(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let mut step = node;
    while let Some(next) = tree.first_child(step) {
        if step != node {
            out.push('/');
        }
        out.push_str(tree.local_name(next));
        step = next;
    }
    let mut attributes = tree.attributes(node).iter();
    let operator = attributes.find(|attribute| tree.attribute_name(attribute).1 == "operator");
    out.push_str(operator.map_or("=", |operator| operator.value.as_ref()));
    print_value(tree.text(step), out);
}

fn print_value(value: &str, out: &mut String) {
    out.push('\'');
    for (count, piece) in value.split('\'').enumerate() {
        out.push_str(if count > 0 { "''" } else { "" });
        out.push_str(piece);
    }
    out.push('\'');
}

fn is_leaf(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.first_child(node).is_none()
}
