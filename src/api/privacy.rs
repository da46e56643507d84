//! Privacy: what cleared readers see.

use super::need;
use crate::clearance::{self, Reader};
use crate::erasure;
use crate::error::{Failure, Result};
use crate::jsonb::Jsonb;
use crate::owner::{as_owner, as_reader};
use crate::store::{golden, letters, state, vault};
use golden_record_core::error::Error;
use golden_record_core::source::region_code;
use pgrx::datum::Uuid;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::{Json, JsonB};

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn cleared() -> bool {
    clearance::is_cleared()
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn open_payload(
    rejected_id: Option<i64>,
    system_name: Option<&str>,
    payload: Option<&[u8]>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> std::result::Result<Option<String>, ErrorReport> {
    // A row whose payload the policy keeps from the caller.
    let (Some(rejected_id), Some(payload)) = (rejected_id, payload) else { return Ok(None) };
    if !Reader::of_call(fcinfo, "rejected")?.covers(system_name, None)? {
        return Ok(None);
    }
    Ok(Some(as_reader(|| letters::open_payload(rejected_id, system_name, payload))?))
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn open_raw(
    record_id: i64,
    system_name: &str,
    region: &str,
    state: &[u8],
    fcinfo: pg_sys::FunctionCallInfo,
) -> std::result::Result<Option<Json>, ErrorReport> {
    if !Reader::of_call(fcinfo, "raw_attributes")?.covers(Some(system_name), Some(region))? {
        return Ok(None);
    }
    let state = as_reader(|| state::open(record_id, system_name, region, state))?;
    Ok(Some(Json(state::raw_attributes(&state))))
}

/// What shows values that `open_values` opens.
const OPENED: [&str; 5] = ["customer", "lineage", "profile", "profile_as_of", "review_queue"];

// Called for every row of a read: without a search_path of its own, whose setting costs more than a value's opening. The
// statements that begin a read name the schema of all they use.
#[pg_extern]
fn open_values(
    object: &str,
    golden_id: Uuid,
    system_name: &str,
    region: &str,
    attributes: &[u8],
    fcinfo: pg_sys::FunctionCallInfo,
) -> std::result::Result<Option<Jsonb>, ErrorReport> {
    // What is on record is not the caller's to write.
    if !OPENED.contains(&object) {
        return Err(Failure::from(Error::invalid("open_values is called by views of golden_record")).into());
    }
    let reader = Reader::of_call(fcinfo, object)?;
    if !reader.covers(Some(system_name), Some(region))? {
        return Ok(None);
    }
    let packed = golden::open_group(reader.vault(), golden_id, system_name, region, attributes)?;
    let values = golden::values_of(&packed)?;
    Ok(Some(Jsonb::object(values.iter().map(|value| (value.name, value.display)))))
}

// Raw values, where there are, over masked ones. Where all are raw, as in a scope that has everything, nothing is put
// together.
#[pg_extern(immutable, parallel_safe)]
fn unmask(masked: Option<Jsonb>, raw: Option<Jsonb>) -> Option<Jsonb> {
    match (masked, raw) {
        (Some(masked), Some(raw)) if raw.len() < masked.len() => masked.concat(raw),
        (masked, raw) => raw.or(masked),
    }
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn reveal(
    golden_id: Option<Uuid>,
    attribute: Option<&str>,
    purpose: Option<&str>,
) -> std::result::Result<Option<String>, ErrorReport> {
    let (golden_id, attribute) = (need(golden_id, "golden_id")?, need(attribute, "attribute")?);
    Ok(clearance::reveal(golden_id, attribute, purpose.unwrap_or_default())?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn grant_scope(
    role: Option<&str>,
    systems: default!(Option<Vec<Option<String>>>, "NULL"),
    regions: default!(Option<Vec<Option<String>>>, "NULL"),
) -> std::result::Result<(), ErrorReport> {
    let role = need(role, "role")?;
    let given = |names: Option<Vec<Option<String>>>, what| {
        names.map(|names| names.into_iter().map(|name| need(name, what)).collect::<Result<Vec<_>>>()).transpose()
    };
    let (systems, regions) = (given(systems, "a system")?, given(regions, "a region")?);
    let codes =
        |regions: Vec<String>| regions.iter().map(|region| region_code("a region of the scope", region)).collect();
    let regions = regions.map(codes).transpose().map_err(Failure::from)?;
    Ok(as_owner(|| clearance::grant_scope(role, systems, regions))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn revoke_scope(role: Option<&str>) -> std::result::Result<(), ErrorReport> {
    let role = need(role, "role")?;
    Ok(as_owner(|| clearance::revoke_scope(role))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn key_status() -> std::result::Result<
    TableIterator<'static, (name!(value, String), name!(ok, bool), name!(hint, Option<String>))>,
    ErrorReport,
> {
    Ok(TableIterator::once(as_reader(|| Ok(vault::status()))?))
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn export_subject(golden_id: Option<Uuid>) -> std::result::Result<JsonB, ErrorReport> {
    let golden_id = need(golden_id, "golden_id")?;
    Ok(JsonB(erasure::export(golden_id)?))
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn erase_subject(golden_id: Option<Uuid>, reason: Option<&str>) -> std::result::Result<JsonB, ErrorReport> {
    let (golden_id, reason) = (need(golden_id, "golden_id")?, need(reason, "reason")?);
    Ok(JsonB(as_owner(|| erasure::erase(golden_id, reason))?))
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn unsuppress(id: Option<i64>, reason: Option<&str>) -> std::result::Result<(), ErrorReport> {
    let (id, reason) = (need(id, "id")?, need(reason, "reason")?);
    Ok(as_owner(|| erasure::unsuppress(id, reason))?)
}
