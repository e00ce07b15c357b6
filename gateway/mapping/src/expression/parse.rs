//! Words to a tree, by descent. Weakest first: `|`, `if`, `or`, `and`, `not`, comparison, `where`, `+ -`, `* /`.

use std::ops::Range;

use super::lex::{Placed, Token, lex};
use super::{Calculation, Comparison, KEYWORDS, Node, NodeKind, Otherwise, SyntaxFault, Word};

/// Deeper nesting than any mapping needs; keeps a hostile file from using up the stack.
const DEEPEST: usize = 64;

/// What stands in `m:each`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Repeat {
    /// The name given to an entry, `line` of `line in order.lines`.
    pub(crate) name: Option<Word>,
    /// The path of the list.
    pub(crate) list: Node,
    /// What follows `where`.
    pub(crate) condition: Option<Node>,
}

/// Parses the text of a hole or a condition.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxFault> {
    let mut parser = Parser::new(text)?;
    let node = parser.pipe()?;
    parser.end("a function after `|`, an operator, or the end of the expression")?;
    Ok(node)
}

/// Parses a bare path.
pub(crate) fn parse_path(text: &str) -> Result<Node, SyntaxFault> {
    let mut parser = Parser::new(text)?;
    let node = parser.path()?;
    parser.end("a path alone, such as `order.bill_to`")?;
    Ok(node)
}

/// Parses the text of `m:each`.
pub(crate) fn parse_repeat(text: &str) -> Result<Repeat, SyntaxFault> {
    let mut parser = Parser::new(text)?;
    let mut name = None;
    if matches!(parser.token_at(1), Token::Word(word) if word == "in") {
        name = Some(parser.name()?);
        parser.advance();
    }
    let list = parser.path()?;
    let condition = if parser.take_word("where") { Some(parser.or()?) } else { None };
    parser.end("`order.lines`, `line in order.lines`, or either with `where …` behind it")?;
    Ok(Repeat { name, list, condition })
}

struct Parser {
    tokens: Vec<Placed>,
    at: usize,
    depth: usize,
}

// === impl Parser ===

impl Parser {
    fn new(text: &str) -> Result<Self, SyntaxFault> {
        Ok(Self { tokens: lex(text)?, at: 0, depth: 0 })
    }

