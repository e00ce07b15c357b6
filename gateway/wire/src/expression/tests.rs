//! Promises of the expression text: every form of contract store section 4, and what else senders write.

use gateway_model::codes;
use proptest::prelude::{Strategy, any, prop, proptest};

use super::{parse_expression, print_expression};
use crate::{Limits, Names, NamesBuilder, NodeId, Tree};

/// The tree in one line: `@name=value` for parameters, `Name='text'`, `Name{children}`.
fn outline(tree: &Tree<'_>) -> String {
    let parameters = tree
        .attributes(tree.root())
        .iter()
        .map(|attribute| format!("@{}={} ", tree.attribute_name(attribute).1, attribute.value));
    parameters.collect::<String>() + &children(tree, tree.root())
}

fn children(tree: &Tree<'_>, node: NodeId) -> String {
    tree.children(node).map(|child| element(tree, child)).collect::<Vec<_>>().join(" ")
}

fn element(tree: &Tree<'_>, node: NodeId) -> String {
    let attributes = tree.attributes(node).iter().map(|a| format!("[{}]", a.value)).collect::<String>();
    let text = match tree.text(node) {
        "" => String::new(),
        text => format!("='{text}'"),
    };
    let inside = match children(tree, node) {
        inside if inside.is_empty() => String::new(),
        inside => format!("{{{inside}}}"),
    };
    format!("{}{attributes}{text}{inside}", tree.local_name(node))
}

fn check(text: &str, expected: &str) {
    let names = Names::default();
    match parse_expression(text, &names, &Limits::default()) {
        Ok(tree) => assert_eq!(outline(&tree), expected, "{text}"),
        Err(refusal) => panic!("{refusal}: {text}"),
    }
}

/// Contract store section 4.1; `IA` stands for the text before the inner predicate.
const AVAILABILITY: &[(&str, &str)] = &[
    (
        "CatalogEntryIdentifier[(UniqueID='n')] and OnlineStoreIdentifier[(UniqueID='s')]",
        "CatalogEntryIdentifier{UniqueID='n'} OnlineStoreIdentifier{UniqueID='s'}",
    ),
    (
        "CatalogEntryIdentifier[(UniqueID='n' or UniqueID='m')] and PhysicalStoreIdentifier[(UniqueID='p' or UniqueID='q')]",
        "CatalogEntryIdentifier{UniqueID='n' UniqueID='m'} PhysicalStoreIdentifier{UniqueID='p' UniqueID='q'}",
    ),
    (
        "CatalogEntryIdentifier[(UniqueID='n')] and (OnlineStoreIdentifier[(UniqueID='s')] or PhysicalStoreIdentifier[(UniqueID='p')])",
        "CatalogEntryIdentifier{UniqueID='n'} OnlineStoreIdentifier{UniqueID='s'} PhysicalStoreIdentifier{UniqueID='p'}",
    ),
    (
        "CatalogEntryIdentifier/ExternalIdentifier[(PartNumber='x')] and OnlineStoreIdentifier/ExternalIdentifier[(NameIdentifier='n')]",
        "CatalogEntryIdentifier{ExternalIdentifier{PartNumber='x'}} OnlineStoreIdentifier{ExternalIdentifier{NameIdentifier='n'}}",
    ),
    (
        "CatalogEntryIdentifier/ExternalIdentifier[(PartNumber='x' or PartNumber='y')] and (OnlineStoreIdentifier/ExternalIdentifier[(NameIdentifier='n')] or PhysicalStoreIdentifier[(ExternalIdentifier='e')])",
        "CatalogEntryIdentifier{ExternalIdentifier{PartNumber='x' PartNumber='y'}} OnlineStoreIdentifier{ExternalIdentifier{NameIdentifier='n'}} PhysicalStoreIdentifier{ExternalIdentifier='e'}",
    ),
];

