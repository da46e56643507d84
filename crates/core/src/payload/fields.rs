//! The text of a record → its fields, read straight into the form in which they are kept.

use super::scan::RESERVED;
use crate::record::ByName;
use crate::value::Text;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// The fields of a record. Any other key beside them is taken as an attribute: nothing that is sent is lost.
pub(super) const KNOWN: [&str; 10] = [
    "entityType", "entityId", "externalSystemIds", "attributes", "sourcePriority", REGION, "timestamp", "sequence",
    "vectorClock", "deleted",
];

/// The region of a record that states no country.
pub(super) const REGION: &str = "recordRegion";

/// What a record states; one that is null is not there, but for `entity_id` and `region`.
#[derive(Default)]
pub(super) struct Fields {
    pub entity_type: Option<Value>,
    pub entity_id: Option<Value>,
    pub external_system_ids: Option<Shape>,
    pub attributes: Option<Shape>,
    pub source_priority: Option<Value>,
    pub timestamp: Option<Value>,
    pub sequence: Option<Value>,
    pub vector_clock: Option<Shape>,
    pub deleted: Option<Value>,
    pub region: Option<Value>,
    /// Every other member.
    pub beside: ByName<Value>,
    /// A key that is there twice.
    pub twice: Option<Text>,
    /// Whether the blanks around names count.
    pub verbatim: bool,
}

impl Fields {
    /// Lets `change` see every value.
    pub fn each(&mut self, change: fn(&mut Value)) {
        let scalars = [
            &mut self.entity_type,
            &mut self.entity_id,
            &mut self.source_priority,
            &mut self.region,
            &mut self.timestamp,
            &mut self.sequence,
            &mut self.deleted,
        ];
        scalars.into_iter().flatten().for_each(change);
        let shapes = [&mut self.external_system_ids, &mut self.attributes, &mut self.vector_clock];
        shapes.into_iter().flatten().for_each(|shape| shape.each(change));
        self.beside.iter_mut().for_each(|(_, value)| change(value));
    }
}

/// A value of which the members are looked at.
pub(super) enum Shape {
    Object(ByName<Value>),
    /// An object that has this key twice.
    Twice(Text),
    List(Vec<Shape>),
    Other,
}

impl Shape {
    fn each(&mut self, change: fn(&mut Value)) {
        match self {
            Shape::Object(members) => members.iter_mut().for_each(|(_, value)| change(value)),
            Shape::List(items) => items.iter_mut().for_each(|item| item.each(change)),
            Shape::Twice(_) | Shape::Other => {}
        }
    }
}

/// Members by name; or a name that two of them have. Most come in order, so that nothing is moved.
pub(super) fn by_name(mut members: Vec<(Text, Value)>) -> Result<ByName<Value>, Text> {
    if !members.is_sorted_by(|a, b| a.0 < b.0) {
        members.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(at) = members.windows(2).position(|two| two[0].0 == two[1].0) {
            return Err(members.swap_remove(at).0);
        }
    }
    Ok(ByName::from_sorted_store_unchecked(members))
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Fields, D::Error> {
        struct Record;
        impl<'de> Visitor<'de> for Record {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a record")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields, A::Error> {
                let (mut fields, mut beside) = (Fields::default(), Vec::new());
                let mut there = [false; KNOWN.len()];
                while let Some(key) = members.next_key::<Text>()? {
                    let known = KNOWN.iter().position(|known| *known == key.as_str());
                    if known.is_some_and(|at| std::mem::replace(&mut there[at], true)) {
                        fields.twice = Some(key.clone());
                    }
                    match key.as_str() {
                        "entityType" => fields.entity_type = members.next_value()?,
                        "entityId" => fields.entity_id = Some(members.next_value()?),
                        "externalSystemIds" => fields.external_system_ids = members.next_value()?,
                        "attributes" => fields.attributes = members.next_value()?,
                        "sourcePriority" => fields.source_priority = members.next_value()?,
                        REGION => fields.region = Some(members.next_value()?),
                        "timestamp" => fields.timestamp = members.next_value()?,
                        "sequence" => fields.sequence = members.next_value()?,
                        "vectorClock" => fields.vector_clock = members.next_value()?,
                        "deleted" => fields.deleted = members.next_value()?,
                        _ => beside.push((key, members.next_value()?)),
                    }
                }
                match by_name(beside) {
                    Ok(beside) => fields.beside = beside,
                    Err(key) => fields.twice = Some(key),
                }
                Ok(fields)
            }
        }
        from.deserialize_map(Record)
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Shape, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Shape, A::Error> {
                let mut members: Vec<(Text, Value)> = Vec::with_capacity(16);
                while let Some(key) = object.next_key::<Text>()? {
                    // A number that no machine word holds passes through as an object with a key that no record has.
                    if key.starts_with(RESERVED) {
                        object.next_value::<IgnoredAny>()?;
                        return Ok(Shape::Other);
                    }
                    members.push((key, object.next_value()?));
                }
                Ok(by_name(members).map_or_else(Shape::Twice, Shape::Object))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Shape::List(items))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
                Ok(Shape::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
                Ok(Shape::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
                Ok(Shape::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
                Ok(Shape::Other)
            }

            fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
                Ok(Shape::Other)
            }

            fn visit_unit<E>(self) -> Result<Shape, E> {
                Ok(Shape::Other)
            }
        }
        from.deserialize_any(Any)
    }
}
