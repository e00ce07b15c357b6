//! Several stores and DOMs in one process, and what the listener says to requests that are no call of anybody.

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::caller::{SOAP_11, SOAP_12, raw};
use crate::crooked::{Crooked, Does};
use crate::documents::{availability, copied_mappings, exchange, question_and_answer, replaced, reserve};
use crate::gateway::{EVENTS, INVENTORY, ORDERS, Settings, within};
use crate::stand_in::{answering, asked, confirmation, count, dom};

#[tokio::test]
async fn each_path_leads_to_its_own_store_and_dom() {
    let mappings = copied_mappings();
    for (table, row) in [
        ("organization", "[\"22222\", \"SUEDWIND\"]"),
        ("inventory_organization", "[\"22222\", \"SUEDWIND-INV\"]"),
    ] {
        let file = mappings.path().join(format!("sterling/tables/{table}.toml"));
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, replaced(&text, "rows = [", &format!("rows = [\n    {row},"))).unwrap();
    }
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    let (north, south) = (dom(&answer).await, dom(&answer).await);
    let north_store = answering(200, SOAP_11, confirmation(None)).await;
    let south_store = answering(200, SOAP_11, confirmation(None)).await;
    let url = south_store.uri();
    let further = format!(
        "[[store]]\nname = \"suedlicht\"\ndialect = \"hcl-commerce\"\npath = \"/stores/suedlicht\"\nids = [\"22222\"]\n\
         dom = \"southern\"\n[store.inbound]\ninventory = \"{url}/inventory\"\norder = \"{url}/order\"\n\
         [[dom]]\nname = \"southern\"\ndialect = \"sterling\"\nconnection = \"rest\"\nurl = \"{}/api\"\n\
         [dom.push]\npath = \"/doms/southern\"\n",
        south.uri()
    );
    let mappings = Some(mappings.path().to_owned());
    let settings =
        Settings { further, mappings, store: Some(north_store.uri()), ..Settings::of(north.uri()) };
    let gateway = settings.run().await;

    assert_eq!(gateway.ask(INVENTORY, &question).await.status, 200);
    assert_eq!((count(&north).await, count(&south).await), (1, 0));
    let question = replaced(&question, "11651", "22222");
    // The bare path of a store is as good as that of its service.
    for path in ["/stores/suedlicht/InventoryServices", "/stores/suedlicht"] {
        assert_eq!(gateway.ask(path, &question).await.status, 200, "{path}");
    }
    assert_eq!((count(&north).await, count(&south).await), (1, 2));
    let sent = asked(&south).await;
    let sent = sent.first().unwrap();
    assert_eq!(sent.request.url.path(), "/api/invoke/multiApi");
    assert!(sent.document.contains("SUEDWIND") && !sent.document.contains("NORDWIND"), "{}", sent.document);

    // A store may not speak for the other: nothing is sent, and it is told so in its own document.
    let answer = gateway.ask(INVENTORY, &question).await;
    assert_eq!((answer.status, answer.code()), (200, "GW-7005"), "{}", answer.body);
    assert_eq!((count(&north).await, count(&south).await), (1, 2));

    // Either DOM may tell either store; the event says which.
    let event = exchange("order_sync", "released", "dom-event.xml");
    for (path, event, counts) in [
        (EVENTS, event.clone(), (1, 0)),
        (EVENTS, event.replace("NORDWIND", "SUEDWIND"), (1, 1)),
        ("/doms/southern", event.replace("NORDWIND", "SUEDWIND"), (1, 2)),
    ] {
        let answer = gateway.ask(path, &event).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert_eq!((count(&north_store).await, count(&south_store).await), counts, "{path}");
    }
    let nobodys =
        event.replace("SellerOrganizationCode=\"NORDWIND\"", "").replace("EnterpriseCode=\"NORDWIND\"", "");
    let answer = gateway.ask(EVENTS, &nobodys).await;
    assert_eq!((answer.status, answer.code()), (422, "GW-7005"), "{}", answer.body);
}

