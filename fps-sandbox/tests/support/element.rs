//! XML of answers as a tree, as far as answers go: no comments, no mixed content.

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Self>,
}

impl Element {
    /// The root of a document without white space between its elements.
    pub(crate) fn read(document: &str) -> Self {
        let mut rest = document;
        let root = Self::take(&mut rest);
        assert_eq!(rest, "", "something follows the root of {document}");
        root
    }

    fn take(rest: &mut &str) -> Self {
        let (tag, inside) =
            rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).expect("a start tag");
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut one = Self {
            name: name.to_owned(),
            attributes: attributes.to_owned(),
            text: String::new(),
            children: Vec::new(),
        };
        *rest = inside;
        let end = format!("</{name}>");
        loop {
            if let Some(after) = rest.strip_prefix(&end) {
                *rest = after;
                return one;
            }
            if rest.starts_with('<') {
                one.children.push(Self::take(rest));
            } else {
                let (text, _) = rest.split_once('<').expect("an end tag");
                one.text.push_str(text);
                *rest = &rest[text.len()..];
            }
            assert!(one.text.is_empty() || one.children.is_empty(), "{name} mixes text and elements");
        }
    }

    /// Its children are these, in this order: `?` may be missing, `*` may repeat or be missing, `+` may repeat.
    pub(crate) fn has_children(&self, model: &str) {
        let mut left = self.children.iter().map(|child| child.name.as_str()).peekable();
        for part in model.split_whitespace() {
            let name = part.trim_end_matches(['?', '*', '+']);
            let mut count = 0;
            while left.next_if(|next| *next == name).is_some() {
                count += 1;
            }
            let fits = match &part[name.len()..] {
                "?" => count <= 1,
                "*" => true,
                "+" => count >= 1,
                _ => count == 1,
            };
            assert!(fits, "{name} comes {count} times where {model:?} is expected: {self:?}");
        }
        assert_eq!(left.next(), None, "too much, or out of order, where {model:?} is expected: {self:?}");
    }

    /// Calls back with every element inside and the name of its parent.
    pub(crate) fn walk(&self, visit: &mut impl FnMut(&str, &Self)) {
        for child in &self.children {
            visit(&self.name, child);
            child.walk(visit);
        }
    }
}
