//! Promises of the tree.
