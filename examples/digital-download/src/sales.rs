//! DigitalDownload's own book of sales: one line of JSON for each, written exactly once.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// One sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sale {
    /// The framework's name for this event. It may tell us twice, always under the same name.
    pub(crate) effect: String,
    pub(crate) order: String,
    pub(crate) transaction: Option<String>,
    pub(crate) amount: String,
}

/// The book: a file that only grows.
#[derive(Debug)]
pub(crate) struct Sales(Mutex<Book>);

#[derive(Debug)]
struct Book {
    file: File,
    known: HashSet<String>,
}

impl Sales {
    /// Opens the book, or begins it. A line that a power cut left half-written is taken out.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        let mut known = HashSet::new();
        for line in text[..whole].lines() {
            known.insert(serde_json::from_str::<Sale>(line)?.effect);
        }
        Ok(Self(Mutex::new(Book { file, known })))
    }

    /// Writes a sale down, unless it stands there already, and returns when it is safe on disk.
    pub(crate) fn record(&self, sale: &Sale) -> io::Result<()> {
        let mut book = self.book();
        if book.known.contains(&sale.effect) {
            return Ok(());
        }
        let mut line = serde_json::to_string(sale)?;
        line.push('\n');
        let end = book.file.stream_position()?;
        if let Err(error) = book.file.write_all(line.as_bytes()).and_then(|()| book.file.sync_data()) {
            // What came through of the line goes out again; the framework tells us once more later.
            book.file.set_len(end)?;
            book.file.seek(SeekFrom::End(0))?;
            return Err(error);
        }
        book.known.insert(sale.effect.clone());
        Ok(())
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Every change ends whole, so a panic elsewhere does not spoil the book.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale(effect: &str) -> Sale {
        Sale {
            effect: effect.into(),
            order: "o".into(),
            transaction: Some("t".into()),
            amount: "0.10".into(),
        }
    }

    #[test]
    fn a_sale_told_twice_is_written_once_even_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sales.jsonl");
        for _ in 0..2 {
            let sales = Sales::open(&path).unwrap();
            sales.record(&sale("1")).unwrap();
            sales.record(&sale("1")).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
    }

    #[test]
    fn half_a_line_is_taken_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sales.jsonl");
        Sales::open(&path).unwrap().record(&sale("1")).unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{{\"effect\":\"2\",\"or")).unwrap();
        Sales::open(&path).unwrap().record(&sale("3")).unwrap();
        let effects: Vec<_> = std::fs::read_to_string(&path)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str::<Sale>(line).unwrap().effect)
            .collect();
        assert_eq!(effects, ["1", "3"]);
    }
}
