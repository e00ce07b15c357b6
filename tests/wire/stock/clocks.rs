//! How long a record is answered from. Records of a certain age are made by news of the past.

use super::documents::{change, online};
use super::world::{SHOP, World, ago};

/// Plenty lives ten minutes, little one.
const LIVES: &str = "[[cache.rule]]\nname = \"lives\"\nthreshold_quantity = 10\n\
     fresh_above_secs = 600\nfresh_below_secs = 60\nrefresh_secs = 0\n";

fn told(quantity: &str) -> String {
    format!("P-001 {SHOP} Available {quantity}")
}

#[tokio::test]
async fn plenty_and_little_live_as_long_as_the_rule_says() {
    for (quantity, age, asks) in
        [("10", 300, false), ("10", 900, true), ("9", 0, false), ("9", 300, true), ("10.5", 300, false)]
    {
        let world = World::with(LIVES).await;
        world.push(&change("P-001", &ago(age), &[("", quantity)])).await;
        let expected = if asks { told("101") } else { told(quantity) };
        assert_eq!(world.lines(&online(&["P-001"])).await, [expected], "{quantity} since {age} s");
        assert_eq!(world.asked().0, u64::from(asks), "{quantity} since {age} s");
    }
}

#[tokio::test]
async fn what_has_just_ended_is_answered_at_once_and_asked_for_behind_once() {
    let world = World::with(&LIVES.replace("refresh_secs = 0", "refresh_secs = 3_600")).await;
    world.push(&change("P-001", &ago(900), &[("", "50")])).await;
    let question = online(&["P-001"]);
    let answer = world.ask(&question).await;
    assert_eq!((answer.attempts(), super::world::lines(&answer)), (0, vec![told("50")]));
    // Whoever comes before the answer is there is answered alike; then the fresh one holds.
    world.until(&question, &told("101")).await;
    world.ask(&question).await;
    assert_eq!(world.asked(), (1, 1));
}

#[tokio::test]
async fn a_life_of_nothing_asks_every_time() {
    let rule = "[[cache.rule]]\nname = \"anew\"\nthreshold_quantity = \"none\"\nfresh_above_secs = 0\n";
    let world = World::with(rule).await;
    for asked in 1..=3 {
        world.ask(&online(&["P-001"])).await;
        assert_eq!(world.asked(), (asked, asked));
    }
}

#[tokio::test]
async fn a_rule_that_keeps_nothing_asks_every_time_and_takes_no_news() {
    let rule = "[[cache.rule]]\nname = \"not-kept\"\nkeep = false\n";
    let world = World::with(rule).await;
    for asked in 1..=2 {
        assert_eq!(world.lines(&online(&["P-001"])).await, [told("101")]);
        assert_eq!(world.asked(), (asked, asked));
    }
    assert_eq!(world.gateway.stocks.cache.held().0, 0);
}

#[tokio::test]
async fn a_rule_that_never_asks_answers_what_it_knows_or_the_fallback() {
    let rule = "[[cache.rule]]\nname = \"never-asks\"\nask = false\nthreshold_quantity = \"none\"\n\
                fresh_above_secs = \"never\"\n[cache.rule.fallback]\nstatus = \"Backorderable\"\noffset_secs = 86_400\n";
    let world = World::with(rule).await;
    world.push(&change("P-001", &ago(900), &[("", "50")])).await;
    let lines = world.lines(&online(&["P-001", "P-002"])).await;
    assert_eq!(lines[0], told("50"));
    assert!(lines[1].starts_with(&format!("P-002 {SHOP} Backorderable")), "{lines:?}");
    assert!(lines[1].ends_with(" 86400"), "{lines:?}");
    assert_eq!(world.asked(), (0, 0));
    // One line was remembered, the other was not: a fallback is no hit.
    let counted = || ["requests_hit", "requests_partial", "requests_missed"].map(|name| world.counter(name));
    assert_eq!(counted(), [0, 1, 0]);
    world.lines(&online(&["P-002"])).await;
    assert_eq!(counted(), [0, 1, 1]);
    world.lines(&online(&["P-001"])).await;
    assert_eq!(counted(), [1, 1, 1]);
}
