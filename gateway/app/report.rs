//! Diagnostics as the author of a file sees them: code, place, the line itself, what was expected, what to do.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use gateway_model::{Diagnostic, Place, Severity};

/// A file that diagnostics are about.
#[derive(Debug, Clone, Copy)]
pub struct File<'f> {
    /// Its name, as the diagnostics' places have it.
    pub name: &'f str,
    /// Its text.
    pub text: &'f str,
}

/// All diagnostics, one after another, in the order given. Coloured for a terminal if `color`.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], files: &[File<'_>], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&render_one(diagnostic, files, &renderer));
        text.push_str("\n\n");
    }
    text
}

/// One line that says how many there are: `2 errors, 1 warning`. Empty if there are none.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    let mut text = String::new();
    for (count, one) in [(errors, "error"), (warnings, "warning")] {
        if count > 0 {
            let comma = if text.is_empty() { "" } else { ", " };
            let plural = if count == 1 { "" } else { "s" };
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{comma}{count} {one}{plural}");
        }
    }
    text
}

fn render_one(diagnostic: &Diagnostic, files: &[File<'_>], renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let code = diagnostic.code.to_string();
    let title = level.primary_title(diagnostic.message.as_str()).id(code.as_str());
    let mut group = Group::with_title(title);
    group = place(group, &diagnostic.place, &diagnostic.label, AnnotationKind::Primary, files);
    for (related, label) in &diagnostic.related {
        group = place(group, related, label, AnnotationKind::Context, files);
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

fn place<'g>(
    group: Group<'g>,
    place: &'g Place,
    label: &'g str,
    kind: AnnotationKind,
    files: &[File<'g>],
) -> Group<'g> {
    let Some(file) = files.iter().find(|file| file.name == place.file).filter(|file| !file.text.is_empty())
    else {
        return group;
    };
    let span = within(&place.span, file.text);
    let annotation = kind.span(span);
    let annotation = if label.is_empty() { annotation } else { annotation.label(label) };
    group.element(Snippet::source(file.text).path(file.name).annotation(annotation))
}

/// The span cut down to the text and to whole characters: a wrong place must not cost the message.
fn within(span: &Range<usize>, text: &str) -> Range<usize> {
    let floor = |index: usize| {
        let index = index.min(text.len());
        (0..=index).rev().find(|index| text.is_char_boundary(*index)).unwrap_or(0)
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}
