//! Descriptors by their keys: what storage backends and handlers have in common.

use std::collections::BTreeMap;

/// A descriptor that a crate submits.
pub(crate) trait Plugin: Copy {
    /// Its name in messages.
    fn name(&self) -> &'static str;

    /// What it is looked up by.
    fn keys(&self) -> &[&'static str];
}

/// Descriptors, sorted by key and then by name. The order in which a linker met them never shows.
#[derive(Clone, Debug)]
pub(crate) struct Plugins<P>(BTreeMap<&'static str, Vec<P>>);

impl<P: Plugin> Plugins<P> {
    /// Adds one under each of its keys.
    pub(crate) fn add(&mut self, plugin: P) {
        for key in plugin.keys() {
            let same = self.0.entry(key).or_default();
            let at = same.partition_point(|other| other.name() <= plugin.name());
            same.insert(at, plugin);
        }
    }

    /// All that have this key, with the key; more than one is a clash.
    pub(crate) fn find(&self, key: &str) -> Option<(&'static str, &[P])> {
        self.0.get_key_value(key).map(|(key, plugins)| (*key, plugins.as_slice()))
    }

    /// The keys, sorted.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

impl<P: Plugin> FromIterator<P> for Plugins<P> {
    fn from_iter<I: IntoIterator<Item = P>>(plugins: I) -> Self {
        let mut all = Self(BTreeMap::new());
        plugins.into_iter().for_each(|plugin| all.add(plugin));
        all
    }
}
