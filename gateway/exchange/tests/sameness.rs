//! Whether two documents say the same: a document that is sent again does, however it is written; any change does not.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::fs;
use std::path::Path;

use gateway_exchange::{Answer, Basis, Ends, Interpreter, Question, Reply};
use gateway_model::Origin;
use gateway_operation::frame::Stamp;
use gateway_wire::{Tree, soap};

#[path = "support/shipped.rs"]
mod shipped;

const EXCHANGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/exchanges");

/// Exchanges whose answer the DOM has a part in.
const WRITES: [&str; 3] = [
    "transfer/ship-pickup-and-promotion",
    "reserve/partly-reserved",
    "cancel_reservation/split-items-without-the-unallocated",
];

fn fixture(case: &str, file: &str) -> String {
    fs::read_to_string(Path::new(EXCHANGES).join(case).join(file)).unwrap()
}

fn question<'t>(interpreter: &'t Interpreter, tree: &'t Tree<'t>) -> Question<'t> {
    let (store, _) = interpreter.only_dialects().unwrap();
    let payload = soap::open(tree).unwrap().payload;
    interpreter.read_question(store, (tree, payload), Origin::Store).unwrap()
}

/// What a document is about, and the print of what it says.
fn identity(interpreter: &Interpreter, document: &str) -> (String, u128) {
    let tree = interpreter.parse(document).unwrap();
    let question = question(interpreter, &tree);
    (question.order_id(interpreter).unwrap().to_owned(), question.print(interpreter))
}

/// The text of the first element of this name.
fn text<'d>(document: &'d str, element: &str) -> &'d str {
    let (_, rest) = document.split_once(&format!("{element}>")).unwrap();
    rest.split_once('<').unwrap().0
}

/// The document with another text in the first element of this name.
fn with(document: &str, element: &str, other: &str) -> String {
    document.replacen(&format!("{element}>{}<", text(document, element)), &format!("{element}>{other}<"), 1)
}

#[test]
fn a_document_that_is_written_again_says_the_same() {
    let interpreter = shipped::interpreter();
    for case in WRITES {
        let document = fixture(case, "store-request.xml");
        let said = identity(&interpreter, &document);
        let anew = with(&document, "BODID", "another");
        let anew = with(&anew, "CreationDateTime", "2026-07-20T09:00:02Z");
        let indented = document.replace('\n', "\n   ");
        for (name, other) in [("written anew", anew), ("indented", indented)] {
            assert_ne!(other, document, "{case}: {name}");
            assert_eq!(identity(&interpreter, &other), said, "{case}: {name}");
        }
    }
}

#[test]
fn a_document_that_says_anything_else_is_another_one() {
    let interpreter = shipped::interpreter();
    for case in WRITES {
        let document = fixture(case, "store-request.xml");
        let (order, print) = identity(&interpreter, &document);
        let item = document.find("PartNumber").map_or("UniqueID", |_| "PartNumber");
        let (other, changed) = identity(&interpreter, &with(&document, item, "OTHER-1"));
        assert!(other != order || changed != print, "{case}");
        let (start, end) = document.split_once("OrderItemIdentifier").unwrap();
        let renamed = format!("{start}OrderItemIdentifier{}", with(end, "UniqueID", "99999"));
        let (same, changed) = identity(&interpreter, &renamed);
        assert!(same == order && changed != print, "{case}");
    }
}

#[test]
fn an_answer_made_of_what_another_one_was_made_of_differs_by_its_areas_only() {
    let interpreter = shipped::interpreter();
    let (store, dom) = interpreter.only_dialects().unwrap();
    let ends = Ends { store, dom, variant: None };
    let stamp = |id: &'static str| Stamp { sent_at: "2026-07-15T12:00:00Z".parse().unwrap(), message_id: id };
    for case in WRITES {
        let document = fixture(case, "store-request.xml");
        let body = fixture(case, "dom-answer.xml").into_bytes();
        let reply = Reply { status: 200, body, ..Reply::default() };
        let tree = interpreter.parse(&document).unwrap();
        let mut first = question(&interpreter, &tree);
        let plan = interpreter.plan(&mut first, dom, None).unwrap();
        let replies = vec![reply; plan.calls.len()];
        let told = interpreter.answer((&first, &plan), ends, &replies, stamp("id-1")).unwrap();
        assert!(matches!(&told.basis, Basis::Replies(kept) if kept.len() == replies.len()), "{case}");

        let id = text(&document, "BODID");
        let again = with(&document, "BODID", "sent-again");
        let tree = interpreter.parse(&again).unwrap();
        let mut second = question(&interpreter, &tree);
        let alike: Answer = interpreter.answer_alike(&mut second, ends, &told.basis, stamp("id-2")).unwrap();
        let expected = String::from_utf8(told.document).unwrap();
        let expected = expected.replace("id-1", "id-2").replace(&format!(">{id}<"), ">sent-again<");
        assert_eq!(String::from_utf8(alike.document).unwrap(), expected, "{case}");
        assert_eq!((alike.held, alike.refused), (told.held, told.refused), "{case}");
    }
}
