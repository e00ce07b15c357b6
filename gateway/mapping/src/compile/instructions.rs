//! The attributes of the mapping language: which there are, and where each may stand.

use gateway_model::Diagnostic;
use gateway_model::codes::{MISPLACED_INSTRUCTION, UNKNOWN_INSTRUCTION};

use super::Compiler;
use crate::markup::{MarkupAttribute, MarkupElement};
use crate::source::File;

/// Where an instruction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    Root,
    Element,
    Fragment,
    Group,
    Choose,
    Or,
    Read,
}

const ALL: &[&str] = &[
    "operation",
    "part",
    "record",
    "each",
    "index",
    "with",
    "when",
    "required",
    "also",
    "use",
    "keep",
    "only",
    "into",
    "text",
];

const ELEMENTS: &[&str] = &["group", "choose", "or", "read", "fragment"];

// === impl Host ===

impl Host {
    fn allows(self, instruction: &str) -> bool {
        let element =
            ["each", "index", "with", "when", "required", "also", "use", "keep", "only", "into", "text"];
        match self {
            Self::Root => {
                element.contains(&instruction) || instruction == "operation" || instruction == "part"
            }
            Self::Element => element.contains(&instruction),
            Self::Fragment => instruction == "record",
            Self::Group => {
                ["each", "index", "with", "when", "required", "use", "only"].contains(&instruction)
            }
            Self::Choose | Self::Or | Self::Read => false,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Root => "the root",
            Self::Element => "an element",
            Self::Fragment => "`m:fragment`",
            Self::Group => "`m:group`",
            Self::Choose => "`m:choose`",
            Self::Or => "`m:or`",
            Self::Read => "`m:read`",
        }
    }
}

// === impl Compiler ===

impl Compiler<'_> {
    /// Reports instructions that do not exist, or not here.
    pub(super) fn check_instructions(&mut self, file: &File<'_>, element: &MarkupElement, host: Host) {
        for attribute in &element.attributes {
            if attribute.name.is_language() {
                self.check_instruction(file, attribute, host);
            } else if element.name.is_language() && !(host == Host::Read && attribute.name.local == "from") {
                self.check_plain(file, attribute, host);
            }
        }
    }

    fn check_instruction(&mut self, file: &File<'_>, attribute: &MarkupAttribute, host: Host) {
        let name = attribute.name.local.as_str();
        if host.allows(name) {
            return;
        }
        let place = file.place(attribute.name.span.clone());
        let written = attribute.name.written();
        let fault = if ALL.contains(&name) {
            let fault = Diagnostic::error(
                MISPLACED_INSTRUCTION,
                place,
                format!("`{written}` means nothing on {}", host.name()),
            );
            match (host, name) {
                (Host::Choose, _) => {
                    fault.helped("put it on the alternatives, or on an `m:group` around the `m:choose`")
                }
                (_, "operation" | "part") => fault.helped("it belongs on the root of a template"),
                (_, "record") => fault.helped("it belongs on the root of a fragment, `m:fragment`"),
                _ => fault,
            }
        } else {
            let fault = Diagnostic::error(UNKNOWN_INSTRUCTION, place, format!("there is no `{written}`"));
            fault.did_you_mean(name, ALL.iter().copied())
        };
        self.report.add(fault);
    }

    /// A plain attribute on an element of the language: probably the prefix was forgotten.
    fn check_plain(&mut self, file: &File<'_>, attribute: &MarkupAttribute, host: Host) {
        if host == Host::Fragment {
            return;
        }
        let name = attribute.name.written();
        let place = file.place(attribute.name.span.clone());
        let message = format!("{} has no attribute `{name}`", host.name());
        let fault = Diagnostic::error(UNKNOWN_INSTRUCTION, place, message);
        let fault = if host.allows(&name) {
            fault.helped(format!("instructions have the prefix: `m:{name}`"))
        } else {
            fault
        };
        self.report.add(fault);
    }

    /// Reports an element of the language that does not exist, or not here.
    pub(super) fn stray_language_element(&mut self, file: &File<'_>, element: &MarkupElement) {
        let name = element.name.local.as_str();
        let place = file.place(element.name.span.clone());
        let written = element.name.written();
        let fault = if ELEMENTS.contains(&name) {
            let help = match name {
                "or" => "it stands inside an element with `m:text=\"expression\"`",
                "fragment" => "it is the root of a file in the folder fragments",
                _ => "it stands inside an element",
            };
            Diagnostic::error(MISPLACED_INSTRUCTION, place, format!("`{written}` means nothing here"))
                .helped(help)
        } else {
            let fault =
                Diagnostic::error(UNKNOWN_INSTRUCTION, place, format!("there is no element `{written}`"));
            fault.did_you_mean(name, ELEMENTS.iter().copied())
        };
        self.report.add(fault);
    }

    /// Reports an instruction whose value means nothing.
    pub(super) fn bad_value(&mut self, file: &File<'_>, attribute: &MarkupAttribute, expected: &str) {
        let message = format!("`{}` has a value that means nothing", attribute.name.written());
        let place = file.place(attribute.value.whole());
        self.report.add(Diagnostic::error(MISPLACED_INSTRUCTION, place, message).expecting(expected));
    }
}
