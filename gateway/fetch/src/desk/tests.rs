//! What only the order of locks decides, and no caller can bring about.

use tokio::time::Instant;

use super::{Desk, Step};
use crate::{Class, Params};

#[test]
fn who_leaves_a_settled_line_takes_nothing_from_who_asks_for_its_key_anew() {
    let (mut desk, now) = (Desk::<u32, u32>::new(Params::default()), Instant::now());
    let former = desk.ask(&[1], Class::Checkout, now).unwrap();
    let Step::Call(batch) = desk.next(now) else { panic!("nothing to send") };
    // The line is settled, but its answer not yet set, when the next one asks and the former one leaves.
    let settled = desk.settle(batch, Ok(vec![Ok(10)]), now);
    assert_eq!(settled.len(), 1);
    let latter = desk.ask(&[1], Class::Checkout, now).unwrap();
    desk.leave(&[1], &former);
    let Step::Call(batch) = desk.next(now) else { panic!("the latter one's line is gone") };
    assert_eq!(batch.keys, [1]);
    assert_eq!(latter.len(), 1);
}
