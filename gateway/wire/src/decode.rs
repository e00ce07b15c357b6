//! Bytes to text: byte order mark, then the transport's charset, then the XML declaration, then UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};
use gateway_model::codes;

use crate::characters::is_space;
use crate::limits::Limits;
use crate::refusal::Refusal;

/// Bytes in which an XML declaration's encoding is looked for.
const DECLARATION_BYTES: usize = 512;

/// The text of a document. UTF-8, the usual case, is checked and borrowed; everything else is transcoded.
///
/// `charset` is the parameter of the transport's content type; it wins over the XML declaration (RFC 7303), a byte order
/// mark wins over both.
///
/// # Errors
/// `EMPTY_BODY` for nothing or white space alone, `LIMIT_EXCEEDED`, `BAD_ENCODING` for a charset nobody knows or
/// bytes that are not text in it, `TRUNCATED_XML` when the bytes end inside a character.
pub fn decode<'b>(bytes: &'b [u8], charset: Option<&str>, limits: &Limits) -> Result<Cow<'b, str>, Refusal> {
    if bytes.len() > limits.bytes {
        return Err(too_long(limits));
    }
    if bytes.iter().all(|byte| is_space(*byte)) {
        return Err(Refusal::at("", 0, codes::EMPTY_BODY, "the body is empty").expecting("an XML document"));
    }
    let (encoding, body) = encoding_of(bytes, charset)?;
    let text = if encoding == UTF_8 { Cow::Borrowed(utf8(body)?) } else { transcode(body, encoding)? };
    if text.len() > limits.bytes {
        return Err(too_long(limits));
    }
    Ok(text)
}

fn too_long(limits: &Limits) -> Refusal {
    Refusal::at("", 0, codes::LIMIT_EXCEEDED, "the document is too long")
        .expecting(format!("at most {} bytes", limits.bytes))
}

/// The encoding, and the bytes without their byte order mark.
pub(crate) fn encoding_of<'b>(
    bytes: &'b [u8],
    charset: Option<&str>,
) -> Result<(&'static Encoding, &'b [u8]), Refusal> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return Ok((encoding, bytes.get(length..).unwrap_or_default()));
    }
    if let Some(label) = charset.map(|label| label.trim_matches(['"', '\'', ' '])).filter(|l| !l.is_empty()) {
        return known(label, "charset").map(|encoding| (encoding, bytes));
    }
    if bytes.starts_with(b"<\0") {
        return Ok((UTF_16LE, bytes));
    }
    if bytes.starts_with(b"\0<") {
        return Ok((UTF_16BE, bytes));
    }
    match declared(bytes) {
        None => Ok((UTF_8, bytes)),
        // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
        Some(label) => match known(&label, "encoding")? {
            encoding if encoding == UTF_16LE || encoding == UTF_16BE => Ok((UTF_8, bytes)),
            encoding => Ok((encoding, bytes)),
        },
    }
}

fn known(label: &str, kind: &str) -> Result<&'static Encoding, Refusal> {
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding != REPLACEMENT => Ok(encoding),
        _ => {
            let shown: String = label.chars().filter(char::is_ascii_graphic).take(40).collect();
            Err(Refusal::at("", 0, codes::BAD_ENCODING, format!("unknown {kind} `{shown}`"))
                .expecting("`utf-8`"))
        }
    }
}

/// The encoding that the XML declaration names. What is wrong with the declaration itself is the tree's to say.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..DECLARATION_BYTES.min(bytes.len()))?;
    let rest = head.strip_prefix(b"<?xml")?;
    let declaration = rest.get(..memchr::memmem::find(rest, b"?>")?)?;
    let value = declaration.get(memchr::memmem::find(declaration, b"encoding")? + "encoding".len()..)?;
    let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let label = value.get(..memchr::memchr(*quote, value)?)?;
    String::from_utf8(label.to_vec()).ok()
}

fn utf8(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let before = String::from_utf8_lossy(valid);
        if error.error_len().is_none() {
            return Refusal::at(
                &before,
                before.len(),
                codes::TRUNCATED_XML,
                "the document ends inside a character",
            )
            .expecting("the rest of the document");
        }
        Refusal::at(&before, before.len(), codes::BAD_ENCODING, "the bytes are not text in UTF-8")
            .expecting("UTF-8, or a charset or XML declaration that names the encoding")
    })
}

