//! A small read-only tree of an XML answer.
//!
//! Names are local names: clients of different versions get different namespaces, and errors have none. What an answer
//! has no use for is refused rather than skipped: document types, entities of the document's own, nesting deeper than
//! [`MAX_DEPTH`], documents larger than [`MAX_ANSWER_BYTES`].

use std::borrow::Cow;
use std::fmt;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use crate::client::MAX_ANSWER_BYTES;

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 32;

/// A document: its elements in order, borrowing names and most texts from the bytes it was read from.
///
/// `Debug` shows how many elements it has, never their text.
///
/// ```
/// use fps_core::response::Document;
///
/// let document = Document::parse(b"<PayResponse><PayResult><Status>Success</Status></PayResult></PayResponse>")?;
/// let result = document.root().child("PayResult");
/// assert_eq!(result.child("Status").text(), "Success");
/// assert!(!result.child("Other").is_present());
/// # Ok::<(), fps_core::response::XmlError>(())
/// ```
#[derive(Clone)]
pub struct Document<'a> {
    nodes: Vec<Node<'a>>,
}

impl<'a> Document<'a> {
    /// Reads a whole document.
    ///
    /// # Errors
    ///
    /// [`XmlError`] by the first rule broken.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, XmlError> {
        if bytes.len() > MAX_ANSWER_BYTES {
            return Err(XmlError::TooLarge);
        }
        let text = str::from_utf8(bytes).map_err(|_| XmlError::Utf8)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader::from_str(text);
        let mut tree = Tree { nodes: Vec::with_capacity(8), open: Vec::with_capacity(8) };
        loop {
            // Where the next event begins: names are sliced from the text itself, because events lend them only as
            // long as they live.
            let at = usize::try_from(reader.buffer_position()).map_err(|_| XmlError::TooLarge)?;
            match reader.read_event().map_err(|_| XmlError::Malformed { position: at })? {
                Event::Start(start) => tree.open(local_name(text, at, start.name().0.len()), at)?,
                Event::Empty(start) => {
                    tree.open(local_name(text, at, start.name().0.len()), at)?;
                    tree.close();
                }
                Event::End(_) => tree.close(),
                Event::Text(piece) => tree.text(piece.into_inner(), at)?,
                Event::CData(piece) => tree.text(piece.into_inner(), at)?,
                Event::GeneralRef(entity) => {
                    if let Ok(Some(character)) = entity.resolve_char_ref() {
                        tree.text(Cow::Owned(character.to_string()), at)?;
                    } else if let Some(predefined) = resolve_xml_entity(&entity) {
                        tree.text(Cow::Borrowed(predefined), at)?;
                    } else {
                        return Err(XmlError::Entity { position: at });
                    }
                }
                Event::DocType(_) => return Err(XmlError::DocumentType { position: at }),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => return tree.finish(text.len()),
            }
        }
    }

    /// The outermost element.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        Element { nodes: &self.nodes, at: 0 }
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} elements)", self.nodes.len())
    }
}

/// One element of a [`Document`], or the absence of one: a child that is not there reads as empty, so that a path can be
/// walked without asking at each step.
///
/// `Debug` shows its name, never its text.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    nodes: &'d [Node<'d>],
    at: usize,
}

impl<'d> Element<'d> {
    pub(crate) const ABSENT: Self = Self { nodes: &[], at: 0 };

    /// Whether the element is there.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// The name without its namespace prefix.
    #[must_use]
    pub fn name(&self) -> &'d str {
        self.node().map_or("", |node| node.name)
    }

    /// The text directly within the element, white space around it removed.
    #[must_use]
    pub fn text(&self) -> &'d str {
        self.node().map_or("", |node| node.text.trim_ascii())
    }

    /// The first child of that name.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        self.children().find(|child| child.name() == name).unwrap_or(Self::ABSENT)
    }

    /// The children in order.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'d> {
        let nodes = self.nodes;
        let mut next = self.node().and_then(|node| node.first_child);
        std::iter::from_fn(move || {
            let at = next?;
            next = nodes[at].next_sibling;
            Some(Self { nodes, at })
        })
    }

    fn node(&self) -> Option<&'d Node<'d>> {
        self.nodes.get(self.at)
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", self.name())
    }
}

/// Why bytes are not a document that is read here. Positions are in bytes; no text of the document is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlError {
    /// Over 1 MiB.
    #[error("the document is over {MAX_ANSWER_BYTES} bytes")]
    TooLarge,
    /// The bytes are not UTF-8.
    #[error("the document is not UTF-8")]
    Utf8,
    /// Not well-formed: cut off, a tag unclosed or crossed, text outside the root, or more than one root.
    #[error("the document is not well-formed XML at byte {position}")]
    Malformed {
        /// Where.
        position: usize,
    },
    /// It has a document type, which could define entities.
    #[error("the document has a document type at byte {position}; these are refused")]
    DocumentType {
        /// Where.
        position: usize,
    },
    /// It uses an entity other than the five of XML itself.
    #[error("the document uses an entity of its own at byte {position}; these are refused")]
    Entity {
        /// Where.
        position: usize,
    },
    /// Elements nest deeper than 32.
    #[error("the document nests deeper than {MAX_DEPTH} elements at byte {position}")]
    TooDeep {
        /// Where.
        position: usize,
    },
}

