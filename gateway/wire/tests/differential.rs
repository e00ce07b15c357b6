//! Promise: a document is taken or refused as an independent XML parser does, and what is taken has the same content.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail anywhere, not only in its own function"
)]

use gateway_wire::{Limits, Names, NodeId, Tree};
use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_oneof, proptest};

/// Refusals where roxmltree asks for less than the standard: the message, what the document holds then, the rule.
const STRICTER: &[(&str, &str, &str)] = &[
    ("a processing instruction without a proper name", "<?", "white space follows the name, XML section 2.6"),
    ("a prefix bound to no namespace", "xmlns:p=''", "not in version 1.0, Namespaces in XML section 5"),
    ("an attribute that stands twice", "xmlns=''", "a declaration is an attribute too, XML section 3.1"),
    ("not a name", "<:", "a prefix is not empty, Namespaces in XML section 4"),
];

/// Compares with roxmltree, whose answer is the expected one.
fn compare(text: &str) {
    let names = Names::default();
    let limits = Limits::default();
    let ours = Tree::parse(text, &names, &limits);
    let theirs = roxmltree::Document::parse(text);
    match (&ours, &theirs) {
        // roxmltree keeps a carriage return before a reference, against XML section 2.11.
        (Ok(_), Ok(_)) if text.contains("\r&") => {}
        (Ok(tree), Ok(document)) => same(tree, tree.root(), document.root_element(), text),
        (Err(_), Err(_)) => {}
        (Ok(_), Err(error)) => panic!("taken, but refused by roxmltree: {error}\n{text:?}"),
        (Err(refusal), Ok(_))
            if STRICTER
                .iter()
                .any(|(message, mark, _)| *message == refusal.message && text.contains(mark)) => {}
        (Err(refusal), Ok(_)) => panic!("refused, but taken by roxmltree: {refusal}\n{text:?}"),
    }
}

fn same(tree: &Tree<'_>, node: NodeId, other: roxmltree::Node<'_, '_>, text: &str) {
    assert_eq!(tree.local_name(node), other.tag_name().name(), "{text:?}");
    assert_eq!(tree.namespace(node), other.tag_name().namespace().unwrap_or_default(), "{text:?}");
    assert_eq!(tree.text(node), own_text(other), "{text:?}");
    let attributes: Vec<_> =
        tree.attributes(node).iter().map(|a| (tree.attribute_name(a), a.value.as_ref())).collect();
    let expected: Vec<_> =
        other.attributes().map(|a| ((a.namespace().unwrap_or_default(), a.name()), a.value())).collect();
    assert_eq!(attributes, expected, "{text:?}");
    let children: Vec<NodeId> = tree.children(node).collect();
    let expected: Vec<_> = other.children().filter(roxmltree::Node::is_element).collect();
    assert_eq!(children.len(), expected.len(), "{text:?}");
    for (child, other) in children.into_iter().zip(expected) {
        assert_eq!(tree.parent(child), Some(node));
        same(tree, child, other, text);
    }
}

/// The text of an element, without runs of white space beside child elements.
fn own_text(node: roxmltree::Node<'_, '_>) -> String {
    let mut runs = vec![String::new()];
    for child in node.children() {
        if child.is_element() {
            runs.push(String::new());
        } else if let Some(text) = child.text().filter(|_| child.is_text()) {
            runs.last_mut().unwrap().push_str(text);
        }
    }
    if runs.len() > 1 {
        runs.retain(|run| !run.trim_matches([' ', '\t', '\n', '\r']).is_empty());
    }
    runs.concat()
}

