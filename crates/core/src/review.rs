//! Which items of the review queue a steward means, as a filter in JSON.

use crate::cluster::Reason;
use crate::config::{unknown, Fields};
use crate::error::Error;
use serde_json::Value;

/// Open review items to be decided together. A part that is `None` selects all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// The entity type.
    pub entity_type: Option<String>,
    /// The reasons, any of them.
    pub reasons: Option<Vec<Reason>>,
    /// The lowest score, in points.
    pub min_score: Option<f64>,
    /// The highest.
    pub max_score: Option<f64>,
    /// The system of either of the two source records.
    pub system: Option<String>,
}

impl Filter {
    /// Reads `{"entity_type": "CUSTOMER", "reason": "score", "min_score": 95, "max_score": 99.5, "system": "CRM"}`: any
    /// of these, `reason` a word or an array of words.
    ///
    /// # Errors
    /// `22023` for an unknown key or reason with the nearest right word, a score that is none, or bounds that exclude
    /// each other.
    pub fn parse(json: &Value) -> Result<Filter, Error> {
        let fields = Fields::of("filter", json, &["entity_type", "reason", "min_score", "max_score", "system"])?;
        let reasons = match fields.get("reason") {
            None => None,
            Some(Value::Array(_)) => Some(fields.texts("reason")?),
            Some(_) => fields.text("reason")?.map(|word| vec![word.to_owned()]),
        };
        let reason = |word: &String| {
            let found = Reason::ALL.into_iter().find(|reason| reason.name() == word);
            found.ok_or_else(|| unknown("reason of filter", word, Reason::ALL.map(Reason::name)))
        };
        let filter = Filter {
            entity_type: fields.text("entity_type")?.map(str::to_owned),
            reasons: reasons.map(|words| words.iter().map(reason).collect()).transpose()?,
            min_score: fields.number("min_score", 0.0, 100.0)?,
            max_score: fields.number("max_score", 0.0, 100.0)?,
            system: fields.text("system")?.map(str::to_owned),
        };
        if filter.min_score.zip(filter.max_score).is_some_and(|(low, high)| low > high) {
            return Err(Error::invalid("min_score of filter is above max_score").hint("Nothing can lie between them."));
        }
        Ok(filter)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_filter_is_read() {
        assert_eq!(Filter::parse(&json!({})).unwrap(), Filter::default());
        let filter =
            Filter::parse(&json!({"reason": ["score", "ambiguous"], "min_score": 90, "system": "CRM"})).unwrap();
        assert_eq!(filter.reasons, Some(vec![Reason::Score, Reason::Ambiguous]));
        assert_eq!((filter.min_score, filter.system.as_deref()), (Some(90.0), Some("CRM")));
        assert_eq!(Filter::parse(&json!({"reason": "cap"})).unwrap().reasons, Some(vec![Reason::Cap]));
    }

    #[test]
    fn a_wrong_filter_names_the_right_word() {
        let cases = [
            (json!([]), "filter is not a JSON object", None),
            (json!({"reasons": "score"}), "unknown key of filter: \"reasons\"", Some("Perhaps you meant \"reason\".")),
            (json!({"reason": "scores"}), "unknown reason of filter: \"scores\"", Some("Perhaps you meant \"score\".")),
            (json!({"reason": 7}), "reason of filter is not a text that is not empty", None),
            (json!({"min_score": "95"}), "min_score of filter is not a number from 0 to 100", None),
            (
                json!({"min_score": 95, "max_score": 90}),
                "min_score of filter is above max_score",
                Some("Nothing can lie between them."),
            ),
        ];
        for (json, message, hint) in cases {
            let error = Filter::parse(&json).unwrap_err();
            assert_eq!((error.message.as_str(), error.hint.as_deref()), (message, hint));
        }
    }
}
