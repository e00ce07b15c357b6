//! Judging what came back from the DOM before it is read: is it an answer at all?
//!
//! Sterling's HTTP status for business errors is not documented; its errors are known by the root element `Errors`
//! at any status (contract Sterling section 12). So a body that is XML is read whatever the status says, and the
//! status alone decides only when there is nothing to read.

use gateway_model::{Fault, Reached, Repeat, codes};

/// What the DOM answered: status, headers that matter, body.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Whether the reply can be read as an answer. `only_reads`: the call changed nothing at the DOM. `unauthenticated`:
/// the error codes by which the DOM says that a call came without a valid login.
///
/// # Errors
/// A fault that says what came instead, whether the DOM may have acted and whether asking again is safe.
pub fn judge(reply: &Reply, only_reads: bool, unauthenticated: &[String]) -> Result<(), Fault> {
    let refused = status_fault(reply.status);
    // 401 is about the login whatever the body says; every other status may go with an error of the call's own.
    if let Some(fault) = refused.filter(|_| reply.status == 401 || !carries_errors(&reply.body)) {
        return Err(weigh(fault, reply.status, only_reads));
    }
    if let Some(fault) = body_fault(&reply.body) {
        return Err(weigh(fault, reply.status, only_reads));
    }
    if carries_errors(&reply.body) && unauthenticated.iter().any(|code| head_names(&reply.body, code)) {
        let text = "the DOM says the call came without a valid login";
        return Err(Fault::dom(codes::DOM_UNAUTHORIZED, text).reached(Reached::No));
    }
    Ok(())
}

fn status_fault(status: u16) -> Option<Fault> {
    let (code, message) = match status {
        200..=299 => return None,
        401 | 403 => {
            (codes::DOM_UNAUTHORIZED, format!("the DOM refused the gateway's credentials (HTTP {status})"))
        }
        429 | 503 => (codes::DOM_OVERLOADED, format!("the DOM has too much to do (HTTP {status})")),
        404 => (
            codes::DOM_STATUS,
            "the DOM knows nothing at this address (HTTP 404): check `url` of this DOM".to_owned(),
        ),
        _ => (codes::DOM_STATUS, format!("the DOM answered with HTTP {status}")),
    };
    Some(Fault::dom(code, message))
}

fn body_fault(body: &[u8]) -> Option<Fault> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    if text.is_empty() {
        return Some(Fault::dom(codes::DOM_EMPTY, "the DOM's answer is empty, expected an XML document"));
    }
    let utf16 = body.starts_with(b"\xFF\xFE") || body.starts_with(b"\xFE\xFF");
    if !utf16 && !text.starts_with(b"<") {
        return Some(Fault::dom(codes::DOM_NOT_XML, "the DOM's answer is no XML document"));
    }
    let html = [&b"<!doctype html"[..], b"<html"];
    html.iter()
        .any(|start| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
        .then(|| Fault::dom(codes::DOM_NOT_XML, "the DOM's answer is an HTML page, expected an XML document"))
}

/// Whether a body ends with the end tag of what seems to be its root element: then it is whole, if it is anything. What
/// does not has to be parsed to be sure.
pub(crate) fn ends_as_it_begins(body: &[u8]) -> bool {
    let mut tags = body.split(|byte| *byte == b'<').skip(1);
    let Some(root) = tags.find(|tag| !tag.starts_with(b"?") && !tag.starts_with(b"!")) else { return false };
    let name = root.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')).next();
    let end = body.trim_ascii_end().strip_suffix(b">").map(<[u8]>::trim_ascii_end);
    end.zip(name).is_some_and(|(end, name)| end.strip_suffix(name).is_some_and(|end| end.ends_with(b"</")))
}

/// Whether the body is an `Errors` document, to be read at any status.
fn carries_errors(body: &[u8]) -> bool {
    body_fault(body).is_none() && contains(head(body), b"<Errors")
}

/// Whether the first error of an `Errors` document has this code.
fn head_names(body: &[u8], code: &str) -> bool {
    contains(head(body), format!("ErrorCode=\"{code}\"").as_bytes())
}

