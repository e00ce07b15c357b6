//! The figure to reach: shoppers look at ten times what the DOM takes, and those who pay notice nothing.

use super::{Class, Demand, MILLISECOND, Params, Pool, SECOND, demand, params, rate, run};

/// A minute and a half of ten times the DOM's requests by browsing and thirty percent by checkout, in lines and in requests.
#[tokio::test(start_paused = true)]
async fn checkout_succeeds_while_browse_asks_for_ten_times_what_the_dom_takes() {
    let by_requests = params();
    let by_lines = Params { requests: None, lines: rate(1_000, 100), ..Params::default() };
    let by_calls = Params { requests: None, lines: None, ..Params::default() };
    // With 20 calls under way of 200 ms the DOM takes 100 a second.
    let slow = 200 * MILLISECOND;
    let cases = [
        (by_requests, (1_000, 1), (30, 1), 10 * MILLISECOND),
        (by_lines, (200, 50), (60, 5), 10 * MILLISECOND),
        (by_calls, (1_000, 1), (30, 1), slow),
    ];
    for (params, browse, checkout, takes) in cases {
        let pool = Pool::new(params.clone()).unwrap();
        let of = |class, (per_second, lines), store| Demand {
            lines,
            takes,
            store,
            to: 80 * SECOND,
            ..demand(class, per_second)
        };
        let demands = [of(Class::Browse, browse, "a"), of(Class::Checkout, checkout, "a")];
        let (outcomes, seen) = run(&pool, &demands).await;
        let [browse, checkout] = &outcomes[..] else { panic!("two demands") };
        let lost = checkout.asked - checkout.went;
        assert!(
            f64::from(checkout.went) >= 0.9995 * f64::from(checkout.asked),
            "{lost} of {} lost",
            checkout.asked
        );
        assert!(checkout.longest_wait <= takes.max(110 * MILLISECOND), "{:?}", checkout.longest_wait);
        // What checkout leaves is not left idle.
        assert!(browse.went > 0);
        let requests = u32::try_from(seen.len()).unwrap();
        let lines: u32 = seen.iter().map(|(_, lines)| lines).sum();
        if params.requests.is_some() {
            assert!((8_000..=8_110).contains(&requests), "{requests}");
        }
        if params.lines.is_some() {
            assert!(lines <= 81_100, "{lines}");
        }
        if params.requests.is_none() && params.lines.is_none() {
            assert!(requests >= 80 * 90, "{requests}");
        }
        if params.requests.is_none() && params.lines.is_some() {
            assert!(lines >= 79_000, "{lines}");
        }
    }
}
