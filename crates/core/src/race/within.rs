//! Where versions of one record meet.

use super::{Meeting, RaceKind, Side};
use crate::entity::EntityType;
use crate::fold::{concurrent, key, order, priority, second, Ordering, Reader};
use crate::record::Version;
use crate::source::SourceOptions;
use crate::value::{Reading, Text};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// What a version says of a field: `Some(None)` where it says that there is no value.
type Said = Option<Option<Text>>;

/// Where the version at `new` meets the others of its record, all of which arrived before it.
///
/// In each field it meets one: the last that states the field behind it, else the last before it.
pub fn within(
    entity: &EntityType,
    mapping: &BTreeMap<String, String>,
    source: &SourceOptions,
    versions: &[Version],
    new: usize,
) -> Vec<Meeting> {
    let Some(version) = versions.get(new).filter(|_| versions.len() > 1) else { return Vec::new() };
    let ordered = order(versions, source);
    let Some(place) = ordered.iter().position(|other| std::ptr::eq(*other, version)) else { return Vec::new() };
    let by = key(versions);
    // Of two with one number the number decides nothing.
    let numbered = |other: &Version| by == Ordering::Sequence && other.sequence != version.sequence;
    let near = place > 0 && second(ordered[place - 1].timestamp) == second(version.timestamp);
    // The ordinary case: the newest version comes last.
    if place + 1 == ordered.len() && by != Ordering::Clock && !near {
        return Vec::new();
    }
    let reader = Reader::new(entity, mapping, source, &ordered);
    // Read where they are asked for: of a thousand versions the last ones, as a rule.
    let read: Vec<OnceCell<BTreeMap<&str, Option<Text>>>> = vec![OnceCell::new(); ordered.len()];
    let stated = |at: usize| read[at].get_or_init(|| said(&reader, at, ordered[at]));
    let says = |at: usize, field: &str| -> Said {
        stated(at).get(field).cloned().or_else(|| ordered[at].deleted.then_some(None))
    };
    let fields: BTreeSet<&str> = if version.deleted {
        (0..ordered.len()).flat_map(|at| stated(at).keys()).copied().collect()
    } else {
        stated(place).keys().copied().collect()
    };
    let mut met: BTreeMap<(usize, RaceKind), BTreeSet<String>> = BTreeMap::new();
    for field in fields {
        let mine = says(place, field);
        let behind = (place + 1..ordered.len()).rev().find(|at| says(*at, field).is_some());
        let Some(other) = behind.or_else(|| (0..place).rev().find(|at| says(*at, field).is_some())) else { continue };
        if says(other, field) == mine {
            continue;
        }
        let same_second = second(ordered[other].timestamp) == second(version.timestamp);
        let kind = if concurrent(version, ordered[other]) {
            RaceKind::Concurrent
        } else if same_second && by != Ordering::Clock && !numbered(ordered[other]) {
            RaceKind::SameSecond
        } else if other > place {
            RaceKind::Late
        } else {
            continue;
        };
        met.entry((other, kind)).or_default().insert(field.to_owned());
    }
    let side = |version: &Version, won: BTreeSet<String>| Side {
        record: version.record.clone(),
        at: version.timestamp,
        priority: priority(version, source),
        won,
    };
    let meeting = |((other, kind), fields): ((usize, RaceKind), BTreeSet<String>)| {
        let (last, first) = if other > place { (ordered[other], version) } else { (version, ordered[other]) };
        let rule = match (kind, by) {
            (RaceKind::Late, Ordering::Clock) => "vectorClock",
            (_, Ordering::Sequence) if numbered(ordered[other]) => "sequence",
            _ => tie(first, last, source),
        };
        Meeting { kind, winner: side(last, fields), loser: side(first, BTreeSet::new()), rule: rule.to_owned() }
    };
    met.into_iter().map(meeting).collect()
}

fn said<'a>(reader: &Reader<'a>, at: usize, version: &'a Version) -> BTreeMap<&'a str, Option<Text>> {
    let value = |reading| match reading {
        Reading::Value(value) => Some(Some(value.canonical)),
        Reading::Nothing => Some(None),
        Reading::Unreadable => None,
    };
    let stated = reader.read(at, version);
    stated.filter_map(|stated| Some((stated.attribute?, value(stated.reading)?))).collect()
}