#[derive(Clone)]
struct Node<'a> {
    name: &'a str,
    text: Cow<'a, str>,
    first_child: Option<usize>,
    last_child: Option<usize>,
    next_sibling: Option<usize>,
}

/// The tree as it grows: `open` holds the way from the root to the innermost open element.
struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    open: Vec<usize>,
}

impl<'a> Tree<'a> {
    fn open(&mut self, name: &'a str, position: usize) -> Result<(), XmlError> {
        if self.open.len() == MAX_DEPTH {
            return Err(XmlError::TooDeep { position });
        }
        let at = self.nodes.len();
        match self.open.last() {
            Some(&parent) => match self.nodes[parent].last_child.replace(at) {
                Some(sibling) => self.nodes[sibling].next_sibling = Some(at),
                None => self.nodes[parent].first_child = Some(at),
            },
            None if at == 0 => {}
            None => return Err(XmlError::Malformed { position }),
        }
        self.nodes.push(Node {
            name,
            text: Cow::Borrowed(""),
            first_child: None,
            last_child: None,
            next_sibling: None,
        });
        self.open.push(at);
        Ok(())
    }

    /// The reader has checked that the end tag matches the innermost start tag.
    fn close(&mut self) {
        self.open.pop();
    }

    fn text(&mut self, piece: Cow<'a, str>, position: usize) -> Result<(), XmlError> {
        match self.open.last() {
            Some(&at) => {
                let text = &mut self.nodes[at].text;
                if text.is_empty() {
                    *text = piece;
                } else {
                    text.to_mut().push_str(&piece);
                }
                Ok(())
            }
            None if piece.trim_ascii().is_empty() => Ok(()),
            None => Err(XmlError::Malformed { position }),
        }
    }

    fn finish(self, position: usize) -> Result<Document<'a>, XmlError> {
        if self.nodes.is_empty() || !self.open.is_empty() {
            return Err(XmlError::Malformed { position });
        }
        Ok(Document { nodes: self.nodes })
    }
}

/// The name without prefix of the tag that begins at `at` with `<`.
fn local_name(text: &str, at: usize, len: usize) -> &str {
    let name = &text[at + 1..at + 1 + len];
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_local_and_texts_are_whole() {
        let document = Document::parse(
            "\u{feff}<?xml version=\"1.0\"?><!-- note -->\n<f:A xmlns:f=\"urn:x\" b='c'>\n <B>\n  1 &lt;&#x32;<![CDATA[<3>]]>\n </B><C/><B>ü</B></f:A>\n"
                .as_bytes(),
        )
        .unwrap();
        let root = document.root();
        assert_eq!(root.name(), "A");
        assert_eq!(root.child("B").text(), "1 <2<3>");
        assert!(root.child("C").is_present());
        assert_eq!(root.child("C").text(), "");
        assert_eq!(root.children().filter(|child| child.name() == "B").count(), 2);
        assert_eq!(root.child("X").child("Y").text(), "");
    }

    #[test]
    fn what_an_answer_has_no_use_for_is_refused() {
        let deep = "<a>".repeat(MAX_DEPTH + 1) + &"</a>".repeat(MAX_DEPTH + 1);
        let just_deep_enough = "<a>".repeat(MAX_DEPTH) + &"</a>".repeat(MAX_DEPTH);
        assert!(Document::parse(just_deep_enough.as_bytes()).is_ok());
        let large = format!("<a>{}</a>", "x".repeat(MAX_ANSWER_BYTES));
        for (text, error) in [
            ("", XmlError::Malformed { position: 0 }),
            ("  ", XmlError::Malformed { position: 2 }),
            ("text", XmlError::Malformed { position: 0 }),
            ("<a>", XmlError::Malformed { position: 3 }),
            ("<a><b></a></b>", XmlError::Malformed { position: 6 }),
            ("<a/><b/>", XmlError::Malformed { position: 4 }),
            ("<a/>text", XmlError::Malformed { position: 4 }),
            ("<a>&x;</a>", XmlError::Entity { position: 3 }),
            ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", XmlError::DocumentType { position: 0 }),
            (deep.as_str(), XmlError::TooDeep { position: 3 * MAX_DEPTH }),
            (large.as_str(), XmlError::TooLarge),
        ] {
            let shown = &text[..text.len().min(60)];
            assert_eq!(Document::parse(text.as_bytes()).err(), Some(error), "{shown}");
        }
        assert_eq!(Document::parse(b"<a>\xff</a>").err(), Some(XmlError::Utf8));
    }

    #[test]
    fn texts_never_show() {
        let document = Document::parse(b"<a>SECRET_MARKER</a>").unwrap();
        assert_eq!(format!("{document:?} {:?}", document.root()), "Document(1 elements) Element(a)");
    }
}
