//! Fixtures: documents that belong together, held against what the exchange makes of them.
//!
//! A message's case is a document and its record; an exchange's case is the store's request, what the DOM is asked, what
//! it answers and what the store is told. The texts are given by the caller; whoever keeps them in files reads them.

mod looks;
mod outcomes;

pub use looks::LookCase;
pub use outcomes::OutcomeCase;

use gateway_mapping::{Context, Dialect, Message, Side, json};
use gateway_model::{Fault, Origin, codes};
use gateway_operation::frame::Stamp;
use gateway_wire::{NodeId, Tree, soap};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{Interpreter, Reply};

/// The identity every document of a fixture is given.
pub const MESSAGE_ID: &str = "00000000-0000-0000-0000-000000000000";

/// A document and what it means.
#[derive(Debug, Clone, Copy)]
pub struct MessageCase<'c> {
    /// The document.
    pub document: &'c str,
    /// Its record, as JSON.
    pub record: &'c str,
    /// It is only read: writing the record gives another document, on purpose.
    pub only_read: bool,
    /// It is only written: reading the document gives another record, on purpose.
    pub only_write: bool,
    /// The zone of times that have none.
    pub zone: &'c TimeZone,
}

/// The documents of one exchange. What the exchange does not have is `None`.
#[derive(Debug, Clone, Default)]
pub struct ExchangeCase {
    /// What the store asks; for a push, what the store is told.
    pub store_request: Option<String>,
    /// What the DOM is asked.
    pub dom_request: Option<String>,
    /// What the DOM answers; for a push, what the DOM is answered.
    pub dom_answer: Option<String>,
    /// What the store is answered; for a push, what the store answers.
    pub store_answer: Option<String>,
    /// For a push: what the DOM tells.
    pub dom_event: Option<String>,
    /// The instant it happens at.
    pub now: Option<Timestamp>,
}

/// The documents of an exchange that went line by line.
struct ByLines {
    /// What the DOM is asked.
    asked: Vec<u8>,
    /// What the store is answered.
    answered: Vec<u8>,
}

// === impl Interpreter ===

impl Interpreter {
    /// Every way in which a message's case does not hold, as texts for a person.
    #[must_use]
    pub fn check_message(&self, dialect: &Dialect, message: &Message, case: MessageCase<'_>) -> Vec<String> {
        let mut faults = Vec::new();
        let vocabulary = self.mappings().vocabulary();
        let expected = match serde_json::from_str(case.record) {
            Ok(expected) => expected,
            Err(error) => return vec![format!("the record is no JSON: {error}")],
        };
        let record = match json::from_json(&expected, message.record, vocabulary) {
            Ok(record) => record,
            Err(fault) => return vec![format!("the record does not fit the vocabulary: {fault}")],
        };
        let organization = dialect.organization(&record).map(std::borrow::Cow::into_owned);
        let context = Context { organization: organization.as_deref(), zone: case.zone };
        if !case.only_write {
            match self.read_case(message, case.document, &context) {
                Ok(found) if found == expected => {}
                Ok(found) => faults.push(format!("read, it is {found:#}\nexpected {expected:#}")),
                Err(fault) => faults.push(format!("it cannot be read: {fault}")),
            }
        }
        if !case.only_read {
            let mut written = Vec::new();
            match message.write(&record, &context, &mut written) {
                Ok(()) => faults.extend(self.compare("the document written", case.document, &written)),
                Err(fault) => faults.push(format!("it cannot be written: {fault}")),
            }
        }
        faults
    }

