//! `default X`: a value where there is none.

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "default",
    usage: "default 'EACH'",
    doc: "another value where there is none; it does not bring an element into being",
    back: "unchanged",
    examples: &[
        Example {
            record: r#"{"code":"x"}"#,
            hole: "code | default 'EACH'",
            text: Some("x"),
            back: Some(r#"{"code":"x"}"#),
        },
        Example {
            record: r#"{"text":"t"}"#,
            hole: "code | default 'EACH'",
            text: Some("EACH"),
            back: Some(r#"{"code":"EACH"}"#),
        },
        Example {
            record: r#"{"text":"t"}"#,
            hole: "code | default text",
            text: Some("t"),
            back: Some(r#"{"code":"t"}"#),
        },
    ],
};
