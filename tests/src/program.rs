//! A program as a process of its own, killed by its id at the latest when its test ends.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a program may take to say what a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running program, and what it prints.
#[derive(Debug)]
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

/// What a program printed, and how it ended.
#[derive(Debug)]
pub struct Said {
    /// How it ended.
    pub status: ExitStatus,
    /// Its lines, of standard output and standard error in the order in which they came.
    pub lines: Vec<String>,
}

impl Program {
    /// Starts a program with these arguments.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn start<A: AsRef<std::ffi::OsStr>>(
        program: impl AsRef<Path>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let mut command = Command::new(program.as_ref());
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.as_ref().display()));
        let (say, lines) = channel();
        let out = child.stdout.take().expect("standard output is piped");
        let err = child.stderr.take().expect("standard error is piped");
        let say_errors = say.clone();
        thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| say.send(line))
        });
        thread::spawn(move || {
            BufReader::new(err).lines().map_while(Result::ok).try_for_each(|line| say_errors.send(line))
        });
        Self { child, lines, heard: Vec::new() }
    }

    /// Waits for the first line with this text, and yields what follows it there.
    ///
    /// # Panics
    ///
    /// If the program ends, or a minute passes, without such a line.
    pub fn wait_for(&mut self, text: &str) -> String {
        if let Some(found) = self.heard.iter().find_map(|line| after(line, text)) {
            return found;
        }
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let found = after(&line, text);
                    self.heard.push(line);
                    if let Some(found) = found {
                        return found;
                    }
                }
                Err(why) => panic!("no line with {text:?} ({why}); it printed:\n{}", self.heard.join("\n")),
            }
        }
    }

    /// Kills it as a power cut would (SIGKILL), and waits until it is gone.
    ///
    /// # Panics
    ///
    /// If it cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("the program can be killed");
        self.child.wait().expect("the killed program ends");
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    ///
    /// If it prints nothing for a minute and has not ended.
    #[must_use]
    pub fn finish(mut self) -> Said {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.heard.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it hangs; it printed:\n{}", self.heard.join("\n")),
            }
        }
        let status = self.child.wait().expect("the program ends");
        Said { status, lines: std::mem::take(&mut self.heard) }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn after(line: &str, text: &str) -> Option<String> {
    line.split_once(text).map(|(_, rest)| rest.trim().to_owned())
}
