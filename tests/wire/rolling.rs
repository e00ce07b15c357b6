//! A rolling restart under load: callers that only ever try again what was refused do not lose a call.
//!
//! The callers are what a balancer makes of a store: they keep their connections, open new ones only to gateways that
//! say that they are ready, and go to the next one if a connection is refused. Any other trouble is a failed call.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gateway_transport::listener::Drained;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use wiremock::MockServer;

use crate::documents::question_and_answer;
use crate::gateway::{INVENTORY, ORDERS, Running, Settings, within};
use crate::stand_in::{Asked, dom_by, xml};

/// Callers at once.
const CALLERS: usize = 8;

/// Calls that are to be answered between two steps of the restart.
const CALLS_BETWEEN: usize = 200;

/// What the callers share.
struct Load {
    /// The gateways there are.
    gateways: Mutex<Vec<Arc<Running>>>,
    questions: [(&'static str, String); 2],
    answered: AtomicUsize,
    orders: AtomicUsize,
    numbers: AtomicUsize,
    failed: Mutex<BTreeMap<String, usize>>,
    over: AtomicBool,
}

// === impl Load ===

impl Load {
    /// Calls until it is over, on connections that are kept as long as they last.
    async fn call_on(self: Arc<Self>, mut turn: usize) {
        let mut connection = None;
        while !self.over.load(Ordering::SeqCst) {
            turn += 1;
            let mut stream = match connection.take() {
                Some(stream) => stream,
                None => match self.connected(turn).await {
                    Some(stream) => stream,
                    None => continue,
                },
            };
            let (path, document) = self.questions.get(turn % 2).unwrap();
            // Every order is another one: those that are the same would be one call while they are under way.
            let number = self.numbers.fetch_add(1, Ordering::SeqCst);
            let document = document.replace("UniqueID>9001<", &format!("UniqueID>{number}<"));
            match called(&mut stream, path, &document).await {
                Ok((200, closes)) => {
                    self.answered.fetch_add(1, Ordering::SeqCst);
                    self.orders.fetch_add(usize::from(*path == ORDERS), Ordering::SeqCst);
                    connection = (!closes).then_some(stream);
                }
                Ok((status, _)) => self.fails(format!("status {status}")),
                Err(error) => self.fails(error.to_string()),
            }
        }
    }

    /// A connection to one of the gateways that are ready; `None` if it was refused.
    async fn connected(&self, turn: usize) -> Option<TcpStream> {
        let gateways = self.gateways.lock().unwrap().clone();
        let gateway = gateways.get(turn % gateways.len()).unwrap();
        if !is_ready(gateway).await {
            return None;
        }
        match TcpStream::connect(gateway.data).await {
            Ok(stream) => Some(stream),
            Err(error) => {
                if error.kind() != io::ErrorKind::ConnectionRefused {
                    self.fails(format!("connecting: {error}"));
                }
                None
            }
        }
    }

    fn fails(&self, how: String) {
        *self.failed.lock().unwrap().entry(how).or_default() += 1;
    }

    async fn until_more_are_answered(&self) {
        let wanted = self.answered.load(Ordering::SeqCst) + CALLS_BETWEEN;
        within(async {
            while self.answered.load(Ordering::SeqCst) < wanted {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// Whether a gateway says so; one that cannot be asked is not.
async fn is_ready(gateway: &Running) -> bool {
    let Ok(mut stream) = TcpStream::connect(gateway.admin).await else { return false };
    let asked = stream.write_all(b"GET /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    let mut seen = String::new();
    asked.is_ok() && stream.read_to_string(&mut seen).await.is_ok() && seen.starts_with("HTTP/1.1 200")
}

/// One call on a connection: the status, and whether the connection ends with it.
async fn called(stream: &mut TcpStream, path: &str, document: &str) -> io::Result<(u16, bool)> {
    let length = document.len();
    let request = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{document}");
    stream.write_all(request.as_bytes()).await?;
    let mut seen = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&seen).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
            let length: usize = field("content-length: ").unwrap().parse().unwrap();
            if body.len() >= length {
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                return Ok((status, field("connection: ") == Some("close")));
            }
        }
        if stream.read_buf(&mut seen).await? == 0 {
            return Err(io::Error::other("the connection ended before the answer"));
        }
    }
}

async fn gateway(dom: &MockServer) -> Arc<Running> {
    // As long as the slowest caller may need to come back to a connection it keeps.
    let listen = "drain_delay_ms = 1_000\n".to_owned();
    Arc::new(Settings { listen, ..Settings::of(dom.uri()) }.run().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_under_load_fails_no_call() {
    let (stock, stock_answer) = question_and_answer("availability", "items-online-and-physical");
    let (order, order_answer) = question_and_answer("transfer", "numbered-by-the-dom");
    let created = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&created);
    let dom = dom_by(move |asked: &Asked| {
        let is_order = asked.api == "createOrder";
        counted.fetch_add(usize::from(is_order), Ordering::SeqCst);
        xml(if is_order { &order_answer } else { &stock_answer })
    })
    .await;
    let load = Arc::new(Load {
        gateways: Mutex::new(vec![gateway(&dom).await, gateway(&dom).await]),
        questions: [(INVENTORY, stock), (ORDERS, order)],
        answered: AtomicUsize::new(0),
        orders: AtomicUsize::new(0),
        numbers: AtomicUsize::new(100_000),
        failed: Mutex::default(),
        over: AtomicBool::new(false),
    });
    let mut callers = JoinSet::new();
    for turn in 0..CALLERS {
        callers.spawn(Arc::clone(&load).call_on(turn));
    }
    for place in 0..2 {
        load.until_more_are_answered().await;
        let old = Arc::clone(load.gateways.lock().unwrap().get(place).unwrap());
        old.stop.cancel();
        within(async { while TcpStream::connect(old.data).await.is_ok() {} }).await;
        let new = gateway(&dom).await;
        *load.gateways.lock().unwrap().get_mut(place).unwrap() = new;
        within(async {
            while !old.served.is_finished() {
                tokio::task::yield_now().await
            }
        })
        .await;
        load.until_more_are_answered().await;
        within(async {
            while Arc::strong_count(&old) > 1 {
                tokio::task::yield_now().await
            }
        })
        .await;
        let old = Arc::into_inner(old).unwrap();
        assert_eq!(old.served.await.unwrap(), Drained::Whole);
    }
    load.over.store(true, Ordering::SeqCst);
    within(callers.join_all()).await;
    assert_eq!(*load.failed.lock().unwrap(), BTreeMap::new());
    assert!(load.answered.load(Ordering::SeqCst) >= 4 * CALLS_BETWEEN);
    assert_eq!(created.load(Ordering::SeqCst), load.orders.load(Ordering::SeqCst));
}
