//! What exactly arrives at the DOM, over both of its connections.

use wiremock::MockServer;

use crate::documents::{canonical, cases, question_and_answer};
use crate::gateway::{INVENTORY, ORDERS, Settings};
use crate::stand_in::{answers, asked, dom};

/// Operations a store asks, its service for them, and the API the DOM is called by.
const ASKED: &[(&str, &str, &str)] = &[
    ("availability", INVENTORY, "multiApi"),
    ("check", INVENTORY, "multiApi"),
    ("reserve", INVENTORY, "reserveAvailableInventory"),
    ("cancel_reservation", INVENTORY, "multiApi"),
    ("transfer", ORDERS, "createOrder"),
    ("history", ORDERS, "getPage"),
    ("details", ORDERS, "getCompleteOrderDetails"),
];

#[tokio::test]
async fn every_question_of_the_fixtures_arrives_as_it_stands_there() {
    let cases = ASKED.iter().flat_map(|asked| cases(asked.0).into_iter().map(move |case| (asked, case)));
    let dom = MockServer::start().await;
    let rest = Settings { connection: "rest".to_owned(), ..Settings::of(dom.uri()) }.run().await;
    let interop = Settings::of(dom.uri()).run().await;
    for ((operation, service, api), case) in cases {
        let file = |name: &str| std::fs::read_to_string(case.join(name));
        let (Ok(expected), Ok(answer)) = (file("dom-request.xml"), file("dom-answer.xml")) else { continue };
        for (connection, gateway) in [("interop", &interop), ("rest", &rest)] {
            let name = format!("{connection}, {}", case.display());
            answers(&dom, 200, "text/xml", answer.clone()).await;
            gateway.ask(service, &file("store-request.xml").unwrap()).await;
            // After a refused transfer the DOM is also asked whether it has the order.
            let mut sent = asked(&dom).await;
            sent.truncate(if *operation == "transfer" { 1 } else { sent.len() });
            let [sent] = sent.as_slice() else { unreachable!("{name}: {sent:?}") };
            assert_eq!(sent.api, *api, "{name}");
            assert_eq!(canonical(&sent.document), canonical(&expected), "{name}");
        }
    }
}

#[tokio::test]
async fn the_interop_servlet_gets_a_form_with_these_fields_and_no_others() {
    for (operation, case, service, template) in [
        ("availability", "items-online-and-physical", INVENTORY, ""),
        ("transfer", "numbered-by-the-dom", ORDERS, "createOrder"),
        ("details", "by-key", ORDERS, "getCompleteOrderDetails"),
    ] {
        let (question, answer) = question_and_answer(operation, case);
        let dom = dom(&answer).await;
        let of_dom = "program_id = \"shop-gateway\"".to_owned();
        let gateway = Settings { of_dom, ..Settings::of(dom.uri()) }.run().await;
        assert_eq!(gateway.ask(service, &question).await.status, 200, "{operation}");
        let sent = asked(&dom).await;
        let sent = sent.first().unwrap();
        let names: Vec<&str> = sent.fields.iter().map(|(name, _)| name.as_str()).collect();
        let mut expected = vec!["InteropApiName", "InteropApiData", "IsFlow", "YFSEnvironment.progId"];
        expected.extend((!template.is_empty()).then_some("TemplateData"));
        assert_eq!(names, expected, "{operation}");
        assert_eq!([sent.field("IsFlow"), sent.field("YFSEnvironment.progId")], ["N", "shop-gateway"]);
        if !template.is_empty() {
            let file = format!("mappings/sterling/output-templates/{template}.xml");
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            let expected = std::fs::read_to_string(file).unwrap();
            assert_eq!(canonical(sent.field("TemplateData")), canonical(&expected), "{operation}");
        }
        assert_eq!(sent.request.url.path(), "/smcfs/interop/InteropHttpServlet", "{operation}");
        assert_eq!((sent.request.method.as_str(), sent.request.url.query()), ("POST", None), "{operation}");
        assert_eq!(sent.header("content-type"), "application/x-www-form-urlencoded; charset=UTF-8");
    }
}

