//! Who waits no more for work on many records is rid of it within a second, wherever it stands.
#![allow(clippy::unwrap_used)]

mod support;

use golden_record_core::entity::{Attribute, EntityType, Options, Policy};
use golden_record_core::kind::Kind;
use golden_record_core::probabilistic::Model;
use golden_record_core::resolve::Matcher;
use golden_record_core::threads::Stopped;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::{made, Set};

/// How long the process has computed: what else the machine does says nothing of it.
fn spent() -> Duration {
    let told = std::fs::read_to_string("/proc/self/stat").unwrap();
    let ticks: Vec<u64> =
        told.rsplit(')').next().unwrap().split(' ').skip(12).take(2).map(|t| t.parse().unwrap()).collect();
    Duration::from_millis(10 * (ticks[0] + ticks[1]))
}

/// Asks for the end of `work` again and again, each time when it has computed twice as long, until it has come to its own.
fn ends_soon(work: impl Fn(&AtomicBool) + Sync) {
    let (mut after, mut asked) = (Duration::from_millis(100), 0);
    loop {
        let (stop, begun) = (AtomicBool::new(false), spent());
        let (stopped, took) = std::thread::scope(|scope| {
            let working = scope.spawn(|| catch_unwind(AssertUnwindSafe(|| work(&stop))));
            while !working.is_finished() && spent() - begun < after {
                std::thread::sleep(Duration::from_millis(5));
            }
            stop.store(true, Ordering::Relaxed);
            let begun = spent();
            let ended = working.join().unwrap();
            (ended.map_err(|unwound| assert!(unwound.is::<Stopped>())).is_err(), spent() - begun)
        });
        assert!(took < Duration::from_secs(1), "{took:?} for one that was asked for after {after:?}");
        if !stopped {
            break;
        }
        (after, asked) = (2 * after, asked + 1);
    }
    assert!(asked > 4, "too little work");
}

/// 200,000 people, of whom a third are of one name with telephones in common.
fn many() -> Set {
    let mut set = made::people();
    let column = |kind: Kind| set.entity.attributes.iter().position(|attribute| attribute.kind == kind).unwrap();
    let [given, family, email, phone] = [Kind::GivenName, Kind::FamilyName, Kind::Email, Kind::Phone].map(column);
    let rows = set.rows.clone();
    let more = (rows.len()..200_000).map(|at| {
        let mut row = rows[at % rows.len()].clone();
        match at % 3 {
            0 => {
                (row[given], row[family]) = ("Maria".into(), "Schmidt".into());
                row[phone] = format!("+44207{:07}", at / 6);
            }
            _ => row[family] += [" a", "ova", "sson", "ez", "ini"][at / rows.len() % 5],
        }
        row[email] = format!("{at}{}", row[email]);
        row
    });
    set.rows.extend(more);
    set
}

#[test]
fn work_on_many_records_ends_soon() {
    // One after the other, since they are measured by what the process computes.
    learning_and_resolving();
    a_mailbox_of_thousands_under_guide();
}

fn learning_and_resolving() {
    let set = many();
    let records = set.records();
    let (nodes, model) = (support::nodes(&records), Model::shipped(&set.entity));
    ends_soon(|stop| {
        let matcher = Matcher::new(&set.entity, &model).stopping(stop);
        let groundwork = matcher.prepare(&nodes);
        matcher.learn(&groundwork);
        matcher.resolve(&nodes, groundwork, &[]);
    });
}

fn a_mailbox_of_thousands_under_guide() {
    let shared = |name: &str, kind: Kind| Attribute { limit: u32::MAX, ..Attribute::new(name, kind) };
    let attributes = vec![Attribute::new("born", Kind::Date), shared("email", Kind::Email)];
    let options = Options { block_limit: u32::MAX, component_cap: u32::MAX, ..Options::of(Policy::Guide) };
    let entity = EntityType { name: "MEMBER".into(), attributes, policy: Policy::Guide, options };
    let row = |at: usize| {
        let born = format!("{}-{:02}-{:02}", 1900 + at % 97, 1 + at % 12, 1 + at % 28);
        vec![born, if at < 5_000 { "all@example.com".into() } else { format!("{at}@example.com") }]
    };
    let rows: Vec<Vec<String>> = (0..200_000).map(row).collect();
    let set = Set { entity, rows, ids: vec![], truth: vec![] };
    let records = set.records();
    let (nodes, model) = (support::nodes(&records), Model::shipped(&set.entity));
    ends_soon(|stop| {
        Matcher::new(&set.entity, &model).stopping(stop).resolve_all(&nodes, &[]);
    });
}
