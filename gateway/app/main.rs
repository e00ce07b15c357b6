//! The `dom-gateway` binary: hands the command line over and leaves with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    dom_gateway::cli::run()
}
