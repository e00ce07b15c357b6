//! The gateway as a process: opens its listeners, serves until it is told to stop, drains.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use gateway_policy::Deadline;
use gateway_transport::listener::{Answerer, Drained, HangUp, Listener, Params, Tls};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;
use tower::service_fn;

use crate::admin::Admin;
use crate::admin::load::uploads;
use crate::clock;
use crate::config::{Config, Listen};
use crate::front::Front;
use crate::load::Desk;
use crate::load::folder::watch;
use crate::ready::Ready;
use crate::respond::{self, Body};
use crate::stack::inbound;

/// A gateway whose ports are open.
#[derive(Debug)]
pub struct Gateway {
    data: Listener,
    admin: Listener,
    front: Arc<Front>,
}

// === impl Gateway ===

impl Gateway {
    /// Opens the ports. Callers wait until [`Gateway::serve`] runs.
    ///
    /// # Errors
    /// A port that cannot be had, a TLS file that cannot be used, two paths that cannot be told apart.
    pub async fn open(ready: Ready) -> anyhow::Result<Self> {
        let config = ready.config.clone();
        let data = Listener::bind(data_params(&config)).await.context("the data listener")?;
        let admin = Listener::bind(admin_params(&config)).await.context("the admin listener")?;
        let front = Arc::new(Front::new(ready)?);
        Ok(Self { data, admin, front })
    }

    /// The addresses of the data and the admin listener.
    #[must_use]
    pub const fn addresses(&self) -> (SocketAddr, SocketAddr) {
        (self.data.local_addr(), self.admin.local_addr())
    }

    /// Cancelled, it skips what is left of the delay in which a stopping gateway still takes calls.
    #[must_use]
    pub fn hurry(&self) -> CancellationToken {
        self.data.hurry()
    }

    /// Serves until `stop`: not ready at once; after `listen.drain_delay_ms` no new connections; then the calls under
    /// way come to their end.
    pub async fn serve(self, stop: CancellationToken) -> Drained {
        let Self { data, admin, front } = self;
        // Loads end first: what they have not read yet can be sent again.
        let desk = Desk::new(stop.clone());
        let shown = Arc::new(Admin::new(Arc::clone(&front), desk.clone()));
        let admin = admin.streaming(uploads(Arc::clone(&front), desk.clone()));
        let watchers: Vec<_> = front
            .look(|ready| ready.config.cache.folders.clone())
            .into_iter()
            .map(|folder| tokio::spawn(watch(folder, Arc::clone(&front), desk.clone())))
            .collect();
        let after = CancellationToken::new();
        let admin_service = {
            let shown = Arc::clone(&shown);
            service_fn(move |request| Arc::clone(&shown).answer(request))
        };
        let refuse: Answerer =
            Arc::new(|rejection, head| respond::rejected(rejection, head, Body::Fault, clock::identity().id));
        let admin_task = tokio::spawn(admin.serve(admin_service, refuse, after.clone()));
        let not_ready = {
            let (shown, stop) = (Arc::clone(&shown), stop.clone());
            let ends =
                front.look(|ready| ready.config.listen.drain_delay + ready.config.listen.drain_timeout);
            tokio::spawn(async move {
                stop.cancelled().await;
                shown.set_not_ready();
                Deadline::after(ends)
            })
        };
        let (reservations, stopping) = (front.look(|ready| ready.reservations.clone()), stop.clone());
        let refuse: Answerer = {
            let front = Arc::clone(&front);
            Arc::new(move |rejection, head| front.rejected(rejection, head))
        };
        let drained = data.serve(inbound(front), refuse, stop).await;
        // What no call waits for any more has the rest of their time.
        let ends = if stopping.is_cancelled() { not_ready.await.ok() } else { None };
        let ends = ends.unwrap_or_else(|| Deadline::after(Duration::ZERO));
        reservations.finish(ends).await;
        for watcher in watchers {
            // One that panicked has said so; one that hangs in a folder is not waited for.
            let _ = timeout_at(ends.instant(), watcher).await;
        }
        // The admin listener goes last, so that the drain can be watched.
        after.cancel();
        if let Err(error) = admin_task.await {
            tracing::error!(%error, "the admin listener ended early");
        }
        drained
    }
}

fn data_params(config: &Config) -> Params {
    let Listen { address, tls, .. } = &config.listen;
    let listen = &config.listen;
    Params {
        tls: tls.as_ref().map(|tls| Tls {
            certificates: tls.certificate_file.clone(),
            key: tls.key_file.clone(),
            client_authorities: tls.client_ca_file.clone(),
        }),
        header_read_timeout: listen.header_timeout,
        body_read_timeout: listen.body_timeout,
        idle_timeout: listen.idle_timeout,
        write_timeout: listen.write_timeout,
        drain_delay: listen.drain_delay,
        drain_timeout: listen.drain_timeout,
        max_streams: listen.streams,
        max_connections: listen.connections,
        max_header_bytes: listen.header_bytes,
        max_body_bytes: config.limits.document_bytes,
        max_held_bytes: usize::try_from(listen.body_memory_bytes.value).unwrap_or(usize::MAX),
        hang_up: HangUp::FinishesCall,
        ..Params::new(address.value)
    }
}

fn admin_params(config: &Config) -> Params {
    Params { max_connections: 64, max_body_bytes: 1_024, ..Params::new(config.admin.address.value) }
}

/// How a process is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// SIGTERM: by a platform, whose balancer has to notice.
    Terminate,
    /// Ctrl-C: by somebody who waits for it.
    Interrupt,
}

/// Hears how the process is told to stop, from when it is made: what comes before it is waited for is not missed.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

// === impl Signals ===

impl Signals {
    /// Begins to hear SIGTERM and Ctrl-C, which from then on do not end the process by themselves.
    ///
    /// # Errors
    /// A signal that cannot be heard.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub async fn told(&mut self) -> Told {
        tokio::select! {
            _ = self.terminate.recv() => Told::Terminate,
            _ = self.interrupt.recv() => Told::Interrupt,
        }
    }
}

/// Waits for the process to be told to stop: SIGTERM, or Ctrl-C.
///
/// # Errors
/// A signal that cannot be heard.
pub async fn told_to_stop() -> std::io::Result<()> {
    Signals::listen()?.told().await;
    Ok(())
}
