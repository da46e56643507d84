//! Privacy: what cleared readers see.

use super::need;
use crate::clearance::{self, Reader};
use crate::error::Result;
use crate::owner::as_owner;
use crate::store::{event, record, scope};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::Json;

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn cleared() -> bool {
    clearance::is_cleared()
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn open_payload(
    rejected_id: i64,
    system_name: Option<&str>,
    payload: Option<&[u8]>,
) -> std::result::Result<Option<String>, ErrorReport> {
    // A row whose payload the policy keeps from the caller.
    let Some(payload) = payload else { return Ok(None) };
    Reader::of_caller()?.check(system_name, None)?;
    Ok(Some(as_owner(|| event::open_payload(rejected_id, system_name, payload))?))
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn open_raw(record_id: i64, system_name: &str, region: &str, state: &[u8]) -> std::result::Result<Json, ErrorReport> {
    Reader::of_caller()?.check(Some(system_name), Some(region))?;
    let state = as_owner(|| record::open_state(record_id, system_name, region, state))?;
    Ok(Json(state.raw.into_iter().collect::<serde_json::Map<_, _>>().into()))
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
    Ok(as_owner(|| scope::grant(role, systems, regions))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn revoke_scope(role: Option<&str>) -> std::result::Result<(), ErrorReport> {
    let role = need(role, "role")?;
    Ok(as_owner(|| scope::revoke(role))?)
}
