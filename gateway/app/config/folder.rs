//! Watched folders: files that somebody else puts there are loaded into the availability cache.

use std::path::PathBuf;
use std::time::Duration;

use gateway_load::Mode;
use gateway_model::codes;
use serde::Serialize;

use crate::config::places::Located;
use crate::config::section::{Report, Section};
use crate::config::serialize;

/// A folder whose files are loaded.
#[derive(Debug, Clone, Serialize)]
pub struct Folder {
    /// Where files are put.
    #[serde(rename = "in")]
    pub incoming: Located<PathBuf>,
    /// Where they go once they are loaded.
    pub done: PathBuf,
    /// Where they go if they cannot be loaded to their end.
    pub failed: PathBuf,
    /// How often the folder is looked at.
    #[serde(rename = "poll_ms", serialize_with = "serialize::millis")]
    pub poll: Duration,
    /// How long a file has to stay as it is before it is taken for whole.
    #[serde(rename = "settle_ms", serialize_with = "serialize::millis")]
    pub settle: Duration,
    /// What a file means for what it does not mention.
    #[serde(serialize_with = "mode")]
    pub mode: Mode,
    /// Bad rows a file may have; with one more it is broken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bad_rows: Option<u64>,
}

/// Reads all folders; every contradiction between them is reported.
pub(super) fn read_folders(sections: &[Section<'_>], report: &Report<'_>) -> Vec<Folder> {
    let folders: Vec<Folder> = sections.iter().filter_map(|section| read_folder(section, report)).collect();
    let mut seen: Vec<&Folder> = Vec::new();
    for folder in &folders {
        match seen.iter().find(|earlier| earlier.incoming.value == folder.incoming.value) {
            None => seen.push(folder),
            Some(earlier) => report
                .fault(codes::CONFIG_VALUE, folder.incoming.span.clone(), "one folder is watched twice")
                .labelled("the second")
                .beside(report.place(&earlier.incoming.span), "the first")
                .add(),
        }
    }
    folders
}

fn read_folder(section: &Section<'_>, report: &Report<'_>) -> Option<Folder> {
    let incoming = section.required_text("in", "the folder that is watched");
    let done = section.text("done");
    let failed = section.text("failed");
    let poll = section.millis("poll_ms", 5_000, 100..=3_600_000);
    let settle = section.millis("settle_ms", 5_000, 0..=3_600_000);
    let mode = section.choice("mode", &[("delta", Mode::Delta), ("full", Mode::Full)], Mode::Delta);
    let max_bad_rows = section.optional_whole("max_bad_rows", 0..=u64::MAX).map(|most| most.value);
    section.finish();
    let incoming = incoming?;
    let path = section.beside(&incoming.value);
    for moved in [&done, &failed].into_iter().flatten().filter(|moved| section.beside(&moved.value) == path) {
        report
            .fault(
                codes::CONFIG_VALUE,
                moved.span.clone(),
                "files would be moved to where they are taken from",
            )
            .expecting("another folder than `in`")
            .add();
    }
    let moved_to = |text: Option<Located<String>>, name: &str| match text {
        Some(text) => section.beside(&text.value),
        None => path.join(name),
    };
    Some(Folder {
        done: moved_to(done, "done"),
        failed: moved_to(failed, "failed"),
        incoming: Located { value: path, span: incoming.span },
        poll,
        settle,
        mode,
        max_bad_rows,
    })
}

fn mode<S: serde::Serializer>(mode: &Mode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match mode {
        Mode::Delta => "delta",
        Mode::Full => "full",
    })
}
