//! The fault matrix: whatever goes wrong at the DOM and on the way to it, for every operation, whatever the store does
//! meanwhile. What has to become of each is data; gateway/FAULTS.md is written from it.

#[path = "matrix/cell.rs"]
mod cell;
#[path = "matrix/document.rs"]
mod document;
#[path = "matrix/expected.rs"]
mod expected;
#[path = "matrix/fault.rs"]
mod fault;
#[path = "matrix/log.rs"]
mod log;
#[path = "matrix/operation.rs"]
mod operation;
#[path = "matrix/pushed.rs"]
mod pushed;
#[path = "matrix/world.rs"]
mod world;

use futures_util::stream::{StreamExt, iter};

use cell::{Cell, STORES};
use fault::{Fault, faults};
use log::Log;
use operation::Operation;

/// Cells of one operation that are run at a time.
const AT_A_TIME: usize = 16;

/// Runs all cells of an operation.
async fn hold(operation: Operation) {
    let (log, _begun) = Log::begin();
    let faults = faults();
    let rows = faults.iter().flat_map(|fault: &Fault| STORES.map(|store| (fault, store)));
    let (operation, begun) = (&operation, &log);
    let cells = rows.enumerate().map(|(number, (fault, store))| async move {
        Cell { operation, fault, store }.run(number, begun).await
    });
    let findings: Vec<Vec<String>> = iter(cells).buffer_unordered(AT_A_TIME).collect().await;
    let findings = findings.concat();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    let forbidden = crate::privacy::forbidden();
    crate::privacy::assert_nothing_of(&forbidden, "the log", &log.text());
}

#[tokio::test]
async fn availability() {
    hold(operation::availability()).await;
}

#[tokio::test]
async fn check() {
    hold(operation::check()).await;
}

#[tokio::test]
async fn history() {
    hold(operation::history()).await;
}

#[tokio::test]
async fn details() {
    hold(operation::details()).await;
}

#[tokio::test]
async fn decrement() {
    hold(operation::decrement()).await;
}

#[tokio::test]
async fn transfer() {
    hold(operation::transfer()).await;
}

#[tokio::test]
async fn transfer_looked_for() {
    hold(operation::transfer_looked_for()).await;
}

#[tokio::test]
async fn remembered() {
    hold(operation::remembered()).await;
}

#[tokio::test]
async fn reserve() {
    hold(operation::reserve()).await;
}

#[tokio::test]
async fn cancel_reservation() {
    hold(operation::cancel_reservation()).await;
}

#[tokio::test]
async fn order_sync() {
    hold(operation::order_sync()).await;
}

#[tokio::test]
async fn order_created() {
    hold(operation::order_created()).await;
}

#[tokio::test]
async fn availability_sync() {
    hold(operation::availability_sync()).await;
}
