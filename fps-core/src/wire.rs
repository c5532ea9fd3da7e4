//! Enumerations of the wire: known spellings, and `Other` for what comes new.

/// Makes such enumerations: reading, writing, printing and storing them by their spelling.
macro_rules! wire_enums {
    ($($(#[$doc:meta])* $kind:ident { $($(#[$note:meta])* $name:ident = $wire:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $kind {
            $(#[doc = concat!("`", $wire, "`.")] $(#[$note])* $name,)*
            /// A value that this version does not know, as it came.
            Other(String),
        }

        impl $kind {
            /// Reads it from the wire, spelled exactly; an unknown value is kept.
            #[must_use]
            pub fn from_wire(text: &str) -> Self {
                match text {
                    $($wire => Self::$name,)*
                    other => Self::Other(other.to_owned()),
                }
            }

            /// As it goes over the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $wire,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <std::borrow::Cow<'de, str>>::deserialize(deserializer).map(|text| Self::from_wire(&text))
            }
        }
    )*};
}

pub(crate) use wire_enums;