#[tokio::test]
async fn the_rest_api_gets_the_document_at_the_path_of_its_name() {
    let (question, answer) = question_and_answer("reserve", "partly-reserved");
    let dom = dom(&answer).await;
    let gateway = Settings { connection: "rest".to_owned(), ..Settings::of(dom.uri()) }.run().await;
    assert_eq!(gateway.ask(INVENTORY, &question).await.status, 200);
    let sent = asked(&dom).await;
    let sent = sent.first().unwrap();
    assert_eq!(sent.request.url.path(), "/smcfs/restapi/invoke/reserveAvailableInventory");
    assert_eq!((sent.request.method.as_str(), sent.request.url.query()), ("POST", None));
    assert_eq!(sent.header("content-type"), "application/xml; charset=UTF-8");
    assert!(sent.header("accept").contains("application/xml"), "{}", sent.header("accept"));
}

#[tokio::test]
async fn text_beyond_ascii_arrives_whole() {
    let (question, answer) = question_and_answer("transfer", "every-kind-of-payment");
    for connection in ["interop", "rest"] {
        let dom = dom(&answer).await;
        let gateway = Settings { connection: connection.to_owned(), ..Settings::of(dom.uri()) }.run().await;
        assert_eq!(gateway.ask(ORDERS, &question).await.status, 200, "{connection}");
        assert!(asked(&dom).await.first().unwrap().document.contains("de Wïnter"), "{connection}");
    }
}

#[tokio::test]
async fn more_pairs_than_the_dom_takes_at_once_are_asked_in_several_calls_and_answered_in_one() {
    let items: Vec<String> = (0..150).map(|number| format!("PartNumber='I-{number}'")).collect();
    let question = crate::documents::replaced(
        &crate::documents::availability(),
        "PartNumber='TENT-9P'",
        &items.join(" or "),
    );
    let dom = crate::stand_in::dom_by(|asked| {
        let calls = asked.document.matches("monitorItemAvailability").count();
        let output = "<API Name=\"monitorItemAvailability\"><Output><InventoryAlerts><InventoryAlert \
                      OnhandAvailableQuantity=\"1.00\"/></InventoryAlerts></Output></API>";
        crate::stand_in::xml(&format!("<MultiApi>{}</MultiApi>", output.repeat(calls)))
    })
    .await;
    let gateway = Settings::of(dom.uri()).run().await;
    let answer = gateway.ask(INVENTORY, &question).await;
    assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 2), "{}", answer.body);
    let mut sizes: Vec<usize> =
        asked(&dom).await.iter().map(|asked| asked.document.matches("ItemID=").count()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [50, 100]);
    let parts: Vec<&str> = answer.body.split("<_wcf:PartNumber>").skip(1).collect();
    let answered: Vec<String> = parts.iter().map(|part| part.split('<').next().unwrap().to_owned()).collect();
    let expected: Vec<String> = (0..150).map(|number| format!("I-{number}")).collect();
    assert_eq!(answered, expected);
}

#[tokio::test]
async fn an_answer_in_another_encoding_reaches_the_store_whole() {
    let (question, answer) = question_and_answer("transfer", "numbered-by-the-dom");
    let answer = answer.replace("UTF-8", "ISO-8859-1").replace("k-1", "K\u{fc}che-1");
    let latin: Vec<u8> = answer.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for content_type in ["text/xml", "text/xml; charset=ISO-8859-1"] {
        let dom = crate::stand_in::answering(200, content_type, latin.clone()).await;
        let told = Settings::of(dom.uri()).run().await.ask(ORDERS, &question).await;
        assert_eq!(told.status, 200, "{content_type}: {}", told.body);
        assert_eq!(told.first("ExternalOrderID"), "K\u{fc}che-1", "{content_type}: {}", told.body);
    }
}
