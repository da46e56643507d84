//! What the tests of both share.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::record::Version;
use crate::source::SourceOptions;

pub(super) fn version(system: &str, at: &str, extra: Value, attributes: Value) -> Version {
    let mut record = json!({"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": system, "id": "1"}],
        "timestamp": at, "attributes": attributes});
    record.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let source = |_: &str| std::sync::Arc::new(SourceOptions::default());
    let around = crate::payload::Surroundings { source: &source, known: &|_| true, now: None };
    crate::payload::parse_record(&record.to_string(), &around).ok().unwrap()
}

pub(super) fn told(meetings: &[Meeting]) -> Vec<String> {
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
