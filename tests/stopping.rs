//! How the process stops: SIGTERM leaves time to notice, a second one and Ctrl-C do not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A gateway in a process of its own; killed when dropped.
struct Process {
    child: Child,
    log: BufReader<ChildStderr>,
    data: SocketAddr,
    admin: SocketAddr,
    _folder: TempDir,
}

impl Process {
    /// With so long a delay that only a signal ends it.
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let mappings = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings");
        let text = format!(
            "[listen]\naddress = \"127.0.0.1:0\"\ndrain_delay_ms = 600_000\n[admin]\naddress = \"127.0.0.1:0\"\n\
             [log]\nformat = \"json\"\n[mappings]\nfolder = '{mappings}'\n\
             [[store]]\nname = \"nordlicht\"\ndialect = \"hcl-commerce\"\npath = \"/stores/nordlicht\"\n\
             ids = [\"11651\"]\ndom = \"sterling\"\n\
             [[dom]]\nname = \"sterling\"\ndialect = \"sterling\"\nurl = \"http://127.0.0.1:9/smcfs\"\n"
        );
        std::fs::write(&file, text).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_dom-gateway"))
            .args(["serve", "--config", file.to_str().unwrap()])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let line = line_with(&mut log, "\"listening\"");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = |field: &str| line.get(field).unwrap().as_str().unwrap().parse().unwrap();
        let (data, admin) = (address("address"), address("admin"));
        Self { child, log, data, admin, _folder: folder }
    }

    fn tell(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Its exit code, once it has ended by itself.
    fn ended(mut self) -> Option<i32> {
        // Read to its end, so that it never waits for a reader.
        self.log.read_to_end(&mut Vec::new()).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Ended already, if the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next line of the log that holds this.
fn line_with(log: &mut BufReader<ChildStderr>, wanted: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended without {wanted}");
        if line.contains(wanted) {
            return line;
        }
    }
}

/// The head of an answer, on a connection that is not closed by its caller.
fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).unwrap();
    let mut head = String::new();
    let mut lines = BufReader::new(stream);
    while !head.ends_with("\r\n\r\n") {
        assert!(lines.read_line(&mut head).unwrap() > 0, "{head}");
    }
    head
}

#[test]
fn a_terminated_gateway_serves_until_its_delay_is_over_or_it_is_told_again() {
    let mut process = Process::start();
    let beat = "/stores/nordlicht/heartbeat";
    assert!(get(process.admin, "/ready").starts_with("HTTP/1.1 200"));
    assert!(!get(process.data, beat).contains("connection: close"));
    process.tell(Signal::TERM);
    line_with(&mut process.log, "stopping");
    while get(process.admin, "/ready").starts_with("HTTP/1.1 200") {}
    let head = get(process.data, beat);
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("connection: close"), "{head}");
    process.tell(Signal::TERM);
    assert_eq!(process.ended(), Some(0));
}

#[test]
fn an_interrupted_gateway_does_not_wait_for_its_delay() {
    let process = Process::start();
    process.tell(Signal::INT);
    assert_eq!(process.ended(), Some(0));
}
