//! Which files are whole: those that nobody has changed for a while. Time comes in as a value.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Endings of names that mean: not whole yet.
const UNFINISHED: [&str; 3] = [".tmp", ".part", ".filepart"];

/// What a file looks like from outside. Its own clock may be another's, so times are only compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    length: u64,
    modified: Option<SystemTime>,
}

/// Since when each file looks as it does.
#[derive(Debug, Default)]
pub(super) struct Settling {
    seen: BTreeMap<OsString, (Shape, Instant)>,
}

// === impl Shape ===

impl Shape {
    /// The shape of a file; `None` of anything else.
    pub(super) fn of(found: &Metadata) -> Option<Self> {
        found.is_file().then(|| Self { length: found.len(), modified: found.modified().ok() })
    }
}

// === impl Settling ===

impl Settling {
    /// The files that have looked as they do now for `settle`, in the order of their names.
    pub(super) fn settled(
        &mut self,
        found: &BTreeMap<OsString, Shape>,
        now: Instant,
        settle: Duration,
    ) -> Vec<(OsString, Shape)> {
        self.seen.retain(|name, _| found.contains_key(name));
        let mut settled = Vec::new();
        for (name, shape) in found {
            let (seen, since) = self.seen.entry(name.clone()).or_insert((*shape, now));
            if seen != shape {
                (*seen, *since) = (*shape, now);
            }
            if now.saturating_duration_since(*since) >= settle {
                settled.push((name.clone(), *shape));
            }
        }
        settled
    }

    /// The file has to settle anew.
    pub(super) fn forget(&mut self, name: &OsStr) {
        self.seen.remove(name);
    }
}

/// Whether a file of this name is not for us: hidden, or not whole by its sender's own word.
pub(super) fn is_left_alone(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with('.') || UNFINISHED.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ffi::OsStr;
    use std::time::{Duration, SystemTime};

    use tokio::time::Instant;

    use super::{Settling, Shape, is_left_alone};

    #[test]
    fn a_file_settles_when_neither_length_nor_time_changed_for_long_enough() {
        let began = Instant::now();
        let mut settling = Settling::default();
        // Seconds since the beginning, the files then (length, time), and those that are whole.
        type Look = (u64, &'static [(&'static str, u64, u64)], &'static [&'static str]);
        let looks: [Look; 8] = [
            (0, &[("b", 10, 1)], &[]),
            (4, &[("b", 10, 1), ("a", 5, 1)], &[]),
            (5, &[("b", 10, 1), ("a", 6, 1)], &["b"]),
            (9, &[("b", 10, 1), ("a", 6, 2)], &["b"]),
            (14, &[("b", 10, 1), ("a", 6, 2)], &["a", "b"]),
            (15, &[("a", 6, 2)], &["a"]),
            // Gone and back: it starts anew.
            (16, &[("b", 10, 1)], &[]),
            (21, &[("b", 10, 1)], &["b"]),
        ];
        for (secs, files, whole) in looks {
            let shape = |length, secs| Shape {
                length,
                modified: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(secs)),
            };
            let found: BTreeMap<_, _> =
                files.iter().map(|(name, length, time)| ((*name).into(), shape(*length, *time))).collect();
            let settled = settling.settled(&found, began + Duration::from_secs(secs), Duration::from_secs(5));
            let names: Vec<_> = settled.iter().map(|(name, _)| name.to_str().unwrap()).collect();
            assert_eq!(names, whole, "after {secs} s");
        }
    }

    #[test]
    fn hidden_and_unfinished_files_are_left_alone() {
        for (name, alone) in [
            ("night.csv", false),
            ("night", false),
            (".night.csv", true),
            ("night.csv.tmp", true),
            ("night.csv.part", true),
            ("NIGHT.CSV.FILEPART", true),
            ("tmp.csv", false),
        ] {
            assert_eq!(is_left_alone(OsStr::new(name)), alone, "{name}");
        }
    }
}
