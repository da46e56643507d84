//! What is learnt and what a pair weighs is a function of the records' values, not of the order in which they come.
#![allow(clippy::unwrap_used)]

mod support;

use golden_record_core::block::Key;
use golden_record_core::probabilistic::Model;
use golden_record_core::record::Node;
use golden_record_core::resolve::Matcher;
use support::{made, random::Random};

fn shuffled<'a>(nodes: &[Node<'a>]) -> Vec<Node<'a>> {
    let (mut nodes, mut random) = (nodes.to_vec(), Random(7));
    for at in (1..nodes.len()).rev() {
        nodes.swap(at, random.below(at + 1));
    }
    nodes
}

#[test]
fn weights_are_learnt_from_values_alone() {
    for (name, make) in made::ALL {
        let set = make();
        let records = set.records();
        let nodes = support::nodes(&records);
        let shipped = Model::shipped(&set.entity);
        let matcher = Matcher::new(&set.entity, &shipped);
        assert!(matcher.train(&nodes) == matcher.train(&shuffled(&nodes)), "{name}");
    }
}

#[test]
fn a_pair_weighs_the_same_from_either_side() {
    for (name, make) in made::ALL {
        let set = make();
        let records = set.records();
        let nodes = &support::nodes(&records)[..6_000];
        let shipped = Model::shipped(&set.entity);
        let matcher = Matcher::new(&set.entity, &shipped);
        let pairs: Vec<(u32, u32)> = matcher.candidates(nodes).iter().map(|edge| (edge.a, edge.b)).collect();
        let turned: Vec<(u32, u32)> = pairs.iter().map(|&(a, b)| (b, a)).collect();
        let scores = |pairs: &[(u32, u32)]| matcher.explain(nodes, &|key| key.generic_by_form, pairs);
        assert!(pairs.len() > 1_000, "{name}");
        assert!(scores(&pairs) == scores(&turned), "{name}");
    }
}

#[test]
fn what_learning_took_apart_resolves_as_from_scratch() {
    for (name, make) in made::ALL {
        let set = make();
        let records = set.records();
        let nodes = &support::nodes(&records)[..4_000];
        let shipped = Model::shipped(&set.entity);
        let groundwork = Matcher::new(&set.entity, &shipped).prepare(&shuffled(nodes));
        let model = Matcher::new(&set.entity, &shipped).learn(&groundwork).with_thresholds(&set.entity.options);
        let matcher = Matcher::new(&set.entity, &model);
        let resolution = matcher.resolve(nodes, groundwork, &[]);
        assert!(resolution == matcher.resolve_all(nodes, &[]), "{name}");
        // The blocks it tells of are those of each record by itself.
        let generic = |key: &Key| resolution.generic.iter().any(|one| one.key == *key);
        let mut told = vec![vec![]; nodes.len()];
        for (block, members) in resolution.blocks.each() {
            members.iter().for_each(|&member| told[member as usize].push(block));
        }
        assert!(told == matcher.blocks(nodes, &generic), "{name}");
    }
}
