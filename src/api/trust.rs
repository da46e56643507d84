//! Trust: the digest of the state, and its verification; the chain of the audit log.

use super::{need, record_json};
use crate::audit;
use crate::error::Failure;
use crate::owner::{as_owner, as_reader};
use crate::rebuild;
use crate::store::vault;
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::JsonB;

#[pg_extern(stable, name = "digest")]
#[search_path(pg_catalog, pg_temp)]
fn digest_of(entity_type: default!(Option<&str>, "'CUSTOMER'")) -> std::result::Result<String, ErrorReport> {
    Ok(as_reader(|| rebuild::digest(need(entity_type, "entity_type")?))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn rotate_key() -> std::result::Result<i32, ErrorReport> {
    Ok(as_owner(|| {
        let key_id = vault::rotate()?;
        audit::entry("rotate_key", None, None, None, &serde_json::json!({ "key_id": key_id }))?;
        Ok::<_, Failure>(key_id as i32)
    })?)
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn digest_text(entity_type: default!(Option<&str>, "'CUSTOMER'")) -> std::result::Result<String, ErrorReport> {
    Ok(as_reader(|| rebuild::digest_text(need(entity_type, "entity_type")?))?)
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn verify(
    entity_type: default!(Option<&str>, "'CUSTOMER'"),
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
    let entity_type = need(entity_type, "entity_type")?;
    let found = as_reader(|| rebuild::verify(entity_type))?;
    let entity_type = entity_type.to_owned();
    Ok(TableIterator::new(found.into_iter().map(move |difference| {
        (
            entity_type.clone(),
            difference.kind.name().to_owned(),
            difference.golden,
            difference.record.as_ref().map(record_json),
            difference.attribute,
            difference.stored,
            difference.expected,
        )
    })))
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn audit_head() -> std::result::Result<
    TableIterator<
        'static,
        (name!(seal_id, i64), name!(sealed_at, TimestampWithTimeZone), name!(entries, i64), name!(head, Vec<u8>)),
    >,
    ErrorReport,
> {
    let head = as_owner(audit::head)?;
    let row = head.map(|head| (head.seal_id, head.sealed_at, head.entries, head.hash.to_vec()));
    Ok(TableIterator::new(row))
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn audit_verify(
    head: default!(Option<&[u8]>, "NULL"),
) -> std::result::Result<
    TableIterator<
        'static,
        (name!(kind, String), name!(audit_id, Option<i64>), name!(seal_id, Option<i64>), name!(entries, Option<i64>)),
    >,
    ErrorReport,
> {
    let found = as_reader(|| audit::verify(head))?.into_iter();
    let row = |found: audit::Finding| (found.kind.name().to_owned(), found.audit_id, found.seal_id, found.entries);
    Ok(TableIterator::new(found.map(row)))
}
