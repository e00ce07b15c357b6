//! Every documented example of every function, forwards and backwards.

use gateway_mapping::FUNCTIONS;

use crate::support::Fixture;

#[test]
fn every_example_is_true() {
    for example in FUNCTIONS.iter().flat_map(|function| function.examples) {
        let attribute = example.hole.replace('"', "&quot;");
        let fixture = Fixture::new(&format!("<X v=\"{{{attribute}}}\"/>"));
        let written = fixture.write(example.record);
        let expected = example.text.map(|text| format!("v=\"{text}\""));
        match &expected {
            Some(expected) if example.hole.contains("default '") => {
                assert!(
                    written.is_empty() || written.contains(expected.as_str()),
                    "{}: {written}",
                    example.hole
                );
            }
            Some(expected) => assert!(written.contains(expected.as_str()), "{}: {written}", example.hole),
            None => assert_eq!(written, "", "{}", example.hole),
        }
        if let (Some(back), Some(text)) = (example.back, example.text) {
            assert_eq!(fixture.read(&format!("<X v=\"{text}\"/>")), back, "{}", example.hole);
        }
    }
}

#[test]
fn every_function_has_an_example_and_stands_in_order() {
    assert!(FUNCTIONS.iter().all(|function| !function.examples.is_empty()));
    assert!(FUNCTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
}
