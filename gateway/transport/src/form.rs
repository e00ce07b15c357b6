//! The body of a form post (`application/x-www-form-urlencoded`), as Sterling's interop servlet takes it
//! (contract Sterling section 13.1).

use bytes::Bytes;
use form_urlencoded::Serializer;

/// What to say in `Content-Type`; the text is UTF-8 and then percent-encoded.
pub const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=UTF-8";

/// The pairs as one body, in the order given: a space becomes `+`, every byte outside letters, digits and `*-._` of
/// the UTF-8 text becomes `%XX`.
pub fn encode<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Bytes {
    let mut serializer = Serializer::new(String::new());
    serializer.extend_pairs(pairs);
    Bytes::from(serializer.finish())
}

/// The pairs of a form post's body, in document order, decoded. Never fails: what is no valid UTF-8 becomes U+FFFD,
/// and a `%` that starts no escape stays as it is.
#[must_use]
pub fn decode(body: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(body).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, encode};

    #[test]
    fn names_and_values_are_written_as_a_browser_would() {
        let cases: &[(&[(&str, &str)], &str)] = &[
            (&[], ""),
            (&[("InteropApiName", "createOrder"), ("IsFlow", "N")], "InteropApiName=createOrder&IsFlow=N"),
            (&[("a", "x y")], "a=x+y"),
            (&[("a", "1+1=2&b")], "a=1%2B1%3D2%26b"),
            (&[("a", "M\u{fc}nchen \u{20ac}")], "a=M%C3%BCnchen+%E2%82%AC"),
            (&[("a", "<P A=\"1\"/>")], "a=%3CP+A%3D%221%22%2F%3E"),
            (&[("YFSEnvironment.progId", "*-._~")], "YFSEnvironment.progId=*-._%7E"),
            (&[("a", "line\r\nend")], "a=line%0D%0Aend"),
            (&[("empty", "")], "empty="),
        ];
        for (pairs, expected) in cases {
            assert_eq!(encode(pairs.iter().copied()), expected.as_bytes(), "{pairs:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_again(pairs in prop::collection::vec((".*", ".*"), 0..5)) {
            let borrowed = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            prop_assert_eq!(decode(&encode(borrowed)), pairs);
        }

        #[test]
        fn any_bytes_decode_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }
}
