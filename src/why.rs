//! Why records are one golden record, and why two are not: what is stored, put before the steps that decided it.

use crate::configuration::{Configuration, Entity};
use crate::error::{Failure, Result};
use crate::keyring::Keyring;
use crate::resolve::{to_decision, Spoken};
use crate::steward::living;
use crate::store::decision::{self, StoredDecision};
use crate::store::record::{self, Stored};
use crate::store::{blocks, keys, limit, review, vault};
use golden_record_core::block::Key;
use golden_record_core::cluster::decision::Decision;
use golden_record_core::record::{Node, RecordRef};
use golden_record_core::resolve::{Comparison, Known, Matcher, Via};
use golden_record_core::score::Score;
use pgrx::datum::Uuid;
use std::collections::HashSet;
use std::sync::Arc;

/// Two records of one golden record and what holds them together.
pub struct Bond {
    /// One record.
    pub a: RecordRef,
    /// The other.
    pub b: RecordRef,
    /// By what.
    pub via: Via,
    /// How the two score.
    pub score: Score,
    /// The decision, where it is one.
    pub decision: Option<i64>,
}

/// Two records side by side.
pub struct Compared {
    /// What the engine says of them.
    pub comparison: Comparison,
    /// The golden record of the first.
    pub golden_a: Uuid,
    /// That of the second.
    pub golden_b: Uuid,
    /// The open review item about these golden records.
    pub review: Option<i64>,
    /// The newest decision on the pair.
    pub decision: Option<i64>,
}

/// Some records with what decides about them.
struct Scene {
    entity: Arc<Entity>,
    keyring: Keyring,
    /// In the order of references.
    records: Vec<Stored>,
    /// Those of their keys that count for nothing.
    generic: HashSet<i64>,
    /// Those of their blocks that are over their limit.
    over: HashSet<i64>,
    decisions: Vec<StoredDecision>,
}

impl Scene {
    fn of(entity_type: &str, mut records: Vec<Stored>) -> Result<Scene> {
        records.sort_by(|a, b| a.row.reference.cmp(&b.row.reference));
        let entity = Configuration::current()?.entity(entity_type)?;
        let vault = vault::find()?.ok_or_else(|| Failure::internal("there are records and no keys"))?;
        let decisions = decision::of(records.iter().map(|record| record.row.record_id).collect())?;
        let keyring = Keyring::new(vault.identity(), entity_type);
        let mut scene = Scene { entity, keyring, records, generic: HashSet::new(), over: HashSet::new(), decisions };
        let keys = scene
            .records
            .iter()
            .flat_map(|record| scene.keyring.keys(&scene.entity.entity, &record.row.reference, &record.state));
        scene.generic = keys::generic(keys.map(|(digest, _)| digest).collect())?;
        // Blocks are made of what a record says without its generic values.
        let blocks = scene.entity.matcher().blocks(&scene.nodes(), &|key| scene.is_generic(key));
        let blocks: HashSet<i64> = blocks.iter().flatten().map(|block| scene.keyring.block(*block)).collect();
        scene.over = blocks::crowded(blocks.into_iter().collect())?.into_iter().collect();
        Ok(scene)
    }

    fn nodes(&self) -> Vec<Node<'_>> {
        self.records.iter().map(Stored::node).collect()
    }

    fn is_generic(&self, key: &Key) -> bool {
        key.generic_by_form || self.generic.contains(&self.keyring.digest(key))
    }

    fn is_over(&self, block: u64) -> bool {
        self.over.contains(&self.keyring.block(block))
    }

    /// What `ask` makes of the engine, of the records, and of what is known beside them.
    fn ask<R>(&self, ask: impl FnOnce(&Matcher, &[Node], &Known) -> R) -> R {
        let decisions: Vec<Decision> =
            self.decisions.iter().map(|decision| to_decision(decision, &|member| member.live)).collect();
        let (generic, over) = (|key: &Key| self.is_generic(key), |block| self.is_over(block));
        ask(&self.entity.matcher(), &self.nodes(), &Known { generic: &generic, over: &over, decisions: &decisions })
    }
}

/// The newest decision on two records.
fn newest(spoken: &Spoken, a: &Stored, b: &Stored) -> Option<i64> {
    spoken.newest(a.row.record_id, b.row.record_id).map(|decision| decision.decision_id)
}

/// The living golden record that an id leads to, where its type has that attribute.
pub fn whose_value(golden_id: Uuid, attribute: &str) -> Result<Uuid> {
    let (living, entity_type) = living(golden_id)?;
    Configuration::current()?.entity(&entity_type)?.entity.require(attribute)?;
    Ok(living)
}

/// What holds the members of the golden record that an id leads to together: one row fewer than it has members, the strongest first.
pub fn why(golden_id: Uuid) -> Result<Vec<Bond>> {
    let (living, entity_type) = living(golden_id)?;
    let scene = Scene::of(&entity_type, record::by_golden(living)?)?;
    let component = scene.records.first().and_then(|record| record.row.component);
    let over_cap = component.map_or(Ok(false), limit::over_cap)?;
    let (ties, scores) = scene.ask(|matcher, nodes, known| {
        let ties = matcher.ties(nodes, known, over_cap);
        let pairs: Vec<(u32, u32)> = ties.iter().map(|tie| (tie.a, tie.b)).collect();
        let scores = matcher.explain(nodes, known.generic, &pairs);
        (ties, scores)
    });
    let spoken = Spoken::of(&scene.decisions);
    let held = ties.into_iter().zip(scores).map(|(tie, score)| {
        let (a, b) = (&scene.records[tie.a as usize], &scene.records[tie.b as usize]);
        let decision = if tie.via == Via::Decision { newest(&spoken, a, b) } else { None };
        Bond { a: a.row.reference.clone(), b: b.row.reference.clone(), via: tie.via, score, decision }
    });
    Ok(held.collect())
}

/// Why two source records are not in one golden record; or that they are.
pub fn why_not(entity_type: &str, a: &RecordRef, b: &RecordRef) -> Result<Compared> {
    Configuration::current()?.entity(entity_type)?;
    let ends = record::find(entity_type, &[a.clone(), b.clone()])?;
    let end = |name: &RecordRef| {
        let found = ends.iter().find(|record| record.row.reference == *name && record.row.golden.is_some());
        found.ok_or_else(|| record::missing(name))
    };
    let (a, b) = (end(a)?, end(b)?);
    let (Some(golden_a), Some(golden_b)) = (a.row.golden, b.row.golden) else {
        return Err(Failure::internal("a living record has no golden record"));
    };
    let components: HashSet<i64> = ends.iter().filter_map(|record| record.row.component).collect();
    let scene = Scene::of(entity_type, record::by_component(&components.into_iter().collect::<Vec<_>>())?)?;
    let at = |record: &Stored| {
        let found = scene.records.binary_search_by(|other| other.row.reference.cmp(&record.row.reference));
        found.map(|at| at as u32).map_err(|_| Failure::internal("a record is not in its component"))
    };
    let pair = (at(a)?, at(b)?);
    let comparison = scene.ask(|matcher, nodes, known| matcher.compare(nodes, known, pair));
    let members = |golden: Uuid| -> Vec<i64> {
        let members = scene.records.iter().filter(|record| record.row.golden == Some(golden));
        members.map(|record| record.row.record_id).collect()
    };
    let review = if golden_a == golden_b { None } else { review::shown(members(golden_a), members(golden_b))? };
    let decision = newest(&Spoken::of(&scene.decisions), a, b);
    Ok(Compared { comparison, golden_a, golden_b, review, decision })
}
