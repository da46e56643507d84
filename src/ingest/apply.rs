//! What changed → golden records, by the way that is less work.

use crate::audit;
use crate::configuration::Entity;
use crate::error::Result;
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::publish::Published;
use crate::rebuild;
use crate::resolve::{self, Change};
use crate::store::review::Closing;
use golden_record_core::resolve::Groundwork;

/// How records that changed are resolved.
pub enum Way {
    /// With the records that each may belong to.
    Each,
    /// With all records of the type, of which the engine may know what a model was learnt from.
    Whole(Option<Box<Groundwork>>),
}

/// Resolves what changed, writes all that follows from it, and puts it on record.
pub fn apply(
    entity: &Entity,
    keyring: &Keyring,
    held: &mut Held,
    way: Way,
    changes: Vec<Change>,
    feed: &str,
) -> Result<Published> {
    let records = changes.len();
    let published = match way {
        Way::Each if records == 0 => return Ok(Published::default()),
        Way::Each => resolve::settle(entity, keyring, held, changes, Closing::Superseded)?,
        Way::Whole(groundwork) => rebuild::take_in(entity, keyring, changes, groundwork.map(|laid| *laid))?,
    };
    if published.any() {
        let detail = serde_json::json!({
            "feed": feed, "records": records, "created": published.created, "updated": published.updated,
            "merged": published.merged, "retired": published.retired,
        });
        audit::entry("ingest", Some(&entity.entity.name), None, None, &detail)?;
    }
    Ok(published)
}
