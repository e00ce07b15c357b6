//! The register of codes: every fault and every diagnostic has one number here, never used twice.
//!
//! `GW-1xxx` the store's document, `GW-2xxx` mapping files, `GW-3xxx` a message that does not fit its template,
//! `GW-4xxx` the DOM and the way to it, `GW-5xxx` configuration and tables, `GW-6xxx` the gateway itself,
//! `GW-7xxx` pushes to the store.

use std::fmt;

use crate::fault::{Origin, Reached};

/// A code of the register, shown as `GW-1001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "GW-{:04}", self.0)
    }
}

/// What the register says of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// Its name, such as `DOM_REFUSED`.
    pub name: &'static str,
    meaning: &'static str,
    /// Who may have to act for it not to happen again.
    pub origins: &'static [Origin],
    /// Whether the DOM may have acted, as far as the code alone tells. Where there are several, each answer says which.
    pub reached: &'static [Reached],
    /// What to do about it.
    pub to_do: &'static str,
}

// === impl Entry ===

impl Entry {
    /// What the code means.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.meaning.trim_ascii()
    }
}

/// The entry of a code, by its number with or without `GW-`, or by its name; case does not count.
#[must_use]
pub fn entry(code: &str) -> Option<&'static Entry> {
    let wanted = code.trim().to_ascii_uppercase();
    let number = wanted.strip_prefix("GW-").unwrap_or(&wanted).parse().ok();
    REGISTER.iter().find(|entry| Some(entry.code.0) == number || entry.name == wanted)
}

// A code is its meaning, its number, who may be at fault, whether the DOM may have acted, and what to do.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $($origin:ident)+, $($reached:ident)+, $to_do:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: Code = Code($number);)+

        /// Every code, in order of number.
        pub const REGISTER: &[Entry] = &[$(Entry {
            code: $name,
            name: stringify!($name),
            meaning: concat!($($doc),+),
            origins: &[$(Origin::$origin),+],
            reached: &[$(Reached::$reached),+],
            to_do: $to_do,
        }),+];
    };
}

