//! The rooms of the house keep to their arrows, stay light, and say in the changelog what version they are.

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::{Metadata, MetadataCommand};
use fps_figures::tree;

/// What each room may depend on among our crates, for its tests too.
const ARROWS: &[(&str, &[&str])] = &[
    ("fps-derive", &[]),
    ("fps-core", &["fps-derive"]),
    ("fps-checkout", &["fps-core"]),
    ("fps-sandbox", &["fps-core"]),
];

#[test]
fn arrows_between_the_rooms_point_one_way() {
    let metadata = metadata();
    for (room, allowed) in ARROWS {
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        let taken = dependencies_on_ours(&metadata, room);
        let wrong: Vec<_> = taken.difference(&allowed).collect();
        assert!(wrong.is_empty(), "{room} must not depend on {wrong:?}, not even in its tests");
    }
}

#[test]
fn no_library_depends_on_an_example_or_on_the_tests() {
    let metadata = metadata();
    let unpublished = |name: &str| {
        let package = metadata.packages.iter().find(|p| p.name.as_str() == name).expect("a package of ours");
        package.publish.as_ref().is_some_and(Vec::is_empty)
    };
    assert!(unpublished("digital-download") && unpublished("fps-tests"));
    for package in metadata.packages.iter().filter(|p| !unpublished(&p.name)) {
        let wrong: Vec<_> =
            dependencies_on_ours(&metadata, &package.name).into_iter().filter(|d| unpublished(d)).collect();
        assert!(wrong.is_empty(), "{} depends on {wrong:?}", package.name);
    }
}

#[test]
fn the_protocol_alone_has_neither_runtime_nor_http_client() {
    let tree = built(&["-p", "fps-core", "--no-default-features"]);
    for heavy in ["tokio", "reqwest", "hyper", "rustls", "sqlx"] {
        assert!(!has(&tree, heavy), "{heavy} is in fps-core's tree without default features");
    }
    assert!(has(&tree, "fps-core") && has(&tree, "quick-xml"), "not a tree of fps-core: {tree:?}");
}

#[test]
fn a_shop_with_defaults_builds_fewer_than_180_crates() {
    let tree = built(&["-p", "fps-checkout"]);
    println!("fps-checkout with its defaults builds {} crates", tree.len());
    assert!(has(&tree, "sqlx-sqlite"), "not a tree of fps-checkout: {tree:?}");
    assert!(tree.len() < 180, "{} crates: {tree:#?}", tree.len());
}

#[test]
fn the_changelog_has_the_version_of_the_manifest() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).expect("CHANGELOG.md");
    let headings: Vec<_> = changelog.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let version = env!("CARGO_PKG_VERSION");
    let wanted = |heading: &&str| heading.split_whitespace().next() == Some(version);
    assert!(headings.iter().any(wanted), "CHANGELOG.md has no heading for {version}, only {headings:?}");
    assert_eq!(headings.first(), Some(&"Unreleased"), "what comes next stands on top");
}

#[test]
fn every_entry_of_the_changelog_says_what_kind_it_is() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).expect("CHANGELOG.md");
    let kinds = ["breaking: ", "added: ", "changed: ", "fixed: ", "security: "];
    for entry in changelog.lines().filter_map(|line| line.strip_prefix("- ")) {
        assert!(kinds.iter().any(|kind| entry.starts_with(kind)), "begin with one of {kinds:?}: {entry}");
    }
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--locked".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// Dependencies of every kind that lie in this workspace.
fn dependencies_on_ours<'a>(metadata: &'a Metadata, room: &str) -> BTreeSet<&'a str> {
    let package = metadata.packages.iter().find(|p| p.name.as_str() == room).expect("a room of that name");
    package.dependencies.iter().filter(|d| d.path.is_some()).map(|d| d.name.as_str()).collect()
}

/// What a user of this selection builds.
fn built(selection: &[&str]) -> BTreeSet<(String, String)> {
    tree(&[&["--edges", "normal,build"], selection].concat())
}

fn has(tree: &BTreeSet<(String, String)>, name: &str) -> bool {
    tree.iter().any(|(found, _)| found == name)
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