#[tokio::test]
async fn a_heartbeat_is_answered_without_the_dom() {
    let dom = dom("<Errors/>").await;
    let gateway = Settings::of(dom.uri()).run().await;
    for method in [Method::GET, Method::HEAD] {
        let answer = gateway.call(method, "/stores/nordlicht/heartbeat", &[], "").await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(count(&dom).await, 0);
}

#[tokio::test]
async fn what_is_no_call_of_anybody_is_refused_with_its_own_status() {
    let dom = dom("<Errors/>").await;
    let gateway = Settings::of(dom.uri()).run().await;
    for (method, path, status, code) in [
        (Method::GET, INVENTORY, 405, "GW-1015"),
        (Method::PUT, ORDERS, 405, "GW-1015"),
        (Method::GET, EVENTS, 405, "GW-1015"),
        (Method::POST, "/", 404, "GW-1013"),
        (Method::GET, "/stores/nordlicht/Services", 404, "GW-1013"),
        (Method::POST, "/stores/elsewhere/InventoryServices", 404, "GW-1013"),
        (Method::POST, "/stores/nordlicht/../nordlicht/InventoryServices/", 404, "GW-1013"),
        (Method::GET, "/metrics", 404, "GW-1013"),
        (Method::GET, "/config", 404, "GW-1013"),
    ] {
        let name = format!("{method} {path}");
        let answer = gateway.call(method, path, &[("content-type", SOAP_12)], availability()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{name}: {}", answer.body);
        assert_eq!(answer.header("allow"), if status == 405 { "POST" } else { "" }, "{name}");
        if path != EVENTS {
            let fault = answer.soap_fault();
            assert_eq!((fault.side, fault.detail("code")), ("Client", code), "{name}");
        }
    }
    assert_eq!(count(&dom).await, 0);
}

#[tokio::test]
async fn a_call_beyond_the_limit_is_refused_at_once() {
    let dom = Crooked::that(Does::Nothing).await;
    let listen = "calls = 1".to_owned();
    let gateway = Settings { listen, ..Settings::of(dom.url.clone()) }.run().await;
    let reserve = reserve();
    let second = async {
        while dom.requests() == 0 {
            tokio::task::yield_now().await;
        }
        for (path, document) in
            [(INVENTORY, availability()), (EVENTS, exchange("order_sync", "released", "dom-event.xml"))]
        {
            let answer = gateway.ask(path, &document).await;
            assert_eq!((answer.status, answer.code()), (503, "GW-1016"), "{path}: {}", answer.body);
            assert_eq!(answer.fate(), ["GW-1016", "gateway", "no", "safe"], "{path}");
            assert_eq!(answer.header("retry-after"), "1", "{path}");
            match path {
                EVENTS => assert_eq!(answer.root(), "Errors", "{}", answer.body),
                _ => assert_eq!(answer.soap_fault().side, "Server", "{}", answer.body),
            }
        }
        let beat = gateway.call(Method::GET, "/stores/nordlicht/heartbeat", &[], "").await;
        assert_eq!(beat.status, 200);
    };
    tokio::select! {
        () = second => {}
        answer = gateway.ask(INVENTORY, &reserve) => unreachable!("{answer:?}"),
    }
    assert_eq!(dom.requests(), 1);
}

#[tokio::test]
async fn what_the_listener_refuses_is_a_soap_fault_with_a_code_too() {
    let dom = dom("<Errors/>").await;
    let listen = "body_timeout_ms = 100\n".to_owned();
    let limits = "document_bytes = 2_000\n".to_owned();
    let gateway = Settings { listen, limits, ..Settings::of(dom.uri()) }.run().await;
    let long = format!("<a>{}</a>", " ".repeat(3_000));
    let half = "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nContent-Length: 100\r\n\r\n<a>";
    let hostless = "POST {path} HTTP/1.1\r\nContent-Type: {type}\r\nContent-Length: 4\r\n\r\n<a/>";
    let doubled = "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n0\r\n\r\n";
    for (content_type, version) in [(SOAP_11, "1.1"), (SOAP_12, "1.2")] {
        let written = |head: &str| head.replace("{path}", INVENTORY).replace("{type}", content_type);
        let too_large = gateway.post(INVENTORY, content_type, long.clone()).await;
        let too_slow = raw(gateway.data, &written(half)).await;
        let without_host = raw(gateway.data, &written(hostless)).await;
        let two_lengths = raw(gateway.data, &written(doubled)).await;
        for (answer, status, code, repeat) in [
            (too_large, 413, "GW-1004", "useless"),
            (too_slow, 408, "GW-1014", "safe"),
            (without_host, 400, "GW-1017", "useless"),
            (two_lengths, 400, "GW-1017", "useless"),
        ] {
            assert_eq!(answer.status, status, "{}", answer.body);
            assert_eq!(answer.fate(), [code, "store", "no", repeat], "{status}");
            let fault = answer.soap_fault();
            assert_eq!(
                (fault.version, fault.side, fault.detail("code")),
                (version, "Client", code),
                "{status}"
            );
            assert_eq!(fault.detail("requestId"), answer.header("x-request-id"), "{status}");
        }
    }
    // A DOM is told so in its own words.
    let answer = gateway.post(EVENTS, SOAP_11, long).await;
    assert_eq!((answer.status, answer.root().as_str()), (413, "Errors"), "{}", answer.body);
    assert_eq!(answer.fate(), ["GW-1004", "store", "no", "useless"]);
    assert_eq!(count(&dom).await, 0);
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_told_so() {
    let listen = "connections = 1".to_owned();
    let gateway = Settings { listen, ..Settings::of("http://127.0.0.1:9") }.run().await;
    let beat = "GET /stores/nordlicht/heartbeat HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut first = TcpStream::connect(gateway.data).await.unwrap();
    first.write_all(beat.as_bytes()).await.unwrap();
    within(first.read_exact(&mut [0; 12])).await.unwrap();
    let answer = raw(gateway.data, beat).await;
    assert_eq!((answer.status, answer.code()), (503, "GW-1016"), "{}", answer.body);
    assert_eq!((answer.header("connection"), answer.soap_fault().side), ("close", "Server"));
}
