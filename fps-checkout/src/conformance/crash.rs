//! The law of a killed process.
//!
//! The test starts its own program once more, for this one test, with the namespace in the environment. That process
//! writes as fast as it can and reports every `Ok`; in the midst of it, it is killed. What it reported must be there.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use crate::conformance::sample::{namespace, record};
use crate::conformance::{Backend, Breach, ensure};
use crate::storage::{ListQuery, Namespace, NewRecord, Storage};

/// What was acknowledged is there after the process was killed, no version was given twice, and nothing is half.
///
/// `test` is the path of the running test, its crate's name first.
///
/// # Errors
///
/// [`Breach`] if not, or if the test cannot start itself.
pub async fn what_was_acknowledged_survives_a_kill(backend: &dyn Backend, test: &str) -> Result<(), Breach> {
    if let Ok(name) = std::env::var(NAMESPACE) {
        let shop = Namespace::new(name).map_err(|error| Breach(error.to_string()))?;
        return write_until_killed(&backend.open(&shop).await?).await;
    }
    let shop = namespace();
    let mut stored = BTreeMap::new();
    for acknowledgements in [20, 75, 150] {
        let writer = start(backend, &shop, test)?;
        // Reading a pipe blocks; the writer needs none of this runtime's threads.
        let reported = tokio::task::spawn_blocking(move || kill_after(writer, acknowledgements));
        let reported = reported.await.map_err(|error| Breach(error.to_string()))??;
        stored = look(backend, &shop, &stored, &reported).await?;
    }
    Ok(())
}

/// Opens the store after the kill, compares it with what was reported, and gives back each record's version.
async fn look(
    backend: &dyn Backend,
    shop: &Namespace,
    before: &BTreeMap<String, u64>,
    reported: &BTreeMap<String, u64>,
) -> Result<BTreeMap<String, u64>, Breach> {
    let store = backend.open(shop).await?;
    let mut found = BTreeMap::new();
    for stored in store.list(&ListQuery::new("order/")).await?.records {
        let name = stored.key.name().to_owned();
        let whole = content(&name, stored.version)?.into_record(stored.version);
        ensure!(
            stored == whole,
            "after the kill there is {stored:?}, which is not what was written as that version"
        );
        found.insert(name, stored.version);
    }
    for (name, &acknowledged) in before.iter().chain(reported) {
        let version = found.get(name).copied().unwrap_or(0);
        ensure!(
            version >= acknowledged,
            "version {acknowledged} of `{name}` was acknowledged, there is {version}"
        );
    }
    for (name, &version) in &found {
        let acknowledged = reported.get(name).or_else(|| before.get(name)).copied().unwrap_or(0);
        // One write of each task may have been done and not yet reported.
        ensure!(
            version <= acknowledged + 1,
            "`{name}` has version {version}, acknowledged was {acknowledged}"
        );
    }
    Ok(found)
}

/// Starts this test once more, as a process that writes.
fn start(backend: &dyn Backend, shop: &Namespace, test: &str) -> Result<Child, Breach> {
    let failed = |error: std::io::Error| Breach(format!("the test cannot start itself: {error}"));
    let name = test.split_once("::").map_or(test, |(_, name)| name);
    Command::new(std::env::current_exe().map_err(failed)?)
        .args([name, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"])
        .env(NAMESPACE, shop.as_str())
        .envs(backend.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)
}

/// Reads reports until there are so many, kills the writer, and reads what it had still written: the highest version of
/// each record.
fn kill_after(mut writer: Child, acknowledgements: usize) -> Result<BTreeMap<String, u64>, Breach> {
    let failed = |error: std::io::Error| Breach(format!("the writing process was lost: {error}"));
    let mut reported = BTreeMap::new();
    let mut count = 0;
    let mut said = String::new();
    let output =
        writer.stdout.take().ok_or_else(|| Breach("the writing process has no output".to_owned()))?;
    for line in BufReader::new(output).lines() {
        let line = line.map_err(failed)?;
        match line.strip_prefix(REPORT).and_then(|report| report.split_once(' ')) {
            Some((name, version)) => {
                reported.insert(name.to_owned(), version.parse().unwrap_or(0));
                count += 1;
            }
            None => said = said + &line + "\n",
        }
        if count == acknowledgements {
            writer.kill().map_err(failed)?;
        }
    }
    writer.wait().map_err(failed)?;
    ensure!(count >= acknowledgements, "the writing process ended by itself after {count} writes: {said}");
    Ok(reported)
}

/// Writes four records at once, each again and again, and reports every `Ok` on a line of its own.
async fn write_until_killed(store: &Arc<dyn Storage>) -> Result<(), Breach> {
    let deaf = |error: std::io::Error| Breach(format!("nobody listens: {error}"));
    writeln!(std::io::stdout()).map_err(deaf)?;
    let mut tasks = tokio::task::JoinSet::new();
    for name in ["a", "b", "c", "d"] {
        let store = store.clone();
        tasks.spawn(async move {
            let key = content(name, 1)?.key().clone();
            let mut version = store.load(&key).await?.map_or(0, |record| record.version);
            loop {
                let next = content(name, version + 1)?;
                match version {
                    0 => store.create(&next).await?,
                    _ => store.update(&next, version).await?,
                }
                version += 1;
                let mut output = std::io::stdout().lock();
                writeln!(output, "{REPORT}{name} {version}").and_then(|()| output.flush()).map_err(deaf)?;
            }
        });
    }
    match tasks.join_next().await {
        Some(Ok(ended)) => ended,
        _ => Err(Breach("the writing process panicked".to_owned())),
    }
}

/// What version `version` of a record holds; large enough to spread over several pages of a file.
fn content(name: &str, version: u64) -> Result<NewRecord, Breach> {
    let body = format!("{name}{version} ").repeat(2000);
    record(&format!("order/{name}"), &format!("V{version}"), None, body.as_bytes())
}

const NAMESPACE: &str = "FPS_CONFORMANCE_NAMESPACE";
/// In front of each report. Before the first there is an empty line, because the test harness leaves its own unended.
const REPORT: &str = "acknowledged ";
