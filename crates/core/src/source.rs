//! What is configured about one source system: how its values are to be read, and how far it is trusted.

use crate::config::Fields;
use crate::error::Error;
use crate::kind::Kind;
use crate::normalise::{self, DateOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The options of `register_source`. Everything left out keeps its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceOptions {
    /// ISO 3166-1 alpha-2: where a record without a country is taken to be. Default `US`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Trust of records that state no `sourcePriority`: 1 is the most trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// The zone of times without one: an IANA name. Default `UTC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// How dates such as `03/04/2023` are read. Default month first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// How far ahead of the clock a `timestamp` may lie, in seconds. Default one day.
    pub future_tolerance: i64,
}

/// The ISO 3166-1 alpha-2 code of a country as people write it. Errors: `22023`, of `what` is none.
pub fn region_code(what: &str, country: &str) -> Result<String, Error> {
    normalise::normalize(Kind::Country, country, &normalise::Context::default()).ok_or_else(|| {
        Error::invalid(format!("{what} is not a country")).hint("Give an ISO 3166-1 code such as \"GB\".")
    })
}

impl Default for SourceOptions {
    fn default() -> SourceOptions {
        SourceOptions { region: None, priority: None, time_zone: None, date_order: None, future_tolerance: 86_400 }
    }
}

impl SourceOptions {
    const KEYS: [&'static str; 5] = ["region", "priority", "time_zone", "date_order", "future_tolerance"];

    /// Reads the options of `register_source`; null stands for none.
    ///
    /// Errors: `22023` for an unknown key or a value out of range, with the nearest right word.
    pub fn parse(json: &Value) -> Result<SourceOptions, Error> {
        SourceOptions::parse_as("source options", json)
    }

    /// The same of options that errors call `what`.
    fn parse_as(what: &str, json: &Value) -> Result<SourceOptions, Error> {
        let mut options = SourceOptions::default();
        if json.is_null() {
            return Ok(options);
        }
        let fields = Fields::of(what, json, &Self::KEYS)?;
        if let Some(region) = fields.text("region")? {
            options.region = Some(region_code(&format!("region of {what}"), region)?);
        }
        if let Some(priority) = fields.integer("priority", 0, i64::from(i32::MAX))? {
            options.priority = i32::try_from(priority).ok();
        }
        if let Some(zone) = fields.text("time_zone")? {
            if normalise::timestamp("2000-01-01T00:00:00", zone).is_none() {
                return Err(Error::invalid(format!("time_zone of {what} is not a time zone"))
                    .hint("Give an IANA name such as \"Europe/Berlin\"."));
            }
            options.time_zone = Some(zone.to_owned());
        }
        options.date_order = match fields.word("date_order", &["month_first", "day_first"])? {
            Some("day_first") => Some(DateOrder::DayFirst),
            Some(_) => Some(DateOrder::MonthFirst),
            None => None,
        };
        if let Some(seconds) = fields.integer("future_tolerance", 0, 1_000_000_000)? {
            options.future_tolerance = seconds;
        }
        Ok(options)
    }

    /// The zone in which times without one are read.
    pub fn zone(&self) -> &str {
        self.time_zone.as_deref().unwrap_or("UTC")
    }

    /// Where a record without a country is taken to be.
    pub fn region_or_default(&self) -> &str {
        self.region.as_deref().unwrap_or("US")
    }
}

/// The options of `attach_source`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttachOptions {
    /// The column with a row's system.
    pub system_column: Option<String>,
    /// That with its `sourcePriority`.
    pub priority_column: Option<String>,
    /// That with its country.
    pub region_column: Option<String>,
    /// That with its deletion mark.
    pub deleted_column: Option<String>,
    /// How its values are to be read, as far as that is said.
    source: SourceOptions,
}

impl AttachOptions {
    const WHAT: &'static str = "options of attach_source";
    const COLUMNS: [&'static str; 4] = ["system_column", "priority_column", "region_column", "deleted_column"];
    const OF_SOURCE: [&'static str; 3] = ["time_zone", "region", "date_order"];

    /// Reads the options; null stands for none. Whether there are such columns is for the caller to see.
    ///
    /// Errors: `22023` for an unknown key or a value out of range, with the nearest right word.
    pub fn parse(json: &Value) -> Result<AttachOptions, Error> {
        if json.is_null() {
            return Ok(AttachOptions::default());
        }
        let known = [&AttachOptions::COLUMNS[..], &AttachOptions::OF_SOURCE].concat();
        let fields = Fields::of(AttachOptions::WHAT, json, &known)?;
        let named = |key: &&str| fields.get(key).is_none_or(Value::is_string);
        if let Some(key) = AttachOptions::COLUMNS.into_iter().find(|key| !named(key)) {
            return Err(Error::invalid(format!("{key} of {} is not the name of a column", AttachOptions::WHAT)));
        }
        Ok(AttachOptions { source: AttachOptions::of_source(json)?, ..AttachOptions::columns_of(json) })
    }

    /// The options as they are stored. They were checked: what cannot be read somebody edited, and no option is better.
    pub fn stored(json: &Value) -> AttachOptions {
        let source = AttachOptions::of_source(json).unwrap_or_default();
        AttachOptions { source, ..AttachOptions::columns_of(json) }
    }

    fn of_source(json: &Value) -> Result<SourceOptions, Error> {
        let given = |key| Some((String::from(key), json.get(key)?.clone()));
        let of_source = AttachOptions::OF_SOURCE.into_iter().filter_map(given).collect::<Map<_, _>>().into();
        SourceOptions::parse_as(AttachOptions::WHAT, &of_source)
    }

    fn columns_of(json: &Value) -> AttachOptions {
        let column = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
        AttachOptions {
            system_column: column("system_column"),
            priority_column: column("priority_column"),
            region_column: column("region_column"),
            deleted_column: column("deleted_column"),
            source: SourceOptions::default(),
        }
    }

    /// The columns that are named.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let columns = [&self.system_column, &self.priority_column, &self.region_column, &self.deleted_column];
        columns.into_iter().filter_map(Option::as_deref)
    }

    /// Whether these say nothing of how values are to be read.
    pub fn reads_as_source(&self) -> bool {
        self.source == SourceOptions::default()
    }

    /// The options of a source, with what these say instead.
    pub fn over(&self, registered: &SourceOptions) -> SourceOptions {
        let given = self.source.clone();
        SourceOptions {
            region: given.region.or_else(|| registered.region.clone()),
            time_zone: given.time_zone.or_else(|| registered.time_zone.clone()),
            date_order: given.date_order.or(registered.date_order),
            ..registered.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn options_are_read_and_written_back() {
        let json = json!({"region": "gb", "priority": 2, "time_zone": "Europe/Berlin", "date_order": "day_first",
            "future_tolerance": 60});
        let options = SourceOptions::parse(&json).unwrap();
        assert_eq!(options.region.as_deref(), Some("GB"));
        assert_eq!(SourceOptions::parse(&serde_json::to_value(&options).unwrap()).unwrap(), options);
        assert_eq!(SourceOptions::parse(&Value::Null).unwrap(), SourceOptions::default());
    }

    #[test]
    fn an_attached_table_says_how_its_rows_are_read() {
        let json = json!({"system_column": "source", "deleted_column": "gone", "region": "gb", "date_order": null});
        let options = AttachOptions::parse(&json).unwrap();
        assert_eq!(options, AttachOptions::stored(&json));
        assert_eq!(options.columns().collect::<Vec<_>>(), ["source", "gone"]);
        let registered = SourceOptions {
            region: Some("DE".into()),
            time_zone: Some("Europe/Berlin".into()),
            priority: Some(2),
            ..SourceOptions::default()
        };
        assert_eq!(options.over(&registered), SourceOptions { region: Some("GB".into()), ..registered });
        assert_eq!(AttachOptions::parse(&Value::Null).unwrap(), AttachOptions::default());
    }

    #[test]
    fn of_stored_options_that_somebody_edited_the_columns_count() {
        let edited = AttachOptions::stored(&json!({"system_column": "source", "region": "GB", "time_zone": "Mars"}));
        assert_eq!(edited.columns().collect::<Vec<_>>(), ["source"]);
        assert_eq!(edited.over(&SourceOptions::default()), SourceOptions::default());
        assert_eq!(AttachOptions::stored(&json!([])), AttachOptions::default());
    }

    #[test]
    fn a_wrong_option_of_an_attached_table_is_refused() {
        let cases = [
            (
                json!({"time_zon": "UTC"}),
                "unknown key of options of attach_source: \"time_zon\"",
                Some("Perhaps you meant \"time_zone\"."),
            ),
            (
                json!({"region_column": 7}),
                "region_column of options of attach_source is not the name of a column",
                None,
            ),
            (
                json!({"region": "Atlantis"}),
                "region of options of attach_source is not a country",
                Some("Give an ISO 3166-1 code such as \"GB\"."),
            ),
            (json!([]), "options of attach_source is not a JSON object", None),
        ];
        for (json, message, hint) in cases {
            let error = AttachOptions::parse(&json).unwrap_err();
            assert_eq!((error.sqlstate, error.message.as_str(), error.hint.as_deref()), ("22023", message, hint));
        }
    }

    #[test]
    fn a_wrong_option_names_the_right_one() {
        let cases = [
            (
                json!({"timezone": "UTC"}),
                "unknown key of source options: \"timezone\"",
                Some("Perhaps you meant \"time_zone\"."),
            ),
            (
                json!({"date_order": "dayfirst"}),
                "unknown date_order of source options: \"dayfirst\"",
                Some("Perhaps you meant \"day_first\"."),
            ),
            (json!({"priority": -1}), "priority of source options is not a whole number from 0 to 2147483647", None),
            (
                json!({"time_zone": "Mars/Olympus"}),
                "time_zone of source options is not a time zone",
                Some("Give an IANA name such as \"Europe/Berlin\"."),
            ),
            (
                json!({"region": "Atlantis"}),
                "region of source options is not a country",
                Some("Give an ISO 3166-1 code such as \"GB\"."),
            ),
            (json!([]), "source options is not a JSON object", None),
        ];
        for (json, message, hint) in cases {
            let error = SourceOptions::parse(&json).unwrap_err();
            assert_eq!((error.sqlstate, error.message.as_str(), error.hint.as_deref()), ("22023", message, hint));
        }
    }
}
