//! Sets made here, by rule and a fixed seed, unlike the ones the shipped weights were looked at with: other names, other
//! columns, other mistakes. Each person or firm has one to five records.

use super::random::Random;
use super::Set;
use golden_record_core::entity::{Attribute, EntityType, Options, Policy};
use golden_record_core::kind::Kind;

/// A set's name and its maker.
pub type Made = (&'static str, fn() -> Set);

/// All of them.
pub const ALL: [Made; 5] = [
    ("made: people", people),
    ("made: members", members),
    ("made: firms", firms),
    ("made: branches", branches),
    ("made: bare", bare),
];

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Names of a culture: heads, middles and tails of words, and what families end with.
struct Culture {
    heads: &'static [&'static str],
    tails: &'static [&'static str],
    families: &'static [&'static str],
}

const CULTURES: [Culture; 4] = [
    Culture {
        heads: &["mu", "ah", "fa", "ze", "ha", "sel", "em", "bu", "ka", "ays", "ser", "der", "gok", "il"],
        tails: &["met", "tma", "ynep", "san", "im", "re", "rak", "an", "egul", "kan", "ya", "han", "ker"],
        families: &["oglu", "maz", "er", "turk", "kaya", "soy"],
    },
    Culture {
        heads: &["wo", "krzy", "mag", "ka", "pio", "zbi", "ag", "jo", "sta", "to", "mal", "ra", "gra", "bo"],
        tails: &["jciech", "sztof", "dalena", "rolina", "tr", "gniew", "nieszka", "anna", "nislaw", "masz", "gorzata"],
        families: &["ski", "wicz", "czyk", "ak", "owska", "ek"],
    },
    Culture {
        heads: &["ra", "an", "pri", "su", "vi", "de", "ar", "la", "ni", "sha", "ka", "mo", "san", "ga"],
        tails: &["jesh", "anya", "nita", "kram", "epak", "jun", "kshmi", "sha", "nti", "vita", "han", "jay", "nesh"],
        families: &["patel", "nair", "reddy", "gupta", "iyer", "kar"],
    },
    Culture {
        heads: &["ch", "ad", "ng", "ob", "kw", "am", "ol", "bab", "tem", "fol", "if", "em", "uch", "ay"],
        tails: &["ioma", "aeze", "ozi", "ina", "ame", "adi", "umide", "atunde", "itope", "ake", "eoma", "eka", "odele"],
        families: &["okafor", "mensah", "ola", "eke", "adu", "ndu"],
    },
];

impl Culture {
    fn given(&self, at: usize) -> String {
        let (head, tail) = (at % self.heads.len(), at / self.heads.len() % self.tails.len());
        capital(&format!("{}{}", self.heads[head], self.tails[tail]))
    }
    fn family(&self, at: usize) -> String {
        let (head, rest) = (at % self.heads.len(), at / self.heads.len());
        let (tail, rest) = (rest % self.tails.len(), rest / self.tails.len());
        capital(&format!("{}{}{}", self.heads[head], self.tails[tail], self.families[rest % self.families.len()]))
    }
}

fn set(name: &str, columns: &[(&str, Kind)], rows: Vec<(u32, Vec<String>)>) -> Set {
    let attributes = columns.iter().map(|&(name, kind)| Attribute::new(name, kind)).collect();
    let options = Options::of(Policy::Probabilistic);
    let entity = EntityType { policy: Policy::Probabilistic, name: name.into(), attributes, options };
    let ids = (0..rows.len()).map(|at| at.to_string()).collect();
    let (truth, rows) = rows.into_iter().unzip();
    Set { entity, rows, ids, truth }
}

struct Person {
    given: String,
    family: String,
    born: (usize, usize, usize),
    street: String,
    city: String,
    postcode: String,
    phones: Vec<String>,
    emails: Vec<String>,
    member: String,
}

fn place(random: &mut Random) -> (String, String, String) {
    let town = random.skewed(400);
    let street = format!(
        "{} {} {}",
        capital(&format!("{}{}", CULTURES[town % 4].heads[random.below(14)], CULTURES[1].tails[random.below(11)])),
        random.pick(&["Street", "Road", "Avenue", "Close", "Lane"]),
        1 + random.below(200)
    );
    (street, CULTURES[town % 4].family(town / 4 * 7), format!("{:02}{:03}", town % 100, random.below(40)))
}

