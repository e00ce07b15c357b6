//! What the configuration says about dialects, compared with the dialects there are.

use gateway_mapping::{Dialect, Mappings, Side};
use gateway_model::{Diagnostic, Place, codes};

use crate::config::places::Located;
use crate::config::{Config, Dom};

// === impl Config ===

impl Config {
    /// Reports every dialect that does not exist or is of the other side, and every variant that no message has.
    /// `file` is the configuration's name in the diagnostics.
    #[must_use]
    pub fn check_dialects(&self, file: &str, mappings: &Mappings) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for store in &self.stores {
            faults.extend(check_dialect(file, mappings, &store.dialect, Side::Store).err());
        }
        for dom in &self.doms {
            match check_dialect(file, mappings, &dom.dialect, Side::Dom) {
                Ok(dialect) => check_variants(file, dom, dialect, &mut faults),
                Err(fault) => faults.push(fault),
            }
        }
        faults
    }
}

fn check_dialect<'m>(
    file: &str,
    mappings: &'m Mappings,
    name: &Located<String>,
    side: Side,
) -> Result<&'m Dialect, Diagnostic> {
    let place = Place { file: file.to_owned(), span: name.span.clone() };
    let of_side =
        || mappings.dialects().filter(|dialect| dialect.side == side).map(|dialect| dialect.name.as_str());
    let known = of_side().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match mappings.dialect(&name.value) {
        Some(dialect) if dialect.side == side => Ok(dialect),
        Some(_) => Err(Diagnostic::error(
            codes::CONFIG_VALUE,
            place,
            format!("the dialect `{}` is of the other side", name.value),
        )
        .expecting(known)),
        None => Err(Diagnostic::error(
            codes::CONFIG_VALUE,
            place,
            format!("there is no dialect `{}`", name.value),
        )
        .expecting(known)
        .did_you_mean(&name.value, of_side())),
    }
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
