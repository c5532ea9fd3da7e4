//! What PostgreSQL's errors mean to a shop, and what to do about them.

use std::borrow::Cow;

use crate::storage::{BoxError, OpenError, StorageUrl, StoreError};

/// While connecting.
pub(super) fn opening(url: &StorageUrl, error: sqlx::Error) -> OpenError {
    OpenError::unavailable(url, reason(&error), error)
}

/// Nothing came back in time.
pub(super) fn unanswered(url: &StorageUrl, error: impl Into<BoxError>) -> OpenError {
    let reason = "the server does not answer; see that address and port are right and no firewall is in between, \
                  or wait longer by `acquire_timeout_ms`";
    OpenError::unavailable(url, reason, error)
}

/// The server takes no writes.
pub(super) fn read_only(url: &StorageUrl) -> OpenError {
    OpenError::unavailable(url, READ_ONLY, "transaction_read_only is on")
}

/// While reading, or before anything was written.
pub(super) fn reading(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            StoreError::corrupt(Cow::Owned(error.to_string()))
        }
        _ => StoreError::unavailable(reason(&error), error),
    }
}

/// While writing.
pub(super) fn writing(error: sqlx::Error) -> StoreError {
    match state(&error) {
        // The server names an error of the statement, so it took the statement back. Not so where it was going down, or
        // its disk or memory failed: then the commit may have been written before.
        Some(state) if !["08", "57P", "58", "XX"].iter().any(|class| state.starts_with(class)) => {
            reading(error)
        }
        _ => StoreError::ambiguous(error),
    }
}

/// Whether the server took the call back because of another one, so that it may be made again as it is.
pub(super) fn was_taken_back(error: &sqlx::Error) -> bool {
    matches!(state(error).as_deref(), Some("40001" | "40P01"))
}

/// What is wrong and what to do about it.
fn reason(error: &sqlx::Error) -> Cow<'static, str> {
    // Source: PostgreSQL, appendix A, error codes.
    Cow::Borrowed(match (state(error).as_deref(), error) {
        (Some("28P01" | "28000"), _) => {
            "the server refuses this user; see that user and password in the URL are right and that pg_hba.conf lets it in"
        }
        (Some("3D000"), _) => "there is no such database on the server; make it with `createdb`",
        (Some("42501"), _) => "the user lacks a privilege; grant it the tables, or the right to make them",
        (Some("25006"), _) => READ_ONLY,
        (Some("53100"), _) => "the server's disk is full; make room there",
        (Some("53200"), _) => "the server is out of memory; give it more",
        (Some("53300"), _) => {
            "the server has too many connections; lower `max_connections` here or raise it there"
        }
        (Some("57014"), _) => {
            "the server was too slow; look for what holds it up, or raise `statement_timeout_ms`"
        }
        (Some("57P01" | "57P02"), _) => "the server is being shut down; try again",
        (Some("57P03"), _) => "the server is starting; try again",
        (Some("40001" | "40P01"), _) => "too many callers write the same records; try again",
        (Some(_), _) => "the server refused",
        (None, sqlx::Error::Tls(_)) => UNSECURED,
        // So rustls refuses a certificate.
        (None, sqlx::Error::Io(error)) if error.kind() == std::io::ErrorKind::InvalidData => UNSECURED,
        (None, sqlx::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            "a file that the URL names is not there; look at `sslrootcert`, `sslcert`, `sslkey`, and the folder in `host`"
        }
        (None, sqlx::Error::Io(_)) => {
            "the server cannot be reached; see that it runs and that address and port are right"
        }
        (None, sqlx::Error::PoolTimedOut) => {
            "no connection became free in time; raise `max_connections`, or see why the server is slow or gone"
        }
        (None, sqlx::Error::PoolClosed) => "it was closed",
        (None, sqlx::Error::Configuration(_)) => "the URL has an option that the driver cannot read",
        (None, _) => "the server did not behave as one; see that address and port are those of PostgreSQL",
    })
}

/// The five characters of the server's error code.
fn state(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

const UNSECURED: &str = "no secure connection can be made; see that the server speaks TLS, that its certificate is for \
    this name, and that `sslrootcert` names the authority that signed it";
const READ_ONLY: &str = "the server takes no writes; name the primary and not a replica of it";
