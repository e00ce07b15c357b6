//! Crates depend downwards only, and what a layer must not know it does not link.

use crate::repository::{manifests, nothing};

struct Layer {
    folder: &'static str,
    /// Our crates it may use.
    may_use: &'static [&'static str],
    /// Outside crates it must not link, whatever brings them in by its own manifest.
    never: &'static [&'static str],
}

/// What does I/O, waits or tells the time.
const IMPURE: &[&str] = &[
    "tokio",
    "tokio-util",
    "tokio-rustls",
    "hyper",
    "hyper-util",
    "reqwest",
    "tower",
    "tower-http",
    "rustls",
    "tracing",
    "tracing-subscriber",
    "http",
    "http-body-util",
    "uuid",
    "fastrand",
    "clap",
];

/// gateway/ARCHITECTURE.md draws this table.
const LAYERS: &[Layer] = &[
    Layer { folder: "gateway/model", may_use: &[], never: IMPURE },
    Layer { folder: "gateway/wire", may_use: &["model"], never: IMPURE },
    Layer { folder: "gateway/mapping", may_use: &["model", "wire"], never: IMPURE },
    Layer { folder: "gateway/operation", may_use: &["model"], never: IMPURE },
    Layer {
        folder: "gateway/policy",
        may_use: &["model"],
        never: &["hyper", "hyper-util", "reqwest", "rustls"],
    },
    Layer {
        folder: "gateway/cache",
        may_use: &["model"],
        never: &["hyper", "hyper-util", "reqwest", "rustls", "tower", "http"],
    },
    Layer { folder: "gateway/load", may_use: &["model"], never: IMPURE },
    Layer {
        folder: "gateway/fetch",
        may_use: &["model"],
        never: &["hyper", "hyper-util", "reqwest", "rustls", "tower", "http"],
    },
    Layer { folder: "gateway/transport", may_use: &["model"], never: &[] },
    Layer { folder: "gateway/exchange", may_use: &["model", "wire", "mapping", "operation"], never: IMPURE },
    Layer {
        folder: "gateway/simulator",
        may_use: &["model", "wire", "mapping", "operation", "policy", "transport", "exchange"],
        never: &["hyper", "hyper-util", "reqwest", "rustls"],
    },
    Layer {
        folder: "gateway/app",
        may_use: &[
            "model",
            "wire",
            "mapping",
            "operation",
            "policy",
            "cache",
            "load",
            "fetch",
            "transport",
            "exchange",
            "simulator",
        ],
        never: &["quick-xml", "hyper", "hyper-util", "reqwest"],
    },
];

#[test]
fn crates_depend_downwards_only() {
    let mut findings = Vec::new();
    for (folder, manifest) in manifests() {
        let Some(layer) = LAYERS.iter().find(|layer| layer.folder == folder) else {
            findings.push(format!(
                "{folder} stands in no layer: add it to the table and to gateway/ARCHITECTURE.md"
            ));
            continue;
        };
        for (section, name) in dependencies(&manifest) {
            if let Some(ours) = name.strip_prefix("gateway-") {
                if !layer.may_use.contains(&ours) {
                    findings.push(format!("{folder} must not use {name} ({section})"));
                }
            } else if section == "dependencies" && layer.never.contains(&name.as_str()) {
                findings.push(format!("{folder} must not know {name}"));
            }
        }
    }
    nothing("crates depend downwards only", &findings);
}

/// Libraries with an owner (csv: one for each kind of file), and who it is; benches and tests may have them beside.
const OWNED: &[(&str, &[&str])] = &[
    ("quick-xml", &["gateway/wire"]),
    ("encoding_rs", &["gateway/wire"]),
    ("csv", &["gateway/mapping", "gateway/cache"]),
    ("csv-core", &["gateway/load"]),
    ("moka", &["gateway/cache"]),
    ("governor", &["gateway/policy"]),
    ("annotate-snippets", &["gateway/mapping"]),
    ("hyper", &["gateway/transport"]),
    ("hyper-util", &["gateway/transport"]),
    ("reqwest", &["gateway/transport"]),
    ("tokio-rustls", &["gateway/transport"]),
    ("clap", &["gateway/app"]),
];

#[test]
fn libraries_with_teeth_have_one_owner() {
    let mut findings = Vec::new();
    for (folder, manifest) in manifests() {
        for (section, name) in dependencies(&manifest) {
            let owners = OWNED.iter().find(|(library, _)| *library == name).map(|(_, owners)| *owners);
            if section == "dependencies" && owners.is_some_and(|owners| !owners.contains(&folder.as_str())) {
                let owners = owners.unwrap_or_default().join(" and ");
                findings.push(format!("{folder} has {name}, which {owners} owns"));
            }
        }
    }
    nothing("whoever needs the library needs its owner", &findings);
}

#[test]
fn every_crate_is_a_member_in_the_order_of_the_layers() {
    let manifests = manifests();
    let (_, root) = manifests.first().unwrap();
    let members = root.get("workspace").unwrap().get("members").unwrap().as_array().unwrap();
    let members: Vec<&str> = members.iter().map(|member| member.as_str().unwrap()).collect();
    let layers = LAYERS.iter().map(|layer| layer.folder).filter(|folder| *folder != "gateway/app");
    assert_eq!(members, layers.collect::<Vec<_>>());
    for (folder, _) in manifests.iter().skip(1) {
        assert!(members.contains(&folder.as_str()), "{folder} is no member of the workspace");
    }
}

#[test]
fn every_crate_takes_lints_and_versions_from_the_workspace() {
    let mut findings = Vec::new();
    for (folder, manifest) in manifests() {
        let inherits = |table: Option<&toml::Value>| {
            table.and_then(|table| table.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
        };
        if !inherits(manifest.get("lints")) {
            findings.push(format!("{folder} lacks `[lints] workspace = true`"));
        }
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, dependency) in
                manifest.get(section).and_then(toml::Value::as_table).into_iter().flatten()
            {
                if !inherits(Some(dependency)) {
                    findings.push(format!("{folder}: {name} lacks `workspace = true`"));
                }
            }
        }
        for inherited in ["version", "edition", "rust-version", "license", "publish"] {
            if !inherits(manifest.get("package").unwrap().get(inherited)) {
                findings.push(format!("{folder}: `{inherited}` is not taken from the workspace"));
            }
        }
    }
    nothing("settings stand once, in the root manifest", &findings);
}

#[test]
fn no_crate_of_ours_has_features() {
    let with_features = manifests().into_iter().filter(|(_, manifest)| manifest.contains_key("features"));
    let findings: Vec<String> = with_features.map(|(folder, _)| folder).collect();
    nothing("nothing to combine, nothing to check", &findings);
}

fn dependencies(manifest: &toml::Table) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (name, _) in manifest.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
            found.push((section.to_owned(), name.clone()));
        }
    }
    found
}
