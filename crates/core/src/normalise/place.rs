//! Countries and their first-level divisions.

use super::clean::{fold, words};
use hashbrown::HashMap;
use std::sync::LazyLock;

/// ISO 3166-1 alpha-2 from an alpha-2, alpha-3 or numeric code or a name.
pub fn country(text: &str) -> Option<String> {
    let folded = words(text, &['.']);
    if folded.len() == 2 {
        let upper = folded.to_ascii_uppercase();
        let code = match upper.as_str() {
            // Reserved for the United Kingdom, used by the European Union for Greece, user-assigned for Kosovo.
            "UK" => "GB",
            "EL" => "GR",
            "XK" => "XK",
            other => rust_iso3166::from_alpha2(other)?.alpha2,
        };
        return Some(code.into());
    }
    if folded.len() == 3 {
        if let Some(found) =
            rust_iso3166::from_alpha3(&folded.to_ascii_uppercase()).or_else(|| rust_iso3166::from_numeric_str(&folded))
        {
            return Some(found.alpha2.into());
        }
    }
    let name = folded.strip_prefix("the ").unwrap_or(&folded);
    CODE_OF.get(name).map(|code| (*code).to_string())
}

/// Folded country names and their codes; everyday names win over ISO's.
static CODE_OF: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut code_of = HashMap::new();
    for country in rust_iso3166::ALL {
        code_of.insert(words(country.name, &['.']), country.alpha2);
        // ISO writes `Bolivia (Plurinational State of)`; people write the first part.
        if let Some((short, _)) = country.name.split_once('(') {
            // Not where that part is two countries' (`Virgin Islands`).
            if rust_iso3166::ALL.iter().filter(|other| other.name.starts_with(short.trim_end())).count() == 1 {
                code_of.insert(words(short, &['.']), country.alpha2);
            }
        }
    }
    for (code, names) in COUNTRY_NAMES {
        code_of.extend(names.iter().map(|name| ((*name).to_string(), code)));
    }
    code_of
});

/// The code of a state or province where the record's country has a table, else the folded name.
pub fn region(text: &str, country: &str) -> Option<String> {
    let name = words(text, &['.']);
    if name.is_empty() {
        return None;
    }
    let table: &[(&str, &str)] = match country {
        "US" => &US_STATES,
        "CA" => &CA_PROVINCES,
        "AU" => &AU_STATES,
        _ => return Some(name),
    };
    let prefix = fold(country);
    let name = name.strip_prefix(&format!("{prefix} ")).unwrap_or(&name);
    let found = table.iter().find(|(code, long)| *long == name || code.eq_ignore_ascii_case(name));
    Some(found.map_or_else(|| name.to_string(), |(code, _)| (*code).to_string()))
}

/// Names that ISO does not list, folded: everyday, endonyms, parts that people take for the whole.
const COUNTRY_NAMES: [(&str, &[&str]); 72] = [
    ("AE", &["uae", "emirates"]),
    ("AR", &["republica argentina"]),
    ("AT", &["osterreich", "oesterreich", "autriche"]),
    ("BE", &["belgique", "belgie", "belgien"]),
    ("BG", &["българия"]),
    ("BO", &["bolivia"]),
    ("BR", &["brasil", "bresil", "brasilien"]),
    ("BY", &["беларусь", "belorussia"]),
    ("CD", &["dr congo", "drc", "congo kinshasa", "democratic republic of congo", "democratic republic of the congo"]),
    ("CG", &["congo brazzaville", "republic of the congo", "republic of congo"]),
    ("CH", &["schweiz", "suisse", "svizzera", "swiss confederation", "confoederatio helvetica"]),
    ("CI", &["ivory coast", "cote d ivoire"]),
    ("CN", &["peoples republic of china", "prc", "中国", "中华人民共和国", "mainland china"]),
    ("CV", &["cape verde"]),
    ("CZ", &["czech republic", "ceska republika", "cesko"]),
    (
        "DE",
        &["deutschland", "bundesrepublik deutschland", "brd", "federal republic of germany", "allemagne", "alemania"],
    ),
    ("DK", &["danmark"]),
    ("DZ", &["algerie"]),
    ("EG", &["misr", "مصر"]),
    ("ES", &["espana", "espagne", "spanien"]),
    ("FI", &["suomi"]),
    ("FK", &["falkland islands"]),
    ("FM", &["micronesia"]),
    ("FR", &["french republic", "republique francaise", "frankreich", "francia"]),
    (
        "GB",
        &[
            "united kingdom",
            "great britain",
            "britain",
            "england",
            "scotland",
            "wales",
            "northern ireland",
            "gbr",
            "united kingdom of great britain",
        ],
    ),
    ("GR", &["hellas", "ελλαδα"]),
    ("HR", &["hrvatska"]),
    ("HU", &["magyarorszag"]),
    ("IE", &["republic of ireland", "eire"]),
    ("IL", &["ישראל"]),
    ("IN", &["bharat", "भारत", "republic of india"]),
    ("IR", &["iran", "ایران"]),
    ("IS", &["island"]),
    ("IT", &["italia", "italie", "italien"]),
    ("JP", &["nippon", "nihon", "日本"]),
    ("KP", &["north korea", "dprk"]),
    ("KR", &["south korea", "korea", "republic of korea", "대한민국", "한국"]),
    ("LA", &["laos"]),
    ("MA", &["maroc"]),
    ("MD", &["moldova"]),
    ("MK", &["macedonia", "fyrom"]),
    ("MM", &["burma"]),
    ("MX", &["mexiko", "mexique", "estados unidos mexicanos"]),
    ("NL", &["netherlands", "holland", "nederland", "niederlande", "pays bas"]),
    ("NO", &["norge", "noreg"]),
    ("PL", &["polska", "polen"]),
    ("PS", &["palestine", "palestinian territories"]),
    ("RO", &["roumanie"]),
    ("RU", &["russia", "россия", "россииская федерация"]),
    ("SA", &["ksa", "السعودية"]),
    ("SE", &["sverige", "schweden"]),
    ("SK", &["slovak republic", "slovensko"]),
    ("SY", &["syria"]),
    ("SZ", &["swaziland"]),
    ("TR", &["turkey"]),
    ("TW", &["taiwan", "台灣", "台湾", "republic of china"]),
    ("TZ", &["tanzania"]),
    ("UA", &["україна", "украіна", "украина"]),
    ("US", &["usa", "united states", "us of a", "america", "estados unidos", "etats unis", "vereinigte staaten"]),
    ("AX", &["aland"]),
    ("BQ", &["bonaire", "caribbean netherlands"]),
    ("KN", &["st kitts and nevis", "st kitts"]),
    ("LC", &["st lucia"]),
    ("MO", &["macau"]),
    ("PF", &["tahiti"]),
    ("TL", &["east timor"]),
    ("VC", &["st vincent and the grenadines", "st vincent"]),
    ("VG", &["british virgin islands"]),
    ("VI", &["us virgin islands"]),
    ("VA", &["vatican", "vatican city"]),
    ("VE", &["venezuela"]),
    ("VN", &["vietnam"]),
];

