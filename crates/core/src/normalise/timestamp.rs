//! Points in time.

use super::{date, Context};
use crate::value::{self, rfc3339, Micros};
use jiff::{civil, tz::AmbiguousOffset, tz::TimeZone, tz::TimeZoneDatabase};

/// RFC 3339 in UTC with as many decimals as needed: `2023-10-15T14:30:00Z`, `2023-10-15T14:30:00.25Z`.
///
/// Takes every date that [`date::read`] takes, a time of day with or without seconds, fraction, AM/PM and zone; seconds
/// or milliseconds since 1970 as ten or thirteen digits. Without time of day: midnight in the context's zone.
pub fn read(text: &str, context: &Context) -> Option<String> {
    if is_canonical(text.as_bytes()) {
        return Some(text.to_owned());
    }
    micros(text, context).map(rfc3339)
}

/// Whether the text is canonical as it is, to the second.
fn is_canonical(text: &[u8]) -> bool {
    let Some((date, &[b'T', h, i, b':', m, n, b':', s, t, b'Z'])) = text.split_at_checked(10) else { return false };
    let below = |end, tens, ones| date::two_digits(tens, ones).is_some_and(|number| number < end);
    below(24, h, i) && below(60, m, n) && below(60, s, t) && date::canonical(date).is_some()
}

/// ISO 8601 alone: what the envelope of a record must carry.
pub fn iso(text: &str, time_zone: &str) -> Option<Micros> {
    let bytes = text.as_bytes();
    let extended = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' && text.is_char_boundary(10);
    let compact = bytes.len() >= 8 && bytes[..8].iter().all(u8::is_ascii_digit) && !bytes[8..].contains(&b':');
    let compact = compact && (bytes.len() == 8 || matches!(bytes[8], b'T' | b't'));
    if !extended && !compact {
        return None;
    }
    let (year, month, day, rest) = if extended {
        (&text[..4], &text[5..7], &text[8..10], &text[10..])
    } else {
        (&text[..4], &text[4..6], &text[6..8], &text[8..])
    };
    let date = civil::Date::new(number(year)?, number(month)?, number(day)?).ok()?;
    at(date, rest, time_zone)
}

/// Digits alone: `parse` would take a sign too.
fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn micros(text: &str, context: &Context) -> Option<Micros> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        match text.len() {
            10 => return text.parse::<Micros>().ok()?.checked_mul(1_000_000),
            13 => return text.parse::<Micros>().ok()?.checked_mul(1_000),
            _ => {}
        }
    }
    iso(text, context.time_zone).or_else(|| {
        let (date, rest) = date::split(text, context)?;
        at(date, rest, context.time_zone)
    })
}

/// The point in time of a date and what is written behind it.
fn at(date: civil::Date, rest: &str, time_zone: &str) -> Option<Micros> {
    if date.year() < 1 {
        return None;
    }
    let rest = rest.trim_start_matches([' ', ',']);
    let rest = rest.strip_prefix(['T', 't']).unwrap_or(rest).trim();
    let (time, next_day, zone) = time(rest)?;
    let zone = self::zone(if zone.is_empty() { time_zone } else { zone })?;
    let date = if next_day { date.tomorrow().ok()? } else { date };
    let at = date.to_datetime(time);
    // Where a clock change skips or repeats a local time, the offset before the change holds.
    let offset = match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    let micros = value::micros(at)? - i64::from(offset.seconds()) * 1_000_000;
    value::TIMES.contains(&micros).then_some(micros)
}

/// A time of day, whether it is 24:00, and the text of the zone behind it.
fn time(text: &str) -> Option<(civil::Time, bool, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ',')).unwrap_or(text.len());
    let (clock, rest) = (&text[..end], text[end..].trim());
    if clock.is_empty() {
        // A date alone may name its zone.
        return Some((civil::Time::midnight(), false, rest));
    }
    let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let (hour, minute, second) = if whole.contains(':') {
        let mut parts = whole.split(':');
        let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next());
        if parts.next().is_some() || minute.len() != 2 || hour.len() > 2 || second.is_some_and(|s| s.len() != 2) {
            return None;
        }
        (hour, minute, second.unwrap_or("0"))
    } else if whole.len() == 4 || whole.len() == 6 {
        (&whole[..2], &whole[2..4], if whole.len() == 6 { &whole[4..] } else { "0" })
    } else {
        return None;
    };
    let (mut hour, minute, second): (i8, i8, i8) = (number(hour)?, number(minute)?, number(second)?);
    let (half, zone) = half_of_day(rest);
    if let Some(afternoon) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || (clock.ends_with(['.', ','])) {
        return None;
    }
    let micros =
        fraction.bytes().chain([b'0'; 6]).take(6).fold(0, |micros, digit| micros * 10 + i32::from(digit - b'0'));
    let nanos = micros * 1000;
    if hour == 24 && minute == 0 && second == 0 && nanos == 0 {
        return Some((civil::Time::midnight(), true, zone));
    }
    // A leap second is the last one of its minute.
    Some((civil::Time::new(hour, minute, if second == 60 { 59 } else { second }, nanos).ok()?, false, zone))
}

fn half_of_day(text: &str) -> (Option<bool>, &str) {
    for (mark, afternoon) in [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)] {
        if text.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark)) {
            return (Some(afternoon), text[mark.len()..].trim());
        }
    }
    (None, text)
}

/// A zone: `Z`, `UTC`, `GMT`, an offset, or an IANA name of the bundled database, also in brackets.
fn zone(text: &str) -> Option<TimeZone> {
    // `+02:00[Europe/Berlin]`: the offset decides.
    let text = match text.split_once('[') {
        Some(("", name)) => name.strip_suffix(']')?,
        Some((offset, name)) if name.ends_with(']') => offset.trim(),
        Some(_) => return None,
        None => text,
    };
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") || text.eq_ignore_ascii_case("gmt") {
        return Some(TimeZone::UTC);
    }
    match text.strip_prefix(['+', '-', '−']) {
        Some(offset) => {
            let seconds = offset_seconds(offset)?;
            let signed = if text.starts_with('+') { seconds } else { -seconds };
            Some(TimeZone::fixed(jiff::tz::Offset::from_seconds(signed).ok()?))
        }
        None => TimeZoneDatabase::bundled().get(text).ok(),
    }
}

/// `02`, `0200`, `02:00`, `5:30` → seconds, up to 18 hours.
fn offset_seconds(text: &str) -> Option<i32> {
    let (hours, minutes) = match text.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 && hours.len() <= 2 => (hours, minutes),
        Some(_) => return None,
        None if text.len() == 4 && text.is_ascii() => text.split_at(2),
        None if (1..=2).contains(&text.len()) => (text, "0"),
        None => return None,
    };
    let (hours, minutes): (i32, i32) = (number(hours)?, number(minutes)?);
    (hours <= 18 && minutes < 60).then_some(hours * 3600 + minutes * 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_canonical_timestamp_is_what_it_is_read_as(
            (year, month, day) in (prop_oneof![0..10_000, Just(9_999)], 0..14, 0..33), (hour, minute, second) in (0..26, 0..62, 0..62)
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
            let slow = micros(&text, &Context::default()).map(rfc3339);
            prop_assert_eq!(is_canonical(text.as_bytes()), slow.is_some_and(|slow| slow == text));
        }
    }
}
