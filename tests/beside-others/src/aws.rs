//! aws-sigv4, which signs for the AWS SDK: signature version 4, in place of the version 2 of FPS's time.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;

/// The key that a string is signed with: version 4 makes one for each day.
pub(crate) fn signing_key(secret_key: &str) -> impl AsRef<[u8]> {
    v4::generate_signing_key(secret_key, UNIX_EPOCH, REGION, SERVICE)
}

/// Gives what signs that address into its query. It makes the day's key each time: four short signatures more.
pub(crate) fn presigning(
    access_key: &str,
    secret_key: &str,
    address: &str,
    measure: impl FnOnce(&dyn Fn() -> http::Request<()>),
) {
    let identity = Credentials::new(access_key, secret_key, None, None, "fps").into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(3600));
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(SERVICE)
        .time(UNIX_EPOCH)
        .settings(settings);
    let params = params.build().expect("nothing is missing").into();
    measure(&|| {
        let unsigned = SignableRequest::new("GET", address, std::iter::empty(), SignableBody::Bytes(&[]))
            .expect("the address is one");
        let (signature, _) = sign(unsigned, &params).expect("the identity has keys").into_parts();
        let mut signed = http::Request::get(address).body(()).expect("the address is one");
        signature.apply_to_request_http1x(&mut signed);
        signed
    });
}

const REGION: &str = "us-east-1";
const SERVICE: &str = "fps";
