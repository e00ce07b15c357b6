//! What speaks for and against a step.

use std::fmt::Debug;

/// Facts that were seen, and everything that was not as expected.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    facts: Vec<String>,
    faults: Vec<String>,
}

// === impl Verdict ===

impl Verdict {
    /// A fact worth showing.
    pub(super) fn fact(&mut self, fact: impl Into<String>) {
        self.facts.push(fact.into());
    }

    /// Something that must not be.
    pub(super) fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }

    /// Something that has to be as expected.
    pub(super) fn expect<T: PartialEq + Debug>(&mut self, what: &str, expected: T, found: T) {
        if expected != found {
            self.faults.push(format!("{what}: expected {expected:?}, found {found:?}"));
        }
    }

    /// A text that has to be there.
    pub(super) fn expect_text(&mut self, what: &str, expected: &str, found: Option<&str>) {
        if found != Some(expected) {
            let found = found.map_or("nothing".to_owned(), |found| format!("`{found}`"));
            self.faults.push(format!("{what}: expected `{expected}`, found {found}"));
        }
    }

    /// The facts joined; all faults if there are any.
    pub(super) fn outcome(self) -> Result<String, String> {
        if self.faults.is_empty() { Ok(self.facts.join(", ")) } else { Err(self.faults.join("; ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn one_fault_outweighs_all_facts() {
        let mut verdict = Verdict::default();
        verdict.fact("order 1");
        verdict.expect("pieces", 2, 2);
        verdict.expect_text("status", "G", Some("G"));
        verdict.fact("status G");
        assert_eq!(verdict.outcome(), Ok("order 1, status G".to_owned()));

        let mut verdict = Verdict::default();
        verdict.fact("order 1");
        verdict.expect("pieces", 2, 3);
        verdict.expect_text("status", "G", None);
        verdict.expect_text("status", "G", Some("F"));
        verdict.fault("the DOM was asked");
        let expected = "pieces: expected 2, found 3; status: expected `G`, found nothing; status: expected `G`, \
                        found `F`; the DOM was asked";
        assert_eq!(verdict.outcome(), Err(expected.to_owned()));
    }
}
