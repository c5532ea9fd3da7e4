//! A program's words.

use super::{Mistake, Place};

/// A word of a program, and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) at: Place,
    pub(super) kind: LexemeKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LexemeKind {
    /// A symbol, `in` or `orSay`.
    Word(String),
    /// A literal, without its quotes.
    Text(String),
    Number(String),
    /// `==`, `<=`, …
    Operator(&'static str),
    /// `;`
    Stop,
}

/// A program taken apart.
#[derive(Debug)]
pub(super) struct Lexed {
    pub(super) lexemes: Vec<Lexeme>,
    pub(super) mistakes: Vec<Mistake>,
    /// Where the program ends.
    pub(super) end: Place,
    /// Whether it ends within a string.
    pub(super) unclosed: bool,
}

impl Lexeme {
    /// As it stands in the program.
    pub(super) fn shown(&self) -> String {
        match &self.kind {
            LexemeKind::Word(word) | LexemeKind::Number(word) => word.clone(),
            LexemeKind::Text(text) => format!("'{text}'"),
            LexemeKind::Operator(operator) => (*operator).to_owned(),
            LexemeKind::Stop => ";".to_owned(),
        }
    }
}

/// Takes a program apart. What is no word at all is passed over and told.
pub(super) fn lex(program: &str) -> Lexed {
    let mut reader = Reader { rest: program, at: Place { line: 1, column: 1 } };
    let mut lexed = Lexed { lexemes: Vec::new(), mistakes: Vec::new(), end: reader.at, unclosed: false };
    loop {
        reader.take_while(char::is_whitespace);
        let at = reader.at;
        let Some(first) = reader.rest.chars().next() else { break };
        let kind = if first.is_alphabetic() {
            LexemeKind::Word(reader.take_while(char::is_alphanumeric).to_owned())
        } else if first.is_ascii_digit() {
            LexemeKind::Number(reader.take_while(|one| one.is_ascii_digit() || one == '.').to_owned())
        } else if first == '\'' {
            reader.skip(1);
            let text = reader.take_while(|one| one != '\'').to_owned();
            if reader.rest.is_empty() {
                lexed.unclosed = true;
                lexed.mistakes.push(Mistake::rule(reader.at, "expecting ''', found '<EOF>'"));
                break;
            }
            reader.skip(1);
            LexemeKind::Text(text)
        } else if first == ';' {
            reader.skip(1);
            LexemeKind::Stop
        } else if let Some(operator) = OPERATORS.iter().find(|one| reader.rest.starts_with(**one)) {
            reader.skip(operator.len());
            LexemeKind::Operator(operator)
        } else {
            reader.skip(1);
            let Place { line, column } = at;
            let text = format!("line {line}:{column}: unexpected char: '{first}'");
            lexed.mistakes.push(Mistake::rule(at, text));
            continue;
        };
        lexed.lexemes.push(Lexeme { at, kind });
    }
    lexed.end = reader.at;
    lexed
}

struct Reader<'a> {
    rest: &'a str,
    at: Place,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, characters: usize) {
        for _ in 0..characters {
            self.next();
        }
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let all = self.rest;
        while self.rest.chars().next().is_some_and(&fits) {
            self.next();
        }
        &all[..all.len() - self.rest.len()]
    }

    fn next(&mut self) {
        let mut characters = self.rest.chars();
        match characters.next() {
            Some('\n') => self.at = Place { line: self.at.line + 1, column: 1 },
            Some(_) => self.at.column += 1,
            None => {}
        }
        self.rest = characters.as_str();
    }
}

/// Longer ones first.
const OPERATORS: &[&str] = &["==", "!=", "<=", ">=", "=", "<", ">"];
