//! A SyncInventoryAvailability document of any size as rows of a load: each noun is one.
//!
//! It is read in pieces by the stores' own mappings, as a push is ([`crate::push_call`]). A piece that cannot be read is
//! read noun by noun, so that one bad noun takes no others with it.

use std::io::Read;

use gateway_cache::Location;
use gateway_exchange::push::Told;
use gateway_exchange::{Interpreter, Operation, PlaceName, ToldStock};
use gateway_load::{
    BadRow, Change, Column, ColumnFault, DEFAULT_UNIT, Load, LoadRow, Reason, Sink, Status, Stock, Stop,
    Stopped, Summary, Units, Unreadable,
};
use gateway_mapping::Side;
use gateway_model::{Fault, Origin, codes};
use gateway_wire::{Piece, Pieces, Unsplit, soap};

use crate::stock::name::Name;
use crate::stock::value::stock_of;

/// Nouns that are read at once.
const NOUNS_OF_A_PIECE: usize = 100;

/// Feeds a document to a load, to its end or until the load is broken off.
///
/// # Errors
/// Why it was broken off, with what was done before.
pub(super) fn load_xml<S: Sink>(
    source: impl Read,
    (interpreter, units): (&Interpreter, &Units),
    mut load: Load<'_, S>,
) -> Result<Summary, Stopped<S::Error>> {
    let reading = Reading { interpreter, units };
    match reading.pour(source, &mut load) {
        Ok(()) => load.finish(),
        Err(stop) => Err(load.break_off(stop)),
    }
}

/// What documents are read by.
#[derive(Clone, Copy)]
struct Reading<'r> {
    interpreter: &'r Interpreter,
    units: &'r Units,
}

/// What a row says, or why it is none.
type Row<'r> = Result<LoadRow<'r>, BadRow>;

// === impl Reading ===