#[test]
fn every_availability_expression_of_the_contract_is_read() {
    for profile in ["IBM_Store_Details", "IBM_Update"] {
        for (inner, expected) in AVAILABILITY {
            check(
                &format!(
                    "{{_wcf.ap={profile}}}/InventoryAvailability[InventoryAvailabilityIdentifier/ExternalIdentifier[{inner}]]"
                ),
                &format!(
                    "@profile={profile} InventoryAvailability{{InventoryAvailabilityIdentifier{{ExternalIdentifier{{{expected}}}}}}}"
                ),
            );
        }
    }
}

#[test]
fn every_order_expression_of_the_contract_is_read() {
    let cases = [
        (
            "{_wcf.ap=IBM_External_Details}/Order[OrderIdentifier[(ExternalOrderID='k')]]",
            "@profile=IBM_External_Details Order{OrderIdentifier{ExternalOrderID='k'}}",
        ),
        (
            "{_wcf.ap=IBM_Details}/Order[OrderIdentifier[(UniqueID='845017')]]",
            "@profile=IBM_Details Order{OrderIdentifier{UniqueID='845017'}}",
        ),
        (
            "{_wcf.ap=IBM_External_Summary}/Order[OrderIdentifier[(UniqueID='')]]",
            "@profile=IBM_External_Summary Order{OrderIdentifier{UniqueID}}",
        ),
        (
            "{_wcf.ap=IBM_External_Summary}/Order[OrderIdentifier[(UniqueID='1,2,3') and (ExternalOrderID='k')] and StoreIdentifier[(UniqueID='11651')] and BuyerIdentifier[ExternalIdentifier[(LogOnID='zoe.kowalska')]]]",
            "@profile=IBM_External_Summary Order{OrderIdentifier{UniqueID='1,2,3' ExternalOrderID='k'} StoreIdentifier{UniqueID='11651'} BuyerIdentifier{ExternalIdentifier{LogOnID='zoe.kowalska'}}}",
        ),
        (
            "/Order[OrderIdentifier[(ExternalOrderID='$extOrderId$')] and OrderStatus[(Status='N,M,A,B,C,R,S,D,F,H')] and (RecordSetTotal='$n$')]",
            "Order{OrderIdentifier{ExternalOrderID='$extOrderId$'} OrderStatus{Status='N,M,A,B,C,R,S,D,F,H'} RecordSetTotal='$n$'}",
        ),
        (
            "{_wcf.ap=IBM_Summary}/Order[BuyerIdentifier[(DistinguishedName='uid=zoe,o=org')] and OrderStatus[(Status='S')] and StoreIdentifier[(UniqueID='1')]]",
            "@profile=IBM_Summary Order{BuyerIdentifier{DistinguishedName='uid=zoe,o=org'} OrderStatus{Status='S'} StoreIdentifier{UniqueID='1'}}",
        ),
        (
            "{_wcf.ap=IBM_Admin_SummaryList}/Order[StoreIdentifier[UniqueID='1'] and BuyerIdentifier[ExternalIdentifier[(Identifier='b')]] and OrderStatus[(Status='P')]]",
            "@profile=IBM_Admin_SummaryList Order{StoreIdentifier{UniqueID='1'} BuyerIdentifier{ExternalIdentifier{Identifier='b'}} OrderStatus{Status='P'}}",
        ),
    ];
    cases.iter().for_each(|(text, expected)| check(text, expected));
}

