//! Promises of the tree: what is taken, what is refused and where, each limit on both sides.

use gateway_model::codes::{self, Code};
use proptest::prelude::{Strategy, any, prop, proptest};

use super::Tree;
use crate::{Limits, Names, NamesBuilder, NodeId, Refusal, Symbol};

fn parse<'a>(text: &'a str, names: &Names) -> Tree<'a> {
    Tree::parse(text, names, &Limits::default()).unwrap_or_else(|refusal| panic!("{refusal}\n{text:?}"))
}

fn refusal(text: &str) -> Refusal {
    match Tree::parse(text, &Names::default(), &Limits::default()) {
        Ok(_) => panic!("taken: {text:?}"),
        Err(refusal) => refusal,
    }
}

/// The element that local names lead to.
fn find(tree: &Tree<'_>, path: &[&str]) -> NodeId {
    path.iter().fold(tree.root(), |node, step| {
        tree.children(node).find(|child| tree.local_name(*child) == *step).unwrap()
    })
}

/// Documents, what they are refused for, and where.
type Refused = &'static [(&'static str, Code, (u32, u32))];

const WHOLE: Refused = &[
    ("", codes::EMPTY_BODY, (1, 1)),
    (" \n\t", codes::EMPTY_BODY, (1, 1)),
    ("\u{FEFF}", codes::EMPTY_BODY, (1, 1)),
    ("text", codes::MALFORMED_XML, (1, 1)),
    ("<a/><b/>", codes::MALFORMED_XML, (1, 5)),
    ("<a></a>\n<a></a>", codes::MALFORMED_XML, (2, 1)),
    ("<a/>\n text", codes::MALFORMED_XML, (2, 2)),
    ("\n x<a/>", codes::MALFORMED_XML, (2, 2)),
    ("\u{FEFF}\u{FEFF}<a/>", codes::MALFORMED_XML, (1, 1)),
    ("<a/>&amp;", codes::MALFORMED_XML, (1, 5)),
    ("<a/><![CDATA[x]]>", codes::MALFORMED_XML, (1, 5)),
];

const CUT_OFF: Refused = &[
    ("<!-- c -->", codes::TRUNCATED_XML, (1, 11)),
    ("<?xml version='1.0'?>", codes::TRUNCATED_XML, (1, 22)),
    ("<a>", codes::TRUNCATED_XML, (1, 4)),
    ("<a>\n<b>ä</b>", codes::TRUNCATED_XML, (2, 9)),
    ("<a>text", codes::TRUNCATED_XML, (1, 8)),
    ("<a>\n  <b", codes::TRUNCATED_XML, (2, 3)),
    ("<a>\n  <b x='1", codes::TRUNCATED_XML, (2, 3)),
    ("<a><", codes::TRUNCATED_XML, (1, 4)),
    ("<a></", codes::TRUNCATED_XML, (1, 4)),
    ("<a><!", codes::TRUNCATED_XML, (1, 4)),
    ("<a><!-- c", codes::TRUNCATED_XML, (1, 4)),
    ("<a><![CDATA[c]]", codes::TRUNCATED_XML, (1, 4)),
    ("<a><?pi", codes::TRUNCATED_XML, (1, 4)),
    ("<a>x&am", codes::TRUNCATED_XML, (1, 5)),
];

const DOCUMENT_TYPES: Refused = &[
    ("<!DOCTYPE a><a/>", codes::DOCTYPE_REFUSED, (1, 1)),
    ("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", codes::DOCTYPE_REFUSED, (2, 1)),
    ("<!DOCTYPE a [", codes::DOCTYPE_REFUSED, (1, 1)),
    ("<!DOCTYPE>", codes::DOCTYPE_REFUSED, (1, 1)),
    ("<!doctype a><a/>", codes::DOCTYPE_REFUSED, (1, 1)),
    ("<?xml version='1.0'?>\n\n <!DOCTYPE a><a/>", codes::DOCTYPE_REFUSED, (3, 2)),
    ("<a>&unknown;</a>", codes::MALFORMED_XML, (1, 4)),
    ("<a><!ENTITY x 'y'></a>", codes::MALFORMED_XML, (1, 4)),
];