fn head(body: &[u8]) -> &[u8] {
    body.get(..1024).unwrap_or(body)
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

/// Adds what the status says of repetition: refusals before any work may be repeated, everything else is for reads only.
fn weigh(fault: Fault, status: u16, only_reads: bool) -> Fault {
    match status {
        401 | 403 | 429 => {
            fault.reached(Reached::No).repeat(if status == 429 { Repeat::Safe } else { Repeat::Useless })
        }
        404 => fault.reached(Reached::No),
        _ if only_reads => fault.repeat(Repeat::Safe),
        _ => fault.reached(Reached::Maybe).repeat(Repeat::AfterCheck),
    }
}

#[cfg(test)]
mod tests {
    use gateway_model::{Reached, Repeat, codes};

    use super::{Reply, ends_as_it_begins, judge};

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, content_type: None, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn an_xml_answer_is_read() {
        assert_eq!(judge(&reply(200, "<Order/>"), true, &[]), Ok(()));
        assert_eq!(judge(&reply(200, "\u{feff}<?xml version='1.0'?><Order/>"), true, &[]), Ok(()));
    }

    #[test]
    fn errors_are_read_at_any_status() {
        for status in [200, 400, 403, 500, 503] {
            assert_eq!(
                judge(&reply(status, "<?xml version='1.0'?>\n<Errors><Error/></Errors>"), false, &[]),
                Ok(()),
                "{status}"
            );
        }
    }

    #[test]
    fn a_call_without_a_valid_login_is_known_by_its_error_code() {
        let errors = "<Errors><Error ErrorCode=\"YCP0427\" ErrorDescription=\"\"/></Errors>";
        let fault = judge(&reply(400, errors), false, &["YCP0427".to_owned()]).unwrap_err();
        assert_eq!((fault.code, fault.reached), (codes::DOM_UNAUTHORIZED, Reached::No));
    }

    #[test]
    fn status_401_is_about_the_login_whatever_the_errors_say() {
        let fault = judge(&reply(401, "<Errors><Error ErrorCode=\"X\"/></Errors>"), false, &[]).unwrap_err();
        assert_eq!((fault.code, fault.reached), (codes::DOM_UNAUTHORIZED, Reached::No));
    }

    #[test]
    fn each_bad_answer_has_its_code() {
        let html = "<!DOCTYPE html><html></html>";
        for (status, body, code) in [
            (200, "", codes::DOM_EMPTY),
            (200, " \n", codes::DOM_EMPTY),
            (200, "OK", codes::DOM_NOT_XML),
            (200, html, codes::DOM_NOT_XML),
            (200, "<HTML><body/></HTML>", codes::DOM_NOT_XML),
            (401, html, codes::DOM_UNAUTHORIZED),
            (403, "", codes::DOM_UNAUTHORIZED),
            (404, html, codes::DOM_STATUS),
            (500, html, codes::DOM_STATUS),
            (500, "<Order/>", codes::DOM_STATUS),
            (503, "", codes::DOM_OVERLOADED),
            (429, "", codes::DOM_OVERLOADED),
        ] {
            assert_eq!(judge(&reply(status, body), true, &[]).unwrap_err().code, code, "{status} {body}");
        }
    }

    #[test]
    fn a_document_that_ends_with_its_roots_end_tag_needs_no_second_look() {
        for (body, whole) in [
            ("<Order></Order>", true),
            ("<?xml version='1.0'?>\n<!-- a -->\n<Order A='1'>\n<Line/>\n</Order >\n", true),
            ("<o:Order xmlns:o='urn:o'><Line/></o:Order>", true),
            // Whole, but not to be told from a document that was cut behind a tag.
            ("<!-- <a> --><Order></Order>", false),
            ("<Order/>", false),
            ("<Order></Order><!-- end -->", false),
            ("<Order><Line/>", false),
            ("<Order><Line></Line>", false),
            ("<Order><ReOrder></ReOrder>", false),
            ("<Order><Line", false),
            ("<?xml version='1.0'?>", false),
            ("", false),
        ] {
            assert_eq!(ends_as_it_begins(body.as_bytes()), whole, "{body}");
        }
    }

    #[test]
    fn a_write_that_may_have_been_carried_out_is_ambiguous() {
        let fault = judge(&reply(500, ""), false, &[]).unwrap_err();
        assert_eq!((fault.reached, fault.repeat), (Reached::Maybe, Repeat::AfterCheck));
        let fault = judge(&reply(500, ""), true, &[]).unwrap_err();
        assert_eq!(fault.repeat, Repeat::Safe);
        let fault = judge(&reply(401, ""), false, &[]).unwrap_err();
        assert_eq!((fault.reached, fault.repeat), (Reached::No, Repeat::Useless));
    }
}
