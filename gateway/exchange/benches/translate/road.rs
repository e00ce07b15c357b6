//! The road a document takes through the gateway, without the sockets at its ends.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use gateway_exchange::{Ends, Interpreter, Plan, Question, Reply};
use gateway_mapping::{Dialect, Side, Source};
use gateway_model::Origin;
use gateway_operation::frame::Stamp;
use gateway_wire::{Limits, Tree, soap};
use jiff::tz::TimeZone;
use quick_xml::events::Event;

use crate::documents::{Kind, Row};

/// What every translation works with.
pub(crate) struct Bench {
    interpreter: Interpreter,
}

/// A row made ready: an answer's question has been read.
pub(crate) struct Case<'b> {
    bench: &'b Bench,
    row: &'b Row,
    asked: Option<(Question<'b>, Plan<'b>)>,
    replies: Vec<Reply>,
}

// === impl Bench ===

impl Bench {
    pub(crate) fn load() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mappings");
        let mut sources = Vec::new();
        collect(&root, &root, &mut sources);
        let mappings = gateway_mapping::load(&sources).mappings.unwrap();
        Self { interpreter: Interpreter::new(mappings, TimeZone::UTC, Limits::default()).unwrap() }
    }

    /// The tree of the question a row answers.
    pub(crate) fn request<'r>(&self, row: &'r Row) -> Option<Tree<'r>> {
        row.request.as_ref().map(|request| self.interpreter.parse(request).unwrap())
    }

    pub(crate) fn case<'b>(&'b self, row: &'b Row, request: Option<&'b Tree<'b>>) -> Case<'b> {
        let asked = request.map(|tree| {
            let payload = soap::open(tree).unwrap().payload;
            let question = self.interpreter.read_question(self.store(), (tree, payload), Origin::Store);
            let mut question = question.unwrap();
            let plan = self.interpreter.plan(&mut question, self.dom(), None).unwrap();
            (question, plan)
        });
        let replies = vec![Reply {
            status: 200,
            content_type: Some("text/xml; charset=UTF-8".to_owned()),
            body: row.document.clone().into_bytes(),
            ..Reply::default()
        }];
        Case { bench: self, row, asked, replies }
    }

    fn store(&self) -> &Dialect {
        self.interpreter.dialect("hcl-commerce", Side::Store).unwrap()
    }

    fn dom(&self) -> &Dialect {
        self.interpreter.dialect("sterling", Side::Dom).unwrap()
    }
}

fn collect(folder: &Path, root: &Path, sources: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, root, sources);
        } else if path
            .extension()
            .is_some_and(|ending| ["xml", "toml", "csv"].iter().any(|known| ending == *known))
        {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            sources.push(Source::new(name, fs::read_to_string(path).unwrap()));
        }
    }
}

// === impl Case ===

impl Case<'_> {
    /// The whole road; gives the bytes written.
    pub(crate) fn translate(&self) -> usize {
        match self.row.kind {
            Kind::Ask => self.ask(),
            Kind::Answer => self.answer(),
            Kind::Push => self.push(),
        }
    }

    /// The part of the road that makes the document a tree; gives its elements.
    pub(crate) fn parse(&self) -> usize {
        let text = self.bench.interpreter.decode(black_box(self.row.document.as_bytes()), None).unwrap();
        self.bench.interpreter.parse(&text).unwrap().len()
    }

    fn ask(&self) -> usize {
        let interpreter = &self.bench.interpreter;
        let text = interpreter.decode(black_box(self.row.document.as_bytes()), None).unwrap();
        let tree = interpreter.parse(&text).unwrap();
        let payload = soap::open(&tree).unwrap().payload;
        let mut question =
            interpreter.read_question(self.bench.store(), (&tree, payload), Origin::Store).unwrap();
        let plan = interpreter.plan(&mut question, self.bench.dom(), None).unwrap();
        plan.calls.iter().map(|call| call.document.len()).sum()
    }

    fn answer(&self) -> usize {
        let (question, plan) = self.asked.as_ref().unwrap();
        let ends = Ends { store: self.bench.store(), dom: self.bench.dom(), variant: None };
        let replies = black_box(&self.replies);
        let answer = self.bench.interpreter.answer((question, plan), ends, replies, stamp()).unwrap();
        assert!(answer.refused.is_none());
        answer.document.len()
    }

    fn push(&self) -> usize {
        let interpreter = &self.bench.interpreter;
        let text = interpreter.decode(black_box(self.row.document.as_bytes()), None).unwrap();
        let tree = interpreter.parse(&text).unwrap();
        let payload = soap::open(&tree).unwrap().payload;
        let told = interpreter.read_push(self.bench.dom(), [self.bench.store()], (&tree, payload)).unwrap();
        interpreter.deliver(&told, self.bench.store(), stamp()).unwrap().map_or(0, |document| document.len())
    }
}

fn stamp() -> Stamp<'static> {
    let sent_at = jiff::Timestamp::constant(1_784_116_800, 0);
    Stamp { sent_at, message_id: "00000000-0000-0000-0000-000000000000" }
}

/// All that quick-xml does by itself.
pub(crate) fn scan(document: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(document);
    let mut events = 0;
    while !matches!(black_box(reader.read_event().unwrap()), Event::Eof) {
        events += 1;
    }
    events
}