const DECLARATIONS: Refused = &[
    (" <?xml version='1.0'?><a/>", codes::MALFORMED_XML, (1, 2)),
    ("<a><?xml version='1.0'?></a>", codes::MALFORMED_XML, (1, 4)),
    ("<?xml?><a/>", codes::MALFORMED_XML, (1, 1)),
    ("<?xml version='2.0'?><a/>", codes::MALFORMED_XML, (1, 1)),
    ("<?xml encoding='utf-8'?><a/>", codes::MALFORMED_XML, (1, 1)),
    ("<?xml version='1.0' encoding='8'?><a/>", codes::MALFORMED_XML, (1, 1)),
    ("<?xml version='1.0' standalone='no' encoding='a'?><a/>", codes::MALFORMED_XML, (1, 1)),
    ("<?xml version='1.0' x='1'?><a/>", codes::MALFORMED_XML, (1, 1)),
    ("<?xml version='1.0?><a/>", codes::MALFORMED_XML, (1, 19)),
];

const ASIDES: Refused = &[
    ("<a><?XML x?></a>", codes::MALFORMED_XML, (1, 4)),
    ("<a><? x?></a>", codes::MALFORMED_XML, (1, 4)),
    ("<a><??></a>", codes::MALFORMED_XML, (1, 4)),
    ("<a><!-- x -- y --></a>", codes::MALFORMED_XML, (1, 11)),
    ("<a><!x></a>", codes::MALFORMED_XML, (1, 4)),
];

const TAGS: Refused = &[
    ("<a></b>", codes::MALFORMED_XML, (1, 4)),
    ("<a><b></a></b>", codes::MALFORMED_XML, (1, 7)),
    ("</a>", codes::MALFORMED_XML, (1, 1)),
    ("<a></a x='1'>", codes::MALFORMED_XML, (1, 4)),
    ("<1a/>", codes::MALFORMED_XML, (1, 2)),
    ("< a/>", codes::MALFORMED_XML, (1, 2)),
    ("<>", codes::MALFORMED_XML, (1, 2)),
    ("<a/b>", codes::MALFORMED_XML, (1, 2)),
    ("<a:b:c xmlns:a='u'/>", codes::MALFORMED_XML, (1, 2)),
    ("<:a/>", codes::MALFORMED_XML, (1, 2)),
    ("<:a xmlns='u'/>", codes::MALFORMED_XML, (1, 2)),
    ("<a <b/>", codes::MALFORMED_XML, (1, 4)),
];

const ATTRIBUTES: Refused = &[
    ("<a x/>", codes::MALFORMED_XML, (1, 5)),
    ("<a x=1/>", codes::MALFORMED_XML, (1, 6)),
    ("<a x='1'y='2'/>", codes::MALFORMED_XML, (1, 9)),
    ("<a ='1'/>", codes::MALFORMED_XML, (1, 4)),
    ("<a 1='1'/>", codes::MALFORMED_XML, (1, 4)),
    ("<a x='<'/>", codes::MALFORMED_XML, (1, 7)),
    ("<a\n  x='1'\n  x='2'/>", codes::MALFORMED_XML, (3, 3)),
    ("<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>", codes::MALFORMED_XML, (1, 36)),
    ("<a x='&y;'/>", codes::MALFORMED_XML, (1, 7)),
    ("<a x='ä&#1;'/>", codes::MALFORMED_XML, (1, 8)),
    ("<a x='& '/>", codes::MALFORMED_XML, (1, 7)),
];

