//! `load`: a file of availability into the cache of a running gateway.

mod answer;
mod file;
pub(super) mod progress;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use gateway_load::{CsvParams, Mode};
use gateway_transport::sender::{Address, Answer, Authorities, Call, ClientTls, Params, Sender, Upload};
use http::Method;
use tokio_util::sync::CancellationToken;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::load::answer::Told;
use crate::cli::load::file::{Counted, Sent};
use crate::cli::load::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::load::{self, Desk, Format, Job};

/// Load a file of availability into the cache of a running gateway.
#[derive(Debug, Args)]
#[command(long_about = LONG, after_long_help = EXAMPLE)]
pub(super) struct Load {
    /// The file: the store's 14-column CSV, or a SyncInventoryAvailability document.
    file: PathBuf,
    /// The gateway's admin listener. [default: http://127.0.0.1:8081]
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The file is all there is: at its end, what it does not mention of its stores becomes old.
    #[arg(long)]
    full: bool,
    /// Only check the file: here, or with `--to` at a gateway, which also knows stores and rules.
    #[arg(long)]
    dry_run: bool,
    /// Break the load off at one bad row more than this; without it any number is borne.
    #[arg(long, value_name = "N")]
    max_bad_rows: Option<u64>,
    /// Where bad rows are listed, if there are any. [default: the file's name and `.report.csv`]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// In what the file is written; without it its first character tells.
    #[arg(long, value_enum)]
    format: Option<FormatName>,
}

/// A format, as the command line has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    Csv,
    Xml,
}

const LONG: &str = "Load a file of availability into the cache of a running gateway.

The file is sent to the gateway's admin listener while it is read, so its size does not matter to either side. Good rows \
count from the moment they are read; bad ones are listed in a report with line, column, reason and value. With --full \
what the file does not mention becomes old when it is complete, and not before: a load that breaks off leaves all that \
was known as it was. One load runs at a time.

While it runs, bytes are counted here and rows at the gateway (`GET /cache/load`). Ctrl-C breaks it off.";

const EXAMPLE: &str = "Example:
  dom-gateway load inventory.csv --to http://127.0.0.1:8081 --full --max-bad-rows 100
  dom-gateway load inventory.csv --dry-run

Exit codes: 0 all rows were good; 1 rows were rejected, or the load was broken off; 66 the file cannot be read; 69 no gateway \
takes it; 130 interrupted.";

const DEFAULT_GATEWAY: &str = "http://127.0.0.1:8081";

/// How often the gateway is asked how far it is.
const LOOK: Duration = Duration::from_millis(500);

/// Longer than any load should take; the sender's longest.
const LONGEST_LOAD: Duration = Duration::from_secs(24 * 60 * 60);

/// More than an answer can have with all the bad rows it may list.
const MOST_ANSWER_BYTES: usize = 64 * 1024 * 1024;

// === impl Load ===