#[test]
fn other_spellings_are_read() {
    let cases = [
        ("", ""),
        ("/Order", "Order"),
        ("Order", "Order"),
        ("//Order", "Order"),
        (" /Order[1] ", "Order"),
        ("/InventoryRequirement[1]/OrderItem[2]", "InventoryRequirement{OrderItem}"),
        ("/Order/OrderStatus", "Order{OrderStatus}"),
        ("{_wcf.ap=P}", "@profile=P "),
        ("{}/A", "A"),
        ("{_wcf.ap=P;storeId=10001;langId=-1}/A", "@profile=P @storeId=10001 @langId=-1 A"),
        ("{ storeId = 10001 ; _wcf.ap = P ; }/A", "@storeId=10001 @profile=P A"),
        ("/A[((X='1'))]", "A{X='1'}"),
        ("/A[X = '1' or( Y='2' )and(Z='3')]", "A{X='1' Y='2' Z='3'}"),
        ("/A[X='1'][Y='2']", "A{X='1' Y='2'}"),
        ("/A[B[X='1']/C[Y='2'] and D]", "A{B{X='1' C{Y='2'}} D}"),
        ("/A[PartNumber='x' and @uom='C62']", "A{PartNumber='x' uom='C62'}"),
        ("/A[Quantity/@uom='C62']", "A{Quantity{uom='C62'}}"),
        ("/_ord:Order[_wcf:UniqueID='1']", "Order{UniqueID='1'}"),
        ("/A[android='1' or order='2']", "A{android='1' order='2'}"),
        ("/A[X=\"it's\"]", "A{X='it's'}"),
        ("/A[X='it''s' or X='''']", "A{X='it's' X='''}"),
        ("/A[(X='O'Brien') and Y='&apos; & 'c']", "A{X='O'Brien' Y='&apos; & 'c'}"),
        ("/A[X='a and b = (c) [d]']", "A{X='a and b = (c) [d]'}"),
        ("/A[X=12.5]", "A{X='12.5'}"),
        ("/A[Größe='ä']", "A{Größe='ä'}"),
        ("/A[X!='1']", "A{comparison[!=]{X='1'}}"),
        ("/A[B/X >= '1' and Y='2']", "A{comparison[>=]{B{X='1'}} Y='2'}"),
        ("/A[contains(B/Name, 'x') and Y='2']", "A{contains='x'{B{Name}} Y='2'}"),
        ("/A[not(X='1')]", "A{not{X='1'}}"),
        ("/A[last()]", "A{last}"),
    ];
    cases.iter().for_each(|(text, expected)| check(text, expected));
}

#[test]
fn what_is_no_expression_is_refused_with_its_place() {
    let cases = [
        ("{_wcf.ap=P/Order", (1, 2)),
        ("{P}/Order", (1, 2)),
        ("{a=1;a=2}/Order", (1, 6)),
        ("/", (1, 2)),
        ("/Order[", (1, 8)),
        ("/Order[]", (1, 8)),
        ("/Order[X='1'", (1, 13)),
        ("/Order[X='1]", (1, 10)),
        ("/Order[X=]", (1, 10)),
        ("/Order[X='1' Y]", (1, 10)),
        ("/Order[X Y='2']", (1, 10)),
        ("/Order[X='1' and]", (1, 17)),
        ("/Order[(X='1']", (1, 14)),
        ("/Order[X='1')]", (1, 13)),
        ("/Order]", (1, 7)),
        ("/Order\n[X='1'] /A B", (2, 12)),
        ("/Order[f(X", (1, 11)),
        ("/ä[=]", (1, 4)),
    ];
    for (text, place) in cases {
        let refusal = match parse_expression(text, &Names::default(), &Limits::default()) {
            Ok(tree) => panic!("taken: {text}: {}", outline(&tree)),
            Err(refusal) => refusal,
        };
        assert_eq!(
            (refusal.code, (refusal.line, refusal.column)),
            (codes::BAD_EXPRESSION, place),
            "{text}: {refusal}"
        );
        assert!(refusal.expected.is_some(), "{text}");
    }
}

