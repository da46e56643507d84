//! Families that tempt a matcher to glue two people together, by kind, with truth. Every family is made with random
//! numbers of a fixed seed, so that they are the same everywhere.

use super::random::Random;
use super::Set;
use golden_record_core::entity::{Attribute, EntityType, Options, Policy};
use golden_record_core::kind::Kind;

/// A kind of family: its name, and what makes one.
type Family = (&'static str, fn(&mut Maker));

pub const KINDS: [Family; 22] = [
    ("household", |maker| {
        let a = maker.anybody();
        for person in [maker.member(&a), a] {
            maker.records(&person);
        }
    }),
    ("twins", |maker| {
        let a = maker.anybody();
        let b = Person { born: a.born.clone(), ..maker.member(&a) };
        maker.all(&[a, b]);
    }),
    ("twins, one letter apart", |maker| {
        let (one, other) = NEAR[maker.random.below(NEAR.len())];
        let a = Person { given: one.into(), ..maker.anybody() };
        let b = Person { given: other.into(), born: a.born.clone(), ..maker.member(&a) };
        maker.all(&[a, b]);
    }),
    ("siblings a year apart", |maker| {
        let a = maker.anybody();
        let year: usize = a.born[..4].parse().unwrap();
        let b = Person { born: format!("{}{}", year + 1, &a.born[4..]), ..maker.member(&a) };
        maker.all(&[a, b]);
    }),
    ("junior and senior", |maker| {
        let a = Person { suffix: "sr", ..maker.anybody() };
        let b = Person { suffix: "jr", given: a.given.clone(), ..maker.member(&a) };
        maker.all(&[a, b]);
    }),
    ("father and son of one name", |maker| {
        let a = maker.anybody();
        let born = format!("{}{}", a.born[..4].parse::<usize>().unwrap() + 27, &maker.anybody().born[4..]);
        let b = Person { given: a.given.clone(), born, ..maker.member(&a) };
        maker.telling = true;
        maker.all(&[a, b]);
        maker.telling = false;
    }),
    ("shared mailbox", |maker| {
        let a = maker.anybody();
        let b = Person { email: a.email.clone(), phone: maker.phone(), ..maker.member(&a) };
        maker.all(&[a, b]);
    }),
    ("Mark and Marsha", |maker| {
        let (one, other) = ALIKE[maker.random.below(ALIKE.len())];
        let a = Person { given: one.into(), ..maker.anybody() };
        let b = Person { given: other.into(), born: a.born.clone(), email: a.email.clone(), ..maker.member(&a) };
        maker.all(&[a, b]);
    }),
    ("couple, before and after the wedding", |maker| {
        // She takes his name and moves in: her records bear either name.
        let (him, her) = (maker.anybody(), maker.anybody());
        let her = if her.given[..2] == him.given[..2] { maker.member(&him) } else { her };
        let married = Person {
            family: him.family.clone(),
            street: him.street.clone(),
            city: him.city.clone(),
            postcode: him.postcode.clone(),
            ..her.clone()
        };
        maker.all(&[him]);
        maker.two_states(&her, &married);
    }),
    ("couple, initials", |maker| {
        let a = maker.anybody();
        let b = maker.member(&a);
        let initial = a.given[..1].to_owned();
        let like = |name: &&String| name[..1] == initial && name[..2] != a.given[..2];
        let given = maker.given.iter().cycle().skip(maker.random.below(600)).find(like).unwrap().clone();
        let b = Person { given, ..b };
        maker.all(&[a.clone(), b]);
        maker.nobodys(Person { given: initial, email: String::new(), born: String::new(), ..a });
    }),
    ("switchboard", |maker| {
        let phone = maker.phone();
        let company = format!("{} foods", maker.random.word(3));
        for _ in 0..14 {
            let colleague =
                Person { phone: phone.clone(), company: company.clone(), street: String::new(), ..maker.anybody() };
            maker.records(&colleague);
        }
    }),
    ("family firm", |maker| {
        let (phone, surname) = (maker.phone(), maker.surname());
        let company = format!("{surname} and sons");
        let domain = maker.random.word(3);
        for _ in 0..4 {
            let someone = maker.person(&surname);
            let email = format!("{}.{}@{domain}.com", someone.given, maker.random.below(90) + 10);
            let owner = Person { phone: phone.clone(), company: company.clone(), email, ..someone };
            maker.records(&owner);
        }
    }),
    ("recycled phone", |maker| {
        let (a, b) = (maker.anybody(), maker.anybody());
        maker.all(&[Person { phone: a.phone.clone(), ..b }, a]);
    }),
    ("widow's phone", |maker| {
        let a = maker.anybody();
        let b = Person { email: a.email.clone(), ..maker.member(&a) };
        maker.records(&a);
        // What she says later bears her name and a mailbox of her own.
        let later = Person { email: maker.anybody().email, ..b.clone() };
        maker.two_states(&b, &later);
    }),
    ("junk values", |maker| {
        for _ in 0..2 {
            let mut person = Person { born: "1900-01-01".into(), ..maker.anybody() };
            if maker.random.chance(50) {
                person.email = "noreply@example.com".into();
            } else {
                person.phone = "+10000000000".into();
            }
            maker.records(&person);
        }
    }),
    ("test data", |maker| {
        let someone = maker.anybody();
        let test = Person {
            given: "john".into(),
            family: "doe".into(),
            born: "1900-01-01".into(),
            street: "123 main st".into(),
            city: "anytown".into(),
            postcode: "12345".into(),
            ..someone
        };
        maker.telling = true;
        maker.records(&test);
        maker.telling = false;
    }),
    ("contradicting chain", |maker| {
        // a and c are two people; b has the email of one and the phone of the other, and no given name.
        let a = maker.anybody();
        let c = Person { phone: maker.phone(), ..maker.member(&a) };
        maker.all(&[a.clone(), c.clone()]);
        let bridge = Person { email: a.email, phone: c.phone, family: a.family, ..Person::default() };
        maker.nobodys(bridge);
    }),
    ("chain of strangers", |maker| {
        let (a, c) = (maker.anybody(), maker.anybody());
        maker.all(&[a.clone(), c.clone()]);
        let bridge = Person { email: a.email, phone: c.phone, ..Person::default() };
        maker.nobodys(bridge);
    }),
    ("students of one dorm", |maker| {
        let dorm = maker.anybody();
        for _ in 0..6 {
            let student = maker.anybody();
            let born = format!("{}{}", 2001 + maker.random.below(3), &student.born[4..]);
            let (street, city, postcode) = (dorm.street.clone(), dorm.city.clone(), dorm.postcode.clone());
            maker.records(&Person { born, street, city, postcode, ..student });
        }
    }),
    ("namesakes in two cities", |maker| {
        let a = maker.common();
        let b = Person { given: a.given.clone(), family: a.family.clone(), ..maker.anybody() };
        maker.all(&[a, b]);
    }),
    ("namesakes at one provider", |maker| {
        let a = maker.common();
        let b = Person { given: a.given.clone(), family: a.family.clone(), city: a.city.clone(), ..maker.anybody() };
        let number = maker.random.below(100_000);
        let numbers = (2 * number, 2 * number + 1 + maker.random.below(2));
        let email = |number| format!("{}.{}{number}@mail.com", a.given, a.family);
        maker.telling = true;
        maker.all(&[Person { email: email(numbers.0), ..a.clone() }, Person { email: email(numbers.1), ..b }]);
        maker.telling = false;
    }),
    ("nameless on a shared phone", |maker| {
        let a = maker.anybody();
        let b = maker.member(&a);
        maker.all(&[a.clone(), b]);
        maker.nobodys(Person { phone: a.phone, family: a.family, ..Person::default() });
    }),
];

const NEAR: [(&str, &str); 12] = [
    ("mario", "maria"),
    ("daniel", "daniela"),
    ("erik", "erika"),
    ("ronald", "donald"),
    ("jan", "jana"),
    ("martin", "martina"),
    ("julian", "juliana"),
    ("simon", "simone"),
    ("paul", "paula"),
    ("louis", "louise"),
    ("carlo", "carla"),
    ("robert", "roberta"),
];
const ALIKE: [(&str, &str); 10] = [
    ("mark", "marsha"),
    ("darla", "darlene"),
    ("anna", "annabel"),
    ("john", "joan"),
    ("marie", "marian"),
    ("christian", "christine"),
    ("franklin", "frances"),
    ("victor", "victoria"),
    ("martin", "martha"),
    ("joseph", "josephine"),
];
const COMMON_GIVEN: [&str; 8] = ["james", "mary", "john", "linda", "robert", "susan", "michael", "karen"];
const COMMON_FAMILY: [&str; 8] = ["smith", "johnson", "williams", "brown", "jones", "miller", "davis", "garcia"];

#[derive(Clone, Default)]
pub struct Person {
    given: String,
    family: String,
    suffix: &'static str,
    email: String,
    phone: String,
    born: String,
    street: String,
    city: String,
    postcode: String,
    company: String,
}

/// Makes families.
pub struct Maker {
    random: Random,
    given: Vec<String>,
    family: Vec<String>,
    rows: Vec<Vec<String>>,
    truth: Vec<u32>,
    people: u32,
    /// By row: its family, and the kind of that; whether the row is somebody's.
    pub families: Vec<(usize, usize, bool)>,
    at: (usize, usize),
    /// Whether every record tells mailbox and birth date: of two who share the rest, one without would be anybody's.
    telling: bool,
}

impl Maker {
    /// `count` families of each kind.
    pub fn make(seed: u64, count: usize) -> Maker {
        let mut random = Random(seed);
        let given = (0..600).map(|_| random.word(2)).collect();
        let family = (0..40_000).map(|_| random.word(4)).collect();
        let mut maker = Maker {
            random,
            given,
            family,
            rows: vec![],
            truth: vec![],
            people: 0,
            families: vec![],
            at: (0, 0),
            telling: false,
        };
        for (kind, (_, make)) in KINDS.iter().enumerate() {
            for _ in 0..count {
                maker.at = (maker.at.0 + 1, kind);
                make(&mut maker);
            }
        }
        maker
    }

    /// The records of all families.
    pub fn set(&self) -> Set {
        let kinds = [
            ("email", Kind::Email),
            ("phone", Kind::Phone),
            ("given", Kind::GivenName),
            ("family", Kind::FamilyName),
            ("born", Kind::Date),
            ("street", Kind::Street),
            ("city", Kind::City),
            ("postcode", Kind::Postcode),
            ("company", Kind::Organization),
        ];
        let entity = EntityType {
            name: "FAMILY".into(),
            attributes: kinds.into_iter().map(|(name, kind)| Attribute::new(name, kind)).collect(),
            policy: Policy::Probabilistic,
            options: Options::of(Policy::Probabilistic),
        };
        let ids = (0..self.rows.len()).map(|at| at.to_string()).collect();
        Set { entity, rows: self.rows.clone(), ids, truth: self.truth.clone() }
    }

    fn phone(&mut self) -> String {
        format!("+1212{:07}", 2_000_000 + self.random.below(7_900_000))
    }

    fn surname(&mut self) -> String {
        self.family[self.random.below(40_000)].clone()
    }

    fn anybody(&mut self) -> Person {
        let surname = self.surname();
        self.person(&surname)
    }

    /// Somebody whose name many bear.
    fn common(&mut self) -> Person {
        let family = COMMON_FAMILY[self.random.below(8)];
        Person { given: COMMON_GIVEN[self.random.below(8)].into(), ..self.person(family) }
    }

    fn person(&mut self, family: &str) -> Person {
        let given = self.given[self.random.below(600)].clone();
        let number = self.random.below(100_000);
        let (month, day) = (1 + self.random.below(12), 2 + self.random.below(27));
        Person {
            email: format!("{}{number}@{}.com", self.random.word(2), self.random.word(2)),
            phone: self.phone(),
            born: format!("{}-{month:02}-{day:02}", 1940 + self.random.below(60)),
            street: format!("{} {} st", 1 + self.random.below(9000), self.random.word(2)),
            city: self.random.word(2),
            postcode: format!("{:05}", self.random.below(100_000)),
            given,
            family: family.to_owned(),
            ..Person::default()
        }
    }

    /// A member of the household of `of`: one address and landline, another given name.
    fn member(&mut self, of: &Person) -> Person {
        let mut person = self.person(&of.family);
        while person.given.get(..2) == of.given.get(..2) {
            person.given = self.given[self.random.below(600)].clone();
        }
        Person {
            phone: of.phone.clone(),
            street: of.street.clone(),
            city: of.city.clone(),
            postcode: of.postcode.clone(),
            ..person
        }
    }

    fn all(&mut self, people: &[Person]) {
        people.iter().for_each(|person| self.records(person));
    }

    /// Two to four records of a person, of which the first is complete; some values are missing or mistyped.
    fn records(&mut self, person: &Person) {
        for at in 0..2 + self.random.below(3) {
            self.record(person, at == 0);
        }
        self.people += 1;
    }

    /// Records of a person of whom something changed.
    fn two_states(&mut self, before: &Person, after: &Person) {
        for person in [before, after] {
            for at in 0..1 + self.random.below(2) {
                self.record(person, at == 0);
            }
        }
        self.people += 1;
    }

    fn record(&mut self, person: &Person, complete: bool) {
        let keep = |random: &mut Random, value: &str, percent: usize| {
            if complete || random.chance(percent) {
                value.to_owned()
            } else {
                String::new()
            }
        };
        let mut given = person.given.clone();
        if !complete && given.len() > 4 && self.random.chance(8) {
            let place = 1 + self.random.below(given.len() - 1);
            // A slip in one of two names that are nearly the same tells of nobody who it is.
            if !NEAR.iter().chain(&ALIKE).any(|(one, other)| *one == given || *other == given) {
                given.remove(place);
            }
        }
        let (email, born) = if self.telling { (100, 100) } else { (75, 50) };
        let random = &mut self.random;
        let row = vec![
            keep(random, &person.email, email),
            keep(random, &person.phone, 75),
            given,
            format!("{} {}", person.family, person.suffix).trim().to_owned(),
            keep(random, &person.born, born),
            keep(random, &person.street, 60),
            keep(random, &person.city, 80),
            keep(random, &person.postcode, 70),
            keep(random, &person.company, 60),
        ];
        self.push(row, true);
    }

    /// A record that says too little to be one person's.
    fn nobodys(&mut self, person: Person) {
        let Person { given, family, email, phone, born, street, city, postcode, company, .. } = person;
        self.push(vec![email, phone, given, family, born, street, city, postcode, company], false);
        self.people += 1;
    }

    fn push(&mut self, row: Vec<String>, somebodys: bool) {
        self.rows.push(row);
        self.truth.push(self.people);
        self.families.push((self.at.0, self.at.1, somebodys));
    }
}
