//! Many calls at once over few connections: HTTP/2.

use bytes::Bytes;
use futures_util::future::try_join_all;
use h2::client::SendRequest;
use http::Request;
use tokio::net::TcpStream;

use crate::gateway::{INVENTORY, Running};

/// Calls on one connection; the gateway has to be told that so many may be.
const STREAMS: usize = 1_000;

/// Connections of a crowd.
pub(crate) struct Streams {
    connections: Vec<SendRequest<Bytes>>,
    address: String,
}

impl Streams {
    /// As many connections as so many calls at once need.
    pub(crate) async fn open(gateway: &Running, calls: usize) -> Self {
        let mut connections = Vec::new();
        for _ in 0..calls.div_ceil(STREAMS) {
            let stream = TcpStream::connect(gateway.data).await.unwrap();
            let (sender, connection) = h2::client::Builder::new()
                .initial_max_send_streams(STREAMS)
                .initial_window_size(1 << 20)
                .initial_connection_window_size(1 << 28)
                .handshake(stream)
                .await
                .unwrap();
            tokio::spawn(connection);
            connections.push(sender);
        }
        Self { connections, address: format!("http://{}{INVENTORY}", gateway.data) }
    }

    /// Asks all of this at once; the statuses and documents come in the order of the questions.
    pub(crate) async fn ask_all(&self, questions: &[String]) -> Vec<(u16, String)> {
        let calls = questions.iter().enumerate().map(|(place, question)| self.ask(place, question));
        try_join_all(calls).await.unwrap()
    }

    /// Asks on one of the connections. Whoever drops this hangs up.
    pub(crate) async fn ask(&self, place: usize, question: &str) -> Result<(u16, String), h2::Error> {
        let connection = self.connections.get(place % self.connections.len()).unwrap();
        let request = Request::post(&self.address).header("content-type", "text/xml; charset=utf-8");
        let mut connection = connection.clone().ready().await?;
        let (answer, mut body) = connection.send_request(request.body(()).unwrap(), false)?;
        body.send_data(Bytes::copy_from_slice(question.as_bytes()), true)?;
        let (head, mut body) = answer.await?.into_parts();
        let mut document = Vec::new();
        while let Some(chunk) = body.data().await {
            let chunk = chunk?;
            document.extend_from_slice(&chunk);
            body.flow_control().release_capacity(chunk.len())?;
        }
        Ok((head.status.as_u16(), String::from_utf8(document).unwrap()))
    }
}