#[test]
fn limits_hold_for_expressions_too() {
    let check = |limits: &Limits, within: &str, beyond: &str| {
        let names = Names::default();
        assert!(parse_expression(within, &names, limits).is_ok(), "{within}");
        let refusal = parse_expression(beyond, &names, limits).map(|_| ()).unwrap_err();
        assert_eq!(refusal.code, codes::LIMIT_EXCEEDED, "{beyond}: {refusal}");
    };
    let limits = Limits::default();
    check(&Limits { depth: 3, ..limits.clone() }, "/A/B", "/A/B/C");
    check(&Limits { depth: 3, ..limits.clone() }, "/A[(((X='1')))]", "/A[((((X='1'))))]");
    check(&Limits { elements: 3, ..limits.clone() }, "/A[X='1']", "/A[X='1' or X='2']");
    check(&Limits { attributes: 1, ..limits.clone() }, "{a=1}/A", "{a=1;b=2}/A");
    check(&Limits { text_bytes: 2, ..limits.clone() }, "/A[X='12']", "/A[X='123']");
    check(&Limits { bytes: 4, ..limits.clone() }, "/A/B", "/A/BC");
    check(&Limits { name_bytes: 10, ..limits }, "/A23456789a", "/A23456789ab");
    let deep = format!("/A[{}", "(".repeat(100_000));
    assert_eq!(
        parse_expression(&deep, &Names::default(), &Limits::default()).map(|_| ()).unwrap_err().code,
        codes::LIMIT_EXCEEDED
    );
}

#[test]
fn names_of_an_expression_are_in_no_namespace() {
    let mut builder = NamesBuilder::new();
    let [root, profile, order] = ["expression", "profile", "Order"].map(|name| builder.intern("", name));
    let names = builder.build();
    let tree = parse_expression("{_wcf.ap=P}/Order", &names, &Limits::default()).unwrap();
    assert_eq!((tree.symbol(tree.root()), tree.local_name(tree.root())), (root, "expression"));
    assert_eq!(tree.attribute(tree.root(), profile), Some("P"));
    let step = tree.first_child(tree.root()).unwrap();
    assert_eq!((tree.symbol(step), tree.namespace(step), tree.position(step)), (order, "", (1, 13)));
}

fn print(tree: &Tree<'_>) -> String {
    let mut out = String::new();
    print_expression(tree, &mut out);
    out
}

#[test]
fn a_tree_is_written_in_the_spelling_of_the_contract() {
    let cases = [
        (
            "<expression profile='IBM_External_Details'><Order><OrderIdentifier><ExternalOrderID>k</ExternalOrderID></OrderIdentifier></Order></expression>",
            "{_wcf.ap=IBM_External_Details}/Order[OrderIdentifier[(ExternalOrderID='k')]]",
        ),
        (
            "<expression profile='P' storeId='1'><Order><OrderIdentifier><UniqueID/><ExternalOrderID>it's</ExternalOrderID></OrderIdentifier><StoreIdentifier><UniqueID>1</UniqueID></StoreIdentifier></Order></expression>",
            "{_wcf.ap=P;storeId=1}/Order[OrderIdentifier[(UniqueID='') and (ExternalOrderID='it''s')] and StoreIdentifier[(UniqueID='1')]]",
        ),
        (
            "<expression profile='IBM_Store_Details'>
               <InventoryAvailability><InventoryAvailabilityIdentifier><ExternalIdentifier>
                 <CatalogEntryIdentifier><ExternalIdentifier><PartNumber>x</PartNumber><PartNumber>y</PartNumber></ExternalIdentifier></CatalogEntryIdentifier>
                 <or>
                   <OnlineStoreIdentifier><ExternalIdentifier><NameIdentifier>n</NameIdentifier></ExternalIdentifier></OnlineStoreIdentifier>
                   <PhysicalStoreIdentifier><ExternalIdentifier>e</ExternalIdentifier><ExternalIdentifier>f</ExternalIdentifier></PhysicalStoreIdentifier>
                 </or>
               </ExternalIdentifier></InventoryAvailabilityIdentifier></InventoryAvailability>
             </expression>",
            "{_wcf.ap=IBM_Store_Details}/InventoryAvailability[InventoryAvailabilityIdentifier/ExternalIdentifier[CatalogEntryIdentifier/ExternalIdentifier[(PartNumber='x' or PartNumber='y')] and (OnlineStoreIdentifier/ExternalIdentifier[(NameIdentifier='n')] or PhysicalStoreIdentifier[(ExternalIdentifier='e' or ExternalIdentifier='f')])]]",
        ),
        (
            "<expression><A><X>1</X><or><B><Y>2</Y></B></or></A></expression>",
            "/A[(X='1') and B[(Y='2')]]",
        ),
        ("<expression><A><or><X>1</X><Y>2</Y></or></A></expression>", "/A[((X='1') or (Y='2'))]"),
        ("<expression><A><or><X>1</X><X>2</X></or></A></expression>", "/A[(X='1' or X='2')]"),
        (
            "<expression><A><comparison operator='>='><B><X>1</X></B></comparison><Y>2</Y></A></expression>",
            "/A[B/X>='1' and (Y='2')]",
        ),
        ("<expression><A><or/></A></expression>", "/A"),
        ("<expression><A/></expression>", "/A"),
        ("<expression profile='P'/>", "{_wcf.ap=P}"),
        ("<expression/>", ""),
    ];
    for (document, expected) in cases {
        let names = Names::default();
        let tree = Tree::parse(document, &names, &Limits::default()).unwrap();
        assert_eq!(print(&tree), expected);
    }
}

