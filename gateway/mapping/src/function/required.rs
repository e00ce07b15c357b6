//! `required`: no value is a fault.

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "required",
    usage: "required ['why']",
    doc: "no value is a fault that names the place and says why it is needed",
    back: "unchanged; no value is a fault here as well",
    examples: &[Example {
        record: r#"{"code":"17"}"#,
        hole: "code | required 'the order id'",
        text: Some("17"),
        back: Some(r#"{"code":"17"}"#),
    }],
};
