//! Diagnostics as text, with the piece of the file they are about.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use gateway_model::{Diagnostic, Severity};

use crate::source::Source;

/// Renders diagnostics with excerpts of their files, as the compiler of a programming language would.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &[Source], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut rendered = String::new();
    for diagnostic in diagnostics {
        rendered.push_str(&one(diagnostic, sources, &renderer));
        rendered.push_str("\n\n");
    }
    rendered
}

fn one(diagnostic: &Diagnostic, sources: &[Source], renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let code = diagnostic.code.to_string();
    let label = label(diagnostic);
    let text_of =
        |file: &str| sources.iter().find(|source| source.path == file).map_or("", |source| &source.text);
    let text = text_of(&diagnostic.place.file);
    let primary = AnnotationKind::Primary.span(within(&diagnostic.place.span, text)).label(label.as_str());
    let mut group: Group<'_> = level
        .primary_title(diagnostic.message.as_str())
        .id(code.as_str())
        .element(Snippet::source(text).path(diagnostic.place.file.as_str()).annotation(primary));
    for (place, label) in &diagnostic.related {
        let text = text_of(&place.file);
        let annotation = AnnotationKind::Context.span(within(&place.span, text)).label(label.as_str());
        group = group.element(Snippet::source(text).path(place.file.as_str()).annotation(annotation));
    }
    if let Some(expected) = &diagnostic.expected {
        group = group.element(Level::NOTE.message(format!("expected {expected}")));
    }
    if let Some(suggestion) = &diagnostic.suggestion {
        group = group.element(Level::HELP.message(format!("did you mean `{}`?", suggestion.text)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

fn label(diagnostic: &Diagnostic) -> String {
    diagnostic.label.clone()
}

/// The span, cut to what the text has.
fn within(span: &Range<usize>, text: &str) -> Range<usize> {
    let end = text.floor_char_boundary(span.end.min(text.len()));
    text.floor_char_boundary(span.start.min(end))..end
}
