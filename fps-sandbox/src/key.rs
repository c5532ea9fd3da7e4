//! The service's own key, which signs what it sends back.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::signature::{Keypair, SignatureEncoding, Signer, Verifier};
use rsa::{PrivateKey, PublicKey};
use sha1::Sha1;
use sha2::Sha256;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::EncodePem;
use x509_cert::der::asn1::UtcTime;
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

/// The RSA key with which a sandbox signs returns and notices (RSA-SHA1), and the certificate of it that verifiers fetch.
///
/// # Security
///
/// The default key is a **test key that everybody has**: it lies in the source. Make one's own with [`ServiceKey::generate`]
/// where a forged return would do harm.
#[derive(Clone)]
pub struct ServiceKey {
    signer: SigningKey<Sha1>,
    verifier: VerifyingKey<Sha1>,
    certificate: String,
}

impl ServiceKey {
    /// The test key of the source, 1024 bits, as long as the service's own keys of 2010 were.
    ///
    /// # Panics
    ///
    /// Never: the key is part of the source, and a test reads it.
    #[must_use]
    pub fn test() -> Self {
        // Its certificate is made once, because tests open services by the hundred.
        static KEY: LazyLock<ServiceKey> =
            LazyLock::new(|| ServiceKey::from_pem(TEST_KEY).expect("the test key is a PKCS#8 PEM"));
        KEY.clone()
    }

    /// A new key of 2048 bits. Takes seconds in a build without optimisation.
    ///
    /// # Errors
    ///
    /// [`ServiceKeyError`] if the system gives no randomness.
    pub fn generate() -> Result<Self, ServiceKeyError> {
        let key = PrivateKey::new(&mut rand::rng(), 2048).map_err(ServiceKeyError::new)?;
        Self::from_key(key)
    }

    /// Reads a private key in PKCS#8 PEM.
    ///
    /// # Errors
    ///
    /// [`ServiceKeyError`] if it is none.
    pub fn from_pem(pem: &str) -> Result<Self, ServiceKeyError> {
        Self::from_key(PrivateKey::from_pkcs8_pem(pem).map_err(ServiceKeyError::new)?)
    }

    /// The private key in PKCS#8 PEM, to be stored.
    ///
    /// # Errors
    ///
    /// [`ServiceKeyError`] if it cannot be encoded.
    ///
    /// # Security
    ///
    /// Whoever has it can sign returns.
    pub fn expose_secret_pem(&self) -> Result<String, ServiceKeyError> {
        let key: &PrivateKey = self.signer.as_ref();
        Ok(key.to_pkcs8_pem(LineEnding::LF).map_err(ServiceKeyError::new)?.to_string())
    }

    /// The certificate in PEM: self-signed, valid from 2006 to 2049.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate
    }

    /// Signs a string: RSASSA-PKCS1-v1_5 with SHA-1, in Base64 with a line feed after every 76 characters, as the service
    /// wrote it from 2010.
    #[must_use]
    pub fn sign(&self, string_to_sign: &str) -> String {
        wrap(&STANDARD.encode(self.signer.sign(string_to_sign.as_bytes()).to_bytes()))
    }

    /// Whether this key signed that string. White space within the Base64 is skipped.
    #[must_use]
    pub fn verify(&self, string_to_sign: &str, signature: &str) -> bool {
        let compact: String = signature.split_ascii_whitespace().collect();
        let Ok(bytes) = STANDARD.decode(compact) else { return false };
        let Ok(signature) = Signature::try_from(bytes.as_slice()) else { return false };
        self.verifier.verify(string_to_sign.as_bytes(), &signature).is_ok()
    }

    fn from_key(key: PrivateKey) -> Result<Self, ServiceKeyError> {
        let certificate = certificate(&key).map_err(ServiceKeyError::new)?;
        let signer = SigningKey::new(key);
        Ok(Self { verifier: signer.verifying_key(), signer, certificate })
    }
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceKey([redacted])")
    }
}

impl Default for ServiceKey {
    fn default() -> Self {
        Self::test()
    }
}

