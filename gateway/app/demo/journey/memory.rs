//! What the gateway remembers of stock: what it spares the DOM, how it is kept true, and what it is worth when the DOM is
//! away. The DOM counts what it is asked; the gateway's own count has to agree.

use std::time::Duration;

use gateway_simulator::serve::{Outcome, Shows, Trouble};
use rust_decimal::Decimal;
use tokio::time::{Instant, sleep};

use crate::demo::journey::Journey;
use crate::demo::journey::stock::{LAMP, Looked, MUNICH, ONE_MORE, Said, TWO_ITEMS};
use crate::demo::operator::Counted;
use crate::demo::step::Step;
use crate::demo::verdict::Verdict;

/// What the order takes of lamps.
const SENT: Decimal = Decimal::TWO;
const COLLECTED: Decimal = Decimal::ONE;

/// Attempts that a question has at a DOM that does not answer (`[store.retry]`).
const ATTEMPTS: u64 = 2;

/// How long the gateway may take to see that the DOM is back, and how often the shopper looks.
const BACK_WITHIN: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

// === impl Journey ===

impl Journey<'_> {
    /// Somebody else looks at the same page: all of it is remembered.
    pub(super) async fn look_again(&mut self) -> Step {
        let looked = self.look(TWO_ITEMS).await;
        self.called("look again", &looked.exchange, |answer, verdict| {
            self.check_stock(answer, TWO_ITEMS, verdict);
            verdict.fact(format!("the same {} answers", TWO_ITEMS.lines()));
            self.expect_remembered(&looked, 0, verdict);
        })
    }

    /// A page with one item that nobody asked for yet: only that is asked for.
    pub(super) async fn one_item_more(&mut self) -> Step {
        let looked = self.look(ONE_MORE).await;
        self.called("one item more", &looked.exchange, |answer, verdict| {
            self.check_stock(answer, ONE_MORE, verdict);
            self.expect_remembered(&looked, 1, verdict);
        })
    }

    /// The order has taken what it takes, though the DOM has not told of it yet.
    pub(super) async fn look_after_order(&mut self) -> Step {
        let looked = self.look(TWO_ITEMS).await;
        let online = self.online();
        let lowered = |said: &Said| {
            let taken = [(online.as_str(), SENT), (MUNICH, COLLECTED)];
            let taken = taken.into_iter().find(|(place, _)| said.is_of(LAMP, place));
            let taken = taken.map_or(Decimal::ZERO, |(_, taken)| taken);
            said.less(taken)
        };
        let expected: Vec<Said> = self.seen.iter().map(lowered).collect();
        self.called("look after order", &looked.exchange, |answer, verdict| {
            let said = self.check_said(answer, &expected, verdict);
            let changed = self.seen.iter().zip(&said).filter(|(before, now)| before != now);
            let told: Vec<String> = changed
                .filter_map(|(before, now)| {
                    let now = now.quantity?.normalize();
                    Some(format!("{} → {now}", before.told(&online)))
                })
                .collect();
            verdict.fact(format!("{LAMP}: {}", told.join(", ")));
            self.expect_remembered(&looked, 0, verdict);
        })
    }

    /// The first page once more: what the DOM pushed shows, and it need not be asked.
    pub(super) async fn browse_again(&mut self) -> Step {
        let looked = self.look(TWO_ITEMS).await;
        self.called("browse again", &looked.exchange, |answer, verdict| {
            let said = self.check_stock(answer, TWO_ITEMS, verdict);
            self.tell(&said, TWO_ITEMS, verdict);
            self.expect_remembered(&looked, 0, verdict);
        })
    }

    /// All that is remembered is marked as old, so that it is asked for anew, and the DOM answers nobody: what is
    /// remembered is better than nothing.
    pub(super) async fn dom_away(&mut self) -> Step {
        let marked = self.setting.operator.mark_all_as_old().await;
        self.setting.dom.script().set_lasting(Some(Trouble::instead(Shows::Dropped)));
        let looked = self.look(TWO_ITEMS).await;
        self.stale += TWO_ITEMS.lines();
        self.lost = looked.asked.saturating_sub(TWO_ITEMS.lines());
        let mut step = self.called("DOM away", &looked.exchange, |answer, verdict| {
            marked.unwrap_or_else(|fault| verdict.fault(fault));
            self.check_stock(answer, TWO_ITEMS, verdict);
            let (asked, lines) = (looked.asked, TWO_ITEMS.lines());
            if !(lines..=lines * ATTEMPTS).contains(&asked) {
                let expected = format!("{lines} to {}", lines * ATTEMPTS);
                verdict.fault(format!("lines asked of the DOM: expected {expected}, found {asked}"));
            }
            verdict.fact(format!("{lines} answers as they were last known"));
            self.expect_age(&looked, verdict);
        });
        step.route.insert(0, "operator marks all stock as old".to_owned());
        step
    }

    /// The DOM answers again, and is asked again. The gateway leaves a DOM that failed alone for a moment: until then the
    /// shopper looks again.
    pub(super) async fn dom_back(&mut self) -> Step {
        self.setting.dom.script().set_lasting(None);
        let until = Instant::now() + BACK_WITHIN;
        let mut looked = self.look(TWO_ITEMS).await;
        while looked.asked == 0
            && matches!(looked.exchange.outcome, Outcome::Answered(_))
            && Instant::now() < until
        {
            self.stale += TWO_ITEMS.lines();
            sleep(BETWEEN_LOOKS).await;
            looked = self.look(TWO_ITEMS).await;
        }
        self.called("DOM back", &looked.exchange, |answer, verdict| {
            self.check_stock(answer, TWO_ITEMS, verdict);
            verdict.expect("lines asked of the DOM", TWO_ITEMS.lines(), looked.asked);
            verdict.expect("the age of answers that are all new", None, looked.age());
            verdict.fact(format!("all {} lines asked anew", looked.asked));
        })
    }

    /// What it all cost the DOM.
    pub(super) async fn count_stock(&mut self) -> Step {
        let began = Instant::now();
        let counted = self.setting.operator.counted().await;
        let took = began.elapsed();
        let mut verdict = Verdict::default();
        match &counted {
            Ok(Counted { alone, in_part, wanted, asked, stale, .. }) => {
                // The second look, the one after the order and the one after the push; the page with one item more and the
                // cart.
                verdict.expect("questions answered from memory alone", 3, *alone);
                verdict.expect("questions answered from memory in part", 2, *in_part);
                verdict.expect("lines the store asked for", self.wanted, *wanted);
                verdict.expect(
                    "lines asked of the DOM, as it counted",
                    self.lines_asked() - self.lost,
                    *asked,
                );
                verdict.expect("lines answered while the DOM was away", self.stale, *stale);
                verdict.fact(format!("{alone} questions answered from memory"));
                verdict.fact(format!("{in_part} in part"));
                verdict.fact(format!("{stale} lines while the DOM was away"));
            }
            Err(fault) => verdict.fault(fault),
        }
        self.counted = counted.ok();
        Step {
            name: "count",
            route: vec!["operator GET /cache/stats".to_owned(), "→ gateway, which answers".to_owned()],
            outcome: verdict.outcome(),
            took,
            hops: Vec::new(),
        }
    }

    /// So many lines were asked of the DOM and no more, and the answer says how old the rest is.
    fn expect_remembered(&self, looked: &Looked, asked: u64, verdict: &mut Verdict) {
        verdict.expect("lines asked of the DOM", asked, looked.asked);
        verdict.fact(match asked {
            0 => "the DOM was not asked".to_owned(),
            asked => format!("the DOM was asked for {asked} of {} lines", looked.page.lines()),
        });
        self.expect_age(looked, verdict);
    }

    /// The answer says how old it is, and is no older than the journey.
    fn expect_age(&self, looked: &Looked, verdict: &mut Verdict) {
        let oldest = self.began.elapsed().as_secs();
        match looked.age() {
            Some(age) if age <= oldest => verdict.fact(format!("age {age} s")),
            Some(age) => verdict.fault(format!("the answer's age: expected at most {oldest} s, found {age}")),
            None => verdict.fault("the answer does not say how old it is"),
        }
    }
}
