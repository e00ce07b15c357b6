//! The gateways: processes of this program that are started, killed and started again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use futures_util::future::try_join_all;

use crate::demo::gateway_process::{GatewayProcess, ProcessFault};

/// Why there are not as many gateways as there should be.
#[derive(Debug, thiserror::Error)]
pub enum FleetFault {
    /// One cannot be started.
    #[error(transparent)]
    Process(#[from] ProcessFault),
}

/// The gateways. Dropped, they are killed.
#[derive(Debug)]
pub(super) struct Fleet {
    program: PathBuf,
    config: PathBuf,
    places: Mutex<Vec<Place>>,
}

/// One gateway: where it listens, or listened before it was killed.
#[derive(Debug)]
struct Place {
    address: SocketAddr,
    process: Option<GatewayProcess>,
}

// === impl Fleet ===

impl Fleet {
    /// Starts so many gateways with one configuration.
    pub(super) async fn start(program: PathBuf, config: PathBuf, count: usize) -> Result<Self, FleetFault> {
        let processes = try_join_all((0..count).map(|_| GatewayProcess::start(&program, &config))).await?;
        let places =
            processes.into_iter().map(|process| Place { address: process.address, process: Some(process) });
        let places = Mutex::new(places.collect());
        Ok(Self { program, config, places })
    }

    /// Where they are; one that was killed is still where it was, as a balancer would have it.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.with(|places| places.iter().map(|place| place.address).collect())
    }

    /// Kills one, counted round.
    pub(super) async fn kill(&self, which: usize) {
        let process = self.with(|places| {
            let place = which.checked_rem(places.len())?;
            places.get_mut(place)?.process.take()
        });
        if let Some(process) = process {
            process.kill().await;
        }
    }

    /// Starts one again that was killed, counted round; it listens elsewhere than before.
    pub(super) async fn start_again(&self, which: usize) -> Result<(), FleetFault> {
        let process = GatewayProcess::start(&self.program, &self.config).await?;
        self.with(|places| {
            let place = which.checked_rem(places.len()).and_then(|place| places.get_mut(place));
            if let Some(place) = place {
                *place = Place { address: process.address, process: Some(process) };
            }
        });
        Ok(())
    }

    /// Tells all to stop and waits for them.
    pub(super) async fn stop(&self) {
        let processes: Vec<_> =
            self.with(|places| places.iter_mut().filter_map(|place| place.process.take()).collect());
        for process in processes {
            // How a gateway ends when it is told to is the demo's matter.
            let _ = process.stop().await;
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Vec<Place>) -> T) -> T {
        change(&mut self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
