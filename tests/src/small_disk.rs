//! A disk that is really full.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A disk of so many megabytes, for one test alone: a file system in memory, mounted where nobody else sees it. It goes
/// with the test.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Runs the calling test once more, as a process that has such a disk; `test` is its name. In that process it gives the
    /// disk; in the first one `None`, when the other has passed.
    ///
    /// Where this machine lets nobody mount a disk, it says so on the error stream, and gives `None` too. `as_root` says
    /// that an ordinary user's own namespace will not do.
    ///
    /// # Panics
    ///
    /// If the test fails in the other process.
    #[must_use]
    pub fn mounted(test: &str, megabytes: u32, as_root: bool) -> Option<Self> {
        if let Some(folder) = std::env::var_os(FOLDER) {
            return Some(Self { folder: folder.into() });
        }
        let folder = tempfile::tempdir().expect("a folder to mount on");
        let namespace: &[&str] = match (is_root(), as_root) {
            (true, _) => &["--mount"],
            (false, false) => &["--mount", "--map-root-user"],
            (false, true) => {
                say_why_not(test, "it needs root");
                return None;
            }
        };
        let inside = |script: &str| {
            let mut command = Command::new("unshare");
            command
                .args(namespace)
                .args(["sh", "-c", script])
                .arg(folder.path())
                .arg(format!("size={megabytes}m"));
            command
        };
        let possible = inside(MOUNT).output();
        if !possible.as_ref().is_ok_and(|tried| tried.status.success()) {
            say_why_not(test, &format!("this machine lets nobody mount a disk of his own: {possible:?}"));
            return None;
        }
        let output = inside(&format!("{MOUNT} && exec \"$@\""))
            .arg(std::env::current_exe().expect("the test's own program"))
            .args([test, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder.path())
            .output()
            .expect("the test starts itself");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        None
    }

    /// The disk's own folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes a megabyte away, which [`SmallDisk::make_room`] gives back.
    ///
    /// # Panics
    ///
    /// If there is none left.
    pub fn hold_back(&self) {
        std::fs::write(self.folder.join("held-back"), vec![1; 1 << 20]).expect("the disk has a megabyte");
    }

    /// Gives back what was held back.
    ///
    /// # Panics
    ///
    /// If nothing was.
    pub fn make_room(&self) {
        std::fs::remove_file(self.folder.join("held-back")).expect("something was held back");
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;

    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Written past the test harness, which keeps what a passing test prints.
fn say_why_not(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "{test} was not tried: {why}");
}

const FOLDER: &str = "FPS_TEST_SMALL_DISK";
/// The folder is `$0` and the size `$1`. Whoever is not root must be able to enter.
const MOUNT: &str = "mount -t tmpfs -o \"$1,mode=755\" tmpfs \"$0\" && shift";
