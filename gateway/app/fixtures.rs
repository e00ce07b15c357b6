//! The fixtures of a folder, run through the interpreter: `<dialect>/<message>/<case>/`,
//! `exchanges/<operation>/<case>/`, `outcomes/<dialect>/<case>.toml` and `looks/<operation>/<case>/`.

mod looks;
mod outcomes;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gateway_exchange::Interpreter;
use gateway_exchange::fixture::{ExchangeCase, MessageCase};
use gateway_mapping::Dialect;
use jiff::Timestamp;

/// The folder of whole exchanges, beside those of the dialects.
const EXCHANGES: &str = "exchanges";

/// What came of all cases.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Cases run.
    pub cases: usize,
    /// Those that do not hold, each with its folder and what is wrong.
    pub faults: Vec<(String, Vec<String>)>,
    /// Messages that no case tries, as `dialect/message`, and outcome rules, by their place.
    pub untried: Vec<String>,
}

/// Runs every case of a folder.
///
/// # Errors
/// A file or folder that cannot be read.
pub fn run(interpreter: &Interpreter, folder: &Path) -> io::Result<Verdict> {
    let mut verdict = Verdict::default();
    for dialect in interpreter.mappings().dialects() {
        run_dialect(interpreter, dialect, &folder.join(&dialect.name), &mut verdict)?;
    }
    run_exchanges(interpreter, &folder.join(EXCHANGES), &mut verdict)?;
    outcomes::run(interpreter, folder, &mut verdict)?;
    looks::run(interpreter, folder, &mut verdict)?;
    Ok(verdict)
}

fn run_dialect(
    interpreter: &Interpreter,
    dialect: &Dialect,
    folder: &Path,
    verdict: &mut Verdict,
) -> io::Result<()> {
    for message in dialect.messages() {
        let cases = folders(&folder.join(&message.name))?;
        if cases.is_empty() {
            verdict.untried.push(format!("{}/{}", dialect.name, message.name));
        }
        for case in cases {
            let (document, record) = (read(&case, "document.xml")?, read(&case, "record.json")?);
            let faults = match (document, record) {
                (Some(document), Some(record)) => {
                    let case = MessageCase {
                        document: &document,
                        record: &record,
                        only_read: case.join("only-read").exists(),
                        only_write: case.join("only-write").exists(),
                        zone: &zone(&case, interpreter)?,
                    };
                    interpreter.check_message(dialect, message, case)
                }
                _ => vec!["`document.xml` or `record.json` is missing".to_owned()],
            };
            verdict.note(&case, faults);
        }
    }
    Ok(())
}

fn run_exchanges(interpreter: &Interpreter, folder: &Path, verdict: &mut Verdict) -> io::Result<()> {
    let Some((store, dom)) = interpreter.only_dialects() else { return Ok(()) };
    for operation in folders(folder)? {
        for case in folders(&operation)? {
            let now = read(&case, "now")?.and_then(|text| text.trim().parse::<Timestamp>().ok());
            let exchange = ExchangeCase {
                store_request: read(&case, "store-request.xml")?,
                dom_request: read(&case, "dom-request.xml")?,
                dom_answer: read(&case, "dom-answer.xml")?,
                store_answer: read(&case, "store-answer.xml")?,
                dom_event: read(&case, "dom-event.xml")?,
                now,
            };
            verdict.note(&case, interpreter.check_exchange(store, dom, &exchange));
        }
    }
    Ok(())
}

/// The zone of a case, from its file `zone`; the interpreter's without one.
fn zone(case: &Path, interpreter: &Interpreter) -> io::Result<jiff::tz::TimeZone> {
    let named = read(case, "zone")?.and_then(|name| jiff::tz::TimeZone::get(name.trim()).ok());
    Ok(named.unwrap_or_else(|| interpreter.zone().clone()))
}

/// The folders inside a folder, by name; none if it is not there.
fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = entries(folder)?;
    entries.retain(|path| path.is_dir());
    Ok(entries)
}

/// What is in a folder, by name; nothing if it is not there.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// A file's text; `None` if it is not there.
fn read(folder: &Path, name: &str) -> io::Result<Option<String>> {
    match fs::read_to_string(folder.join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

// === impl Verdict ===

impl Verdict {
    fn note(&mut self, case: &Path, faults: Vec<String>) {
        self.cases += 1;
        if !faults.is_empty() {
            self.faults.push((case.display().to_string(), faults));
        }
    }
}
