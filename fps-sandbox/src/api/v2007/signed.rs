//! Who sent a request of the first generation: signature versions 0, 1 and 2.

use fps_core::Timestamp;
use fps_core::param::api as name;
use fps_core::signature::legacy::{string_to_sign_version_0, string_to_sign_version_1};
use fps_core::signature::{SignatureMethod, hmac};

use super::{Call, Refusal};
use crate::ledger::{Account, Ledger};
use crate::mistake::{self, Sides, v2007};

/// Checks the signature and then the time, and gives who sent the request.
pub(super) fn caller<'a>(call: &Call, ledger: &'a Ledger, now: Timestamp) -> Result<&'a Account, Refusal> {
    let key = call.required(name::AWS_ACCESS_KEY_ID)?;
    let Some(account) = ledger.account_by_key(key) else {
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        return Err(Refusal::new("InvalidClientTokenId", message));
    };
    let signature = call.required(name::SIGNATURE)?;
    // Before there were versions there was this one.
    let version = call.pairs.get(name::SIGNATURE_VERSION).unwrap_or("0");
    let (method, texts) = match version {
        "0" => {
            let timestamp = call.required(name::TIMESTAMP)?;
            (SignatureMethod::HmacSha1, vec![string_to_sign_version_0(call.action(), timestamp)])
        }
        "1" => (SignatureMethod::HmacSha1, vec![string_to_sign_version_1(&call.pairs)]),
        "2" => (call.signature_method()?, call.strings_to_sign().collect()),
        other => {
            let message =
                format!("Value ({other}) for parameter SignatureVersion is invalid. Must be 0, 1 or 2.");
            return Err(Refusal::new("InvalidParameterValue", message));
        }
    };
    let fits =
        |text: &String| account.signing_keys(key).any(|secret| hmac::verify(method, secret, text, signature));
    if !texts.iter().any(fits) {
        let message = "The request signature we calculated does not match the signature you provided. Check your AWS \
                       Secret Access Key and signing method. Consult the service documentation for details.";
        let mistake = account
            .signing_keys(key)
            .next()
            .and_then(|secret| v2007::of_call(secret, signature, &call.pairs));
        let why = mistake::explain(&texts[..0], mistake.as_ref());
        let sides = Sides::of(texts.first(), mistake.as_ref());
        return Err(Refusal::new("SignatureDoesNotMatch", message).because(why).with_sides(sides));
    }
    call.check_time(now)?;
    Ok(account)
}