    fn pipe(&mut self) -> Result<Node, SyntaxFault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault("the expression is nested too deeply", "at most 64 levels"));
        }
        let mut node = self.choice()?;
        while self.take_sign("|") {
            node = self.call(node)?;
        }
        self.depth -= 1;
        Ok(node)
    }

    fn call(&mut self, input: Node) -> Result<Node, SyntaxFault> {
        let function = match self.token() {
            Token::Word(_) => self.any_word()?,
            _ => return Err(self.fault("the name of a function is missing", "a function, such as `default`")),
        };
        let mut arguments = Vec::new();
        while self.begins_operand() {
            arguments.push(self.choice_or_sum()?);
        }
        let otherwise = if self.take_word("else") { Some(self.otherwise()?) } else { None };
        let span = input.span.start..self.last_end();
        let kind = NodeKind::Call { input: Box::new(input), function, arguments, otherwise };
        Ok(Node { kind, span })
    }

    fn otherwise(&mut self) -> Result<Otherwise, SyntaxFault> {
        let span = self.span();
        match self.token().clone() {
            Token::Word(_) => Ok(Otherwise::Word(self.any_word()?)),
            Token::Text(text) => {
                self.advance();
                Ok(Otherwise::Text(Word { text, span }))
            }
            _ => Err(self.fault("nothing stands after `else`", "`fail`, `pass`, `none` or a 'text'")),
        }
    }

    /// An argument: a sum, or an `if`.
    fn choice_or_sum(&mut self) -> Result<Node, SyntaxFault> {
        if self.is_word("if") { self.choice() } else { self.sum() }
    }

    fn choice(&mut self) -> Result<Node, SyntaxFault> {
        let start = self.span().start;
        if !self.take_word("if") {
            return self.or();
        }
        let condition = Box::new(self.or()?);
        if !self.take_word("then") {
            return Err(self.fault("`if` without `then`", "`then` after the condition"));
        }
        let then = Box::new(self.nested_choice()?);
        let otherwise = if self.take_word("else") { Some(Box::new(self.nested_choice()?)) } else { None };
        Ok(Node { kind: NodeKind::If { condition, then, otherwise }, span: start..self.last_end() })
    }

    fn nested_choice(&mut self) -> Result<Node, SyntaxFault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault("the expression is nested too deeply", "at most 64 levels"));
        }
        let node = self.choice();
        self.depth -= 1;
        node
    }

    fn or(&mut self) -> Result<Node, SyntaxFault> {
        let mut node = self.and()?;
        while self.take_word("or") {
            let right = self.and()?;
            node = joined(node, right, NodeKind::Or);
        }
        Ok(node)
    }

    fn and(&mut self) -> Result<Node, SyntaxFault> {
        let mut node = self.not()?;
        while self.take_word("and") {
            let right = self.not()?;
            node = joined(node, right, NodeKind::And);
        }
        Ok(node)
    }

    fn not(&mut self) -> Result<Node, SyntaxFault> {
        let start = self.span().start;
        let mut count = 0_usize;
        while self.take_word("not") {
            count += 1;
        }
        let mut node = self.comparison()?;
        for _ in 0..count.min(DEEPEST) {
            let span = start..node.span.end;
            node = Node { kind: NodeKind::Not(Box::new(node)), span };
        }
        Ok(node)
    }

    fn comparison(&mut self) -> Result<Node, SyntaxFault> {
        let left = self.selection()?;
        let Token::Sign(sign) = *self.token() else { return Ok(left) };
        let comparison = match sign {
            "=" => Comparison::Equal,
            "!=" => Comparison::Unequal,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            _ => return Ok(left),
        };
        self.advance();
        let right = self.selection()?;
        Ok(joined(left, right, |left, right| NodeKind::Compare(comparison, left, right)))
    }

    fn selection(&mut self) -> Result<Node, SyntaxFault> {
        let list = self.sum()?;
        if !self.take_word("where") {
            return Ok(list);
        }
        let condition = self.or()?;
        Ok(joined(list, condition, |list, condition| NodeKind::Where { list, condition }))
    }

    fn sum(&mut self) -> Result<Node, SyntaxFault> {
        let mut node = self.product()?;
        loop {
            let calculation = match self.token() {
                Token::Sign("+") => Calculation::Add,
                Token::Sign("-") => Calculation::Subtract,
                _ => return Ok(node),
            };
            self.advance();
            let right = self.product()?;
            node = joined(node, right, |left, right| NodeKind::Calculate(calculation, left, right));
        }
    }

    fn product(&mut self) -> Result<Node, SyntaxFault> {
        let mut node = self.operand()?;
        loop {
            let calculation = match self.token() {
                Token::Sign("*") => Calculation::Multiply,
                Token::Sign("/") => Calculation::Divide,
                _ => return Ok(node),
            };
            self.advance();
            let right = self.operand()?;
            node = joined(node, right, |left, right| NodeKind::Calculate(calculation, left, right));
        }
    }

    fn operand(&mut self) -> Result<Node, SyntaxFault> {
        let span = self.span();
        let kind = match self.token().clone() {
            Token::Sign("-") => {
                self.advance();
                let inner = self.unsigned()?;
                let span = span.start..inner.span.end;
                return Ok(Node { kind: NodeKind::Negative(Box::new(inner)), span });
            }
            Token::Sign("(") => return self.parenthesis(),
            Token::Text(text) => NodeKind::Text(text),
            Token::Number(number) => NodeKind::Number(number),
            Token::Word(word) if word == "true" || word == "false" => NodeKind::Flag(word == "true"),
            _ => return self.path(),
        };
        self.advance();
        Ok(Node { kind, span })
    }

    /// What may follow a minus sign.
    fn unsigned(&mut self) -> Result<Node, SyntaxFault> {
        if *self.token() == Token::Sign("-") {
            return Err(self.fault("two minus signs in a row", "a number or a path"));
        }
        self.operand()
    }

    fn parenthesis(&mut self) -> Result<Node, SyntaxFault> {
        self.advance();
        let node = self.pipe()?;
        if !self.take_sign(")") {
            return Err(self.fault("the parenthesis has no end", "a closing `)`"));
        }
        Ok(node)
    }

    fn path(&mut self) -> Result<Node, SyntaxFault> {
        let start = self.span().start;
        let mut words = vec![self.name()?];
        while self.take_sign(".") {
            words.push(self.name()?);
        }
        Ok(Node { kind: NodeKind::Path(words), span: start..self.last_end() })
    }

    fn name(&mut self) -> Result<Word, SyntaxFault> {
        match self.token() {
            Token::Word(word) if !KEYWORDS.contains(&word.as_str()) => self.any_word(),
            found => {
                let message = format!("{} stands where a value is needed", found.describe());
                Err(self.fault(&message, "a path, a 'text', a number, or `(`"))
            }
        }
    }

    fn any_word(&mut self) -> Result<Word, SyntaxFault> {
        let span = self.span();
        match self.token().clone() {
            Token::Word(text) => {
                self.advance();
                Ok(Word { text, span })
            }
            _ => Err(self.fault("a word is missing", "a word")),
        }
    }

    fn end(&self, expected: &str) -> Result<(), SyntaxFault> {
        match self.token() {
            Token::End => Ok(()),
            found => {
                let message = format!("{} is not expected here", found.describe());
                Err(self.fault(&message, expected))
            }
        }
    }

    fn begins_operand(&self) -> bool {
        match self.token() {
            Token::Word(word) => !matches!(word.as_str(), "else" | "then" | "and" | "or" | "where" | "in"),
            Token::Text(_) | Token::Number(_) | Token::Sign("(" | "-") => true,
            Token::Sign(_) | Token::End => false,
        }
    }

    fn token(&self) -> &Token {
        self.token_at(0)
    }

    fn token_at(&self, ahead: usize) -> &Token {
        self.tokens.get(self.at + ahead).map_or(&Token::End, |placed| &placed.token)
    }

    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0..0, |placed| placed.span.clone())
    }

    fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |placed| placed.span.end)
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.token(), Token::Word(found) if found == word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.token(), Token::Sign(found) if *found == sign);
        self.at += usize::from(found);
        found
    }

    fn fault(&self, message: &str, expected: &str) -> SyntaxFault {
        SyntaxFault { span: self.span(), message: message.to_owned(), expected: expected.to_owned() }
    }
}

fn joined(left: Node, right: Node, kind: impl FnOnce(Box<Node>, Box<Node>) -> NodeKind) -> Node {
    let span = left.span.start..right.span.end;
    Node { kind: kind(Box::new(left), Box::new(right)), span }
}
