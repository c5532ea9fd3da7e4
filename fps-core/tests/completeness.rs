//! Every operation and every pipeline has all that belongs to one: documentation with errors, source and an example, the three
//! tests, and a sample answer. What is forgotten is named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::{Path, PathBuf};

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of each file of the folder itself that has the mark of one of the kind.
fn files(of: &str, mark: &str) -> Vec<(String, String)> {
    let files =
        fs::read_dir(folder(of)).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let texts = files.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()));
    texts.filter(|(_, text)| text.contains(mark)).collect()
}

/// The documentation above the item that begins so.
fn documentation<'a>(text: &'a str, item: &str) -> Vec<&'a str> {
    let (before, _) = text.split_once(item).unwrap_or_else(|| panic!("there is `{item}`"));
    let lines = before.lines().rev().skip_while(|line| !line.starts_with("///"));
    let mut lines: Vec<_> = lines.take_while(|line| line.starts_with("///")).collect();
    lines.reverse();
    lines
}

/// What stands between the mark and the end of it.
fn between<'a>(text: &'a str, mark: &str, end: &str) -> &'a str {
    text.split_once(mark)
        .and_then(|(_, rest)| rest.split_once(end))
        .unwrap_or_else(|| panic!("there is `{mark}`"))
        .0
}

/// Those of the parts that are missing.
fn missing<'a>(name: &str, parts: &[(&'a str, bool)]) -> Option<String> {
    let missing: Vec<&'a str> = parts.iter().filter(|(_, there)| !there).map(|(part, _)| *part).collect();
    (!missing.is_empty()).then(|| format!("{name} has no {}", missing.join(", no ")))
}

#[test]
fn every_operation_has_documentation_tests_and_a_sample_answer() {
    let operations = files("src/operation", "    const ACTION: &'static str = ");
    assert_eq!(operations.len(), 27);
    let mut all_missing = Vec::new();
    for (file, text) in &operations {
        let action = between(text, "const ACTION: &'static str = \"", "\"");
        let doc = documentation(text, &format!("pub struct {action}"));
        let tests = text.split_once("mod tests {").map_or("", |(_, tests)| tests);
        let samples = fs::read_dir(folder("testdata/responses/2010-08-28")).unwrap();
        let names = samples.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let has_sample = names
            .filter_map(|name| name.strip_suffix(".xml").map(str::to_owned))
            .any(|name| name == action || name.starts_with(&format!("{action}-")));
        all_missing.extend(missing(
            file,
            &[
                ("example", doc.contains(&"/// ```")),
                ("`# Errors`", doc.contains(&"/// # Errors")),
                ("source", doc.iter().any(|line| line.starts_with("/// Source: "))),
                ("test of its request", tests.contains("written(&")),
                ("test of its answer", tests.contains(&format!("answered::<{action}>("))),
                ("test of a fault", tests.contains(&format!("fault::<{action}>("))),
                ("sample answer", has_sample),
            ],
        ));
    }
    assert!(all_missing.is_empty(), "{all_missing:#?}");
}

#[test]
fn every_pipeline_has_documentation_and_tests() {
    let pipelines = files("src/pipeline", "    common_methods!(\"");
    assert_eq!(pipelines.len(), 7);
    let mut all_missing = Vec::new();
    for (file, text) in &pipelines {
        let name = between(text, "common_methods!(\"", "\"");
        let doc = documentation(text, &format!("pub struct {name} "));
        let tests = text.split_once("mod tests {").map_or("", |(_, tests)| tests);
        all_missing.extend(missing(
            file,
            &[
                ("example", doc.contains(&"/// ```")),
                ("`# Errors`", doc.contains(&"/// # Errors")),
                ("source", doc.iter().any(|line| line.starts_with("/// Source: "))),
                ("typed answer", text.contains(&format!("pub struct {name}Answer "))),
                ("test of its link", tests.contains("query(|")),
                ("test of its answer", tests.contains("verified(")),
                ("test of what is refused", tests.contains("refused(|")),
            ],
        ));
    }
    assert!(all_missing.is_empty(), "{all_missing:#?}");
}
