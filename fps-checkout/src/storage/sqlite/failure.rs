//! What SQLite's errors mean to a shop, and what to do about them.

use std::borrow::Cow;

use crate::storage::{OpenError, StorageUrl, StoreError};

/// While a file was opened.
pub(super) fn opening(url: &StorageUrl, error: sqlx::Error) -> OpenError {
    OpenError::unavailable(url, reason(&error), error)
}

/// While reading, or before anything was written.
pub(super) fn reading(error: sqlx::Error) -> StoreError {
    match code(&error) {
        Some(CORRUPT | NOTADB) => StoreError::corrupt(reason(&error)),
        _ if is_about_values(&error) => StoreError::corrupt(Cow::Owned(error.to_string())),
        _ => StoreError::unavailable(reason(&error), error),
    }
}

/// While writing.
pub(super) fn writing(error: sqlx::Error) -> StoreError {
    match code(&error) {
        // Refused before the first page reached the log, or rolled back because there was no room for the last.
        Some(BUSY | LOCKED | READONLY | FULL | CANTOPEN) => StoreError::unavailable(reason(&error), error),
        Some(CORRUPT | NOTADB) => StoreError::corrupt(reason(&error)),
        // A commit that could not be synced may be found in the log at the next opening.
        _ => StoreError::ambiguous(error),
    }
}

/// Whether another connection stands in the way.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(BUSY | LOCKED))
}

/// What is wrong and what to do about it.
fn reason(error: &sqlx::Error) -> Cow<'static, str> {
    Cow::Borrowed(match (code(error), error) {
        (Some(BUSY | LOCKED), _) => {
            "another process holds it locked; try again, or wait longer by `busy_timeout_ms`"
        }
        (Some(READONLY), _) => {
            "the file is read-only; give this process write permission for the file and its folder"
        }
        (Some(FULL), _) => "the disk is full; make room",
        (Some(CANTOPEN), _) => {
            "the file can be neither opened nor made; see that its folder exists and that this process may write there"
        }
        (Some(PERM | AUTH), _) => {
            "access is denied; give this process permission for the file and its folder"
        }
        (Some(NOTADB), _) => "the file is not a SQLite database; name another file",
        (Some(CORRUPT), _) => "the file is damaged; restore it from a backup",
        (Some(IOERR), _) => "the disk did not do what it was told; look at the system's log",
        (_, sqlx::Error::PoolTimedOut) => "too many calls wait for it; look for what holds it locked or slow",
        (_, sqlx::Error::PoolClosed) => "it was closed",
        _ => "SQLite refused",
    })
}

/// SQLite's primary result code.
fn code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// Whether a column holds what it cannot hold.
fn is_about_values(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
}

// Source: https://www.sqlite.org/rescode.html
const PERM: i32 = 3;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const AUTH: i32 = 23;
const NOTADB: i32 = 26;
