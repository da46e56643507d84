//! Sets of records with known truth, from CSV files.

use super::support::Set;
use golden_record_core::entity::{Attribute, EntityType, Options, Policy};
use golden_record_core::kind::Kind;
use std::collections::HashMap;
use std::error::Error;

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// How to read a file.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub name: String,
    pub file: String,
    /// `column=kind`, by commas; `column=attribute` of `CUSTOMER` where `customer` is set, `a+b=…` for two columns.
    pub define: String,
    pub customer: bool,
    pub id: String,
    /// Of rows with equal ids the one with the greatest value counts.
    pub order: Option<String>,
    pub truth: String,
    pub truth_file: Option<String>,
    pub untrained: bool,
}

/// The sets this project is measured on, as they lie in folders below `root`; those that are there.
pub fn known(root: &str) -> Vec<Source> {
    let febrl = "first_name=given_name,surname=family_name,street_number=text,street=street,address_2=text,city=city,\
                 postcode=postcode,state=region,dob=date,soc_sec_id=identifier";
    let customer = "email=email,phoneNumber=phoneNumber,firstName=firstName,lastName=lastName,\
                    preferredLanguage=preferredLanguage,lastPurchaseDate=lastPurchaseDate,dateOfBirth=dateOfBirth,\
                    street=street,city=city,postcode=postcode,country=country,company=company";
    let truthset =
        "first_name+middle_name=firstName,surname=lastName,full_name+native_name_full=lastName,dob=dateOfBirth,\
                    email=email,phone=phoneNumber,street+address_full=street,city=city,state=region,postcode=postcode,\
                    country=country,company=company";
    let plain = |name: &str, folder: &str, define: &str| Source {
        name: name.into(),
        file: format!("{root}/{folder}/records.csv"),
        define: define.into(),
        id: "unique_id".into(),
        truth: "cluster".into(),
        ..Source::default()
    };
    let mut out = vec![
        plain("febrl3", "febrl3", febrl),
        plain("febrl4", "febrl4", febrl),
        plain("fake_1000", "fake_1000", "first_name=given_name,surname=family_name,dob=date,city=city,email=email"),
        Source { customer: true, untrained: true, ..plain("truth set", "senzing_truthset", truthset) },
    ];
    for folder in ["customers_4k", "customers_40k", "customers_40k_b", "customers_400k"] {
        out.push(Source {
            customer: true,
            id: "systemName+sourceId".into(),
            order: Some("sequence".into()),
            truth: "customer_id".into(),
            truth_file: Some(format!("{root}/{folder}/truth.csv")),
            ..plain(folder, folder, customer)
        });
    }
    out.retain(|source| std::path::Path::new(&source.file).exists());
    out
}

/// Rows of a CSV file: the columns asked for; `a+b` is the first of them that says something.
fn table(path: &str, columns: &[&str]) -> Outcome<Vec<Vec<String>>> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let place =
        |column: &str| header.iter().position(|name| name == column).ok_or_else(|| format!("no column {column}"));
    let places: Vec<Vec<usize>> = columns
        .iter()
        .map(|column| column.split('+').map(place).collect::<Result<_, _>>())
        .collect::<Result<_, _>>()?;
    let mut rows = vec![];
    for row in reader.records() {
        let row = row?;
        let value = |list: &Vec<usize>| -> String {
            let told: Vec<&str> = list.iter().filter_map(|&at| row.get(at)).filter(|value| !value.is_empty()).collect();
            told.join(" ")
        };
        rows.push(places.iter().map(value).collect());
    }
    Ok(rows)
}

pub fn load(source: &Source) -> Outcome<Set> {
    let pairs: Vec<(&str, &str)> = source.define.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let mut columns: Vec<&str> = vec![];
    let mut attributes: Vec<Attribute> = vec![];
    let customer = EntityType::customer();
    for &(column, kind) in &pairs {
        let attribute = if source.customer {
            customer.attribute(kind).cloned().ok_or_else(|| format!("CUSTOMER has no {kind}"))?
        } else {
            Attribute::new(column, Kind::parse(kind).ok_or_else(|| format!("no kind {kind}"))?)
        };
        columns.push(column);
        attributes.push(attribute);
    }
    let id: Vec<&str> = source.id.split('+').collect();
    let width = columns.len();
    columns.extend(&id);
    columns.extend(source.order.as_deref());
    if source.truth_file.is_none() {
        columns.push(&source.truth);
    }
    let rows = table(&source.file, &columns)?;
    let id_of = |row: &[String], from: usize| row[from..from + id.len()].join(":");
    let mut latest: HashMap<String, (u64, usize)> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let order = if source.order.is_some() { row[width + id.len()].parse()? } else { 0 };
        let slot = latest.entry(id_of(row, width)).or_insert((order, at));
        if order >= slot.0 {
            *slot = (order, at);
        }
    }
    let mut chosen: Vec<(String, usize)> = latest.into_iter().map(|(id, (_, at))| (id, at)).collect();
    chosen.sort_unstable_by_key(|(_, at)| *at);
    let told: HashMap<String, String> = match &source.truth_file {
        None => HashMap::new(),
        Some(path) => {
            let mut columns = id.clone();
            columns.push(&source.truth);
            table(path, &columns)?.into_iter().map(|row| (id_of(&row, 0), row[id.len()].clone())).collect()
        }
    };
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let truth = chosen
        .iter()
        .map(|(id, at)| {
            let entity = told.get(id).cloned().unwrap_or_else(|| rows[*at].last().cloned().unwrap_or_default());
            let next = numbers.len() as u32;
            *numbers.entry(entity).or_insert(next)
        })
        .collect();
    let mut entity =
        EntityType { policy: Policy::Probabilistic, options: Options::of(Policy::Probabilistic), ..customer };
    let mut kept: Vec<Vec<String>> = chosen.iter().map(|(_, at)| rows[*at][..width].to_vec()).collect();
    if source.customer {
        // Every attribute has its place; of several columns for one the first that says something counts. A whole
        // name is split as who fills in the form would: `Doe, John` or `John Doe`.
        for row in &mut kept {
            let mut out = vec![String::new(); entity.attributes.len()];
            for ((value, attribute), column) in row.iter().zip(&attributes).zip(&columns) {
                if column.starts_with("full_name") && !value.is_empty() {
                    let (family, given) = value.split_once(", ").unwrap_or_else(|| {
                        value.trim().rsplit_once(' ').map_or((value, ""), |(given, family)| (family, given))
                    });
                    for (name, part) in [("firstName", given), ("lastName", family)] {
                        let place = entity.attributes.iter().position(|one| one.name == name).unwrap_or(0);
                        part.clone_into(&mut out[place]);
                    }
                    continue;
                }
                let place = entity.attributes.iter().position(|one| one.name == attribute.name).unwrap_or(0);
                if out[place].is_empty() {
                    out[place].clone_from(value);
                }
            }
            *row = out;
        }
    } else {
        entity.name = "EVALUATED".into();
        entity.attributes = attributes;
    }
    Ok(Set { entity, rows: kept, ids: chosen.into_iter().map(|(id, _)| id).collect(), truth })
}
