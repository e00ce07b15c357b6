//! Large documents come apart into small ones that say the same.

use std::fmt::Write as _;
use std::io::{self, Read};

use gateway_model::codes::{self, Code};

use super::{Pieces, Unsplit};
use crate::{Limits, Names, Tree};

const HEAD: &str = "<i:SyncStock xmlns:i=\"urn:i\" xmlns:o=\"urn:o\" releaseID=\"9.0\">\n\
    <o:ApplicationArea><o:Id>a&amp;b</o:Id></o:ApplicationArea>\n<i:DataArea>\n<o:Sync><o:Code x=\"1\"/></o:Sync>\n";
const TAIL: &str = "</i:DataArea>\n</i:SyncStock>\n";
/// What all pieces begin with.
const SAME_HEAD: &str = "<i:SyncStock xmlns:i=\"urn:i\" xmlns:o=\"urn:o\" releaseID=\"9.0\">\
    <o:ApplicationArea><o:Id>a&amp;b</o:Id></o:ApplicationArea><i:DataArea><o:Sync><o:Code x=\"1\"/></o:Sync>";
const SAME_TAIL: &str = "</i:DataArea></i:SyncStock>";

fn noun(number: usize) -> String {
    format!("<i:Stock id=\"{number}\">\n<i:Text>&lt;{number}&#65;</i:Text><i:None/><![CDATA[<&]]></i:Stock>")
}

fn large(nouns: usize) -> String {
    let nouns = (0..nouns).fold(String::new(), |mut text, number| {
        writeln!(text, "{}", noun(number)).unwrap();
        text
    });
    [HEAD, &nouns, TAIL].concat()
}

/// Documents and lines of all pieces.
fn pieces(source: impl Read, limits: &Limits, each: usize) -> Result<Vec<(String, Vec<u64>)>, Unsplit> {
    let mut pieces = Pieces::open(source, limits, each)?;
    let mut all = Vec::new();
    while let Some(piece) = pieces.next_piece()? {
        assert_eq!(piece.documents().count(), piece.len());
        all.push((piece.document(), piece.lines().collect()));
    }
    Ok(all)
}

/// A source that gives one byte at a time.
struct Drops<'b>(&'b [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let length = room.len().min(1);
        self.0.read(&mut room[..length])
    }
}

#[test]
fn each_piece_is_a_whole_document_with_the_same_head() {
    let text = large(5);
    let expected = [0..2, 2..4, 4..5].map(|range| {
        let nouns: String = range.clone().map(noun).collect();
        let lines = range.map(|number| 5 + 2 * number as u64).collect::<Vec<_>>();
        (format!("{SAME_HEAD}{nouns}{SAME_TAIL}"), lines)
    });
    let limits = Limits::default();
    assert_eq!(pieces(text.as_bytes(), &limits, 2).unwrap(), expected);
    assert_eq!(pieces(Drops(text.as_bytes()), &limits, 2).unwrap(), expected);
    let names = Names::default();
    for (document, _) in expected {
        Tree::parse(&document, &names, &limits).unwrap();
    }
}

#[test]
fn each_noun_can_stand_alone() {
    let text = large(3);
    let mut all = Pieces::open(text.as_bytes(), &Limits::default(), 10).unwrap();
    let piece = all.next_piece().unwrap().unwrap();
    let alone: Vec<String> = piece.documents().collect();
    assert_eq!(alone, [0, 1, 2].map(|number| format!("{SAME_HEAD}{}{SAME_TAIL}", noun(number))));
}

#[test]
fn an_envelope_stays_around_each_piece_without_its_header() {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let text = format!(
        "<?xml version=\"1.0\"?><!-- c --><s:Envelope xmlns:s=\"{soap}\"><s:Header><s:Secret>x</s:Secret></s:Header>\
         <s:Body>{}</s:Body></s:Envelope>",
        large(1)
    );
    let found = pieces(text.as_bytes(), &Limits::default(), 10).unwrap();
    let expected = format!(
        "<s:Envelope xmlns:s=\"{soap}\"><s:Body>{SAME_HEAD}{}{SAME_TAIL}</s:Body></s:Envelope>",
        noun(0)
    );
    assert_eq!(found.into_iter().map(|(document, _)| document).collect::<Vec<_>>(), [expected]);
}

#[test]
fn a_document_without_verb_or_nouns_is_read_too() {
    let bare = "<SyncStock><DataArea><Stock/></DataArea></SyncStock>";
    let found = pieces(bare.as_bytes(), &Limits::default(), 10).unwrap();
    assert_eq!(found, [(bare.to_owned(), vec![1])]);
    let none = "<SyncStock><DataArea><Sync/></DataArea></SyncStock>";
    assert_eq!(pieces(none.as_bytes(), &Limits::default(), 10).unwrap(), []);
}

