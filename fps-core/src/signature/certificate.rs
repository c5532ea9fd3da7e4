//! Checking the service's own signatures with its certificate: RSASSA-PKCS1-v1_5 with SHA-1.
//!
//! # Security
//!
//! The service withdrew this way in 2010 in favour of `VerifySignature`, because callers forgot to check whose certificate
//! they were told to use. Here a certificate is taken from the endpoint's own host only, so it is as trustworthy as the
//! connection to that host. Its chain and dates are not looked at: the service's own samples do not, and its certificates
//! are self-signed. SHA-1 is what the protocol has.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePublicKey;
use sha1::{Digest, Sha1};
use x509_cert::Certificate;
use x509_cert::der::{DecodePem, Encode};

/// The key that a certificate of the service holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(rsa::PublicKey);

impl PublicKey {
    /// Reads it from a certificate in PEM, as the service serves them.
    ///
    /// # Errors
    ///
    /// [`NotACertificate`] if it is none, or holds another key than RSA of 1024 to 8192 bits.
    pub fn from_certificate(pem: &[u8]) -> Result<Self, NotACertificate> {
        let certificate = Certificate::from_pem(pem).map_err(|_| NotACertificate)?;
        let key =
            certificate.tbs_certificate().subject_public_key_info().to_der().map_err(|_| NotACertificate)?;
        rsa::PublicKey::from_public_key_der(&key).map(Self).map_err(|_| NotACertificate)
    }

    /// Takes it from its two numbers, in bytes from the highest.
    ///
    /// # Errors
    ///
    /// [`NotACertificate`] if they are no RSA key of 1024 to 8192 bits.
    pub fn from_numbers(modulus: &[u8], exponent: &[u8]) -> Result<Self, NotACertificate> {
        let number = |bytes| rsa::BoxedUint::from_be_slice_vartime(bytes);
        rsa::PublicKey::new(number(modulus), number(exponent)).map(Self).map_err(|_| NotACertificate)
    }

    /// Whether the signature, in Base64, is this key's for that string. White space within the Base64 is skipped: the service
    /// wraps it at 76 columns.
    #[must_use]
    pub fn verify(&self, string_to_sign: &str, signature: &str) -> bool {
        let compact: String = signature.split_ascii_whitespace().collect();
        let Ok(signature) = STANDARD.decode(compact) else {
            return false;
        };
        let digest = Sha1::digest(string_to_sign.as_bytes());
        self.0.verify(Pkcs1v15Sign::new::<Sha1>(), &digest, &signature).is_ok()
    }
}

/// Bytes are not a certificate with an RSA key of 1024 to 8192 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a PEM certificate with an RSA key of 1024 to 8192 bits")]
pub struct NotACertificate;