/// Pieces that documents, and things that nearly are documents, consist of.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec![
            "<a>", "</a>", "<b>", "</b>", "<p:a>", "</p:a>", "<a/>", "<p:b/>", "</a >", "<a ", ">", "/>", "<b x='1'>",
            "<a xmlns='urn:a'>", "<a xmlns:p='urn:p'>", "<p:a xmlns:p='urn:p' xmlns:q='urn:p' p:x='1' q:x='2'>",
            " x='1'", " x=\"2\"", " p:x='3'", " xmlns:p='urn:p'", " xmlns:p=''", " xmlns=''", " xml:lang='en'",
            " x = '1'", " x='1'y='2'", " x='a\tb\r\nc'", " x='&lt;&#10;'", " x='<'", " 1x='1'", " x:y:z='1'", " x=1",
            "text", " ", "\n  ", "\r\n", "\t", "ä", "品", "&amp;", "&lt;", "&#65;", "&#x41;", "&#0;", "&#1;",
            "&#xD;", "&#32;", "&unknown;", "&", "&;", "&#;", "&#x;", "]]>", "]]", "<![CDATA[", "<![CDATA[x<y]]>",
            "<![CDATA[]]>", "<![CDATA[ ]]>", "<!-- c -->", "<!-- a--b -->", "<!---->", "<!--", "-->", "<?pi data?>",
            "<?pi?>", "<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-8'?>", "<?", "?>", "<!DOCTYPE a>",
            "<!", "<", "<1a/>", "<a:b:c/>", "<:a/>", "<a:/>", "</", "\u{1}", "\u{FFFE}", "\u{FEFF}", "'", "\"", "=",
        ]).prop_map(str::to_owned),
        // roxmltree takes names that begin with a colon, and keeps some carriage returns: see the tables above.
        1 => any::<char>().prop_filter("see above", |c| !matches!(c, '\r' | ':')).prop_map(String::from),
    ]
}

/// Well-formed documents of any shape.
fn document() -> impl Strategy<Value = String> {
    let content = prop::sample::select(vec![
        "",
        "text",
        " ",
        "\n    ",
        "a &lt; b",
        "&#x20;",
        "<![CDATA[ <x> ]]>",
        "<!-- c -->",
        "x\r\ny",
        " lead",
        "trail ",
        "<?pi d?>",
        "a<!-- c -->b",
        "ä&amp;品",
        " <![CDATA[]]> ",
        "&amp; ",
    ]);
    let name = prop::sample::select(vec!["a", "b", "p:a", "q:b", "c.d-e_f"]);
    let attributes = prop::sample::select(vec![
        "",
        " x='1'",
        " x='1' p:x=\"2\"",
        " x='a &amp; b\nc'",
        " xmlns='urn:a'",
        " xmlns:p='urn:r' p:y=''",
        " xmlns='' y='ä'",
        "\n  x='1'\n  y = '2' ",
    ]);
    let leaf = (name.clone(), attributes.clone(), content.clone()).prop_map(|(name, attributes, content)| {
        if content.is_empty() {
            format!("<{name}{attributes}/>")
        } else {
            format!("<{name}{attributes}>{content}</{name}>")
        }
    });
    leaf.prop_recursive(5, 60, 5, move |inner| {
        let parts = prop::collection::vec((content.clone(), inner), 0..5);
        (name.clone(), attributes.clone(), parts, content.clone()).prop_map(
            |(name, attributes, parts, last)| {
                let inside: String =
                    parts.into_iter().map(|(text, element)| format!("{text}{element}")).collect();
                format!("<{name}{attributes}>{inside}{last}</{name} >")
            },
        )
    })
    .prop_map(|inner| format!("<root xmlns:p='urn:p' xmlns:q='urn:q'>{inner}</root>"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nearly_documents_are_taken_or_refused_alike(pieces in prop::collection::vec(piece(), 0..14)) {
        let inside = pieces.concat();
        compare(&inside);
        compare(&format!("<a>{inside}</a>"));
        compare(&format!("<a xmlns:p='urn:p'{inside}</a>"));
    }

    #[test]
    fn documents_have_the_same_content(document in document()) {
        compare(&document);
    }

    #[test]
    fn a_damaged_document_is_taken_or_refused_alike(document in document(), at in any::<prop::sample::Index>(), piece in piece()) {
        let at = document.floor_char_boundary(at.index(document.len() + 1));
        let (before, after) = document.split_at(at);
        compare(before);
        compare(&format!("{before}{piece}{after}"));
    }

    #[test]
    fn any_bytes_give_a_tree_or_a_refusal(bytes in any::<Vec<u8>>(), charset in prop::option::of("utf-8|iso-8859-1|utf-16")) {
        let (names, limits) = (Names::default(), Limits::default());
        if let Ok(text) = gateway_wire::decode(&bytes, charset.as_deref(), &limits) {
            let _outcome = Tree::parse(&text, &names, &limits);
        }
    }

    #[test]
    fn any_text_is_an_expression_or_refused(text in any::<String>()) {
        let _outcome = gateway_wire::parse_expression(&text, &Names::default(), &Limits::default());
    }
}

#[test]
fn the_samples_have_the_same_content() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/wire");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            compare(&std::fs::read_to_string(path).unwrap());
            count += 1;
        }
    }
    assert!(count >= 4, "{count} samples");
}