#[test]
fn other_encodings_are_read() {
    let text = "<SyncStock><DataArea><Stock>\u{e4}\u{20ac}</Stock></DataArea></SyncStock>";
    let utf16 = |mark: u16, swap: fn(u16) -> [u8; 2]| {
        [mark].into_iter().chain(text.encode_utf16()).flat_map(swap).collect::<Vec<u8>>()
    };
    let latin = b"<?xml version='1.0' encoding='ISO-8859-15'?><SyncStock><DataArea><Stock>\xe4\xa4</Stock></DataArea></SyncStock>";
    for bytes in [
        text.as_bytes().to_vec(),
        format!("\u{feff}{text}").into_bytes(),
        utf16(0xfeff, u16::to_le_bytes),
        utf16(0xfeff, u16::to_be_bytes),
        latin.to_vec(),
    ] {
        for found in [
            pieces(&bytes[..], &Limits::default(), 10).unwrap(),
            pieces(Drops(&bytes), &Limits::default(), 10).unwrap(),
        ] {
            assert_eq!(found, [(text.to_owned(), vec![1])], "{bytes:?}");
        }
    }
}

#[test]
fn what_cannot_be_split_is_refused_with_its_line() {
    let small = Limits { text_bytes: 400, depth: 5, ..Limits::default() };
    let long = |text: &str| large(1).replace("<i:None/>", text);
    let cases: [(String, Code, u32, &str); 12] = [
        (large(2).chars().take(HEAD.len() + 40).collect(), codes::TRUNCATED_XML, 6, "ends too early"),
        (
            large(2).trim_end().strip_suffix("</i:SyncStock>").unwrap().to_owned(),
            codes::TRUNCATED_XML,
            10,
            "`</i:SyncStock>`",
        ),
        (HEAD.to_owned() + "<i:Sto", codes::TRUNCATED_XML, 5, "ends too early"),
        (format!("\n<!DOCTYPE x>{}", large(1)), codes::DOCTYPE_REFUSED, 2, "document type"),
        (long("</i:Other>"), codes::MALFORMED_XML, 6, "not well-formed"),
        (large(1) + "<again/>", codes::MALFORMED_XML, 9, "after the root"),
        (large(1).replace("<i:DataArea>", "<i:DataArea>words"), codes::MALFORMED_XML, 3, "text between"),
        ("<html><body><p>503</p></body></html>".to_owned(), codes::MALFORMED_XML, 1, "no data area"),
        (long("<a><a><a><a/></a></a></a>"), codes::LIMIT_EXCEEDED, 6, "inside each other"),
        (long(&"<a></a>".repeat(100)), codes::LIMIT_EXCEEDED, 6, "the noun is too long"),
        (long(&"a".repeat(200_000)), codes::LIMIT_EXCEEDED, 6, "a text or a tag is too long"),
        (
            large(1).replace("a&amp;b", &"<a>1</a>".repeat(100)),
            codes::LIMIT_EXCEEDED,
            2,
            "before the first noun",
        ),
    ];
    for (text, code, line, message) in cases {
        let error = pieces(text.as_bytes(), &small, 10).unwrap_err();
        let Unsplit::Refused(refusal) = &error else { panic!("{error}") };
        assert_eq!((refusal.code, refusal.line), (code, line), "{message}: {refusal}");
        assert!(refusal.to_string().contains(message), "{message}: {refusal}");
    }
    let bad = [HEAD.as_bytes(), b"<i:Stock>\xe4</i:Stock>", TAIL.as_bytes()].concat();
    let Err(Unsplit::Refused(refusal)) = pieces(&bad[..], &small, 10) else { panic!("expected a refusal") };
    assert_eq!((refusal.code, refusal.line), (codes::BAD_ENCODING, 5));
    let utf16 = b"\xff\xfe<\0a\0\0\xd8>\0>\0";
    let Err(Unsplit::Refused(refusal)) = pieces(&utf16[..], &small, 10) else { panic!("expected a refusal") };
    assert_eq!(refusal.code, codes::BAD_ENCODING);
}

#[test]
fn pieces_end_before_they_grow_large_and_broken_sources_say_so() {
    let long = "x".repeat(100_000);
    let nouns = format!("<Stock>{long}</Stock>").repeat(9);
    let text = format!("<SyncStock><DataArea>{nouns}</DataArea></SyncStock>");
    let found = pieces(text.as_bytes(), &Limits::default(), 1_000).unwrap();
    let counts: Vec<usize> = found.iter().map(|(_, lines)| lines.len()).collect();
    assert_eq!(counts, [3, 3, 3]);

    struct Lost;
    impl Read for Lost {
        fn read(&mut self, _room: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let lost = pieces(HEAD.as_bytes().chain(Lost), &Limits::default(), 1);
    let Err(Unsplit::Read(error)) = lost else { panic!("expected an error of the source") };
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}
