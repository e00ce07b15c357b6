//! Text with holes to pieces: literal text, and the text between braces.

use std::ops::Range;

use super::SyntaxFault;

/// A piece of a text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text that stands as it is; `{{` has become `{`.
    Literal(String),
    /// The text between `{` and `}`: bytes of the whole text.
    Hole(Range<usize>),
}

/// Cuts a text at its braces. Faults do not end the cutting: later holes are still found.
pub(crate) fn split(text: &str) -> (Vec<Piece>, Vec<SyntaxFault>) {
    let mut pieces = Vec::new();
    let mut faults = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("{{") || rest.starts_with("}}") {
            literal.push(letter);
            at += 2;
            continue;
        }
        at += letter.len_utf8();
        match letter {
            '{' => {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                let length = hole_length(text.get(at..).unwrap_or_default());
                match length {
                    Some(length) => {
                        pieces.push(Piece::Hole(at..at + length));
                        at += length + 1;
                    }
                    None => {
                        faults.push(fault(at - 1..text.len(), "the hole has no end", "a closing `}`"));
                        at = text.len();
                    }
                }
            }
            '}' => faults.push(fault(at - 1..at, "`}` without a hole", "`}}` for a brace that is text")),
            other => literal.push(other),
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    (pieces, faults)
}

/// Bytes up to the closing brace; braces in quoted text do not count.
fn hole_length(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '}') => return Some(index),
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    // A quote without an end would hide the brace; the expression's own fault is the better one to show.
    text.find('}')
}

fn fault(span: Range<usize>, message: &str, expected: &str) -> SyntaxFault {
    SyntaxFault { span, message: message.to_owned(), expected: expected.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Piece, split};

    #[test]
    fn holes_literals_and_doubled_braces_are_told_apart() {
        let (pieces, faults) = split("WC_{id}/{{x}}{ a | default '}' }");
        assert_eq!(faults, []);
        assert_eq!(
            pieces,
            [
                Piece::Literal("WC_".to_owned()),
                Piece::Hole(4..6),
                Piece::Literal("/{x}".to_owned()),
                Piece::Hole(14..31),
            ]
        );
    }

    #[test]
    fn a_fault_does_not_hide_later_ones() {
        let (pieces, faults) = split("a} {b} {c");
        assert_eq!(faults.iter().map(|fault| fault.span.clone()).collect::<Vec<_>>(), [1..2, 7..9]);
        assert!(pieces.contains(&Piece::Hole(4..5)));
    }
}