#[test]
fn availability_expressions_of_the_contract_come_out_as_they_went_in() {
    for (inner, _) in AVAILABILITY.iter().filter(|(inner, _)| !inner.contains("and (")) {
        let text = format!(
            "{{_wcf.ap=IBM_Store_Details}}/InventoryAvailability[InventoryAvailabilityIdentifier/ExternalIdentifier[{inner}]]"
        );
        let names = Names::default();
        assert_eq!(print(&parse_expression(&text, &names, &Limits::default()).unwrap()), text);
    }
}

/// Trees such as mappings write: elements with elements, or with text, and no two leaves of one name apart.
fn document() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["A", "B", "UniqueID", "and", "x-y.z"]);
    let value = prop::sample::select(vec![
        "",
        "1",
        "a''b",
        "O'Brien",
        "a,b",
        "x or y",
        "'",
        "') or (A='",
        "&amp;lt;",
        "ä",
    ]);
    let leaf = (name.clone(), value).prop_map(|(name, value)| format!("<{name}>{value}</{name}>"));
    leaf.prop_recursive(4, 30, 3, move |inner| {
        (name.clone(), prop::collection::vec(inner, 1..4))
            .prop_map(|(name, children)| format!("<{name}>{}</{name}>", children.concat()))
    })
    .prop_map(|inner| format!("<expression profile='P'><Order>{inner}</Order></expression>"))
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(document in document()) {
        let (names, limits) = (Names::default(), Limits::default());
        let written = print(&Tree::parse(&document, &names, &limits).unwrap());
        let once = parse_expression(&written, &names, &limits).unwrap();
        let again = print(&once);
        assert_eq!(outline(&parse_expression(&again, &names, &limits).unwrap()), outline(&once), "{written}");
        assert_eq!(again, written);
    }

    #[test]
    fn any_value_survives(value in any::<String>()) {
        let names = Names::default();
        let mut escaped = Vec::new();
        if crate::escape_text(&value, &mut escaped).is_ok() {
            let document = format!("<expression><A><X>{}</X></A></expression>", String::from_utf8(escaped).unwrap());
            let written = print(&Tree::parse(&document, &names, &Limits::default()).unwrap());
            let tree = parse_expression(&written, &names, &Limits::default()).unwrap();
            let step = tree.first_child(tree.root()).unwrap();
            assert_eq!(tree.text(tree.first_child(step).unwrap()), value, "{written}");
        }
    }
}
