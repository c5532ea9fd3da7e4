//! What happens, in a file: the ledger's events, and what stands beside the ledger.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fps_core::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::faults::Script;
use crate::ids;
use crate::ledger::Event;
use crate::pages::visit::Visit;

/// An append-only file of records: one line for each step, its checksum in front. A line that was cut off by a killed
/// process is dropped when the file is opened again; a damaged line before the last is an error.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
}

/// One thing that happened.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Record {
    /// The ledger changed.
    Event(Event),
    /// Something beside it changed.
    Beside(Beside),
}

/// What changes beside the ledger and is not to be forgotten either.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "beside")]
pub(crate) enum Beside {
    /// A buyer came to another page, or to the end.
    Visit {
        /// The visit's name.
        id: String,
        /// How it stands now.
        visit: Box<Visit>,
    },
    /// A notice was sent.
    NoticeTried {
        /// Which.
        number: u64,
        /// When.
        at: Timestamp,
        /// The HTTP status, or why there is none.
        answer: Result<u16, String>,
    },
    /// Somebody wants a notice to be sent again.
    NoticeAgain {
        /// Which.
        number: u64,
        /// When.
        at: Timestamp,
    },
    /// The fault script, or its counts, as they are now.
    Faults {
        /// The whole script.
        script: Script,
    },
    /// The clock was moved by hand.
    ClockMoved {
        /// How far.
        seconds: u64,
    },
}

/// A record as it is written.
#[derive(Serialize)]
#[serde(untagged)]
enum Written<'a> {
    Event(&'a Event),
    Beside(&'a Beside),
}

impl Journal {
    /// Opens or creates the file and gives the records in it. Nobody else may read a file that is created: keys and passwords
    /// stand in it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<Record>), JournalError> {
        let failed = |source| JournalError::Io { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        let (mut records, mut good) = (Vec::new(), 0);
        let mut lines = text.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            match read(line) {
                Some(step) => records.extend(step),
                // Only the last line can have been cut off; anything else is damage.
                None if lines.peek().is_none() && !line.ends_with(b"\n") => break,
                None => return Err(JournalError::Damaged { path: path.to_owned(), line: number + 1 }),
            }
            good += line.len() as u64;
        }
        file.set_len(good).map_err(failed)?;
        file.seek(SeekFrom::Start(good)).map_err(failed)?;
        Ok((Self { file }, records))
    }

    /// Appends one step. It is in the system's hands when this returns: it survives a kill of the process.
    pub(crate) fn append(&mut self, events: &[Event], beside: &[Beside]) -> io::Result<()> {
        let step = events.iter().map(Written::Event).chain(beside.iter().map(Written::Beside));
        let json = serde_json::to_vec(&step.collect::<Vec<_>>())?;
        let mut line = checksum(&json).into_bytes();
        line.push(b' ');
        line.extend_from_slice(&json);
        line.push(b'\n');
        let before = self.file.stream_position()?;
        self.file.write_all(&line).inspect_err(|_| {
            // Half a line must not stand before the next one.
            let _best_effort =
                self.file.set_len(before).and_then(|()| self.file.seek(SeekFrom::Start(before)));
        })
    }
}

/// A data file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// It cannot be opened or read: see the cause.
    #[error("the data file {} cannot be opened; check that it exists and may be written", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of it is not what was written. Restore it from a copy, or begin with another file.
    #[error("line {line} of the data file {} is damaged; restore a copy or begin a new file", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
}

fn read(line: &[u8]) -> Option<Vec<Record>> {
    let line = line.strip_suffix(b"\n")?;
    let (sum, json) = line.split_at_checked(CHECKSUM_DIGITS)?;
    let json = json.strip_prefix(b" ")?;
    (checksum(json).as_bytes() == sum).then(|| serde_json::from_slice(json).ok()).flatten()
}

fn checksum(bytes: &[u8]) -> String {
    ids::hex(&Sha256::digest(bytes)[..CHECKSUM_DIGITS / 2])
}

const CHECKSUM_DIGITS: usize = 16;

#[cfg(test)]
mod tests {
    use fps_core::Timestamp;

    use super::*;
    use crate::people;

    #[test]
    fn a_file_cut_at_any_byte_opens_with_the_whole_steps_before() {
        let folder = std::env::temp_dir().join(format!("fps-sandbox-journal-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("cut");
        let _ = std::fs::remove_file(&path);
        let events = people::everybody(Timestamp::default());
        let (mut journal, none) = Journal::open(&path).unwrap();
        assert!(none.is_empty());
        for event in &events[..4] {
            journal.append(std::slice::from_ref(event), &[]).unwrap();
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<usize> =
            whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut journal, records) = Journal::open(&path).unwrap();
            assert_eq!(records.len(), ends.iter().filter(|end| **end <= cut).count(), "cut at {cut}");
            journal.append(&[], &[]).unwrap();
            drop(journal);
            assert!(Journal::open(&path).is_ok(), "cut at {cut}, written on");
        }
        let mut damaged = whole.clone();
        damaged[20] ^= 1;
        std::fs::write(&path, &damaged).unwrap();
        assert!(matches!(Journal::open(&path), Err(JournalError::Damaged { line: 1, .. })));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
