//! The configuration of the gateways before a DOM that can do only so much.

use std::path::Path;

use gateway_simulator::StoreProfile;
use toml::Value;

use crate::drill::configuration::{DOM_DIALECT, PUSH_PATH, STORE_DIALECT, STORE_PATH};
use crate::drill::overload::OverloadPlan;

/// The least number of calls under way that a pool can have: one for each class.
const LEAST_CONCURRENT: usize = 5;
/// How long stock online is answered from memory, in seconds.
pub(super) const FRESH_SECS: i64 = 2;
/// What is answered where the DOM cannot be asked and a rule says so; nothing in this world is otherwise backorderable.
pub(super) const FALLBACK: &str = "Backorderable";

/// The text of `config.toml`: each gateway has its part of nine tenths of what the DOM can do.
///
/// Stock online is remembered; stock in the first physical store is not, but has a fallback; for the second there is no rule.
pub(super) fn text(mappings: &Path, dom: &str, profile: &StoreProfile, plan: &OverloadPlan) -> String {
    // Texts are quoted by the library: a folder's name may hold anything.
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let folder = quoted(&mappings.display().to_string());
    let with_fallback = profile.locations.first().map(|location| quoted(&location.name)).unwrap_or_default();
    let (id, dom) = (quoted(&profile.id), quoted(dom));
    let gateways = u32::try_from(plan.gateways).unwrap_or(u32::MAX).max(1);
    let requests = (plan.capacity * 9 / 10 / gateways).max(1);
    // As many as the DOM works on at a time, and as many again that wait at its door rather than here.
    let concurrent = (2 * super::world::at_once(plan) / plan.gateways.max(1)).max(LEAST_CONCURRENT);
    format!(
        r#"zone = "UTC"

[listen]
address = "127.0.0.1:0"

[admin]
address = "127.0.0.1:0"

[log]
format = "json"

[mappings]
folder = {folder}

[[cache.rule]]
name = "online"
location = "online"
threshold_quantity = "none"
fresh_above_secs = {FRESH_SECS}
refresh_secs = 0
on_error_secs = 3_600

[[cache.rule]]
name = "asked-or-fallback"
physical = {with_fallback}
threshold_quantity = "none"
fresh_above_secs = 0
refresh_secs = 0
on_error_secs = 0

[cache.rule.fallback]
status = "{FALLBACK}"

[[store]]
name = "nordlicht"
dialect = "{STORE_DIALECT}"
path = "{STORE_PATH}"
ids = [{id}]
dom = "sterling"

[store.deadlines]
availability = {{ call_ms = 3_000, attempt_ms = 2_000 }}
reserve = {{ call_ms = 4_000, attempt_ms = 2_000 }}
transfer = {{ call_ms = 4_000, attempt_ms = 2_000 }}

[[dom]]
name = "sterling"
dialect = "{DOM_DIALECT}"
connection = "interop"
url = {dom}

[dom.pool]
requests_per_second = {requests}
concurrent = {concurrent}
never_lent = 1

[dom.push]
path = "{PUSH_PATH}"
"#
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gateway_mapping::Source;
    use gateway_simulator::Scenario;
    use jiff::civil::date;

    use super::text;
    use crate::config;
    use crate::drill::overload::OverloadPlan;

    #[test]
    fn it_has_no_faults_and_its_gateways_ask_for_less_than_the_dom_can_do() {
        let scenario = Scenario::demo(date(2026, 1, 1));
        let folder = tempfile::tempdir().unwrap();
        for (gateways, capacity) in [(1, 60), (2, 60), (3, 20), (16, 1_000)] {
            let plan = OverloadPlan { seed: 1, gateways, capacity, phase: Duration::from_secs(5) };
            let dom = "http://127.0.0.1:9080/smcfs/interop/InteropHttpServlet";
            let text = text(folder.path(), dom, &scenario.stores[0], &plan);
            let source = Source { path: "config.toml".to_owned(), text };
            let loaded = config::read(source, folder.path(), &|_: &str| None);
            assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
            let requests = loaded.config.unwrap().doms[0].pool.requests().unwrap().per_second;
            assert!(u64::from(requests.get()) * gateways as u64 <= u64::from(capacity));
        }
    }
}
