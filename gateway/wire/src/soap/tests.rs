//! Promises of the envelope.
