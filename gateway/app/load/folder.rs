//! Watched folders: files that appear are loaded, and moved away.
//!
//! A folder is looked at now and then, because network folders tell nobody what changes. All of it happens on a thread
//! that may block.

mod place;
mod settling;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::{Instant, sleep};

use crate::clock;
use crate::config;
use crate::front::Front;
use crate::load::{self, Desk, Ending, Grounds, Job, Outcome};
use place::moved;
use settling::{Settling, Shape, is_left_alone};

/// How often a file is tried that cannot be read to its end.
const MOST_TRIES: u32 = 3;

/// Watches one folder.
pub struct Watcher {
    settings: config::Folder,
    grounds: Box<dyn Fn() -> Grounds + Send>,
    desk: Desk,
    settling: Settling,
    /// Files that could not be read to their end, and how often.
    tried: BTreeMap<OsString, (Shape, u32)>,
    /// Files that are loaded and could not be moved away.
    stuck: BTreeMap<OsString, Stuck>,
    /// Whether the folder could be looked at the last time.
    reachable: bool,
}

/// A file that is loaded and still there.
struct Stuck {
    shape: Shape,
    to: PathBuf,
    report: String,
}

/// Watches a folder until loads have to end.
pub async fn watch(settings: config::Folder, front: Arc<Front>, desk: Desk) {
    let (poll, closing) = (settings.poll, desk.closing().clone());
    tracing::info!(folder = %settings.incoming.value.display(), "watched for files of stock");
    let mut watcher = Watcher::new(settings, move || front.look(Grounds::of), desk);
    while !closing.is_cancelled() {
        let looking = tokio::task::spawn_blocking(move || {
            watcher.look(Instant::now());
            watcher
        });
        match looking.await {
            Ok(back) => watcher = back,
            Err(error) => return tracing::error!(%error, "a folder is watched no longer"),
        }
        closing.run_until_cancelled(sleep(poll)).await;
    }
}

// === impl Watcher ===

impl Watcher {
    /// Watches a folder; `grounds` gives what is in force when a file is loaded.
    pub fn new(settings: config::Folder, grounds: impl Fn() -> Grounds + Send + 'static, desk: Desk) -> Self {
        Self {
            settings,
            grounds: Box::new(grounds),
            desk,
            settling: Settling::default(),
            tried: BTreeMap::new(),
            stuck: BTreeMap::new(),
            reachable: true,
        }
    }

    /// Looks once, and loads every file that has settled.
    pub fn look(&mut self, now: Instant) {
        let incoming = self.settings.incoming.value.clone();
        let found = match files(&incoming) {
            Ok(found) => found,
            Err(error) => {
                if self.reachable {
                    tracing::warn!(folder = %incoming.display(), %error, "a watched folder cannot be looked at");
                }
                self.reachable = false;
                return;
            }
        };
        self.reachable = true;
        self.tried.retain(|name, (shape, _)| found.get(name) == Some(shape));
        self.stuck.retain(|name, stuck| found.get(name) == Some(&stuck.shape));
        for (name, shape) in self.settling.settled(&found, now, self.settings.settle) {
            if self.desk.closing().is_cancelled() || !self.take(&name, shape) {
                return;
            }
        }
    }

    /// Loads a file and moves it away; false if nothing can be loaded now.
    fn take(&mut self, name: &OsStr, shape: Shape) -> bool {
        if let Some(stuck) = self.stuck.remove(name) {
            self.put_away(name, stuck);
            return true;
        }
        let shown = name.to_string_lossy().into_owned();
        let Ok(turn) = self.desk.begin(shown.clone()) else { return false };
        let path = self.settings.incoming.value.join(name);
        let job =
            Job { mode: self.settings.mode, bad_row_limit: self.settings.max_bad_rows, ..Job::default() };
        let outcome = load::run(&(self.grounds)(), &job, Whole::open(&path, shape), &turn);
        drop(turn);
        outcome.log(&shown);
        if let Some(to) = self.destination(name, shape, &outcome) {
            self.put_away(name, Stuck { shape, to, report: report(&outcome) });
        }
        outcome.ending != Ending::Cancelled
    }

    /// Where a file goes after its load; `None` if it stays to be tried again.
    fn destination(&mut self, name: &OsStr, shape: Shape, outcome: &Outcome) -> Option<PathBuf> {
        match outcome.ending {
            Ending::Complete => Some(self.settings.done.clone()),
            Ending::BadFile(_) | Ending::Failed(_) => Some(self.settings.failed.clone()),
            Ending::Cancelled => None,
            Ending::BrokenOff(_) => {
                // Somebody may still write it, or the network was away for a moment.
                self.settling.forget(name);
                let tries = self.tried.entry(name.to_owned()).or_insert((shape, 0));
                tries.1 += 1;
                (tries.1 >= MOST_TRIES).then(|| self.settings.failed.clone())
            }
        }
    }

    /// Moves a file away, and writes its report beside it. One that cannot be moved is not loaded again.
    fn put_away(&mut self, name: &OsStr, stuck: Stuck) {
        let from = self.settings.incoming.value.join(name);
        match moved(&from, &stuck.to, clock::now(), &stuck.report) {
            Ok(_) => {
                self.settling.forget(name);
                self.tried.remove(name);
            }
            Err(error) => {
                tracing::error!(
                    file = %from.display(), to = %stuck.to.display(), %error,
                    "a file is loaded and cannot be moved; it is not loaded again"
                );
                self.stuck.insert(name.to_owned(), stuck);
            }
        }
    }
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Watcher").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The bad rows of a load, and why it ended early; empty if neither is there.
fn report(outcome: &Outcome) -> String {
    let Some(reason) = outcome.ending.reason() else { return outcome.report.clone() };
    let head = if outcome.report.is_empty() { "line,column,name,reason,value\n" } else { "" };
    format!("{}{head},,,\"broken off: {}\",\n", outcome.report, reason.replace('"', "\"\""))
}

/// The files of a folder that may be taken.
fn files(folder: &Path) -> io::Result<BTreeMap<OsString, Shape>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        // What is gone meanwhile is no longer there; what is no file is not looked at.
        let Some(shape) = fs::metadata(entry.path()).ok().and_then(|found| Shape::of(&found)) else {
            continue;
        };
        if !is_left_alone(&name) {
            files.insert(name, shape);
        }
    }
    Ok(files)
}

/// A file that has to be at its end what it was at its beginning.
struct Whole {
    file: io::Result<File>,
    shape: Shape,
}

// === impl Whole ===

impl Whole {
    /// A file that cannot be opened says so when it is read.
    fn open(path: &Path, shape: Shape) -> Self {
        Self { file: File::open(path), shape }
    }
}

impl Read for Whole {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let file = self.file.as_mut().map_err(|error| io::Error::from(error.kind()))?;
        let read = file.read(room)?;
        if read == 0 && Shape::of(&file.metadata()?) != Some(self.shape) {
            return Err(io::Error::other("the file changed while it was read"));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
