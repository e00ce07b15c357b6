//! The last stretch of wire before a simulated system, which can be cut.
//!
//! A caller's connection is carried on to the real listener byte by byte. A call that is to end badly says so under the
//! address its connection has inside; the relay then cuts the answer short. So connections break the way networks
//! break them, while HTTP stays the listener's.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::script::Script;

/// Bytes carried at a time.
const CHUNK_BYTES: usize = 16 * 1_024;
/// Between two attempts to open a port again.
const BETWEEN_BINDS: Duration = Duration::from_millis(5);

/// How an answer ends that does not arrive whole. Of a system without a port, the response has it as an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Before its first byte.
    Whole,
    /// Before its first byte, with a reset.
    Reset,
    /// Before its first byte, and the connection stays until its caller leaves.
    Silence,
    /// After so many bytes of its body.
    Body(usize),
    /// After so many bytes of its body, and the connection stays until its caller leaves.
    Stall(usize),
}

/// The connections to be cut, by the address they have inside; and how many to reset before anything is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cuts {
    by_address: Arc<Mutex<HashMap<SocketAddr, Cut>>>,
    unread: Arc<Mutex<Unread>>,
}

/// Connections to be reset before anything of them is read.
#[derive(Debug, Default)]
struct Unread {
    left: usize,
    /// Holds each of them first.
    held_by: Option<Script>,
}

/// An open port in front of a listener.
#[derive(Debug)]
pub(crate) struct Relay {
    socket: TcpListener,
    address: SocketAddr,
    inside: SocketAddr,
    cuts: Cuts,
    gate: watch::Sender<bool>,
}

// === impl Cuts ===

impl Cuts {
    /// Cuts the answer to the call that came by this connection.
    pub(crate) fn cut(&self, inside: SocketAddr, cut: Cut) {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner).insert(inside, cut);
    }

    fn take(&self, inside: SocketAddr) -> Option<Cut> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner).remove(&inside)
    }

    /// The next so many connections are reset before anything of them is read; when this script lets them go, if one is
    /// given.
    pub(crate) fn reset_next(&self, connections: usize, held_by: Option<Script>) {
        *self.unread() = Unread { left: connections, held_by };
    }

    /// Whether the connection that was just accepted is one of them, and what holds it.
    fn take_unread(&self) -> Option<Option<Script>> {
        let mut unread = self.unread();
        unread.left = unread.left.checked_sub(1)?;
        Some(unread.held_by.clone())
    }

    fn unread(&self) -> MutexGuard<'_, Unread> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Relay ===

impl Relay {
    /// Opens a port in front of a listener.
    pub(crate) async fn bind(address: SocketAddr, inside: SocketAddr, cuts: Cuts) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address, inside, cuts, gate: watch::Sender::new(true) })
    }

    /// Whether the port is open: set to `false`, connections are refused and those there are end, until it is `true`.
    pub(crate) fn gate(&self) -> watch::Sender<bool> {
        self.gate.clone()
    }

    /// The address callers use.
    pub(crate) const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Carries connections until `stop` is cancelled; then all of them end.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let Self { mut socket, address, inside, cuts, gate } = self;
        let mut is_open = gate.subscribe();
        let connections = TaskTracker::new();
        loop {
            let opening = stop.child_token();
            tokio::select! {
                () = accept(&socket, inside, &cuts, (&connections, &opening)) => {}
                _ = is_open.wait_for(|open| !open) => {}
                () = stop.cancelled() => {}
            }
            opening.cancel();
            if stop.is_cancelled() {
                break;
            }
            drop(socket);
            let again = async {
                // The gate's other end is held here: it cannot be gone.
                let _ = is_open.wait_for(|open| *open).await;
                bind_again(address).await
            };
            let Some(bound) = stop.run_until_cancelled(again).await else { break };
            socket = bound;
        }
        connections.close();
        connections.wait().await;
    }
}

/// Accepts connections for ever; each is carried until `opening` is cancelled.
async fn accept(
    socket: &TcpListener,
    inside: SocketAddr,
    cuts: &Cuts,
    (connections, opening): (&TaskTracker, &CancellationToken),
) {
    loop {
        let Ok((caller, _)) = socket.accept().await else { continue };
        let (cuts, opening) = (cuts.clone(), opening.clone());
        connections.spawn(async move {
            // An end that breaks ends the other as well, which is all there is to do about it.
            opening.run_until_cancelled(carry(caller, inside, cuts)).await;
        });
    }
}

/// Takes a port that was this process's before; until whoever may have taken it meanwhile gives it back.
async fn bind_again(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(socket) => return socket,
            Err(_) => tokio::time::sleep(BETWEEN_BINDS).await,
        }
    }
}

