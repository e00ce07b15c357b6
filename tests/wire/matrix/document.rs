//! The matrix as people read it: gateway/FAULTS.md, written from the rules that the cells are held to.

use std::fmt::Write as _;
use std::path::Path;

use super::expected::{self, Expected, Lasting, Said};
use super::fault::{Fault, faults};
use super::operation::{self, Kind, Operation, Setting};

const HEAD: &str = "# Faults

What becomes of a call when something goes wrong at the DOM or on the way to it, for every operation and whatever the store
does meanwhile. Written from the data of `tests/wire/matrix`, whose tests run every cell over real sockets: the real gateway
between callers and a simulated DOM. `UPDATE_FIXTURES=1 cargo test --test wire the_document_of_faults` writes it anew.

Each row is a fault.

* **one request**: only the first request to the DOM meets with it. **all requests**: all do, of whatever operation, until the
  store was answered. **the same once more**: what the store is answered when it then sends the same document again and all is
  well.
* **the store hangs up**: while the DOM is at work on the request that meets with the fault; what the log says of the call.
* **the store sends it twice**: the same document once more while the first is under way.

`answer` is what was asked for; `in-band` is the store's answer document with the reason why not; `fault` is a SOAP fault. Code,
whose fault it is, whether the DOM may have acted and whether to send it again stand in the words of [CODES.md](CODES.md). The
number is that of the requests the DOM got.

Where the DOM said when to come back, and while an order is being verified, the answer says it too (`Retry-After`).

Of every cell the tests also hold: there are never two orders and never two reservations; a question changes nothing at the DOM;
every call is answered or, if its caller has gone, logged; headers, fault detail and log say the same; none of them holds
anything personal; and in the end, when the store has sent its document once more, what was asked for is done, once.
";

const QUESTIONS: &str = "It is asked again when that may help. A store that hangs up ends it.";
const LOCAL: &str =
    "The DOM is not asked: whatever goes wrong there, the store is answered, also a second time.";
const REMEMBERED: &str = "With a `[[cache.rule]]` whose `on_error_secs` the answer is not older than: the store is answered whatever \
the DOM does, so that its connector goes on asking.";
const LOOKED_FOR: &str = "With `look_first = \"always\"` the DOM is asked before anything is sent; while it cannot be asked, nothing \
is.";
const RESERVE: &str = "A DOM adds a second reservation to the first and has no way to look one up. Whatever may be held is given back \
before the stock is reserved again; while it cannot be given back, the store hears that nobody knows (`GW-4031`), and it is \
given back afterwards: by the next call for the order, or by the gateway itself. What nobody heard is reserved is given back too \
(`GW-4032`).";
const CANCEL: &str = "What is given back cannot be given back again: it is sent again as a question is.";
const PUSHES: &str = "Here the faults are the store's, and it is the DOM that waits, hangs up or sends twice. An event is \
acknowledged (`answer`) when the store took it; else the DOM is told so in its own words (`Errors`), with a status by which it \
sends again.";
const TRANSFER: &str = "An order is never sent again before the DOM was asked whether it has it. Found, it is acknowledged as if \
nothing had happened; not found in two looks, it is sent once more. While the DOM cannot be asked, the answer leaves the order \
pending (`GW-4021`), and the next transfer begins with the same question.";

/// The whole document.
fn document() -> String {
    let mut text = HEAD.to_owned();
    let questions =
        [operation::availability(), operation::check(), operation::history(), operation::details()];
    section(&mut text, &questions, QUESTIONS);
    section(&mut text, &[operation::remembered()], REMEMBERED);
    section(&mut text, &[operation::transfer()], TRANSFER);
    section(&mut text, &[operation::transfer_looked_for()], LOOKED_FOR);
    section(&mut text, &[operation::reserve()], RESERVE);
    section(&mut text, &[operation::cancel_reservation()], CANCEL);
    section(&mut text, &[operation::decrement()], LOCAL);
    let pushes = [operation::order_sync(), operation::order_created(), operation::availability_sync()];
    section(&mut text, &pushes, PUSHES);
    text
}

/// Operations of which the same is expected.
fn section(text: &mut String, operations: &[Operation], about: &str) {
    let title = |operation: &Operation| {
        let setting = match operation.setting {
            Setting::Usual => "",
            Setting::Remembered => ", remembered",
            Setting::TakesTwice => ", to a DOM that takes a number twice",
        };
        format!("`{}`{setting}", operation.name)
    };
    let names: Vec<_> = operations.iter().map(title).collect();
    let Some(operation) = operations.first() else { return };
    write!(text, "\n## {}\n\n{about}\n", names.join(", ")).unwrap();
    if operation.kind == Kind::Local {
        return;
    }
    text.push_str("\n| fault | one request | the same once more | all requests | the same once more | ");
    text.push_str(
        "the store hangs up | the store sends it twice |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut rows: Vec<(Vec<&str>, [String; 6])> = Vec::new();
    let is_one = |fault: &Fault| expected::waiting(operation, fault, Lasting::AllTheTime).is_some();
    for fault in faults().into_iter().filter(is_one) {
        let row = row(operation, &fault);
        match rows.iter_mut().find(|(_, known)| *known == row) {
            Some((names, _)) => names.push(fault.name),
            None => rows.push((vec![fault.name], row)),
        }
    }
    for (names, row) in rows {
        writeln!(text, "| {} | {} |", names.join("; "), row.join(" | ")).unwrap();
    }
}

fn row(operation: &Operation, fault: &Fault) -> [String; 6] {
    let waiting = |lasting| expected::waiting(operation, fault, lasting);
    let shown = |expected: Option<Expected>| expected.map_or_else(|| "-".to_owned(), |it| in_words(&it));
    let again =
        |before: Option<Expected>| shown(before.map(|before| expected::again(operation, fault, before)));
    let (once, all) = (waiting(Lasting::Once), waiting(Lasting::AllTheTime));
    // Where nothing can be had for one request, nothing can be held either.
    let left = match once {
        Some(once) => expected::left(operation, once, Lasting::Once),
        None => expected::left(operation, all.unwrap(), Lasting::AllTheTime),
    };
    let [first, second] = expected::twice(operation, fault);
    let twice = match operation.kind {
        Kind::Read | Kind::Push => format!("{}, {}", in_words(&first), in_words(&second)),
        _ => format!("both: {}", in_words(&first)),
    };
    [shown(once), again(once), shown(all), again(all), fate(left), twice]
}

fn in_words(expected: &Expected) -> String {
    let said = match expected.said {
        Said::Answer => "answer".to_owned(),
        Said::InBand(it) => format!("in-band {}", fate(it)),
        Said::Fault(it) => format!("fault {}", fate(it)),
    };
    match expected.requests {
        (least, most) if least == most => format!("{said}; {most}"),
        (least, most) => format!("{said}; {least} to {most}"),
    }
}

fn fate([code, origin, reached, repeat]: expected::Fate) -> String {
    match [code, reached] {
        ["", _] => "answered".to_owned(),
        [_, ""] => format!("{code} {origin}"),
        _ => format!("{code} {origin}, {reached}, {repeat}"),
    }
}

#[test]
fn the_document_of_faults_is_what_the_matrix_holds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("gateway/FAULTS.md");
    let said = document();
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&path, &said).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == said,
        "gateway/FAULTS.md is behind: run this test with UPDATE_FIXTURES=1 and look at the change"
    );
}
