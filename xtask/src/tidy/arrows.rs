//! Who may depend on whom, and on what of other people's.

use std::collections::BTreeMap;

use super::Breach;
use super::house::{Dependency, House, Package};

/// `mail ← core ← detect, store, remote ← server`; `sim` knows only `mail`.
const ARROWS: &[(&str, &[&str])] = &[
    ("clawback-mail", &[]),
    ("clawback-mql", &[]),
    ("clawback-unpack", &[]),
    ("clawback-core", &["clawback-mail"]),
    ("clawback-detect", &["clawback-core", "clawback-mail", "clawback-mql", "clawback-unpack"]),
    ("clawback-store", &["clawback-core", "clawback-mail"]),
    ("clawback-remote", &["clawback-core", "clawback-mail"]),
    ("clawback-sim", &["clawback-mail"]),
    (
        "clawback",
        &[
            "clawback-core",
            "clawback-detect",
            "clawback-mail",
            "clawback-mql",
            "clawback-remote",
            "clawback-sim",
            "clawback-store",
        ],
    ),
    ("xtask", &[]),
];

/// What a test may start beside: the simulated providers.
const IN_TESTS: &str = "clawback-sim";

/// Everything of other people's that the pure crates may use. None of it does I/O.
const PURE: &[(&str, &[&str])] = &[
    (
        "clawback-mail",
        &[
            "idna",
            "infer",
            "linkify",
            "mail-parser",
            "memchr",
            "psl",
            "sha2",
            "smtp-proto",
            "thiserror",
            "url",
        ],
    ),
    ("clawback-core", &["ipnet", "serde", "serde_json", "sha2", "thiserror", "uuid"]),
    (
        "clawback-mql",
        &["aho-corasick", "base64", "memchr", "regex", "regex-syntax", "sha2", "thiserror"],
    ),
    (
        "clawback-unpack",
        &[
            "aes",
            "boreal",
            "bzip2",
            "crc32fast",
            "gif",
            "hmac",
            "image-webp",
            "infer",
            "lzma-rust2",
            "mail-parser",
            "md-5",
            "memchr",
            "miniz_oxide",
            "psl",
            "rqrr",
            "sevenz-rust2",
            "sha1",
            "sha2",
            "thiserror",
            "weezl",
            "zstd",
            "zune-jpeg",
        ],
    ),
    (
        "clawback-detect",
        &[
            "aho-corasick",
            "base64",
            "csv",
            "idna",
            "md-5",
            "memchr",
            "psl",
            "serde",
            "serde-saphyr",
            "serde_json",
            "sha1",
            "sha2",
            "thiserror",
            "unicode-normalization",
            "unicode-security",
            "url",
        ],
    ),
];

/// Crates that open a way out, and who alone may have them outside tests.
const PLACES: &[(&str, &[&str])] = &[
    ("object_store", &["clawback-store"]),
    ("reqwest", &["clawback-remote"]),
    ("rusqlite", &["clawback-store"]),
];

/// What is not in the graph at all, and what to use.
const BANNED: &[(&str, &str)] = &[
    ("native-tls", "rustls"),
    ("openssl", "rustls with aws-lc-rs"),
    ("openssl-sys", "rustls with aws-lc-rs"),
    ("ring", "aws-lc-rs: two providers in one process make every handshake panic"),
    ("sqlx", "rusqlite: both want the one SQLite"),
];

/// What is there at most once: each holds a C library.
const ONCE: &[&str] = &["aws-lc-sys", "libsqlite3-sys", "rusqlite", "rustls"];

/// Our crates depend on each other as drawn.
pub(super) fn between_crates(house: &House) -> Vec<Breach> {
    let known: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let is_ours = |name: &str| house.graph.members.iter().any(|member| member.name == name);
    let mut breaches = Vec::new();
    for member in &house.graph.members {
        let Some(allowed) = known.get(member.name.as_str()) else {
            breaches.push(breach(member, "is not drawn: say what it may depend on".to_owned()));
            continue;
        };
        for dependency in member.dependencies.iter().filter(|other| is_ours(&other.name)) {
            let Dependency { name, kind } = dependency;
            let in_tests = kind.as_deref() == Some("dev") && name == IN_TESTS;
            if !allowed.contains(&name.as_str()) && !in_tests && *name != member.name {
                breaches.push(breach(member, format!("must not depend on {name}")));
            }
        }
    }
    breaches
}

/// The pure crates use only what is on their list.
pub(super) fn pure(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (name, allowed) in PURE {
        for member in house.graph.members.iter().filter(|member| member.name == *name) {
            for other in normal(member).filter(|other| !other.starts_with("clawback-")) {
                if !allowed.contains(&other) {
                    let message = "is pure: it must not depend on";
                    breaches.push(breach(member, format!("{message} {other}")));
                }
            }
        }
    }
    breaches
}

