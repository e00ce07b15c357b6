//! What can go wrong at a DOM and on the way to it, and what the gateway can know of it: the rows of the matrix.

use gateway_simulator::serve::{Shows, Trouble};

/// A row.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// What happens, as a person would say it.
    pub(crate) name: &'static str,
    pub(crate) brought: Brought,
    /// The code of whoever gets to hear of it.
    pub(crate) code: &'static str,
    /// Whose fault it is.
    pub(crate) origin: &'static str,
    pub(crate) known: Known,
}

/// How the simulated system is made to do it.
#[derive(Debug, Clone)]
pub(crate) enum Brought {
    /// Its port is closed.
    Closed,
    /// Its connections are reset before it reads anything.
    Unread,
    /// A script says so of each request.
    Scripted(Trouble),
}

/// What can be known of a request that met with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing was sent: it may be sent again.
    Unsent,
    /// It was turned away unread for want of a login: sending it again is useless.
    TurnedAway,
    /// It was turned away unread for now: it may be sent again.
    NotNow,
    /// As [`Known::NotNow`] for a question. A proxy says the same of a command it gave up on the way.
    Busy,
    /// It was read and refused.
    Refused,
    /// Nobody knows; the DOM has not begun to answer.
    Unclear,
    /// Nobody knows; the answer had begun.
    Begun,
    /// Nobody knows: what came back is no answer. A question at least was looked at.
    NoAnswer,
}

// === impl Fault ===

impl Fault {
    /// Whether the DOM acts on a command before this happens.
    pub(crate) fn acts(&self) -> bool {
        matches!(&self.brought, Brought::Scripted(trouble) if trouble.acts())
    }

    /// Whether the DOM acts on a command when the gateway has given it up.
    pub(crate) fn acts_late(&self) -> bool {
        matches!(&self.brought, Brought::Scripted(trouble) if trouble.acts_late())
    }

    /// Whether it comes with a `Retry-After`.
    pub(crate) fn says_when(&self) -> bool {
        matches!(&self.brought, Brought::Scripted(trouble) if matches!(trouble.shows(), Shows::Later { .. }))
    }

    /// Whether the DOM has to be waited for until the time for one attempt is over.
    pub(crate) fn takes_its_time(&self) -> bool {
        matches!(
            &self.brought,
            Brought::Scripted(trouble) if matches!(trouble.shows(), Shows::Silent | Shows::Stalled)
        )
    }

    /// Whether the DOM reads the requests that meet with it.
    pub(crate) fn is_read(&self) -> bool {
        matches!(self.brought, Brought::Scripted(_))
    }
}

/// The faults of a DOM.
pub(crate) fn faults() -> Vec<Fault> {
    let mut faults = lost_on_the_way();
    faults.extend(bad_answers());
    faults
}

/// Where no answer comes, or a part of one.
fn lost_on_the_way() -> Vec<Fault> {
    let network = |name, brought, code, known| Fault { name, brought, code, origin: "network", known };
    let instead = |shows| Brought::Scripted(Trouble::instead(shows));
    let after = |shows| Brought::Scripted(Trouble::after_acting(shows));
    vec![
        network("no connection", Brought::Closed, "GW-4001", Known::Unsent),
        network("reset before the request was read", Brought::Unread, "GW-4003", Known::Unclear),
        network("reset before acting", instead(Shows::Reset), "GW-4003", Known::Unclear),
        network("reset after acting", after(Shows::Reset), "GW-4003", Known::Unclear),
        network("no answer in time, not acted", instead(Shows::Silent), "GW-4002", Known::Unclear),
        network("no answer in time, acted", after(Shows::Silent), "GW-4002", Known::Unclear),
        network(
            "no answer in time, acted when nobody waits any more",
            Brought::Scripted(Trouble::acting_late()),
            "GW-4002",
            Known::Unclear,
        ),
        network("the connection breaks within the answer", after(Shows::BrokenOff), "GW-4008", Known::Begun),
        network("the answer does not end in time", after(Shows::Stalled), "GW-4002", Known::Begun),
    ]
}

/// Where a whole answer comes that is none, or says no.
fn bad_answers() -> Vec<Fault> {
    let dom = |name, trouble, code, known| Fault {
        name,
        brought: Brought::Scripted(trouble),
        code,
        origin: "dom",
        known,
    };
    let (instead, after) = (Trouble::instead, Trouble::after_acting);
    let errors = |code: &str, description: &str| {
        instead(Shows::Errors { code: code.to_owned(), description: description.to_owned() })
    };
    let later = |status| Shows::Later { status, seconds: 1 };
    vec![
        dom("half a document", after(Shows::HalfDocument), "GW-4008", Known::NoAnswer),
        dom("garbage, not acted", instead(Shows::Garbage), "GW-4006", Known::NoAnswer),
        dom("garbage, acted", after(Shows::Garbage), "GW-4006", Known::NoAnswer),
        dom("an HTML page, not acted", instead(Shows::Html), "GW-4006", Known::NoAnswer),
        dom("an HTML page, acted", after(Shows::Html), "GW-4006", Known::NoAnswer),
        dom("an empty answer, not acted", instead(Shows::Empty), "GW-4007", Known::NoAnswer),
        dom("an empty answer, acted", after(Shows::Empty), "GW-4007", Known::NoAnswer),
        dom("401", instead(Shows::Status(401)), "GW-4005", Known::TurnedAway),
        dom("`Errors`: not logged in", errors("YCP0427", "Not authenticated"), "GW-4005", Known::TurnedAway),
        dom("429 with `Retry-After`", instead(later(429)), "GW-4011", Known::NotNow),
        dom("500 before acting", instead(Shows::Status(500)), "GW-4004", Known::NoAnswer),
        dom("500 after acting", after(Shows::Status(500)), "GW-4004", Known::NoAnswer),
        dom("503 before acting", instead(Shows::Status(503)), "GW-4011", Known::Busy),
        dom("503 after acting", after(Shows::Status(503)), "GW-4011", Known::Busy),
        dom("503 with `Retry-After` before acting", instead(later(503)), "GW-4011", Known::Busy),
        dom("503 with `Retry-After` after acting", after(later(503)), "GW-4011", Known::Busy),
        dom("a SOAP fault before acting", instead(Shows::SoapFault), "GW-4004", Known::NoAnswer),
        dom("a SOAP fault after acting", after(Shows::SoapFault), "GW-4004", Known::NoAnswer),
        dom("`Errors`", errors("INV99901", "Item is not known"), "GW-4010", Known::Refused),
        dom("`Errors` of an unknown code", errors("ZZZ00042", "Something else"), "GW-4010", Known::Refused),
    ]
}
