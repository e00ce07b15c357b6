//! `table NAME`: a value table.

use super::{Example, Function};

pub(super) const FUNCTION: Function = Function {
    name: "table",
    usage: "table NAME [else fail | else pass | else none | else 'X']",
    doc: "the document's word for the record's, by a table of the dialect",
    back: "the other column; `else` holds for either side",
    examples: &[
        Example {
            record: r#"{"code":"C62"}"#,
            hole: "code | table unit",
            text: Some("EACH"),
            back: Some(r#"{"code":"C62"}"#),
        },
        Example {
            record: r#"{"code":"XYZ"}"#,
            hole: "code | table unit else pass",
            text: Some("XYZ"),
            back: Some(r#"{"code":"XYZ"}"#),
        },
        Example { record: r#"{"code":"XYZ"}"#, hole: "code | table unit", text: None, back: None },
        Example {
            record: r#"{"code":"XYZ"}"#,
            hole: "code | table unit else 'EACH'",
            text: Some("EACH"),
            back: Some(r#"{"code":"C62"}"#),
        },
    ],
};
