//! A store whose answers are given one by one, in whatever order a test wants: it hands each request to the test and holds it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::gateway::within;

/// A store that waits for the test.
pub(super) struct Desk {
    /// Its base URL.
    pub(super) url: String,
    came: mpsc::UnboundedReceiver<Told>,
}

/// A request it holds.
pub(super) struct Told {
    /// The document, in its envelope.
    pub(super) document: String,
    stream: TcpStream,
}

// === impl Desk ===

impl Desk {
    pub(super) async fn open() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let (tell, came) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                tokio::spawn(hand_over(stream, tell.clone()));
            }
        });
        Self { url, came }
    }

    /// The next request; waits for it.
    pub(super) async fn next(&mut self) -> Told {
        within(self.came.recv()).await.unwrap()
    }

    /// Whether a request came that nobody has taken yet.
    pub(super) fn is_asked(&self) -> bool {
        !self.came.is_empty()
    }
}

// === impl Told ===

impl Told {
    /// Answers it.
    pub(super) async fn answer(mut self, status: u16, document: &str) {
        let length = document.len();
        let answer = format!(
            "HTTP/1.1 {status} Said\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{document}"
        );
        self.stream.write_all(answer.as_bytes()).await.unwrap();
    }

    /// Breaks the connection without a word.
    pub(super) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}

async fn hand_over(stream: TcpStream, tell: mpsc::UnboundedSender<Told>) {
    if let Some(told) = read(stream).await {
        let _ = tell.send(told);
    }
}

/// A whole request; `None` if the caller ends before.
async fn read(mut stream: TcpStream) -> Option<Told> {
    let mut seen = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.unwrap_or("0").trim().parse().unwrap() {
                return Some(Told { document: body.to_owned(), stream });
            }
        }
        match stream.read_buf(&mut seen).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}
