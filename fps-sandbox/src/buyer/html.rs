//! Reading the sandbox's own pages, which are well-formed.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// What a buyer sees of a page.
#[derive(Debug, Default)]
pub(super) struct PageText {
    pub(super) heading: String,
    pub(super) text: String,
    /// What stands in the element with `role="alert"`.
    pub(super) alert: Option<String>,
    pub(super) forms: Vec<Form>,
}

#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) fields: Vec<Field>,
    pub(super) buttons: Vec<Button>,
}

#[derive(Debug, Default)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) checked: bool,
}

#[derive(Debug, Default)]
pub(super) struct Button {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) label: String,
}

/// Reads a page.
pub(super) fn read(html: &str) -> Result<PageText, quick_xml::Error> {
    let mut reader = Reader::from_str(html);
    let mut page = PageText::default();
    let mut open: Vec<(String, bool)> = Vec::new();
    loop {
        match reader.read_event()? {
            Event::Start(tag) => {
                let name = name(&tag);
                take(&mut page, &name, &tag)?;
                let alerts = attribute(&tag, "role")?.as_deref() == Some("alert");
                open.push((name, alerts));
            }
            Event::Empty(tag) => take(&mut page, &name(&tag), &tag)?,
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) => push(&mut page, &open, &text),
            Event::GeneralRef(entity) => {
                let character = match entity.resolve_char_ref()? {
                    Some(character) => character.to_string(),
                    None => match &*entity {
                        "lt" => "<".to_owned(),
                        "gt" => ">".to_owned(),
                        "amp" => "&".to_owned(),
                        "quot" => "\"".to_owned(),
                        _ => "'".to_owned(),
                    },
                };
                push(&mut page, &open, &character);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    for text in [&mut page.heading, &mut page.text].into_iter().chain(page.alert.as_mut()) {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    for button in page.forms.iter_mut().flat_map(|form| &mut form.buttons) {
        button.label = button.label.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    Ok(page)
}

fn take(page: &mut PageText, name: &str, tag: &BytesStart<'_>) -> Result<(), quick_xml::Error> {
    let text = |name| attribute(tag, name).map(Option::unwrap_or_default);
    match (name, page.forms.last_mut()) {
        ("form", _) => page.forms.push(Form { action: text("action")?, ..Form::default() }),
        ("input", Some(form)) => form.fields.push(Field {
            name: text("name")?,
            kind: text("type")?,
            value: text("value")?,
            checked: attribute(tag, "checked")?.is_some(),
        }),
        ("button", Some(form)) => {
            form.buttons.push(Button { name: text("name")?, value: text("value")?, label: String::new() });
        }
        _ => {}
    }
    // Blocks stand apart.
    if !["b", "i", "u", "em", "strong", "strike", "a", "span"].contains(&name) {
        page.text.push(' ');
    }
    Ok(())
}

fn push(page: &mut PageText, open: &[(String, bool)], text: &str) {
    let within = |name: &str| open.iter().any(|(one, _)| one == name);
    if within("head") {
        return;
    }
    page.text.push_str(text);
    if within("h1") {
        page.heading.push_str(text);
    }
    if open.iter().any(|(_, alerts)| *alerts) {
        page.alert.get_or_insert_default().push_str(text);
    }
    if within("button") {
        let button = page.forms.last_mut().and_then(|form| form.buttons.last_mut());
        if let Some(button) = button {
            button.label.push_str(text);
        }
    }
}

fn name(tag: &BytesStart<'_>) -> String {
    tag.local_name().as_ref().to_owned()
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, quick_xml::Error> {
    let found = tag.try_get_attribute(name)?;
    Ok(found.map(|value| unescape(&value.value)))
}

fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}
