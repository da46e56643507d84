//! `jsonb`: as PostgreSQL holds it, for what is done once a row, built without a text in between or looked at without being
//! read; and read, as an argument.

use crate::error::Failure;
use golden_record_core::error::Error;
use golden_record_core::value::Text;
use pgrx::callconv::{Arg, ArgAbi, BoxRet, FcInfo};
use pgrx::datum::{Datum, UnboxDatum};
use pgrx::nullable::Nullable;
use pgrx::pgrx_sql_entity_graph::metadata::{
    ArgumentError, ReturnsError, ReturnsRef, SqlMappingRef, SqlTranslatable, TypeOrigin,
};
use pgrx::{direct_function_call, pg_sys, FromDatum};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::CStr;

/// An object of texts as PostgreSQL keeps it, but for the length before it: how many members; of each name, then of each text,
/// its length; then all of them. The shorter name comes first. In some places there stands the sum of the lengths instead, so
/// that not all need be added up.
pub fn pack_texts(members: &BTreeMap<Text, String>) -> Vec<u8> {
    let mut members: Vec<(&str, &str)> = members.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    members.sort_by_key(|(name, _)| name.len());
    let parts = || members.iter().map(|member| member.0).chain(members.iter().map(|member| member.1));
    let size: usize = parts().map(|part| size_of::<u32>() + part.len()).sum();
    let mut packed = Vec::with_capacity(size_of::<u32>() + size);
    packed.extend((pg_sys::JB_FOBJECT | members.len() as u32).to_ne_bytes());
    let mut sum = 0;
    for (part, at) in parts().zip(0..) {
        sum += part.len() as u32;
        let length = if at % pg_sys::JB_OFFSET_STRIDE == 0 { pg_sys::JENTRY_HAS_OFF | sum } else { part.len() as u32 };
        packed.extend((pg_sys::JENTRY_ISSTRING | length).to_ne_bytes());
    }
    parts().for_each(|part| packed.extend(part.as_bytes()));
    packed
}

/// The members of such an object; `None` for any other value.
pub fn unpack_texts(packed: &[u8]) -> Option<BTreeMap<&str, &str>> {
    let (head, rest) = packed.split_first_chunk()?;
    let head = u32::from_ne_bytes(*head);
    let count = (head & pg_sys::JB_CMASK) as usize;
    let (lengths, mut rest) = rest.split_at_checked(2 * count * size_of::<u32>())?;
    let mut sum = 0;
    let mut parts = Vec::with_capacity(2 * count);
    for entry in lengths.chunks_exact(size_of::<u32>()) {
        let entry = u32::from_ne_bytes(entry.try_into().ok()?);
        let length = entry & pg_sys::JENTRY_OFFLENMASK;
        let length = if entry & pg_sys::JENTRY_HAS_OFF == 0 { length } else { length.checked_sub(sum)? };
        sum += length;
        let (part, after) = rest.split_at_checked(length as usize)?;
        rest = after;
        let text = entry & pg_sys::JENTRY_TYPEMASK == pg_sys::JENTRY_ISSTRING;
        parts.push(text.then(|| std::str::from_utf8(part).ok())??);
    }
    let (names, texts) = parts.split_at(count);
    (head & !pg_sys::JB_CMASK == pg_sys::JB_FOBJECT).then(|| names.iter().copied().zip(texts.iter().copied()).collect())
}

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

/// An argument of type `jsonb`, read. `22023` for one that is nested too deep to be.
pub struct Document(pub Value);

impl FromDatum for Document {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Document> {
        if is_null {
            return None;
        }
        // SAFETY: a plain call of a built-in function with a jsonb argument; its result is in the caller's memory.
        let text: Option<&CStr> = unsafe { direct_function_call(pg_sys::jsonb_out, &[Some(datum)]) };
        match serde_json::from_slice(text?.to_bytes()) {
            Ok(value) => Some(Document(value)),
            Err(_) => {
                Failure::from(Error::invalid("an argument of type jsonb is nested deeper than 127 levels")).raise()
            }
        }
    }
}

/// The argument, which is not NULL.
fn given(document: Option<Document>) -> Document {
    match document {
        Some(document) => document,
        None => Failure::internal("an argument of type jsonb is null").raise(),
    }
}

// SAFETY: elements of an array of jsonb are read as such.
unsafe impl UnboxDatum for Document {
    type As<'src>
        = Document
    where
        Self: 'src;

    unsafe fn unbox<'src>(datum: Datum<'src>) -> Self::As<'src>
    where
        Self: 'src,
    {
        // SAFETY: as above.
        given(unsafe { Document::from_datum(datum.sans_lifetime(), false) })
    }
}

// SAFETY: an argument declared jsonb is read as one.
unsafe impl<'fcx> ArgAbi<'fcx> for Document {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        // SAFETY: as above.
        given(unsafe { arg.unbox_arg_using_from_datum() })
    }

    unsafe fn unbox_nullable_arg(arg: Arg<'_, 'fcx>) -> Nullable<Self> {
        // SAFETY: as above.
        unsafe { arg.unbox_arg_using_from_datum() }.into()
    }
}

// SAFETY: the SQL type is jsonb.
unsafe impl SqlTranslatable for Document {
    const TYPE_IDENT: &'static str = pgrx::pgrx_resolved_type!(Document);
    const TYPE_ORIGIN: TypeOrigin = TypeOrigin::External;
    const ARGUMENT_SQL: Result<SqlMappingRef, ArgumentError> = Ok(SqlMappingRef::literal("jsonb"));
    const RETURN_SQL: Result<ReturnsRef, ReturnsError> = Ok(ReturnsRef::One(SqlMappingRef::literal("jsonb")));
}
