//! The scan over well-formed text.

use std::ops::Range;

use super::{Characters, Declaration, MarkupAttribute, MarkupElement, QualifiedName};

/// Finds the elements of a text that `gateway_wire` took for well-formed. `None` if there is no element.
pub(crate) fn scan(text: &str) -> Option<MarkupElement> {
    let mut scan = Scan { text, at: usize::from(text.starts_with('\u{feff}')) * 3 };
    loop {
        match scan.next_piece()? {
            Piece::Start => return scan.element(&[]),
            Piece::Text(_) | Piece::Verbatim(_) | Piece::End => {}
        }
    }
}

struct Scan<'s> {
    text: &'s str,
    at: usize,
}

enum Piece {
    Text(Range<usize>),
    Verbatim(Range<usize>),
    Start,
    End,
}

// === impl Scan ===

impl<'s> Scan<'s> {
    /// The next piece of content; comments and instructions are passed over. `None` at the end of the text.
    fn next_piece(&mut self) -> Option<Piece> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            if rest.starts_with("<!--") {
                self.skip_past("-->");
            } else if rest.starts_with("<![CDATA[") {
                let start = self.at + "<![CDATA[".len();
                self.skip_past("]]>");
                return Some(Piece::Verbatim(start..self.at.saturating_sub("]]>".len())));
            } else if rest.starts_with("<?") {
                self.skip_past("?>");
            } else if rest.starts_with("</") {
                self.skip_past(">");
                return Some(Piece::End);
            } else if rest.starts_with('<') {
                return Some(Piece::Start);
            } else {
                let length = rest.find('<').unwrap_or(rest.len());
                let start = self.at;
                self.at += length;
                return Some(Piece::Text(start..self.at));
            }
        }
    }

    /// The element whose start tag begins here, with everything below it.
    fn element(&mut self, outer: &[Declaration]) -> Option<MarkupElement> {
        self.at += 1;
        let name = self.name();
        let mut raw = Vec::new();
        let empty = loop {
            self.skip_space();
            if self.rest().starts_with("/>") {
                self.at += 2;
                break true;
            }
            if self.rest().starts_with('>') {
                self.at += 1;
                break false;
            }
            raw.push(self.attribute()?);
        };
        let mut element = started(self.text, name, raw, outer)?;
        if !empty {
            self.content(&mut element)?;
        }
        Some(element)
    }

    fn content(&mut self, element: &mut MarkupElement) -> Option<()> {
        let scope = element.scope.clone();
        let mut pieces = Vec::new();
        loop {
            match self.next_piece()? {
                Piece::Text(range) => {
                    pieces.push(Characters::resolve(self.text.get(range.clone())?, range.start, false));
                }
                Piece::Verbatim(range) => {
                    pieces.push(Characters::verbatim(self.text.get(range.clone())?, range.start));
                }
                Piece::Start => element.children.push(self.element(&scope)?),
                Piece::End => break,
            }
        }
        for piece in pieces {
            if element.children.is_empty() || !piece.is_blank() {
                element.text.append(&piece);
            }
        }
        element.text = element.text.trimmed();
        Some(())
    }

    fn attribute(&mut self) -> Option<(Range<usize>, Range<usize>)> {
        let name = self.name();
        self.skip_space();
        self.at += 1; // the equals sign
        self.skip_space();
        let quote = self.rest().chars().next()?;
        let start = self.at + 1;
        let length = self.text.get(start..)?.find(quote)?;
        self.at = start + length + 1;
        Some((name, start..start + length))
    }

    fn name(&mut self) -> Range<usize> {
        let rest = self.rest();
        let length = rest.find(|letter: char| " \t\r\n=/>".contains(letter)).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        start..self.at
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_ascii_start().len();
    }

    fn skip_past(&mut self, mark: &str) {
        let rest = self.rest();
        self.at += rest.find(mark).map_or(rest.len(), |index| index + mark.len());
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

/// Tells declarations from attributes and resolves the names.
fn started(
    text: &str,
    name: Range<usize>,
    raw: Vec<(Range<usize>, Range<usize>)>,
    outer: &[Declaration],
) -> Option<MarkupElement> {
    let mut declares = Vec::new();
    let mut attributes = Vec::new();
    for (name, value) in raw {
        let written = text.get(name.clone())?;
        let characters = Characters::resolve(text.get(value.clone())?, value.start, true);
        let namespace = characters.as_str().to_owned();
        match written.strip_prefix("xmlns") {
            Some("") => declares.push(Declaration { prefix: String::new(), namespace }),
            Some(prefix) if prefix.starts_with(':') => {
                declares.push(Declaration { prefix: prefix.trim_start_matches(':').to_owned(), namespace });
            }
            _ => attributes.push((name, characters)),
        }
    }
    let mut scope = outer.to_vec();
    scope.extend(declares.iter().cloned());
    let mut element = MarkupElement {
        name: unresolved(text, name)?,
        declares,
        scope,
        attributes: Vec::new(),
        text: Characters::default(),
        children: Vec::new(),
    };
    element.name.namespace = element.namespace_of(&element.name.prefix)?.to_owned();
    for (name, value) in attributes {
        let mut name = unresolved(text, name)?;
        if name.prefix == "xml" {
            "http://www.w3.org/XML/1998/namespace".clone_into(&mut name.namespace);
        } else if !name.prefix.is_empty() {
            name.namespace = element.namespace_of(&name.prefix)?.to_owned();
        }
        element.attributes.push(MarkupAttribute { name, value });
    }
    Some(element)
}

fn unresolved(text: &str, span: Range<usize>) -> Option<QualifiedName> {
    let written = text.get(span.clone())?;
    let (prefix, local) = written.split_once(':').unwrap_or(("", written));
    Some(QualifiedName { prefix: prefix.to_owned(), local: local.to_owned(), namespace: String::new(), span })
}

#[cfg(test)]
mod tests {
    use super::scan;

    #[test]
    fn names_text_and_places_are_found() {
        let text = "<?xml version='1.0'?>\n<!-- <no/> --><a:b xmlns:a='u' x = \"1 &amp; 2\">\n <c/> t<!-- - -->u <![CDATA[<v>]]></a:b>";
        let root = scan(text).unwrap();
        assert_eq!((root.name.namespace.as_str(), root.name.local.as_str()), ("u", "b"));
        assert_eq!(root.text.as_str(), "tu <v>");
        assert_eq!(root.attributes[0].value.as_str(), "1 & 2");
        assert_eq!(text.get(root.attributes[0].value.whole()), Some("1 &amp; 2"));
        assert_eq!(root.children[0].name.written(), "c");
        assert_eq!(root.children[0].namespace_of("a"), Some("u"));
    }
}
