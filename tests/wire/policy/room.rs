//! A gateway that has too much to do itself: pages give way first, orders last.

use futures_util::future::{join, join_all};
use gateway_simulator::serve::{Shows, Trouble};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{documents, until_metric};
use crate::caller::raw;
use crate::documents::exchange;
use crate::gateway::{EVENTS, INVENTORY, Settings, within};
use crate::stock::documents::online;
use crate::stock::world::World;

#[tokio::test]
async fn pages_give_way_in_band_while_orders_are_answered() {
    let listen = "calls = 10\n[listen.ceilings]\npush = 50\naccount = 50\nbrowse = 50\n".to_owned();
    let world = World::of("", |settings| Settings { listen, ..settings }).await;
    let script = world.dom.script();
    for _ in 0..5 {
        script.add("availability", Trouble::after_acting(Shows::Held));
    }
    let browse = online(&["P-001"]);
    let pages = join_all((0..5).map(|_| world.gateway.ask(INVENTORY, &browse)));
    let others = async {
        for _ in 0..5 {
            script.wait_for_held().await;
        }
        for (name, path, document) in documents() {
            let answer = world.gateway.ask(path, &document).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            if ["availability", "history", "details"].contains(&name) {
                assert_eq!(answer.fate(), ["GW-1016", "gateway", "no", "safe"], "{name}");
                assert_eq!((answer.header("retry-after"), answer.attempts()), ("1", 0), "{name}");
                assert_eq!(answer.in_band().action, "Rejected", "{name}");
            } else {
                assert_ne!(answer.code(), "GW-1016", "{name}");
            }
        }
        // A push is sent again by the DOM.
        let event = exchange("order_sync", "released", "dom-event.xml");
        let answer = world.gateway.ask(EVENTS, &event).await;
        assert_eq!((answer.status, answer.code()), (503, "GW-1016"), "{}", answer.body);
        assert_eq!(answer.root(), "Errors", "{}", answer.body);
        script.release(5);
    };
    let (pages, ()) = join(pages, others).await;
    assert!(pages.iter().all(|answer| (answer.status, answer.code()) == (200, "")));
    // The places are free again.
    until_metric(&world.gateway, "gateway_calls_under_way 0").await;
    assert_eq!(world.gateway.ask(INVENTORY, &browse).await.code(), "");
}

#[tokio::test]
async fn bodies_beyond_the_memory_for_them_are_refused_before_they_come() {
    let listen = "body_memory_bytes = 1_048_576\n".to_owned();
    let limits = "document_bytes = 1_048_576\n".to_owned();
    let world = World::of("", |settings| Settings { listen, limits, ..settings }).await;
    // A body that is promised and does not come keeps its room.
    let promise =
        "POST /stores/nordlicht/InventoryServices HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n<";
    let mut slow = TcpStream::connect(world.gateway.data).await.unwrap();
    slow.write_all(promise.as_bytes()).await.unwrap();
    let question = online(&["P-001"]);
    let length = question.len();
    let request = format!(
        "POST {INVENTORY} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{question}"
    );
    within(async {
        while raw(world.gateway.data, &request).await.status != 503 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let refused = raw(world.gateway.data, &request).await;
    assert_eq!(refused.fate(), ["GW-1016", "gateway", "no", "safe"], "{}", refused.body);
    assert_eq!(refused.header("retry-after"), "1");
    // Whoever goes gives it back.
    slow.shutdown().await.unwrap();
    let _ = slow.read(&mut [0; 1_024]).await;
    drop(slow);
    within(async {
        while raw(world.gateway.data, &request).await.status != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
