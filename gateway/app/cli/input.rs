//! What a command is given to read: a file, or `-` for standard input.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::cli::exit::Failure;

/// Reads at most this many bytes: more is no document anybody means to look at by hand.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// The bytes of the file, or of standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if is_standard_input(path) {
        io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes))
    };
    read.map(|_| bytes).map_err(|error| Failure::input(path, error))
}

/// The name of what is read, for messages.
pub(super) fn name(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { path.display().to_string() }
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}