codes! {
    /// The document is not well-formed XML.
    MALFORMED_XML = 1001, Store, No,
        "Look at the place the fault names, and correct what writes the document; as it is it will be refused \
         again.";
    /// The document ends before its root element does.
    TRUNCATED_XML = 1002, Store, No,
        "Find out why the sender or the way cuts documents off, such as a length limit or a time-out before the \
         gateway; then send it again.";
    /// The document holds a document type declaration or an entity; both are refused.
    DOCTYPE_REFUSED = 1003, Store, No,
        "Have the sender write documents without a document type; BODs and the DOM's XML need none.";
    /// The document is larger, deeper or wider than the configured limits.
    LIMIT_EXCEEDED = 1004, Store Dom, No Maybe,
        "If such documents are right, raise the limit the fault names in `[limits]` of the configuration; if not, \
         look for what makes them so large.";
    /// The bytes are not text in a known encoding.
    BAD_ENCODING = 1005, Store, No,
        "Have the sender write UTF-8, or name the encoding it writes in the XML declaration or in `Content-Type`.";
    /// The body is empty.
    EMPTY_BODY = 1006, Store, No,
        "Have the sender send the document as the body of the POST.";
    /// The SOAP envelope is not one of SOAP 1.1 or 1.2, or its body does not hold exactly one element.
    BAD_ENVELOPE = 1007, Store, No,
        "Have the sender write a SOAP 1.1 or 1.2 envelope with the document as the only element of its body, or no \
         envelope at all.";
    /// No message of the dialect has this root element.
    UNKNOWN_ROOT = 1008, Store Dom Gateway, No Maybe Yes,
        "Check that the caller's path and `dialect` are right; for a new message add a template to the dialect.";
    /// The root element is known, but not with this action code or access profile.
    UNKNOWN_ACTION = 1009, Store Dom, No Maybe Yes,
        "Compare the document's action code or access profile with those the fault lists; for a new one add a \
         template to the dialect.";
    /// The root element's name is known, but in another namespace.
    WRONG_NAMESPACE = 1010, Store Dom, No Maybe Yes,
        "Use the namespace the fault expects, or allow the other one in the template if the sender's version \
         really has it.";
    /// The expression text cannot be parsed.
    BAD_EXPRESSION = 1011, Store, No,
        "Correct the expression in the request at the character the fault names.";
    /// The caller's credentials are missing or wrong.
    NOT_AUTHENTICATED = 1012, Store Dom, No,
        "Compare user, password and kind of credentials on the caller's side with the `credentials` of its \
         `[[store]]` or `[dom.push]`.";
    /// No store is configured for this path.
    UNKNOWN_PATH = 1013, Store, No,
        "Compare the URL the caller was given with the `path` of the `[[store]]` or of `[dom.push]`.";
    /// The body did not arrive in time.
    BODY_TIMEOUT = 1014, Store, No,
        "Send it again. If it happens often, look at the network and the sender's load, or raise \
         `listen.body_timeout_ms`.";
    /// The HTTP method is not POST.
    METHOD_NOT_ALLOWED = 1015, Store, No,
        "Have the caller send documents by POST.";
    /// There is no room for the call: in the gateway, or at the DOM for calls of its class.
    OVERLOADED = 1016, Gateway, No,
        "Send it again after the time in `Retry-After`. If it happens often, see in the fault's text whose room it \
         is: for the gateway's own add replicas, or raise `listen.calls`, `listen.connections` or \
         `listen.body_memory_bytes`; for the DOM's raise what `[dom.pool]` allows, if the DOM bears it.";
    /// The HTTP request is doubtful or broken off: where it ends, or whom it is for, cannot be told.
    BAD_HTTP = 1017, Store Network, No,
        "If the connection broke, send it again; if the head is doubtful, correct the caller or the proxy that \
         writes it.";
    /// A document of the same identity but with other content is under way.
    CONFLICTING_REPEAT = 1018, Store, No,
        "Find out which of the two documents is right, for example by the order's details, and send that one when \
         the first was answered.";
    /// The caller hung up before the answer; a read stops then.
    CALLER_GONE = 1019, Store, Maybe,
        "Compare the caller's time-out with the operation's `call_ms` in `[store.deadlines]`, which has to be \
         shorter. Asking again is safe.";

    /// The template is not well-formed XML.
    TEMPLATE_XML = 2001, Gateway, No,
        "Make the template well-formed at the place shown.";
    /// An expression in a hole cannot be parsed.
    EXPRESSION_SYNTAX = 2002, Gateway, No,
        "Correct the hole at the place shown; mappings/README.md has the grammar.";
    /// A path names a field that the vocabulary does not have.
    UNKNOWN_FIELD = 2003, Gateway, No,
        "Correct the name, or add the field to `vocabulary.toml`.";
    /// A function that does not exist.
    UNKNOWN_FUNCTION = 2004, Gateway, No,
        "Use one of the functions that mappings/README.md lists.";
    /// A function was given the wrong number or kind of arguments.
    BAD_ARGUMENTS = 2005, Gateway, No,
        "Give the function the arguments that mappings/README.md shows for it.";
    /// Types do not fit: a number compared with text, a list where one value is needed.
    TYPE_MISMATCH = 2006, Gateway, No,
        "Convert one side, or compare with a value of the field's own type.";
    /// An element or attribute of the mapping language that does not exist.
    UNKNOWN_INSTRUCTION = 2007, Gateway, No,
        "Use one of the `m:` elements and attributes that mappings/README.md lists.";
    /// An instruction of the mapping language stands where it means nothing.
    MISPLACED_INSTRUCTION = 2008, Gateway, No,
        "Move the instruction to where it means something, as the message says.";
    /// A fragment that does not exist, or is of another record type, or uses itself.
    BAD_FRAGMENT = 2009, Gateway, No,
        "Correct the fragment's name or record, or take its use of itself out.";
    /// A value table that does not exist.
    UNKNOWN_TABLE = 2010, Gateway, No,
        "Correct the name, or add the table to the dialect's `tables/`.";
    /// The root lacks `m:operation` or `m:part`, or names one that does not exist.
    BAD_ROOT = 2011, Gateway, No,
        "Give the root an `m:operation` and an `m:part` from those listed.";
    /// `dialect.toml` is not valid.
    BAD_DIALECT = 2012, Gateway, No,
        "Correct `dialect.toml` at the place shown.";
    /// The vocabulary is not valid.
    BAD_VOCABULARY = 2013, Gateway, No,
        "Correct `vocabulary.toml` at the place shown.";
    /// A table file is not valid.
    BAD_TABLE = 2014, Gateway, No,
        "Correct the table's file at the place shown.";
    /// Two templates answer to the same root element and action.
    AMBIGUOUS_ROUTE = 2015, Gateway, No,
        "Give one of the two templates an action code or profile of its own, or remove it.";
    /// A field the gateway works with is missing from the vocabulary or has another type.
    MISSING_VIEW = 2016, Gateway, No,
        "Put the field back into `vocabulary.toml` with the type the message names; the gateway itself works with \
         it.";
    /// `m:into` stands on a hole that is read anyway, or names a field that cannot take it.
    BAD_INTO = 2017, Gateway, No,
        "Take `m:into` off a hole that is read anyway, or name a field that can take its text.";
    /// A template file belongs to no dialect, or a dialect has no templates.
    STRAY_FILE = 2018, Gateway, No,
        "Move the file into a dialect's folder, or name it there; a dialect needs at least one message.";

    /// A required value is missing.
    MISSING_VALUE = 3001, Store Dom Gateway, No Maybe Yes,
        "See both places of the fault: let the sender fill the element in, or take `required` out of the \
         template's hole.";
    /// A value is not a number, date or flag, though it has to be one.
    BAD_SCALAR = 3002, Store Dom Gateway, No Maybe Yes,
        "Let the sender write the value in the form the fault expects, or have the template convert it.";
    /// A value is not in its table, and the table's rule is to fail.
    UNMAPPED_VALUE = 3003, Store Dom Gateway, No Maybe Yes,
        "Add the row to the table the fault names, or give the hole a default.";
    /// The document is not the message it was taken for.
    WRONG_MESSAGE = 3004, Store Dom, No Maybe Yes,
        "Compare the document with the template the fault names.";
    /// The document written would be larger than the limit.
    OUTPUT_TOO_LARGE = 3005, Gateway, No Maybe Yes,
        "Raise `limits.document_bytes`, or ask for less at once.";
    /// A value has characters that XML cannot hold.
    UNWRITABLE_TEXT = 3006, Store Dom, No Maybe Yes,
        "Find out how a control character came into the value the fault names, and remove it there.";
    /// The request contradicts itself, or leaves out what the operation needs.
    BAD_REQUEST = 3007, Store Dom, No Yes,
        "Correct what the fault says of the document; nothing was sent, and the same document would be refused \
         again.";

    /// The DOM could not be reached; nothing was sent.
    DOM_UNREACHABLE = 4001, Network, No,
        "Look whether the DOM runs and its `url` is right, also its certificate. Nothing was sent: sending again \
         is safe.";
    /// The DOM did not answer in time.
    DOM_TIMEOUT = 4002, Network, No Maybe Yes,
        "Look at the DOM's load and its slow calls; `attempt_ms` may be too short for it. For a write find out \
         first whether it was carried out.";
    /// The connection to the DOM broke before the answer was complete.
    DOM_BROKEN = 4003, Network, No Maybe Yes,
        "Look at what lies between gateway and DOM: proxies, balancers, restarts. For a write find out first \
         whether it was carried out.";
    /// The DOM answered with an HTTP error status.
    DOM_STATUS = 4004, Dom, No Maybe Yes,
        "Look into the DOM's own log at the time of the call; a 404 means that the `url` or the API's name is \
         wrong.";
    /// The DOM refused the gateway's credentials.
    DOM_UNAUTHORIZED = 4005, Dom, No,
        "Correct the user and the password of `[dom.login]`, or give that user the right to call the API.";
    /// The DOM's answer is not XML (for example an HTML page).
    DOM_NOT_XML = 4006, Dom, No Maybe Yes,
        "Look what answers at the DOM's `url`: most often the login or error page of a proxy or an application \
         server.";
    /// The DOM's answer is empty.
    DOM_EMPTY = 4007, Dom, No Maybe Yes,
        "Look into the DOM's own log at the time of the call. For a write find out first whether it was carried \
         out.";
    /// The DOM's answer is cut off.
    DOM_TRUNCATED = 4008, Dom Network, No Maybe Yes,
        "Look at what lies between gateway and DOM for limits of length or time. For a write find out first \
         whether it was carried out.";
    /// The DOM's answer is XML, but not the answer to this question.
    DOM_UNEXPECTED = 4009, Dom, No Maybe Yes,
        "Compare the answer's root with the answer templates of the operation, and `dialect` and `variants` of the \
         `[[dom]]` with the DOM's version.";
    /// The DOM refused the request with a business error.
    DOM_REFUSED = 4010, Dom, Yes,
        "Look at the DOM's own error code in the answer: it says what of the request the DOM does not take. \
         Sending it again unchanged helps only if that changes.";
    /// The DOM says it has too much to do.
    DOM_OVERLOADED = 4011, Dom, No Maybe Yes,
        "Send it again later. If it happens often, lower what the gateway may ask at once, or give the DOM more \
         room.";
    /// The call's time was used up before the DOM answered.
    DEADLINE = 4012, Network Gateway, No Maybe Yes,
        "See how long the DOM and the gateway's queues took; `call_ms` of the operation has to be above both and \
         below the store's time-out. For a write that may have arrived find out first whether it was carried out.";
    /// The DOM was not asked: its last answers failed, and it is left alone for a while.
    DOM_NOT_ASKED = 4013, Network, No,
        "Look at the faults before this one, which say what is wrong with the DOM. Nothing was sent: send it again \
         after the time in `Retry-After`.";
    /// Whether the DOM took the order is not known and is being verified; the order stays pending.
    OUTCOME_UNKNOWN = 4021, Dom Network, Maybe,
        "Nothing: leave the order pending and let the store send it again by itself. The DOM is asked for it before \
         anything is sent a second time. If it stays so, look why the DOM cannot be asked for orders.";
    /// The DOM has another order under this number.
    ORDER_CONFLICT = 4022, Dom, Yes,
        "Compare the store's order with the DOM's: lines, quantities, total. Nothing was overwritten; somebody has to \
         decide which one is right, and correct the other.";
    /// Whether stock is held for the order is not known; what may be held is being given back.
    RESERVATION_UNKNOWN = 4031, Dom Network, Maybe,
        "Nothing: let the store reserve again by itself; what may be held is given back first, and goes on being given \
         back if nobody asks again. If it stays so, look why the DOM cannot be asked to cancel reservations.";
    /// The answer to a reservation was lost, and what was held is given back: nothing is held.
    NOT_RESERVED = 4032, Dom Network, Yes,
        "Reserve again. If it happens often, look at the fault named in the text: why the DOM's answers are lost, or \
         come later than `attempt_ms` of `reserve`.";

    /// The configuration file is not valid TOML.
    CONFIG_SYNTAX = 5001, Gateway, No,
        "Correct the TOML at the place shown.";
    /// A setting that does not exist, is missing, or has the wrong type.
    CONFIG_KEY = 5002, Gateway, No,
        "Compare with config.toml of the distribution, which shows every setting.";
    /// A setting has a value it cannot have.
    CONFIG_VALUE = 5003, Gateway, No,
        "Give the setting a value of those the message names.";
    /// A file the configuration names cannot be read.
    CONFIG_FILE = 5004, Gateway, No,
        "Create the file, correct its path, or let the gateway's user read it; relative paths start from the \
         configuration's folder.";
    /// A fixture does not come out as it stands.
    FIXTURE = 5005, Gateway, No,
        "If the mapping is right, correct the fixture; if the fixture is, correct the mapping.";
    /// A fixture folder has no mapping, or a mapping has no fixture.
    FIXTURE_MISSING = 5006, Gateway, No,
        "Add a case below `fixtures/`, or remove the folder of a mapping that is no more.";

    /// A fault of the gateway's own making.
    INTERNAL = 6001, Gateway, No Maybe Yes,
        "Report it, with the request id and the lines of the log around it. For a write find out first whether it \
         was carried out.";
    /// The gateway is shutting down.
    DRAINING = 6002, Gateway, No,
        "Send it again: another replica, or this one when it is back, answers it.";
    /// Nothing is kept of what was asked, and the cache rule forbids asking the DOM.
    NOTHING_KEPT = 6003, Gateway, No,
        "Set `ask = true` in the cache rule the fault names, load stock into the cache, or give the rule a \
         fallback.";

    /// The store could not be reached.
    STORE_UNREACHABLE = 7001, Network, No,
        "Look whether the store runs and the URLs of its `[store.inbound]` are right. The DOM has to push again.";
    /// The store did not answer in time.
    STORE_TIMEOUT = 7002, Network, No Maybe Yes,
        "Look at the store's load; `call_ms` of the push may be too short for it. The DOM has to push again.";
    /// The store's answer cannot be understood.
    STORE_UNEXPECTED = 7003, Store Network, No Maybe Yes,
        "Look what answers at the URLs of `[store.inbound]`, and into the store's own log.";
    /// The store refused the message.
    STORE_REFUSED = 7004, Store, No Maybe Yes,
        "See the store's own message in the fault: it says why it does not take the push. For refused credentials \
         correct those of `[store.inbound]`.";
    /// No store is configured for the organization or store id a push names.
    UNKNOWN_STORE = 7005, Dom Store Gateway, No Yes,
        "Add the id to the `ids` of its `[[store]]`, or the organization to its table; a store without \
         `[store.inbound]` takes no pushes.";
    /// The event has no meaning for the store and was not sent.
    NOTHING_TO_TELL = 7006, Dom, No,
        "Nothing: such an event may be switched off at the DOM.";
}

#[cfg(test)]
mod tests {
    use super::{DOM_REFUSED, REGISTER, entry};

    #[test]
    fn every_number_is_used_once_and_in_order() {
        assert!(REGISTER.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn every_code_says_in_sentences_what_it_means_and_what_to_do() {
        for entry in REGISTER {
            for text in [entry.meaning(), entry.to_do] {
                let is_sentence = text.starts_with(|first: char| first.is_uppercase() || first == '`')
                    && text.ends_with(['.', ')']);
                assert!(is_sentence && !text.contains("  "), "{}: {text}", entry.name);
            }
        }
    }

    #[test]
    fn a_code_is_found_by_its_number_and_by_its_name() {
        for written in ["GW-4010", "gw-4010", "4010", "DOM_REFUSED", " dom_refused\n"] {
            assert_eq!(entry(written).map(|entry| entry.code), Some(DOM_REFUSED), "{written}");
        }
        for written in ["", "GW-", "GW-9999", "GW-GW-4010", "DOM", "4010.0", "99999999"] {
            assert_eq!(entry(written), None, "{written}");
        }
    }
}
