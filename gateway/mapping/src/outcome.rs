//! Outcome rules: what a DOM's reply means before anybody reads it as an answer.
//!
//! `dialect.toml` has them as `[[outcome]]` rows; the first that fits wins. Where none fits, XML with a status of success
//! is the answer and the dialect's refusal a refusal; of anything else, a read may be tried again and a write is ambiguous:
//! nobody may send it again before the DOM was asked.

mod load;
mod pattern;

pub(crate) use load::load_outcomes;
pub(crate) use pattern::Pattern;

use std::time::Duration;

/// What a reply comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is the answer.
    Done,
    /// The DOM refuses: nothing was done, and the same again would be refused again.
    Refused,
    /// Nothing was done, and the same may work the next time.
    Retryable,
    /// Nothing was done, because the DOM has too much to do.
    Overloaded,
    /// Nothing was done for want of a valid login.
    Unauthenticated,
    /// What was asked for is not there.
    NotFound,
    /// What was to be made is there already.
    Duplicate,
    /// Nobody knows whether it was done.
    Ambiguous,
}

/// What a reply's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// Nothing.
    Empty,
    /// A page for people.
    Html,
    /// Text or bytes that are no XML.
    Other,
    /// The dialect's refusal, alone or in the place of an output.
    Errors,
    /// Any other XML.
    Xml,
}

/// A reply as the rules look at it.
#[derive(Debug, Clone)]
pub struct Replied<'r> {
    /// The operation that was called, by its name in the vocabulary.
    pub operation: &'r str,
    /// Whether the call changes nothing at the DOM.
    pub only_reads: bool,
    /// HTTP status.
    pub status: u16,
    /// What the body is.
    pub body: BodyKind,
    /// Local name of the root element, if the body is XML.
    pub root: Option<&'r str>,
    /// The codes of its errors and of those that caused them.
    pub codes: Vec<&'r str>,
    /// The texts of its errors, or the body's own text if it is neither XML nor empty.
    pub texts: Vec<&'r str>,
}

/// One `[[outcome]]` row.
#[derive(Debug, Clone)]
pub struct OutcomeRule {
    /// Line of `dialect.toml` it stands in, from 1.
    pub line: u32,
    /// The operations it is for, with `reads` and `writes` taken apart; `None` for all.
    pub(crate) calls: Calls,
    /// HTTP statuses, each from and up to but not including; empty for any.
    pub(crate) statuses: Vec<(u16, u16)>,
    pub(crate) bodies: Vec<BodyKind>,
    pub(crate) roots: Vec<Pattern>,
    pub(crate) codes: Vec<Pattern>,
    pub(crate) texts: Vec<Pattern>,
    /// What the reply comes to.
    pub outcome: Outcome,
    /// How long to wait before the next try.
    pub pause: Option<Duration>,
}

/// The calls a rule is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Calls {
    All,
    Reads,
    Writes,
    Of(Vec<String>),
}

/// What the rules say of a reply.
#[derive(Debug, Clone, Copy)]
pub struct Verdict<'d> {
    /// What it comes to.
    pub outcome: Outcome,
    /// The rule that says so; `None` where none fits.
    pub rule: Option<(usize, &'d OutcomeRule)>,
}

// === impl Outcome ===

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 8] = [
        Self::Done,
        Self::Refused,
        Self::Retryable,
        Self::Overloaded,
        Self::Unauthenticated,
        Self::NotFound,
        Self::Duplicate,
        Self::Ambiguous,
    ];

    /// Its name in `dialect.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Retryable => "retryable",
            Self::Overloaded => "overloaded",
            Self::Unauthenticated => "unauthenticated",
            Self::NotFound => "not_found",
            Self::Duplicate => "duplicate",
            Self::Ambiguous => "ambiguous",
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// What a reply comes to that cannot be understood: a read may be tried again, a write may have been carried out.
    #[must_use]
    pub const fn unclear(only_reads: bool) -> Self {
        if only_reads { Self::Retryable } else { Self::Ambiguous }
    }
}

// === impl BodyKind ===

impl BodyKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Empty, Self::Html, Self::Other, Self::Errors, Self::Xml];

    /// Its name in `dialect.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Html => "html",
            Self::Other => "other",
            Self::Errors => "errors",
            Self::Xml => "xml",
        }
    }

    /// Whether it is XML.
    #[must_use]
    pub const fn is_xml(self) -> bool {
        matches!(self, Self::Errors | Self::Xml)
    }
}

