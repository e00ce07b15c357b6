//! The balancer before the gateways: it asks each whether it is ready, and sends no calls to one that says it is not.
//!
//! One that does not answer at all keeps its turn: a balancer needs some failures to notice a gateway that was killed,
//! and the store's calls meet it meanwhile.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_transport::sender::{Address, Call, Params, Sender};
use http::{HeaderMap, Method};
use tokio::time::sleep;

use crate::drill::world::{DrillFault, World};

/// Between two rounds; the gateways take calls for several of these after they say that they are not ready.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(50);

/// The status of a gateway that is not ready.
const NOT_READY: u16 = 503;

/// Asks all gateways for ever.
///
/// # Errors
/// It cannot ask at all.
pub(super) async fn run(world: Arc<World>) -> Result<(), DrillFault> {
    let sender = Sender::new(Params::new("gateway"))?;
    loop {
        for admin in world.fleet.admins() {
            if !is_ready(&sender, admin).await? {
                world.fleet.pass_over(admin);
                world.connect()?;
            }
        }
        sleep(BETWEEN_ROUNDS).await;
    }
}

/// Whether a gateway says nothing else.
async fn is_ready(sender: &Sender, admin: SocketAddr) -> Result<bool, DrillFault> {
    let address: Address = format!("http://{admin}/ready").parse()?;
    let call =
        Call { method: Method::GET, address, headers: HeaderMap::new(), body: Bytes::new(), deadline: None };
    Ok(!sender.send(call).await.is_ok_and(|answer| answer.status.as_u16() == NOT_READY))
}
