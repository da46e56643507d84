//! The past of attributes that came to be masked: it is shown as the present is.

use crate::configuration::Entity;
use crate::error::Result;
use crate::store::{configuration, history};
use golden_record_core::entity::{Attribute, EntityType};
use golden_record_core::kind::Pii;
use std::collections::BTreeSet;

/// Takes out of the clear what history and overrides show of values that are masked now and were not once. The values
/// themselves are kept sealed, whatever their class.
pub(super) fn hide(entity: &Entity) -> Result<()> {
    let entity = &entity.entity;
    let open = |attribute: &&Attribute| attribute.pii == Pii::None;
    let mut ever_open: BTreeSet<String> = configuration::ever_open(&entity.name)?.into_iter().collect();
    let shipped = EntityType::customer();
    if entity.name == shipped.name {
        ever_open.extend(shipped.attributes.iter().filter(open).map(|attribute| attribute.name.clone()));
    }
    let masked = entity.attributes.iter().filter(|attribute| !open(attribute) && ever_open.contains(&attribute.name));
    let (names, kinds): (Vec<&str>, Vec<&str>) =
        masked.map(|attribute| (attribute.name.as_str(), attribute.kind.name())).unzip();
    if names.is_empty() {
        return Ok(());
    }
    history::hide(&entity.name, names, kinds)
}
