//! Lines of an order whose events are taken, given back and pushed again, in any order: each goes forwards, none is told twice
//! by one gateway, and none is lost.

use std::collections::BTreeMap;

use gateway_operation::order_sync::{LineNews, Moment, OrderNews, Progress, Standing};
use proptest::prelude::*;

/// What a DOM says of an order: when it changed, if it says so, and its lines.
type Event = (Option<i64>, Vec<u64>);

/// A push of an event, by its place, and whether the store is there.
type Push = (usize, bool);

fn news(place: usize, (changed, lines): &Event) -> OrderNews {
    let content = 1 + place as u64;
    let line = |(place, line): (usize, &u64)| LineNews {
        place,
        name: line.to_string(),
        line: *line,
        content: content * 100 + line,
    };
    OrderNews {
        order: "id 7".to_owned(),
        created: false,
        arrival: 0,
        moment: Moment { sequence: None, changed: *changed },
        content,
        status: Some(format!("s{place}")),
        lines: lines.iter().enumerate().map(line).collect(),
    }
}

/// What a store took of an order.
#[derive(Debug, Default)]
struct Store {
    /// The latest time it was told.
    changed: Option<i64>,
    /// Of each line, the events that were told of it.
    lines: BTreeMap<u64, Vec<usize>>,
    /// The order's status, by the place of the event that gave it.
    status: Vec<String>,
}

impl Store {
    /// It refuses what is older than it knows.
    fn take(&mut self, changed: Option<i64>, status: Option<&str>, event: usize, lines: &[u64]) {
        assert!(changed.is_none() || changed >= self.changed, "told {changed:?} after {:?}", self.changed);
        self.changed = changed.max(self.changed);
        self.status.extend(status.map(ToOwned::to_owned));
        for line in lines {
            self.lines.entry(*line).or_default().push(event);
        }
    }
}

/// A gateway between a DOM and a store.
#[derive(Debug, Default)]
struct Gateway {
    progress: Progress,
    store: Store,
    unsure: Vec<(usize, u64)>,
    pushes: u64,
}

impl Gateway {
    /// Whether the DOM hears that the store has it.
    fn push(&mut self, place: usize, event: &Event, is_there: bool) -> bool {
        self.pushes += 1;
        let news = OrderNews { arrival: self.pushes, ..news(place, event) };
        let (told, status, changed): (Vec<usize>, _, _) = match self.progress.standing(&news) {
            Standing::Repeated => return true,
            Standing::News => ((0..event.1.len()).collect(), news.status.clone(), event.0),
            Standing::Older => {
                let overtaken = self.progress.overtaken(&news);
                self.unsure.extend(overtaken.unsure.iter().map(|line| (place, event.1[*line])));
                if overtaken.owed.is_empty() {
                    return true;
                }
                let rest = self.progress.rest(overtaken.owed);
                (rest.lines, rest.status, rest.moment.changed)
            }
        };
        if !is_there {
            self.progress.gave_back(&news);
            return false;
        }
        let lines: Vec<u64> = told.iter().map(|line| event.1[*line]).collect();
        self.store.take(changed, status.as_deref(), place, &lines);
        match self.progress.standing(&news) {
            Standing::Older => self.progress.took_lines(&news, &told),
            _ => self.progress.took(&news),
        }
        true
    }

    /// Pushes as they come, then what is still open until nothing is.
    fn all(events: &[Event], pushes: &[Push]) -> Self {
        let mut gateway = Self::default();
        let mut open: Vec<usize> = Vec::new();
        for (place, is_there) in pushes {
            open.retain(|open| open != place);
            if !gateway.push(*place, &events[*place], *is_there) {
                open.push(*place);
            }
        }
        for place in open {
            assert!(gateway.push(place, &events[place], true), "{place} finds no rest");
        }
        gateway
    }

    fn is_unsure(&self, event: usize, line: u64) -> bool {
        self.unsure.contains(&(event, line))
    }
}

fn events(changed: impl Strategy<Value = Option<i64>>) -> impl Strategy<Value = Vec<Event>> {
    let lines = prop::sample::subsequence((1_u64..5).collect::<Vec<_>>(), 1..4);
    prop::collection::vec((changed, lines), 1..7)
}

/// Events, and pushes of them in any order, some when the store is away.
fn story(changed: impl Strategy<Value = Option<i64>>) -> impl Strategy<Value = (Vec<Event>, Vec<Push>)> {
    events(changed).prop_flat_map(|events| {
        let pushes = prop::collection::vec((0..events.len(), any::<bool>()), 1..30);
        (Just(events), pushes)
    })
}

/// As [`story`], with events that happen one after the other, so many within one tick of the DOM's clock, and are pushed so
/// at first; what comes between are repetitions.
fn story_in_order(within_a_tick: i64) -> impl Strategy<Value = (Vec<Event>, Vec<Push>)> {
    let firsts = events(Just(None)).prop_map(move |mut events| {
        (0_i64..).zip(&mut events).for_each(|(place, event)| event.0 = Some(place / within_a_tick));
        events
    });
    firsts.prop_flat_map(|events| {
        let some = prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..4);
        let each = prop::collection::vec((any::<bool>(), some), events.len());
        let pushes = each.prop_map(|each| {
            let of = |(place, (is_there, again)): (usize, (bool, Vec<(prop::sample::Index, bool)>))| {
                let again = again.into_iter().map(move |(at, is_there)| (at.index(place + 1), is_there));
                std::iter::once((place, is_there)).chain(again)
            };
            each.into_iter().enumerate().flat_map(of).collect::<Vec<Push>>()
        });
        (Just(events), pushes)
    })
}

