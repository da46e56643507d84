//! Races: where two statements about one thing met, and a rule rather than the network decided.
//!
//! Two kinds are between the versions of one source record: clocks that have not seen each other ([`RaceKind::Concurrent`]),
//! and a version that arrives after one that is later in their order ([`RaceKind::Late`]). [`RaceKind::SameSecond`] is between
//! versions, and between records of two systems that state different values in one event second. A field counts where
//! the two state different values: two that agree, or speak of different fields, have not met.

use crate::entity::EntityType;
use crate::fold::{concurrent, key, order, priority, second, Ordering, Reader};
use crate::record::{RecordRef, State, Version};
use crate::source::SourceOptions;
use crate::survive::{Choice, Member, Reason, Survivor};
use crate::value::{rfc3339, Micros, Reading, Text};
use crate::words;
use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// What made two statements meet.
    pub enum RaceKind {
        /// Both are of one event second.
        SameSecond => "same_second",
        /// Neither has seen the other, by their vector clocks.
        Concurrent => "concurrent",
        /// One arrived after the other and comes before it.
        Late => "late",
    }
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The source record.
    pub record: RecordRef,
    /// The event time.
    pub at: Micros,
    /// The `sourcePriority`.
    pub priority: i32,
    /// The fields in which this side was preferred.
    pub won: BTreeSet<String>,
}

impl Side {
    /// As the race log shows it, without values.
    pub fn to_json(&self) -> Value {
        json!({"systemName": self.record.system, "id": self.record.id, "eventTime": rfc3339(self.at),
            "sourcePriority": self.priority, "won": self.won})
    }
}

/// One meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// What made them meet.
    pub kind: RaceKind,
    /// The side that was preferred, in most fields.
    pub winner: Side,
    /// The other.
    pub loser: Side,
    /// What decided: the merge rules' actions, or by what versions of one record are put in order: `vectorClock`,
    /// `sequence`, `timestamp`, `sourcePriority`, `content`.
    pub rule: String,
}

impl Meeting {
    /// The fields in which the two met.
    pub fn fields(&self) -> BTreeSet<&str> {
        self.winner.won.iter().chain(&self.loser.won).map(String::as_str).collect()
    }
}

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
    let stated: Vec<BTreeMap<&str, Option<Text>>> = (0..).zip(&ordered).map(|(at, v)| said(&reader, at, v)).collect();
    let says = |at: usize, field: &str| -> Said {
        stated[at].get(field).cloned().or_else(|| ordered[at].deleted.then_some(None))
    };
    let fields: BTreeSet<&str> = if version.deleted {
        stated.iter().flat_map(|said| said.keys()).copied().collect()
    } else {
        stated[place].keys().copied().collect()
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

/// A member of a golden record as a write found it.
#[derive(Clone, Copy)]
pub struct Entrant<'a> {
    /// Its name and what it says now.
    pub member: Member<'a>,
    /// What it said before the write, where the write changed it.
    pub before: Option<&'a State>,
    /// The golden record that it belonged to before: any number, the same for members of one; `None` for a new record.
    pub group: Option<u32>,
}

impl Entrant<'_> {
    fn is_new(&self, field: &str) -> bool {
        self.before.is_some_and(|before| before.held_of(field) != self.member.state.held_of(field))
    }

    fn has_met(&self, other: &Entrant) -> bool {
        self.group.is_some() && self.group == other.group
    }

    /// The value that the record stated at that time.
    fn stated(&self, field: &str, at: Micros) -> Option<&str> {
        let held = self.member.state.held_of(field)?;
        let assertion = if held.current.at == at { held.current } else { held.earliest() };
        Some(assertion.canonical)
    }
}

/// One system's place in the contest for a field.
#[derive(Clone, Copy)]
struct Place<'a> {
    entrant: &'a Entrant<'a>,
    at: Micros,
    priority: i32,
}

/// Where records of different systems meet in one event second with different values, and what they state is new, or
/// they became one golden record with this write.
///
/// In each field a record meets the one that was preferred to it, and a new best the one that it replaced.
pub fn across(survivors: &BTreeMap<Text, Survivor>, entrants: &[Entrant]) -> Vec<Meeting> {
    let mut met: BTreeMap<(&RecordRef, &RecordRef), (Meeting, BTreeSet<&str>)> = BTreeMap::new();
    for (field, survivor) in survivors.iter().filter(|(_, survivor)| !survivor.losers.is_empty()) {
        for (winner, loser) in pairs(field, survivor, entrants) {
            let (a, b) = (winner.entrant.member.reference, loser.entrant.member.reference);
            let side = |place: &Place| Side {
                record: place.entrant.member.reference.clone(),
                at: place.at,
                priority: place.priority,
                won: BTreeSet::new(),
            };
            let (meeting, rules) = met.entry((a.min(b), a.max(b))).or_insert_with(|| {
                let rule = String::new();
                (
                    Meeting { kind: RaceKind::SameSecond, winner: side(&winner), loser: side(&loser), rule },
                    BTreeSet::new(),
                )
            });
            let won = if meeting.winner.record == *a { &mut meeting.winner } else { &mut meeting.loser };
            won.won.insert(field.to_string());
            rules.insert(survivor.action.name());
        }
    }
    let finish = |(mut meeting, rules): (Meeting, BTreeSet<&str>)| {
        let order = |side: &Side| (side.won.len(), std::cmp::Reverse(side.record.clone()));
        if order(&meeting.loser) > order(&meeting.winner) {
            std::mem::swap(&mut meeting.winner, &mut meeting.loser);
        }
        meeting.rule = rules.into_iter().collect::<Vec<_>>().join(", ");
        meeting
    };
    met.into_values().map(finish).collect()
}

