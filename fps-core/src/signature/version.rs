//! Which signature a request carries.

use crate::Generation;
use crate::signature::SignatureMethod;

/// How a request is signed: `SignatureVersion`, and for version 2 the method.
///
/// # Security
///
/// Versions 0 and 1 prove little, see [`legacy`](crate::signature::legacy): whoever reads a request of version 0 can put other
/// parameters behind its signature. Over anything but https they protect nothing. A client of 2007-01-08 may sign by version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureVersion {
    /// `0`, of 2007-01-08: HMAC-SHA1 over action and timestamp alone.
    V0,
    /// `1`, of 2007-01-08: HMAC-SHA1 over names and values run together.
    V1,
    /// `2`, of every version: over method, host, path and parameters. The only one since 2008-09-17.
    V2(SignatureMethod),
}

impl SignatureVersion {
    /// What requests of that generation are signed by unless told otherwise: 1 in the first, 2 in the second.
    #[must_use]
    pub const fn of(generation: Generation) -> Self {
        match generation {
            Generation::First => Self::V1,
            Generation::Second => Self::V2(SignatureMethod::HmacSha256),
        }
    }

    /// As it goes over the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V0 => "0",
            Self::V1 => "1",
            Self::V2(_) => "2",
        }
    }

    /// Whether a service of that generation takes it.
    #[must_use]
    pub const fn is_in(self, generation: Generation) -> bool {
        matches!((self, generation), (_, Generation::First) | (Self::V2(_), _))
    }
}
