//! The `dom-gateway` binary: hands the command line over and leaves with its exit code.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Records and trees are many short-lived pieces, which this allocator is made for.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    dom_gateway::cli::run()
}
