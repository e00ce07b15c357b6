//! The divergence meter: whenever a fresh value arrives it is compared with what the cache held, and so would have
//! answered if its rule allowed that age. False yes: more was sold than there was (oversell risk). False no: a sale was
//! lost.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::stock::Stock;

/// Ends of the age buckets in seconds; the last bucket has none.
pub const AGE_ENDS_SECS: [i64; 7] = [1, 10, 60, 600, 3_600, 21_600, 86_400];

/// Stores told apart; what comes beyond counts as the store [`OTHERS`].
const MOST_STORES: usize = 256;

/// The name under which stores beyond the bound are counted.
pub const OTHERS: &str = "others";

/// Compares what was answered with what became known.
#[derive(Debug, Default)]
pub struct Meter {
    stores: RwLock<HashMap<Box<str>, Arc<[Bucket; AGE_ENDS_SECS.len() + 1]>>>,
}

/// The comparisons of one store.
#[derive(Debug, Clone)]
pub struct OfStore(Arc<[Bucket; AGE_ENDS_SECS.len() + 1]>);

#[derive(Debug, Default)]
struct Bucket {
    compared: AtomicU64,
    false_yes: AtomicU64,
    false_no: AtomicU64,
}

/// What was found for records of one store and one age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// The store.
    pub store: Box<str>,
    /// The records were at most so many seconds old, and older than those of the bucket before; `None`: any older.
    pub up_to_secs: Option<i64>,
    /// Comparisons.
    pub compared: u64,
    /// The cache would have said yes, the truth was no.
    pub false_yes: u64,
    /// The cache would have said no, the truth was yes.
    pub false_no: u64,
}

// === impl Meter ===

impl Meter {
    /// The comparisons of one store.
    #[must_use]
    pub fn of(&self, store: &str) -> OfStore {
        OfStore(self.buckets(store))
    }

    /// Everything compared so far, by store and age; buckets without comparisons are left out.
    #[must_use]
    pub fn report(&self) -> Vec<Divergence> {
        let stores = self.stores.read().unwrap_or_else(PoisonError::into_inner);
        let mut report: Vec<Divergence> = stores
            .iter()
            .flat_map(|(store, buckets)| buckets.iter().enumerate().map(move |found| (store, found)))
            .map(|(store, (place, bucket))| Divergence {
                store: store.clone(),
                up_to_secs: AGE_ENDS_SECS.get(place).copied(),
                compared: bucket.compared.load(Ordering::Relaxed),
                false_yes: bucket.false_yes.load(Ordering::Relaxed),
                false_no: bucket.false_no.load(Ordering::Relaxed),
            })
            .filter(|divergence| divergence.compared > 0)
            .collect();
        report.sort_by(|one, other| {
            let order = |found: &Divergence| found.up_to_secs.unwrap_or(i64::MAX);
            one.store.cmp(&other.store).then(order(one).cmp(&order(other)))
        });
        report
    }

    fn buckets(&self, store: &str) -> Arc<[Bucket; AGE_ENDS_SECS.len() + 1]> {
        let stores = self.stores.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(buckets) = stores.get(store) {
            return Arc::clone(buckets);
        }
        drop(stores);
        let mut stores = self.stores.write().unwrap_or_else(PoisonError::into_inner);
        let store = if stores.len() < MOST_STORES || stores.contains_key(store) { store } else { OTHERS };
        Arc::clone(stores.entry(store.into()).or_default())
    }
}

// === impl OfStore ===

impl OfStore {
    /// Compares a record, lowered by what orders took, with what was told of it at `now_ms`.
    pub fn compare(&self, held: &Stock, told: &Stock, now_ms: i64) {
        let age_ms = held.age_ms(now_ms);
        let secs = age_ms.div_euclid(1_000) + i64::from(age_ms % 1_000 > 0);
        let place = AGE_ENDS_SECS.iter().position(|end| secs <= *end).unwrap_or(AGE_ENDS_SECS.len());
        let Some(bucket) = self.0.get(place) else { return };
        bucket.compared.fetch_add(1, Ordering::Relaxed);
        match (held.is_in_stock(), told.is_in_stock()) {
            (true, false) => bucket.false_yes.fetch_add(1, Ordering::Relaxed),
            (false, true) => bucket.false_no.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    }
}
