//! A program's statements.

use super::lex::{Lexed, Lexeme, LexemeKind, lex};
use super::{Mistake, Place};

/// A statement, not yet looked at for its meaning.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) symbol: String,
    pub(super) symbol_at: Place,
    /// `==`, `in`, …
    pub(super) operator: String,
    pub(super) operator_at: Place,
    pub(super) literal: Literal,
    pub(super) literal_at: Place,
    pub(super) or_say: Option<String>,
}

#[derive(Debug)]
pub(super) enum Literal {
    Text(String),
    Number(String),
}

/// The statements of a program, and its mistakes. After a mistake it goes on behind the next semicolon.
pub(super) fn statements(program: &str) -> (Vec<Statement>, Vec<Mistake>) {
    let Lexed { lexemes, mut mistakes, end, unclosed } = lex(program);
    let mut parser = Parser { rest: &lexemes, end };
    let mut statements = Vec::new();
    while !parser.rest.is_empty() {
        match parser.statement() {
            Ok(statement) => statements.push(statement),
            Err(mistake) => {
                // The end was told already, if it lies within a string.
                if mistake.at != end || !unclosed {
                    mistakes.push(mistake);
                }
                parser.recover();
            }
        }
    }
    (statements, mistakes)
}

struct Parser<'a> {
    rest: &'a [Lexeme],
    end: Place,
}

impl Parser<'_> {
    fn statement(&mut self) -> Result<Statement, Mistake> {
        let (symbol_at, symbol) = self.take("a symbol", |kind| match kind {
            LexemeKind::Word(word) if !is_reserved(word) => Some(word.clone()),
            _ => None,
        })?;
        let (operator_at, operator) = self.take("an operator", |kind| match kind {
            LexemeKind::Operator(operator) => Some((*operator).to_owned()),
            LexemeKind::Word(word) if word == "in" => Some(word.clone()),
            _ => None,
        })?;
        let (literal_at, literal) = self.take("a literal", |kind| match kind {
            LexemeKind::Text(text) => Some(Literal::Text(text.clone())),
            LexemeKind::Number(number) => Some(Literal::Number(number.clone())),
            _ => None,
        })?;
        let says =
            matches!(self.rest.first(), Some(Lexeme { kind: LexemeKind::Word(word), .. }) if word == "orSay");
        let or_say = if says {
            self.rest = &self.rest[1..];
            let (_, text) = self.take("'''", |kind| match kind {
                LexemeKind::Text(text) => Some(text.clone()),
                _ => None,
            })?;
            Some(text)
        } else {
            None
        };
        self.take("';'", |kind| (*kind == LexemeKind::Stop).then_some(()))?;
        Ok(Statement { symbol, symbol_at, operator, operator_at, literal, literal_at, or_say })
    }

    fn take<T>(
        &mut self,
        wanted: &str,
        read: impl Fn(&LexemeKind) -> Option<T>,
    ) -> Result<(Place, T), Mistake> {
        let Some(next) = self.rest.first() else {
            let Place { line, column } = self.end;
            let text = format!("line {line}:{column}: expecting {wanted}, found '<EOF>'");
            return Err(Mistake::rule(self.end, text));
        };
        let Some(value) = read(&next.kind) else {
            let Place { line, column } = next.at;
            let text = format!("line {line}:{column}: unexpected token: {}", next.shown());
            return Err(Mistake::rule(next.at, text));
        };
        self.rest = &self.rest[1..];
        Ok((next.at, value))
    }

    /// Goes behind the next semicolon.
    fn recover(&mut self) {
        let stop = self.rest.iter().position(|one| one.kind == LexemeKind::Stop);
        self.rest = stop.map_or(&[], |stop| &self.rest[stop + 1..]);
    }
}

fn is_reserved(word: &str) -> bool {
    matches!(word, "in" | "orSay")
}
