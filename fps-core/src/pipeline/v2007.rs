//! The buyer pages of 2007-01-08: their links are signed by `link_in`, their returns are verified here.
//!
//! | | 2007-01-08 | 2009-01-09, which [`pipeline`](crate::pipeline) documents |
//! |---|---|---|
//! | a link is signed | by `awsSignature`, over path and query | by `signature`, over method, host, path and query |
//! | a return is signed | by the caller's own key | by the service's key |
//! | payment methods | `abt,ba,cc` | `ABT,ACH,CC` |
//! | co-branding | not there | `cobrandingStyle`, `cobrandingUrl`, `websiteDescription` |

pub(crate) mod link;

use url::Url;

use crate::param::pipeline;
use crate::pipeline::{MAX_RECEIVED_BYTES, ReturnError, VerifiedReturn, VerifyError};
use crate::signature::pages_2007::{Space, string_to_sign};
use crate::signature::received::shown;
use crate::signature::{SignatureMethod, hmac};
use crate::{Pairs, SecretKey};

/// Verifies a return of version 2007-01-08 with the caller's own keys, the present one and former ones. Nobody is asked.
///
/// `return_url` is the address as the link carried it: its path is signed, its query plays no part. `raw_query` is what stands
/// behind the question mark, byte for byte, the shop's own parameters included: the service writes the signature's `+` bare,
/// which no decoded query still has.
///
/// ```
/// use fps_core::SecretKey;
/// use fps_core::pipeline::v2007::verify_return;
///
/// let returned = verify_return(
///     &"https://shop.example/return".parse()?,
///     "order=12&status=SA&tokenID=U27XL5K&awsSignature=xk/J2PCCL+bLSlVJihHdgp6X0/A=",
///     &[&SecretKey::new("secret")],
/// )?;
/// assert!(returned.single_use().approved().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// Whoever has a secret key can make returns. Without one of `secrets` nothing verifies.
///
/// # Errors
///
/// [`VerifyError::Shape`] for what is too large, cannot be decoded, has a name twice, is not signed, or is signed by the scheme
/// of 2009-01-09; [`VerifyError::NotGenuine`] if no key made the signature. Both are final.
///
/// Source: FPS developer guide of 2007, "Using the Co-Branded UI Pipeline".
pub fn verify_return(
    return_url: &Url,
    raw_query: &str,
    secrets: &[&SecretKey],
) -> Result<VerifiedReturn, VerifyError> {
    let (pairs, signature) = read(raw_query)?;
    for space in [Space::Plus, Space::Percent20] {
        let text = string_to_sign(return_url.path(), &pairs, space);
        let of = |secret: &&SecretKey| hmac::verify(SignatureMethod::HmacSha1, secret, &text, &signature);
        if secrets.iter().any(of) {
            return Ok(VerifiedReturn::new(pairs));
        }
    }
    Err(VerifyError::NotGenuine)
}

/// The decoded pairs, and the signature as it was meant.
fn read(raw: &str) -> Result<(Pairs, String), ReturnError> {
    if raw.len() > MAX_RECEIVED_BYTES {
        return Err(ReturnError::TooLarge { bytes: raw.len() });
    }
    let pairs = Pairs::decode(raw)?;
    for (name, _) in pairs.iter() {
        if LATER_FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field)) {
            return Err(ReturnError::NewScheme);
        }
    }
    let field = pipeline::AWS_SIGNATURE;
    match pairs.iter().filter(|(name, _)| name.eq_ignore_ascii_case(field)).count() {
        0 => return Err(ReturnError::Missing { field }),
        1 => {}
        _ => return Err(ReturnError::Repeated { name: field.to_owned() }),
    }
    if let Some(name) = pairs.repeated() {
        return Err(ReturnError::Repeated { name: shown(name) });
    }
    // Base64 has no space: one that arrived, bare or as %20, was a `+` before somebody decoded it.
    match pairs.get(field).map(|value| value.replace(' ', "+")) {
        Some(signature) if !signature.is_empty() => Ok((pairs, signature)),
        _ => Err(ReturnError::Missing { field }),
    }
}