const NAMESPACES: Refused = &[
    ("<p:a/>", codes::MALFORMED_XML, (1, 2)),
    ("<a p:x='1'/>", codes::MALFORMED_XML, (1, 4)),
    ("<a><b xmlns:p='u'/><p:c/></a>", codes::MALFORMED_XML, (1, 21)),
    ("<a xmlns:p=''/>", codes::MALFORMED_XML, (1, 4)),
    ("<a xmlns:p='u' xmlns:p='v'/>", codes::MALFORMED_XML, (1, 16)),
    ("<a xmlns='u' xmlns='u'/>", codes::MALFORMED_XML, (1, 14)),
    ("<a xmlns:xml='u'/>", codes::MALFORMED_XML, (1, 4)),
    ("<a xmlns:xmlns='u'/>", codes::MALFORMED_XML, (1, 4)),
    ("<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", codes::MALFORMED_XML, (1, 4)),
    ("<a xmlns='http://www.w3.org/XML/1998/namespace'/>", codes::MALFORMED_XML, (1, 4)),
    ("<xmlns:a/>", codes::MALFORMED_XML, (1, 2)),
];

const TEXT: Refused = &[
    ("<a>]]></a>", codes::MALFORMED_XML, (1, 4)),
    ("<a><b/>x]]></a>", codes::MALFORMED_XML, (1, 9)),
    ("<a>ä\u{1}</a>", codes::MALFORMED_XML, (1, 5)),
    ("<a x='\u{1F}'/>", codes::MALFORMED_XML, (1, 7)),
    ("<a><!-- \u{B} --></a>", codes::MALFORMED_XML, (1, 9)),
    ("<a>\u{FFFE}</a>", codes::MALFORMED_XML, (1, 4)),
    ("<a>&#1;</a>", codes::MALFORMED_XML, (1, 4)),
    ("<a>&#xD800;</a>", codes::MALFORMED_XML, (1, 4)),
    ("<a>&#x110000;</a>", codes::MALFORMED_XML, (1, 4)),
    ("<a>&#+65;</a>", codes::MALFORMED_XML, (1, 4)),
    ("<a>&#;</a>", codes::MALFORMED_XML, (1, 4)),
    ("<a>&;</a>", codes::MALFORMED_XML, (1, 4)),
    ("<a>x & y</a>", codes::MALFORMED_XML, (1, 6)),
];

#[test]
fn what_xml_does_not_allow_is_refused_with_its_place() {
    let groups = [WHOLE, CUT_OFF, DOCUMENT_TYPES, DECLARATIONS, ASIDES, TAGS, ATTRIBUTES, NAMESPACES, TEXT];
    for (text, code, place) in groups.concat() {
        let refusal = refusal(text);
        assert_eq!((refusal.code, (refusal.line, refusal.column)), (code, place), "{text:?}: {refusal}");
        assert!(refusal.expected.is_some(), "{text:?}: {refusal}");
    }
}

#[test]
fn a_refusal_holds_names_but_no_content() {
    for text in [
        "<a>secret & more</a>",
        "<a x='secret' x='more'/>",
        "<a>secret</b>",
        "secret",
        "<a>secret",
        "<secret",
    ] {
        assert!(!refusal(text).to_string().contains("secret"), "{text:?}");
    }
}

#[test]
fn texts_are_joined_resolved_and_freed_of_indentation() {
    let cases = [
        ("<a>x</a>", "x"),
        ("<a/>", ""),
        ("<a></a>", ""),
        ("<a>  </a>", "  "),
        ("<a> x </a>", " x "),
        ("<a>\n  <b/>\n</a>", ""),
        ("<a>&#32;<b/></a>", ""),
        ("<a>1 &lt; 2</a>", "1 < 2"),
        ("<a>&amp;&lt;&gt;&apos;&quot;&#228;&#xE4;</a>", "&<>'\"ää"),
        ("<a>x<!-- c -->y<?pi?>z</a>", "xyz"),
        ("<a> <!-- c --> </a>", "  "),
        ("<a>x&amp; <!-- c --> y</a>", "x&  y"),
        ("<a><![CDATA[<x> & ]]]]><![CDATA[>]]></a>", "<x> & ]]>"),
        ("<a> <![CDATA[]]> </a>", "  "),
        ("<a>one<b>no</b> two <b/>\n</a>", "one two "),
        ("<a>&amp;<b>&lt;</b>&amp;<b>x</b>&gt;</a>", "&&>"),
        ("<a>x\r\ny\rz</a>", "x\ny\nz"),
        ("<a>x\r&amp;y</a>", "x\n&y"),
        ("<a>&#13;&#10;</a>", "\r\n"),
        ("<a>Grüße, 品</a>", "Grüße, 品"),
        ("<a>x</a >\n<!-- c -->\n<?pi x?>\n", "x"),
    ];
    for (text, expected) in cases {
        let names = Names::default();
        let tree = parse(text, &names);
        assert_eq!(tree.text(tree.root()), expected, "{text:?}");
    }
}

