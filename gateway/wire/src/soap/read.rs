//! Looking through an envelope, and recognizing a fault.

use gateway_model::codes;
use secrecy::SecretString;

use crate::refusal::Refusal;
use crate::tree::{NodeId, Tree};

use super::{Envelope, Form, PasswordKind, SOAP_11, SOAP_12, SoapFaultText, UsernameToken, WSSE, WSU};

/// Finds the payload of a document: the one element of an envelope's body, or the root when it is no envelope.
///
/// Headers other than WS-Security are passed over, also those that must be understood: stores send the latter only for
/// WS-Security (contract store section 1), and intermediaries add headers of their own.
///
/// # Errors
/// `BAD_ENVELOPE`: an envelope of an unknown SOAP version, without exactly one body, with other than one element in
/// it, or with an unusable user name token.
pub fn open(tree: &Tree<'_>) -> Result<Envelope, Refusal> {
    let root = tree.root();
    let form = match tree.namespace(root) {
        _ if tree.local_name(root) != "Envelope" => {
            return Ok(Envelope { form: Form::Bare, payload: root, credentials: None });
        }
        SOAP_11 => Form::Soap11,
        SOAP_12 => Form::Soap12,
        _ => {
            let refusal = tree.refuse(root, codes::BAD_ENVELOPE, "an envelope of an unknown SOAP version");
            return Err(refusal.expecting(format!("namespace `{SOAP_11}` or `{SOAP_12}`")));
        }
    };
    let namespace = tree.namespace(root);
    let body = only(tree, root, namespace, "Body")?;
    let mut elements = tree.children(body);
    let (Some(payload), None) = (elements.next(), elements.next()) else {
        let refusal = tree.refuse(body, codes::BAD_ENVELOPE, "a body without exactly one element");
        return Err(refusal.expecting("one element in `Body`"));
    };
    let header = child(tree, root, namespace, "Header");
    let security = header.and_then(|header| child(tree, header, WSSE, "Security"));
    let token = security.and_then(|security| child(tree, security, WSSE, "UsernameToken"));
    let credentials = token.map(|token| read_token(tree, token)).transpose()?;
    Ok(Envelope { form, payload, credentials })
}

/// The fault that a payload is, if it is one.
#[must_use]
pub fn read_fault(tree: &Tree<'_>, payload: NodeId) -> Option<SoapFaultText> {
    if tree.local_name(payload) != "Fault" {
        return None;
    }
    let text = |node: Option<NodeId>| node.map(|node| tree.text(node).trim()).unwrap_or_default();
    let unprefixed = |code: &str| code.rsplit(':').next().unwrap_or_default().to_owned();
    let actor = |node: Option<NodeId>| node.map(|node| tree.text(node).trim().to_owned());
    match tree.namespace(payload) {
        SOAP_11 => Some(SoapFaultText {
            code: unprefixed(text(part(tree, payload, "faultcode"))),
            text: text(part(tree, payload, "faultstring")).to_owned(),
            actor: actor(part(tree, payload, "faultactor")),
            detail: part(tree, payload, "detail"),
        }),
        SOAP_12 => {
            let value =
                child(tree, payload, SOAP_12, "Code").and_then(|code| child(tree, code, SOAP_12, "Value"));
            let reason =
                child(tree, payload, SOAP_12, "Reason").and_then(|node| child(tree, node, SOAP_12, "Text"));
            Some(SoapFaultText {
                code: unprefixed(text(value)),
                text: text(reason).to_owned(),
                actor: actor(child(tree, payload, SOAP_12, "Role")),
                detail: child(tree, payload, SOAP_12, "Detail"),
            })
        }
        _ => None,
    }
}

/// The first child of this name.
fn child(tree: &Tree<'_>, node: NodeId, namespace: &str, local: &str) -> Option<NodeId> {
    tree.children(node).find(|child| tree.local_name(*child) == local && tree.namespace(*child) == namespace)
}

/// The first child of this local name: the parts of a SOAP 1.1 fault are in no namespace, yet senders put them into one
/// by a default declaration.
fn part(tree: &Tree<'_>, node: NodeId, local: &str) -> Option<NodeId> {
    tree.children(node).find(|child| tree.local_name(*child) == local)
}

/// The only child of this name.
fn only(tree: &Tree<'_>, node: NodeId, namespace: &str, local: &str) -> Result<NodeId, Refusal> {
    let mut children = tree
        .children(node)
        .filter(|child| tree.local_name(*child) == local && tree.namespace(*child) == namespace);
    match (children.next(), children.next()) {
        (Some(child), None) => Ok(child),
        (found, _) => {
            let message =
                if found.is_none() { "an envelope without a body" } else { "an envelope with two bodies" };
            let refusal = tree.refuse(node, codes::BAD_ENVELOPE, message);
            Err(refusal.expecting(format!("one `{local}` in the envelope's namespace")))
        }
    }
}

fn read_token(tree: &Tree<'_>, token: NodeId) -> Result<UsernameToken, Refusal> {
    let text = |node: Option<NodeId>| node.map(|node| tree.text(node)).unwrap_or_default();
    let username = text(child(tree, token, WSSE, "Username")).trim();
    if username.is_empty() {
        let refusal = tree.refuse(token, codes::BAD_ENVELOPE, "a user name token without a user name");
        return Err(refusal.expecting("a `Username`"));
    }
    let password = child(tree, token, WSSE, "Password");
    let kind = password.map_or("", |password| unqualified_attribute(tree, password, "Type"));
    let (kind, shown) = match kind.rsplit('#').next().unwrap_or_default() {
        "PasswordDigest" => {
            let nonce = text(child(tree, token, WSSE, "Nonce")).trim().to_owned();
            let created = text(child(tree, token, WSU, "Created")).trim().to_owned();
            (PasswordKind::Digest { nonce, created }, text(password).trim())
        }
        // The profile's default is the text form.
        "PasswordText" | "" => (PasswordKind::Text, text(password)),
        _ => {
            let refusal = tree.refuse(token, codes::BAD_ENVELOPE, "a password of an unknown type");
            return Err(refusal.expecting("`#PasswordText` or `#PasswordDigest`"));
        }
    };
    Ok(UsernameToken { username: username.to_owned(), password: SecretString::from(shown), kind })
}

fn unqualified_attribute<'t>(tree: &'t Tree<'_>, node: NodeId, local: &str) -> &'t str {
    let mut attributes = tree.attributes(node).iter();
    attributes
        .find(|attribute| tree.attribute_name(attribute) == ("", local))
        .map_or("", |a| a.value.as_ref())
}
