//! The generations of the protocol.

use std::fmt;

/// A version of the FPS API: `Version` in every request, and the end of an answer's namespace.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[non_exhaustive]
pub enum Version {
    /// The first generation: three tokens, `awsSignature`, signature version 1.
    #[serde(rename = "2007-01-08")]
    V2007_01_08,
    /// The second generation as it began.
    #[serde(rename = "2008-09-17")]
    V2008_09_17,
    /// The second generation as it ended, with subscriptions and `OverrideIPNURL`.
    #[default]
    #[serde(rename = "2010-08-28")]
    V2010_08_28,
}

/// What a version signs, names and answers like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// 2007-01-08: three tokens, amounts as `.Amount`, flat answers, `awsSignature`.
    First,
    /// 2008-09-17 and 2010-08-28: one token, amounts as `.Value`, answers in envelopes, signature version 2.
    Second,
}

impl Version {
    /// As requests write it: `2010-08-28`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2007_01_08 => "2007-01-08",
            Self::V2008_09_17 => "2008-09-17",
            Self::V2010_08_28 => "2010-08-28",
        }
    }

    /// Whose rules it follows.
    #[must_use]
    pub const fn generation(self) -> Generation {
        match self {
            Self::V2007_01_08 => Generation::First,
            Self::V2008_09_17 | Self::V2010_08_28 => Generation::Second,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
