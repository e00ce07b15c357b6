//! Text with holes.

use gateway_model::codes::BAD_INTO;
use gateway_model::{Diagnostic, FieldKind};

use super::{Compiler, Here};
use crate::check::{Inverse, Site, invert};
use crate::expression::{Piece, parse, parse_path, split};
use crate::markup::{Characters, MarkupAttribute};
use crate::program::{Expression, Hole, Pattern, PatternPiece, Simple, Target, TargetNotes};

/// What a text turned out to be.
pub(super) enum Filled {
    /// No hole at all: it selects.
    Constant(String),
    /// Only literal holes: it is always the same, and does not select.
    Literal(String),
    Pattern(Pattern),
}

// === impl Compiler ===

impl<'c> Compiler<'c> {
    /// Compiles a text. All faults of all its holes are reported.
    pub(super) fn filled(&mut self, characters: &Characters, here: &Here<'c>) -> Option<Filled> {
        let (pieces, faults) = split(characters.as_str());
        let mut sound = faults.is_empty();
        let whole = Site { characters, start: 0 };
        for fault in &faults {
            self.checker(here.file).syntax(fault, whole);
        }
        let mut compiled = Vec::new();
        let mut has_holes = false;
        for piece in pieces {
            match piece {
                Piece::Literal(text) => push_literal(&mut compiled, &text),
                Piece::Hole(range) => {
                    has_holes = true;
                    let site = Site { characters, start: range.start };
                    match self.hole(characters.as_str().get(range).unwrap_or_default(), here, site) {
                        Some(hole) => match constant_of(&hole.expression) {
                            Some(text) => push_literal(&mut compiled, &text),
                            None => compiled.push(PatternPiece::Hole(hole)),
                        },
                        None => sound = false,
                    }
                }
            }
        }
        if !sound {
            return None;
        }
        Some(match compiled.as_slice() {
            [] if has_holes => Filled::Literal(String::new()),
            [] => Filled::Constant(String::new()),
            [PatternPiece::Literal(text)] if has_holes => Filled::Literal(text.to_string()),
            [PatternPiece::Literal(text)] => Filled::Constant(text.to_string()),
            _ => Filled::Pattern(self.pattern(compiled, characters, here)),
        })
    }

    fn hole(&mut self, text: &str, here: &Here<'c>, site: Site<'_>) -> Option<Hole> {
        let spot = here.file.spot(site.characters.place(site.start..site.start).start);
        let mut checker = self.checker(here.file);
        let node = match parse(text) {
            Ok(node) => node,
            Err(fault) => {
                checker.syntax(&fault, site);
                return None;
            }
        };
        let (typed, _) = checker.value(&node, &here.scopes, site)?;
        let literal = typed.is_literal();
        Some(Hole { expression: typed.expression, spot, written: text.trim().into(), literal })
    }

    fn pattern(&mut self, pieces: Vec<PatternPiece>, characters: &Characters, here: &Here<'c>) -> Pattern {
        let separable = is_separable(&pieces);
        let reads = pieces
            .iter()
            .filter_map(|piece| match piece {
                PatternPiece::Hole(hole) => Some(hole),
                PatternPiece::Literal(_) => None,
            })
            .map(|hole| {
                invert(&hole.expression).filter(|_| separable).map(|inverse| self.target(inverse, hole, here))
            })
            .collect();
        let spot = Box::new(here.file.spot(characters.whole().start));
        let simple = simple(&pieces);
        Pattern { pieces: pieces.into(), spot, reads, separable, simple }
    }

    fn target(&mut self, inverse: Inverse, hole: &Hole, here: &Here<'c>) -> Target {
        let (name, personal) = self.checker(here.file).mark(&inverse.path, &here.scopes);
        let notes =
            TargetNotes { personal, name: name.into(), spot: hole.spot.clone(), required: inverse.required };
        Target { path: inverse.path, kind: inverse.kind, back: inverse.back.into(), notes: Box::new(notes) }
    }

    /// The pattern of `m:into="field"`: the text as it stands, into this field.
    pub(super) fn target_pattern(&mut self, attribute: &MarkupAttribute, here: &Here<'c>) -> Option<Pattern> {
        let characters = &attribute.value;
        let site = Site { characters, start: 0 };
        let mut checker = self.checker(here.file);
        let node = match parse_path(characters.as_str()) {
            Ok(node) => node,
            Err(fault) => {
                checker.syntax(&fault, site);
                return None;
            }
        };
        let typed = checker.expression(&node, &here.scopes, site)?;
        if !matches!(typed.kind, FieldKind::Scalar(_)) {
            let place = here.file.place(characters.whole());
            let message = format!("`{}` cannot take a text", characters.as_str());
            self.report.add(Diagnostic::error(BAD_INTO, place, message).expecting("a field with one value"));
            return None;
        }
        let spot = here.file.spot(characters.whole().start);
        let hole =
            Hole { expression: typed.expression, spot, written: characters.as_str().into(), literal: false };
        Some(self.pattern(vec![PatternPiece::Hole(hole)], characters, here))
    }
}

fn push_literal(pieces: &mut Vec<PatternPiece>, text: &str) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(PatternPiece::Literal(last)) => *last = format!("{last}{text}").into(),
        _ => pieces.push(PatternPiece::Literal(text.into())),
    }
}

/// The text of an expression that is a mere literal.
fn constant_of(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Text(text) => Some(text.to_string()),
        Expression::Number(number) => Some(number.to_string()),
        Expression::Flag(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Whether text other than white space stands between any two holes.
fn is_separable(pieces: &[PatternPiece]) -> bool {
    let mut apart = true;
    for piece in pieces {
        match piece {
            PatternPiece::Literal(text) => apart |= !text.trim_ascii().is_empty(),
            PatternPiece::Hole(_) if !apart => return false,
            PatternPiece::Hole(_) => apart = false,
        }
    }
    true
}

fn simple(pieces: &[PatternPiece]) -> Option<Box<Simple>> {
    let (before, hole, after) = match pieces {
        [PatternPiece::Hole(hole)] => ("", hole, ""),
        [PatternPiece::Literal(before), PatternPiece::Hole(hole)] => (&**before, hole, ""),
        [PatternPiece::Hole(hole), PatternPiece::Literal(after)] => ("", hole, &**after),
        [PatternPiece::Literal(before), PatternPiece::Hole(hole), PatternPiece::Literal(after)] => {
            (&**before, hole, &**after)
        }
        _ => return None,
    };
    match &hole.expression {
        Expression::Scalar(path, _) => {
            Some(Box::new(Simple { before: before.into(), path: path.clone(), after: after.into() }))
        }
        _ => None,
    }
}
