//! The payment reason: text with a few tags.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::rc::Rc;
use std::sync::Arc;

/// A value inside a payment reason, shown as text whatever it holds.
///
/// A reason is limited HTML, so `<` and `&` of a value are written `&lt;` and `&amp;`: a title such as `<b>` or
/// `AT&T <3` is read as it is, and only the tags that you write yourself format. The derive wraps every value of a
/// template in it.
///
/// ```
/// use fps_core::checkout::AsText;
///
/// assert_eq!(format!("<i>{}</i>", AsText(&"AT&T <3")), "<i>AT&amp;T &lt;3</i>");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AsText<'a, T: ?Sized>(pub &'a T);

impl<T: fmt::Display + ?Sized> fmt::Display for AsText<'_, T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escape(f), "{}", self.0)
    }
}

/// Passes text on, with what could begin a tag or an entity escaped.
struct Escape<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Escape<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut plain = 0;
        for (at, byte) in text.bytes().enumerate() {
            let escaped = match byte {
                b'<' => "&lt;",
                b'&' => "&amp;",
                _ => continue,
            };
            self.0.write_str(&text[plain..at])?;
            self.0.write_str(escaped)?;
            plain = at + 1;
        }
        self.0.write_str(&text[plain..])
    }
}

/// The text with what could begin a tag or an entity escaped.
pub(super) fn escape(text: &str) -> String {
    if text.bytes().any(|byte| matches!(byte, b'<' | b'&')) {
        AsText(text).to_string()
    } else {
        text.to_owned()
    }
}

/// A type whose value can be the whole payment reason: text, or an `Option` of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text",
    label = "expected text, such as `String`, `&str` or an `Option` of one",
    note = "to show a value of another type, name it in a template: `#[checkout(payment_reason = \"{{field}}\")]` on the struct"
)]
pub trait ReasonText {
    /// The text; `None` where there is no reason.
    fn reason_text(&self) -> Option<&str>;
}

impl ReasonText for str {
    #[inline]
    fn reason_text(&self) -> Option<&str> {
        Some(self)
    }
}

impl ReasonText for String {
    #[inline]
    fn reason_text(&self) -> Option<&str> {
        Some(self)
    }
}

impl<T: ReasonText> ReasonText for Option<T> {
    #[inline]
    fn reason_text(&self) -> Option<&str> {
        self.as_ref().and_then(T::reason_text)
    }
}

impl<T: ReasonText + ToOwned + ?Sized> ReasonText for Cow<'_, T> {
    #[inline]
    fn reason_text(&self) -> Option<&str> {
        (**self).reason_text()
    }
}

/// Pointers to text are text.
macro_rules! through_pointers {
    ($($pointer:ty),*) => {$(
        impl<T: ReasonText + ?Sized> ReasonText for $pointer {
            #[inline]
            fn reason_text(&self) -> Option<&str> {
                (**self).reason_text()
            }
        }
    )*};
}

through_pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_begin_a_tag_is_escaped() {
        for (value, shown) in [
            ("Now and Forever", "Now and Forever"),
            ("<b>", "&lt;b>"),
            ("AT&T <3", "AT&amp;T &lt;3"),
            ("&lt;", "&amp;lt;"),
            ("ü<", "ü&lt;"),
            ("", ""),
        ] {
            assert_eq!(AsText(value).to_string(), shown, "{value:?}");
        }
        assert_eq!(AsText(&format_args!("{:>4}", '<')).to_string(), "   &lt;");
    }

    #[test]
    fn a_reason_is_read_through_options_and_pointers() {
        assert_eq!(Some(Box::new("a")).reason_text(), Some("a"));
        assert_eq!(Cow::Borrowed("a").reason_text(), Some("a"));
        assert_eq!(None::<String>.reason_text(), None);
    }
}