/// A service key cannot be read, made or written.
#[derive(Debug, thiserror::Error)]
#[error("not a usable RSA key; expected a private key in PKCS#8 PEM")]
pub struct ServiceKeyError {
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl ServiceKeyError {
    fn new(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { source: Box::new(source) }
    }
}

/// Base64 with a line feed after every 76 characters.
fn wrap(base64: &str) -> String {
    let mut wrapped = String::with_capacity(base64.len() + base64.len() / LINE);
    for (at, digit) in base64.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            wrapped.push('\n');
        }
        wrapped.push(digit);
    }
    wrapped
}

fn certificate(key: &PrivateKey) -> Result<String, builder::Error> {
    let subject = Name::from_str("CN=fps-sandbox,O=fps-sandbox,C=US")?;
    let from = |seconds| UtcTime::from_unix_duration(Duration::from_secs(seconds)).map(Time::UtcTime);
    let validity = Validity::new(from(YEAR_2006)?, from(YEAR_2049)?);
    let public = PublicKey::from(key).to_public_key_der().map_err(|error| match error {
        rsa::pkcs8::spki::Error::Asn1(error) => builder::Error::Asn1(error),
        other => builder::Error::PublicKey(other),
    })?;
    let public = SubjectPublicKeyInfoOwned::try_from(public.as_bytes())?;
    let profile = SelfSigned { subject };
    let builder = CertificateBuilder::new(profile, SerialNumber::from(1u32), validity, public)?;
    // The certificate's own signature is SHA-256; only what the service sends is signed with SHA-1.
    let certificate = builder.build(&SigningKey::<Sha256>::new(key.clone()))?;
    Ok(certificate.to_pem(LineEnding::LF)?)
}

/// A certificate that vouches for itself, without extensions.
struct SelfSigned {
    subject: Name,
}

impl BuilderProfile for SelfSigned {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        Ok(Vec::new())
    }
}

/// A key without any secret: everybody has it.
const TEST_KEY: &str = include_str!("../testdata/test-service-key.pem");
const LINE: usize = 76;
const YEAR_2006: u64 = 1_136_073_600;
const YEAR_2049: u64 = 2_493_072_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_wrapped_and_verify() {
        let key = ServiceKey::test();
        let signature = key.sign("GET\nexample.com\n/\na=b");
        let lines: Vec<_> = signature.lines().map(str::len).collect();
        assert_eq!(lines, [76, 76, 20]);
        assert!(key.verify("GET\nexample.com\n/\na=b", &signature));
        assert!(key.verify("GET\nexample.com\n/\na=b", &signature.replace('\n', "")));
        assert!(!key.verify("GET\nexample.com\n/\na=c", &signature));
        assert!(!key.verify("GET\nexample.com\n/\na=b", "AAAA"));
        assert!(!key.verify("GET\nexample.com\n/\na=b", "!"));
    }

    #[test]
    fn the_certificate_carries_the_key() {
        use x509_cert::Certificate;
        use x509_cert::der::{DecodePem, Encode};

        let key = ServiceKey::test();
        let certificate = Certificate::from_pem(key.certificate_pem()).unwrap();
        let public = certificate.tbs_certificate().subject_public_key_info().to_der().unwrap();
        let public = <PublicKey as rsa::pkcs8::DecodePublicKey>::from_public_key_der(&public).unwrap();
        let signature = key.sign("text").replace('\n', "");
        let signature = Signature::try_from(STANDARD.decode(signature).unwrap().as_slice()).unwrap();
        VerifyingKey::<Sha1>::new(public).verify(b"text", &signature).unwrap();
    }

    #[test]
    fn a_key_never_shows_and_reads_back() {
        let key = ServiceKey::test();
        assert_eq!(format!("{key:?}"), "ServiceKey([redacted])");
        let again = ServiceKey::from_pem(&key.expose_secret_pem().unwrap()).unwrap();
        assert!(again.verify("x", &key.sign("x")));
        assert!(ServiceKey::from_pem("no key").is_err());
    }
}