impl Reading<'_> {
    fn pour<S: Sink>(self, source: impl Read, load: &mut Load<'_, S>) -> Result<(), Stop<S::Error>> {
        let limits = self.interpreter.limits();
        let mut pieces = Pieces::open(source, limits, NOUNS_OF_A_PIECE).map_err(unreadable)?;
        loop {
            let read = pieces.bytes_read();
            load.has_read(read);
            match pieces.next_piece().map_err(unreadable)? {
                Some(piece) => self.take(&piece, load)?,
                None => {
                    let read = pieces.bytes_read();
                    load.has_read(read);
                    return Ok(());
                }
            }
        }
    }

    fn take<S: Sink>(self, piece: &Piece<'_>, load: &mut Load<'_, S>) -> Result<(), Stop<S::Error>> {
        let lines: Vec<u64> = piece.lines().collect();
        match self.put(&piece.document(), &lines, load) {
            Ok(done) => return done,
            Err(fault) if is_of_all(&fault) => {
                return Err(Stop::Unreadable(Unreadable::Document(fault.message.into())));
            }
            Err(_) => {}
        }
        for (document, line) in piece.documents().zip(lines) {
            match self.put(&document, &[line], load) {
                Ok(done) => done?,
                Err(fault) => load.reject(&BadRow::whole(line, Reason::Refused(fault.message.into())))?,
            }
        }
        Ok(())
    }

    /// Puts all nouns of a document into the load; a fault if it cannot be read, and then none is put.
    fn put<S: Sink>(
        self,
        document: &str,
        lines: &[u64],
        load: &mut Load<'_, S>,
    ) -> Result<Result<(), Stop<S::Error>>, Fault> {
        let interpreter = self.interpreter;
        let refused = |refusal: gateway_wire::Refusal| refusal.into_fault(Origin::Dom);
        let tree = interpreter.parse(document).map_err(refused)?;
        let payload = soap::open(&tree).map_err(refused)?.payload;
        let told = self.told((&tree, payload))?;
        let nothing = || Fault::dom(codes::BAD_REQUEST, "the noun names no item at a location");
        let event = interpreter.stock_event(&told).ok_or_else(nothing)?;
        let changes = interpreter.stock_told(&event);
        if changes.len() != lines.len() {
            return Err(nothing());
        }
        let store = interpreter.store_told(&told);
        for (change, line) in changes.iter().zip(lines) {
            let done = self.put_change(change, (store, *line), load);
            if done.is_err() {
                return Ok(done);
            }
        }
        Ok(Ok(()))
    }

    /// What a document tells, in the first store's dialect that knows it.
    fn told<'t>(
        self,
        (tree, payload): (&'t gateway_wire::Tree<'t>, gateway_wire::NodeId),
    ) -> Result<Told<'t>, Fault>
    where
        Self: 't,
    {
        let stores = self.interpreter.mappings().dialects().filter(|dialect| dialect.side == Side::Store);
        for dialect in stores {
            match self.interpreter.read_question(dialect, (tree, payload), Origin::Dom) {
                Ok(question) if question.operation == Operation::AvailabilitySync => {
                    return Ok(Told { question, dialect });
                }
                Ok(_) => break,
                Err(unread) if unread.fault.code == codes::UNKNOWN_ROOT => {}
                Err(unread) => return Err(unread.fault),
            }
        }
        let name = tree.local_name(payload);
        Err(Fault::dom(codes::UNKNOWN_ROOT, format!("expected SyncInventoryAvailability, found `{name}`")))
    }

    fn put_change<S: Sink>(
        self,
        change: &ToldStock<'_>,
        (store, line): (Option<&str>, u64),
        load: &mut Load<'_, S>,
    ) -> Result<(), Stop<S::Error>> {
        let online = change.line.online_store();
        let Some(store) = store.or(online) else {
            return load.reject(&BadRow::whole(line, refused("the document names no store")));
        };
        let names_no_place = change.line.place == PlaceName::Online { id: None, name: None };
        let name = Name::of(online.unwrap_or(store), &change.line).filter(|_| !names_no_place);
        let Some(name) = name else {
            return load.reject(&BadRow::whole(line, refused("the noun names no item at a location")));
        };
        let key = name.key();
        let location = match key.location {
            Location::Online => gateway_load::Location::Online { store: key.store },
            Location::Physical(name) => gateway_load::Location::Physical { name },
        };
        match self.row(change, key.unit, line) {
            Err(bad) => load.reject(&bad),
            Ok(row) => load.put(&LoadRow { store, item: key.item, location, ..row }),
        }
    }

    /// A row without its key, or why it is none.
    fn row<'r>(self, change: &'r ToldStock<'_>, unit: &'r str, line: u64) -> Row<'r> {
        if !self.knows(unit) {
            let fault = ColumnFault::new(Column::AvailableQuantityUom, Reason::Unit, unit);
            return Err(BadRow { line, faults: vec![fault] });
        }
        let stock = stock_of(&change.finding, 0)
            .map_err(|unkeepable| BadRow::whole(line, Reason::Refused(unkeepable.to_string().into())))?;
        let status = match stock.status {
            gateway_cache::Status::Available => Status::Available,
            gateway_cache::Status::Backorderable => Status::Backorderable,
            gateway_cache::Status::Unavailable => Status::Unavailable,
        };
        let available_at = change.finding.available_at.as_deref();
        let stock = Stock { status, quantity: stock.quantity, available_at, offset_secs: stock.offset };
        Ok(LoadRow {
            line,
            store: "",
            item: "",
            location: gateway_load::Location::Physical { name: "" },
            unit: Some(unit),
            change: Change::Put(stock),
            updated_ms: change.changed_ms,
        })
    }

    fn knows(self, unit: &str) -> bool {
        match self.units {
            Units::Any => true,
            Units::Known(known) => unit == DEFAULT_UNIT || known.contains(unit),
        }
    }
}

/// Whether every noun of the document has the fault.
fn is_of_all(fault: &Fault) -> bool {
    fault.code == codes::UNKNOWN_ROOT
}

fn refused(reason: &'static str) -> Reason {
    Reason::Refused(reason.into())
}

fn unreadable<E: std::error::Error>(unsplit: Unsplit) -> Stop<E> {
    Stop::Unreadable(match unsplit {
        Unsplit::Read(error) => Unreadable::Read(error),
        Unsplit::Refused(refusal) => Unreadable::Document(Box::new(refusal)),
    })
}