/// What only returns of 2009-01-09 carry.
const LATER_FIELDS: &[&str] = &[
    pipeline::SIGNATURE,
    pipeline::SIGNATURE_VERSION,
    pipeline::SIGNATURE_METHOD,
    pipeline::CERTIFICATE_URL,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PairsError;
    use crate::pipeline::PipelineStatus;

    /// The guide's own story, signed with another implementation.
    const PATH: &str = "http://localhost:8080/amazonfpssdk/usecases/digitalDownload/paymentDetails.jsp";
    const QUERY: &str = "PaymentAmount=0.10&Download=Now+and+Forever+-+Richard+Marx&uniqueId=1177495829105&status=SA&tokenID=U27XL5KSQMTT3274Q8UG6CTBNYUUINLHPXLGKGMCM32P6EJ18BH84GXN9DOSXAON&callerReference=DigitalDownload1177495829105";
    const SIGNATURE: &str = "S/0hq7XnrpJLYLdRJ1AYyE8VvGY=";

    fn verify(url: &str, query: &str, secrets: &[&str]) -> Result<VerifiedReturn, VerifyError> {
        let secrets: Vec<SecretKey> = secrets.iter().map(|secret| SecretKey::new(*secret)).collect();
        verify_return(&url.parse().unwrap(), query, &secrets.iter().collect::<Vec<_>>())
    }

    const SECRET: &str = "secretkeyEXAMPLE/0123456789abcdefghijklm";

    #[test]
    fn the_guides_return_is_read_with_the_shops_own_parameters() {
        let returned = verify(PATH, &format!("{QUERY}&awsSignature={SIGNATURE}"), &[SECRET]).unwrap();
        assert_eq!(returned.status(), PipelineStatus::SuccessAbt);
        let answer = returned.single_use();
        assert!(answer.approved().is_some());
        assert_eq!(answer.caller_reference.unwrap().as_str(), "DigitalDownload1177495829105");
        let own: Vec<_> = answer.own.iter().collect();
        assert_eq!(
            own,
            [
                ("PaymentAmount", "0.10"),
                ("Download", "Now and Forever - Richard Marx"),
                ("uniqueId", "1177495829105")
            ]
        );
    }

    #[test]
    fn a_signature_is_found_right_however_it_was_written() {
        let (url, query, signature) = (
            "https://shop.example/return",
            "order=12&status=SA&tokenID=U27XL5K",
            "xk/J2PCCL+bLSlVJihHdgp6X0/A=",
        );
        assert!(signature.contains('+') && signature.contains('/'));
        for written in [
            signature.to_owned(),
            signature.replace('+', " "),
            signature.replace('+', "%20"),
            signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"),
        ] {
            for query in
                [format!("{query}&awsSignature={written}"), format!("awsSignature={written}&{query}")]
            {
                assert!(verify(url, &query, &["other", "secret"]).is_ok(), "{query}");
                assert!(verify(url, &query, &["other"]).is_err(), "{query}");
                assert!(verify(url, &query, &[]).is_err(), "{query}");
            }
        }
    }

    #[test]
    fn both_ways_to_encode_a_space_verify() {
        let text = "/return?a=x%20y&status=A";
        let signature = hmac::sign(SignatureMethod::HmacSha1, &SecretKey::new("secret"), text);
        let query = format!("status=A&a=x+y&awsSignature={signature}");
        assert!(verify("https://shop.example/return?a=x+y", &query, &["secret"]).is_ok());
    }

    #[test]
    fn the_answers_of_all_pipelines_are_read() {
        let secret = SecretKey::new("secret");
        let url = "http://localhost:8888/".parse().unwrap();
        let returned = |query: &str| {
            let text = string_to_sign("/", &Pairs::decode(query).unwrap(), Space::Plus);
            let signature = hmac::sign(SignatureMethod::HmacSha1, &secret, &text);
            verify_return(&url, &format!("{query}&awsSignature={signature}"), &[&secret]).unwrap()
        };
        let buyer = "status=SC&expiry=03%2F2013&tokenID=S1&callerReference=r1";
        assert!(returned(buyer).single_use().approved().is_some());
        assert!(returned(buyer).multi_use().approved().is_some());
        let recurring = returned(buyer).recurring();
        assert_eq!(recurring.expiry.unwrap().month_and_year(), Some((3, 2013)));
        assert!(returned("status=SU&tokenID=S1").edit_token().current().is_some());
        let recipient = returned("status=SR&tokenID=R1&refundTokenID=F1").recipient();
        assert!(recipient.installed().is_some() && recipient.refund_token.is_some());
        let prepaid = "status=SB&prepaidInstrumentID=P1&prepaidSenderTokenID=S1&fundingTokenID=F1";
        assert!(returned(prepaid).setup_prepaid().approved().is_some());
        // The order of a return that a client of the time kept.
        let postpaid =
            "status=SC&expiry=03%2F2013&creditSenderTokenID=US7&settlementTokenID=U47&creditInstrumentID=U67";
        assert!(returned(postpaid).setup_postpaid().approved().is_some());
        let failed = returned("status=CE&errorMessage=no+such+pipeline").single_use();
        assert_eq!((failed.approved(), failed.error_message.as_deref()), (None, Some("no such pipeline")));
    }

    #[test]
    fn any_change_is_noticed() {
        let good = format!("{QUERY}&awsSignature={SIGNATURE}");
        for (url, query) in [
            (PATH, good.replace("status=SA", "status=SC")),
            (PATH, good.replace("0.10", "0.01")),
            (PATH, good.replace("PaymentAmount", "paymentAmount")),
            (PATH, format!("{good}&controller=x")),
            (PATH, good.replace("PaymentAmount=0.10&", "")),
            (PATH, good.replace("S/0h", "S/0i")),
            (PATH, good.replace(SIGNATURE, "!")),
            ("http://localhost:8080/", good.clone()),
        ] {
            assert!(matches!(verify(url, &query, &[SECRET]), Err(VerifyError::NotGenuine)), "{url} {query}");
        }
    }

    #[test]
    fn every_deviation_is_refused_by_name() {
        let good = format!("{QUERY}&awsSignature={SIGNATURE}");
        let repeated = |name: &str| ReturnError::Repeated { name: name.to_owned() };
        let missing = ReturnError::Missing { field: "awsSignature" };
        for (query, error) in [
            (String::new(), missing.clone()),
            (QUERY.to_owned(), missing.clone()),
            (format!("{QUERY}&awsSignature="), missing.clone()),
            (good.replace("awsSignature", "AWSSIGNATURE"), missing),
            (format!("{good}&AWSSignature=x"), repeated("awsSignature")),
            (format!("{good}&status=SA"), repeated("status")),
            (format!("{good}&a=%"), ReturnError::Malformed(PairsError::Escape)),
            (format!("{good}&signature=x"), ReturnError::NewScheme),
            (format!("{good}&CertificateURL=x"), ReturnError::NewScheme),
            (
                format!("{good}&a={}", "x".repeat(MAX_RECEIVED_BYTES)),
                ReturnError::TooLarge { bytes: good.len() + 3 + MAX_RECEIVED_BYTES },
            ),
        ] {
            let shown = &query[..query.len().min(300)];
            match verify(PATH, &query, &[SECRET]) {
                Err(VerifyError::Shape(found)) => assert_eq!(found, error, "{shown}"),
                other => panic!("{shown}: {other:?}"),
            }
        }
    }
}
