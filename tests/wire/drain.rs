//! The end of a gateway: what is under way is finished, nothing new is begun.

use gateway_transport::listener::Drained;
use tokio::net::TcpStream;

use crate::crooked::{Crooked, Does, Held};
use crate::documents::{question_and_answer, reserve};
use crate::gateway::{INVENTORY, Settings, within};

#[tokio::test]
async fn a_call_under_way_is_answered_while_nothing_new_is_taken() {
    let (question, answer) = question_and_answer("reserve", "partly-reserved");
    let dom = Held::with(&answer).await;
    let gateway = Settings::of(dom.url.clone()).run().await;
    let ending = async {
        within(dom.asked()).await;
        assert_eq!(gateway.admin("/ready").await.status, 200);
        gateway.stop.cancel();
        within(async { while gateway.admin("/ready").await.status == 200 {} }).await;
        let ready = gateway.admin("/ready").await;
        assert_eq!((ready.status, ready.body.as_str()), (503, "shutting down\n"));
        assert_eq!(gateway.admin("/live").await.status, 200);
        within(async { while TcpStream::connect(gateway.data).await.is_ok() {} }).await;
        dom.release();
    };
    let ((), answer) = tokio::join!(ending, gateway.ask(INVENTORY, &question));
    assert_eq!((answer.status, answer.code()), (200, ""), "{}", answer.body);
    assert_eq!(within(gateway.served).await.unwrap(), Drained::Whole);
    assert!(TcpStream::connect(gateway.admin).await.is_err());
}

#[tokio::test]
async fn a_call_that_does_not_end_is_cut_at_the_drains_end() {
    let dom = Crooked::that(Does::Nothing).await;
    let listen = "drain_timeout_ms = 50".to_owned();
    let gateway = Settings { listen, ..Settings::of(dom.url.clone()) }.run().await;
    let reserve = reserve();
    let ending = async {
        while dom.requests() == 0 {
            tokio::task::yield_now().await;
        }
        gateway.stop.cancel();
    };
    let mut stream = TcpStream::connect(gateway.data).await.unwrap();
    let request =
        format!("POST {INVENTORY} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{reserve}", reserve.len());
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    within(ending).await;
    assert_eq!(within(gateway.served).await.unwrap(), Drained::Cut(1));
}

#[tokio::test]
async fn a_gateway_without_calls_ends_at_once() {
    let gateway = Settings::of("http://127.0.0.1:9").run().await;
    gateway.stop.cancel();
    assert_eq!(within(gateway.served).await.unwrap(), Drained::Whole);
}
