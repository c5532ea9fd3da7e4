//! The HTML of `paymentReason`, cleaned.

/// Keeps the tags that the service allows, without their attributes, and the text of all others; `script` and `style` go
/// with their content. The result is well-formed, whatever came in.
pub(crate) fn clean(reason: &str) -> String {
    let mut cleaned = String::with_capacity(reason.len());
    let mut open: Vec<&'static str> = Vec::new();
    let mut rest = reason;
    while let Some(at) = rest.find('<') {
        push_text(&mut cleaned, &rest[..at]);
        rest = &rest[at..];
        let Some((tag, length)) = tag(rest) else {
            cleaned.push_str("&lt;");
            rest = &rest[1..];
            continue;
        };
        rest = &rest[length..];
        match tag {
            Tag::Break => cleaned.push_str("<br />"),
            Tag::Open(name) => {
                open.push(name);
                cleaned.push_str(&format!("<{name}>"));
            }
            Tag::Close(name) => {
                if open.contains(&name) {
                    while let Some(last) = open.pop() {
                        cleaned.push_str(&format!("</{last}>"));
                        if last == name {
                            break;
                        }
                    }
                }
            }
            Tag::Hidden(name) => {
                let end = find_ignoring_case(rest, &format!("</{name}"));
                rest = end.map_or("", |end| &rest[end..]);
            }
            Tag::Other => {}
        }
    }
    push_text(&mut cleaned, rest);
    while let Some(last) = open.pop() {
        cleaned.push_str(&format!("</{last}>"));
    }
    cleaned
}

/// The text of a reason on one line, without any tag, as lists show it.
pub(crate) fn plain(reason: &str) -> String {
    let cleaned = clean(reason);
    let mut text = String::with_capacity(cleaned.len());
    let mut rest = cleaned.as_str();
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        // A break or a list's end keeps words apart; emphasis does not.
        if ["<br", "<li", "</l", "<ul", "</u"].iter().any(|block| rest[at..].starts_with(block)) {
            text.push(' ');
        }
        rest = &rest[end..];
    }
    text.push_str(rest);
    quick_xml::escape::unescape(&text).map_or_else(|_| text.clone(), std::borrow::Cow::into_owned)
}

enum Tag {
    Break,
    Open(&'static str),
    Close(&'static str),
    Hidden(String),
    Other,
}

/// The tag that the text begins with, and its length.
fn tag(text: &str) -> Option<(Tag, usize)> {
    let inside = text.strip_prefix('<')?;
    if inside.starts_with("!--") {
        let length = text.find("-->").map_or(text.len(), |end| end + 3);
        return Some((Tag::Other, length));
    }
    let closing = inside.starts_with('/');
    let name_at = usize::from(closing);
    let name: String = inside[name_at..].chars().take_while(char::is_ascii_alphanumeric).collect();
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) && !inside.starts_with(['!', '?']) {
        return None;
    }
    let length = text.find('>').map_or(text.len(), |end| end + 1);
    let name = name.to_ascii_lowercase();
    let known = ALLOWED.iter().copied().find(|allowed| *allowed == name);
    let tag = match known {
        Some("br") => Tag::Break,
        Some(name) if closing => Tag::Close(name),
        Some(name) => Tag::Open(name),
        None if !closing && HIDDEN.contains(&name.as_str()) => Tag::Hidden(name),
        None => Tag::Other,
    };
    Some((tag, length))
}

/// Text, with what reads as markup escaped. Entities of the five that XML knows, and numeric ones, stay.
fn push_text(cleaned: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '>']) {
        cleaned.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(entity) = entity(rest) {
            cleaned.push_str(entity);
            rest = &rest[entity.len()..];
        } else {
            cleaned.push_str(if rest.starts_with('&') { "&amp;" } else { "&gt;" });
            rest = &rest[1..];
        }
    }
    cleaned.push_str(rest);
}

fn entity(text: &str) -> Option<&str> {
    let entity = &text[..=text.find(';')?];
    let name = entity.strip_prefix('&')?.strip_suffix(';')?;
    let numeric = name.strip_prefix('#').is_some_and(|digits| {
        let code = match digits.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => digits.parse(),
        };
        code.ok().and_then(char::from_u32).is_some_and(|character| !character.is_control())
    });
    (numeric || ["lt", "gt", "amp", "quot", "apos"].contains(&name)).then_some(entity)
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
}

const ALLOWED: &[&str] = &["b", "i", "u", "ul", "li", "br", "em", "strong", "strike"];
const HIDDEN: &[&str] = &["script", "style"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_allowed_tags_stay() {
        for (reason, cleaned) in [
            ("Now and Forever - Richard Marx", "Now and Forever - Richard Marx"),
            ("<B onclick='x'>Now</B> <a href='x'>and</a><br>Forever", "<b>Now</b> and<br />Forever"),
            ("a<script>alert(1)</SCRIPT >b", "ab"),
            ("a<script>alert(1)", "a"),
            ("<ul><li>one<li>two</ul>", "<ul><li>one<li>two</li></li></ul>"),
            ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
            ("3 < 4 & 5 > 2", "3 &lt; 4 &amp; 5 &gt; 2"),
            ("&lt;b&gt; &amp; &#38; &nbsp; &#1;", "&lt;b&gt; &amp; &#38; &amp;nbsp; &amp;#1;"),
            ("<!-- x --><?php y ?>z", "z"),
            ("<img src=x onerror=alert(1)", ""),
            ("</b>", ""),
            ("ü<b>ß", "ü<b>ß</b>"),
        ] {
            assert_eq!(clean(reason), cleaned, "{reason}");
        }
    }

    #[test]
    fn lists_show_plain_text() {
        for (reason, text) in [("<b>Now</b>and<br>Forever", "Nowand Forever"), ("3 < 4 &amp; 5", "3 < 4 & 5")]
        {
            assert_eq!(plain(reason), text, "{reason}");
        }
    }

    #[test]
    fn whatever_comes_in_is_well_formed_after() {
        let pieces = [
            "<", ">", "b", "</", "<b>", "</i>", "<i", "&", ";", "#", "é", "<ul><li>", "<script>", "--",
            "<!--",
        ];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let html = format!("<p>{}</p>", clean(&format!("{first}{second}{third}{first}")));
                    let mut reader = quick_xml::Reader::from_str(&html);
                    loop {
                        match reader.read_event() {
                            Ok(quick_xml::events::Event::Eof) => break,
                            Ok(_) => {}
                            Err(error) => panic!("{first}{second}{third}{first}: {html}: {error}"),
                        }
                    }
                }
            }
        }
    }
}