// === impl OutcomeRule ===

impl OutcomeRule {
    /// Whether the rule fits a reply: everything it names does.
    #[must_use]
    pub fn fits(&self, reply: &Replied<'_>) -> bool {
        let any = |patterns: &[Pattern], texts: &[&str]| {
            patterns.is_empty() || texts.iter().any(|text| patterns.iter().any(|pattern| pattern.fits(text)))
        };
        let status = |(from, to): &(u16, u16)| (*from..*to).contains(&reply.status);
        self.calls.hold(reply.operation, reply.only_reads)
            && (self.statuses.is_empty() || self.statuses.iter().any(status))
            && (self.bodies.is_empty() || self.bodies.contains(&reply.body))
            && any(&self.roots, reply.root.as_slice())
            && any(&self.codes, &reply.codes)
            && any(&self.texts, &reply.texts)
    }

    /// Whether it looks at the root element's name.
    #[must_use]
    pub fn names_root(&self) -> bool {
        !self.roots.is_empty()
    }

    /// What it asks of a reply, in the words of the file.
    #[must_use]
    pub fn condition(&self) -> String {
        let mut parts = Vec::new();
        match &self.calls {
            Calls::All => {}
            Calls::Reads => parts.push("reads".to_owned()),
            Calls::Writes => parts.push("writes".to_owned()),
            Calls::Of(names) => parts.push(names.join(" or ")),
        }
        let statuses = self.statuses.iter().map(|(from, to)| match to.checked_sub(*from) {
            Some(1) => from.to_string(),
            _ => format!("{from}..{to}"),
        });
        let bodies = self.bodies.iter().map(|body| body.name().to_owned());
        let texts =
            |patterns: &[Pattern]| patterns.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>();
        for (name, values) in [
            ("status", statuses.collect::<Vec<_>>()),
            ("body", bodies.collect()),
            ("root", texts(&self.roots)),
            ("error", texts(&self.codes)),
            ("text", texts(&self.texts)),
        ] {
            if !values.is_empty() {
                parts.push(format!("{name} {}", values.join(" or ")));
            }
        }
        if parts.is_empty() { "any reply".to_owned() } else { parts.join(", ") }
    }

    /// Whether whatever fits `other` fits this rule too: then `other` behind it is never reached.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let patterns = |all: &[Pattern], some: &[Pattern]| {
            all.is_empty()
                || (!some.is_empty() && some.iter().all(|one| all.iter().any(|pattern| pattern.covers(one))))
        };
        let within =
            |(from, to): &(u16, u16)| self.statuses.iter().any(|(first, end)| first <= from && to <= end);
        self.calls.cover(&other.calls)
            && (self.statuses.is_empty() || (!other.statuses.is_empty() && other.statuses.iter().all(within)))
            && (self.bodies.is_empty()
                || (!other.bodies.is_empty() && other.bodies.iter().all(|body| self.bodies.contains(body))))
            && patterns(&self.roots, &other.roots)
            && patterns(&self.codes, &other.codes)
            && patterns(&self.texts, &other.texts)
    }
}

// === impl Calls ===

impl Calls {
    fn hold(&self, operation: &str, only_reads: bool) -> bool {
        match self {
            Self::All => true,
            Self::Reads => only_reads,
            Self::Writes => !only_reads,
            Self::Of(names) => names.iter().any(|name| name == operation),
        }
    }

    fn cover(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Of(all), Self::Of(some)) => some.iter().all(|name| all.contains(name)),
            (one, other) => one == other,
        }
    }
}

/// What the rules say of a reply: the first that fits.
pub(crate) fn judge<'d>(rules: &'d [OutcomeRule], reply: &Replied<'_>) -> Verdict<'d> {
    let rule = rules.iter().enumerate().find(|(_, rule)| rule.fits(reply));
    Verdict { outcome: rule.map_or_else(|| unruled(reply), |(_, rule)| rule.outcome), rule }
}

/// What a reply comes to that no rule speaks of.
const fn unruled(reply: &Replied<'_>) -> Outcome {
    match reply.body {
        BodyKind::Errors => Outcome::Refused,
        BodyKind::Xml if reply.status >= 200 && reply.status < 300 => Outcome::Done,
        _ => Outcome::unclear(reply.only_reads),
    }
}

#[cfg(test)]
mod tests;
