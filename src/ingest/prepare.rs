//! What can be said of a version by itself, before any lock is held and in any thread.

use crate::configuration::Entity;
use crate::error::Result;
use crate::{alias, parallel};
use golden_record_core::fold::fold;
use golden_record_core::pack::{pack_version, version_hash};
use golden_record_core::record::{State, Version};
use golden_record_core::source::SourceOptions;
use golden_record_core::value::Text;
use golden_record_core::vault::Vault;
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The options of systems.
pub(super) type Source<'a> = dyn Fn(&str) -> Arc<SourceOptions> + Sync + 'a;

/// A version on its way in, with its place in the payload.
pub struct Incoming {
    /// From 1.
    pub ordinal: i32,
    /// What it states.
    pub version: Version,
}

/// A version with all that can be said of it by itself.
pub struct Prepared {
    /// Its place in the payload, from 1.
    pub ordinal: i32,
    /// What it states. An id that is an email or a phone is an alias already.
    pub version: Version,
    /// It, packed.
    pub(super) packed: Zeroizing<Vec<u8>>,
    /// The hash of that.
    pub(super) hash: [u8; 32],
    /// The ids that it names by an alias.
    pub(super) originals: BTreeMap<Text, Text>,
    /// What its record says, when the version is the whole record.
    pub(super) alone: Option<State>,
}

impl Prepared {
    /// Whether it says nothing but that its record is gone, as a row that is gone does.
    pub(super) fn retracts_all(&self) -> bool {
        self.version.deleted && self.version.attributes.is_empty()
    }
}

/// Says of versions what can be said of each by itself, in any thread; `whole`, the options of their systems, where each is
/// all that its record says.
pub(super) fn prepare(
    vault: &Vault,
    entity: &Entity,
    mut incoming: Vec<Incoming>,
    whole: Option<&Source>,
) -> Result<Vec<Prepared>> {
    let originals: Vec<_> = incoming.iter_mut().map(|incoming| alias::give(vault, &mut incoming.version)).collect();
    let said = parallel::map(&incoming, |Incoming { version, .. }| {
        let fold_alone = |source: &Source| {
            let options = source(&version.record.system);
            fold(&entity.entity, &entity.mapping, &options, std::slice::from_ref(version))
        };
        let packed = pack_version(version);
        (version_hash(&packed), packed.into(), whole.map(fold_alone))
    })?;
    let all = incoming.into_iter().zip(originals).zip(said);
    let prepared = all.map(|((Incoming { ordinal, version }, originals), (hash, packed, alone))| Prepared {
        ordinal,
        version,
        packed,
        hash,
        originals,
        alone,
    });
    Ok(prepared.collect())
}