impl Load {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        let file = File::open(&self.file).map_err(|error| Failure::input(&self.file, error))?;
        let length = file.metadata().map_err(|error| Failure::input(&self.file, error))?.len();
        let told = if self.dry_run && self.to.is_none() {
            self.check(file, length, terminal)?
        } else {
            let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
            runtime.block_on(self.upload(file, length, terminal))?
        };
        self.conclude(&told, terminal)
    }

    fn job(&self) -> Job {
        Job {
            mode: if self.full { Mode::Full } else { Mode::Delta },
            bad_row_limit: self.max_bad_rows,
            dry_run: self.dry_run,
            format: self.format.map(|name| match name {
                FormatName::Csv => Format::Csv,
                FormatName::Xml => Format::Xml,
            }),
        }
    }

    fn name(&self) -> String {
        self.file.file_name().unwrap_or(self.file.as_os_str()).display().to_string()
    }

    /// Checks the file without a gateway.
    fn check(&self, file: File, length: u64, terminal: &mut Terminal) -> Result<Told, Failure> {
        let sent = Arc::new(Sent::default());
        let progress = Progress::begin(self.name(), length, terminal);
        let desk = Desk::new(CancellationToken::new());
        let turn = desk.begin(self.name()).map_err(anyhow::Error::from)?;
        let source = Counted { source: file.take(length), sent: Arc::clone(&sent) };
        let (job, csv) = (self.job(), CsvParams::default());
        let checking = std::thread::spawn(move || load::check(&csv, &job, source, &turn));
        while !checking.is_finished() {
            std::thread::sleep(LOOK.min(Duration::from_millis(50)));
            progress.show(&sent, desk.under_way().map(|seen| seen.summary), terminal)?;
        }
        progress.end();
        let outcome = checking.join().map_err(|_| anyhow::anyhow!("the check ended without an outcome"))?;
        Ok(Told::of(&outcome.to_json()))
    }

    async fn upload(&self, file: File, length: u64, terminal: &mut Terminal) -> Result<Told, Failure> {
        let gateway = self.to.as_deref().unwrap_or(DEFAULT_GATEWAY);
        let address: Address = gateway.parse().map_err(|error| Failure::Usage(format!("`--to`: {error}")))?;
        let address = address.with_path(["cache", "load"]);
        let sender = sender(&address).map_err(anyhow::Error::from)?;
        let sent = Arc::new(Sent::default());
        let (pieces, upload) = tokio::sync::mpsc::channel(4);
        let source = Counted { source: file.take(length), sent: Arc::clone(&sent) };
        let reading = tokio::task::spawn_blocking(move || file::send(source, &pieces));
        let call = Call::post(self.with_parameters(&address), Bytes::new());
        let mut answer = Box::pin(sender.upload(call, Upload { pieces: upload, length: Some(length) }));
        let progress = Progress::begin(self.name(), length, terminal);
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(interrupted);
        let answered = loop {
            tokio::select! {
                answered = &mut answer => break answered,
                _ = &mut interrupted => {
                    progress.end();
                    return Err(Failure::Interrupted("interrupted: the gateway keeps the rows it has read".to_owned()));
                }
                seen = look(&sender, &address) => progress.show(&sent, seen, terminal)?,
            }
        };
        progress.end();
        drop(answer);
        let read = reading.await.map_err(anyhow::Error::from)?;
        match answered {
            Ok(answer) => told(&answer, gateway),
            // The exchange broke because the file did.
            Err(_) if read.is_err() => Err(Failure::input(&self.file, read.err().unwrap_or_else(lost))),
            Err(error) => Err(Failure::Unavailable(format!("{gateway}: {error}"))),
        }
    }

    fn with_parameters(&self, address: &Address) -> Address {
        let job = self.job();
        let name = self.name();
        let most = job.bad_row_limit.map(|limit| limit.to_string());
        let mut pairs = vec![("name", name.as_str()), ("mode", if self.full { "full" } else { "delta" })];
        if job.dry_run {
            pairs.push(("dry_run", "true"));
        }
        pairs.extend(most.as_deref().map(|limit| ("max_bad_rows", limit)));
        pairs.extend(job.format.map(|format| ("format", format.name())));
        address.with_query(pairs)
    }

    fn conclude(&self, told: &Told, terminal: &mut Terminal) -> Result<Outcome, Failure> {
        terminal.give(told.summary(&self.name()).as_bytes())?;
        if !told.report.is_empty() {
            let report = self.report.clone().unwrap_or_else(|| beside(&self.file));
            std::fs::write(&report, &told.report)?;
            terminal.tell(&format!("the rejected rows are listed in {}\n", report.display()))?;
        }
        if let Some(reason) = &told.stopped {
            terminal.tell(&format!("error: {}: broken off: {reason}\n", self.name()))?;
        }
        let fine = told.stopped.is_none() && told.rejected == 0;
        Ok(if fine { Outcome::Fine } else { Outcome::Faults })
    }
}

/// `night.csv` → `night.csv.report.csv`
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".report.csv");
    name.into()
}

fn lost() -> io::Error {
    io::ErrorKind::Other.into()
}

fn sender(address: &Address) -> Result<Sender, gateway_transport::sender::SenderError> {
    let authorities = if address.is_tls() { Authorities::System } else { Authorities::None };
    Sender::new(Params {
        attempt_timeout: LONGEST_LOAD,
        max_answer_bytes: MOST_ANSWER_BYTES,
        tls: ClientTls { authorities, identity: None },
        ..Params::new("the gateway")
    })
}

/// Waits a moment, then asks the gateway how far the load is. Whatever goes wrong there, the upload's own answer tells.
async fn look(sender: &Sender, address: &Address) -> Option<gateway_load::Summary> {
    tokio::time::sleep(LOOK).await;
    let call = Call { method: Method::GET, ..Call::post(address.clone(), Bytes::new()) };
    let answer = tokio::time::timeout(LOOK, sender.send(call)).await.ok()?.ok()?;
    answer::under_way(&answer.body)
}

/// What the gateway made of the file, if it took it at all.
fn told(answer: &Answer, gateway: &str) -> Result<Told, Failure> {
    let value = serde_json::from_slice(&answer.body).unwrap_or(serde_json::Value::Null);
    if value.get("rows").is_some() {
        return Ok(Told::of(&value));
    }
    let reason = value.get("stopped").and_then(serde_json::Value::as_str);
    let reason = reason
        .map_or_else(|| format!("status {}, which is no answer to a load", answer.status), str::to_owned);
    Err(Failure::Unavailable(format!("{gateway} does not take it: {reason}")))
}
