//! The little language of a payment reason: text, a few tags, and `{values}`.

use proc_macro2::Ident;
use syn::LitStr;
use syn::ext::IdentExt as _;

use crate::symbol;

/// A reason as it was written, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(String),
    Value(Value),
}

/// `{title}`, `{artist.name:>20}`, `{shown()}`.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) first: Step,
    pub(crate) rest: Vec<Step>,
    /// What stands after the colon.
    pub(crate) spec: String,
    /// Fields that the spec takes a width or precision from: `len` in `{title:.len$}`.
    pub(crate) counts: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A field, by name or by number.
    Field(String),
    /// A method without arguments.
    Call(Ident),
}

impl Template {
    /// Takes a reason apart, and says all that is wrong with it.
    pub(crate) fn parse(literal: &LitStr) -> (Self, Vec<String>) {
        let mut errors = Vec::new();
        let pieces = pieces(&literal.value(), literal, &mut errors);
        check_tags(&pieces, &mut errors);
        if errors.is_empty() && is_blank(&pieces) {
            errors.push(
                "the payment reason is empty; say what the buyer pays for, or leave the word out".to_owned(),
            );
        }
        (Self { pieces }, errors)
    }
}

fn pieces(source: &str, literal: &LitStr, errors: &mut Vec<String>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = source;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..at + 1];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
        } else if brace == "}" {
            errors.push("a `}` without its `{`; write `}}` for the sign itself".to_owned());
        } else if let Some(end) = rest.find(['{', '}']).filter(|end| rest.as_bytes()[*end] == b'}') {
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            match value(&rest[..end], literal) {
                Ok(value) => pieces.push(Piece::Value(value)),
                Err(error) => errors.push(error),
            }
            rest = &rest[end + 1..];
        } else {
            errors.push(format!(
                "the brace before `{}` is not closed; write `{{field}}`, or `{{{{` for the sign itself",
                shown(rest)
            ));
            pieces.push(Piece::Text(text));
            return pieces;
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// The beginning of a text, for a message.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(12).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn value(source: &str, literal: &LitStr) -> Result<Value, String> {
    let (path, spec) = source.split_once(':').unwrap_or((source, ""));
    if path.trim().is_empty() {
        return Err("a value needs a name: `{field}` or `{method()}`".to_owned());
    }
    let mut steps = path.split('.').map(|step| self::step(step.trim(), literal));
    let first = steps.next().unwrap_or_else(|| Err(String::new()))?;
    let rest = steps.collect::<Result<_, _>>()?;
    Ok(Value { first, rest, spec: spec.to_owned(), counts: counts(spec)? })
}

fn step(source: &str, literal: &LitStr) -> Result<Step, String> {
    let wrong = || {
        format!("`{source}` is not a field or method; write `{{field}}`, `{{field.sub}}` or `{{method()}}`")
    };
    if !source.is_empty() && source.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Step::Field(source.to_owned()));
    }
    let (name, call) = match source.strip_suffix("()") {
        Some(name) => (name.trim_end(), true),
        None => (source, false),
    };
    if !call && source.ends_with(')') {
        return Err(format!("`{source}` has arguments; a method in a reason takes none: `{{method()}}`"));
    }
    let ident = identifier(name, literal).ok_or_else(wrong)?;
    Ok(if call { Step::Call(ident) } else { Step::Field(ident.unraw().to_string()) })
}

/// A name as an identifier at the place of the literal, raw where it is a keyword.
pub(crate) fn identifier(name: &str, literal: &LitStr) -> Option<Ident> {
    let mut ident = syn::parse_str::<Ident>(name)
        .or_else(|_| syn::parse_str::<Ident>(&format!("r#{}", name.strip_prefix("r#").unwrap_or(name))))
        .ok()?;
    ident.set_span(literal.span());
    Some(ident)
}

/// The names before `$` in a format spec.
fn counts(spec: &str) -> Result<Vec<String>, String> {
    if spec.contains(".*") {
        return Err("`.*` takes a number from the arguments, and a reason has none; write `{field:.count$}`"
            .to_owned());
    }
    let mut counts: Vec<String> = Vec::new();
    for part in spec.split('$').rev().skip(1) {
        let name: String = {
            let tail: Vec<char> =
                part.chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            tail.into_iter().rev().collect()
        };
        // Flags such as `0` may stand directly before a name.
        let name = name.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned();
        if name.is_empty() {
            return Err("a number before `$` counts arguments, and a reason has none; name a field: `{field:.count$}`"
                .to_owned());
        }
        if !counts.contains(&name) {
            counts.push(name);
        }
    }
    Ok(counts)
}

/// Whether a buyer would see nothing.
fn is_blank(pieces: &[Piece]) -> bool {
    pieces.iter().all(|piece| match piece {
        Piece::Value(_) => false,
        Piece::Text(text) => {
            let mut inside = false;
            text.chars().all(|c| {
                let shown = !inside && c != '<' && !c.is_whitespace();
                inside = if inside { c != '>' } else { c == '<' };
                !shown
            })
        }
    })
}

