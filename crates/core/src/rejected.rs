//! Which refused records are meant, as a filter in JSON.

use crate::config::{object, Fields};
use crate::error::Error;
use serde_json::Value;

/// Checks `{"rejected_id": [7, 8], "feed": "web", "system_name": "CRM", "source_id": "1", "field": "timestamp", "sqlstate":
/// "22007"}`: any of these. Here null does not count as absent: less would be meant than is written.
///
/// # Errors
/// `22023` for an unknown key, with the nearest right word, or a member of another type.
pub fn check(filter: &Value) -> Result<(), Error> {
    const KEYS: [&str; 6] = ["rejected_id", "feed", "system_name", "source_id", "field", "sqlstate"];
    Fields::of("filter", filter, &KEYS).map_err(|error| error.or_hint("{} means all."))?;
    for (key, value) in object("filter", filter)? {
        let (right, wanted) = match (key.as_str(), value) {
            ("rejected_id", Value::Array(ids)) => (ids.iter().all(Value::is_i64), "an array of whole numbers"),
            ("rejected_id", id) => (id.is_i64(), "a whole number or an array of them"),
            (_, text) => (text.is_string(), "a text"),
        };
        if !right {
            return Err(Error::invalid(format!("{key} of filter is not {wanted}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_filter_is_checked() {
        for right in
            [json!({}), json!({"rejected_id": 7, "feed": ""}), json!({"rejected_id": [7, 8], "sqlstate": "22007"})]
        {
            assert_eq!(check(&right), Ok(()));
        }
        let cases = [
            (json!([]), "filter is not a JSON object", Some("{} means all.")),
            (json!({"feeds": "web"}), "unknown key of filter: \"feeds\"", Some("Perhaps you meant \"feed\".")),
            (json!({"feed": null}), "feed of filter is not a text", None),
            (json!({"rejected_id": "7"}), "rejected_id of filter is not a whole number or an array of them", None),
            (json!({"rejected_id": [1.5]}), "rejected_id of filter is not an array of whole numbers", None),
        ];
        for (filter, message, hint) in cases {
            let error = check(&filter).unwrap_err();
            assert_eq!((error.message.as_str(), error.hint.as_deref()), (message, hint));
        }
    }
}