    /// Every way in which an exchange's case does not hold, as texts for a person.
    #[must_use]
    pub fn check_exchange(&self, store: &Dialect, dom: &Dialect, case: &ExchangeCase) -> Vec<String> {
        let Some(now) = case.now else { return vec!["the case has no instant".to_owned()] };
        let stamp = Stamp { sent_at: now, message_id: MESSAGE_ID };
        let mut faults = Vec::new();
        let mut expect = |what: &str, expected: Option<&String>, found: Result<Vec<Vec<u8>>, Fault>| match (
            expected, found,
        ) {
            (Some(expected), Ok(found)) => match found.as_slice() {
                [one] => faults.extend(self.compare(what, expected, one)),
                many => faults.push(format!("{what}: expected one document, found {}", many.len())),
            },
            (None, Ok(found)) if !found.is_empty() => {
                faults.push(format!(
                    "{what}: expected no document, found {}",
                    String::from_utf8_lossy(&found.concat())
                ));
            }
            (None, Ok(_)) => {}
            (_, Err(fault)) => faults.push(format!("{what}: {fault}")),
        };
        if let Some(event) = &case.dom_event {
            let told = self.translate_text((dom, store), event, None, stamp);
            expect("what the store is told", case.store_request.as_ref(), told);
            if let Some(answer) = &case.store_answer {
                let answered = self.translate_text((store, dom), answer, None, stamp);
                expect("what the DOM is answered", case.dom_answer.as_ref(), answered);
            }
            return faults;
        }
        let Some(request) = &case.store_request else { return vec!["the case has no request".to_owned()] };
        let sent = self.translate_text((store, dom), request, None, stamp);
        match &case.dom_answer {
            Some(answer) => {
                expect("what the DOM is asked", case.dom_request.as_ref(), sent);
                let answered = self.translate_text((dom, store), answer, Some(request), stamp);
                expect("what the store is answered", case.store_answer.as_ref(), answered);
            }
            // Answered without the DOM: what comes out is for the store, and so is the refusal of what is not sent.
            None if case.dom_request.is_none() => {
                let told = sent.or_else(|fault| self.refused_unsent(store, request, fault, stamp));
                expect("what the store is answered", case.store_answer.as_ref(), told);
            }
            None => expect("what the DOM is asked", case.dom_request.as_ref(), sent),
        }
        match self.by_lines((store, dom), case, stamp) {
            Ok(Some(ByLines { asked, answered })) => {
                expect("line by line, what the DOM is asked", case.dom_request.as_ref(), Ok(vec![asked]));
                expect(
                    "line by line, what the store is answered",
                    case.store_answer.as_ref(),
                    Ok(vec![answered]),
                );
            }
            Ok(None) => {}
            Err(fault) => faults.push(format!("line by line: {fault}")),
        }
        faults
    }

    /// The document by which a store is told that its question was not sent on.
    fn refused_unsent(
        &self,
        store: &Dialect,
        request: &str,
        fault: Fault,
        stamp: Stamp<'_>,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        let refused = |refusal: gateway_wire::Refusal| refusal.into_fault(Origin::Store);
        let tree = self.parse(request).map_err(refused)?;
        let payload = soap::open(&tree).map_err(refused)?.payload;
        let Ok(question) = self.read_question(store, (&tree, payload), Origin::Store) else {
            return Err(fault);
        };
        let asked = (question.operation, &question.record);
        Ok(vec![self.refuse(asked, store, &fault, stamp)?])
    }

