//! Why a signature does not match.
//!
//! Instead of guessing, what usually goes wrong is tried: the string to sign is built again as a proxy, a framework or an old
//! client would have changed it, and whichever the signature fits is the cause.

use std::fmt;

use url::{Position, Url};

use crate::param::pipeline;
use crate::signature::{Method, string_to_sign};
use crate::{Pairs, PairsError};

/// Why a signature does not match.
///
/// `Display` names the parameters, the lengths of their values, the first difference and the cause; values only
/// [`danger_show`](Explanation::danger_show) shows.
///
/// ```
/// use fps_core::signature::explain::Explanation;
/// use fps_core::signature::{Method, SignatureMethod, hmac, string_to_sign};
/// use fps_core::{Pairs, SecretKey};
///
/// let secret = SecretKey::new("secret");
/// let pairs = Pairs::from_iter([("status", "SA")]);
/// let signed = string_to_sign(Method::Get, &"https://shop.example/return".parse()?, &pairs)?;
/// let signature = hmac::sign(SignatureMethod::HmacSha256, &secret, &signed);
///
/// let behind_a_proxy = "http://127.0.0.1:8080/return".parse()?;
/// let explanation = Explanation::find(Method::Get, &behind_a_proxy, &pairs, |text| {
///     hmac::verify(SignatureMethod::HmacSha256, &secret, text, &signature)
/// })?;
/// assert!(explanation.to_string().contains("status (2 bytes)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Explanation {
    cause: Cause,
    parameters: Vec<(String, usize)>,
    ours: String,
    theirs: Option<String>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// Nothing: the signature matches.
    Matches,
    /// It was signed for the other HTTP method.
    Method,
    /// It was signed for the host without its port, as half of the old clients do.
    PortLeftOut,
    /// It was signed for the host with its default port, or in capitals.
    HostSpelling,
    /// The path has a slash too many or too few at its end.
    TrailingSlash,
    /// A plus sign became a space, or a space a plus sign.
    PlusSign,
    /// It was signed with `~` encoded, as some old clients do.
    Tilde,
    /// White space at the end of values was lost or added.
    WhiteSpace,
    /// Somebody added this parameter after it was signed.
    Added {
        /// The parameter's name.
        name: String,
    },
    /// None of these: another key signed it, or a value was changed, or a proxy changed the host.
    Unknown,
}

impl Explanation {
    /// Tries what usually goes wrong. `verifies` says whether the signature is that of a string.
    ///
    /// # Errors
    ///
    /// [`PairsError`] if the URL's path cannot be decoded.
    pub fn find(
        method: Method,
        url: &Url,
        pairs: &Pairs,
        verifies: impl Fn(&str) -> bool,
    ) -> Result<Self, PairsError> {
        let ours = string_to_sign(method, url, pairs)?;
        let fits = |text: &String| verifies(text);
        let (cause, theirs) = if fits(&ours) {
            (Cause::Matches, None)
        } else {
            match attempts(method, url, pairs, &ours).into_iter().find(|(_, text)| fits(text)) {
                Some((cause, text)) => (cause, Some(text)),
                None => (Cause::Unknown, None),
            }
        };
        let parameters = pairs.iter().map(|(name, value)| (name.to_owned(), value.len())).collect();
        Ok(Self { cause, parameters, ours, theirs })
    }

    /// What is wrong.
    #[must_use]
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The first byte at which the string that was signed differs from ours, if the cause was found.
    #[must_use]
    pub fn first_difference(&self) -> Option<usize> {
        let theirs = self.theirs.as_deref()?;
        let same = self.ours.bytes().zip(theirs.bytes()).take_while(|(ours, theirs)| ours == theirs);
        Some(same.count())
    }

    /// The string to sign as we build it, and as it was signed if the cause was found.
    ///
    /// # Security
    ///
    /// They hold tokens and addresses of buyers: not for a log.
    #[must_use]
    pub fn danger_show(&self) -> (&str, Option<&str>) {
        (&self.ours, self.theirs.as_deref())
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cause)?;
        if let Some(at) = self.first_difference() {
            write!(f, "; the strings to sign differ from byte {at} on")?;
        }
        write!(f, "; the string has {} bytes and covers ", self.ours.len())?;
        for (at, (name, len)) in self.parameters.iter().enumerate() {
            write!(f, "{}{name} ({len} bytes)", if at > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Explanation({self})")
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matches => f.write_str("the signature matches"),
            Self::Method => f.write_str("it was signed for the other HTTP method"),
            Self::PortLeftOut => f.write_str("it was signed for the host without its port"),
            Self::HostSpelling => f.write_str("it was signed for the host with its default port, or in capitals"),
            Self::TrailingSlash => {
                f.write_str("the path has a slash too many or too few at its end; configure the URL as it is given out")
            }
            Self::PlusSign => f.write_str("a plus sign became a space, or a space a plus sign; pass the bytes on as they come"),
            Self::Tilde => f.write_str("it was signed with ~ encoded as %7E"),
            Self::WhiteSpace => f.write_str("white space at the end of a value was lost or added"),
            Self::Added { name } => write!(f, "the parameter {name} was added after it was signed"),
            Self::Unknown => f.write_str(
                "no usual cause fits: another key signed it, a value was changed on the way, or a proxy changed the host",
            ),
        }
    }
}

