//! Documents made readable: an element to a line, indented; what is no markup stays as it is.

/// Characters of a line beyond which a tag's attributes go to the next.
const LONG_LINE: usize = 110;
/// What stands before attributes on a further line.
const FURTHER: &str = "    ";

/// A piece of a document.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'d> {
    /// `<a ...>`.
    Start(&'d str),
    /// `</a>`.
    End(&'d str),
    /// `<a/>`, `<?...?>`, `<!...>`.
    Whole(&'d str),
    /// Text between tags.
    Text(&'d str),
}

/// The document with an element to a line. Only white space between elements is changed.
pub(super) fn indented(document: &str) -> String {
    let pieces = pieces(document);
    let mut text = String::new();
    let mut depth: usize = 0;
    let mut rest = pieces.iter().peekable();
    while let Some(piece) = rest.next() {
        match piece {
            Piece::Start(tag) => {
                add(&mut text, depth, tag);
                depth += 1;
                // An element with nothing but text stays on its line.
                if let Some(Piece::Text(content)) = rest.next_if(|next| matches!(next, Piece::Text(_))) {
                    if matches!(rest.peek(), Some(Piece::End(_))) {
                        text.push_str(content);
                    } else {
                        text.push('\n');
                        add(&mut text, depth, content.trim());
                    }
                }
                if let Some(Piece::End(end)) = rest.next_if(|next| matches!(next, Piece::End(_))) {
                    text.push_str(end);
                    depth -= 1;
                }
            }
            Piece::End(tag) => {
                depth = depth.saturating_sub(1);
                add(&mut text, depth, tag);
            }
            Piece::Whole(tag) => add(&mut text, depth, tag),
            Piece::Text(content) => add(&mut text, depth, content.trim()),
        }
        text.push('\n');
    }
    text
}

fn add(text: &mut String, depth: usize, piece: &str) {
    let margin = "  ".repeat(depth);
    text.push_str(&margin);
    if piece.chars().count() + margin.len() <= LONG_LINE || !piece.starts_with('<') {
        text.push_str(piece);
        return;
    }
    let mut length = 0;
    for (index, attribute) in attributes(piece).into_iter().enumerate() {
        let count = attribute.chars().count();
        let is_full = length + 1 + count > LONG_LINE;
        match index {
            0 => length = margin.len(),
            _ if is_full => {
                text.push('\n');
                text.push_str(&margin);
                text.push_str(FURTHER);
                length = margin.len() + FURTHER.len();
            }
            _ => {
                text.push(' ');
                length += 1;
            }
        }
        text.push_str(attribute);
        length += count;
    }
}

/// A tag cut before each attribute; white space in values stays.
fn attributes(tag: &str) -> Vec<&str> {
    let mut cuts = Vec::new();
    let mut quote = None;
    for (place, character) in tag.char_indices() {
        match quote {
            Some(open) if open == character => quote = None,
            Some(_) => {}
            None if matches!(character, '"' | '\'') => quote = Some(character),
            None if character.is_whitespace() => cuts.push(place),
            None => {}
        }
    }
    let ends = cuts.iter().copied().chain([tag.len()]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    starts
        .zip(ends)
        .filter_map(|(start, end)| tag.get(start..end))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// The document's pieces; white space between tags is none.
fn pieces(document: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = document;
    while !rest.is_empty() {
        let length =
            if rest.starts_with('<') { tag_length(rest) } else { rest.find('<').unwrap_or(rest.len()) };
        let (piece, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = left;
        pieces.push(match piece {
            tag if tag.starts_with("</") => Piece::End(tag),
            tag if tag.starts_with("<?") || tag.starts_with("<!") || tag.ends_with("/>") => Piece::Whole(tag),
            tag if tag.starts_with('<') => Piece::Start(tag),
            blank if blank.trim().is_empty() => continue,
            content => Piece::Text(content),
        });
    }
    pieces
}

/// Bytes up to the tag's end, which is none inside quotes, a comment or a CDATA section.
fn tag_length(text: &str) -> usize {
    let closed = |end: &str| text.find(end).map_or(text.len(), |place| place + end.len());
    if text.starts_with("<!--") {
        return closed("-->");
    }
    if text.starts_with("<![CDATA[") {
        return closed("]]>");
    }
    let mut quote = None;
    for (place, character) in text.char_indices() {
        match quote {
            Some(open) if open == character => quote = None,
            Some(_) => {}
            None if character == '>' => return place + 1,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            None => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::indented;

    #[test]
    fn an_element_gets_a_line_and_its_text_stays_with_it() {
        for (document, expected) in [
            ("<a><b>1 &lt; 2</b><c/></a>", "<a>\n  <b>1 &lt; 2</b>\n  <c/>\n</a>\n"),
            (
                "<?xml version=\"1.0\"?>\n<a>\n\n   <b> x </b></a>",
                "<?xml version=\"1.0\"?>\n<a>\n  <b> x </b>\n</a>\n",
            ),
            ("<a b='1>2' c=\"'\"><d></d></a>", "<a b='1>2' c=\"'\">\n  <d></d>\n</a>\n"),
            ("<a><!-- <b> --><![CDATA[<c>]]></a>", "<a>\n  <!-- <b> -->\n  <![CDATA[<c>]]>\n</a>\n"),
            ("<a>text<b/>more</a>", "<a>\n  text\n  <b/>\n  more\n</a>\n"),
        ] {
            assert_eq!(indented(document), expected, "{document}");
        }
    }

    #[test]
    fn the_attributes_of_a_long_tag_go_on_further_lines() {
        let value = "x".repeat(60);
        let document = format!("<a b=\"{value}\" c=\"{value} y\"  d=\"1\"><d/></a>");
        let expected = format!("<a b=\"{value}\"\n    c=\"{value} y\" d=\"1\">\n  <d/>\n</a>\n");
        assert_eq!(indented(&document), expected);
    }

    #[test]
    fn what_is_no_document_is_shown_as_it_is() {
        for text in ["bad gateway", "<a", "<a b=\"", "</a></b>", "<a><b></a>", ""] {
            let shown: String = indented(text).split_whitespace().collect();
            assert_eq!(shown, text.split_whitespace().collect::<String>(), "{text}");
        }
    }
}
