//! When the DOM cannot be asked: what is answered instead, how seldom it is tried, and how it comes back.

use gateway_simulator::serve::{Script, Shows, Trouble};

use super::documents::{change, check, online, requirement, sent};
use super::world::{
    FOR_EVER, LONG_PAUSE, ONLY_ON_ERROR, SHOP, SHORT_PAUSE, World, ago, before, dom, dom_at, lines, statuses,
};
use crate::caller::Answered;
use crate::gateway::{INVENTORY, Settings};

const FALLBACK: &str = "[cache.rule.fallback]\nstatus = \"Backorderable\"\noffset_secs = 86_400\n";

/// Requests of one question that fails: a read is tried twice.
const ATTEMPTS: usize = 2;

fn with_pause(pause: &str) -> impl FnOnce(Settings) -> Settings {
    let of_dom = pause.to_owned();
    |settings| Settings { of_dom, ..settings }
}

fn told(number: usize) -> String {
    format!("P-{number:03} {SHOP} Available {}", 100 + number)
}

/// Everything that a DOM can do wrong without anybody having refused anything.
fn troubles() -> [Shows; 7] {
    [
        Shows::Status(503),
        Shows::Status(500),
        Shows::Html,
        Shows::Empty,
        Shows::Dropped,
        Shows::HalfDocument,
        Shows::Garbage,
    ]
}

async fn failed(world: &World, question: &str) -> Answered {
    let answer = world.gateway.ask(INVENTORY, question).await;
    assert_eq!(answer.status, 500, "{}", answer.body);
    assert_eq!(answer.soap_fault().side, "Server", "{}", answer.body);
    answer
}

#[tokio::test]
async fn what_is_known_is_answered_whatever_the_dom_does_wrong() {
    for shows in troubles() {
        let world = World::of(ONLY_ON_ERROR, with_pause(LONG_PAUSE)).await;
        let question = online(&["P-001", "P-002"]);
        world.ask(&question).await;
        world.trouble("availability", &shows, ATTEMPTS);
        for _ in 0..20 {
            let answer = world.ask(&question).await;
            assert_eq!(lines(&answer), [told(1), told(2)], "{shows:?}");
            assert_ne!(answer.header("x-gateway-age"), "", "{shows:?}");
        }
        // One question failed, and nobody asked again.
        let (calls, _) = world.asked();
        assert!(calls <= 1 + ATTEMPTS as u64, "{shows:?}: {calls}");
        assert_eq!(world.counter("lines_stale"), 40, "{shows:?}");
    }
}

#[tokio::test]
async fn what_is_known_is_answered_while_nobody_listens_where_the_dom_was() {
    let dom = dom().await;
    let settings = before(&dom, &format!("{ONLY_ON_ERROR}{FALLBACK}"));
    let gateway = with_pause(LONG_PAUSE)(settings).run().await;
    gateway.ask(INVENTORY, &online(&["P-001"])).await;
    dom.stop().await;
    for _ in 0..20 {
        let answer = gateway.ask(INVENTORY, &online(&["P-001", "P-002"])).await;
        let lines = lines(&answer);
        assert_eq!(lines[0], told(1));
        assert!(lines[1].starts_with(&format!("P-002 {SHOP} Backorderable")), "{lines:?}");
    }
    let metrics = gateway.admin("/metrics").await.body;
    let tried = metrics.lines().filter(|line| line.starts_with("gateway_dom_attempts_total"));
    let tried: usize = tried.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap()).sum();
    assert!(tried <= 1 + ATTEMPTS, "{metrics}");
}

#[tokio::test]
async fn what_is_known_is_answered_when_the_dom_is_silent() {
    let deadlines: &[_] = &[("availability", 200, 200), ("check", 200, 200)];
    let settings = |settings| Settings { deadlines, ..with_pause(LONG_PAUSE)(settings) };
    let world = World::of(ONLY_ON_ERROR, settings).await;
    let question = online(&["P-001"]);
    world.push(&change("P-001", &ago(0), &[("", "101")])).await;
    world.dom.script().add("availability", Trouble::instead(Shows::Held));
    world.dom.script().add("availability", Trouble::instead(Shows::Held));
    for _ in 0..5 {
        assert_eq!(world.lines(&question).await, [told(1)]);
    }
    assert_eq!(statuses(&world.ask(&check(&[sent("1", "P-001", "5")])).await), ["Available"]);
    assert!(world.asked().0 <= ATTEMPTS as u64, "{:?}", world.asked());
    world.dom.script().release(ATTEMPTS);
}

#[tokio::test]
async fn what_is_known_for_too_long_gives_way_to_the_fallback_and_without_one_the_call_fails() {
    let world = World::of(&format!("{ONLY_ON_ERROR}{FALLBACK}"), with_pause(LONG_PAUSE)).await;
    world.trouble("availability", &Shows::Status(503), ATTEMPTS);
    world.push(&change("P-001", &ago(1_800), &[("", "5")])).await;
    world.push(&change("P-002", &ago(7_200), &[("", "6")])).await;
    let lines = world.lines(&online(&["P-001", "P-002", "P-003"])).await;
    assert_eq!(lines[0], format!("P-001 {SHOP} Available 5"));
    for (line, item) in lines.iter().skip(1).zip(["P-002", "P-003"]) {
        assert!(line.starts_with(&format!("{item} {SHOP} Backorderable")), "{lines:?}");
        assert!(line.ends_with(" 86400"), "{lines:?}");
    }
    assert_eq!((world.counter("lines_stale"), world.counter("lines_fallback")), (1, 2));

    let world = World::of(ONLY_ON_ERROR, with_pause(LONG_PAUSE)).await;
    world.trouble("availability", &Shows::Status(503), ATTEMPTS);
    world.push(&change("P-002", &ago(7_200), &[("", "6")])).await;
    failed(&world, &online(&["P-001"])).await;
    // Who comes while the DOM is left alone is told so in the answer: a fault would make the store stop asking.
    let told = world.gateway.ask(INVENTORY, &online(&["P-002"])).await;
    assert_eq!((told.status, told.fate()), (200, ["GW-4013", "network", "no", "safe"]), "{}", told.body);
    assert_eq!(told.in_band().root, "ShowInventoryAvailability");
    assert_eq!(world.asked().0, ATTEMPTS as u64);
}