/// What opens a way out is in its one place.
pub(super) fn places(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (name, owners) in PLACES {
        for member in &house.graph.members {
            if normal(member).any(|other| other == *name) && !owners.contains(&member.name.as_str())
            {
                let owners = owners.join(", ");
                breaches.push(breach(member, format!("must not use {name}: only {owners} does")));
            }
        }
    }
    breaches
}

/// Nothing banned is in the graph, and what is there once is there once.
pub(super) fn graph(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for other in &house.graph.others {
        if let Some((_, instead)) = BANNED.iter().find(|(name, _)| *name == other.name) {
            let message = format!("{} is in the graph; use {instead}", other.name);
            breaches.push(Breach::new("Cargo.lock", 0, message));
        }
    }
    for name in ONCE {
        let versions: Vec<&str> = house
            .graph
            .others
            .iter()
            .filter(|other| other.name == *name)
            .map(|other| other.version.as_str())
            .collect();
        if versions.len() > 1 {
            let message = format!("{name} is in the graph as {}", versions.join(" and "));
            breaches.push(Breach::new("Cargo.lock", 0, message));
        }
    }
    breaches
}

fn normal(member: &Package) -> impl Iterator<Item = &str> {
    member.dependencies.iter().filter(|other| other.kind.is_none()).map(|other| other.name.as_str())
}

fn breach(member: &Package, message: String) -> Breach {
    Breach::new("Cargo.toml", 0, format!("{} {message}", member.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::house::Graph;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependencies = dependencies.iter().map(|(name, kind)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
        });
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            dependencies: dependencies.collect(),
            ..Package::default()
        }
    }

    fn house(members: Vec<Package>, others: Vec<Package>) -> House {
        House { graph: Graph { members, others }, ..House::default() }
    }

    #[test]
    fn arrows_table() {
        let rows: &[(&str, &str, &str, Option<&str>, usize)] = &[
            ("as drawn", "clawback-core", "clawback-mail", None, 0),
            ("against the arrow", "clawback-mail", "clawback-core", None, 1),
            ("sideways", "clawback-detect", "clawback-store", None, 1),
            ("sim outside tests", "clawback-remote", "clawback-sim", None, 1),
            ("sim in tests", "clawback-remote", "clawback-sim", Some("dev"), 0),
            ("sideways in tests", "clawback-remote", "clawback-store", Some("dev"), 1),
            ("a crate nobody drew", "clawback-common", "clawback-mail", None, 1),
        ];
        for (rule, from, to, kind, breaches) in rows {
            let members = vec![package(from, &[(to, *kind)]), package(to, &[])];
            assert_eq!(between_crates(&house(members, vec![])).len(), *breaches, "{rule}");
        }
    }

    #[test]
    fn a_pure_crate_with_a_runtime_is_found_and_one_with_a_test_tool_is_not() {
        let bad = package("clawback-detect", &[("tokio", None), ("url", None)]);
        let breaches = pure(&house(vec![bad], vec![]));
        assert_eq!(breaches.len(), 1);
        assert!(breaches[0].message.ends_with("depend on tokio"), "{breaches:?}");
        let good = package("clawback-detect", &[("proptest", Some("dev")), ("url", None)]);
        assert!(pure(&house(vec![good], vec![])).is_empty());
    }

    #[test]
    fn an_http_client_outside_remote_is_found() {
        let members =
            vec![package("clawback", &[("reqwest", None)]), package("clawback-remote", &[])];
        assert_eq!(places(&house(members, vec![])).len(), 1);
        let members = vec![package("clawback", &[("reqwest", Some("dev"))])];
        assert!(places(&house(members, vec![])).is_empty(), "tests are their own clients");
    }

    #[test]
    fn cargo_deny_bans_the_same() {
        let text = std::fs::read_to_string(crate::root().unwrap().join("deny.toml")).unwrap();
        let table: toml::Table = text.parse().unwrap();
        let denied = table["bans"]["deny"].as_array().unwrap().iter();
        let denied: Vec<&str> = denied.map(|ban| ban["crate"].as_str().unwrap()).collect();
        let banned: Vec<&str> = BANNED.iter().map(|(name, _)| *name).collect();
        assert_eq!(denied, banned);
    }

    #[test]
    fn a_second_tls_provider_and_a_second_sqlite_are_found() {
        let mut second = package("libsqlite3-sys", &[]);
        second.version = "2.0.0".to_owned();
        let others = vec![package("ring", &[]), package("libsqlite3-sys", &[]), second];
        assert_eq!(graph(&house(vec![], others)).len(), 2);
    }
}
