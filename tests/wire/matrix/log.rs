//! The log of a test, by calls.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;
use tokio::sync::watch;
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// A second subscriber, that hears nothing. With only one in the process, `tracing` takes a line that a thread without any
/// writes first for one that nobody wants.
static ANOTHER: LazyLock<Dispatch> =
    LazyLock::new(|| Dispatch::new(tracing_subscriber::registry().with(LevelFilter::OFF)));

/// Everything the gateways on this thread write, at the finest level the configuration knows.
#[derive(Clone)]
pub(crate) struct Log {
    text: Arc<Mutex<String>>,
    written: watch::Sender<usize>,
}

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Line(Value);

// === impl Log ===

impl Log {
    /// Begins a log; it ends with the guard.
    pub(crate) fn begin() -> (Self, DefaultGuard) {
        LazyLock::force(&ANOTHER);
        let log = Self { text: Arc::default(), written: watch::Sender::new(0) };
        let lines = fmt::layer().json().flatten_event(true).with_writer(log.clone());
        let ours = [("dom_gateway", tracing::Level::TRACE), ("gateway", tracing::Level::TRACE)];
        let filter = Targets::new().with_default(tracing::Level::WARN).with_targets(ours);
        let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter));
        let guard = tracing::subscriber::set_default(subscriber);
        (log, guard)
    }

    /// Everything written so far, but for what the simulated systems write.
    pub(crate) fn text(&self) -> String {
        let text = self.text.lock().unwrap();
        let ours = text.lines().filter(|line| !line.contains("\"target\":\"gateway_simulator"));
        ours.fold(String::new(), |all, line| all + line + "\n")
    }

    /// The line that says how this call ended, when it is written.
    pub(crate) async fn end_of(&self, call: &str) -> Line {
        self.line(call, |line| line.field("message") == "answered" || !line.field("code").is_empty()).await
    }

    /// Waits until it is written that this call's caller has gone.
    pub(crate) async fn gone(&self, call: &str) {
        self.line(call, |line| line.field("message") == "caller gone").await;
    }

    async fn line(&self, call: &str, is_meant: impl Fn(&Line) -> bool) -> Line {
        let named = format!("\"request.id\":\"{call}\"");
        let mut written = self.written.subscribe();
        let mut seen = 0;
        loop {
            let new = self.text.lock().unwrap().get(seen..).unwrap().to_owned();
            seen += new.len();
            let lines = new.lines().filter(|line| line.contains(&named));
            let mut lines = lines.map(|line| Line(serde_json::from_str(line).unwrap()));
            if let Some(line) = lines.find(&is_meant) {
                return line;
            }
            crate::gateway::within(written.changed()).await.unwrap();
        }
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.text.lock().unwrap().push_str(std::str::from_utf8(bytes).unwrap());
        self.written.send_modify(|written| *written += 1);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

// === impl Line ===

impl Line {
    /// A field as it stands; empty if it is not there.
    pub(crate) fn field(&self, name: &str) -> String {
        match self.0.get(name) {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }
}

#[test]
fn a_line_that_another_thread_wrote_first_is_heard() {
    let write = || tracing::info!(target: "dom_gateway", "heard");
    let (log, _begun) = Log::begin();
    // Nobody listens there.
    std::thread::spawn(write).join().unwrap();
    write();
    assert_eq!(log.text().matches("heard").count(), 1);
}
