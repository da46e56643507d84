//! `jsonb` as PostgreSQL holds it, for what is done once a row: built without a text in between, or looked at without
//! being read.

use pgrx::callconv::{Arg, ArgAbi, BoxRet, FcInfo};
use pgrx::datum::Datum;
use pgrx::nullable::Nullable;
use pgrx::pg_sys;
use pgrx::pgrx_sql_entity_graph::metadata::{
    ArgumentError, ReturnsError, ReturnsRef, SqlMappingRef, SqlTranslatable, TypeOrigin,
};

/// A `jsonb` value in PostgreSQL's memory, whole and uncompressed.
#[derive(Clone, Copy)]
pub struct Jsonb(*mut pg_sys::Jsonb);

impl Jsonb {
    /// An object of texts. No key may come twice.
    pub fn object<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>) -> Jsonb {
        let text = |text: &str| {
            let mut value = pg_sys::JsonbValue { type_: pg_sys::jbvType::jbvString, ..Default::default() };
            value.val.string.len = text.len() as i32;
            value.val.string.val = text.as_ptr().cast_mut().cast();
            value
        };
        let mut entries: Vec<(&str, &str)> = entries.collect();
        // The order in which PostgreSQL keeps and looks for keys.
        entries.sort_unstable_by_key(|(key, _)| (key.len(), *key));
        let mut pairs: Vec<pg_sys::JsonbPair> = entries
            .into_iter()
            .map(|(key, value)| pg_sys::JsonbPair { key: text(key), value: text(value), order: 0 })
            .collect();
        let mut object = pg_sys::JsonbValue { type_: pg_sys::jbvType::jbvObject, ..Default::default() };
        object.val.object.nPairs = pairs.len() as i32;
        object.val.object.pairs = pairs.as_mut_ptr();
        // SAFETY: what the value points to outlives the call, which copies it.
        Jsonb(unsafe { pg_sys::JsonbValueToJsonb(&mut object) })
    }

    /// How many entries the object or array has.
    pub fn len(self) -> u32 {
        // SAFETY: points to a whole value.
        unsafe { (*self.0).root.header & pg_sys::JB_CMASK }
    }

    /// `self || other`.
    pub fn concat(self, other: Jsonb) -> Option<Jsonb> {
        let arguments = [Some(self.0.into()), Some(other.0.into())];
        // SAFETY: a plain call of a built-in function with two jsonb arguments.
        let datum = unsafe { pgrx::direct_function_call_as_datum(pg_sys::jsonb_concat, &arguments) };
        datum.map(|datum| Jsonb(datum.cast_mut_ptr()))
    }
}

// SAFETY: an argument declared jsonb is a varlena of that type.
unsafe impl<'fcx> ArgAbi<'fcx> for Jsonb {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        // SAFETY: as above; a packed or compressed one is unpacked.
        unsafe {
            let datum: pgrx::AnyElement = ArgAbi::unbox_arg_unchecked(arg);
            Jsonb(pg_sys::pg_detoast_datum(datum.datum().cast_mut_ptr()).cast())
        }
    }

    unsafe fn unbox_nullable_arg(arg: Arg<'_, 'fcx>) -> Nullable<Self> {
        if arg.is_null() {
            return Nullable::Null;
        }
        // SAFETY: not null.
        Nullable::Valid(unsafe { Self::unbox_arg_unchecked(arg) })
    }
}

// SAFETY: gives a datum of the type declared.
unsafe impl BoxRet for Jsonb {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        // SAFETY: as above.
        unsafe { fcinfo.return_raw_datum(self.0.into()) }
    }
}

// SAFETY: the SQL type is jsonb.
unsafe impl SqlTranslatable for Jsonb {
    const TYPE_IDENT: &'static str = pgrx::pgrx_resolved_type!(Jsonb);
    const TYPE_ORIGIN: TypeOrigin = TypeOrigin::External;
    const ARGUMENT_SQL: Result<SqlMappingRef, ArgumentError> = Ok(SqlMappingRef::literal("jsonb"));
    const RETURN_SQL: Result<ReturnsRef, ReturnsError> = Ok(ReturnsRef::One(SqlMappingRef::literal("jsonb")));
}
