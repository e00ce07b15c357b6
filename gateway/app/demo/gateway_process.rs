//! The gateway as a child process of this program: started with a configuration, known by its log, ended by a signal.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long it may take to listen. It checks all mappings first, on a slow machine with a debug build.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long it may take to end: its own drain and a little more.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// Lines of its log that are kept.
const KEPT_LINES: usize = 256;

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
pub enum ProcessFault {
    /// The process could not be started or watched.
    #[error("the gateway's process cannot be started: {0}")]
    Start(#[from] io::Error),
    /// It ended, or stayed silent, before it listened.
    #[error("the gateway did not come to listen; it said:\n{said}")]
    NeverListened {
        /// What it wrote to standard error.
        said: String,
    },
}

/// How the gateway ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// As it was told to, with exit code 0.
    AsTold,
    /// Otherwise; the text says how.
    Badly(String),
}

/// A running gateway. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct GatewayProcess {
    child: Child,
    /// Where stores and DOMs call.
    pub(crate) address: SocketAddr,
    /// Where operators look.
    pub(crate) admin: SocketAddr,
    log: Log,
    reading: JoinHandle<()>,
}

/// The last lines of its log. Cheap to clone: all clones are one.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

// === impl GatewayProcess ===

impl GatewayProcess {
    /// Starts a gateway with this configuration and waits until it listens.
    pub(crate) async fn start(program: &Path, config: &Path) -> Result<Self, ProcessFault> {
        let mut child = Command::new(program)
            .args(["serve", "--until-input-ends", "--config"])
            .arg(config)
            // Held open for as long as this process lives: its end is the gateway's, however this process ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            // Ctrl-C at a terminal is this process's; what it means for the gateway, this process decides.
            .process_group(0)
            .spawn()?;
        let stderr = child.stderr.take().ok_or_else(|| io::Error::other("it has no standard error"))?;
        let mut lines = BufReader::new(stderr).lines();
        let log = Log::default();
        let listening = timeout(START_LIMIT, wait_until_it_listens(&mut lines, &log)).await;
        let Ok(Some((address, admin))) = listening else {
            return Err(ProcessFault::NeverListened { said: log.take().join("\n") });
        };
        let reading = tokio::spawn(keep(lines, log.clone()));
        Ok(Self { child, address, admin, log, reading })
    }

    /// Its log since this was last asked, as far as it was kept.
    pub(crate) fn take_log(&self) -> Vec<String> {
        self.log.take()
    }

    /// Ends it without a word, as a crash does, and waits until it is gone.
    pub(crate) async fn kill(mut self) {
        // An error means that it ended this moment.
        let _ = self.child.kill().await;
        let _ = self.reading.await;
    }

    /// Tells it to stop as Ctrl-C does, so that it does not wait for a balancer to notice, and waits for it; a gateway that
    /// does not stop is killed.
    pub(crate) async fn stop(self) -> Ended {
        self.end(Signal::INT).await
    }

    /// Tells it to stop as a platform does, and waits for it; a gateway that does not stop is killed.
    pub(crate) async fn drain(self) -> Ended {
        self.end(Signal::TERM).await
    }

    async fn end(mut self, signal: Signal) -> Ended {
        let told = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        // Waiting for a process ends its input, which would tell it to hurry.
        let _input = self.child.stdin.take();
        // It may have ended by itself; then waiting for it says how.
        if let Some(Err(error)) = told.map(|pid| kill_process(pid, signal)) {
            return Ended::Badly(format!("the gateway could not be told to stop: {error}"));
        }
        let ended = match timeout(STOP_LIMIT, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ended::AsTold,
            Ok(Ok(status)) => Ended::Badly(format!("the gateway ended with {status}")),
            Ok(Err(error)) => Ended::Badly(format!("the gateway could not be waited for: {error}")),
            Err(_) => {
                // An error means that it ended this moment.
                let _ = self.child.kill().await;
                Ended::Badly(format!(
                    "the gateway did not stop within {} s and was killed",
                    STOP_LIMIT.as_secs()
                ))
            }
        };
        // Its standard error ended with it.
        let _ = self.reading.await;
        ended
    }
}

/// Reads until the line that says where it listens; `None` when the process ended before.
async fn wait_until_it_listens(
    lines: &mut Lines<BufReader<ChildStderr>>,
    log: &Log,
) -> Option<(SocketAddr, SocketAddr)> {
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(addresses) = listening(&line) {
            return Some(addresses);
        }
        log.add(line);
    }
    None
}

/// The addresses of the line `listening`; `None` for any other.
fn listening(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let line: Value = serde_json::from_str(line).ok()?;
    if line.get("message")?.as_str()? != "listening" {
        return None;
    }
    let address = |field: &str| line.get(field)?.as_str()?.parse().ok();
    Some((address("address")?, address("admin")?))
}

async fn keep(mut lines: Lines<BufReader<ChildStderr>>, log: Log) {
    while let Ok(Some(line)) = lines.next_line().await {
        log.add(line);
    }
}

// === impl Log ===

impl Log {
    fn add(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn take(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Log, listening};

    #[test]
    fn only_the_line_that_says_where_it_listens_is_taken_for_it() {
        let line =
            r#"{"level":"INFO","message":"listening","address":"127.0.0.1:8080","admin":"127.0.0.1:8081"}"#;
        let addresses = ("127.0.0.1:8080".parse().unwrap(), "127.0.0.1:8081".parse().unwrap());
        assert_eq!(listening(line), Some(addresses));
        for other in ["", "error: no", r#"{"message":"stopped"}"#, r#"{"message":"listening"}"#] {
            assert_eq!(listening(other), None, "{other}");
        }
    }

    #[test]
    fn the_log_keeps_the_last_lines_until_they_are_taken() {
        let log = Log::default();
        for number in 0..super::KEPT_LINES + 1 {
            log.add(number.to_string());
        }
        let lines = log.take();
        assert_eq!((lines.len(), lines[0].as_str()), (super::KEPT_LINES, "1"));
        assert!(log.take().is_empty());
    }
}