/// Checks the tags of the literal text. A value is never a tag, since it is escaped; so one cannot stand inside a tag.
fn check_tags(pieces: &[Piece], errors: &mut Vec<String>) {
    let mut refused: Vec<&str> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let Piece::Text(text) = piece else { continue };
        let mut rest = text.as_str();
        while let Some(open) = rest.find('<') {
            rest = &rest[open + 1..];
            let Some(close) = rest.find('>') else {
                let before_value = rest.is_empty() && at + 1 < pieces.len();
                if before_value || rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
                    errors.push(format!(
                        "the tag `<{}` is not closed in the text; a value cannot be a part of a tag, and `&lt;` is the sign itself",
                        shown(rest)
                    ));
                }
                break;
            };
            let tag = &rest[..close];
            if !tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
                continue;
            }
            rest = &rest[close + 1..];
            // One error for a tag and its end.
            let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
            if let (Some(error), false) = (check_tag(tag), refused.contains(&name)) {
                errors.push(error);
                refused.push(name);
            }
        }
    }
}

fn check_tag(tag: &str) -> Option<String> {
    let name = tag.strip_prefix('/').unwrap_or(tag);
    let name = name.strip_suffix('/').unwrap_or(name).trim_end();
    if TAGS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return None;
    }
    let list = TAGS.map(|tag| format!("<{tag}>")).join(" ");
    let word = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    Some(if TAGS.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        format!("`<{tag}>` has attributes, which the buyer pages drop; write `<{word}>`")
    } else {
        let near = match symbol::nearest(word, TAGS) {
            Some(near) if word.len() > 2 => format!("; did you mean `<{near}>`?"),
            _ => String::new(),
        };
        format!("the buyer pages ignore `<{tag}>`; they know {list}{near}")
    })
}

/// The tags that the buyer pages format by.
const TAGS: [&str; 9] = ["b", "i", "u", "ul", "li", "br", "em", "strong", "strike"];

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn parse(text: &str) -> Result<Vec<String>, Vec<String>> {
        let (template, errors) = Template::parse(&LitStr::new(text, Span::call_site()));
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(template
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Value(value) => {
                    let steps: Vec<String> = std::iter::once(&value.first)
                        .chain(&value.rest)
                        .map(|step| match step {
                            Step::Field(name) => name.clone(),
                            Step::Call(name) => format!("{name}()"),
                        })
                        .collect();
                    format!("[{}|{}|{}]", steps.join("."), value.spec, value.counts.join(","))
                }
            })
            .collect())
    }

    #[test]
    fn a_template_is_text_and_values() {
        for (text, pieces) in [
            ("a song", &["a song"][..]),
            ("{title} - {artist.name}", &["[title||]", " - ", "[artist.name||]"]),
            ("{{{title}}}", &["{", "[title||]", "}"]),
            ("{0:>8}{shown()}", &["[0|>8|]", "[shown()||]"]),
            ("{title:.len$}", &["[title|.len$|len]"]),
            ("{title:0width$.len$}", &["[title|0width$.len$|len,width]"]),
            ("{type} {r#fn()}", &["[type||]", " ", "[r#fn()||]"]),
            ("<B>{title}</b><br/> 3 < 4 <3", &["<B>", "[title||]", "</b><br/> 3 < 4 <3"]),
        ] {
            assert_eq!(
                parse(text).as_deref(),
                Ok(pieces.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).as_deref(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_a_template_is_said() {
        for (text, error) in [
            ("", "is empty"),
            (" <br> ", "is empty"),
            ("{title", "not closed"),
            ("{title {artist}", "not closed"),
            ("title}", "without its `{`"),
            ("{}", "needs a name"),
            ("{:?}", "needs a name"),
            ("{a b}", "not a field or method"),
            ("{a.}", "not a field or method"),
            ("{shown(1)}", "has arguments"),
            ("{title:.*}", "`.*`"),
            ("{title:.1$}", "number before `$`"),
            ("<p>{title}</p>", "ignore `<p>`"),
            ("<a href='x'>buy</a>", "ignore `<a href='x'>`"),
            ("<b class='x'>buy</b>", "has attributes"),
            ("<strnog>buy</strong>", "did you mean `<strong>`?"),
            ("<!-- x --> y", "ignore `<!-- x -->`"),
            ("<{title}>", "not closed in the text"),
            ("a <b {title}", "not closed in the text"),
        ] {
            let errors = parse(text).unwrap_err().join("\n");
            assert!(errors.contains(error), "{text:?}: {errors}");
        }
    }

    #[test]
    fn all_errors_of_a_template_come_at_once() {
        assert_eq!(parse("{} {a b} }").unwrap_err().len(), 3);
        assert_eq!(parse("<p>a</p> <q>b {").unwrap_err().len(), 3);
    }
}
