//! The command line: what can be asked for, and the exit codes. Only this module prints.
//!
//! Each command is one file with its arguments, its long help with an example, and a `run` that gives an
//! `Outcome`. What goes wrong is printed here, once, and turned into the exit code.

mod cache;
mod check;
mod columns;
mod demo;
mod drill;
mod exit;
mod explain;
mod input;
mod load;
mod map;
mod mappings;
mod serve;
mod simulate;
mod tables;
mod terminal;
mod translate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cli::exit::{Failure, Outcome};
use crate::cli::terminal::{Color, Terminal};

/// The program's arguments.
#[derive(Debug, Parser)]
#[command(name = "dom-gateway", version, about, long_about = LONG, after_help = exit::HELP, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, hide_possible_values = true)]
    color: Color,
}

const LONG: &str = "Gateway between web stores (IBM WebSphere Commerce / HCL Commerce) and a DOM system \
(IBM Sterling Order Management).

A store's BOD goes in, the DOM's XML goes out, the answer comes back as the store's BOD; what the DOM pushes \
reaches the store. All of it by mapping files.

First steps:
  dom-gateway demo                          a shopper's journey, nothing to set up
  dom-gateway check --config config.toml    what is wrong with the files, all at once
  dom-gateway serve --config config.toml    the gateway";

/// What the program can do. The help of each stands with its arguments.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Drill(drill::Drill),
    Serve(serve::Serve),
    Check(check::Check),
    Explain(explain::Explain),
    Load(load::Load),
    Translate(translate::Translate),
    #[command(subcommand)]
    Cache(cache::Cache),
    #[command(subcommand)]
    Map(map::Map),
    #[command(subcommand)]
    Tables(tables::Tables),
    #[command(subcommand)]
    Simulate(simulate::Simulate),
}

/// Runs the command the process was started with, and gives its exit code.
pub fn run() -> ExitCode {
    // clap itself ends the process after `--help` (0) and wrong usage (2).
    let arguments = Arguments::parse();
    let mut terminal = Terminal::of_process(arguments.color);
    let outcome = execute(&arguments.command, &mut terminal);
    exit::code(outcome, &mut terminal)
}

fn execute(command: &Command, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    match command {
        Command::Demo(command) => command.run(terminal),
        Command::Drill(command) => command.run(terminal),
        Command::Serve(command) => command.run(terminal),
        Command::Check(command) => command.run(terminal),
        Command::Explain(command) => command.run(terminal),
        Command::Load(command) => command.run(terminal),
        Command::Translate(command) => command.run(terminal),
        Command::Cache(command) => command.run(terminal),
        Command::Map(command) => command.run(terminal),
        Command::Tables(command) => command.run(terminal),
        Command::Simulate(command) => command.run(terminal),
    }
}
