//! Which elements are taken, and what becomes of their texts.

use crate::support::Fixture;

/// A template, a document, and the record it is read into.
type Case = (&'static str, &'static str, &'static str);

/// Texts, and literal text around holes.
const TEXTS: &[Case] = &[
    ("<X><Y>{code}</Y></X>", "<X><Y> 1 </Y></X>", r#"{"code":"1"}"#),
    ("<X>{text}</X>", "<X> 1 </X>", r#"{"text":" 1 "}"#),
    ("<X>{code}</X>", "<X/>", "{}"),
    ("<X>WC_{code}</X>", "<X>WC_17</X>", r#"{"code":"17"}"#),
    ("<X>WC_{code}</X>", "<X>17</X>", "{}"),
    ("<X a='WC_{code}' b='{other}'/>", "<X a='17' b='2'/>", r#"{"other":"2"}"#),
    ("<X>{code}/{other}</X>", "<X>1/2</X>", r#"{"code":"1","other":"2"}"#),
    ("<X>{code} {other}</X>", "<X>1 2</X>", "{}"),
];

/// Constants, names and order decide who takes what.
const SELECTION: &[Case] = &[
    ("<X n='p'>{code}</X>", "<X n='q'>1</X><X n='p'>2</X>", r#"{"code":"2"}"#),
    ("<X n=\"{'p'}\">{code}</X>", "<X n='q'>1</X><X n='p'>2</X>", r#"{"code":"1"}"#),
    ("<X n='p'>{code}</X><X>{other}</X>", "<X>1</X><X n='p'>2</X>", r#"{"code":"2","other":"1"}"#),
    ("<X>{other}</X><X n='p'>{code}</X>", "<X n='p'>2</X><X>1</X>", r#"{"code":"2","other":"1"}"#),
    ("<a:X>{code}</a:X>", "<X>1</X><q:X xmlns:q='urn:a'>2</q:X>", r#"{"code":"2"}"#),
    ("<X>{code}</X><Y>{code}</Y>", "<Y>2</Y><X>1</X>", r#"{"code":"1"}"#),
    ("<X>{code}</X><Y>{code}</Y>", "<Y>2</Y><X/>", r#"{"code":"2"}"#),
    ("<X m:also='Y a:Z'>{code}</X>", "<a:Z>1</a:Z>", r#"{"code":"1"}"#),
    ("<X m:each='lines' a='{code}'/>", "<X a='1'/><Q/><X/>", r#"{"lines":[{"code":"1"},{}]}"#),
];

/// Repetition, scopes and conditions.
const SCOPES: &[Case] = &[
    (
        "<X m:each='lines where other = \"x\" and flag' a='{code}'/>",
        "<X a='1'/>",
        r#"{"lines":[{"code":"1","other":"x","flag":"true"}]}"#,
    ),
    (
        "<X m:each='lines'>{code}</X><Y m:each='lines'>{other}</Y>",
        "<Y>1</Y><X>2</X><Y>3</Y>",
        r#"{"lines":[{"other":"1"},{"code":"2"},{"other":"3"}]}"#,
    ),
    ("<X m:when='not flag'/>", "<X/>", r#"{"flag":"false"}"#),
    ("<X m:with='inner'><Y>{code}</Y><Z>{text}</Z></X>", "<X><Y>1</Y></X>", r#"{"inner":{"code":"1"}}"#),
    (
        "<X m:with='inner'><Y>{code}</Y></X><Z m:with='inner'>{other}</Z>",
        "<Z>2</Z><X><Y>1</Y></X>",
        r#"{"inner":{"code":"1","other":"2"}}"#,
    ),
    (
        "<X a='{code}'><m:read from='@a'>{other | table unit}</m:read></X>",
        "<X a='EACH'/>",
        r#"{"code":"EACH","other":"C62"}"#,
    ),
    ("<X><Y><m:read from='../@a'>{code}</m:read></Y></X>", "<X a='1'><Y/></X>", r#"{"code":"1"}"#),
];

/// The other instructions, groups, alternatives and expressions.
const INSTRUCTIONS: &[Case] = &[
    ("<X m:into='other'>{code | upper}</X>", "<X>abc</X>", r#"{"other":"abc"}"#),
    ("<X m:only='read'>{code}</X>", "<X>1</X>", r#"{"code":"1"}"#),
    ("<X m:only='write'>{code}</X>", "<X>1</X>", "{}"),
    (
        "<X xsi:type='a:T'>{code}</X>",
        "<X xsi:type='b:T'>1</X><X xmlns:z='urn:a' xsi:type='z:T'>2</X>",
        r#"{"code":"2"}"#,
    ),
    (
        "<m:group m:each='lines'><X>{code}</X><Y>{other}</Y></m:group>",
        "<X>1</X><Y>a</Y><X>2</X><X>3</X><Y>b</Y>",
        r#"{"lines":[{"code":"1","other":"a"},{"code":"2"},{"code":"3","other":"b"}]}"#,
    ),
    (
        "<m:group m:with='inner'><X>{code}</X></m:group><Y>{code}</Y>",
        "<X>1</X><Y>2</Y>",
        r#"{"code":"2","inner":{"code":"1"}}"#,
    ),
    (
        "<m:group m:each='lines'><m:choose><X m:when=\"text = 'a'\" a='{code | required}'/><X m:when=\"text = 'b'\" b='{code | required}'/><X c='{other}'/></m:choose></m:group>",
        "<X b='1'/><X a='2'/><X c='3'/>",
        r#"{"lines":[{"text":"b","code":"1"},{"text":"a","code":"2"},{"other":"3"}]}"#,
    ),
    (
        "<m:group m:each='lines'><m:choose><X a='{code}'><m:read from='@b'>{text | required}</m:read></X><X c='{other}'/></m:choose></m:group>",
        "<X a='1' b='2'/><X a='3' c='4'/>",
        r#"{"lines":[{"code":"1","text":"2"},{"other":"4"}]}"#,
    ),
    (
        "<X m:text='expression'><N><P m:each='lines'>{code}</P></N></X>",
        "<X>{_wcf.ap=Q}/N[(P='1' or P='2')]</X>",
        r#"{"lines":[{"code":"1"},{"code":"2"}]}"#,
    ),
    (
        "<X m:text='expression'><m:read>{text}</m:read><expression profile='{other}'><N a='{code}'/></expression></X>",
        "<X>{_wcf.ap=Q}/N</X>",
        r#"{"text":"{_wcf.ap=Q}/N","other":"Q"}"#,
    ),
];

#[test]
fn holes_are_collected() {
    for (template, document, expected) in [TEXTS, SELECTION, SCOPES, INSTRUCTIONS].concat() {
        let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
        let read: serde_json::Value = serde_json::from_str(&Fixture::new(template).read(document)).unwrap();
        assert_eq!(read, expected, "{template} over {document}");
    }
}
