//! What is odd about a link that is taken all the same: for the request log, one sentence a line.

use fps_core::param::pipeline as name;
use fps_core::{Amount, Pairs};
use http::Request;

use super::ask::{Ask, Kind};
use super::finish::Scheme;

/// The oddities of a link.
pub(super) fn of(request: &Request<Vec<u8>>, ask: &Ask) -> String {
    let pairs = Pairs::decode(request.uri().query().unwrap_or_default()).unwrap_or_default();
    let mut warnings = Vec::new();
    if ask.scheme == Scheme::Certificate && pairs.get(name::VERSION).is_none() {
        warnings.push("version is missing; send version=2009-01-09".to_owned());
    }
    for known in [name::RETURN_URL, name::SIGNATURE, name::SIGNATURE_METHOD, name::SIGNATURE_VERSION] {
        let other = pairs.iter().find(|(given, _)| *given != known && given.eq_ignore_ascii_case(known));
        if let Some((given, _)) = other.filter(|_| pairs.get(known).is_none()) {
            warnings.push(format!("{given} is documented as {known}"));
        }
    }
    let sum = ask.charges.iter().try_fold(Amount::ZERO, |sum, (_, charge)| sum.checked_add(*charge));
    if let (Kind::SingleUse { amount, .. }, Some(sum)) = (&ask.kind, sum)
        && !ask.charges.is_empty()
        && sum != *amount
    {
        warnings.push(format!("the charges come to {sum}, but transactionAmount is {amount}"));
    }
    if pairs.get(name::COBRANDING_URL).is_some() && ask.logo.is_none() {
        warnings.push("cobrandingUrl is not an https address; the logo is not shown".to_owned());
    }
    warnings.join("\n")
}