#[test]
fn attribute_values_are_normalized() {
    let cases = [
        ("<a x='1'/>", "1"),
        ("<a x = \"it's\" />", "it's"),
        ("<a x='a\tb\nc\r\nd\re'/>", "a b c d e"),
        ("<a x='&#9;&#10;&#13;'/>", "\t\n\r"),
        ("<a x='&lt;&amp;&gt; ]]>'/>", "<&> ]]>"),
        ("<a x=''/>", ""),
        ("<a x='a>b'/>", "a>b"),
    ];
    let mut builder = NamesBuilder::new();
    let x = builder.intern("", "x");
    let names = builder.build();
    for (text, expected) in cases {
        let tree = parse(text, &names);
        assert_eq!(tree.attribute(tree.root(), x), Some(expected), "{text:?}");
        assert_eq!(tree.attribute(tree.root(), Symbol::UNKNOWN), None);
    }
}

#[test]
fn names_are_resolved_in_their_scope() {
    let mut builder = NamesBuilder::new();
    let [plain, one, two] = ["", "urn:1", "urn:2"].map(|namespace| builder.intern(namespace, "n"));
    let names = builder.build();
    let text = "<r xmlns='urn:1' xmlns:p='urn:2'>
        <a><n/></a> <b><p:n/></b> <c xmlns='urn:2'><n/></c> <d xmlns=''><n/></d> <e><n/></e>
        <f xmlns:p='urn:1' xmlns='urn:3'><p:n/></f> <g><p:n n='u' p:n='q'/></g> <h xmlns='urn&#58;2'><n/></h>
    </r>";
    let tree = parse(text, &names);
    let cases =
        [("a", one), ("b", two), ("c", two), ("d", plain), ("e", one), ("f", one), ("g", two), ("h", two)];
    for (parent, symbol) in cases {
        let node = find(&tree, &[parent, "n"]);
        assert_eq!(tree.symbol(node), symbol, "{parent}");
        assert_eq!(tree.namespace(node), names.expand(symbol).unwrap().0, "{parent}");
    }
    let attributes = tree.attributes(find(&tree, &["g", "n"]));
    assert_eq!(attributes.iter().map(|a| a.symbol).collect::<Vec<_>>(), [plain, two]);
    assert_eq!(tree.attribute_name(&attributes[1]), ("urn:2", "n"));
}

#[test]
fn the_value_of_xsi_type_is_resolved_where_it_stands() {
    let mut builder = NamesBuilder::new();
    let xsi = builder.intern("http://www.w3.org/2001/XMLSchema-instance", "type");
    let [other, known] = ["urn:other", "urn:wcf"].map(|namespace| builder.intern(namespace, "T"));
    let names = builder.build();
    let text = "<r xmlns:w='urn:wcf' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns='urn:other'>
        <a i:type='w:T'/><a i:type=' T '/><a xmlns:w='urn:other' i:type='w:T'/><a i:type='x:T'/><a i:type='w:U'/>
        <a type='w:T'/></r>";
    let tree = parse(text, &names);
    let expected = [known, other, other, Symbol::UNKNOWN, Symbol::UNKNOWN, Symbol::UNKNOWN];
    let found: Vec<_> = tree.children(tree.root()).map(|node| tree.attributes(node)[0].qname).collect();
    assert_eq!(found, expected);
    let first = tree.first_child(tree.root()).unwrap();
    assert_eq!(tree.attribute(first, xsi), Some("w:T"));
}