/// (preferred, other) of every meeting in a field.
fn pairs<'a>(field: &str, survivor: &Survivor, entrants: &'a [Entrant<'a>]) -> Vec<(Place<'a>, Place<'a>)> {
    if matches!(survivor.reason, Reason::Union | Reason::Aggregate) {
        return Vec::new(); // Nobody lost.
    }
    let find = |record: &RecordRef| entrants.iter().find(|entrant| entrant.member.reference == record);
    let best = (survivor.action != Choice::Override).then_some((&survivor.winner, survivor.at, survivor.priority));
    let others =
        survivor.losers.iter().filter(|loser| !matches!(loser.reason, Reason::NotListed | Reason::BelowMinimumTrust));
    let ranked = best.into_iter().chain(others.map(|loser| (&loser.record, loser.at, loser.priority)));
    let mut all: Vec<i64> = ranked.clone().map(|(_, at, _)| second(at)).collect();
    all.sort_unstable();
    // Mostly each is of a second of its own.
    if all.windows(2).all(|two| two[0] != two[1]) {
        return Vec::new();
    }
    let mut seconds: BTreeMap<i64, Vec<Place>> = BTreeMap::new();
    for (record, at, priority) in ranked {
        if let Some(entrant) = find(record) {
            seconds.entry(second(at)).or_default().push(Place { entrant, at, priority });
        }
    }
    let value = |place: &Place<'a>| place.entrant.stated(field, place.at);
    let differ = |a: &Place<'a>, b: &Place<'a>| {
        a.entrant.member.reference.system != b.entrant.member.reference.system && value(a) != value(b)
    };
    let mut found = Vec::new();
    for places in seconds.values() {
        let mut replaced = places.first().is_some_and(|best| best.entrant.is_new(field));
        for (at, place) in places.iter().enumerate().skip(1) {
            let Some(best) = places[..at].iter().find(|best| differ(best, place)) else { continue };
            let first = std::mem::replace(&mut replaced, false);
            if first || place.entrant.is_new(field) || !place.entrant.has_met(best.entrant) {
                found.push((*best, *place));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fold::fold;
    use crate::survive::{survive, Rules};

    fn version(system: &str, at: &str, extra: Value, attributes: Value) -> Version {
        let mut record = json!({"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": system, "id": "1"}],
            "timestamp": at, "attributes": attributes});
        record.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let source = |_: &str| std::sync::Arc::new(SourceOptions::default());
        let around = crate::payload::Surroundings { source: &source, known: &|_| true, now: None };
        crate::payload::parse_record(&record.to_string(), &around).ok().unwrap()
    }

    fn told(meetings: &[Meeting]) -> Vec<String> {
        let show = |meeting: &Meeting| {
            let fields: Vec<&str> = meeting.fields().into_iter().collect();
            let (winner, loser) = (&meeting.winner, &meeting.loser);
            let side = |side: &Side| format!("{} {}", side.record.system, rfc3339(side.at));
            format!(
                "{} {} {} beats {} by {}",
                meeting.kind.name(),
                fields.join("+"),
                side(winner),
                side(loser),
                meeting.rule
            )
        };
        meetings.iter().map(show).collect()
    }

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

    #[test]
    fn records_of_two_systems_meet_in_one_second_with_different_values() {
        let entity = EntityType::customer();
        let state = |version: &Version| {
            fold(&entity, &BTreeMap::new(), &SourceOptions::default(), std::slice::from_ref(version))
        };
        let a = version(
            "A",
            "2024-01-01T00:00:01.5Z",
            json!({"sourcePriority": 1}),
            json!({"city": "Oslo", "email": "a@x.com"}),
        );
        let b = version(
            "B",
            "2024-01-01T00:00:01Z",
            json!({"sourcePriority": 2}),
            json!({"city": "Bergen", "email": "a@x.com"}),
        );
        let later = version("C", "2024-01-01T00:00:02Z", json!({}), json!({"city": "Rome"}));
        let states = [state(&a), state(&b), state(&later)];
        let names = [&a.record, &b.record, &later.record];
        let before = State::default();
        let meet = |new: [bool; 3], group: [Option<u32>; 3]| {
            let entrant = |at: usize| Entrant {
                member: Member { reference: names[at], state: &states[at] },
                before: new[at].then_some(&before),
                group: group[at],
            };
            let entrants: Vec<Entrant> = (0..3).map(entrant).collect();
            let members: Vec<Member> = entrants.iter().map(|entrant| entrant.member).collect();
            told(&across(&survive(&entity, &Rules::default(), &members), &entrants))
        };
        let met = ["same_second city A 2024-01-01T00:00:01.500Z beats B 2024-01-01T00:00:01Z by UPDATE_IF_NEWER"
            .replace(".500", ".5")];
        let together = [Some(1); 3];
        assert_eq!(meet([true, false, false], together), met);
        assert_eq!(meet([false, true, false], together), met);
        assert_eq!(meet([true, true, true], [None; 3]), met);
        assert_eq!(meet([false; 3], [Some(1), Some(2), Some(1)]), met, "they became one");
        assert_eq!(meet([false, false, true], together), [""; 0], "nothing new");
    }
}
