//! Reading the shop's own pages, as much as John needs.

/// A page of ours.
#[derive(Debug)]
pub(crate) struct Page(String);

/// A form as a browser would submit it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Page {
    pub(crate) fn new(html: String) -> Self {
        Self(html)
    }

    /// The first form.
    pub(crate) fn form(&self) -> Option<Form> {
        let (head, rest) = self.0.split_once("<form ")?.1.split_once('>')?;
        let (body, _) = rest.split_once("</form>")?;
        let field = |input: &str| {
            let (input, _) = input.split_once('>')?;
            Some((attribute(input, "name")?, attribute(input, "value")?))
        };
        let fields = body.split("<input ").skip(1).filter_map(field).collect();
        Some(Form { action: attribute(head, "action")?, fields })
    }

    /// What stands beside a name in the list of facts.
    pub(crate) fn fact(&self, name: &str) -> Option<String> {
        let (_, rest) = self.0.split_once(&format!("<dt>{name}</dt><dd"))?.1.split_once('>')?;
        Some(plain(rest.split_once("</dd>")?.0))
    }

    /// Where the first link leads whose words begin so.
    pub(crate) fn link_to(&self, words: &str) -> Option<String> {
        let links = self.0.split("<a ").skip(1);
        let mut leads = links.filter_map(|link| link.split_once('>'));
        let (tag, _) = leads.find(|(_, rest)| rest.trim_start().starts_with(words))?;
        attribute(tag, "href")
    }

    /// Whether the page looks again by itself, because there is more to come.
    pub(crate) fn looks_again(&self) -> bool {
        self.0.contains("http-equiv=\"refresh\"")
    }

    /// What a person reads on it.
    pub(crate) fn text(&self) -> String {
        let main = self.0.split_once("<main>").map_or(&*self.0, |(_, main)| main);
        let main = main.split_once("</main>").map_or(main, |(main, _)| main);
        let text: String = main
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
            .collect::<Vec<_>>()
            .join(" ");
        plain(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    Some(plain(rest.split_once('"')?.0))
}

fn plain(html: &str) -> String {
    html.replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn john_reads_what_a_browser_would_send() {
        let page = Page::new(
            "<main><form method=\"post\" action=\"/buy\">\n<input type=\"hidden\" name=\"item\" value=\"a&#38;b\">\
             <input type=\"hidden\" name=\"ticket\" value=\"1\"><button>Go</button></form>\
             <dl><dt>c. Id</dt><dd>X</dd></dl><a class=\"b\" href=\"/d\" download>Download it</a></main>"
                .to_owned(),
        );
        let fields =
            [("item", "a&b"), ("ticket", "1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(page.form(), Some(Form { action: "/buy".to_owned(), fields: fields.to_vec() }));
        assert_eq!(page.fact("c. Id"), Some("X".to_owned()));
        assert_eq!(page.fact("d. Id"), None);
        assert_eq!(page.link_to("Download"), Some("/d".to_owned()));
        assert_eq!(page.text(), "Go c. Id X Download it");
        assert!(!page.looks_again());
    }
}
