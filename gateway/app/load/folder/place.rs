//! Putting a file away: under a name of its own, with its report beside it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// Names that are tried at most; they differ by a number.
const MOST_NAMES: u32 = 1_000;

/// Moves a file into a folder, which is made if it is not there, with the time in its name: `night.csv` becomes
/// `night.20261121T031502Z.csv`. Nothing there is replaced. A report that is not empty is written beside it, first: a file
/// that was moved has its report. Gives the new path.
pub(super) fn moved(from: &Path, folder: &Path, now: Timestamp, report: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let name = from.file_name().unwrap_or_default();
    let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let free = |number: &u32| {
        let to = folder.join(stamped(name, &time, *number));
        (!to.exists() && !beside(&to).exists()).then_some(to)
    };
    let Some(to) = (1..=MOST_NAMES).find_map(|number| free(&number)) else {
        return Err(ErrorKind::AlreadyExists.into());
    };
    if !report.is_empty() {
        fs::write(beside(&to), report)?;
    }
    match fs::rename(from, &to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            fs::copy(from, &to)?;
            fs::remove_file(from)?;
        }
        other => {
            if other.is_err() && !report.is_empty() {
                // It is written again when the file can be moved.
                let _ = fs::remove_file(beside(&to));
            }
            other?;
        }
    }
    Ok(to)
}

/// `night.csv` → `night.<time>.csv`, from the second on `night.<time>-2.csv`.
fn stamped(name: &OsStr, time: &str, number: u32) -> OsString {
    let path = Path::new(name);
    let mut stamped = path.file_stem().unwrap_or_default().to_owned();
    stamped.push(format!(".{time}"));
    if number > 1 {
        stamped.push(format!("-{number}"));
    }
    if let Some(ending) = path.extension() {
        stamped.push(".");
        stamped.push(ending);
    }
    stamped
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".report.csv");
    name.into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use jiff::Timestamp;

    use super::moved;

    #[test]
    fn nothing_is_ever_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("deep/done");
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let mut names = Vec::new();
        for (content, report) in [("one", ""), ("two", "bad"), ("three", "")] {
            let from = folder.path().join("night.csv");
            fs::write(&from, content).unwrap();
            let moved = moved(&from, &to, now, report).unwrap();
            assert!(!from.exists());
            assert_eq!(fs::read_to_string(&moved).unwrap(), content);
            names.push(moved.file_name().unwrap().to_str().unwrap().to_owned());
        }
        let expected =
            ["night.20261118T110640Z.csv", "night.20261118T110640Z-2.csv", "night.20261118T110640Z-3.csv"];
        assert_eq!(names, expected);
        assert_eq!(fs::read_to_string(to.join(format!("{}.report.csv", names[1]))).unwrap(), "bad");
        assert_eq!(fs::read_dir(&to).unwrap().count(), 4);
    }
}
