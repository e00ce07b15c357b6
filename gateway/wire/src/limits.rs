//! Limits on documents that others send: each bounds one way of costing much with few bytes.

/// What a document may be at most. Beyond it the document is refused with `GW-1004`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole document, as received and as decoded.
    pub bytes: usize,
    /// Elements open at once; the root is at depth 1.
    pub depth: usize,
    /// Attributes of one element, namespace declarations not counted.
    pub attributes: usize,
    /// Namespace declarations of one element; at one place eight times as many may be in scope.
    pub namespaces: usize,
    /// Bytes of one element or attribute name, with its prefix.
    pub name_bytes: usize,
    /// Bytes of one element's text or one attribute's value, references resolved.
    pub text_bytes: usize,
    /// Elements of the whole document.
    pub elements: usize,
}

impl Default for Limits {
    /// Room for an order of 5,000 lines (about 15 MB, 400,000 elements), twice over; the deepest element of the
    /// contracts' samples is at depth 14.
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            depth: 128,
            attributes: 256,
            namespaces: 64,
            name_bytes: 1024,
            text_bytes: 1 << 20,
            elements: 1_000_000,
        }
    }
}
