//! The world of the demo, the fixtures and most tests: a shop for furnishings in Munich and Zurich.

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::{Address, Buyer, Habits, Item, Location, Part, Scenario, StoreProfile, Supply};

/// The central warehouse.
const CENTRE: &str = "DC-Nord";
/// Two physical stores; the first also serves online orders.
const MUNICH: &str = "MUC-Marienplatz";
const ZURICH: &str = "ZRH-Bahnhofstrasse";

impl Scenario {
    /// The demo's world: plenty of lamps, one rug with more to come, a desk kit, cloth by the metre, a vase that
    /// never comes. Expected stock is dated relative to `today`.
    #[must_use]
    pub fn demo(today: Date) -> Self {
        Self {
            stores: vec![store()],
            items: items(),
            supplies: supplies(today),
            buyer: buyer(),
            logins: Vec::new(),
            zone: TimeZone::UTC,
            habits: Habits::default(),
        }
    }
}

fn store() -> StoreProfile {
    StoreProfile {
        id: "11651".to_owned(),
        name: "NordlichtShop".to_owned(),
        owner: "7000000000000000101".to_owned(),
        language: "-3".to_owned(),
        currency: "EUR".to_owned(),
        catalog: "11201".to_owned(),
        nodes: vec![CENTRE.to_owned(), MUNICH.to_owned()],
        locations: vec![
            Location { id: "12001".to_owned(), name: MUNICH.to_owned() },
            Location { id: "12002".to_owned(), name: ZURICH.to_owned() },
        ],
    }
}

fn items() -> Vec<Item> {
    let item = |number: &str, id: &str, description: &str, cents: i64| Item {
        number: number.to_owned(),
        id: id.to_owned(),
        description: description.to_owned(),
        unit: "C62".to_owned(),
        price: Decimal::new(cents, 2),
        parts: Vec::new(),
    };
    let part = |id: &str, item: &str, quantity: i64| Part {
        id: id.to_owned(),
        item: item.to_owned(),
        quantity: Decimal::from(quantity),
    };
    let desk = vec![part("22301", "DESK-TOP-09", 1), part("22302", "DESK-LEG-09", 4)];
    vec![
        item("LAMP-0042-BRS", "31207", "Tischleuchte Messing", 4990),
        item("RUG-1187-GRN", "31544", "Teppich grün, 120 × 180 cm", 6300),
        Item { parts: desk, ..item("KIT-DESK-09", "32010", "Schreibtisch-Set", 34900) },
        item("DESK-TOP-09", "32011", "Tischplatte Eiche", 24900),
        item("DESK-LEG-09", "32012", "Tischbein Stahl", 2500),
        Item { unit: "MTR".to_owned(), ..item("CLOTH-0550-BLU", "33021", "Leinen blau, Meterware", 1850) },
        item("VASE-0007-RED", "33107", "Vase rot", 2990),
    ]
}

fn supplies(today: Date) -> Vec<Supply> {
    let supply = |item: &str, node: &str, hundredths: i64, future: &[(i32, i64)]| Supply {
        item: item.to_owned(),
        unit: "C62".to_owned(),
        node: node.to_owned(),
        on_hand: Decimal::new(hundredths, 2),
        future: future
            .iter()
            .filter_map(|(days, pieces)| Some((later(today, *days)?, Decimal::from(*pieces))))
            .collect(),
    };
    vec![
        supply("LAMP-0042-BRS", CENTRE, 14_000, &[]),
        supply("LAMP-0042-BRS", MUNICH, 400, &[]),
        supply("RUG-1187-GRN", CENTRE, 100, &[(20, 40)]),
        supply("RUG-1187-GRN", ZURICH, 0, &[(36, 12)]),
        supply("DESK-TOP-09", CENTRE, 1_000, &[(14, 20)]),
        supply("DESK-LEG-09", CENTRE, 3_600, &[(14, 80)]),
        supply("DESK-TOP-09", MUNICH, 200, &[]),
        supply("DESK-LEG-09", MUNICH, 300, &[]),
        Supply { unit: "MTR".to_owned(), ..supply("CLOTH-0550-BLU", CENTRE, 1_250, &[]) },
    ]
}

fn later(day: Date, days: i32) -> Option<Date> {
    day.checked_add(Span::new().days(days)).ok()
}

fn buyer() -> Buyer {
    Buyer {
        id: "7003".to_owned(),
        log_on: "zoe.kowalska".to_owned(),
        address: Address {
            id: "10477".to_owned(),
            nick_name: "Zuhause".to_owned(),
            first_name: "Zoë".to_owned(),
            last_name: "Kowalska-Łęcka".to_owned(),
            line1: "Straße der Grünen Bäume 7".to_owned(),
            line2: "Hinterhaus, 3. Stock".to_owned(),
            city: "München".to_owned(),
            state: "BY".to_owned(),
            country: "DE".to_owned(),
            postal_code: "80331".to_owned(),
            phone: "+49 89 5550142".to_owned(),
            email: "zoe.kowalska@example.com".to_owned(),
        },
    }
}
