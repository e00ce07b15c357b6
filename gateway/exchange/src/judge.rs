//! Judging what came back from the DOM before it is read: what does the reply come to?
//!
//! The rules are the dialect's own (`[[outcome]]` of its `dialect.toml`). A DOM's status for business errors may mean nothing
//! (Sterling's is not documented, contract Sterling section 12), so its refusal is known by its root at any status. Whatever
//! the rules say of the outcome, the fault's code says what came: an HTTP status, a page of HTML, half a document.

use std::time::Duration;

use gateway_mapping::{BodyKind, Dialect, Message, Outcome, Replied};
use gateway_model::codes::Code;
use gateway_model::{Fault, Reached, Repeat, codes};
use gateway_operation::refusal;
use gateway_wire::Tree;
use memchr::memmem;

use crate::find;
use crate::plan::is_safe_to_repeat;
use crate::refuse::refusal_of;
use crate::{Call, Interpreter};

/// The most bytes of a body that is no XML that the texts of the rules are compared with.
const MOST_TEXT: usize = 4096;
/// The status of what was refused before anybody looked at it.
const TOO_MANY_REQUESTS: u16 = 429;

/// What the DOM answered: status, headers that matter, body.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// How long the DOM asks to be left alone (`Retry-After`), if it does.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a reply comes to.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The outcome.
    pub outcome: Outcome,
    /// The rule of the dialect that says so, from 0; `None` where none fits.
    pub rule: Option<usize>,
    /// How long the rule or the DOM itself wants to be waited before another try; the longer of both.
    pub pause: Option<Duration>,
    /// What went wrong, whether the DOM may have acted and whether to ask again; `None` if the reply can be read: as the
    /// answer, or as the DOM's refusal in its own words.
    pub fault: Option<Fault>,
}

/// A reply taken apart as far as judging it needs.
struct Looked {
    kind: BodyKind,
    root: Option<String>,
    codes: Vec<String>,
    texts: Vec<String>,
    /// Why it cannot be parsed, if it may hold an answer or a refusal.
    broken: Option<Fault>,
    status: u16,
}

// === impl Judgement ===

impl Judgement {
    /// Whether the reply can be read.
    ///
    /// # Errors
    /// The fault, where it cannot.
    pub fn into_result(self) -> Result<(), Fault> {
        self.fault.map_or(Ok(()), Err)
    }
}

// === impl Interpreter ===

impl Interpreter {
    /// What a reply to this call comes to, by the outcome rules of the DOM's dialect.
    #[must_use]
    pub fn judge(&self, call: &Call, dom: &Dialect, reply: &Reply) -> Judgement {
        self.judge_as((&call.operation, call.only_reads), dom, reply)
    }

    /// What a reply to a call of this operation comes to, and of this kind: whether it only reads.
    pub(crate) fn judge_as(
        &self,
        (operation, only_reads): (&str, bool),
        dom: &Dialect,
        reply: &Reply,
    ) -> Judgement {
        let looked = self.look_at(dom, reply);
        let codes = looked.codes.iter().map(String::as_str).collect();
        let texts = looked.texts.iter().map(String::as_str).collect();
        let verdict = dom.judge(&Replied {
            operation,
            only_reads,
            status: reply.status,
            body: looked.kind,
            root: looked.root.as_deref(),
            codes,
            texts,
        });
        let rule = verdict.rule.map(|(index, _)| index);
        let ruled = verdict.rule.and_then(|(_, rule)| rule.pause);
        // The DOM knows better than whoever wrote the rule, but a rule that wants more time has its reason.
        let pause = ruled.max(reply.retry_after);
        let unclear = Outcome::unclear(only_reads);
        // A read that was answered reached the DOM, unless nobody looked at it; of a write the outcome says it.
        let reached = only_reads && reply.status != TOO_MANY_REQUESTS;
        let safe = is_safe_to_repeat(operation);
        let weigh = |fault, outcome| match weigh(fault, outcome, reached) {
            fault if safe && fault.repeat == Repeat::AfterCheck => fault.repeat(Repeat::Safe),
            fault => fault,
        };
        let (outcome, fault) = match verdict.outcome {
            // An answer that broke off is none, and nobody knows what else it said.
            Outcome::Done => match looked.broken.map_or_else(|| self.expect_whole(reply, only_reads), Err) {
                Ok(()) => (Outcome::Done, None),
                Err(broken) => (unclear, Some(weigh(broken, unclear))),
            },
            outcome => (outcome, fault(looked, outcome).map(|fault| weigh(fault, outcome))),
        };
        let fault = fault.map(|fault| with_what_came(fault, reply.status, pause));
        Judgement { outcome, rule, pause, fault }
    }