fn transcode<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Result<Cow<'b, str>, Refusal> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
        let message = format!("the bytes are not text in {}", encoding.name());
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        let offset = text.find(char::REPLACEMENT_CHARACTER).unwrap_or_default();
        Refusal::at(&text, offset, codes::BAD_ENCODING, message)
            .expecting(format!("text in {}", encoding.name()))
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use gateway_model::codes;
    use proptest::prelude::{any, proptest};

    use super::decode;
    use crate::Limits;

    const UTF_16_LE: &[u8] = b"\xFF\xFE<\0a\0>\0\xE4\0";
    const UTF_16_BE: &[u8] = b"\xFE\xFF\0<\0a\0>\0\xE4";

    #[test]
    fn the_encoding_is_taken_from_mark_then_charset_then_declaration() {
        let cases: [(&[u8], Option<&str>, &str); 14] = [
            ("<a>ä".as_bytes(), None, "<a>ä"),
            ("<a>ä".as_bytes(), Some("utf-8"), "<a>ä"),
            ("<a>ä".as_bytes(), Some("\"UTF8\""), "<a>ä"),
            ("<a>ä".as_bytes(), Some(""), "<a>ä"),
            ("\u{FEFF}<a>ä".as_bytes(), Some("iso-8859-1"), "<a>ä"),
            (b"<a>\xE4", Some("iso-8859-1"), "<a>ä"),
            (b"<a>\xA4", Some("ISO-8859-15"), "<a>€"),
            (
                b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4",
                None,
                "<?xml version='1.0' encoding='ISO-8859-1'?><a>ä",
            ),
            (
                b"<?xml version='1.0' encoding = \"utf-16\"?><a>",
                None,
                "<?xml version='1.0' encoding = \"utf-16\"?><a>",
            ),
            (
                b"<?xml version='1.0' encoding='latin1'?>\xC3\xA4",
                Some("utf-8"),
                "<?xml version='1.0' encoding='latin1'?>ä",
            ),
            (UTF_16_LE, None, "<a>ä"),
            (UTF_16_BE, Some("utf-8"), "<a>ä"),
            (b"<\0a\0", None, "<a"),
            (b"\0<\0a", None, "<a"),
        ];
        for (bytes, charset, expected) in cases {
            assert_eq!(
                decode(bytes, charset, &Limits::default()).unwrap(),
                expected,
                "{bytes:?} {charset:?}"
            );
        }
    }

    #[test]
    fn utf_8_is_borrowed() {
        assert!(matches!(
            decode("\u{FEFF}<ä/>".as_bytes(), None, &Limits::default()),
            Ok(Cow::Borrowed("<ä/>"))
        ));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_place() {
        let cases: [(&[u8], Option<&str>, _, _); 9] = [
            (b"", None, codes::EMPTY_BODY, (1, 1)),
            (b" \r\n\t", None, codes::EMPTY_BODY, (1, 1)),
            (b"<a>\n\xE4 </a>", None, codes::BAD_ENCODING, (2, 1)),
            (b"<a>\xE4", None, codes::TRUNCATED_XML, (1, 4)),
            (b"<a/>", Some("klingon"), codes::BAD_ENCODING, (1, 1)),
            (b"<a/>", Some("iso-2022-kr"), codes::BAD_ENCODING, (1, 1)),
            (b"<?xml version='1.0' encoding='x'?><a/>", None, codes::BAD_ENCODING, (1, 1)),
            (b"\xFF\xFE<\0a\0\0\xD8>\0", None, codes::BAD_ENCODING, (1, 3)),
            (b"<a>\n<b>\xFF\xFF", Some("shift_jis"), codes::BAD_ENCODING, (2, 4)),
        ];
        for (bytes, charset, code, place) in cases {
            let refusal = decode(bytes, charset, &Limits::default()).unwrap_err();
            assert_eq!((refusal.code, (refusal.line, refusal.column)), (code, place), "{bytes:?}");
            assert!(refusal.expected.is_some(), "{refusal}");
        }
    }

    #[test]
    fn the_limit_counts_bytes_received_and_bytes_decoded() {
        let limits = Limits { bytes: 4, ..Limits::default() };
        assert!(decode(b"<a/>", None, &limits).is_ok());
        assert_eq!(decode(b"<a />", None, &limits).unwrap_err().code, codes::LIMIT_EXCEEDED);
        assert!(decode(b"<\xE4>", Some("latin1"), &limits).is_ok());
        assert_eq!(decode(b"<\xE4\xE4>", Some("latin1"), &limits).unwrap_err().code, codes::LIMIT_EXCEEDED);
    }

    proptest! {
        #[test]
        fn any_bytes_give_text_or_a_refusal(bytes in any::<Vec<u8>>(), charset in proptest::option::of("[a-z0-9-]{0,12}")) {
            if let Ok(text) = decode(&bytes, charset.as_deref(), &Limits::default()) {
                assert!(!text.is_empty() || bytes.len() < 4);
            }
        }
    }
}
