//! The demo: a shopper's whole journey through a real gateway process, between a simulated DOM and a simulated store.
//!
//! A [`Setting`] starts the three and ends them, a [`Journey`] takes one [`Step`] after the other and checks each at
//! both ends, [`layout`] says how a step looks. Nothing is printed here: that is the command's.

mod configuration;
pub(crate) mod gateway_process;
mod hop;
mod invitation;
mod journey;
pub mod layout;
mod operator;
mod setting;
mod step;
mod verdict;

pub use gateway_process::{Ended, ProcessFault};
pub use invitation::invitation;
pub use journey::Journey;
pub use layout::Paint;
pub use operator::{Counted, OperatorFault};
pub use setting::{Setting, SettingFault};
pub use step::{Hop, Step};