    /// Takes a reply apart. A document is parsed only where it may hold more than an answer.
    fn look_at(&self, dom: &Dialect, reply: &Reply) -> Looked {
        let kind = kind_of(&reply.body);
        let mut looked = Looked {
            kind,
            root: None,
            codes: Vec::new(),
            texts: Vec::new(),
            broken: None,
            status: reply.status,
        };
        if !kind.is_xml() {
            let text = String::from_utf8_lossy(reply.body.get(..MOST_TEXT).unwrap_or(&reply.body));
            looked.texts.extend((!text.trim().is_empty()).then(|| text.into_owned()));
            return looked;
        }
        let refuses = may_refuse(dom, &reply.body);
        let succeeded = is_success(reply.status);
        if refuses || !succeeded || dom.outcomes().iter().any(|rule| rule.names_root()) {
            let parsed = self.reply_text_of(reply, true).and_then(|text| {
                self.reply_tree_of(&text, true).map(|tree| self.take_apart(dom, &tree, &mut looked))
            });
            looked.broken = parsed.err().filter(|_| refuses || succeeded);
        }
        looked
    }

    fn take_apart(&self, dom: &Dialect, tree: &Tree<'_>, looked: &mut Looked) {
        looked.root = Some(tree.local_name(tree.root()).to_owned());
        let Some(errors) = find::refusal(dom) else { return };
        let Some(node) = refusal_of(errors, tree) else { return };
        looked.kind = BodyKind::Errors;
        let Ok((record, ..)) = self.read_message(errors, (tree, node), None) else { return };
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        looked.codes = owned(refusal::dom_codes(self.views(), &record));
        looked.texts = owned(refusal::dom_texts(self.views(), &record));
    }
}

/// What a body is, by its first bytes. UTF-16 is taken for XML: parsing tells.
fn kind_of(body: &[u8]) -> BodyKind {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    let utf16 = body.starts_with(b"\xFF\xFE") || body.starts_with(b"\xFE\xFF");
    let starts_with =
        |word: &[u8]| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    if text.is_empty() {
        BodyKind::Empty
    } else if utf16 {
        BodyKind::Xml
    } else if starts_with(b"<!doctype html") || starts_with(b"<html") {
        BodyKind::Html
    } else if text.starts_with(b"<") {
        BodyKind::Xml
    } else {
        BodyKind::Other
    }
}

/// Whether the name of the dialect's refusal stands anywhere in a body: then it is parsed to be sure.
fn may_refuse(dom: &Dialect, body: &[u8]) -> bool {
    let names = find::refusal(dom).into_iter().flat_map(Message::root_names);
    names.into_iter().any(|name| memmem::find(body, name.as_bytes()).is_some())
}

const fn is_success(status: u16) -> bool {
    status >= 200 && status < 300
}

/// What went wrong, by what came; nothing where the DOM's own words can be read.
fn fault(looked: Looked, outcome: Outcome) -> Option<Fault> {
    let Looked { kind, status, broken, codes, .. } = looked;
    let is_said = matches!(outcome, Outcome::Refused | Outcome::NotFound | Outcome::Duplicate);
    if kind == BodyKind::Errors && is_said {
        return None;
    }
    let (code, message) = match outcome {
        Outcome::Unauthenticated if is_success(status) || kind == BodyKind::Errors && status != 401 => {
            (codes::DOM_UNAUTHORIZED, "the DOM says the call came without a valid login".to_owned())
        }
        Outcome::Unauthenticated => {
            (codes::DOM_UNAUTHORIZED, format!("the DOM refused the gateway's credentials (HTTP {status})"))
        }
        Outcome::Overloaded if is_success(status) => {
            (codes::DOM_OVERLOADED, "the DOM has too much to do".to_owned())
        }
        Outcome::Overloaded => (codes::DOM_OVERLOADED, format!("the DOM has too much to do (HTTP {status})")),
        _ => match broken {
            Some(broken) => return Some(broken),
            None => what_came(status, kind),
        },
    };
    Some(Fault { dom_code: codes.into_iter().next(), ..Fault::dom(code, message) })
}

