//! `regclass`, as an argument.

use crate::error::Failure;
use golden_record_core::error::Error;
use pgrx::callconv::{Arg, ArgAbi};
use pgrx::nullable::Nullable;
use pgrx::pgrx_sql_entity_graph::metadata::{
    ArgumentError, ReturnsError, ReturnsRef, SqlMappingRef, SqlTranslatable, TypeOrigin,
};
use pgrx::{pg_sys, FromDatum, PgRelation};

/// An open relation. Of one that is gone it is `42P01`, where [`PgRelation`] knows an internal error alone.
pub struct Named(pub PgRelation);

impl FromDatum for Named {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Named> {
        const LOCK: pg_sys::LOCKMODE = pg_sys::AccessShareLock as pg_sys::LOCKMODE;
        // SAFETY: a regclass is an oid; what could be opened is opened again, and closed once.
        unsafe {
            let oid = pg_sys::Oid::from_datum(datum, is_null)?;
            let opened = pg_sys::try_relation_open(oid, LOCK);
            if opened.is_null() {
                let message = format!("relation with OID {} does not exist", oid.to_u32());
                Failure::from(Error::new("42P01", message).hint("Give the name of a table.")).raise();
            }
            let relation = PgRelation::with_lock(oid, LOCK);
            pg_sys::relation_close(opened, LOCK);
            Some(Named(relation))
        }
    }
}

// SAFETY: an argument declared regclass is read as one.
unsafe impl<'fcx> ArgAbi<'fcx> for Named {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        // SAFETY: as above.
        match unsafe { arg.unbox_arg_using_from_datum() } {
            Some(named) => named,
            None => Failure::internal("an argument of type regclass is null").raise(),
        }
    }

    unsafe fn unbox_nullable_arg(arg: Arg<'_, 'fcx>) -> Nullable<Self> {
        // SAFETY: as above.
        unsafe { arg.unbox_arg_using_from_datum() }.into()
    }
}

// SAFETY: the SQL type is regclass.
unsafe impl SqlTranslatable for Named {
    const TYPE_IDENT: &'static str = pgrx::pgrx_resolved_type!(Named);
    const TYPE_ORIGIN: TypeOrigin = TypeOrigin::External;
    const ARGUMENT_SQL: Result<SqlMappingRef, ArgumentError> = Ok(SqlMappingRef::literal("regclass"));
    const RETURN_SQL: Result<ReturnsRef, ReturnsError> = Ok(ReturnsRef::One(SqlMappingRef::literal("regclass")));
}
