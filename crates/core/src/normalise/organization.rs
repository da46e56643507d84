//! Names of companies and other organizations.

use super::clean::words;

/// Folded words, `&` as `and`, no leading article, legal forms under one spelling: `The ACME Company, Incorporated` →
/// `acme co inc`. The legal form stays: a GmbH and its KG are two companies.
pub fn canonical(text: &str) -> Option<String> {
    let ands = ['&', '＆', '+'];
    let words = if text.contains(ands) { words(&text.replace(ands, " and "), &['.']) } else { words(text, &['.']) };
    let rest = words.strip_prefix("the ").unwrap_or(&words);
    (!rest.is_empty()).then(|| rest.split(' ').map(legal_form).collect::<Vec<_>>().join(" "))
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