#[test]
fn elements_know_their_place() {
    let names = Names::default();
    let tree = parse("\u{FEFF}<?xml version='1.0'?>\n<a>\n  <ä/><b><c/>\n</b>ß<d/></a>", &names);
    let nodes =
        [(vec![], 0, (2, 1)), (vec!["ä"], 1, (3, 3)), (vec!["b", "c"], 3, (3, 10)), (vec!["d"], 4, (4, 6))];
    for (path, number, position) in nodes {
        let node = find(&tree, &path);
        assert_eq!((tree.number(node), tree.position(node)), (number, position), "{path:?}");
    }
    let c = find(&tree, &["b", "c"]);
    assert_eq!(tree.path(c), "/a/b/c");
    assert_eq!(tree.parent(c).and_then(|b| tree.parent(b)), Some(tree.root()));
    assert_eq!(tree.parent(tree.root()), None);
    assert_eq!(tree.len(), 5);
    let children = tree.children(tree.root()).map(|child| tree.local_name(child));
    assert_eq!(children.collect::<Vec<_>>(), ["ä", "b", "d"]);
}

/// One limit, and a document that is just within it and one that is just beyond it.
fn limited(limits: &Limits, within: &str, beyond: &str) {
    let names = Names::default();
    assert!(Tree::parse(within, &names, limits).is_ok(), "{within:?}");
    let refusal = Tree::parse(beyond, &names, limits).map(|_| ()).unwrap_err();
    assert_eq!(refusal.code, codes::LIMIT_EXCEEDED, "{beyond:?}: {refusal}");
    assert!(refusal.expected.is_some_and(|expected| expected.starts_with("at most")), "{beyond:?}");
}

#[test]
fn each_limit_takes_the_last_and_refuses_the_next() {
    let limits = Limits::default();
    limited(&Limits { bytes: 7, ..limits.clone() }, "<a></a>", "<a> </a>");
    limited(&Limits { depth: 2, ..limits.clone() }, "<a><b/><b></b></a>", "<a><b><c/></b></a>");
    limited(&Limits { depth: 1, ..limits.clone() }, "<a></a>", "<a><b/></a>");
    limited(&Limits { elements: 3, ..limits.clone() }, "<a><b/><b/></a>", "<a><b/><b/><b/></a>");
    limited(
        &Limits { attributes: 2, ..limits.clone() },
        "<a x='' y='' xmlns:p='u'><b x='' y=''/></a>",
        "<a x='' y='' z=''/>",
    );
    limited(
        &Limits { namespaces: 1, ..limits.clone() },
        "<a xmlns:p='u'><b xmlns:q='v'/></a>",
        "<a xmlns:p='u' xmlns:q='v'/>",
    );
    limited(&Limits { name_bytes: 3, ..limits.clone() }, "<p:a xmlns:p='u' p:b=''/>", "<abcd/>");
    limited(&Limits { name_bytes: 3, ..limits.clone() }, "<abc abc=''/>", "<a abcd=''/>");
    limited(&Limits { name_bytes: 3, ..limits.clone() }, "<a xmlns:abc='u'/>", "<a xmlns:abcd='u'/>");
    limited(&Limits { text_bytes: 3, ..limits.clone() }, "<a>abc</a>", "<a>abcd</a>");
    limited(&Limits { text_bytes: 3, ..limits.clone() }, "<a>a&amp;c</a>", "<a>a&amp;cd</a>");
    limited(&Limits { text_bytes: 3, ..limits.clone() }, "<a>ab<b>xyz</b>c</a>", "<a>ab<b/>cd</a>");
    limited(&Limits { text_bytes: 3, ..limits.clone() }, "<a x='abc'/>", "<a x='abcd'/>");
    limited(&Limits { text_bytes: 3, ..limits }, "<a xmlns:p='abc'/>", "<a xmlns:p='abcd'/>");
}

