//! Everything that can be done to a query by somebody who cannot sign.

/// One way in which a query was tampered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tampered {
    /// What was done.
    pub how: String,
    /// What it became.
    pub query: String,
}

/// A query with each byte changed in turn, each parameter removed, doubled, doubled with another value, and swapped with
/// another query's.
#[must_use]
pub fn tampered(query: &str, other: &str) -> Vec<Tampered> {
    let mut all = changed_bytes(query);
    all.extend(changed_parameters(query, other));
    all
}

fn changed_bytes(query: &str) -> Vec<Tampered> {
    let bytes = query.as_bytes();
    let change = |at: usize| {
        let mut bytes = bytes.to_vec();
        // Not a case's change of the same letter: %2F and %2f mean the same.
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        let query = String::from_utf8(bytes).expect("a raw query is ASCII");
        Tampered { how: format!("byte {at} changed"), query }
    };
    (0..bytes.len()).map(change).collect()
}

fn changed_parameters(query: &str, other: &str) -> Vec<Tampered> {
    let mut all = Vec::new();
    let parameters: Vec<&str> = query.split('&').collect();
    for (at, parameter) in parameters.iter().enumerate() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let mut without = parameters.clone();
        without.remove(at);
        let mut put = |how: &str, parameters: &[&str]| {
            all.push(Tampered { how: format!("{name} {how}"), query: parameters.join("&") });
        };
        put("removed", &without);
        let evil = format!("{name}=x");
        for (how, extra) in [("doubled", *parameter), ("given another value too", &evil)] {
            let mut twice = parameters.clone();
            twice.push(extra);
            put(&format!("{how}, at the end"), &twice);
            twice.rotate_right(1);
            put(&format!("{how}, at the front"), &twice);
        }
        let others = other.split('&').filter_map(|pair| pair.split_once('='));
        for (_, theirs) in others.filter(|(theirs, _)| *theirs == name).filter(|(_, theirs)| *theirs != value)
        {
            let theirs = format!("{name}={theirs}");
            let mut swapped = parameters.clone();
            swapped[at] = &theirs;
            put("swapped with another order's", &swapped);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_as_it_was() {
        let query = "a=1&b=x%2F";
        let all = tampered(query, "a=2&b=x%2F");
        assert!(all.iter().all(|tampered| tampered.query != query));
        let has = |query: &str| all.iter().any(|tampered| tampered.query == query);
        for wanted in ["x=1&b=x%2F", "a=1&b=y%2F", "b=x%2F", "a=1&b=x%2F&a=1", "b=x&a=1&b=x%2F", "a=2&b=x%2F"]
        {
            assert!(has(wanted), "{wanted} is not in {all:#?}");
        }
        assert_eq!(all.len(), query.len() + 2 * 5 + 1);
    }
}
