//! Calendar dates, in the spellings that sources use.

use super::clean::{digit, fold};
use super::{Context, DateOrder};

/// The canonical `YYYY-MM-DD` of a complete date.
///
/// ISO 8601 first, also compact and with a time of day behind it, which is dropped; then a part over 12 decides which
/// number is the day; else the context's order. Two-digit years fall within the hundred years up to the context's.
/// Months may be words. Days that do not exist, and years outside 1 to 9999, are not dates.
pub fn read(text: &str, context: &Context) -> Option<String> {
    if canonical(text.as_bytes()).is_some() {
        return Some(text.to_owned());
    }
    let (date, rest) = split(text, context)?;
    (rest.is_empty() || is_time(rest)).then(|| date.to_string())
}

/// The date that is written in its canonical form.
pub(super) fn canonical(text: &[u8]) -> Option<jiff::civil::Date> {
    let &[a, b, c, d, b'-', e, f, b'-', g, h] = text else { return None };
    let year = i16::from(two_digits(a, b)?) * 100 + i16::from(two_digits(c, d)?);
    civil(year, two_digits(e, f)?, two_digits(g, h)?)
}

/// The number of two ASCII digits.
pub(super) fn two_digits(tens: u8, ones: u8) -> Option<i8> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| (byte - b'0') as i8);
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// What follows a date and is no part of it: a time of day with or without a zone.
fn is_time(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', 'T', 't', ',']);
    rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains(':')
        || rest.len() >= 4 && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'Z')
}

/// The date at the beginning of `text`, and what follows.
pub(super) fn split<'t>(text: &'t str, context: &Context) -> Option<(jiff::civil::Date, &'t str)> {
    let tokens = tokens(text)?;
    let words: Vec<&Token> = tokens.iter().filter(|token| !matches!(token, Token::Weekday)).collect();
    match words.as_slice() {
        [Token::Number { text: compact, end }, ..] if compact.len() == 8 => {
            Some((compact_date(compact, context)?, &text[*end..]))
        }
        [first, second, third, ..] => {
            let date = three(first, second, third, context)?;
            Some((date, &text[third.end()..]))
        }
        _ => None,
    }
}

/// A part of a date.
enum Token {
    Number { text: String, end: usize },
    Month { month: i8, end: usize },
    Weekday,
}

impl Token {
    fn end(&self) -> usize {
        match self {
            Token::Number { end, .. } | Token::Month { end, .. } => *end,
            Token::Weekday => 0,
        }
    }
}

/// The numbers and month names at the beginning of `text`, at most three; `None` where another word stands among them.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut parts = 0;
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        if parts == 3 {
            break;
        }
        if digit(c).is_some() {
            let mut number = String::new();
            let mut end = start;
            while let Some(&(at, c)) = chars.peek() {
                let Some(value) = digit(c) else { break };
                number.push(value);
                end = at + c.len_utf8();
                chars.next();
            }
            if number.len() > 8 {
                return None;
            }
            let compact = number.len() == 8;
            out.push(Token::Number { text: number, end });
            parts += 1;
            if compact {
                break;
            }
        } else if c.is_alphabetic() {
            let mut end = start;
            while let Some(&(at, c)) = chars.peek() {
                if !c.is_alphabetic() {
                    break;
                }
                end = at + c.len_utf8();
                chars.next();
            }
            let word = fold(&text[start..end]);
            if let Some(month) = month(&word) {
                out.push(Token::Month { month, end });
                parts += 1;
            } else if is_weekday(&word) {
                out.push(Token::Weekday);
            } else if !matches!(word.as_str(), "st" | "nd" | "rd" | "th" | "of" | "de" | "del" | "the" | "er") {
                return None;
            }
        } else if matches!(c, '-' | '/' | '.' | ' ' | ',' | '‐' | '‑' | '–' | '年' | '月' | '⁄') {
            chars.next();
        } else {
            return None;
        }
    }
    Some(out)
}

/// `19560409`; where that is no date, the two orders with the year last.
fn compact_date(digits: &str, context: &Context) -> Option<jiff::civil::Date> {
    let iso = civil(year(&digits[..4], context)?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?);
    iso.filter(|date| date.year() >= 1000).or_else(|| {
        ordered(digits[..2].parse().ok()?, digits[2..4].parse().ok()?, year(&digits[4..], context)?, context)
    })
}

