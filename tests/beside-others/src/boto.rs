//! boto, in a Python of its own.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running `with_boto.py`.
pub(crate) struct Boto {
    child: Child,
    told: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Boto {
    /// Starts it and tells it what is to be signed and parsed.
    pub(crate) fn start(python: &str, given: &serde_json::Value) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/with_boto.py");
        let mut child = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let told = child.stdin.take().expect("it was asked for");
        let says = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut boto = Self { child, told, says };
        boto.tell(&given.to_string());
        boto
    }

    /// What one time gives.
    pub(crate) fn shows(&mut self, name: &str) -> String {
        self.tell(&format!("{name} shown"));
        self.hear()
    }

    /// How many nanoseconds so many times take.
    pub(crate) fn takes(&mut self, name: &str, times: u32) -> u64 {
        self.tell(&format!("{name} {times}"));
        self.hear().parse().expect("a number of nanoseconds")
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.told, "{line}").expect("Python listens; what it printed says why not");
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("Python answers");
        assert!(!line.is_empty(), "Python ended; what it printed says why");
        line.trim_end().to_owned()
    }
}

impl Drop for Boto {
    fn drop(&mut self) {
        // It waits for another line otherwise.
        let _it_may_have_ended = self.child.kill();
        let _it_may_have_ended = self.child.wait();
    }
}