/// What came instead of an answer.
fn what_came(status: u16, kind: BodyKind) -> (Code, String) {
    match (status, kind) {
        (429 | 503, _) => (codes::DOM_OVERLOADED, format!("the DOM has too much to do (HTTP {status})")),
        (404, _) => {
            let text = "the DOM knows nothing at this address (HTTP 404): check `url` of this DOM";
            (codes::DOM_STATUS, text.to_owned())
        }
        (_, BodyKind::Errors) => {
            (codes::DOM_REFUSED, "the DOM answered with an error that is not its last word".to_owned())
        }
        _ if !is_success(status) => (codes::DOM_STATUS, format!("the DOM answered with HTTP {status}")),
        (_, BodyKind::Empty) => {
            (codes::DOM_EMPTY, "the DOM's answer is empty, expected an XML document".to_owned())
        }
        (_, BodyKind::Html) => {
            let text = "the DOM's answer is an HTML page, expected an XML document";
            (codes::DOM_NOT_XML, text.to_owned())
        }
        (_, BodyKind::Other) => (codes::DOM_NOT_XML, "the DOM's answer is no XML document".to_owned()),
        (_, BodyKind::Xml) => {
            let text = "the DOM's answer is one that its outcome rules do not take for an answer";
            (codes::DOM_UNEXPECTED, text.to_owned())
        }
    }
}

/// Adds the status that says no, and how long to stay away.
fn with_what_came(fault: Fault, status: u16, pause: Option<Duration>) -> Fault {
    let fault = if is_success(status) { fault } else { fault.dom_status(status) };
    match pause.filter(|_| fault.repeat != Repeat::Useless) {
        Some(pause) => fault.retry_after(pause),
        None => fault,
    }
}

/// Adds what the outcome says of repetition; `reached`: the DOM looked at it, whatever the outcome.
fn weigh(fault: Fault, outcome: Outcome, reached: bool) -> Fault {
    match outcome {
        Outcome::Done => fault,
        Outcome::Refused | Outcome::NotFound | Outcome::Duplicate | Outcome::Unauthenticated => {
            fault.reached(Reached::No).repeat(Repeat::Useless)
        }
        Outcome::Retryable | Outcome::Overloaded => {
            fault.reached(if reached { Reached::Yes } else { Reached::No }).repeat(Repeat::Safe)
        }
        Outcome::Ambiguous => fault.reached(Reached::Maybe).repeat(Repeat::AfterCheck),
    }
}

/// Whether a body ends with the end tag of what seems to be its root element: then it is whole, if it is anything. What
/// does not has to be parsed to be sure.
pub(crate) fn ends_as_it_begins(body: &[u8]) -> bool {
    let mut tags = body.split(|byte| *byte == b'<').skip(1);
    let Some(root) = tags.find(|tag| !tag.starts_with(b"?") && !tag.starts_with(b"!")) else { return false };
    let name = root.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')).next();
    let end = body.trim_ascii_end().strip_suffix(b">").map(<[u8]>::trim_ascii_end);
    end.zip(name).is_some_and(|(end, name)| end.strip_suffix(name).is_some_and(|end| end.ends_with(b"</")))
}

#[cfg(test)]
mod tests {
    use super::ends_as_it_begins;

    #[test]
    fn a_document_that_ends_with_its_roots_end_tag_needs_no_second_look() {
        for (body, whole) in [
            ("<Order></Order>", true),
            ("<?xml version='1.0'?>\n<!-- a -->\n<Order A='1'>\n<Line/>\n</Order >\n", true),
            ("<o:Order xmlns:o='urn:o'><Line/></o:Order>", true),
            // Whole, but not to be told from a document that was cut behind a tag.
            ("<!-- <a> --><Order></Order>", false),
            ("<Order/>", false),
            ("<Order></Order><!-- end -->", false),
            ("<Order><Line/>", false),
            ("<Order><Line></Line>", false),
            ("<Order><ReOrder></ReOrder>", false),
            ("<Order><Line", false),
            ("<?xml version='1.0'?>", false),
            ("", false),
        ] {
            assert_eq!(ends_as_it_begins(body.as_bytes()), whole, "{body}");
        }
    }
}
