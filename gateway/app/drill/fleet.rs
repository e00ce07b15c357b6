//! The gateways: processes of this program that are started, killed and started again.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use futures_util::future::try_join_all;

use crate::demo::gateway_process::{Ended, GatewayProcess, ProcessFault};

/// Why there are not as many gateways as there should be.
#[derive(Debug, thiserror::Error)]
pub enum FleetFault {
    /// One cannot be started.
    #[error(transparent)]
    Process(#[from] ProcessFault),
    /// One was told to stop and did not end well.
    #[error("a gateway that was drained did not end as it should: {0}")]
    NotDrained(String),
}

/// The gateways. Dropped, they are killed.
#[derive(Debug)]
pub(super) struct Fleet {
    program: PathBuf,
    config: PathBuf,
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    gateways: Vec<Place>,
    /// Where gateways listened that were killed: who calls there need not be answered.
    killed: HashSet<String>,
}

/// One gateway: where it listens, or listened before it was killed.
#[derive(Debug)]
struct Place {
    address: SocketAddr,
    admin: SocketAddr,
    /// Whether the balancer sends calls there.
    in_turn: bool,
    process: Option<GatewayProcess>,
}

/// A gateway that is to be drained.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) admin: SocketAddr,
    process: GatewayProcess,
}

// === impl Fleet ===

impl Fleet {
    /// Starts so many gateways with one configuration.
    pub(super) async fn start(program: PathBuf, config: PathBuf, count: usize) -> Result<Self, FleetFault> {
        let processes = try_join_all((0..count).map(|_| GatewayProcess::start(&program, &config))).await?;
        let gateways = processes.into_iter().map(Place::new).collect();
        let places = Mutex::new(Places { gateways, killed: HashSet::new() });
        Ok(Self { program, config, places })
    }

    /// Where calls are sent; one that was killed is still where it was, as a balancer would have it.
    pub(super) fn in_turn(&self) -> Vec<SocketAddr> {
        self.with(|places| {
            places.gateways.iter().filter(|place| place.in_turn).map(|place| place.address).collect()
        })
    }

    /// Where the gateways that calls are sent to say whether they are ready.
    pub(super) fn admins(&self) -> Vec<SocketAddr> {
        self.with(|places| {
            places.gateways.iter().filter(|place| place.in_turn).map(|place| place.admin).collect()
        })
    }

    /// No calls are sent to this one any more.
    pub(super) fn pass_over(&self, admin: SocketAddr) {
        self.with(|places| {
            let place = places.gateways.iter_mut().find(|place| place.admin == admin);
            place.into_iter().for_each(|place| place.in_turn = false);
        });
    }

    /// Whether a gateway that was killed listened there, by host and port.
    pub(super) fn was_killed(&self, authority: &str) -> bool {
        self.with(|places| places.killed.contains(authority))
    }

    /// How many there are to be.
    pub(super) fn count(&self) -> usize {
        self.with(|places| places.gateways.len())
    }

    /// Kills one, counted round.
    pub(super) async fn kill(&self, which: usize) {
        let process = self.with(|places| {
            let place = which.checked_rem(places.gateways.len())?;
            let place = places.gateways.get_mut(place)?;
            places.killed.insert(place.address.to_string());
            place.process.take()
        });
        if let Some(process) = process {
            process.kill().await;
        }
    }

    /// Starts one again that was killed, counted round; it listens elsewhere than before.
    pub(super) async fn start_again(&self, which: usize) -> Result<(), FleetFault> {
        let process = GatewayProcess::start(&self.program, &self.config).await?;
        self.put(which, process);
        Ok(())
    }

    /// Starts another one beside the n-th, counted round, and gives the one that is to go; calls are sent to both.
    pub(super) async fn double(&self, which: usize) -> Result<Option<Leaving>, FleetFault> {
        let process = GatewayProcess::start(&self.program, &self.config).await?;
        let old = self.put(which, process);
        Ok(old.and_then(|mut place| {
            let process = place.process.take()?;
            let leaving = Leaving { admin: place.admin, process };
            self.with(|places| places.gateways.push(place));
            Some(leaving)
        }))
    }

    /// Drains one and waits until it has ended; it is forgotten then.
    pub(super) async fn drain(&self, leaving: Leaving) -> Result<(), FleetFault> {
        let Leaving { admin, process } = leaving;
        let ended = process.drain().await;
        self.with(|places| places.gateways.retain(|place| place.admin != admin));
        match ended {
            Ended::AsTold => Ok(()),
            Ended::Badly(how) => Err(FleetFault::NotDrained(how)),
        }
    }

    /// Tells all to stop and waits for them.
    pub(super) async fn stop(&self) {
        let processes: Vec<_> =
            self.with(|places| places.gateways.iter_mut().filter_map(|place| place.process.take()).collect());
        for process in processes {
            // How a gateway ends when it is told to is the demo's matter.
            let _ = process.stop().await;
        }
    }

    /// Puts a gateway in the n-th place, counted round, and gives the one that was there.
    fn put(&self, which: usize, process: GatewayProcess) -> Option<Place> {
        self.with(|places| {
            let place = Place::new(process);
            // Ports come round again.
            places.killed.remove(&place.address.to_string());
            let which = which.checked_rem(places.gateways.len())?;
            Some(std::mem::replace(places.gateways.get_mut(which)?, place))
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Places) -> T) -> T {
        change(&mut self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

// === impl Place ===

impl Place {
    fn new(process: GatewayProcess) -> Self {
        Self { address: process.address, admin: process.admin, in_turn: true, process: Some(process) }
    }
}
