//! Peers that break HTTP in ways no HTTP library does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;

/// What a peer does once it has read a whole request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Resets the connection.
    Resets,
    /// Closes the connection without a word.
    HangsUp,
    /// Says nothing, and keeps the connection.
    Nothing,
    /// Announces more bytes than it sends, and closes.
    CutsItsAnswer,
    /// Sends the head of an answer and nothing more.
    StopsAfterTheHead,
    /// Speaks another protocol.
    SpeaksNoHttp,
}

/// A peer with a fault.
pub(crate) struct Crooked {
    /// Its base URL.
    pub(crate) url: String,
    requests: Arc<AtomicUsize>,
}

impl Crooked {
    /// A peer that does this to every request.
    pub(crate) async fn that(does: Does) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = base(socket.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                tokio::spawn(one(stream, does, Arc::clone(&counted)));
            }
        });
        Self { url, requests }
    }

    /// Whole requests it has read.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// An address nobody listens on, and what keeps others from taking it.
pub(crate) fn closed() -> (String, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (base(socket.local_addr().unwrap()), socket)
}

async fn one(mut stream: TcpStream, does: Does, requests: Arc<AtomicUsize>) {
    if !read_request(&mut stream).await {
        return;
    }
    requests.fetch_add(1, Ordering::SeqCst);
    let says: &[u8] = match does {
        Does::Resets => return stream.set_zero_linger().unwrap(),
        Does::HangsUp => return,
        Does::Nothing => b"",
        Does::CutsItsAnswer => {
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 900\r\n\r\n<Multi"
        }
        Does::StopsAfterTheHead => {
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 900\r\n\r\n"
        }
        Does::SpeaksNoHttp => b"220 mail.example ESMTP\r\n",
    };
    let _ = stream.write_all(says).await;
    if matches!(does, Does::Nothing | Does::StopsAfterTheHead) {
        std::future::pending::<()>().await;
    }
}

/// Reads a head and a body by its length; `false` if the caller ends before.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut seen = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&seen).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.unwrap_or("0").trim().parse().unwrap() {
                return true;
            }
        }
        match stream.read_buf(&mut seen).await {
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

fn base(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// A DOM that answers only when it is told to.
pub(crate) struct Held {
    /// Its base URL.
    pub(crate) url: String,
    asked: Arc<Notify>,
    released: Arc<Notify>,
}

impl Held {
    /// Answers one request with this document.
    pub(crate) async fn with(document: &str) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = base(socket.local_addr().unwrap());
        let (asked, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let held = Self { url, asked: Arc::clone(&asked), released: Arc::clone(&released) };
        let length = document.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{document}"
        );
        tokio::spawn(async move {
            let (mut stream, _) = socket.accept().await.unwrap();
            assert!(read_request(&mut stream).await);
            asked.notify_one();
            released.notified().await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        held
    }

    /// Waits until it was asked.
    pub(crate) async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Lets it answer.
    pub(crate) fn release(&self) {
        self.released.notify_one();
    }
}
