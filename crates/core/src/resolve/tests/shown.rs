//! Which pair is shown for all between two golden records, and by what its records agree.

use super::*;

#[test]
fn of_pairs_in_doubt_between_two_the_strongest_is_shown() {
    let said = |email: &str, mail: &str, phone: &str, first: &str, last: &str| {
        let mut said = person(email, phone, first, last);
        said["mail"] = json!(mail);
        said
    };
    let phone = "+1 206 555 0143";
    // Mark and Marsha of one mailbox; of Marsha's two others at Mark's phone one has a name like his.
    let records = vec![
        said("roe@x.example", "mark@x.example", "", "Mark", "Roe"),
        said("", "mark@x.example", phone, "Mark", "Roe"),
        said("roe@x.example", "marsha@x.example", "", "Marsha", "Roe"),
        said("", "marsha@x.example", phone, "", ""),
        said("", "marsha@x.example", phone, "M", "Roe"),
    ];
    let mut world = with_attributes([Attribute::new("mail", Kind::Email)], records, World::of);
    world.entity.options.review = 75.0;
    let solution = world.resolve(&[]).solution;
    assert_eq!(solution.cluster, [0, 0, 2, 2, 2]);
    let told: Vec<_> = solution.review.iter().map(|one| (one.a, one.b, one.reason)).collect();
    assert_eq!(told, [(0, 2, Reason::Contradiction), (1, 4, Reason::Score)]);
}

#[test]
fn what_an_id_in_common_would_join_stands_for_all_between_two() {
    let ann = |email: &str, passport: &str| {
        json!({"firstName": "Ann", "lastName": "Lindqvist", "dateOfBirth": "1980-02-03", "email": email,
            "passport": passport})
    };
    let records = vec![ann("", "P1111"), ann("ann@x.example", "P1111"), ann("ann@x.example", "P2222")];
    let mut world = with_passport(records, |records| World::of(records).under(Policy::Probabilistic));
    [0, 2].into_iter().for_each(|record| world.refer(record, RecordRef::new("X", "x1")));
    let solution = world.resolve(&[]).solution;
    assert_eq!(solution.cluster, [0, 0, 2]);
    let told: Vec<_> = solution.review.iter().map(|one| (one.a, one.b, one.reason)).collect();
    assert_eq!(told, [(0, 2, Reason::Exclusive)]);
}

#[test]
fn of_several_values_of_a_kind_those_that_agree_best_tell() {
    let said = |email: &str| json!({"email": email, "mail": "shared@x.example", "lastName": "Roe"});
    let records = vec![said("a1@x.example"), said("b2@y.example")];
    let further = [Attribute::new("mail", Kind::Email)];
    let world = with_attributes(further, records, |records| World::of(records).under(Policy::Probabilistic));
    let told = world.matcher().explain(&world.nodes(), &|_| false, &[(0, 1)]).remove(0);
    assert_eq!(told.evidence.iter().find(|one| one.comparison == "email").unwrap().level, "exact");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn under_probabilistic_the_strongest_between_two_is_shown(records in records()) {
        let mut world = World::of(records).under(Policy::Probabilistic);
        (world.entity.options.auto, world.entity.options.review) = (Some(95.0), 5.0);
        world.model = Model::shipped(&world.entity).with_thresholds(&world.entity.options);
        let (matcher, nodes) = (world.matcher(), world.nodes());
        let solution = matcher.resolve_all(&nodes, &[]).solution;
        let ends = |a: u32, b: u32| {
            let (x, y) = (solution.cluster[a as usize], solution.cluster[b as usize]);
            (x.min(y), x.max(y))
        };
        let pairs: Vec<(u32, u32)> = matcher.candidates(&nodes).iter().map(|edge| (edge.a, edge.b)).collect();
        let scores = matcher.explain(&nodes, &|key| key.generic_by_form, &pairs);
        for shown in &solution.review {
            let here = |a: u32, b: u32| ends(a, b) == ends(shown.a, shown.b);
            let others = solution.review.iter().filter(|one| here(one.a, one.b));
            // A guard speaks for all that lies between the two; and pairs of different components are all there.
            let guarded = others.clone().any(|one| !matches!(one.reason, Reason::Score | Reason::Cohesion));
            if guarded || solution.component[shown.a as usize] != solution.component[shown.b as usize] {
                continue;
            }
            let between = pairs.iter().zip(&scores).filter(|((a, b), _)| here(*a, *b)).map(|(_, score)| score.millipoints);
            let doubtful = between.clone().filter(|points| (5_001..95_000).contains(points)).max();
            if shown.reason == Reason::Score {
                prop_assert_eq!(Some(shown.millipoints), doubtful);
            } else {
                prop_assert_eq!(Some(shown.millipoints), between.max());
                // What is in doubt beside it is told as well.
                let scored = others.filter(|one| one.reason == Reason::Score).count();
                prop_assert_eq!(scored, usize::from(doubtful.is_some()));
            }
        }
    }
}
