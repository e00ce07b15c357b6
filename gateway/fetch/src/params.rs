//! How many, how long: the settings of a fetcher, and what they may be.

use std::time::Duration;

/// The bounds of one fetcher. Times are kept to the millisecond, as tokio's timers are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params {
    /// Lines that the source takes in one call.
    pub lines_per_call: usize,
    /// The longest that a line waits for others to travel with; zero sends what is there.
    pub longest_window: Duration,
    /// Calls under way beside each other.
    pub concurrent_calls: usize,
    /// The longest that a call may take; then it counts as a failure of the way.
    pub longest_call: Duration,
    /// How long a source is left alone after its first failure; doubles with each failure in a row.
    pub first_pause: Duration,
    /// The longest that a source is left alone.
    pub longest_pause: Duration,
    /// Lines known at a time, waiting or under way, whoever wants them.
    pub most_lines: usize,
    /// Callers waiting at a time.
    pub most_callers: usize,
    /// Refreshes waiting at a time; further ones are dropped.
    pub most_refreshes: usize,
}

/// A parameter that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}`: expected {expected}, found {found}")]
pub struct BadParam {
    /// The field of the parameters.
    pub setting: &'static str,
    /// What it may be.
    pub expected: &'static str,
    /// What it is.
    pub found: String,
}

/// Why there is no fetcher.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotStart {
    /// Parameters that cannot be, all of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Params(Vec<BadParam>),
    /// Calls run in tasks, and there is nothing to run them.
    #[error("a fetcher has to be made within a tokio runtime")]
    NoRuntime,
}

/// More than any wait may take: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

// === impl Params ===

impl Params {
    /// Says of each parameter whether it can be.
    ///
    /// # Errors
    ///
    /// All that cannot be.
    pub fn check(&self) -> Result<(), Vec<BadParam>> {
        let counts = [
            ("lines_per_call", self.lines_per_call),
            ("concurrent_calls", self.concurrent_calls),
            ("most_lines", self.most_lines),
            ("most_callers", self.most_callers),
        ];
        let times = [
            ("longest_window", self.longest_window, Duration::ZERO),
            ("longest_call", self.longest_call, Duration::from_millis(1)),
            ("first_pause", self.first_pause, Duration::from_millis(1)),
            ("longest_pause", self.longest_pause, self.first_pause),
        ];
        let counts = counts.into_iter().filter(|(_, count)| *count == 0);
        let mut bad: Vec<BadParam> = counts
            .map(|(setting, count)| BadParam { setting, expected: "at least 1", found: count.to_string() })
            .collect();
        for (setting, time, least) in times {
            let expected = match setting {
                "longest_window" => "at most a year",
                "longest_pause" => "at least `first_pause` and at most a year",
                _ => "at least a millisecond and at most a year",
            };
            if time < least || time > LONGEST {
                bad.push(BadParam { setting, expected, found: format!("{time:?}") });
            }
        }
        if bad.is_empty() { Ok(()) } else { Err(bad) }
    }
}

impl Default for Params {
    /// 100 lines per call (what a DOM's availability service takes), a window of up to 5 ms, 8 calls of up to 30 s,
    /// pauses from 250 ms to 30 s.
    fn default() -> Self {
        Self {
            lines_per_call: 100,
            longest_window: Duration::from_millis(5),
            concurrent_calls: 8,
            longest_call: Duration::from_secs(30),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(30),
            most_lines: 50_000,
            most_callers: 20_000,
            most_refreshes: 10_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{CannotStart, LONGEST, Params};

    /// The settings that are named as bad.
    fn bad(params: &Params) -> Vec<&'static str> {
        params.check().err().unwrap_or_default().into_iter().map(|bad| bad.setting).collect()
    }

    #[test]
    fn the_defaults_can_be() {
        assert_eq!(Params::default().check(), Ok(()));
        assert_eq!(bad(&Params { longest_window: Duration::ZERO, ..Params::default() }), [""; 0]);
        assert_eq!(bad(&Params { most_refreshes: 0, ..Params::default() }), [""; 0]);
    }

    #[test]
    fn all_bad_parameters_are_told_at_once() {
        let params = Params {
            lines_per_call: 0,
            concurrent_calls: 0,
            most_lines: 0,
            most_callers: 0,
            longest_window: LONGEST * 2,
            longest_call: Duration::ZERO,
            first_pause: Duration::ZERO,
            longest_pause: LONGEST * 2,
            ..Params::default()
        };
        let names = [
            "lines_per_call",
            "concurrent_calls",
            "most_lines",
            "most_callers",
            "longest_window",
            "longest_call",
            "first_pause",
            "longest_pause",
        ];
        assert_eq!(bad(&params), names);
    }

    #[test]
    fn a_fault_names_the_setting_and_what_it_may_be() {
        let params =
            Params { lines_per_call: 0, longest_pause: Duration::from_millis(9), ..Params::default() };
        let text = CannotStart::Params(params.check().unwrap_err()).to_string();
        assert_eq!(
            text,
            "`lines_per_call`: expected at least 1, found 0; \
             `longest_pause`: expected at least `first_pause` and at most a year, found 9ms"
        );
    }
}