fn household(random: &mut Random) -> Vec<Person> {
    let culture = &CULTURES[random.skewed(4)];
    let family = culture.family(random.skewed(1000));
    let (street, city, postcode) = place(random);
    let landline = format!("+4420{}", random.digits(8));
    let size = [1, 1, 1, 2, 2, 3, 4][random.below(7)];
    let mut out: Vec<Person> = vec![];
    for _ in 0..size {
        let given = culture.given(random.skewed(180));
        let base = format!(
            "{}{}",
            given.to_lowercase(),
            if random.chance(60) { family.to_lowercase() } else { random.digits(3) }
        );
        let mut emails = vec![format!(
            "{base}{}@{}",
            random.digits(2),
            random.pick(&["post.example", "mail.example", "web.example"])
        )];
        if random.chance(30) {
            emails.push(format!("{}@work{}.example", given.to_lowercase(), random.below(3000)));
        }
        let mut phones = vec![format!("+447{}", random.digits(9))];
        if random.chance(60) {
            phones.push(landline.clone());
        }
        out.push(Person {
            given,
            family: family.clone(),
            born: (1935 + random.below(70), 1 + random.below(12), 1 + random.below(28)),
            street: street.clone(),
            city: city.clone(),
            postcode: postcode.clone(),
            phones,
            emails,
            member: random.digits(7),
        });
    }
    out
}

/// Eight columns, families under one roof, several phones and emails a person.
pub fn people() -> Set {
    let mut random = Random(21);
    let mut rows = vec![];
    let mut who = 0;
    while rows.len() < 30_000 {
        for person in household(&mut random) {
            who += 1;
            for _ in 0..1 + random.skewed(6) {
                let r = &mut random;
                let (y, m, d) = person.born;
                let date = format!("{y}-{m:02}-{d:02}");
                let given = if r.chance(6) { person.given[..1].to_owned() } else { r.dirty(&person.given, 6) };
                let phone = person.phones[r.below(person.phones.len())].clone();
                let email = person.emails[r.below(person.emails.len())].clone();
                let (given, family) =
                    if r.chance(2) { (person.family.clone(), given) } else { (given, r.dirty(&person.family, 6)) };
                let street = r.dirty(&person.street, 6);
                let mut row = vec![
                    r.kept(given, 93),
                    r.kept(family, 96),
                    r.kept(date, 45),
                    r.kept(phone, 65),
                    r.kept(email, 60),
                    r.kept(street, 55),
                    r.kept(person.city.clone(), 60),
                    r.kept(person.postcode.clone(), 55),
                ];
                if row[3].is_empty() && row[4].is_empty() && row[2].is_empty() {
                    row[3].clone_from(&person.phones[0]);
                }
                rows.push((who, row));
            }
        }
    }
    let columns = [
        ("vorname", Kind::GivenName),
        ("nachname", Kind::FamilyName),
        ("geboren", Kind::Date),
        ("telefon", Kind::Phone),
        ("mail", Kind::Email),
        ("strasse", Kind::Street),
        ("ort", Kind::City),
        ("plz", Kind::Postcode),
    ];
    set("PEOPLE", &columns, rows)
}

/// Five columns of a club: a whole name, a birth date, a town, a member's number with slips, a trade.
fn members() -> Set {
    let mut random = Random(22);
    let mut rows = vec![];
    let mut who = 0;
    while rows.len() < 12_000 {
        for person in household(&mut random) {
            who += 1;
            let trade = random.pick(&["baker", "nurse", "driver", "teacher", "clerk", "farmer", "smith"]).to_owned();
            for _ in 0..1 + random.skewed(5) {
                let r = &mut random;
                let (given, family) = (r.dirty(&person.given, 8), r.dirty(&person.family, 8));
                let whole = match r.below(4) {
                    0 => format!("{family}, {given}"),
                    1 => format!("{given} {family}").to_uppercase(),
                    _ => format!("{given} {family}"),
                };
                let (y, m, d) = person.born;
                let date = if r.chance(50) { format!("{y}-{m:02}-{d:02}") } else { format!("{d}. {m}. {y}") };
                let date = r.dirty(&date, 4);
                let number = r.dirty(&person.member, 5);
                let city = r.dirty(&person.city, 5);
                rows.push((
                    who,
                    vec![whole, r.kept(date, 70), r.kept(city, 80), r.kept(number, 35), r.kept(trade.clone(), 60)],
                ));
            }
        }
    }
    let columns = [
        ("name", Kind::FullName),
        ("born", Kind::Date),
        ("town", Kind::City),
        ("number", Kind::Identifier),
        ("trade", Kind::Text),
    ];
    set("MEMBER", &columns, rows)
}

