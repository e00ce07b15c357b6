//! `flag 'Y' 'N'`: a flag in a document's words.

use std::borrow::Cow;

use super::{Example, Function, Unfit};

pub(super) const FUNCTION: Function = Function {
    name: "flag",
    usage: "flag 'Y' 'N'",
    doc: "the first word for true, the second for false",
    back: "the words stand for true and false; any other word is a fault",
    examples: &[
        Example {
            record: r#"{"flag":"true"}"#,
            hole: "flag | flag 'Y' 'N'",
            text: Some("Y"),
            back: Some(r#"{"flag":"true"}"#),
        },
        Example {
            record: r#"{"flag":"false"}"#,
            hole: "flag | flag 'Y' 'N'",
            text: Some("N"),
            back: Some(r#"{"flag":"false"}"#),
        },
        Example { record: r#"{"code":"x"}"#, hole: "flag | flag 'Y' 'N'", text: None, back: None },
    ],
};

pub(super) fn word<'f>(flag: &str, yes: &'f str, no: &'f str) -> &'f str {
    if flag == "true" { yes } else { no }
}

pub(super) fn back(text: &str, yes: &str, no: &str) -> Result<&'static str, Unfit> {
    match text.trim_ascii() {
        text if text == yes => Ok("true"),
        text if text == no => Ok("false"),
        _ => Err(Unfit(Cow::Owned(format!("`{yes}` or `{no}`")))),
    }
}
