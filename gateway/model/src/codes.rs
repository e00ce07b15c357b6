//! The register of codes: every fault and every diagnostic has one number here, never used twice.
//!
//! `GW-1xxx` the store's document, `GW-2xxx` mapping files, `GW-3xxx` a message that does not fit its template,
//! `GW-4xxx` the DOM and the way to it, `GW-5xxx` configuration and tables, `GW-6xxx` the gateway itself,
//! `GW-7xxx` pushes to the store.

use std::fmt;

/// A code of the register, shown as `GW-1001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "GW-{:04}", self.0)
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: Code = Code($number);)+

        /// Every code with its name and meaning, in order of number.
        pub const REGISTER: &[(Code, &str, &str)] = &[$(($name, stringify!($name), concat!($($doc),+))),+];
    };
}

codes! {
    /// The document is not well-formed XML.
    MALFORMED_XML = 1001;
    /// The document ends before its root element does.
    TRUNCATED_XML = 1002;
    /// The document holds a document type declaration or an entity; both are refused.
    DOCTYPE_REFUSED = 1003;
    /// The document is larger, deeper or wider than the configured limits.
    LIMIT_EXCEEDED = 1004;
    /// The bytes are not text in a known encoding.
    BAD_ENCODING = 1005;
    /// The body is empty.
    EMPTY_BODY = 1006;
    /// The SOAP envelope is not one of SOAP 1.1 or 1.2, or its body does not hold exactly one element.
    BAD_ENVELOPE = 1007;
    /// No message of the dialect has this root element.
    UNKNOWN_ROOT = 1008;
    /// The root element is known, but not with this action code or access profile.
    UNKNOWN_ACTION = 1009;
    /// The root element's name is known, but in another namespace.
    WRONG_NAMESPACE = 1010;
    /// The expression text cannot be parsed.
    BAD_EXPRESSION = 1011;
    /// The caller's credentials are missing or wrong.
    NOT_AUTHENTICATED = 1012;
    /// No store is configured for this path.
    UNKNOWN_PATH = 1013;
    /// The body did not arrive in time.
    BODY_TIMEOUT = 1014;
    /// The HTTP method is not POST.
    METHOD_NOT_ALLOWED = 1015;
    /// The gateway has as many calls under way as it may.
    OVERLOADED = 1016;
    /// The HTTP request is doubtful or broken off: where it ends, or whom it is for, cannot be told.
    BAD_HTTP = 1017;
    /// The caller hung up before the answer; a read stops then.
    CALLER_GONE = 1018;

    /// The template is not well-formed XML.
    TEMPLATE_XML = 2001;
    /// An expression in a hole cannot be parsed.
    EXPRESSION_SYNTAX = 2002;
    /// A path names a field that the vocabulary does not have.
    UNKNOWN_FIELD = 2003;
    /// A function that does not exist.
    UNKNOWN_FUNCTION = 2004;
    /// A function was given the wrong number or kind of arguments.
    BAD_ARGUMENTS = 2005;
    /// Types do not fit: a number compared with text, a list where one value is needed.
    TYPE_MISMATCH = 2006;
    /// An element or attribute of the mapping language that does not exist.
    UNKNOWN_INSTRUCTION = 2007;
    /// An instruction of the mapping language stands where it means nothing.
    MISPLACED_INSTRUCTION = 2008;
    /// A fragment that does not exist, or is of another record type, or uses itself.
    BAD_FRAGMENT = 2009;
    /// A value table that does not exist.
    UNKNOWN_TABLE = 2010;
    /// The root lacks `m:operation` or `m:part`, or names one that does not exist.
    BAD_ROOT = 2011;
    /// `dialect.toml` is not valid.
    BAD_DIALECT = 2012;
    /// The vocabulary is not valid.
    BAD_VOCABULARY = 2013;
    /// A table file is not valid.
    BAD_TABLE = 2014;
    /// Two templates answer to the same root element and action.
    AMBIGUOUS_ROUTE = 2015;
    /// A field the gateway works with is missing from the vocabulary or has another type.
    MISSING_VIEW = 2016;
    /// `m:into` stands on a hole that is read anyway, or names a field that cannot take it.
    BAD_INTO = 2017;
    /// A template file belongs to no dialect, or a dialect has no templates.
    STRAY_FILE = 2018;

    /// A required value is missing.
    MISSING_VALUE = 3001;
    /// A value is not a number, date or flag, though it has to be one.
    BAD_SCALAR = 3002;
    /// A value is not in its table, and the table's rule is to fail.
    UNMAPPED_VALUE = 3003;
    /// The document is not the message it was taken for.
    WRONG_MESSAGE = 3004;
    /// The document written would be larger than the limit.
    OUTPUT_TOO_LARGE = 3005;
    /// A value has characters that XML cannot hold.
    UNWRITABLE_TEXT = 3006;
    /// The request contradicts itself, or leaves out what the operation needs.
    BAD_REQUEST = 3007;

    /// The DOM could not be reached; nothing was sent.
    DOM_UNREACHABLE = 4001;
    /// The DOM did not answer in time.
    DOM_TIMEOUT = 4002;
    /// The connection to the DOM broke before the answer was complete.
    DOM_BROKEN = 4003;
    /// The DOM answered with an HTTP error status.
    DOM_STATUS = 4004;
    /// The DOM refused the gateway's credentials.
    DOM_UNAUTHORIZED = 4005;
    /// The DOM's answer is not XML (for example an HTML page).
    DOM_NOT_XML = 4006;
    /// The DOM's answer is empty.
    DOM_EMPTY = 4007;
    /// The DOM's answer is cut off.
    DOM_TRUNCATED = 4008;
    /// The DOM's answer is XML, but not the answer to this question.
    DOM_UNEXPECTED = 4009;
    /// The DOM refused the request with a business error.
    DOM_REFUSED = 4010;
    /// The DOM says it has too much to do.
    DOM_OVERLOADED = 4011;
    /// The call's time was used up before the DOM answered.
    DEADLINE = 4012;

    /// The configuration file is not valid TOML.
    CONFIG_SYNTAX = 5001;
    /// A setting that does not exist, is missing, or has the wrong type.
    CONFIG_KEY = 5002;
    /// A setting has a value it cannot have.
    CONFIG_VALUE = 5003;
    /// A file the configuration names cannot be read.
    CONFIG_FILE = 5004;
    /// A fixture does not come out as it stands.
    FIXTURE = 5005;
    /// A fixture folder has no mapping, or a mapping has no fixture.
    FIXTURE_MISSING = 5006;

    /// A fault of the gateway's own making.
    INTERNAL = 6001;
    /// The gateway is shutting down.
    DRAINING = 6002;
    /// Nothing is kept of what was asked, and the cache rule forbids asking the DOM.
    NOTHING_KEPT = 6003;

    /// The store could not be reached.
    STORE_UNREACHABLE = 7001;
    /// The store did not answer in time.
    STORE_TIMEOUT = 7002;
    /// The store's answer cannot be understood.
    STORE_UNEXPECTED = 7003;
    /// The store refused the message.
    STORE_REFUSED = 7004;
    /// No store is configured for the organization or store id a push names.
    UNKNOWN_STORE = 7005;
    /// The event has no meaning for the store and was not sent.
    NOTHING_TO_TELL = 7006;
}

#[cfg(test)]
mod tests {
    use super::REGISTER;

    #[test]
    fn every_number_is_used_once_and_in_order() {
        assert!(REGISTER.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
