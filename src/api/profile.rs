//! Profiles: look-ups by a value that the caller gives in full, and lineage.

use crate::error::Failure;
use crate::lookup::{self, Asked};
use golden_record_core::error::Error;
use golden_record_core::merge::lineage_json;
use golden_record_core::pack::unpack_lineage;
use golden_record_core::record::RecordRef;
use pgrx::datum::Uuid;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::JsonB;

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn lookup_golden(
    email: Option<&str>,
    phone: Option<&str>,
    system_name: Option<&str>,
    source_id: Option<&str>,
    name: Option<&str>,
) -> std::result::Result<TableIterator<'static, (name!(golden_id, Uuid), name!(matched_by, Vec<String>))>, ErrorReport>
{
    let record = match (system_name, source_id) {
        (Some(system), Some(id)) => Some(RecordRef::new(system, id)),
        (None, None) => None,
        _ => {
            let error = Error::invalid("a source record is looked up by system_name and source_id together");
            return Err(Failure::from(error).into());
        }
    };
    if email.is_none() && phone.is_none() && record.is_none() && name.is_none() {
        let error = Error::invalid("nothing to look up");
        return Err(Failure::from(error.hint("Give an email, a phone, a name, or system_name and source_id.")).into());
    }
    Ok(TableIterator::new(lookup::find(Asked { email, phone, name, record })?))
}

#[pg_extern(immutable, parallel_safe, strict)]
#[search_path(pg_catalog, pg_temp)]
fn open_lineage(lineage: &[u8]) -> std::result::Result<JsonB, ErrorReport> {
    // A golden record that is retired has none.
    if lineage.is_empty() {
        return Ok(JsonB(serde_json::json!({})));
    }
    let lineage =
        unpack_lineage(lineage).ok_or_else(|| Failure::damaged("the lineage of a golden record was changed"))?;
    Ok(JsonB(lineage_json(&lineage)))
}
