//! Our own mark on the addresses that buyers and notices come back to.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fps_core::url::Url;
use fps_core::{Pairs, SecretKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::order::Subject;

/// Marks return and notice addresses with an order and an attempt, so that a genuine answer of the service can be tied to an
/// order without trusting anything else in it: `fps=<order>-a<attempt>.<mac>`, or `fps=<token>-t<attempt>.<mac>`.
///
/// The key is derived from the shop's secret. Marks of former secrets are accepted while told to.
pub(crate) struct ReturnMark {
    /// Each with what HMAC makes of the key alone.
    keys: Vec<Hmac<Sha256>>,
}

impl ReturnMark {
    /// Marks with the first secret, accepts all.
    pub(crate) fn new<'a>(secrets: impl Iterator<Item = &'a SecretKey>) -> Self {
        let key = |bytes: &[u8]| {
            <Hmac<Sha256> as KeyInit>::new_from_slice(bytes).expect("HMAC takes a key of any length")
        };
        let derive = |secret: &SecretKey| {
            key(&mac(&key(secret.expose_secret().as_bytes()), PURPOSE).finalize().into_bytes())
        };
        Self { keys: secrets.map(derive).collect() }
    }

    /// The address with the mark added to its query.
    pub(crate) fn put(&self, address: &Url, of: &Subject, attempt: u32) -> Url {
        let name = of.with_attempt(attempt);
        let tag = self.keys.first().map(|key| tag(key, &name)).unwrap_or_default();
        let mut marked = address.clone();
        marked.query_pairs_mut().append_pair(PARAMETER, &format!("{name}.{tag}"));
        marked
    }

    /// The order or token, and the attempt, that the one mark among the parameters names, if it is ours.
    pub(crate) fn find(&self, pairs: &Pairs) -> Option<(Subject, u32)> {
        let mut marks = pairs.iter().filter(|(name, _)| *name == PARAMETER).map(|(_, value)| value);
        let (Some(mark), None) = (marks.next(), marks.next()) else {
            return None;
        };
        let (name, tag) = mark.rsplit_once('.')?;
        let given = URL_SAFE_NO_PAD.decode(tag).ok().filter(|bytes| bytes.len() == TAG_BYTES)?;
        // Every key is tried, and each in constant time.
        let ours = self
            .keys
            .iter()
            .fold(false, |ours, key| mac(key, name).verify_truncated_left(&given).is_ok() | ours);
        Subject::read_with_attempt(name).filter(|_| ours)
    }
}

impl std::fmt::Debug for ReturnMark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReturnMark({} keys, [redacted])", self.keys.len())
    }
}

fn tag(key: &Hmac<Sha256>, name: &str) -> String {
    let full = mac(key, name).finalize().into_bytes();
    URL_SAFE_NO_PAD.encode(&full[..TAG_BYTES])
}

fn mac(key: &Hmac<Sha256>, text: &str) -> Hmac<Sha256> {
    let mut mac = key.clone();
    mac.update(text.as_bytes());
    mac
}

/// The parameter that carries the mark.
const PARAMETER: &str = "fps";
const PURPOSE: &str = "fps-checkout return mark 1";
/// 128 bits: more than can be guessed over a network, and short in an address.
const TAG_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{OrderId, TokenName};

    fn order() -> Subject {
        Subject::Order(OrderId::new("2026.1-a7").unwrap())
    }

    fn marked(mark: &ReturnMark, base: &str) -> Pairs {
        let url = mark.put(&base.parse().unwrap(), &order(), 12);
        Pairs::decode(url.query().unwrap()).unwrap()
    }

    #[test]
    fn a_mark_names_its_order_and_attempt() {
        let (old, new) = (SecretKey::new("old"), SecretKey::new("new"));
        let before = ReturnMark::new([&old].into_iter());
        let after = ReturnMark::new([&new, &old].into_iter());
        let pairs = marked(&before, "http://shop.example/fps/return?lang=en");
        assert_eq!(pairs.get("lang"), Some("en"));
        assert_eq!(after.find(&pairs), Some((order(), 12)));
        let token = Subject::Token(TokenName::new("2026.1-a7").unwrap());
        let url = after.put(&"http://shop.example/".parse().unwrap(), &token, 12);
        assert_eq!(after.find(&Pairs::decode(url.query().unwrap()).unwrap()), Some((token, 12)));
        assert_eq!(before.find(&marked(&after, "http://shop.example/")), None);
    }

    #[test]
    fn any_changed_character_makes_it_a_stranger() {
        let mark = ReturnMark::new([&SecretKey::new("secret")].into_iter());
        let value = marked(&mark, "http://shop.example/").get("fps").unwrap().to_owned();
        for at in 0..value.len() {
            for other in ["A", "1", ".", "-", ""] {
                let mut changed = value.clone();
                changed.replace_range(at..=at, other);
                let pairs = Pairs::from_iter([("fps", changed.as_str())]);
                assert!(changed == value || mark.find(&pairs).is_none(), "{changed}");
            }
        }
        let twice = Pairs::from_iter([("fps", value.as_str()), ("fps", value.as_str())]);
        assert_eq!(mark.find(&twice), None);
        assert_eq!(mark.find(&Pairs::new()), None);
    }
}
