//! What expressions mean: precedence, exact numbers, conditions, lists.

use crate::support::Fixture;

/// A hole, and what it writes for the record below; nothing for an absent value.
const CASES: &[(&str, &str)] = &[
    // paths and texts
    ("code", "c"),
    ("inner.code", "ic"),
    ("inner.inner.code", ""),
    ("'a'", "a"),
    ("\"it's\"", "it's"),
    // exact decimals; computed numbers are plain, others keep their digits
    ("number", "2.50"),
    ("number + 0", "2.5"),
    ("number * 2", "5"),
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("10 - 2 - 3", "5"),
    ("12 / 3 / 2", "2"),
    ("0.1 + 0.2", "0.3"),
    ("-number", "-2.5"),
    ("3 - -number", "5.5"),
    ("100 * amount / (number + 0.5)", "100"),
    ("number / 0", ""),
    ("number + inner.number", ""),
    ("(inner.number | default 1) * 2", "2"),
    // conditions
    ("if number > 2 then 'Y' else 'N'", "Y"),
    ("if number >= 2.5 and number <= 2.5 then 'Y' else 'N'", "Y"),
    ("if number != 2.5 then 'Y' else 'N'", "N"),
    ("if not flag then 'Y' else 'N'", "N"),
    ("if not flag or code = 'c' then 'Y' else 'N'", "Y"),
    ("if flag and code = 'x' or code = 'c' then 'Y' else 'N'", "Y"),
    ("if flag and (code = 'x' or code = 'y') then 'Y' else 'N'", "N"),
    ("if inner.number > 0 then 'Y'", ""),
    ("if inner.number != 0 then 'Y' else 'N'", "N"),
    ("if lines then 'Y' else 'N'", "Y"),
    ("if parts then 'Y' else 'N'", "N"),
    ("if inner then 'Y' else 'N'", "Y"),
    ("if number then 'Y' else 'N'", "Y"),
    ("if date = '2026-07-15' then 'Y' else 'N'", "Y"),
    ("if datetime > '2026-07-15T08:59:59Z' then 'Y' else 'N'", "Y"),
    ("if datetime = '2026-07-15T11:00:00+02:00' then 'Y' else 'N'", "Y"),
    ("if flag then if number > 9 then 'A' else 'B' else 'C'", "B"),
    ("number > 2", "true"),
    // functions in a row, and what they apply to
    ("code | upper", "C"),
    ("code | upper | prefix 'x' | suffix 'y'", "xCy"),
    ("if flag then 'a' else 'b' | upper", "A"),
    ("inner.number | default number | plain", "2.5"),
    ("inner.inner.code | default (code | upper)", "C"),
    ("inner.inner.code | default 'n' | upper", "N"),
    // lists
    ("lines | count", "3"),
    ("lines where number > 1 | count", "2"),
    ("lines where number > 1 and code = 'b' | first code", "b"),
    ("lines where (lines | count) > 0 | count", "0"),
    ("lines | sum number", "6"),
    ("lines | sum (number * 2)", "12"),
    ("parts | sum (1)", "0"),
    ("lines | join code '-'", "a-b-d"),
    ("parts | first id", ""),
    ("parts | count", "0"),
];

const RECORD: &str = r#"{"code":"c","number":"2.50","amount":"3","flag":"true","date":"2026-07-15",
    "datetime":"2026-07-15T09:00:00Z","inner":{"code":"ic"},
    "lines":[{"code":"a","number":"1"},{"code":"b","number":"2"},{"code":"d","number":"3.00"}]}"#;

#[test]
fn expressions_mean_what_the_page_says() {
    for (hole, expected) in CASES {
        let escaped = hole.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let written = Fixture::new(&format!("<X m:keep='true'>{{{escaped}}}</X>")).write(RECORD);
        let expected = if expected.is_empty() { "<X/>".to_owned() } else { format!("<X>{expected}</X>") };
        assert_eq!(written, expected, "{hole}");
    }
}
