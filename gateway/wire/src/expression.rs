//! The BOD's Get expression as a tree, and back: `{_wcf.ap=PROFILE}/Noun[predicates]` (contract store section 4).

mod parse;
mod print;

pub use parse::parse_expression;
pub use print::print_expression;

#[cfg(test)]
mod tests;