/// The strings to sign that would come of what usually goes wrong.
fn attempts(method: Method, url: &Url, pairs: &Pairs, ours: &str) -> Vec<(Cause, String)> {
    let mut attempts = Vec::new();
    let mut attempt = |cause: Cause, method: Method, url: &Url, pairs: &Pairs| {
        if let Ok(text) = string_to_sign(method, url, pairs) {
            attempts.push((cause, text));
        }
    };
    let other = match method {
        Method::Get => Method::Post,
        Method::Post => Method::Get,
    };
    attempt(Cause::Method, other, url, pairs);
    let mut slashed = url.clone();
    match url.path().strip_suffix('/') {
        Some(shorter) => slashed.set_path(shorter),
        None => slashed.set_path(&format!("{}/", url.path())),
    }
    attempt(Cause::TrailingSlash, method, &slashed, pairs);
    let changed = |change: &dyn Fn(&str) -> String| -> Pairs {
        pairs.iter().map(|(name, value)| (name.to_owned(), change(value))).collect()
    };
    attempt(Cause::PlusSign, method, url, &changed(&|value| value.replace(' ', "+")));
    attempt(Cause::PlusSign, method, url, &changed(&|value| value.replace('+', " ")));
    attempt(Cause::WhiteSpace, method, url, &changed(&|value| value.trim_end().to_owned()));
    attempt(Cause::WhiteSpace, method, url, &changed(&|value| value.lines().collect()));
    let signed =
        pairs.iter().map(|(name, _)| name).filter(|name| !name.eq_ignore_ascii_case(pipeline::SIGNATURE));
    for left_out in signed {
        let fewer = pairs.iter().filter(|(name, _)| *name != left_out);
        let fewer: Pairs = fewer.map(|(name, value)| (name.to_owned(), value)).collect();
        attempt(Cause::Added { name: left_out.to_owned() }, method, url, &fewer);
    }
    let host = url.host_str().unwrap_or_default();
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    let with_host = |host: &str| ours.replacen(&format!("\n{authority}\n"), &format!("\n{host}\n"), 1);
    attempts.push((Cause::PortLeftOut, with_host(host)));
    attempts.push((Cause::HostSpelling, with_host(&authority.to_ascii_uppercase())));
    if let Some(port) = url.port_or_known_default() {
        attempts.push((Cause::HostSpelling, with_host(&format!("{host}:{port}"))));
    }
    attempts.push((Cause::Tilde, ours.replace('~', "%7E")));
    attempts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SecretKey;
    use crate::signature::{SignatureMethod, hmac};

    fn explain(signed: &str, method: Method, url: &str, pairs: &Pairs) -> Explanation {
        let secret = SecretKey::new("secret");
        let signature = hmac::sign(SignatureMethod::HmacSha1, &secret, signed);
        let verifies = |text: &str| hmac::verify(SignatureMethod::HmacSha1, &secret, text, &signature);
        Explanation::find(method, &url.parse().unwrap(), pairs, verifies).unwrap()
    }

    #[test]
    fn the_cause_is_found_by_trying() {
        let pairs = Pairs::from_iter([("a", "1 +~"), ("signature", "x"), ("z", "SECRET_MARKER")]);
        let good = "GET\nshop.example:8080\n/return\na=1%20%2B~&z=SECRET_MARKER";
        for (signed, cause) in [
            (good.to_owned(), Cause::Matches),
            (good.replace("GET", "POST"), Cause::Method),
            (good.replace(":8080", ""), Cause::PortLeftOut),
            (good.replace("shop", "SHOP").replace("example", "EXAMPLE"), Cause::HostSpelling),
            (good.replace("/return", "/return/"), Cause::TrailingSlash),
            (good.replace("%20%2B", "%2B%2B"), Cause::PlusSign),
            (good.replace("%20%2B", "%20%20"), Cause::PlusSign),
            (good.replace('~', "%7E"), Cause::Tilde),
            (good.replace("&z=SECRET_MARKER", ""), Cause::Added { name: "z".to_owned() }),
            (good.replace("SECRET_MARKER", "other"), Cause::Unknown),
        ] {
            let explanation = explain(&signed, Method::Get, "http://shop.example:8080/return", &pairs);
            assert_eq!(explanation.cause(), &cause, "{signed}");
            let shown = format!("{explanation} {explanation:?}");
            assert!(!shown.contains("SECRET_MARKER"), "{shown}");
            assert!(shown.contains("z (13 bytes)"), "{shown}");
            assert_eq!(explanation.danger_show().0, good);
        }
        let explanation =
            explain(&good.replace("GET", "POST"), Method::Get, "http://shop.example:8080/return", &pairs);
        assert_eq!(explanation.first_difference(), Some(0));
        let signed = "GET\nshop.example:443\n/return\na=1%20%2B~&z=SECRET_MARKER";
        let explanation = explain(signed, Method::Get, "https://shop.example/return", &pairs);
        assert_eq!(explanation.cause(), &Cause::HostSpelling);
        assert_eq!(explanation.first_difference(), Some("GET\nshop.example".len()));
    }
}
