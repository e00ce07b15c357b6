//! The frame of a BOD: which elements stand around the nouns, and where a noun begins and ends.

use gateway_model::codes::{self, Code};
use quick_xml::events::BytesStart;

/// What stands around the nouns, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// From the first tag to the end of the verb, without what belongs to a SOAP header.
    head: String,
    /// The frame's elements that are open: names as they were written.
    open: Vec<String>,
    /// The frame's end tags, once its elements have begun.
    tail: Vec<String>,
    /// The root's local name, which is the verb's and the noun's together.
    root: Option<String>,
    /// Elements open inside one that is taken or passed over as a whole.
    inside: Vec<String>,
    kind: Inside,
    in_data_area: bool,
    seen_data_area: bool,
    seen_noun: bool,
    ended: bool,
}

/// What is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Inside {
    /// The frame itself.
    #[default]
    Nothing,
    /// Something of the head.
    Head,
    /// A noun.
    Noun,
    /// Something that no piece has.
    Passed,
}

/// What a tag or text was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Inside,
    NounBegins,
}

/// Why the frame does not fit.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) expected: &'static str,
}

// === impl Frame ===

impl Frame {
    /// A tag begins an element; `closed`: it ends it as well.
    pub(super) fn start(
        &mut self,
        tag: &BytesStart<'_>,
        closed: bool,
        nouns: &mut String,
    ) -> Result<Step, Misfit> {
        let written = utf8(tag)?;
        let name = written.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
        if self.kind != Inside::Nothing {
            self.put(["<", written, if closed { "/>" } else { ">" }], nouns);
            if !closed {
                self.inside.push(name.to_owned());
            }
            return Ok(Step::Inside);
        }
        if self.ended {
            return Err(misfit("an element after the root element", "the end of the document"));
        }
        let local = name.rsplit(':').next().unwrap_or_default();
        let (kind, step) = self.kind_of(local);
        if kind == Inside::Nothing {
            return self.open(written, name, local, closed);
        }
        self.kind = kind;
        self.put(["<", written, if closed { "/>" } else { ">" }], nouns);
        if closed {
            self.kind = Inside::Nothing;
        } else {
            self.inside.push(name.to_owned());
        }
        Ok(step)
    }

    /// An element of the frame.
    fn open(&mut self, written: &str, name: &str, local: &str, closed: bool) -> Result<Step, Misfit> {
        if closed {
            return Err(misfit("a data area without content", "a verb and nouns"));
        }
        let is_wrapping = self.root.is_none() && matches!(local, "Envelope" | "Body");
        if self.root.is_some() {
            self.in_data_area = true;
            self.seen_data_area = true;
        } else if !is_wrapping {
            self.root = Some(local.to_owned());
        }
        self.head.push('<');
        self.head.push_str(written);
        self.head.push('>');
        self.open.push(name.to_owned());
        self.tail.push(format!("</{name}>"));
        Ok(Step::Inside)
    }

    /// What an element of the frame's innermost is.
    fn kind_of(&self, local: &str) -> (Inside, Step) {
        let Some(root) = &self.root else {
            // A SOAP header is for whoever takes the envelope.
            let kind = if local == "Header" { Inside::Passed } else { Inside::Nothing };
            return (kind, Step::Inside);
        };
        if !self.in_data_area {
            let kind = match local {
                "DataArea" => Inside::Nothing,
                _ if self.seen_noun => Inside::Passed,
                _ => Inside::Head,
            };
            return (kind, Step::Inside);
        }
        if root.len() > local.len() && root.ends_with(local) {
            return (Inside::Noun, Step::NounBegins);
        }
        (if self.seen_noun { Inside::Passed } else { Inside::Head }, Step::Inside)
    }

    /// The innermost element ends. That its name fits has been checked.
    pub(super) fn end(&mut self, nouns: &mut String) -> Result<Step, Misfit> {
        if let Some(name) = self.inside.pop() {
            self.put(["</", &name, ">"], nouns);
            if self.inside.is_empty() {
                self.seen_noun |= self.kind == Inside::Noun;
                self.kind = Inside::Nothing;
            }
            return Ok(Step::Inside);
        }
        self.open.pop();
        self.in_data_area = false;
        self.ended = self.open.is_empty();
        Ok(Step::Inside)
    }

    /// Text, in the frame only white space.
    pub(super) fn text(
        &mut self,
        [before, after]: [&str; 2],
        text: &[u8],
        nouns: &mut String,
    ) -> Result<Step, Misfit> {
        let text = utf8(text)?;
        if self.kind != Inside::Nothing {
            self.put([before, text, after], nouns);
            return Ok(Step::Inside);
        }
        let is_mark = self.head.is_empty() && text.trim_start_matches('\u{feff}').trim().is_empty();
        if before.is_empty() && (text.trim().is_empty() || is_mark) {
            return Ok(Step::Inside);
        }
        Err(misfit("text between the elements of the frame", "an element"))
    }

    fn put(&mut self, pieces: [&str; 3], nouns: &mut String) {
        let to = match self.kind {
            Inside::Noun => nouns,
            Inside::Head => &mut self.head,
            Inside::Nothing | Inside::Passed => return,
        };
        pieces.iter().for_each(|piece| to.push_str(piece));
    }

    /// A whole document with these nouns.
    pub(super) fn around(&self, nouns: &str) -> String {
        let mut document = String::with_capacity(self.head.len() + nouns.len() + 256);
        document.push_str(&self.head);
        document.push_str(nouns);
        self.tail.iter().rev().for_each(|tag| document.push_str(tag));
        document
    }

    /// Whether no noun is begun.
    pub(super) fn is_between_nouns(&self) -> bool {
        self.kind == Inside::Nothing
    }

    /// Whether the document may end here.
    pub(super) const fn is_whole(&self) -> bool {
        self.ended
    }

    /// Whether it was a BOD.
    pub(super) const fn has_data_area(&self) -> bool {
        self.seen_data_area
    }

    /// What has to come before the document may end.
    pub(super) fn expected_end(&self) -> String {
        let open = self.inside.last().or(self.open.last());
        open.map_or_else(|| "an element".to_owned(), |name| format!("`</{name}>`"))
    }

    pub(super) fn depth(&self) -> usize {
        self.open.len() + self.inside.len()
    }

    pub(super) fn head_bytes(&self) -> usize {
        self.head.len()
    }
}

fn misfit(message: &str, expected: &'static str) -> Misfit {
    Misfit { code: codes::MALFORMED_XML, message: message.to_owned(), expected }
}

fn utf8(bytes: &[u8]) -> Result<&str, Misfit> {
    std::str::from_utf8(bytes).map_err(|_| Misfit {
        code: codes::BAD_ENCODING,
        message: "the bytes are not text in UTF-8".to_owned(),
        expected: "UTF-8, or an XML declaration that names the encoding",
    })
}
