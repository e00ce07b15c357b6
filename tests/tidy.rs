//! Rules that a compiler does not know: layers, shape of files, who may do what. Each failure names file and rule.

#![expect(clippy::unwrap_used, reason = "a test may end where the repository is not as expected")]

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/mappings.rs"]
mod mappings;
#[path = "tidy/repository.rs"]
mod repository;
#[path = "tidy/shape.rs"]
mod shape;
#[path = "tidy/words.rs"]
mod words;
