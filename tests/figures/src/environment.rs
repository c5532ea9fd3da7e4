//! Where it was measured.

use std::fmt;
use std::fs;
use std::process::Command;

use crate::guard::compiler;
use crate::parts::root;

/// What a figure depends on beside the code.
pub(crate) struct Environment {
    commit: String,
    compiler: String,
    processors: usize,
    model: String,
    /// How many programs ran or waited to run, on average over a minute.
    load: String,
}

impl Environment {
    /// As it is before anything is measured.
    pub(crate) fn now() -> Self {
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let or_unknown = |text: Option<&str>| text.unwrap_or("unknown").to_owned();
        Self {
            commit: commit().unwrap_or_else(|| or_unknown(None)),
            compiler: compiler(),
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            model: or_unknown(model.map(|(_, model)| model)),
            load: or_unknown(load.split(' ').next().filter(|load| !load.is_empty())),
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { commit, compiler, processors, model, load } = self;
        writeln!(f, "commit {commit}, {compiler}")?;
        write!(f, "{processors} processors, {model}; load {load} before")
    }
}

/// What is checked out, and whether something has changed since.
fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(root()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short", "HEAD"])?;
    let changed = git(&["status", "--porcelain"]).is_some_and(|changes| !changes.is_empty());
    Some(if changed { format!("{commit} with changes") } else { commit })
}