/// What decides between versions that neither clock nor sequence tells apart.
fn tie(a: &Version, b: &Version, source: &SourceOptions) -> &'static str {
    if second(a.timestamp) == second(b.timestamp) && priority(a, source) != priority(b, source) {
        "sourcePriority"
    } else if a.timestamp != b.timestamp {
        "timestamp"
    } else {
        "content"
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{told, version};
    use super::*;
    use serde_json::{json, Value};

    /// The meetings of the last of some versions with those before it.
    fn last(versions: &[Version]) -> Vec<String> {
        let none = BTreeMap::new();
        let source = SourceOptions::default();
        told(&within(&EntityType::customer(), &none, &source, versions, versions.len() - 1))
    }

    #[test]
    fn versions_of_one_record_meet_where_order_is_not_arrival() {
        let at = |second: u32, attributes: Value| {
            version("A", &format!("2024-01-01T00:00:{second:02}Z"), json!({}), attributes)
        };
        let (first, second) = (at(1, json!({"city": "Oslo", "email": "a@x.com"})), at(2, json!({"city": "Bergen"})));
        assert_eq!(last(&[first.clone(), second.clone()]), [""; 0], "in order");
        assert_eq!(
            last(&[second.clone(), first.clone()]),
            ["late city A 2024-01-01T00:00:02Z beats A 2024-01-01T00:00:01Z by timestamp"]
        );
        assert_eq!(last(&[second.clone(), at(1, json!({"email": "a@x.com"}))]), [""; 0], "other fields");
        assert_eq!(last(&[second.clone(), at(1, json!({"city": " bergen"}))]), [""; 0], "the same value");
        let gone = version("A", "2024-01-01T00:00:03Z", json!({"deleted": true}), json!({}));
        assert_eq!(
            last(&[gone, second]),
            ["late city A 2024-01-01T00:00:03Z beats A 2024-01-01T00:00:02Z by timestamp"]
        );
    }

    #[test]
    fn versions_of_one_second_meet_unless_a_clock_or_sequence_orders_them() {
        let at = |extra: Value, city: &str| version("A", "2024-01-01T00:00:01Z", extra, json!({"city": city}));
        let two = [at(json!({"sourcePriority": 2}), "Oslo"), at(json!({"sourcePriority": 1}), "Bergen")];
        let expected = ["same_second city A 2024-01-01T00:00:01Z beats A 2024-01-01T00:00:01Z by sourcePriority"];
        assert_eq!(last(&two), expected);
        assert_eq!(last(&[two[1].clone(), two[0].clone()]), expected);
        assert_eq!(last(&[at(json!({"sequence": 1}), "Oslo"), at(json!({"sequence": 2}), "Bergen")]), [""; 0]);
        assert_eq!(last(&[at(json!({"sequence": 2}), "Oslo"), at(json!({"sequence": 1}), "Bergen")]).len(), 1);
        let clock = |clock: Value, city: &str| at(json!({ "vectorClock": clock }), city);
        assert_eq!(last(&[clock(json!({"a": 1}), "Oslo"), clock(json!({"a": 2}), "Bergen")]), [""; 0]);
        assert_eq!(
            last(&[clock(json!({"a": 1}), "Oslo"), clock(json!({"b": 1}), "Bergen")]),
            ["concurrent city A 2024-01-01T00:00:01Z beats A 2024-01-01T00:00:01Z by content"]
        );
    }

    #[test]
    fn versions_meet_that_one_number_or_clock_does_not_tell_apart() {
        let at = |time: &str, mut extra: Value, priority: i32, city: &str| {
            extra["sourcePriority"] = priority.into();
            version("A", &format!("2024-01-01T00:00:{time}Z"), extra, json!({"city": city}))
        };
        let two = |extra: Value, times: [&str; 2]| {
            last(&[at(times[0], extra.clone(), 2, "Oslo"), at(times[1], extra, 1, "Bergen")])
        };
        let by_priority = "city A 2024-01-01T00:00:01.2Z beats A 2024-01-01T00:00:01.5Z by sourcePriority";
        assert_eq!(two(json!({"sequence": 7}), ["01.5", "01.2"]), [format!("same_second {by_priority}")]);
        assert_eq!(two(json!({"vectorClock": {"n": 7}}), ["01.5", "01.2"]), [format!("concurrent {by_priority}")]);
        let by_time = "city A 2024-01-01T00:00:09Z beats A 2024-01-01T00:00:05Z by timestamp";
        assert_eq!(two(json!({"sequence": 7}), ["09", "05"]), [format!("late {by_time}")]);
        assert_eq!(two(json!({"sequence": 7}), ["05", "09"]), [""; 0], "in order");
        assert_eq!(two(json!({"vectorClock": {"n": 7}}), ["09", "05"]), [format!("concurrent {by_time}")]);
        let late = [at("01", json!({"sequence": 2}), 1, "Oslo"), at("09", json!({"sequence": 1}), 1, "Bergen")];
        assert_eq!(last(&late), ["late city A 2024-01-01T00:00:01Z beats A 2024-01-01T00:00:09Z by sequence"]);
    }
}
