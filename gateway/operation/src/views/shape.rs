//! What every view has in common: its record type, the fields this crate knows of it, and those it does not.

use gateway_model::{FieldId, FieldKind, Record, RecordTypeId, ScalarType, Vocabulary};

use super::MissingView;

/// The fields of a record type, apart from what they mean.
///
/// *Known* are the fields the gateway's own vocabulary has; every other is an *extension*, added by an integrator,
/// and passes from request to answer untouched.
#[derive(Debug, Clone)]
pub struct Shape {
    kind: RecordTypeId,
    width: usize,
    known: Vec<FieldId>,
    extensions: Vec<FieldId>,
}

/// What a view expects a field to hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    Scalar(ScalarType),
    Record(&'static str),
    List(&'static str),
}

/// Looks fields up and remembers all that are missing.
#[derive(Debug)]
pub(crate) struct Binder<'v> {
    pub(crate) vocabulary: &'v Vocabulary,
    pub(crate) missing: Vec<MissingView>,
}

// === impl Shape ===

impl Shape {
    /// The record type.
    #[must_use]
    pub fn kind(&self) -> RecordTypeId {
        self.kind
    }

    /// A record of this type that says nothing.
    #[must_use]
    pub fn empty<'a>(&self) -> Record<'a> {
        Record::with_width(self.kind, self.width)
    }

    /// A record of this type with these fields of another one, and its extensions.
    #[must_use]
    pub fn part<'a>(&self, record: &Record<'a>, keep: &[FieldId]) -> Record<'a> {
        let mut part = self.empty();
        part.position = record.position;
        for field in keep {
            part.set(*field, record.get(*field).clone());
        }
        self.extend(&mut part, record);
        part
    }

    /// Clears every known field but these; extensions stay.
    pub fn strip(&self, record: &mut Record<'_>, keep: &[FieldId]) {
        for field in self.known.iter().filter(|field| !keep.contains(field)) {
            record.take(*field);
        }
    }

    /// Fills extensions that say nothing yet from another record of this type.
    pub fn extend<'a>(&self, record: &mut Record<'a>, from: &Record<'a>) {
        for field in self.extensions.iter().filter(|field| !from.get(**field).is_absent()) {
            if record.get(*field).is_absent() {
                record.set(*field, from.get(*field).clone());
            }
        }
    }

    /// Whether the record says anything in a field this crate does not know.
    #[must_use]
    pub fn has_extensions(&self, record: &Record<'_>) -> bool {
        self.extensions.iter().any(|field| !record.get(*field).is_absent())
    }

    pub(crate) fn extensions(&self) -> &[FieldId] {
        &self.extensions
    }

    pub(crate) fn is_extension(&self, field: FieldId) -> bool {
        self.extensions.contains(&field)
    }

    pub(crate) fn bind(binder: &mut Binder<'_>, record: &'static str, known: &[&str]) -> Self {
        let Some(kind) = binder.vocabulary.type_named(record) else {
            binder.missing.push(MissingView {
                record,
                field: None,
                expected: "a record type".to_owned(),
                found: None,
            });
            return Self {
                kind: RecordTypeId(u16::MAX),
                width: 0,
                known: Vec::new(),
                extensions: Vec::new(),
            };
        };
        let fields = binder.vocabulary.record_type(kind).map(|kind| kind.fields.as_slice());
        let (known, extensions) = (0_u16..)
            .zip(fields.unwrap_or_default())
            .map(|(index, field)| (FieldId(index), field.name.as_str()))
            .partition::<Vec<_>, _>(|(_, name)| known.contains(name));
        let ids = |fields: Vec<(FieldId, &str)>| fields.into_iter().map(|(id, _)| id).collect();
        Self { kind, width: binder.vocabulary.width(kind), known: ids(known), extensions: ids(extensions) }
    }
}

// === impl Expected ===

impl Expected {
    fn fits(self, vocabulary: &Vocabulary, found: FieldKind) -> bool {
        match (self, found) {
            (Self::Scalar(expected), FieldKind::Scalar(found)) => expected == found,
            (Self::Record(name), FieldKind::Record(id)) | (Self::List(name), FieldKind::List(id)) => {
                vocabulary.type_named(name) == Some(id)
            }
            _ => false,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.name().to_owned(),
            Self::Record(name) => name.to_owned(),
            Self::List(name) => format!("list of {name}"),
        }
    }
}

/// The name a field's type has in the vocabulary file.
fn name_of(vocabulary: &Vocabulary, kind: FieldKind) -> String {
    let record = |id| vocabulary.record_type(id).map_or("record", |kind| kind.name.as_str());
    match kind {
        FieldKind::Scalar(scalar) => scalar.name().to_owned(),
        FieldKind::Record(id) => record(id).to_owned(),
        FieldKind::List(id) => format!("list of {}", record(id)),
    }
}

// === impl Binder ===

impl Binder<'_> {
    /// The field of this name and kind; a place no record has, and an entry in `missing`, if there is none.
    pub(crate) fn field(
        &mut self,
        shape: &Shape,
        record: &'static str,
        field: &'static str,
        expected: Expected,
    ) -> FieldId {
        const NOWHERE: FieldId = FieldId(u16::MAX);
        let Some(kind) = self.vocabulary.record_type(shape.kind) else { return NOWHERE };
        let found = kind.field_named(field).and_then(|id| Some((id, kind.field(id)?.kind)));
        match found {
            Some((id, kind)) if expected.fits(self.vocabulary, kind) => id,
            other => {
                self.missing.push(MissingView {
                    record,
                    field: Some(field),
                    expected: expected.name(),
                    found: other.map(|(_, kind)| name_of(self.vocabulary, kind)),
                });
                NOWHERE
            }
        }
    }
}

/// Declares views: a struct per record type, with the number of each field this crate works with.
///
/// `also` lists further fields of the shipped vocabulary that the crate need not read, but that are no extensions.
macro_rules! views {
    ($($view:ident of $record:ident {
        $($field:ident: ($($kind:tt)+)),+ $(,)?
        $(; also $($also:ident)+)?
    })+) => {$(
        #[doc = concat!("Where the fields of `", stringify!($record), "` are.")]
        #[derive(Debug, Clone)]
        pub struct $view {
            /// The record type and its extensions.
            pub shape: $crate::views::Shape,
            $(
                #[doc = concat!("`", stringify!($record), ".", stringify!($field), "` of `vocabulary.toml`.")]
                pub $field: ::gateway_model::FieldId,
            )+
        }

        impl $view {
            pub(crate) fn bind(binder: &mut $crate::views::Binder<'_>) -> Self {
                let known = [$(stringify!($field),)+ $($(stringify!($also)),+)?];
                let shape = $crate::views::Shape::bind(binder, stringify!($record), &known);
                $(let $field = binder.field(
                    &shape,
                    stringify!($record),
                    stringify!($field),
                    $crate::views::expected!($($kind)+),
                );)+
                Self { shape, $($field),+ }
            }
        }
    )+};
}

/// The kind a view's field is declared with.
macro_rules! expected {
    (record $name:ident) => {
        $crate::views::Expected::Record(stringify!($name))
    };
    (list $name:ident) => {
        $crate::views::Expected::List(stringify!($name))
    };
    ($scalar:ident) => {
        $crate::views::Expected::Scalar(::gateway_model::ScalarType::$scalar)
    };
}

pub(crate) use {expected, views};
