//! Watched folders: defaults, and what is refused.

use std::path::Path;
use std::time::Duration;

use gateway_load::Mode;

use super::{LEAST, load_beside_shipped, rendered};

#[test]
fn a_folder_needs_only_its_path() {
    let loaded = load_beside_shipped(&format!("[[cache.folder]]\nin = \"stock\"\n{LEAST}"));
    let config = loaded.config.as_ref().unwrap_or_else(|| panic!("{}", rendered(&loaded)));
    let [folder] = config.cache.folders.as_slice() else { panic!("expected one folder") };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("stock");
    assert_eq!(folder.incoming.value, path);
    assert_eq!((&folder.done, &folder.failed), (&path.join("done"), &path.join("failed")));
    assert_eq!((folder.poll, folder.settle), (Duration::from_secs(5), Duration::from_secs(5)));
    assert_eq!((folder.mode, folder.max_bad_rows), (Mode::Delta, None));
}

#[test]
fn folders_that_cannot_work_are_refused_with_their_place() {
    let one = "[[cache.folder]]\nin = \"stock\"\n";
    for (text, told) in [
        ("[[cache.folder]]\ndone = \"stock\"\n".to_owned(), "the folder that is watched"),
        (format!("{one}mode = \"ful\"\n"), "did you mean `full`"),
        (format!("{one}poll_ms = 1\n"), "`poll_ms` is out of range"),
        (format!("{one}polling = 1\n"), "unknown key `polling`"),
        (format!("{one}failed = \"stock\"\n"), "files would be moved to where they are taken from"),
        (format!("{one}{one}"), "one folder is watched twice"),
    ] {
        let loaded = load_beside_shipped(&format!("{text}{LEAST}"));
        assert!(loaded.config.is_none(), "{text}");
        assert!(rendered(&loaded).contains(told), "{text}: {}", rendered(&loaded));
    }
}
