//! What the configuration says about dialects, compared with the dialects there are.

use gateway_mapping::{Dialect, Mappings, Side};
use gateway_model::{Diagnostic, Place, codes};

use crate::config::places::Located;
use crate::config::{Config, Dom};

// === impl Config ===

impl Config {
    /// Reports every dialect that does not exist or is of the other side, every variant that no message has, and every
    /// batch with more lines than the dialect allows.
    /// `file` is the configuration's name in the diagnostics.
    #[must_use]
    pub fn check_dialects(&self, file: &str, mappings: &Mappings) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for store in &self.stores {
            find(file, mappings, &store.dialect, Side::Store, &mut faults);
        }
        for dom in &self.doms {
            if let Some(dialect) = find(file, mappings, &dom.dialect, Side::Dom, &mut faults) {
                check_variants(file, dom, dialect, &mut faults);
                faults.extend(check_lines(file, dom, dialect));
            }
        }
        faults
    }
}

/// The dialect of this name and side; a fault if there is none.
fn find<'m>(
    file: &str,
    mappings: &'m Mappings,
    name: &Located<String>,
    side: Side,
    faults: &mut Vec<Diagnostic>,
) -> Option<&'m Dialect> {
    let found = mappings.dialect(&name.value);
    if let Some(dialect) = found.filter(|dialect| dialect.side == side) {
        return Some(dialect);
    }
    let of_side = mappings.dialects().filter(|dialect| dialect.side == side);
    let known: Vec<&str> = of_side.map(|dialect| dialect.name.as_str()).collect();
    let message = match found {
        Some(_) => format!("the dialect `{}` is of the other side", name.value),
        None => format!("there is no dialect `{}`", name.value),
    };
    let place = Place { file: file.to_owned(), span: name.span.clone() };
    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let fault = Diagnostic::error(codes::CONFIG_VALUE, place, message).did_you_mean(&name.value, known);
    faults.push(if listed.is_empty() { fault } else { fault.expecting(listed.join(", ")) });
    None
}

fn check_variants(file: &str, dom: &Dom, dialect: &Dialect, faults: &mut Vec<Diagnostic>) {
    for (operation, variant) in &dom.variants {
        let of_operation = dialect.messages().filter(|message| message.operation.as_ref() == Some(operation));
        let mut known: Vec<&str> = of_operation.filter_map(|message| message.variant.as_deref()).collect();
        known.sort_unstable();
        known.dedup();
        if known.contains(&variant.value.as_str()) {
            continue;
        }
        let place = Place { file: file.to_owned(), span: variant.span.clone() };
        let message =
            format!("`{operation}` has no variant `{}` in the dialect `{}`", variant.value, dialect.name);
        let expected = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let fault = Diagnostic::error(codes::CONFIG_VALUE, place, message);
        faults.push(if known.is_empty() {
            fault.labelled(format!("`{operation}` has no variants"))
        } else {
            fault.expecting(expected).did_you_mean(&variant.value, known)
        });
    }
}

/// The dialect says what the DOM takes; the configuration may only ask for less.
fn check_lines(file: &str, dom: &Dom, dialect: &Dialect) -> Option<Diagnostic> {
    let lines = dom.batch.lines.as_ref()?;
    let most = dialect.limits.get("lines_per_call").and_then(|most| usize::try_from(*most).ok())?;
    (most > 0 && lines.value > most).then(|| {
        let place = Place { file: file.to_owned(), span: lines.span.clone() };
        let message = format!("the dialect `{}` has at most {most} lines in one call", dialect.name);
        Diagnostic::error(codes::CONFIG_VALUE, place, message)
            .labelled(format!("this is {}", lines.value))
            .expecting(format!("a whole number from 1 to {most}"))
    })
}
