//! The tree of dependencies keeps to `deny.toml`: licences, bans, duplicate versions, sources, and nothing yanked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package, semver};
use fps_figures::tree;
use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};

#[test]
fn every_licence_is_on_the_list() {
    let allowed: Vec<Licensee> = strings(&deny()["licenses"]["allow"])
        .map(|licence| Licensee::parse(licence).unwrap_or_else(|e| panic!("deny.toml: {licence}: {e}")))
        .collect();
    let mut wrong = Vec::new();
    for package in metadata().packages.iter().filter(|p| p.source.is_some()) {
        let licence = package.license.as_deref().unwrap_or("none given");
        let accepted = Expression::parse_mode(licence, ParseMode::LAX)
            .is_ok_and(|licence| licence.evaluate(|asked| allowed.iter().any(|have| have.satisfies(asked))));
        if !accepted {
            wrong.push(format!("{} {}: {licence}", package.name, package.version));
        }
    }
    assert!(wrong.is_empty(), "not covered by deny.toml's [licenses] allow:\n{}", wrong.join("\n"));
}

#[test]
fn nothing_banned_is_in_the_tree() {
    let built = everything_built();
    for ban in deny()["bans"]["deny"].as_array().expect("deny.toml: bans.deny is a list") {
        let name = ban["crate"].as_str().expect("a ban names its crate");
        let found = built.iter().any(|(found, _)| found == name);
        assert!(!found, "{name} is banned: {:?}", ban["reason"]);
    }
}

#[test]
fn two_versions_of_one_crate_have_a_reason_and_the_reason_still_holds() {
    let mut versions = BTreeMap::<String, BTreeSet<semver::Version>>::new();
    for (name, version) in everything_built() {
        let version = version.parse().unwrap_or_else(|e| panic!("{name} {version}: {e}"));
        versions.entry(name).or_default().insert(version);
    }
    let mut reasonless = versions.clone();
    for skip in deny()["bans"]["skip"].as_array().expect("deny.toml: bans.skip is a list") {
        let spec = skip["crate"].as_str().expect("a skip names its crate");
        assert!(skip["reason"].as_str().is_some_and(|r| !r.is_empty()), "{spec}: why?");
        let (name, version) = spec.split_once('@').unwrap_or_else(|| panic!("{spec}: name@version"));
        let version = semver::VersionReq::parse(version).unwrap_or_else(|e| panic!("{spec}: {e}"));
        let left = reasonless.get_mut(name).unwrap_or_else(|| panic!("{spec} is not in the tree; remove it"));
        let before = left.len();
        left.retain(|v| !version.matches(v));
        assert_eq!(left.len() + 1, before, "{spec} should excuse one version, of {:?}", versions[name]);
        assert!(!left.is_empty(), "{spec} is the only version in the tree; remove it");
    }
    reasonless.retain(|_, versions| versions.len() > 1);
    assert!(reasonless.is_empty(), "duplicates without a reason in deny.toml: {reasonless:#?}");
}

#[test]
fn every_crate_comes_from_the_registry() {
    for package in metadata().packages.iter().filter(|p| p.source.is_some()) {
        assert!(
            package.source.as_ref().is_some_and(|s| s.is_crates_io()),
            "{}: {:?}",
            package.name,
            package.source
        );
    }
}

#[test]
fn no_crate_of_ours_takes_any_version_of_another() {
    for package in ours(&metadata()) {
        for dependency in &package.dependencies {
            // By path it is one version anyway; only who publishes has to say which.
            let published = package.publish.is_none() && dependency.kind != DependencyKind::Development;
            assert!(
                (dependency.path.is_some() && !published) || dependency.req != semver::VersionReq::STAR,
                "{} depends on any version of {}",
                package.name,
                dependency.name
            );
        }
    }
}

/// What asks for a pre-release gets the release in a project without our lock file, and need not compile with it.
#[test]
fn no_crate_of_ours_asks_for_a_pre_release() {
    for package in ours(&metadata()) {
        for dependency in &package.dependencies {
            let asks = dependency.req.comparators.iter().any(|one| !one.pre.is_empty());
            assert!(!asks, "{} asks for {} {}", package.name, dependency.name, dependency.req);
        }
    }
}

/// Reads what cargo itself has stored of the registry's index: the newest that this machine has seen.
#[test]
#[ignore = "reads cargo's own cache of the registry's index; tests/run runs it"]
fn no_locked_crate_is_yanked() {
    let caches = index_caches();
    let mut yanked = Vec::new();
    for package in metadata().packages.iter().filter(|p| p.source.is_some()) {
        let versions = caches
            .iter()
            .find_map(|cache| std::fs::read(cache.join(index_path(&package.name))).ok())
            .unwrap_or_else(|| panic!("cargo has no index entry of {}; run `cargo fetch`", package.name));
        let entry = index_entry(&versions, &package.version)
            .unwrap_or_else(|| panic!("{} {} is not in the index", package.name, package.version));
        if entry["yanked"].as_bool().expect("an index entry says whether it is yanked") {
            yanked.push(format!("{} {}", package.name, package.version));
        }
    }
    assert!(yanked.is_empty(), "yanked: {yanked:?}; run `cargo update -p NAME`");
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(["--locked".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// On every platform, with every feature, for every purpose.
fn everything_built() -> BTreeSet<(String, String)> {
    tree(&["--workspace", "--all-features", "--target", "all", "--edges", "normal,build,dev"])
}

fn ours(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    metadata.packages.iter().filter(|p| p.source.is_none())
}

fn deny() -> toml::Table {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    text.parse().expect("deny.toml is TOML")
}

fn strings(list: &toml::Value) -> impl Iterator<Item = &str> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a list of texts"))
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn index_caches() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cargo"));
    let registries = std::fs::read_dir(home.join("registry/index")).expect("cargo's registry index");
    registries.map(|registry| registry.expect("a folder").path().join(".cache")).collect()
}

/// Where the index keeps a crate: `3/u/url`, `sq/lx/sqlx`.
fn index_path(name: &str) -> String {
    let name = name.to_lowercase();
    match name.len() {
        1 | 2 => format!("{}/{name}", name.len()),
        3 => format!("3/{}/{name}", &name[..1]),
        _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
    }
}

/// The cache is a header, then for each version its number and its entry as JSON, all ended by zero bytes.
fn index_entry(cache: &[u8], version: &semver::Version) -> Option<Value> {
    let version = version.to_string();
    let mut parts = cache.split(|byte| *byte == 0);
    parts.by_ref().find(|part| *part == version.as_bytes())?;
    serde_json::from_slice(parts.next()?).ok()
}
