//! Names of companies and other organizations.

use super::clean::words;

/// Folded words, `&` as `and`, no leading article, legal forms under one spelling: `The ACME Company, Incorporated` →
/// `acme co inc`. The legal form stays: a GmbH and its KG are two companies.
pub fn canonical(text: &str) -> Option<String> {
    let spelt = text.replace(['&', '＆'], " and ").replace('+', " and ");
    let words = words(&spelt, &['.']);
    let rest = match words.split_first() {
        Some((first, rest)) if first == "the" && !rest.is_empty() => rest,
        _ => words.as_slice(),
    };
    let canonical: Vec<&str> = rest.iter().map(|word| legal_form(word)).collect();
    (!canonical.is_empty()).then(|| canonical.join(" "))
}

fn legal_form(word: &str) -> &str {
    match word {
        "incorporated" => "inc",
        "corporation" | "corporacion" => "corp",
        "company" | "compagnie" | "compania" | "cie" | "cia" => "co",
        "limited" => "ltd",
        "limitada" => "ltda",
        "aktiengesellschaft" => "ag",
        "bros" => "brothers",
        "intl" => "international",
        "assn" | "assoc" => "association",
        "dept" => "department",
        "univ" => "university",
        "mfg" => "manufacturing",
        "svcs" => "services",
        "und" | "et" | "y" => "and",
        other => other,
    }
}
