//! VerifySignature: whether a return or a notice is the service's own.

use fps_core::Pairs;
use fps_core::param::{api as name, pipeline};
use fps_core::signature::{Method, string_to_sign};
use url::Url;

use super::arguments::{Arguments, Parameter, Shape};
use super::refusal::Refusal;
use super::xml::Xml;
use super::{Action, Desk, Done};

pub(super) const VERIFY_SIGNATURE: Action = Action {
    name: "VerifySignature",
    parameters: &[
        Parameter::required(name::URL_END_POINT, Shape::Text(8 * 1024)),
        Parameter::required(name::HTTP_PARAMETERS, Shape::Text(64 * 1024)),
    ],
    run: verify,
};

fn verify(desk: &Desk<'_>, arguments: &Arguments<'_>) -> Result<Done, Refusal> {
    // In practice unsigned calls went on working; the guide of 2010-08-28 wants them signed.
    if desk.settings.strict && desk.version >= "2010-08-28" {
        desk.caller()?;
    }
    let address = arguments.text(name::URL_END_POINT).unwrap_or_default();
    let url = Url::parse(address).ok().filter(|url| is_address(url, desk.settings.strict));
    let Some(url) = url else {
        return Err(Refusal::params(format!("{address} is an invalid URL")));
    };
    let text = arguments.text(name::HTTP_PARAMETERS).unwrap_or_default();
    let Ok(pairs) = Pairs::decode(text) else {
        return Err(Refusal::params("'HttpParameters' is not form-encoded."));
    };
    for needed in [
        pipeline::SIGNATURE,
        pipeline::CERTIFICATE_URL,
        pipeline::SIGNATURE_METHOD,
        pipeline::SIGNATURE_VERSION,
    ] {
        if pairs.get(needed).is_none() {
            return Err(Refusal::params(format!("{needed} is missing in 'HttpParameters'.")));
        }
    }
    let mut xml = Xml::new();
    xml.leaf("VerificationStatus", if is_ours(desk, &url, &pairs) { "Success" } else { "Failure" });
    Ok(Done::answer(xml))
}

/// Returns are signed as GET, notices as POST; the call does not say which it is about.
fn is_ours(desk: &Desk<'_>, url: &Url, pairs: &Pairs) -> bool {
    let is = |name, value| pairs.get(name) == Some(value);
    is(pipeline::SIGNATURE_VERSION, "2")
        && is(pipeline::SIGNATURE_METHOD, "RSA-SHA1")
        && pairs.get(pipeline::SIGNATURE).is_some_and(|signature| {
            [Method::Get, Method::Post].into_iter().any(|method| {
                string_to_sign(method, url, pairs).is_ok_and(|text| desk.key.verify(&text, signature))
            })
        })
}

fn is_address(url: &Url, strict: bool) -> bool {
    let local = url.host_str() == Some("localhost");
    matches!(url.scheme(), "http" | "https") && url.has_host() && !(strict && local)
}