/// Neither the order nor a line of it goes back from an event to one that came before it, and the order ends at the last. Told
/// with lines that were owed, a status may be repeated.
fn assert_as_they_came(gateway: &Gateway, events: &[Event]) {
    let told = &gateway.store.status;
    assert!(told.is_sorted(), "{told:?}");
    assert_eq!(told.last().cloned(), Some(format!("s{}", events.len() - 1)));
    for (line, told) in &gateway.store.lines {
        assert!(told.is_sorted(), "line {line} went back: {told:?}");
    }
}

/// Each event's line once, and each line's events as they happened.
fn assert_forwards_and_once(gateway: &Gateway, events: &[Event]) {
    for (line, told) in &gateway.store.lines {
        let mut once = told.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), told.len(), "line {line} was told twice: {told:?}");
        assert!(told.is_sorted_by_key(|event| events[*event].0), "line {line} went back: {told:?}");
    }
}

/// Of each line, the store has the latest that was pushed, or somebody was told that nobody knows.
fn assert_nothing_lost(gateway: &Gateway, events: &[Event], pushes: &[Push]) {
    for (place, _) in pushes {
        let (changed, lines) = &events[*place];
        for line in lines {
            let told = gateway.store.lines.get(line).into_iter().flatten();
            let latest = told.map(|event| events[*event].0).max();
            let has = latest.is_some_and(|latest| latest >= *changed);
            assert!(has || gateway.is_unsure(*place, *line), "line {line} of event {place} is lost");
        }
    }
}

proptest! {
    /// Whatever was away when, and however often an event comes.
    #[test]
    fn lines_go_forwards_each_once_and_none_is_lost((events, pushes) in story((0_i64..6).prop_map(Some))) {
        let gateway = Gateway::all(&events, &pushes);
        assert_forwards_and_once(&gateway, &events);
        assert_nothing_lost(&gateway, &events, &pushes);
    }

    /// Events that come as they happened leave nobody unsure, and the order ends at the status of the last one.
    #[test]
    fn events_that_came_in_order_at_first_leave_nobody_unsure(
        (events, pushes) in (1_i64..4).prop_flat_map(story_in_order)
    ) {
        let gateway = Gateway::all(&events, &pushes);
        prop_assert!(gateway.unsure.is_empty(), "{:?}", gateway.unsure);
        assert_forwards_and_once(&gateway, &events);
        assert_nothing_lost(&gateway, &events, &pushes);
        assert_as_they_came(&gateway, &events);
    }

    /// Nor do events without a time that came in order and are sent again until they are confirmed.
    #[test]
    fn events_without_a_time_are_told_as_they_came_first((events, pushes) in story_in_order(1)) {
        let events: Vec<Event> = events.into_iter().map(|(_, lines)| (None, lines)).collect();
        let mut gateway = Gateway::default();
        let mut confirmed = vec![false; events.len()];
        let rest = (0..events.len()).map(|place| (place, true));
        for (place, is_there) in pushes.into_iter().chain(rest) {
            if !confirmed[place] {
                confirmed[place] = gateway.push(place, &events[place], is_there);
            }
        }
        prop_assert!(confirmed.iter().all(|confirmed| *confirmed));
        assert_as_they_came(&gateway, &events);
    }

    /// Without times every line is told, each event of it at most once.
    #[test]
    fn lines_without_a_time_are_all_told((events, pushes) in story(Just(None))) {
        let mut gateway = Gateway::default();
        let mut confirmed = vec![false; events.len()];
        let rest = (0..events.len()).map(|place| (place, true));
        let pushed: Vec<usize> = pushes.iter().map(|(place, _)| *place).collect();
        let rest = rest.filter(|(place, _)| pushed.contains(place));
        // A repetition of what was confirmed cannot be told from an event that says the same again.
        for (place, is_there) in pushes.iter().copied().chain(rest) {
            if !confirmed[place] {
                confirmed[place] = gateway.push(place, &events[place], is_there);
            }
        }
        for place in pushed {
            prop_assert!(confirmed[place]);
            for line in &events[place].1 {
                prop_assert!(gateway.store.lines.contains_key(line), "line {line} of event {place}");
            }
        }
        assert_forwards_and_once(&gateway, &events);
        prop_assert!(gateway.unsure.is_empty());
    }
}

/// Two events within one tick of the DOM's clock name the same line, and a later one of other lines overtakes both.
#[test]
fn what_two_events_of_one_moment_say_of_a_line_is_told_once_each() {
    let events = [(Some(3), vec![2, 3]), (Some(3), vec![1, 2]), (Some(5), vec![4])];
    let pushes = [(0, false), (1, false), (2, true), (0, true), (1, true), (0, true), (1, true)];
    let gateway = Gateway::all(&events, &pushes);
    assert_eq!(gateway.store.lines[&2], [0, 1]);
    assert!(gateway.unsure.is_empty());
}

#[test]
fn what_is_remembered_of_one_order_is_bounded() {
    let mut progress = Progress::default();
    for place in 0..300_usize {
        let lines = (0..20).map(|line| (place * 20 + line) as u64).collect();
        let event = news(place, &(Some(1 + place as i64), lines));
        progress.gave_back(&event);
        if place % 2 == 0 {
            progress.took(&event);
        }
    }
    assert!(progress.size() <= 1_008, "{}", progress.size());
    let last = news(298, &(Some(299), vec![5_960]));
    assert_eq!(progress.overtaken(&last).unsure, [0_usize; 0]);
}
