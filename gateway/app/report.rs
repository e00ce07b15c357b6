//! What was found, in one line. How each diagnostic looks is `gateway_mapping::render`.

use std::fmt::Write as _;

use gateway_model::{Diagnostic, Severity};

/// How many faults there are: `2 errors, 1 warning`. Empty if there are none.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    let mut text = String::new();
    for (count, one) in [(errors, "error"), (warnings, "warning")] {
        if count > 0 {
            let comma = if text.is_empty() { "" } else { ", " };
            let plural = if count == 1 { "" } else { "s" };
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{comma}{count} {one}{plural}");
        }
    }
    text
}

/// Whether any of them is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|found| found.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use gateway_model::{Diagnostic, Place, codes};

    use super::{has_errors, summary};

    #[test]
    fn errors_and_warnings_are_counted_apart() {
        let place = || Place { file: "a".to_owned(), span: 0..0 };
        let error = Diagnostic::error(codes::CONFIG_KEY, place(), "e");
        let warning = Diagnostic::warning(codes::CONFIG_KEY, place(), "w");
        for (found, text, errors) in [
            (vec![], "", false),
            (vec![warning.clone()], "1 warning", false),
            (vec![error.clone(), warning, error], "2 errors, 1 warning", true),
        ] {
            assert_eq!((summary(&found).as_str(), has_errors(&found)), (text, errors));
        }
    }
}