/// Carries one connection until either side closes it or it is cut.
async fn carry(caller: TcpStream, inside: SocketAddr, cuts: Cuts) -> io::Result<()> {
    if let Some(held_by) = cuts.take_unread() {
        // When the first byte is there, so that every caller has begun to send.
        caller.peek(&mut [0]).await?;
        if let Some(script) = held_by {
            script.hold().await;
        }
        return caller.set_zero_linger();
    }
    let inner = TcpStream::connect(inside).await?;
    caller.set_nodelay(true)?;
    inner.set_nodelay(true)?;
    let address = inner.local_addr()?;
    let (mut from_caller, to_caller) = caller.into_split();
    let (from_inner, mut to_inner) = inner.into_split();
    let inward = async {
        let carried = tokio::io::copy(&mut from_caller, &mut to_inner).await;
        to_inner.shutdown().await.and(carried.map(|_| ()))
    };
    let mut inward = std::pin::pin!(inward);
    let mut outward = std::pin::pin!(carry_out(from_inner, to_caller, address, &cuts));
    tokio::select! {
        carried = &mut inward => carried.and(outward.await.map(drop)),
        carried = &mut outward => match carried? {
            Some(_kept) => inward.await,
            None => Ok(()),
        },
    }
}

/// Carries answers; ends at the first that is cut. Gives the way to the caller back where it is to stay open until the
/// caller leaves.
async fn carry_out(
    mut from_inner: OwnedReadHalf,
    mut to_caller: OwnedWriteHalf,
    address: SocketAddr,
    cuts: &Cuts,
) -> io::Result<Option<OwnedWriteHalf>> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = from_inner.read(&mut chunk).await?;
        let bytes = chunk.get(..count).unwrap_or_default();
        match cuts.take(address) {
            Some(Cut::Whole) => return Ok(None),
            Some(Cut::Reset) => {
                to_caller.as_ref().set_zero_linger()?;
                // Dropped, it would say goodbye before the reset.
                to_caller.forget();
                return Ok(None);
            }
            Some(Cut::Silence) => return Ok(Some(to_caller)),
            Some(Cut::Body(length)) => {
                to_caller.write_all(beginning(bytes, length)).await?;
                return Ok(None);
            }
            Some(Cut::Stall(length)) => {
                to_caller.write_all(beginning(bytes, length)).await?;
                return Ok(Some(to_caller));
            }
            None if count == 0 => return Ok(None),
            None => to_caller.write_all(bytes).await?,
        }
    }
}

/// The head of an answer and so many bytes of its body.
fn beginning(answer: &[u8], length: usize) -> &[u8] {
    let kept = head_bytes(answer).saturating_add(length).min(answer.len());
    answer.get(..kept).unwrap_or_default()
}

/// Bytes of an answer's head, the empty line included.
fn head_bytes(answer: &[u8]) -> usize {
    answer.windows(4).position(|window| window == b"\r\n\r\n").map_or(answer.len(), |place| place + 4)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_util::sync::CancellationToken;

    use super::{Cut, Cuts, Relay};

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

    /// Answers every connection once, with the cut set before.
    async fn exchange(cut: Option<Cut>) -> Vec<u8> {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let inner = TcpListener::bind(any).await.expect("a port");
        let cuts = Cuts::default();
        let relay =
            Relay::bind(any, inner.local_addr().expect("an address"), cuts.clone()).await.expect("a port");
        let address = relay.local_addr();
        let stop = CancellationToken::new();
        let running = tokio::spawn(relay.run(stop.clone()));
        let mut caller = TcpStream::connect(address).await.expect("a connection");
        caller.write_all(b"ask").await.expect("sent");
        let (mut served, peer) = inner.accept().await.expect("carried on");
        let mut asked = [0; 3];
        served.read_exact(&mut asked).await.expect("carried on");
        assert_eq!(&asked, b"ask");
        if let Some(cut) = cut {
            cuts.cut(peer, cut);
        }
        served.write_all(ANSWER).await.expect("answered");
        drop(served);
        let mut answer = Vec::new();
        // A cut connection may end in a reset as well as in an end.
        let _ = caller.read_to_end(&mut answer).await;
        stop.cancel();
        running.await.expect("no panic");
        answer
    }

    #[tokio::test]
    async fn a_closed_port_refuses_ends_what_it_carries_and_opens_again_where_it_was() {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let inner = TcpListener::bind(any).await.expect("a port");
        let relay = Relay::bind(any, inner.local_addr().expect("an address"), Cuts::default()).await;
        let relay = relay.expect("a port");
        let (address, gate) = (relay.local_addr(), relay.gate());
        let stop = CancellationToken::new();
        let running = tokio::spawn(relay.run(stop.clone()));
        let mut carried = TcpStream::connect(address).await.expect("a connection");
        let (_served, _) = inner.accept().await.expect("carried on");
        gate.send_replace(false);
        // An end or a reset: either way nothing comes any more.
        let _ = carried.read_to_end(&mut Vec::new()).await;
        assert!(TcpStream::connect(address).await.is_err());
        gate.send_replace(true);
        while TcpStream::connect(address).await.is_err() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        running.await.expect("no panic");
    }

    #[tokio::test]
    async fn an_answer_arrives_whole_cut_or_not_at_all() {
        assert_eq!(exchange(None).await, ANSWER);
        assert_eq!(exchange(Some(Cut::Whole)).await, b"");
        assert_eq!(exchange(Some(Cut::Reset)).await, b"");
        assert_eq!(exchange(Some(Cut::Body(2))).await, &ANSWER[..ANSWER.len() - 3]);
    }
}
