//! Exact decimals.

use std::borrow::Cow;

use rust_decimal::Decimal;

/// Digits that every number of so many can be held exactly with; of those with one more, only some can.
const SAFE_DIGITS: usize = 28;

/// Checks a number's form. Plain decimals are kept as they stand; exponents and a leading `+` are written out.
#[must_use]
pub fn check_number(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    match form(text.as_bytes())? {
        Form::Plain if text.len() <= SAFE_DIGITS => Some(text),
        Form::Plain => parse_number(&text).map(|_| text),
        Form::Signed | Form::Exponent => parse_number(&text).map(|number| Cow::Owned(number.to_string())),
    }
}

/// The number a text stands for, exactly; `None` if it is none or cannot be held exactly.
#[must_use]
pub fn parse_number(text: &str) -> Option<Decimal> {
    let form = form(text.as_bytes())?;
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    match form {
        Form::Plain | Form::Signed => Decimal::from_str_exact(unsigned).ok(),
        Form::Exponent => Decimal::from_scientific(&unsigned.replace('E', "e").replace("e+", "e")).ok(),
    }
}

/// A computed number as it is written: without zeros at its end, `5` and not `5.00`, never `-0`.
#[must_use]
pub fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}

enum Form {
    Plain,
    Signed,
    Exponent,
}

/// Recognizes `[+-] digits [. digits] [E [+-] digits]`, with digits on at least one side of the point.
fn form(text: &[u8]) -> Option<Form> {
    let (sign, rest) = match text {
        [b'+', rest @ ..] => (true, rest),
        [b'-', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (whole, rest) = digits(rest);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => digits(rest),
        rest => (0, rest),
    };
    if whole + fraction == 0 {
        return None;
    }
    match rest {
        [] if sign => Some(Form::Signed),
        [] => Some(Form::Plain),
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => {
            let (count, rest) = digits(rest);
            ((1..=2).contains(&count) && rest.is_empty()).then_some(Form::Exponent)
        }
        _ => None,
    }
}

fn digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count, text.get(count..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{check_number, parse_number, plain};

    #[test]
    fn digits_are_kept_as_written() {
        for text in ["0.750", "2.0", "-29.80000", "999999999", ".5", "5."] {
            assert_eq!(check_number(Cow::Borrowed(text)).as_deref(), Some(text), "{text}");
            assert!(parse_number(text).is_some(), "{text}");
        }
    }

    #[test]
    fn java_doubles_are_written_out() {
        assert_eq!(check_number(Cow::Borrowed("9.99999999E8")).as_deref(), Some("999999999"));
        assert_eq!(check_number(Cow::Borrowed("1.0E7")).as_deref(), Some("10000000"));
        assert_eq!(check_number(Cow::Borrowed("1.5e-3")).as_deref(), Some("0.0015"));
        assert_eq!(check_number(Cow::Borrowed("+2.0")).as_deref(), Some("2.0"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "1_000",
            "1,5",
            "0x10",
            "NaN",
            "INF",
            "1e",
            "1e999",
            "1 2",
            "123456789012345678901234567890",
        ] {
            assert_eq!(check_number(Cow::Borrowed(text)), None, "{text}");
        }
    }

    #[test]
    fn a_quotient_of_29_digits_is_a_number() {
        let quotient =
            parse_number("100").zip(parse_number("52.638")).map(|(one, other)| one / other).unwrap();
        let text = quotient.to_string();
        assert_eq!(parse_number(&text), Some(quotient), "{text}");
        assert_eq!(check_number(Cow::Borrowed(&text)).as_deref(), Some(text.as_str()));
    }

    #[test]
    fn computed_numbers_are_plain() {
        let sum = parse_number("3.00").zip(parse_number("2.00")).map(|(one, other)| plain(one + other));
        assert_eq!(sum.as_deref(), Some("5"));
        assert_eq!(parse_number("-0.00").map(plain).as_deref(), Some("0"));
    }
}
