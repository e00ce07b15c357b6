//! One exchange from bytes to bytes, without a socket: the road of the design, walked step by step.
//!
//! A store's document is [read](Interpreter::read_question) into a [`Question`]; the question is
//! [planned](Interpreter::plan) into the calls the DOM has to answer; the DOM's replies are
//! [judged](Interpreter::judge) and turned into the [store's answer](Interpreter::answer). Pushes of the DOM walk the same
//! road the other way ([`push`]). Whoever has sockets puts them between the steps; `translate`, the fixtures and the
//! benchmarks do without. Where the answer to a transfer was lost, a [look](Interpreter::look) at the DOM says what it
//! [proves](Interpreter::seen).
//!
//! Everything here is a pure function of its inputs: clock, identities and the DOM's replies come in as values.

mod answer;
mod find;
pub mod fixture;
mod interpreter;
pub mod judge;
mod kind;
pub mod login;
mod look;
mod plan;
pub mod push;
mod question;
mod refuse;
mod stock;
mod translate;

pub use answer::{Answer, Basis, Ends, charset_of};
pub use gateway_operation::availability::Finding;
pub use interpreter::{Interpreter, Unusable};
pub use judge::{Judgement, Reply};
pub use kind::{OPERATIONS, Operation};
pub use look::{Release, Released, Seen, outcome_unknown};
pub use plan::{Call, Plan};
pub use question::{Question, Unread};
pub use stock::{Inquiry, Named, PlaceName, StockLine, Taken, ToldStock};
pub use translate::Translation;
