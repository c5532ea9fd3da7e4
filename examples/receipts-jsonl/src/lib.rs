//! Receipts as JSON lines: a return handler as a stranger would write it.
//!
//! A shop uses it by one dependency, `use receipts_jsonl::ReceiptsFile;`, and two calls on its builder:
//! `.handlers(Handlers::linked()).provide(ReceiptsFile::new("receipts.jsonl"))`. Every payment and refund becomes one line:
//!
//! ```json
//! {"amount":"0.10","at":"2010-10-06T05:49:52.000Z","effect":"order-1-e2","order":"order-1","reason":"Now and Forever","transaction":"…","what":"Paid"}
//! ```
//!
//! News may come twice, with the same effect id; a receipt is written once. Several processes may write one file.
#![forbid(unsafe_code)]

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fps_checkout::handler::{Context, HandlerPlugin, OpeningHandler};
use fps_checkout::{HandlerError, Happened, News, ReturnHandler, async_trait};
use serde_json::{Value, json};

/// The plugin.
pub const PLUGIN: HandlerPlugin = HandlerPlugin::new("receipts-jsonl", open);

fps_checkout::submit_handler!(PLUGIN);

fn open<'a>(context: &'a Context<'a>) -> OpeningHandler<'a> {
    Box::pin(async move {
        let file = context.find::<ReceiptsFile>();
        let file = file.ok_or("say where receipts go: `.provide(ReceiptsFile::new(\"receipts.jsonl\"))`")?;
        Ok(Arc::new(Receipts::open(&file.0)?) as _)
    })
}

/// Where receipts go; the shop provides it.
#[derive(Clone, Debug)]
pub struct ReceiptsFile(PathBuf);

impl ReceiptsFile {
    /// That file; it is made if it is not there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

/// Writes a receipt for every payment and refund.
#[derive(Clone, Debug)]
pub struct Receipts(Arc<Mutex<Book>>);

impl Receipts {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// If it can be neither opened nor made.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).append(true).create(true).open(path)?;
        Ok(Self(Arc::new(Mutex::new(Book { file, read: 0, effects: HashSet::new() }))))
    }
}

#[async_trait]
impl ReturnHandler for Receipts {
    fn name(&self) -> &str {
        "receipts-jsonl"
    }

    fn priority(&self) -> i32 {
        100
    }

    async fn handle(&self, happened: &Happened) -> Result<(), HandlerError> {
        let (amount, transaction) = match happened.news() {
            News::Paid { amount, transaction } => (amount, transaction.as_ref()),
            News::Refunded { amount, transaction, .. } => (amount, Some(transaction)),
            _ => return Ok(()),
        };
        let order = happened.order();
        let effect = happened.effect().as_str().to_owned();
        let receipt = json!({
            "effect": effect,
            "at": happened.at().to_string(),
            "order": order.id().as_str(),
            "what": happened.news().name(),
            "amount": amount.to_string(),
            "reason": order.product().parameters().payment_reason(),
            "transaction": transaction.map(|transaction| transaction.as_str()),
        });
        let book = self.0.clone();
        // A file blocks its thread, and this one serves others.
        let written = tokio::task::spawn_blocking(move || {
            book.lock().unwrap_or_else(PoisonError::into_inner).write(effect, &receipt)
        });
        Ok(written.await??)
    }
}

/// The file, and what is known to be in it.
#[derive(Debug)]
struct Book {
    file: File,
    /// How many bytes of whole lines were read.
    read: u64,
    effects: HashSet<String>,
}

impl Book {
    /// Writes a receipt unless its effect has one, and syncs it to the disk.
    fn write(&mut self, effect: String, receipt: &Value) -> io::Result<()> {
        // Other processes may write the same file.
        self.file.lock()?;
        let written = self.catch_up().and_then(|()| {
            if !self.effects.contains(&effect) {
                let line = format!("{receipt}\n");
                self.file.write_all(line.as_bytes())?;
                self.read += line.len() as u64;
                self.effects.insert(effect);
            }
            // Also where the line was there: who wrote it may have died before this.
            self.file.sync_data()
        });
        let unlocked = self.file.unlock();
        written.and(unlocked)
    }

    /// Reads what was added since, and cuts off a last line that a dying process left unended.
    fn catch_up(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.read))?;
        let mut added = Vec::new();
        self.file.read_to_end(&mut added)?;
        let whole = added.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in added[..whole].split(|byte| *byte == b'\n') {
            if let Ok(Value::Object(receipt)) = serde_json::from_slice(line)
                && let Some(Value::String(effect)) = receipt.get("effect")
            {
                self.effects.insert(effect.clone());
            }
        }
        self.read += whole as u64;
        if whole < added.len() {
            self.file.set_len(self.read)?;
        }
        Ok(())
    }
}
