//! Which given names stand for one another.

use hashbrown::HashMap;
use std::sync::LazyLock;

/// A formal name, then what its bearers are called. Names in one line stand for one another; two lines that share a
/// name (`alex`) do not make their formal names the same.
const GROUPS: &str = include_str!("nicknames.txt");

static LINES_OF: LazyLock<HashMap<&'static str, Vec<u16>>> = LazyLock::new(|| {
    let mut lines_of: HashMap<&str, Vec<u16>> = HashMap::new();
    for (number, line) in (0..).zip(GROUPS.lines().filter(|line| !line.starts_with('#'))) {
        for name in line.split_whitespace() {
            lines_of.entry(name).or_default().push(number);
        }
    }
    lines_of
});

/// Given names that several people bear, by sex: one line a sex and again, as its first word tells.
const KNOWN: &str = include_str!("given_names.txt");

/// Who bears a given name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bearers {
    Women,
    Men,
    Both,
}

static NAMES: LazyLock<HashMap<&'static str, Bearers>> = LazyLock::new(|| {
    let told = |text: &'static str| text.lines().filter(|line| !line.starts_with('#'));
    let short = told(GROUPS).flat_map(str::split_whitespace).map(|name| (name, Bearers::Both));
    let listed = told(KNOWN).flat_map(|line| {
        let (sex, names) = line.split_at(1);
        let bearers = match sex {
            "f" => Bearers::Women,
            "m" => Bearers::Men,
            _ => Bearers::Both,
        };
        names.split_whitespace().map(move |name| (name, bearers))
    });
    short.chain(listed).collect()
});

/// Who is known to bear a canonical given name; of a name that several bear it is hardly a misspelt other one.
pub(crate) fn bearers(name: &str) -> Option<Bearers> {
    NAMES.get(name).copied()
}

/// Whether two different canonical given names are forms of one: `bob` and `robert`, `bob` and `rob`, `peggy` and
/// `margaret`. Symmetric; not transitive through a nickname that several names share.
pub fn are_nicknames(a: &str, b: &str) -> bool {
    match (LINES_OF.get(a), LINES_OF.get(b)) {
        (Some(of_a), Some(of_b)) => a != b && of_a.iter().any(|line| of_b.contains(line)),
        _ => false,
    }
}

/// The name that a canonical given name stands for, the first where several do; names that stand for themselves have
/// none.
pub(crate) fn formal(name: &str) -> Option<&'static str> {
    static FORMAL: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
        let mut formal: HashMap<&str, &str> = HashMap::new();
        for line in GROUPS.lines().filter(|line| !line.starts_with('#')) {
            let mut names = line.split_whitespace();
            let Some(first) = names.next() else { continue };
            formal.insert(first, first);
            names.for_each(|name| {
                formal.entry(name).or_insert(first);
            });
        }
        formal
    });
    FORMAL.get(name).copied()
}