#[tokio::test]
async fn a_failure_is_told_as_without_a_cache() {
    for shows in troubles() {
        let question = online(&["P-001"]);
        let mut told = Vec::new();
        for rules in ["", FOR_EVER] {
            let world = World::of(rules, with_pause(LONG_PAUSE)).await;
            world.trouble("availability", &shows, ATTEMPTS);
            let answer = failed(&world, &question).await;
            let fate = answer.fate().map(ToOwned::to_owned);
            told.push((fate, answer.attempts(), answer.soap_fault().text, world.asked()));
        }
        assert_eq!(told[0], told[1], "{shows:?}");
    }
}

#[tokio::test]
async fn too_little_that_is_too_old_gives_way_to_the_fallback() {
    let fallback = format!("{ONLY_ON_ERROR}{FALLBACK}");
    let stale = format!("{ONLY_ON_ERROR}fallback_when_short = false\n{FALLBACK}");
    for (rules, expected) in [(fallback, "Backorderable"), (stale, "Available")] {
        let world = World::of(&rules, with_pause(LONG_PAUSE)).await;
        world.ask(&online(&["P-001"])).await;
        world.trouble("availability", &Shows::Status(503), ATTEMPTS);
        let answer = world.ask(&check(&[sent("1", "P-001", "5")])).await;
        assert_eq!(statuses(&answer), ["Available"]);
        let lines = world.lines(&online(&["P-001"])).await;
        assert_eq!(lines, [told(1)]);
        // Of 101 pieces nobody can have 102; what is known of them is the fallback's to say, or the record's.
        let answer = world.ask(&check(&[sent("1", "P-001", "102")])).await;
        let counted = (world.counter("lines_stale"), world.counter("lines_fallback"));
        assert_eq!(counted, if expected == "Available" { (3, 0) } else { (2, 1) }, "{:?}", statuses(&answer));
    }
}

#[tokio::test]
async fn the_dom_is_asked_again_when_it_is_back_and_with_one_call_first() {
    let world = World::of(ONLY_ON_ERROR, with_pause(SHORT_PAUSE)).await;
    let questions: Vec<String> = (0..20).map(|number| online(&[&super::world::item(number)])).collect();
    for question in &questions {
        world.ask(question).await;
    }
    let (before, _) = world.asked();
    world.trouble("availability", &Shows::Status(503), 10);
    world.online("P-000", 7);
    world.until(&questions[0], &format!("P-000 {SHOP} Available 7")).await;
    // Ten requests failed, five questions of two attempts each; then one was answered.
    assert_eq!(world.asked().0 - before, 11);
    for (number, question) in questions.iter().enumerate().skip(1) {
        assert_eq!(world.lines(question).await, [told(number)]);
    }
    assert_eq!(world.asked().0 - before, 30);
}

#[tokio::test]
async fn a_dom_that_is_started_anew_where_it_was_is_asked_again() {
    let dom = dom().await;
    let settings = before(&dom, ONLY_ON_ERROR);
    let gateway = with_pause(SHORT_PAUSE)(settings).run().await;
    gateway.ask(INVENTORY, &online(&["P-001"])).await;
    let address = dom.address();
    dom.stop().await;
    let answer = gateway.ask(INVENTORY, &online(&["P-001"])).await;
    assert_eq!(lines(&answer), [told(1)]);
    let world = World { dom: dom_at(address).await, gateway };
    world.online("P-001", 7);
    world.until(&online(&["P-001"]), &format!("P-001 {SHOP} Available 7")).await;
}

#[tokio::test]
async fn what_is_not_about_stock_goes_on_while_the_dom_is_left_alone() {
    let world = World::of(ONLY_ON_ERROR, with_pause(LONG_PAUSE)).await;
    world.trouble("availability", &Shows::Status(503), ATTEMPTS);
    failed(&world, &online(&["P-001"])).await;
    let document = requirement("ReserveInventory", ("9001", &ago(0)), &[sent("71", "P-001", "5")]);
    assert_eq!(statuses(&world.ask(&document).await), ["Allocated"]);
    // News are true, also of what cannot be asked.
    world.push(&change("P-001", &ago(0), &[("", "7")])).await;
    assert_eq!(world.lines(&online(&["P-001"])).await, [format!("P-001 {SHOP} Available 7")]);
}

#[tokio::test]
async fn callers_that_wait_together_are_told_of_one_failure() {
    let world = World::of(ONLY_ON_ERROR, with_pause(LONG_PAUSE)).await;
    let question = online(&["P-001"]);
    world.ask(&question).await;
    let script: &Script = world.dom.script();
    let (before, _) = world.asked();
    script.add("availability", Trouble::instead(Shows::Held));
    world.trouble("availability", &Shows::Status(503), ATTEMPTS);
    let callers = futures_util::future::join_all((0..50).map(|_| world.lines(&question)));
    let release = async {
        script.wait_for_held().await;
        script.release(1);
    };
    let (answers, ()) = futures_util::future::join(callers, release).await;
    assert!(answers.iter().all(|lines| *lines == [told(1)]), "{answers:?}");
    assert!(world.asked().0 - before <= 1 + ATTEMPTS as u64, "{:?}", world.asked());
}
