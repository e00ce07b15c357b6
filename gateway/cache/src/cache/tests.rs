//! The cache as a whole: the tables of `DECISIONS.md`, the same history for it and for a plain model, many writers.

mod behaviour;
mod model;
mod steps;
