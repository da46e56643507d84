//! Trust: the digest of the state, and its verification.

use super::record_json;
use crate::owner::as_owner;
use crate::rebuild;
use pgrx::datum::Uuid;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::JsonB;

#[pg_extern(stable, name = "digest")]
#[search_path(pg_catalog, pg_temp)]
fn digest_of(entity_type: default!(&str, "'CUSTOMER'")) -> std::result::Result<String, ErrorReport> {
    Ok(as_owner(|| rebuild::digest(entity_type))?)
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn digest_text(entity_type: default!(&str, "'CUSTOMER'")) -> std::result::Result<String, ErrorReport> {
    Ok(as_owner(|| rebuild::digest_text(entity_type))?)
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn verify(
    entity_type: default!(&str, "'CUSTOMER'"),
) -> std::result::Result<
    TableIterator<
        'static,
        (
            name!(entity_type, String),
            name!(kind, String),
            name!(golden_id, Option<Uuid>),
            name!(record, Option<JsonB>),
            name!(attribute, Option<String>),
            name!(stored, Option<String>),
            name!(expected, Option<String>),
        ),
    >,
    ErrorReport,
> {
    let found = as_owner(|| rebuild::verify(entity_type))?;
    let entity_type = entity_type.to_owned();
    Ok(TableIterator::new(found.into_iter().map(move |difference| {
        (
            entity_type.clone(),
            difference.kind.to_owned(),
            difference.golden,
            difference.record.as_ref().map(record_json),
            difference.attribute,
            difference.stored,
            difference.expected,
        )
    })))
}