#[test]
fn declarations_in_scope_at_one_place_are_limited() {
    let nested = |count: usize| {
        let open: String = (0..count).map(|number| format!("<a xmlns:p{number}='u{number}'>")).collect();
        open + &"</a>".repeat(count)
    };
    let limits = Limits { namespaces: 2, ..Limits::default() };
    limited(&limits, &nested(16), &nested(17));
    let repeated = format!("{}{}", "<a xmlns:p='u'>".repeat(100), "</a>".repeat(100));
    limited(&limits, &repeated, &nested(17));
}

#[test]
fn more_names_than_the_table_of_names_holds_are_still_told_apart() {
    let mut builder = NamesBuilder::new();
    let symbols: Vec<_> = (0..5000).map(|number| builder.intern("urn:a", &format!("name{number}"))).collect();
    let names = builder.build();
    let twice: String = (0..10_000).map(|number| format!("<name{}/>", number % 5000)).collect();
    let text = format!("<r xmlns='urn:a'>{twice}</r>");
    let tree = parse(&text, &names);
    let found = tree.children(tree.root()).map(|child| tree.symbol(child));
    assert!(found.eq(symbols.iter().chain(&symbols).copied()));
}

#[test]
fn many_attributes_are_checked_for_doubles() {
    let all = |names: &[usize]| {
        let attributes: String = names.iter().map(|number| format!(" n{number}='{number}'")).collect();
        format!("<a{attributes}/>")
    };
    let mut numbers: Vec<usize> = (0..256).collect();
    let names = Names::default();
    let document = all(&numbers);
    let tree = parse(&document, &names);
    assert_eq!(tree.attributes(tree.root()).len(), 256);
    numbers[255] = 3;
    assert_eq!(refusal(&all(&numbers)).message, "an attribute that stands twice");
}

proptest! {
    #[test]
    fn text_and_attributes_come_back_as_they_were_written(
        text in any::<String>(),
        value in any::<String>(),
        indented in any::<bool>(),
    ) {
        let (mut written, mut attribute) = (Vec::new(), Vec::new());
        let writable = crate::escape_text(&text, &mut written).is_ok()
            && crate::escape_attribute(&value, &mut attribute).is_ok();
        if writable {
            let (written, attribute) = (String::from_utf8(written).unwrap(), String::from_utf8(attribute).unwrap());
            let space = if indented { "\r\n  " } else { "" };
            let document = format!("<a>{space}<b x=\"{attribute}\">{written}</b>{space}</a>");
            let mut builder = NamesBuilder::new();
            let x = builder.intern("", "x");
            let names = builder.build();
            let tree = parse(&document, &names);
            let b = tree.first_child(tree.root()).unwrap();
            assert_eq!((tree.text(b), tree.attribute(b, x)), (text.as_str(), Some(value.as_str())));
            assert_eq!(tree.text(tree.root()), "");
        }
    }

    #[test]
    fn siblings_and_parents_fit_together(shape in shape()) {
        let names = Names::default();
        let tree = parse(&shape, &names);
        let mut count = 0;
        let mut open = vec![tree.root()];
        while let Some(node) = open.pop() {
            assert_eq!(tree.number(node), count);
            count += 1;
            let children: Vec<_> = tree.children(node).collect();
            assert!(children.iter().all(|child| tree.parent(*child) == Some(node)));
            open.extend(children.iter().rev());
        }
        assert_eq!(tree.len(), usize::try_from(count).unwrap());
    }
}

fn shape() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["<a/>", "<a>x</a>", "<a> </a>"]).prop_map(str::to_owned);
    leaf.prop_recursive(6, 40, 6, |inner| {
        prop::collection::vec(inner, 0..6).prop_map(|children| format!("<n>{}</n>", children.join(" ")))
    })
}