    /// The same exchange line by line, as it goes where stock is remembered: what the DOM is asked and the store is
    /// answered; `None` if it goes as a whole.
    fn by_lines(
        &self,
        (store, dom): (&Dialect, &Dialect),
        case: &ExchangeCase,
        stamp: Stamp<'_>,
    ) -> Result<Option<ByLines>, Fault> {
        let (Some(request), Some(answer)) = (&case.store_request, &case.dom_answer) else { return Ok(None) };
        let refused = |refusal: gateway_wire::Refusal| refusal.into_fault(Origin::Store);
        let tree = self.parse(request).map_err(refused)?;
        let payload = soap::open(&tree).map_err(refused)?.payload;
        let mut question =
            self.read_question(store, (&tree, payload), Origin::Store).map_err(|unread| unread.fault)?;
        let Some(inquiry) = self.inquire(&mut question)? else { return Ok(None) };
        let (Some(id), Some(lines)) = (question.store(self), self.inquired(&inquiry, &question)) else {
            return Ok(None);
        };
        let (asked, _) = self.ask_stock((id, &lines), (dom, None))?;
        let reply = Reply { status: 200, body: answer.clone().into_bytes(), ..Reply::default() };
        match self.read_stock((id, &lines), (dom, None), &reply, stamp) {
            Ok(findings) => {
                let answer = self.answer_inquiry((&question, &inquiry), findings, store, stamp)?;
                Ok(Some(ByLines { asked: asked.document, answered: answer.document }))
            }
            Err(fault) if fault.code == codes::DOM_REFUSED => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// The dialects of a folder of exchanges: the only store's and the only DOM's there are, or `None`.
    #[must_use]
    pub fn only_dialects(&self) -> Option<(&Dialect, &Dialect)> {
        let only = |side| {
            let mut found = self.mappings().dialects().filter(|dialect| dialect.side == side);
            found.next().filter(|_| found.next().is_none())
        };
        only(Side::Store).zip(only(Side::Dom))
    }

    fn read_case(
        &self,
        message: &Message,
        document: &str,
        context: &Context<'_>,
    ) -> Result<serde_json::Value, Fault> {
        let tree = self.parse(document).map_err(|refusal| refusal.into_fault(Origin::Store))?;
        let reading =
            message.read(&tree, tree.root(), context).map_err(|fault| fault.into_fault(Origin::Store))?;
        Ok(json::to_json(&reading.record, self.mappings().vocabulary(), json::Show::Plain))
    }

    fn translate_text(
        &self,
        languages: (&Dialect, &Dialect),
        document: &str,
        request: Option<&str>,
        stamp: Stamp<'_>,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        let refused = |refusal: gateway_wire::Refusal| refusal.into_fault(Origin::Store);
        let tree = self.parse(document).map_err(refused)?;
        let payload = soap::open(&tree).map_err(refused)?.payload;
        let request = request.map(|text| self.parse(text)).transpose().map_err(refused)?;
        let asked = match &request {
            Some(tree) => Some((tree, soap::open(tree).map_err(refused)?.payload)),
            None => None,
        };
        Ok(self.translate(languages, (&tree, payload), asked, stamp)?.documents)
    }

    /// Where a document written is another than the one expected; white space between elements and the order of
    /// attributes do not count.
    fn compare(&self, what: &str, expected: &str, found: &[u8]) -> Option<String> {
        let found = String::from_utf8_lossy(found);
        let trees = self.parse(expected).and_then(|expected| Ok((expected, self.parse(&found)?)));
        let difference = match trees {
            Ok((expected, found)) => difference((&expected, expected.root()), (&found, found.root()))?,
            Err(refusal) => refusal.to_string(),
        };
        Some(format!("{what}: {difference}\nfound {found}"))
    }
}

/// The first difference of two elements, in document order.
fn difference(expected: (&Tree<'_>, NodeId), found: (&Tree<'_>, NodeId)) -> Option<String> {
    let ((tree, node), (other, twin)) = (expected, found);
    let name = |tree: &Tree<'_>, node| format!("{{{}}}{}", tree.namespace(node), tree.local_name(node));
    let (expected_name, found_name) = (name(tree, node), name(other, twin));
    let at = tree.path(node);
    if expected_name != found_name {
        return Some(format!("at {at}: expected `{expected_name}`, found `{found_name}`"));
    }
    let (expected_text, found_text) = (tree.text(node), other.text(twin));
    if expected_text.trim() != found_text.trim() {
        return Some(format!("at {at}: expected the text `{expected_text}`, found `{found_text}`"));
    }
    if attributes(tree, node) != attributes(other, twin) {
        let (expected, found) = (attributes(tree, node), attributes(other, twin));
        return Some(format!("at {at}: expected the attributes {expected:?}, found {found:?}"));
    }
    let mut twins = other.children(twin);
    for child in tree.children(node) {
        match twins.next() {
            Some(twin) => {
                if let Some(text) = difference((tree, child), (other, twin)) {
                    return Some(text);
                }
            }
            None => return Some(format!("at {at}: `{}` is missing", name(tree, child))),
        }
    }
    twins.next().map(|more| format!("at {at}: `{}` is too much", name(other, more)))
}

fn attributes(tree: &Tree<'_>, node: NodeId) -> Vec<(String, String)> {
    let mut all: Vec<_> = tree
        .attributes(node)
        .iter()
        .map(|attribute| {
            let (namespace, local) = tree.attribute_name(attribute);
            (format!("{{{namespace}}}{local}"), attribute.value.to_string())
        })
        .collect();
    all.sort();
    all
}
