//! Reading orders: pages of a buyer's orders, and one order in full (contract sterling sections 8 and 9).

use gateway_model::{Record, Value};

use super::order::{Order, store_id};
use super::{Answer, Dom, Refused};
use crate::text;
use crate::words::RecordWords;

/// Orders a list gives at most when nothing is said (contract sterling section 13.4).
const LONGEST_LIST: usize = 500;

impl Dom {
    /// One page, newest first: the orders whose key comes after the last one of the page before (NEXTPAGE).
    pub(super) fn history(&self, request: &Record<'_>) -> Answer {
        let words = &self.words;
        let fields = &words.orders_request;
        let store = self.known_store(request.text(fields.store))?;
        let ids: Vec<_> =
            request.list(fields.orders).iter().filter_map(|order| order.text(words.order_ref.id)).collect();
        let log_on = request.text(fields.log_on);
        let is_meant = |order: &&Order| {
            order.store == store.id
                && log_on.is_none_or(|log_on| self.log_on_of(order) == Some(log_on))
                && (ids.is_empty() || ids.contains(&store_id(&order.number)))
        };
        let mut meant: Vec<&Order> = self.orders.iter().filter(is_meant).collect();
        meant.sort_by(|one, other| other.key.cmp(&one.key));
        let total = meant.len();
        let after = request.text(fields.after_key);
        let rest: Vec<_> =
            meant.into_iter().filter(|order| after.is_none_or(|key| order.key.as_str() < key)).collect();
        let size = text::number(request, fields.page_size).and_then(|size| usize::try_from(size).ok());
        let page: Vec<_> = rest.iter().take(size.unwrap_or(LONGEST_LIST)).collect();
        let mut record_set = words.record_set.new_record();
        record_set.set_text(words.record_set.count, page.len().to_string());
        record_set.set_text(words.record_set.total, total.to_string());
        let complete = if page.len() == rest.len() { "true" } else { "false" };
        record_set.set_text(words.record_set.complete, complete);
        let orders = page.into_iter().map(|order| order.summary(words)).collect();
        let mut answer = words.orders_answer.new_record();
        answer.set(words.orders_answer.record_set, Value::Record(Box::new(record_set)));
        answer.set(words.orders_answer.orders, Value::List(orders));
        Ok(answer)
    }

    /// One order, by its key or the store's order id.
    pub(super) fn details(&self, request: &Record<'_>) -> Answer {
        let words = &self.words;
        let fields = &words.orders_request;
        let (key, id) = (request.text(fields.key), request.text(fields.order_id));
        if key.or(id).is_none() {
            return Err(Refused::MissingValue { name: "OrderHeaderKey" });
        }
        let is_meant = |order: &&Order| match key {
            Some(key) => order.key == key,
            None => Some(store_id(&order.number)) == id,
        };
        let order = self.places_of(key.or(id).unwrap_or_default()).find(is_meant);
        let order = order.ok_or(Refused::UnknownOrder)?;
        if let Some(store) = request.text(fields.store)
            && store != order.store
        {
            return Err(Refused::UnknownOrder);
        }
        let mut answer = words.orders_answer.new_record();
        answer.set(words.orders_answer.orders, Value::List(vec![order.complete(words)]));
        Ok(answer)
    }

    pub(super) fn log_on_of<'o>(&self, order: &'o Order) -> Option<&'o str> {
        order.record.record(self.words.order.buyer)?.text(self.words.buyer.log_on)
    }
}