fn three(first: &Token, second: &Token, third: &Token, context: &Context) -> Option<jiff::civil::Date> {
    use Token::{Month, Number};
    match (first, second, third) {
        (Number { text: a, .. }, Number { text: b, .. }, Number { text: c, .. }) => {
            if a.len() >= 3 {
                // Year first: month next, unless that is over 12.
                let (b, c) = (b.parse().ok()?, c.parse().ok()?);
                let year = year(a, context)?;
                return civil(year, b, c).or_else(|| if b > 12 { civil(year, c, b) } else { None });
            }
            let (first, second) = (a.parse::<i8>().ok()?, b.parse().ok()?);
            if first > 31 && c.len() <= 2 {
                return civil(year(a, context)?, second, c.parse().ok()?);
            }
            ordered(first, second, year(c, context)?, context)
        }
        (Number { text: day, .. }, Month { month, .. }, Number { text: y, .. }) if day.len() <= 2 => {
            civil(year(y, context)?, *month, day.parse().ok()?)
        }
        (Number { text: y, .. }, Month { month, .. }, Number { text: day, .. }) => {
            civil(year(y, context)?, *month, day.parse().ok()?)
        }
        (Month { month, .. }, Number { text: day, .. }, Number { text: y, .. }) => {
            civil(year(y, context)?, *month, day.parse().ok()?)
        }
        _ => None,
    }
}

/// The date of two small numbers and a year: a part over 12 decides, else the context.
fn ordered(first: i8, second: i8, year: i16, context: &Context) -> Option<jiff::civil::Date> {
    let day_first = first > 12 || (second <= 12 && context.date_order == DateOrder::DayFirst);
    if day_first {
        civil(year, second, first)
    } else {
        civil(year, first, second)
    }
}

fn civil(year: i16, month: i8, day: i8) -> Option<jiff::civil::Date> {
    jiff::civil::Date::new(year, month, day).ok().filter(|date| date.year() >= 1)
}

/// The year of one to four digits: one or two fall within the hundred years that end with the context's year.
fn year(digits: &str, context: &Context) -> Option<i16> {
    let number: i16 = digits.parse().ok()?;
    match digits.len() {
        4 => Some(number),
        1 | 2 => {
            let last = context.year.clamp(100, 9999) as i16;
            let century = last - last % 100 + number;
            Some(if century > last { century - 100 } else { century })
        }
        _ => None,
    }
}

/// The number of a month's name or abbreviation, folded: English, German, French, Spanish, Italian, Portuguese, Dutch.
fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "jan january januar janvier janv enero ene gennaio gen janeiro januari janner",
        "feb february februar fevrier fevr fev febrero febbraio fevereiro februari",
        "mar march marz maerz mrz mars marzo marco maart mrt",
        "apr april avril avr abril abr aprile",
        "may mai mayo maggio mag maio mei",
        "jun june juni juin junio giugno giu junho",
        "jul july juli juillet juil julio luglio lug julho",
        "aug august aout agosto ago augustus",
        "sep sept september septembre septiembre settembre set setembro",
        "oct october oktober okt octobre octubre ottobre ott outubro out",
        "nov november novembre noviembre novembro",
        "dec december dezember dez decembre diciembre dic dicembre dezembro",
    ];
    (1..).zip(MONTHS).find(|(_, names)| names.split(' ').any(|name| name == word)).map(|(month, _)| month)
}

fn is_weekday(word: &str) -> bool {
    const DAYS: &str =
        "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday";
    DAYS.split(' ').any(|day| day == word)
}

/// Whether two canonical dates cannot be one person's: they differ by more than one edit (a digit, or two neighbours
/// swapped) and not by day and month swapped. What is no canonical date contradicts nothing.
pub fn dates_contradict(a: &str, b: &str) -> bool {
    let (Some(a), Some(b)) = (digits(a), digits(b)) else { return false };
    let mut differ = (0..8).filter(|&at| a[at] != b[at]);
    // Equally long, so that one edit changes a digit or swaps two neighbours.
    let edit = match (differ.next(), differ.next(), differ.next()) {
        (_, None, _) => true,
        (Some(x), Some(y), None) => y == x + 1 && a[x] == b[y] && a[y] == b[x],
        _ => false,
    };
    let swapped = a[..4] == b[..4] && a[4..6] == b[6..] && a[6..] == b[4..6];
    !edit && !swapped
}

/// The eight digits of a canonical date.
fn digits(date: &str) -> Option<[u8; 8]> {
    match *date.as_bytes() {
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => Some([y1, y2, y3, y4, m1, m2, d1, d2]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_canonical_date_is_what_it_is_read_as(year in 0..10_000, month in 0..14, day in 0..33) {
            let (text, context) = (format!("{year:04}-{month:02}-{day:02}"), Context::default());
            let iso = (1..=12).contains(&month);
            let slow = split(&text, &context).map(|(date, _)| date.to_string()).filter(|_| iso);
            prop_assert_eq!(canonical(text.as_bytes()).map(|date| date.to_string()), slow.clone());
            prop_assert!(slow.is_none_or(|slow| slow == text));
        }
    }
}
