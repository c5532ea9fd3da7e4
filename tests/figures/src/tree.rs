//! What is really built: cargo's own tree, optional crates that no feature asks for left out.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Name and version of each crate that this selection builds.
///
/// # Panics
///
/// If cargo cannot say.
#[must_use]
pub fn tree(selection: &[&str]) -> BTreeSet<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .current_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")))
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p}"])
        .args(selection)
        .output()
        .expect("cargo tree runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("names are UTF-8");
    let words =
        lines.lines().map(|line| line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>());
    let crates = words.filter_map(|words| match words.as_slice() {
        [name, version] => Some((name.clone(), version.trim_start_matches('v').to_owned())),
        _ => None,
    });
    crates.collect()
}