/// Codes of the United States Postal Service.
const US_STATES: [(&str, &str); 59] = [
    ("AL", "alabama"),
    ("AK", "alaska"),
    ("AZ", "arizona"),
    ("AR", "arkansas"),
    ("CA", "california"),
    ("CO", "colorado"),
    ("CT", "connecticut"),
    ("DE", "delaware"),
    ("DC", "district of columbia"),
    ("FL", "florida"),
    ("GA", "georgia"),
    ("HI", "hawaii"),
    ("ID", "idaho"),
    ("IL", "illinois"),
    ("IN", "indiana"),
    ("IA", "iowa"),
    ("KS", "kansas"),
    ("KY", "kentucky"),
    ("LA", "louisiana"),
    ("ME", "maine"),
    ("MD", "maryland"),
    ("MA", "massachusetts"),
    ("MI", "michigan"),
    ("MN", "minnesota"),
    ("MS", "mississippi"),
    ("MO", "missouri"),
    ("MT", "montana"),
    ("NE", "nebraska"),
    ("NV", "nevada"),
    ("NH", "new hampshire"),
    ("NJ", "new jersey"),
    ("NM", "new mexico"),
    ("NY", "new york"),
    ("NC", "north carolina"),
    ("ND", "north dakota"),
    ("OH", "ohio"),
    ("OK", "oklahoma"),
    ("OR", "oregon"),
    ("PA", "pennsylvania"),
    ("RI", "rhode island"),
    ("SC", "south carolina"),
    ("SD", "south dakota"),
    ("TN", "tennessee"),
    ("TX", "texas"),
    ("UT", "utah"),
    ("VT", "vermont"),
    ("VA", "virginia"),
    ("WA", "washington"),
    ("WV", "west virginia"),
    ("WI", "wisconsin"),
    ("WY", "wyoming"),
    ("AS", "american samoa"),
    ("GU", "guam"),
    ("MP", "northern mariana islands"),
    ("PR", "puerto rico"),
    ("VI", "virgin islands"),
    ("AA", "armed forces americas"),
    ("AE", "armed forces europe"),
    ("AP", "armed forces pacific"),
];

/// Codes of Canada Post.
const CA_PROVINCES: [(&str, &str); 14] = [
    ("AB", "alberta"),
    ("BC", "british columbia"),
    ("MB", "manitoba"),
    ("NB", "new brunswick"),
    ("NL", "newfoundland and labrador"),
    ("NL", "newfoundland"),
    ("NS", "nova scotia"),
    ("NT", "northwest territories"),
    ("NU", "nunavut"),
    ("ON", "ontario"),
    ("PE", "prince edward island"),
    ("QC", "quebec"),
    ("SK", "saskatchewan"),
    ("YT", "yukon"),
];

/// Codes of Australia Post.
const AU_STATES: [(&str, &str); 8] = [
    ("ACT", "australian capital territory"),
    ("NSW", "new south wales"),
    ("NT", "northern territory"),
    ("QLD", "queensland"),
    ("SA", "south australia"),
    ("TAS", "tasmania"),
    ("VIC", "victoria"),
    ("WA", "western australia"),
];