/// Firms: no person at all.
fn firms() -> Set {
    const TRADES: [&str; 12] = [
        "Foods", "Textiles", "Transport", "Steel", "Paper", "Dental", "Energy", "Media", "Optics", "Timber", "Travel",
        "Foundry",
    ];
    let mut random = Random(23);
    let mut rows = vec![];
    let mut who = 0;
    while rows.len() < 12_000 {
        who += 1;
        let owner = CULTURES[random.below(4)].family(random.skewed(1000));
        let name = format!("{owner} {}", random.pick(&TRADES));
        let (street, city, _) = place(&mut random);
        let (tax, founded) = (random.digits(9), 1950 + random.below(70));
        for _ in 0..1 + random.skewed(6) {
            let r = &mut random;
            let form = r.pick(&["", " Ltd", " Limited", " GmbH", " Inc."]);
            let name = format!("{}{form}", r.dirty(&name, 6));
            let street = r.dirty(&street, 6);
            let tax = r.dirty(&tax, 3);
            rows.push((
                who,
                vec![
                    name,
                    r.kept(tax, 40),
                    r.kept(street, 60),
                    r.kept(city.clone(), 80),
                    r.kept(founded.to_string(), 50),
                ],
            ));
        }
    }
    let columns = [
        ("firm", Kind::Organization),
        ("tax", Kind::Identifier),
        ("street", Kind::Street),
        ("town", Kind::City),
        ("founded", Kind::Number),
    ];
    set("FIRM", &columns, rows)
}

/// Firms with branches in few towns, each of which counts for itself: no person is named and no number tells them apart.
pub fn branches() -> Set {
    const TRADES: [&str; 10] = [
        "Solutions", "Logistics", "Systems", "Catering", "Consulting", "Plumbing", "Motors", "Pharmacy", "Bakery",
        "Partners",
    ];
    let mut random = Random(25);
    let mut rows = vec![];
    let mut who = 0;
    while rows.len() < 6_000 {
        let owner = CULTURES[random.below(4)].family(random.skewed(1000));
        let name = format!("{owner} {}", random.pick(&TRADES));
        let email = format!("{}@{}.example", random.pick(&["info", "sales"]), name.to_lowercase().replace(' ', ""));
        for _ in 0..if random.chance(85) { 1 } else { 2 + random.below(3) } {
            who += 1;
            let town = random.below(60);
            let (street, ..) = place(&mut random);
            let (city, postcode) = (CULTURES[town % 4].family(town * 7), format!("{town:02}{:03}", random.below(40)));
            let phone = format!("+1{}{}", 201 + town % 5 * 101, 200 + random.below(700)) + &random.digits(4);
            for _ in 0..1 + random.below(3) {
                let r = &mut random;
                let short = || name.split(' ').filter_map(|word| word.chars().next()).collect::<String>();
                let called = if r.chance(4) { short() } else { r.dirty(&name, 6) };
                let form = r.pick(&["", "", " Ltd", " Limited", " Inc"]);
                let street = r.dirty(&street, 5);
                rows.push((
                    who,
                    vec![
                        format!("{called}{form}"),
                        r.kept(street, 85),
                        r.kept(city.clone(), 90),
                        r.kept(postcode.clone(), 80),
                        r.kept(phone.clone(), 65),
                        r.kept(email.clone(), 30),
                    ],
                ));
            }
        }
    }
    let columns = [
        ("name", Kind::Organization),
        ("street", Kind::Street),
        ("city", Kind::City),
        ("zip", Kind::Postcode),
        ("phone", Kind::Phone),
        ("email", Kind::Email),
    ];
    set("BRANCH", &columns, rows)
}

/// Nothing but texts, a number and a date: kinds that say little of what they hold.
fn bare() -> Set {
    let mut random = Random(24);
    let mut rows = vec![];
    let mut who = 0;
    while rows.len() < 6_000 {
        for person in household(&mut random) {
            who += 1;
            for _ in 0..1 + random.skewed(5) {
                let r = &mut random;
                let (y, m, d) = person.born;
                let (given, family) = (r.dirty(&person.given, 5), r.dirty(&person.family, 5));
                let city = r.dirty(&person.city, 4);
                let number = person.member[..4].to_owned();
                rows.push((
                    who,
                    vec![given, family, r.kept(format!("{y}-{m:02}-{d:02}"), 85), r.kept(number, 70), r.kept(city, 80)],
                ));
            }
        }
    }
    let columns = [("a", Kind::Text), ("b", Kind::Text), ("c", Kind::Date), ("d", Kind::Number), ("e", Kind::Text)];
    set("BARE", &columns, rows)
}
