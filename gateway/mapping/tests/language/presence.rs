//! Which elements and attributes are written.

use crate::support::Fixture;

#[test]
fn what_has_no_value_is_not_written() {
    let cases = [
        ("<X><Y>{code}</Y></X>", r#"{"code":"1"}"#, "<X><Y>1</Y></X>"),
        ("<X><Y>{code}</Y></X>", "{}", ""),
        ("<X a='{code}' b='{other}'/>", r#"{"other":"2"}"#, r#"<X b="2"/>"#),
        ("<X a='c'><Y>{code}</Y></X>", "{}", ""),
        ("<X a='c'/>", "{}", r#"<X a="c"/>"#),
        ("<X><Y>c</Y><Z>{code}</Z></X>", "{}", ""),
        ("<X><Y>c</Y><Z>{code}</Z></X>", r#"{"code":"1"}"#, "<X><Y>c</Y><Z>1</Z></X>"),
        ("<X a=\"{code | default 'd'}\"/>", "{}", ""),
        ("<X a=\"{code | default 'd'}\" b='{other}'/>", r#"{"other":"o"}"#, r#"<X a="d" b="o"/>"#),
        ("<X a=\"{'d'}\"/>", "{}", r#"<X a="d"/>"#),
        ("<X a=\"{'d'}\" b='{other}'/>", "{}", ""),
        ("<X>{if flag then 'Y' else 'N'}</X>", "{}", "<X>N</X>"),
        ("<X m:keep='true' a='{code}'><Y>{other}</Y></X>", "{}", "<X/>"),
        ("<X><Y m:keep='true'>{code}</Y><Z>{other}</Z></X>", "{}", "<X><Y/></X>"),
        ("<X><Y m:keep='true' a='c'/><Z>{other}</Z></X>", "{}", r#"<X><Y a="c"/></X>"#),
        ("<X m:with='inner'><Y m:keep='true'>{code}</Y></X>", "{}", ""),
        ("<X m:each='lines'><Y m:keep='true'>{code}</Y></X>", "{}", ""),
        ("<m:group m:with='inner'><Y>c</Y></m:group>", "{}", ""),
        ("<X a=\"{code | default ''}\" b='{other}'/>", r#"{"other":"o"}"#, r#"<X a="" b="o"/>"#),
        (
            "<X m:each='lines' m:index='n' a='{code}' b='{n}'/>",
            r#"{"lines":[{"code":"x"},{"code":"y"}]}"#,
            r#"<X a="x" b="1"/><X a="y" b="2"/>"#,
        ),
        ("<X m:when='flag'/>", r#"{"flag":"true"}"#, "<X/>"),
        ("<X m:when='flag'/>", r#"{"flag":"false"}"#, ""),
        ("<P><X m:when='flag'/></P>", r#"{"flag":"true"}"#, "<P><X/></P>"),
        ("<P><X m:when='flag'>c</X></P>", "{}", ""),
        ("<X>WC_{code}</X>", r#"{"code":"17"}"#, "<X>WC_17</X>"),
        ("<X>WC_{code}</X>", "{}", ""),
        ("<X>{code}/{other}</X>", r#"{"code":"1","other":"2"}"#, "<X>1/2</X>"),
        ("<X>{{{code}}}</X>", r#"{"code":"1"}"#, "<X>{1}</X>"),
        ("<X a='{text}'>{text}</X>", r#"{"text":"<&\"'"}"#, "<X a=\"&lt;&amp;&quot;'\">&lt;&amp;\"'</X>"),
    ];
    for (template, record, expected) in cases {
        let written = Fixture::new(template).write(record);
        assert_eq!(written, expected, "{template} with {record}");
    }
}

#[test]
fn a_list_is_written_entry_by_entry() {
    let cases = [
        ("<X m:each='lines' a='{code}'/>", r#"<X a="1"/><X a="2"/><X a="3"/>"#),
        (
            "<X m:each='l in lines' a='{l.code}' b='{code}'/>",
            r#"<X a="1" b="1"/><X a="2" b="2"/><X a="3" b="3"/>"#,
        ),
        ("<X m:each='lines where number &gt; 1' a='{code}'/>", r#"<X a="2"/><X a="3"/>"#),
        ("<X m:each=\"lines where other = 'x'\" a='{code}' o='{text}'/>", r#"<X a="3"/>"#),
        ("<X m:each='p in parts' a='{id}' b='{p.id}' o='{text}'/>", r#"<X a="p" b="p" o="outer"/>"#),
        ("<X m:each='lines' a='{inner.code}'/>", ""),
        ("<P><X m:each='lines' m:when='number = 2'/></P>", "<P><X/></P>"),
        (
            "<m:group m:each='lines'><X>{code}</X><Y>{number}</Y></m:group>",
            "<X>1</X><Y>1</Y><X>2</X><Y>2</Y><X>3</X><Y>3</Y>",
        ),
        (
            "<m:choose><X m:when=\"text = 'inner'\">1</X><Y m:when=\"text = 'outer'\">2</Y><Z>3</Z></m:choose>",
            "<Y>2</Y>",
        ),
        ("<m:choose><X m:when='flag'>1</X><Z>3</Z></m:choose>", "<Z>3</Z>"),
        (
            "<X m:each='lines'><m:choose><A m:when='number &gt; 1'>{code}</A><B>{code}</B></m:choose></X>",
            "<X><B>1</B></X><X><A>2</A></X><X><A>3</A></X>",
        ),
    ];
    let record = r#"{"text":"outer","lines":[{"code":"1","number":"1"},{"code":"2","number":"2"},{"code":"3","number":"3","other":"x"}],"parts":[{"id":"p"}]}"#;
    for (template, expected) in cases {
        assert_eq!(Fixture::new(template).write(record), expected, "{template}");
    }
}
